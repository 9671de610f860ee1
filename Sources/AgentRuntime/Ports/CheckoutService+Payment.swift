public import Experiments

/// What a buyer pays with.
public struct PaymentChoice: Sendable, Equatable {
    /// As the provider names it; nil where the provider asks on a page of its own, or needs none.
    public var token: String?
    /// Where the provider's page sends the buyer back to; nil for the tenant's own.
    public var returnURL: String?

    public init(token: String? = nil, returnURL: String? = nil) {
        self.token = token
        self.returnURL = returnURL
    }
}

extension CheckoutService {
    /// Has a checkout paid, once however often it is asked.
    ///
    /// - Parameters:
    ///   - totalsHash: of the totals that the buyer agreed to.
    ///   - reply: made of the outcome and kept with it, for whoever repeats the request; not for a pending one.
    /// - Throws: `totalsChanged`, `expired` or `wrongState` where it cannot be paid, `providerUnreachable` where nothing
    ///   could be begun.
    public func complete(
        _ id: CheckoutID, totalsHash: String, payment: PaymentChoice = PaymentChoice(), in snapshot: TenantSnapshot,
        reply: @escaping @Sendable (Completion) -> SavedReply? = { _ in nil }
    ) async throws(CheckoutError) -> Completion {
        for _ in 0..<Self.tries {
            let checkout = try await stored(id, of: snapshot.tenant.id)
            let now = pricing.clock.now()
            var claimed = checkout
            var outcome: ChargeOutcome?
            switch checkout.state {
            case .completed(let order, _):
                try checkout.check(totalsHash)
                return .completed(checkout, try await stored(order, of: snapshot.tenant.id))
            case .open:
                switch try await claim(checkout, totalsHash, payment, in: snapshot, at: now) {
                case .claimed(let next): claimed = next
                case .refused(let decline): return .declined(checkout, decline)
                case .overtaken: continue
                }
            case .paying:
                try checkout.check(totalsHash)
                let request = request(for: checkout, payment, in: snapshot)
                if case .known(let known) = await (try provider(checkout.provider)).find(request) { outcome = known }
            case .canceled, .expired:
                _ = try checkout.claimed(totalsHash: totalsHash, at: now)
            }
            if outcome == nil {
                outcome = await (try provider(claimed.provider)).charge(request(for: claimed, payment, in: snapshot))
            }
            if let outcome, let done = try await settle(claimed, outcome, in: snapshot, reply: reply) { return done }
        }
        throw Self.contended
    }

    private enum Claim {
        case claimed(Checkout)
        /// Nothing was begun: it cannot be paid so.
        case refused(Decline)
        /// Somebody else was first.
        case overtaken
    }

    /// Claims an open checkout, and with the claim what the provider made for it.
    private func claim(
        _ checkout: Checkout, _ totalsHash: String, _ payment: PaymentChoice, in snapshot: TenantSnapshot,
        at now: Timestamp
    ) async throws(CheckoutError) -> Claim {
        do throws(CheckoutError) {
            _ = try checkout.claimed(totalsHash: totalsHash, at: now)
        } catch {
            if case .expired = error, let over = try? checkout.expired(at: now) {
                _ = try await commit(CheckoutCommit(checkout: over), in: snapshot, at: now)
            }
            throw error
        }
        let provider = try provider(checkout.provider)
        let opening: PaymentOpening?
        switch await provider.open(request(for: checkout, payment, in: snapshot)) {
        case .unneeded: opening = nil
        case .opened(let made): opening = made
        case .refused(let decline): return .refused(decline)
        case .unknown: throw .providerUnreachable
        }
        let claimed = try checkout.claimed(totalsHash: totalsHash, opening: opening, at: now)
        if case .kept = try await commit(CheckoutCommit(checkout: claimed), in: snapshot, at: now) {
            return .claimed(claimed)
        }
        // Nobody knows of it, so nobody pays it.
        if opening != nil { _ = await provider.withdraw(request(for: claimed, payment, in: snapshot)) }
        return .overtaken
    }

    /// What a provider is asked about a checkout's attempt.
    func request(
        for checkout: Checkout, _ payment: PaymentChoice = PaymentChoice(), in snapshot: TenantSnapshot
    ) -> ChargeRequest {
        ChargeRequest(
            tenant: snapshot.tenant.id, checkout: checkout.id, key: checkout.attemptKey,
            amount: checkout.totals.charge,
            lines: checkout.lines.map {
                ChargeRequest.Line(title: $0.title, unitPrice: $0.unitPrice, quantity: $0.quantity)
            },
            taxOnTop: checkout.totals.total - checkout.totals.subtotal, payment: payment.token,
            opening: checkout.opening, returnURL: payment.returnURL ?? snapshot.tenant.payments.returnURL,
            email: checkout.buyer?.email, settings: snapshot.tenant.payments)
    }

    /// The checkout as it stands once its provider was asked, if that was open.
    func resolved(_ id: CheckoutID, in snapshot: TenantSnapshot) async throws(CheckoutError) -> Checkout {
        for _ in 0..<Self.tries {
            let checkout = try await stored(id, of: snapshot.tenant.id)
            guard case .paying = checkout.state, let provider = try? provider(checkout.provider) else {
                return checkout
            }
            let request = request(for: checkout, in: snapshot)
            let outcome: ChargeOutcome
            switch await provider.find(request) {
            case .known(.waiting) where checkout.isForsaken(at: pricing.clock.now(), after: provider.patience):
                outcome = await provider.withdraw(request)
            case .known(let known): outcome = known
            case .absent:
                let now = pricing.clock.now()
                // Somebody may be on the way to the provider.
                guard checkout.isAbandoned(at: now) else { return checkout }
                if checkout.opening != nil {
                    outcome = await provider.withdraw(request)
                    break
                }
                let next = try checkout.released()
                if case .kept = try await commit(CheckoutCommit(checkout: next), in: snapshot, at: now) { return next }
                continue
            }
            if let settled = try await settle(checkout, outcome, in: snapshot, reply: { _ in nil })?.checkout {
                return settled
            }
        }
        throw Self.contended
    }

    /// Has the provider take nothing any more for a checkout that a buyer gives up while it is being paid; false where
    /// that is not to be had.
    func withdrawn(_ checkout: Checkout, in snapshot: TenantSnapshot) async throws(CheckoutError) -> Bool {
        guard case .paying = checkout.state, checkout.opening != nil else { return false }
        let outcome = await (try provider(checkout.provider)).withdraw(request(for: checkout, in: snapshot))
        switch outcome {
        case .unknown, .waiting: return false
        case .paid, .declined:
            _ = try await settle(checkout, outcome, in: snapshot, reply: { _ in nil })
            return true
        }
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
        case .waiting(let url):
            guard let url, checkout.opening != nil else { return .pending(checkout) }
            let next = try checkout.leading(to: url)
            if next.revision == checkout.revision { return .pending(checkout) }
            guard case .kept = try await commit(CheckoutCommit(checkout: next), in: snapshot, at: now) else {
                return nil
            }
            return .pending(next)
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
                _ = await giveBack(amount, reference, of: checkout, key: checkout.attemptKey, in: snapshot)
                return try await settle(checkout, .declined(decline), in: snapshot, reply: reply)
            }
            return try await order(checkout, paid: reference, in: snapshot, at: now, reply: reply)
        }
    }

    /// Order, sales and completed checkout, in one transaction.
    func order(
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
        case .completed: return nil
        // Of this attempt whoever has it now finds what was paid; of one that is over nobody will.
        case .paying where current.attempt == checkout.attempt: return nil
        case .open where current.attempt == checkout.attempt:
            // Let go as if nobody were on the way: but somebody was, and the buyer had agreed.
            let now = pricing.clock.now()
            if let claimed = try? current.claimed(totalsHash: current.totalsHash, at: now) {
                _ = try await commit(CheckoutCommit(checkout: claimed), in: snapshot, at: now)
                return nil
            }
        case .paying, .open, .canceled, .expired: break
        }
        alarm("\(checkout.id): it was paid after it had ended, and the money is given back")
        _ = await giveBack(checkout.totals.charge, reference, of: checkout, key: checkout.attemptKey, in: snapshot)
        throw .wrongState(current.status, action: "be completed")
    }

    /// - Parameter key: what was paid, so that whoever finds this left undone does it under the same.
    /// - Returns: whether it is done.
    func giveBack(
        _ amount: Money, _ reference: String, of checkout: Checkout, key: String, in snapshot: TenantSnapshot
    ) async -> Bool {
        guard let provider = try? provider(checkout.provider) else { return false }
        let request = RefundRequest(
            tenant: snapshot.tenant.id, checkout: checkout.id, payment: reference, key: key + "-back", amount: amount)
        if case .succeeded = await provider.refund(request) { return true }
        alarm("\(checkout.id): \(amount.display) could not be given back; the payment is \(reference)")
        return false
    }
}

extension Completion {
    /// The checkout as it is now.
    var checkout: Checkout {
        switch self {
        case .completed(let checkout, _), .declined(let checkout, _), .pending(let checkout): checkout
        }
    }
}
