public import Experiments

extension CheckoutService {
    /// Takes what a provider sent by itself.
    ///
    /// Nothing that it says is believed but which payment it is of: what became of that is asked of the provider, and
    /// kept as if it had been asked anyway. So messages may come in any order, any number of times, and days late, and
    /// the end is the same.
    ///
    /// - Returns: what it was worth; what it is of is settled by then.
    /// - Throws: where it should come again: the provider or the store did not answer.
    public func heed(_ message: ProviderMessage, of name: String) async throws(CheckoutError) -> ProviderHint {
        let hint = await (try provider(name)).hear(message)
        let (tenant, id): (TenantID, CheckoutID)
        switch hint {
        case .payment(let its, let checkout, _, _), .returned(let its, let checkout, _): (tenant, id) = (its, checkout)
        case .nothing, .unverified, .forged: return hint
        }
        guard let snapshot = pricing.snapshot(of: tenant) else { return .nothing }
        let checkout: Checkout
        do throws(CheckoutError) {
            checkout = try await resolved(id, in: snapshot)
        } catch .notFound {
            return .nothing
        }
        guard checkout.provider == name else { return .nothing }
        var paid: String?
        if case .completed(let placed, _) = checkout.state {
            let order = try await stored(placed, of: tenant)
            paid = order.payment.reference
            if order.isUnfinished { _ = try await settleRefunds(of: order, in: snapshot) }
            if case .returned(_, _, let dispute) = hint {
                try await learnReturns(of: placed, checkout.opening, dispute, in: snapshot)
            }
        }
        guard case .payment(_, _, let key, let reference) = hint else { return hint }
        if reference != paid, reference != checkout.opening?.reference {
            try await returnStray(reference, key, of: checkout, paid: paid, in: snapshot)
        }
        return hint
    }

    /// Has an order know what went back at the provider without being asked for here, and what did not go back after
    /// all; it is counted with it.
    ///
    /// It is asked until there is nothing new: what turned while it was being kept would else be lost, for the message
    /// of it may have found nothing new here yet.
    ///
    /// - Parameter dispute: one more than the order knows of.
    private func learnReturns(
        of id: OrderID, _ opening: PaymentOpening?, _ dispute: String?, in snapshot: TenantSnapshot
    ) async throws(CheckoutError) {
        for _ in 0..<Self.tries {
            // Read before the provider is asked: what it says is at least as new.
            let order = try await stored(id, of: snapshot.tenant.id)
            let provider = try provider(order.payment.provider)
            var disputes = (order.disputes ?? []).map(\.reference)
            if let dispute, !disputes.contains(dispute) { disputes.append(dispute) }
            let told = await provider.returns(of: order.payment.reference, opening: opening, disputes: disputes)
            guard let told else { throw .providerUnreachable }
            let now = pricing.clock.now()
            guard let learned = order.learning(told, at: now, nextID: { pricing.identifiers.next(at: now) }) else {
                return
            }
            let next = learned.order
            let events =
                learned.undone.flatMap { next.keeps($0, at: now) } + learned.fresh.flatMap { next.returns($0, at: now) }
            guard case .kept = try await commit(CheckoutCommit(order: next, events: events), in: snapshot, at: now)
            else { continue }
            for dispute in next.disputes ?? [] where !(order.disputes ?? []).contains(dispute) {
                let amount = Money(amount: dispute.amount, currency: next.totals.currency)
                alarm("\(id): the buyer contests \(amount.display) at the bank; that is \(dispute.status.rawValue)")
            }
            for refund in learned.undone where refund.origin != .dispute {
                let amount = Money(amount: refund.amount, currency: next.totals.currency)
                alarm("\(id): \(amount.display) paid back did not reach the buyer, and is the merchant's again")
            }
        }
        throw Self.contended
    }

    /// Gives back what was paid beside what counts: by an attempt that was over, or for a checkout that had ended.
    private func returnStray(
        _ reference: String, _ key: String, of checkout: Checkout, paid: String?, in snapshot: TenantSnapshot
    ) async throws(CheckoutError) {
        switch checkout.state {
        // It may be the one that is waited for, under another of its names.
        case .open, .paying: if key == checkout.attemptKey { return }
        case .completed, .canceled, .expired: break
        }
        let request = ChargeRequest(
            tenant: snapshot.tenant.id, checkout: checkout.id, key: key, amount: checkout.totals.charge,
            opening: PaymentOpening(reference: reference), settings: snapshot.tenant.payments,
            mayFinish: false)
        switch await (try provider(checkout.provider)).find(request) {
        case .known(.paid(let payment, let amount)) where payment != paid:
            alarm("\(checkout.id): \(amount.display) was paid beside what was due, and is given back: \(payment)")
            guard await giveBack(amount, payment, of: checkout, key: payment, in: snapshot) else {
                throw .providerUnreachable
            }
        case .known(.unknown): throw .providerUnreachable
        case .known, .absent: break
        }
    }

    /// Takes the merchant's word that money came, for providers that only a person can ask.
    ///
    /// - Returns: the checkout and its order; the same, said again.
    /// - Throws: `amountMismatch` where it is not what is due: then nothing is done, and the alarm says so.
    public func receive(
        _ id: CheckoutID, amount: Money, in snapshot: TenantSnapshot
    ) async throws(CheckoutError) -> (checkout: Checkout, order: Order) {
        for _ in 0..<Self.tries {
            let checkout = try await stored(id, of: snapshot.tenant.id)
            guard try provider(checkout.provider).isConfirmedByHand else {
                throw .invalid(Faults([Fault("", "What \(checkout.provider) takes, it tells by itself.")]))
            }
            guard amount == checkout.totals.charge else {
                alarm("\(id): \(amount.display) came where \(checkout.totals.charge.display) is due")
                throw .amountMismatch(paid: amount, due: checkout.totals.charge)
            }
            if case .completed(let order, _) = checkout.state {
                return (checkout, try await stored(order, of: snapshot.tenant.id))
            }
            guard case .paying = checkout.state, let opening = checkout.opening else {
                throw .wrongState(checkout.status, action: "be paid for")
            }
            let done = try await order(
                checkout, paid: opening.reference, in: snapshot, at: pricing.clock.now(), reply: { _ in nil })
            if case .completed(let checkout, let order)? = done { return (checkout, order) }
        }
        throw Self.contended
    }
}
