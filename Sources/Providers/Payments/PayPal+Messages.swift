public import AgentRuntime
internal import Experiments
internal import JSON

extension PayPal {
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
        let (type, resource) = (event["event_type"]?.string ?? "", event["resource"])
        if type.hasPrefix("CUSTOMER.DISPUTE.") { return await disputed(resource) }
        let isRefund =
            ["PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED"].contains(type) || type.hasPrefix("PAYMENT.REFUND.")
        if isRefund { return await refunded(resource) }
        let unit = resource?["purchase_units"]?.array?.first
        let note = Note(resource?["custom_id"]?.string ?? unit?["custom_id"]?.string)
        let order = resource?["supplementary_data"]?["related_ids"]?["order_id"]?.string ?? resource?["id"]?.string
        guard let note, let order else { return .nothing }
        return .payment(tenant: note.tenant, checkout: note.checkout, key: note.key, reference: order)
    }

    private func refunded(_ refund: JSONValue?) async -> ProviderHint {
        // A refund that was made at PayPal has the note of what it is of; one of ours has its own name in it, too. What
        // PayPal took back itself may have none: then what it is of has one.
        if let note = Note(refund?["custom_id"]?.string) {
            if note.refund?.hasSuffix("-back") == true { return .nothing }
            return .returned(tenant: note.tenant, checkout: note.checkout)
        }
        let capture = (refund?["links"]?.array ?? []).first { $0["rel"]?.string == "up" }?["href"]?.string
        guard let capture = capture?.split(separator: "/").last else { return .nothing }
        return await hint(of: String(capture), dispute: nil)
    }

    private func disputed(_ dispute: JSONValue?) async -> ProviderHint {
        guard let id = dispute?["dispute_id"]?.string else { return .nothing }
        for transaction in (dispute?["disputed_transactions"]?.array ?? []).prefix(10) {
            guard let capture = transaction["seller_transaction_id"]?.string else { continue }
            let hint = await hint(of: capture, dispute: id)
            guard case .nothing = hint else { return hint }
        }
        return .nothing
    }

    /// Whose a capture is: it has the note of its order.
    private func hint(of capture: String, dispute: String?) async -> ProviderHint {
        switch await ask("GET", "/v2/payments/captures/" + FormBody.pathSegment(capture)) {
        case .done(let found):
            guard let note = Note(found["custom_id"]?.string) else { return .nothing }
            return .returned(tenant: note.tenant, checkout: note.checkout, dispute: dispute)
        case .refused: return .nothing
        case .lost: return .unverified
        }
    }

    /// What was noted with an order or a refund: the tenant, the attempt's key, or the checkout and the refund's key.
    private struct Note {
        let tenant: TenantID
        let checkout: CheckoutID
        let key: String
        let refund: String?

        /// Nil for what is no note of ours.
        init?(_ text: String?) {
            let parts = (text ?? "").split(separator: " ").map(String.init)
            guard (2...3).contains(parts.count), let tenant = TenantID(parts[0]),
                let checkout = CheckoutID(String(parts[1].prefix { $0 != "-" }))
            else { return nil }
            (self.tenant, self.checkout, key) = (tenant, checkout, parts[1])
            refund = parts.count == 3 ? parts[2] : nil
        }
    }
}
