public import Experiments

extension CheckoutService {
    /// Has a checkout paid, once however often it is asked.
    ///
    /// - Parameters:
    ///   - totalsHash: of the totals that the buyer agreed to.
    ///   - payment: what the buyer pays with, as the provider names it.
    ///   - reply: made of the outcome and kept with it, for whoever repeats the request; not for a pending one.
    /// - Throws: `totalsChanged`, `expired` or `wrongState` where it cannot be paid.
    public func complete(
        _ id: CheckoutID, totalsHash: String, payment: String? = nil, in snapshot: TenantSnapshot,
        reply: @escaping @Sendable (Completion) -> SavedReply? = { _ in nil }
    ) async throws(CheckoutError) -> Completion {
        for _ in 0..<Self.tries {
            let checkout = try await stored(id, of: snapshot.tenant.id)
            let now = pricing.clock.now()
            var claimed = checkout
            switch checkout.state {
            case .completed(let order, _):
                try checkout.check(totalsHash)
                return .completed(checkout, try await stored(order, of: snapshot.tenant.id))
            case .open:
                do throws(CheckoutError) {
                    claimed = try checkout.claimed(totalsHash: totalsHash, at: now)
                } catch {
                    if case .expired = error, let over = try? checkout.expired(at: now) {
                        _ = try await commit(CheckoutCommit(checkout: over), in: snapshot, at: now)
                    }
                    throw error
                }
                _ = try provider(checkout.provider)
                let kept = try await commit(CheckoutCommit(checkout: claimed), in: snapshot, at: now)
                guard case .kept = kept else { continue }
            case .paying:
                try checkout.check(totalsHash)
            case .canceled, .expired:
                _ = try checkout.claimed(totalsHash: totalsHash, at: now)
            }
            let provider = try provider(claimed.provider)
            let outcome: ChargeOutcome
            if checkout.status == .paying,
                case .known(let known) = await provider.find(claimed.attemptKey, of: snapshot.tenant.id)
            {
                outcome = known
            } else {
                outcome = await provider.charge(
                    ChargeRequest(
                        tenant: snapshot.tenant.id, checkout: id, key: claimed.attemptKey,
                        amount: claimed.totals.charge, payment: payment))
            }
            if let done = try await settle(claimed, outcome, in: snapshot, reply: reply) { return done }
        }
        throw Self.contended
    }

    /// The checkout as it stands once its provider was asked, if that was open.
    func resolved(_ id: CheckoutID, in snapshot: TenantSnapshot) async throws(CheckoutError) -> Checkout {
        for _ in 0..<Self.tries {
            let checkout = try await stored(id, of: snapshot.tenant.id)
            guard case .paying = checkout.state, let provider = try? provider(checkout.provider) else {
                return checkout
            }
            switch await provider.find(checkout.attemptKey, of: snapshot.tenant.id) {
            case .known(let outcome):
                switch try await settle(checkout, outcome, in: snapshot, reply: { _ in nil }) {
                case .completed(let settled, _)?, .declined(let settled, _)?, .pending(let settled)?: return settled
                case nil: continue
                }
            case .absent:
                let now = pricing.clock.now()
                // Somebody may be on the way to the provider.
                guard checkout.isAbandoned(at: now) else { return checkout }
                let next = try checkout.released()
                if case .kept = try await commit(CheckoutCommit(checkout: next), in: snapshot, at: now) { return next }
            }
        }
        throw Self.contended
    }

    // MARK: What the provider said

    /// Keeps what became of a claimed checkout's attempt. Nil where something else happened to the checkout meanwhile
    /// and it is to be looked at again.
    private func settle(
        _ checkout: Checkout, _ outcome: ChargeOutcome, in snapshot: TenantSnapshot,
        reply: @Sendable (Completion) -> SavedReply?
    ) async throws(CheckoutError) -> Completion? {
        let now = pricing.clock.now()
        switch outcome {
        case .unknown: return .pending(checkout)
        case .declined(let decline):
            let next = try checkout.declined(decline)
            let done = Completion.declined(next, decline)
            let step = CheckoutCommit(checkout: next, reply: reply(done))
            guard case .kept = try await commit(step, in: snapshot, at: now) else { return nil }
            return done
        case .paid(let reference, let amount):
            guard amount == checkout.totals.charge else {
                alarm(
                    "\(checkout.id): \(amount.display) was paid for \(checkout.totals.charge.display), and given back")
                let decline = Decline(
                    code: "amount_mismatch", detail: "Another amount was paid than was due; it is given back.")
                await giveBack(amount, reference, of: checkout, in: snapshot)
                return try await settle(checkout, .declined(decline), in: snapshot, reply: reply)
            }
            return try await order(checkout, paid: reference, in: snapshot, at: now, reply: reply)
        }
    }

    /// Order, sales and completed checkout, in one transaction.
    private func order(
        _ checkout: Checkout, paid reference: String, in snapshot: TenantSnapshot, at now: Timestamp,
        reply: @Sendable (Completion) -> SavedReply?
    ) async throws(CheckoutError) -> Completion? {
        guard case .paying(let agreed) = checkout.state else { return nil }
        let order = Order(checkout, id: pricing.identifiers.next(at: now), paid: reference, at: agreed)
        let next = try checkout.completed(by: order.id, at: now)
        let step = CheckoutCommit(
            checkout: next, order: order, events: order.sales(in: snapshot), reply: reply(.completed(next, order)))
        switch try await commit(step, in: snapshot, at: now) {
        case .kept(let kept): return .completed(next, kept ?? order)
        case .stale: return try await afterwards(checkout, paid: reference, in: snapshot)
        }
    }

    /// It was paid, and the checkout is no longer as it was when that was asked for.
    private func afterwards(
        _ checkout: Checkout, paid reference: String, in snapshot: TenantSnapshot
    ) async throws(CheckoutError) -> Completion? {
        let current = try await stored(checkout.id, of: snapshot.tenant.id)
        switch current.state {
        case .completed, .paying: return nil
        case .open where current.attempt == checkout.attempt:
            // Let go as if nobody were on the way: but somebody was, and the buyer had agreed.
            let now = pricing.clock.now()
            if let claimed = try? current.claimed(totalsHash: current.totalsHash, at: now) {
                _ = try await commit(CheckoutCommit(checkout: claimed), in: snapshot, at: now)
                return nil
            }
        case .open, .canceled, .expired: break
        }
        alarm("\(checkout.id): it was paid after it had ended, and the money is given back")
        await giveBack(checkout.totals.charge, reference, of: checkout, in: snapshot)
        throw .wrongState(current.status, action: "be completed")
    }

    /// - Note: the key is the attempt's, so that whoever finds this left undone does it under the same.
    private func giveBack(
        _ amount: Money, _ reference: String, of checkout: Checkout, in snapshot: TenantSnapshot
    ) async {
        guard let provider = try? provider(checkout.provider) else { return }
        let request = RefundRequest(
            tenant: snapshot.tenant.id, payment: reference, key: checkout.attemptKey + "-back", amount: amount)
        if case .succeeded = await provider.refund(request) { return }
        alarm("\(checkout.id): \(amount.display) could not be given back; the payment is \(reference)")
    }
}
