public import AgentRuntime
internal import Experiments
internal import JSON

extension PayPal {
    /// PayPal keeps refunds apart by our key, which is the invoice's number there; it refuses one that was used.
    public func refund(_ request: RefundRequest) async -> RefundOutcome {
        await refunding.alone(request.key) { await refundAlone(request) } ?? .unknown
    }

    private func refundAlone(_ request: RefundRequest) async -> RefundOutcome {
        guard let text = Self.text(of: request.amount) else {
            return .refused(
                Decline(
                    code: "amount_not_refundable", detail: "PayPal cannot pay back exactly \(request.amount.display)."))
        }
        let body: JSONValue = [
            "amount": ["currency_code": .string(request.amount.currency.code), "value": .string(text)],
            "invoice_id": .string(request.key),
            "custom_id": .string("\(request.tenant) \(request.checkout) \(request.key)"),
        ]
        let path = "/v2/payments/captures/" + FormBody.pathSegment(request.payment) + "/refund"
        switch await ask("POST", path, body, key: request.key) {
        case .lost: return .unknown
        case .refused(_, let body): return .refused(Self.decline(body))
        case .done(let refund): return Self.outcome(ofRefund: refund)
        }
    }

    static func outcome(ofRefund refund: JSONValue) -> RefundOutcome {
        switch refund["status"]?.string {
        case "COMPLETED": .succeeded(reference: refund["id"]?.string ?? "")
        case "FAILED", "CANCELLED":
            .refused(Decline(code: "refund_failed", detail: "PayPal could not pay it back."))
        default: .unknown
        }
    }
}
