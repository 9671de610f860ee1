// Stats: see docs/ARCHITECTURE.md
