public import AgentRuntime
internal import Crypto
internal import Experiments
internal import JSON

extension Razorpay {
    /// Refunds without a note of ours, those that came to nothing, and the disputes that are known of: Razorpay lists
    /// disputes by no payment.
    public func returns(
        of payment: String, opening: PaymentOpening?, disputes: [String]
    ) async -> [ProviderReturn]? {
        let path = "/v1/payments/" + FormBody.pathSegment(payment) + "/refunds?count=100"
        guard case .done(let list) = await ask("GET", path) else { return nil }
        var told = (list["items"]?.array ?? []).compactMap(Self.refunded)
        for id in disputes {
            switch await ask("GET", "/v1/disputes/" + FormBody.pathSegment(id)) {
            case .done(let dispute): if let one = Self.contested(dispute, payment) { told.append(one) }
            // Razorpay says 400 of what it does not know.
            case .refused: continue
            case .lost: return nil
            }
        }
        return told
    }

    private static func refunded(_ refund: JSONValue) -> ProviderReturn? {
        guard let id = refund["id"]?.string, let amount = money(refund), amount.amount > 0 else { return nil }
        switch outcome(ofRefund: refund) {
        case .refused(let decline): return ProviderReturn(reference: id, amount: amount, kind: .undone(decline))
        case .succeeded where refund["notes"]?[PaymentNote.refund] == nil:
            return ProviderReturn(reference: id, amount: amount, kind: .refund)
        case .succeeded, .unknown: return nil
        }
    }

    /// Source: razorpay.com/docs/api/disputes/entity. One that is `closed` was settled by a refund, which counts itself.
    private static func contested(_ dispute: JSONValue, _ payment: String) -> ProviderReturn? {
        guard let id = dispute["id"]?.string, dispute["payment_id"]?.string == payment, let amount = money(dispute),
            amount.amount > 0
        else { return nil }
        var taken = amount
        let status: Dispute.Status
        switch dispute["status"]?.string {
        case "won", "closed": status = .won
        case "lost":
            status = .lost
            let deducted = dispute["amount_deducted"]?.int64 ?? 0
            if (1...amount.amount).contains(deducted) { taken = Money(amount: deducted, currency: amount.currency) }
        default: status = .open
        }
        let reason = dispute["reason_code"]?.string
        return ProviderReturn(reference: id, amount: taken, kind: .dispute(status, reason: reason))
    }

    public func hear(_ message: ProviderMessage) async -> ProviderHint {
        guard let secret = configuration.webhookSecret else { return .forged("no webhook is set up here") }
        guard let bytes = message.header("x-razorpay-signature").flatMap({ Hex.decode($0) }),
            let code = Digest256(bytes)
        else { return .forged("no signature") }
        guard HMACSHA256(key: secret).isValid(code, for: message.body) else {
            return .forged("a signature that does not fit")
        }
        guard let event = try? JSONValue(parsing: message.body) else { return .nothing }
        let (payment, order) = (event["payload"]?["payment"]?["entity"], event["payload"]?["order"]?["entity"])
        let (refund, dispute) = (event["payload"]?["refund"]?["entity"], event["payload"]?["dispute"]?["entity"])
        // Razorpay copies an order's notes to its payments, unless the shop's page gave them others. Refunds that were made
        // at Razorpay have none, and disputes never.
        var notes = [refund?["notes"], order?["notes"], payment?["notes"]].lazy.compactMap { $0 }
            .first { $0[PaymentNote.tenant] != nil }
        if notes?[PaymentNote.refund]?.string?.hasSuffix("-back") == true { return .nothing }
        let reference = order?["id"]?.string ?? payment?["order_id"]?.string
        if notes == nil, refund != nil || dispute != nil, let reference {
            switch await ask("GET", Self.path(of: reference)) {
            case .done(let found): notes = found["notes"]
            case .refused: return .nothing
            case .lost: return .unverified
            }
        }
        guard let tenant = notes?[PaymentNote.tenant]?.string.flatMap({ TenantID($0) }),
            let checkout = notes?[PaymentNote.checkout]?.string.flatMap({ CheckoutID($0) })
        else { return .nothing }
        if refund != nil || dispute != nil {
            return .returned(tenant: tenant, checkout: checkout, dispute: dispute?["id"]?.string)
        }
        guard let reference else { return .nothing }
        return .payment(
            tenant: tenant, checkout: checkout, key: notes?[PaymentNote.attempt]?.string ?? "", reference: reference)
    }
}
