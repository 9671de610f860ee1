import AgentRuntime
import Experiments

/// The turn in which the drafts of the corpus are judged.
enum CorpusFacts {
    static let facts: Facts = {
        var facts = Facts()
        if let dollars = Currency("USD") {
            let expiresAt = Timestamp(milliseconds: 1_000_000)
            facts.prices = [
                "q1": PriceFact(quote: "q1", money: Money(amount: 2499, currency: dollars), expiresAt: expiresAt),
                "q2": PriceFact(quote: "q2", money: Money(amount: 8900, currency: dollars), expiresAt: expiresAt),
            ]
            facts.totals = ["c1": Money(amount: 11399, currency: dollars)]
        }
        facts.texts = [
            "p1.title": "iPhone 15",
            "p1.size": "42",
            "p2.title": "Half-zip jacket",
            "p3.title": "Merino Tee",
            "p3.material": "80% cotton, 20% linen",
            "p3.sizes": "S, M, L, XL",
            "p3.description": "A tee of organic cotton.",
            "p4.title": "Dr. Martens 1460",
            "shop.delivery": "3–5 working days",
            "shop.returns": "Free returns within 30 days",
        ]
        return facts
    }()
}
