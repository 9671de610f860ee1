internal import Experiments

/// A tenant's offers, found by their tail or by what they offer to whom.
struct MemoryOffers: Sendable {
    private var byTail: [UInt64: Offer] = [:]
    /// Tails of offers that repeat no other: of those there is one for each shopper, product, placement and price.
    private var tails: [Key: UInt64] = [:]

    private struct Key: Hashable {
        let subject: Subject
        let product: TenantKey
        let placement: Offer.Placement?
        let price: Money

        init(_ subject: Subject, _ product: TenantKey, _ placement: Offer.Placement?, _ price: Money) {
            self.subject = subject
            self.product = product
            self.placement = placement
            self.price = price
        }

        init(_ offer: Offer) {
            self.init(
                offer.subject, offer.product, offer.placement, Money(amount: offer.price, currency: offer.currency))
        }
    }

    mutating func reserve(_ count: Int) {
        byTail.reserveCapacity(count)
        tails.reserveCapacity(count)
    }

    subscript(tail: UInt64) -> Offer? { byTail[tail] }

    func offer(to subject: Subject, _ product: TenantKey, placement: Offer.Placement?, price: Money) -> Offer? {
        tails[Key(subject, product, placement, price)].flatMap { byTail[$0] }
    }

    /// All offers to a subject, repeated ones among them, in no order.
    func offers(to subject: Subject) -> [Offer] { byTail.values.filter { $0.subject == subject } }

    /// The first tail from `tail` on that no offer has.
    func free(_ tail: UInt64) -> UInt64 {
        var tail = tail
        while byTail[tail] != nil { tail = (tail &+ 1) & Offer.largestTail }
        return tail
    }

    /// Keeps an offer, in place of the one that had its tail.
    mutating func put(_ offer: Offer) {
        let old = byTail.updateValue(offer, forKey: offer.tail)
        if offer.isRepeated { return }
        let key = Key(offer)
        if let was = old.map(Key.init), was != key { tails[was] = nil }
        tails[key] = offer.tail
    }
}
