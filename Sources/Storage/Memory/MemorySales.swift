internal import AgentRuntime
internal import Experiments

/// A tenant's checkouts and orders, as values; or, of a tenant that another engine keeps, the part of them that a turn
/// concerns, which it need not read in full: what is there by its revision.
struct MemorySales: Sendable {
    /// The revision of each checkout and order that is there.
    var revisions: [Bits128: Int64] = [:]
    /// Replies that are there still, by the hash of their scope.
    var replies: [Bits128: SavedReply] = [:]
    private(set) var checkouts: [CheckoutID: Checkout] = [:]
    private(set) var orders: [OrderID: Order] = [:]
    private(set) var testPayments: [String: TestPayment] = [:]
    /// Of what was put here, that which was not there before.
    private(set) var fresh: Set<Bits128> = []
    /// Replies put here.
    private(set) var saved: [SavedReply] = []

    /// Why a step cannot be kept; nil when it can.
    func refusal(of commit: CheckoutCommit) -> Result<CheckoutCommitted, StoreError>? {
        if let reply = commit.reply, let known = replies[reply.scope.hash],
            known.at.milliseconds > reply.at.milliseconds - SavedReply.kept
        {
            return .failure(.repeated(known))
        }
        let steps = [
            commit.checkout.map { ($0.id.bits, $0.revision) }, commit.order.map { ($0.id.bits, $0.revision) },
        ]
        for case (let id, let revision)? in steps where (revisions[id] ?? 0) != revision - 1 {
            return .success(.stale)
        }
        return nil
    }

    /// - Parameter outcomes: of the step's events.
    /// - Returns: the order as it is kept.
    mutating func keep(_ commit: CheckoutCommit, noting outcomes: [EventOutcome]) -> Order? {
        if let checkout = commit.checkout {
            note(checkout.id.bits, checkout.revision)
            checkouts[checkout.id] = checkout
        }
        var order = commit.order
        if let made = order, made.revision == 1 { order = made.noting(outcomes) }
        if let order {
            note(order.id.bits, order.revision)
            orders[order.id] = order
        }
        if let reply = commit.reply {
            replies[reply.scope.hash] = reply
            saved.append(reply)
        }
        return order
    }

    private mutating func note(_ id: Bits128, _ revision: Int64) {
        if revisions.updateValue(revision, forKey: id) == nil { fresh.insert(id) }
    }

    mutating func keep(_ payment: TestPayment) -> TestPayment {
        if let known = testPayments[payment.key] { return known }
        testPayments[payment.key] = payment
        return payment
    }
}
