// Calculator: see docs/ARCHITECTURE.md
