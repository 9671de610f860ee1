// SQLite: see docs/ARCHITECTURE.md
