// HTTPServer: see docs/ARCHITECTURE.md
