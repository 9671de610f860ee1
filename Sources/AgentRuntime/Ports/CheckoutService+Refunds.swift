public import Experiments

extension CheckoutService {
    /// Pays back part of an order, or what is left of it.
    ///
    /// - Parameters:
    ///   - amount: nil for all that is left.
    ///   - request: names the request; one that comes again under this name goes on with the refund it began.
    ///   - reply: made of the order and the refund, and kept with what became of it.
    /// - Returns: the refund may be pending still: ask again.
    public func refund(
        _ id: OrderID, amount: Money?, reason: String? = nil, request: Bits128? = nil, in snapshot: TenantSnapshot,
        reply: @escaping @Sendable (Order, Refund) -> SavedReply? = { _, _ in nil }
    ) async throws(CheckoutError) -> (order: Order, refund: Refund) {
        for _ in 0..<Self.tries {
            let order = try await stored(id, of: snapshot.tenant.id)
            if let amount, amount.currency != order.totals.currency {
                throw .invalid(Faults([Fault("/amount/currency", "The order is in \(order.totals.currency).")]))
            }
            _ = try provider(order.payment.provider)
            if let request, let begun = order.refunds.first(where: { $0.request == request }) {
                return try await settle(begun.id, of: id, in: snapshot, reply: reply)
            }
            let now = pricing.clock.now()
            let refund: RefundID = pricing.identifiers.next(at: now)
            let next = try order.refunding(amount?.amount, id: refund, reason: reason, request: request, at: now)
            guard case .kept = try await commit(CheckoutCommit(order: next), in: snapshot, at: now) else { continue }
            return try await settle(refund, of: id, in: snapshot, reply: reply)
        }
        throw Self.contended
    }

    /// Asks the provider for every refund of an order that is on its way.
    func settleRefunds(of order: Order, in snapshot: TenantSnapshot) async throws(CheckoutError) -> Order {
        guard (try? provider(order.payment.provider)) != nil else { return order }
        var order = order
        for refund in order.refunds where refund.state == .pending {
            order = try await settle(refund.id, of: order.id, in: snapshot, reply: { _, _ in nil }).order
        }
        return order
    }

    /// Asks the provider and keeps what it says; what was paid back is counted in the same transaction.
    private func settle(
        _ refund: RefundID, of id: OrderID, in snapshot: TenantSnapshot,
        reply: @Sendable (Order, Refund) -> SavedReply?
    ) async throws(CheckoutError) -> (order: Order, refund: Refund) {
        for _ in 0..<Self.tries {
            let order = try await stored(id, of: snapshot.tenant.id)
            guard let asked = order.refunds.first(where: { $0.id == refund }) else { throw .notFound }
            guard case .pending = asked.state else { return (order, asked) }
            let outcome = try await provider(order.payment.provider).refund(
                RefundRequest(
                    tenant: snapshot.tenant.id, checkout: order.checkout, payment: order.payment.reference,
                    key: asked.id.description,
                    amount: Money(amount: asked.amount, currency: order.totals.currency)))
            let now = pricing.clock.now()
            let next: Order
            var events: [IncomingEvent] = []
            switch outcome {
            case .unknown: return (order, asked)
            case .refused(let decline): next = order.settling(refund, .failed(decline))
            case .succeeded(let reference):
                next = order.settling(refund, .succeeded(reference: reference, at: now))
                events = order.returns(asked, at: now)
            }
            guard let settled = next.refunds.first(where: { $0.id == refund }) else { throw .notFound }
            let step = CheckoutCommit(order: next, events: events, reply: reply(next, settled))
            if case .kept = try await commit(step, in: snapshot, at: now) { return (next, settled) }
        }
        throw Self.contended
    }
}
