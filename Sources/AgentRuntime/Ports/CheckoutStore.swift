public import Experiments

/// A step of a checkout or an order, kept whole or not at all, with the events that come of it and the reply to be given
/// again to whoever repeats the request.
public struct CheckoutCommit: Sendable {
    /// The checkout after the step.
    public var checkout: Checkout?
    /// The order after the step. Of a new one the outcomes of `events` are noted (``Order/noting(_:)``).
    public var order: Order?
    public var events: [IncomingEvent]
    public var reply: SavedReply?

    public init(
        checkout: Checkout? = nil, order: Order? = nil, events: [IncomingEvent] = [], reply: SavedReply? = nil
    ) {
        self.checkout = checkout
        self.order = order
        self.events = events
        self.reply = reply
    }
}

/// What became of a step.
public enum CheckoutCommitted: Sendable, Equatable {
    /// It is durable; with the order as it was kept.
    case kept(Order?)
    /// Something else happened to the checkout or the order before: nothing was done.
    case stale
}

/// What the test provider remembers of one key.
public struct TestPayment: Sendable, Equatable, Codable {
    public enum Kind: String, Sendable, Codable {
        case charge, refund
    }

    /// The idempotency key it was asked under.
    public let key: String
    public let kind: Kind
    public let amount: Money
    /// What it was paid with; for a refund the payment that it takes from.
    public let token: String
    /// Nil where the money moved.
    public let decline: Decline?
    public let at: Timestamp
}

/// Where checkouts, orders and the test provider's ledger live. Each call is one transaction; what it returns is durable.
public protocol CheckoutStore: Sendable {
    /// Keeps a step. A checkout or order of revision 1 must be new, any other replace that of the revision before it.
    ///
    /// - Throws: `outdated` if the snapshot is not the newest version, `repeated` when the reply's key is known; then
    ///   nothing was done.
    func commit(
        _ commit: CheckoutCommit, in snapshot: TenantSnapshot, at now: Timestamp
    ) async throws(StoreError) -> CheckoutCommitted

    func checkout(_ id: CheckoutID, in tenant: TenantID) async throws(StoreError) -> Checkout?

    func order(_ id: OrderID, in tenant: TenantID) async throws(StoreError) -> Order?

    /// Orders, newest first, older than one.
    func orders(in tenant: TenantID, before: OrderID?, limit: Int) async throws(StoreError) -> [Order]

    /// Checkouts that are being paid and orders with a refund on its way, oldest first.
    func unfinished(
        in tenant: TenantID, limit: Int
    ) async throws(StoreError) -> (checkouts: [CheckoutID], orders: [OrderID])

    /// All checkouts and orders of a shopper, whichever of the shopper's ids it is.
    func purchases(
        of subject: Subject, in tenant: TenantID
    ) async throws(StoreError) -> (checkouts: [CheckoutID], orders: [OrderID])

    /// Keeps what the test provider did, unless it did something under that key before; returns what is kept.
    func keep(_ payment: TestPayment, in tenant: TenantID) async throws(StoreError) -> TestPayment

    /// What the test provider did under a key.
    func testPayment(_ key: String, in tenant: TenantID) async throws(StoreError) -> TestPayment?
}

extension Checkout {
    /// Whether it waits for a provider.
    public var isUnfinished: Bool { status == .paying }
}

extension Order {
    /// Whether a refund of it waits for a provider.
    public var isUnfinished: Bool { refunds.contains { $0.state == .pending } }
}
