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
    /// What an order learned of money that went back without being asked for here, or did not go back after all.
    struct Learned {
        var order: Order
        /// To be counted.
        var fresh: [Refund] = []
        /// Not to be counted any more.
        var undone: [Refund] = []
    }

    /// What is new to the order of what the provider tells; nil where it knew all.
    ///
    /// Each counts once, by the provider's name for it; never more goes back than was paid. A dispute that is won after
    /// it was lost, and a refund that went and came back, count no longer; if they turn again they count again.
    ///
    /// - Parameters:
    ///   - told: all that the provider tells; what is in another currency than the order's is left out.
    ///   - nextID: makes names of refunds.
    func learning(_ told: [ProviderReturn], at now: Timestamp, nextID: () -> RefundID) -> Learned? {
        var learned = Learned(order: self)
        let ours = told.filter { $0.amount.currency == totals.currency }
        // What came back first, for it makes room; then in one order, whichever the provider told first, so that parts of
        // a minor unit fall the same.
        for one in ours {
            switch one.kind {
            case .undone(let decline): learned.undo(one.reference, decline)
            case .dispute(.lost, _), .refund: continue
            case .dispute(let status, _):
                learned.undo(
                    one.reference,
                    Decline(code: "dispute_\(status.rawValue)", detail: "The bank decided the dispute anew."))
            }
        }
        for one in ours.sorted(by: { $0.reference < $1.reference }) {
            switch one.kind {
            case .refund: learned.add(one, .provider, at: now, nextID)
            case .undone: continue
            case .dispute(let status, let reason):
                learned.order.note(one, status, reason, at: now)
                if status == .lost { learned.add(one, .dispute, at: now, nextID) }
            }
        }
        guard learned.order != self else { return nil }
        learned.order.revision += 1
        return learned
    }

    private mutating func note(_ one: ProviderReturn, _ status: Dispute.Status, _ reason: String?, at now: Timestamp) {
        var known = disputes ?? []
        let place = known.firstIndex { $0.reference == one.reference }
        let before = place.map { known[$0] }
        let dispute = Dispute(
            reference: one.reference, amount: one.amount.amount, reason: reason, status: status,
            noticedAt: before?.noticedAt ?? now)
        if let place { known[place] = dispute } else { known.append(dispute) }
        disputes = known
    }
}

extension Order.Learned {
    fileprivate mutating func undo(_ reference: String, _ decline: Decline) {
        guard let place = order.refunds.firstIndex(where: { $0.reference == reference }) else { return }
        undone.append(order.refunds[place])
        order.refunds[place].state = .failed(decline)
    }

    fileprivate mutating func add(
        _ one: ProviderReturn, _ origin: Refund.Origin, at now: Timestamp, _ nextID: () -> RefundID
    ) {
        guard !order.refunds.contains(where: { $0.reference == one.reference }) else { return }
        // What is only on its way may be refused yet; what went is certain.
        let gone = order.refunds.filter { $0.reference != nil }
        let amount = min(one.amount.amount, order.totals.total - gone.reduce(0) { $0 + $1.amount })
        guard amount > 0 else { return }
        let beside = amount <= order.refundable ? order.refunds.filter(\.takes) : gone
        let refund = Refund(
            id: nextID(), amount: amount, revenue: order.revenue(of: amount, beside: beside), reason: nil, request: nil,
            createdAt: now, state: .succeeded(reference: one.reference, at: now), origin: origin)
        order.refunds.append(refund)
        fresh.append(refund)
    }
}

extension Refund {
    /// What the provider knows it by, once it was paid back.
    public var reference: String? {
        if case .succeeded(let reference, _) = state { return reference }
        return nil
    }
}
