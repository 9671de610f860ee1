internal import Crypto
public import Experiments

/// What was bought and paid. Its lines never change; refunds are added.
public struct Order: Sendable, Equatable, Codable, Named {
    public static let identifierPrefix: StaticString = "ord"

    public struct Payment: Sendable, Equatable, Codable {
        public let provider: String
        /// What the provider knows the payment by.
        public let reference: String
    }

    public let id: OrderID
    /// Rises by one with each change.
    public internal(set) var revision: Int64
    public let checkout: CheckoutID
    public let subject: Subject
    public let lines: [CheckoutLine]
    public let totals: CheckoutTotals
    /// Nil where nobody said, or once the shopper was erased.
    public private(set) var buyer: Buyer?
    public let payment: Payment
    public let placedAt: Timestamp
    public internal(set) var refunds: [Refund]
    /// What the buyer contested at the bank, as the provider told it last; nil where nothing ever was.
    public internal(set) var disputes: [Dispute]?
    /// Lines whose sale no experiment could count, each with the reason; nearly always none.
    public private(set) var uncounted: [Uncounted]

    public struct Uncounted: Sendable, Equatable, Codable {
        /// Counts from 0.
        public let line: Int
        public let code: String
        public let detail: String
    }

    /// The most refunds one order may have.
    public static let mostRefunds = 100

    init(_ checkout: Checkout, id: OrderID, paid reference: String, at now: Timestamp) {
        self.id = id
        self.checkout = checkout.id
        subject = checkout.subject
        lines = checkout.lines
        totals = checkout.totals
        buyer = checkout.buyer
        payment = Payment(provider: checkout.provider, reference: reference)
        placedAt = now
        revision = 1
        refunds = []
        uncounted = []
    }

    /// Paid back, or on the way back.
    public var refunded: Int64 { refunds.filter(\.takes).reduce(0) { $0 + $1.amount } }

    /// What may still be paid back.
    public var refundable: Int64 { max(0, totals.total - refunded) }
}

/// `ord_…`
public typealias OrderID = Identifier<Order>

/// Money on its way back to a buyer.
public struct Refund: Sendable, Equatable, Codable, Named {
    public static let identifierPrefix: StaticString = "ref"

    public enum State: Sendable, Equatable, Codable {
        /// The provider is asked, was asked, or will be asked again. Can transition to: succeeded, failed.
        case pending
        /// Can transition to: failed, where the provider took the money back.
        case succeeded(reference: String, at: Timestamp)
        case failed(Decline)
    }

    public let id: RefundID
    /// In minor units of the order's currency; at least 1.
    public let amount: Int64
    /// The part of it that takes back revenue; the rest is tax.
    public let revenue: Int64
    public let reason: String?
    /// Names the request it was asked with, where that may come again.
    public let request: Bits128?
    public let createdAt: Timestamp
    public internal(set) var state: State
    /// Who had the money go back, where that was not asked for here.
    public var origin: Origin?

    public enum Origin: String, Sendable, Codable {
        /// The merchant, at the provider.
        case provider
        /// The buyer's bank: a dispute was lost.
        case dispute
    }

    /// Whether it takes from what may be paid back.
    var takes: Bool {
        if case .failed = state { return false }
        return true
    }
}

/// `ref_…`
public typealias RefundID = Identifier<Refund>

// MARK: - Transitions

extension Order {
    /// The order with one more refund, to be asked of the provider.
    ///
    /// - Parameter amount: nil for all that is left.
    /// - Throws: `invalid` where nothing or not so much is left.
    func refunding(
        _ amount: Int64?, id: RefundID, reason: String?, request: Bits128?, at now: Timestamp
    ) throws(CheckoutError) -> Order {
        let left = refundable
        let amount = amount ?? left
        var faults = Faults()
        if left == 0 {
            faults.add("/amount", "All of the order was paid back.")
        } else if !(1...left).contains(amount) {
            let most = Money(amount: left, currency: totals.currency).display
            faults.add("/amount/amount", "From 1 minor unit to what is left of the order, \(most).")
        }
        if refunds.count >= Self.mostRefunds {
            faults.add("", "An order has at most \(Self.mostRefunds) refunds.")
        }
        if !faults.isEmpty { throw .invalid(faults) }
        var next = self
        next.refunds.append(
            Refund(
                id: id, amount: amount, revenue: revenue(of: amount, beside: refunds.filter(\.takes)), reason: reason,
                request: request, createdAt: now, state: .pending))
        next.revision += 1
        return next
    }

    /// The revenue in a refund: what is missing to the net share of all that is paid back with it. So all of the total
    /// holds all that is net, whatever the parts, and whichever of them were taken back. Tax is no revenue, on top or in
    /// the price.
    func revenue(of amount: Int64, beside others: [Refund]) -> Int64 {
        guard totals.total > 0 else { return amount }
        let sum = others.reduce(amount) { $0 + $1.amount }
        let net = Int64(clamping: Int128(sum) * Int128(totals.net) / Int128(totals.total))
        return min(max(0, net - others.reduce(0) { $0 + $1.revenue }), amount)
    }

    /// The order once the provider said what became of a refund; itself where that was known.
    func settling(_ id: RefundID, _ state: Refund.State) -> Order {
        guard let place = refunds.firstIndex(where: { $0.id == id }), case .pending = refunds[place].state else {
            return self
        }
        var next = self
        next.refunds[place].state = state
        next.revision += 1
        return next
    }

    /// The order without who bought; nil where it does not say.
    func forgettingBuyer() -> Order? {
        guard buyer != nil else { return nil }
        var next = self
        next.buyer = nil
        next.revision += 1
        return next
    }

    /// The order as it is kept once its sales were counted: lines that could not be say so.
    ///
    /// - Parameter outcomes: of ``sales(at:in:)``, in order.
    public func noting(_ outcomes: [EventOutcome]) -> Order {
        var next = self
        for (line, outcome) in outcomes.enumerated() {
            guard case .rejected(let rejection) = outcome else { continue }
            next.uncounted.append(Uncounted(line: line, code: rejection.code.rawValue, detail: rejection.detail))
        }
        return next
    }
}

// MARK: - What reports count

extension Order {
    /// One conversion a line, net of tax. Their ids follow from the order's, so that none counts twice; none of a tenant's own ids
    /// can be one of them, for those hold no control characters.
    func sales(in snapshot: TenantSnapshot) -> [IncomingEvent] {
        lines.enumerated().map { index, line in
            let event = Event(
                id: Bits128(SHA256.hash("order\u{0}\(id)\u{0}\(index)")), type: .conversion, subject: subject,
                timestamp: placedAt, quote: line.quote, product: line.product, quantity: line.quantity,
                revenue: Money(amount: line.net, currency: totals.currency), order: TenantKey(id.description))
            return .event(event, unitCost: snapshot.catalogue[line.product]?.product.unitCost, proposals: [])
        }
    }

    /// What a refund takes back; nothing where it was tax alone.
    func returns(_ refund: Refund, at now: Timestamp) -> [IncomingEvent] {
        netting(refund.revenue, "refund\u{0}\(refund.id)", at: now)
    }

    /// What is not taken back after all: a refund that was counted, and went wrong afterwards.
    func keeps(_ refund: Refund, at now: Timestamp) -> [IncomingEvent] {
        netting(-refund.revenue, "refund\u{0}\(refund.id)\u{0}undone", at: now)
    }

    private func netting(_ revenue: Int64, _ name: String, at now: Timestamp) -> [IncomingEvent] {
        guard revenue != 0 else { return [] }
        let event = Event(
            id: Bits128(SHA256.hash(name)), type: .refund, subject: subject, timestamp: now,
            revenue: Money(amount: revenue, currency: totals.currency), order: TenantKey(id.description))
        return [.event(event, unitCost: nil, proposals: [])]
    }
}
