// PricingAPI: see docs/ARCHITECTURE.md
