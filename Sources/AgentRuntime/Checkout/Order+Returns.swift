public import Experiments

/// A payment that the buyer contests at the bank.
public struct Dispute: Sendable, Equatable, Codable {
    public enum Status: String, Sendable, Codable, CaseIterable {
        /// Not decided. Reports count the sale.
        case open
        /// The money stays the merchant's.
        case won
        /// The money went back: counted like a refund.
        case lost
    }

    /// What the provider knows it by.
    public let reference: String
    /// In minor units of the order's currency.
    public let amount: Int64
    /// The bank's, as the provider writes it.
    public let reason: String?
    public let status: Status
    /// When it was first heard of here.
    public let noticedAt: Timestamp
}

extension Order {
    /// The order once it knows what went back, or is contested, at the provider, with the refunds that it did not know;
    /// nil where it knew all.
    ///
    /// Each counts once, by the provider's name for it; never more goes back than was paid. A lost dispute stays lost.
    ///
    /// - Parameters:
    ///   - told: all that the provider tells; what is in another currency than the order's is left out.
    ///   - nextID: makes names of refunds.
    func learning(
        _ told: [ProviderReturn], at now: Timestamp, nextID: () -> RefundID
    ) -> (order: Order, fresh: [Refund])? {
        var next = self
        var fresh: [Refund] = []
        // In one order, whichever the provider told first, so that parts of a minor unit fall the same.
        for one in told.sorted(by: { $0.reference < $1.reference }) where one.amount.currency == totals.currency {
            switch one.kind {
            case .refund: next.add(one, .provider, at: now, nextID, &fresh)
            case .dispute(let status, let reason):
                next.note(one, status, reason, at: now)
                if status == .lost { next.add(one, .dispute, at: now, nextID, &fresh) }
            }
        }
        guard next != self else { return nil }
        next.revision += 1
        return (next, fresh)
    }

    private mutating func add(
        _ one: ProviderReturn, _ origin: Refund.Origin, at now: Timestamp, _ nextID: () -> RefundID,
        _ fresh: inout [Refund]
    ) {
        guard !refunds.contains(where: { $0.reference == one.reference }) else { return }
        // What is only on its way may be refused yet; what went is certain.
        let gone = refunds.filter { $0.reference != nil }.reduce(0) { $0 + $1.amount }
        let amount = min(one.amount.amount, totals.total - gone)
        guard amount > 0 else { return }
        let from = refunded + amount <= totals.total ? refunded : gone
        let refund = Refund(
            id: nextID(), amount: amount, revenue: revenue(from: from, to: from + amount), reason: nil, request: nil,
            createdAt: now, state: .succeeded(reference: one.reference, at: now), origin: origin)
        refunds.append(refund)
        fresh.append(refund)
    }

    private mutating func note(_ one: ProviderReturn, _ status: Dispute.Status, _ reason: String?, at now: Timestamp) {
        var known = disputes ?? []
        let place = known.firstIndex { $0.reference == one.reference }
        let before = place.map { known[$0] }
        guard before?.status != .lost else { return }
        let dispute = Dispute(
            reference: one.reference, amount: one.amount.amount, reason: reason, status: status,
            noticedAt: before?.noticedAt ?? now)
        if let place { known[place] = dispute } else { known.append(dispute) }
        disputes = known
    }
}

extension Refund {
    /// What the provider knows it by, once it was paid back.
    public var reference: String? {
        if case .succeeded(let reference, _) = state { return reference }
        return nil
    }
}
