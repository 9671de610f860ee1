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
        case .done(let refund):
            switch refund["status"]?.string {
            case "COMPLETED": return .succeeded(reference: refund["id"]?.string ?? "")
            case "FAILED", "CANCELLED":
                return .refused(Decline(code: "refund_failed", detail: "PayPal could not pay it back."))
            default: return .unknown
            }
        }
    }

    /// Refunds of the order without a name of ours.
    public func returns(of payment: String, opening: PaymentOpening?) async -> [ProviderReturn]? {
        guard let order = opening?.reference else { return [] }
        switch await ask("GET", Self.path(of: order)) {
        case .done(let found):
            let refunds = found["purchase_units"]?.array?.first?["payments"]?["refunds"]?.array ?? []
            return refunds.compactMap { refund in
                let note = refund["custom_id"]?.string ?? ""
                guard refund["status"]?.string == "COMPLETED", note.split(separator: " ").count < 3,
                    let id = refund["id"]?.string, let amount = Self.money(refund["amount"]), amount.amount > 0
                else { return nil }
                return ProviderReturn(reference: id, amount: amount, kind: .refund)
            }
        case .refused, .lost: return nil
        }
    }

    /// PayPal says itself whether a message is one of its own.
    public func hear(_ message: ProviderMessage) async -> ProviderHint {
        guard let webhookID else { return .forged("no webhook is set up here") }
        let names = ["transmission-id", "transmission-time", "transmission-sig", "cert-url", "auth-algo"]
        var proof: [(String, JSONValue)] = [("webhook_id", .string(webhookID))]
        for name in names {
            guard let value = message.header("paypal-" + name), !value.isEmpty, value.utf8.count <= 2000 else {
                return .forged("no signature")
            }
            proof.append((name.replacing("-", with: "_"), .string(value)))
        }
        guard let event = try? JSONValue(parsing: message.body) else { return .forged("no JSON") }
        proof.append(("webhook_event", event))
        let verdict = await checking.pass {
            await ask("POST", "/v1/notifications/verify-webhook-signature", .object(JSONObject(proof)))
        }
        guard let verdict else { return .unverified }
        switch verdict {
        case .lost: return .unverified
        case .refused: return .forged("a signature that does not fit")
        case .done(let verdict):
            guard verdict["verification_status"]?.string == "SUCCESS" else {
                return .forged("a signature that does not fit")
            }
        }
        let resource = event["resource"]
        let note =
            resource?["custom_id"]?.string ?? resource?["purchase_units"]?.array?.first?["custom_id"]?.string ?? ""
        let parts = note.split(separator: " ")
        let order = resource?["supplementary_data"]?["related_ids"]?["order_id"]?.string ?? resource?["id"]?.string
        guard parts.count >= 2, let tenant = TenantID(String(parts[0])), let order,
            let checkout = CheckoutID(String(parts[1].prefix { $0 != "-" }))
        else { return .nothing }
        if parts.count > 2, parts[2].hasSuffix("-back") { return .nothing }
        // A refund that was made at PayPal has the note of what it is of; one of ours has its own name in it, too.
        if event["event_type"]?.string == "PAYMENT.CAPTURE.REFUNDED", parts.count == 2 {
            return .returned(tenant: tenant, checkout: checkout)
        }
        return .payment(tenant: tenant, checkout: checkout, key: String(parts[1]), reference: order)
    }
}
