public import AgentRuntime
internal import Experiments
internal import JSON

extension Stripe {
    /// Looks first whether it was done, for only the refund's own note is certain to be still there: keys of requests are
    /// forgotten after a day.
    public func refund(_ request: RefundRequest) async -> RefundOutcome {
        await refunding.alone(request.key) { await refundAlone(request) } ?? .unknown
    }

    private func refundAlone(_ request: RefundRequest) async -> RefundOutcome {
        guard let units = StripeAmount.units(of: request.amount), units > 0 else {
            return .refused(
                Decline(
                    code: "amount_not_refundable", detail: "Stripe cannot pay back exactly \(request.amount.display)."))
        }
        let intent: JSONValue
        switch await get(Self.path(of: request.payment)) {
        case .done(let found): intent = found
        case .refused(_, let body): return .refused(Self.decline(body["error"]))
        case .lost: return .unknown
        }
        // Bounded, so that what a hundred of them come to is a number.
        guard let paid = intent["amount_received"]?.int64 ?? intent["amount"]?.int64,
            (0...Money.largestAmount * 100).contains(paid)
        else { return .unknown }
        var refunded: Int64 = 0
        switch await get("/v1/refunds?limit=100&payment_intent=" + FormBody.pathSegment(request.payment)) {
        case .done(let list):
            for refund in (list["data"]?.array ?? []).prefix(100) {
                let outcome = Self.outcome(ofRefund: refund)
                if refund["metadata"]?[PaymentNote.refund]?.string == request.key { return outcome }
                if case .refused = outcome { continue }
                refunded += min(max(refund["amount"]?.int64 ?? 0, 0), paid)
            }
        case .refused, .lost: return .unknown
        }
        guard refunded <= paid, units <= paid - refunded else {
            return .refused(Decline(code: "over_refund", detail: "Not so much is left of the payment."))
        }
        var form = FormBody()
        form.add("payment_intent", request.payment)
        form.add("amount", units)
        form.add("metadata[\(PaymentNote.tenant)]", request.tenant.description)
        form.add("metadata[\(PaymentNote.checkout)]", request.checkout.description)
        form.add("metadata[\(PaymentNote.refund)]", request.key)
        // Of a payment that went to a tenant's account: otherwise the platform pays.
        if intent["transfer_data"]?["destination"]?.string != nil {
            form.add("reverse_transfer", "true")
            if intent["application_fee_amount"]?.int64 != nil { form.add("refund_application_fee", "true") }
        }
        switch await post("/v1/refunds", form, key: request.key) {
        case .done(let refund): return Self.outcome(ofRefund: refund)
        case .refused(_, let body): return .refused(Self.decline(body["error"]))
        case .lost: return .unknown
        }
    }

    static func outcome(ofRefund refund: JSONValue) -> RefundOutcome {
        switch refund["status"]?.string {
        case "succeeded": .succeeded(reference: refund["id"]?.string ?? "")
        case "failed", "canceled":
            .refused(
                Decline(
                    code: refund["failure_reason"]?.string ?? "refund_failed", detail: "Stripe could not pay it back."))
        default: .unknown
        }
    }
}
