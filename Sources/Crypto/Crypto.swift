// Crypto: see docs/ARCHITECTURE.md
