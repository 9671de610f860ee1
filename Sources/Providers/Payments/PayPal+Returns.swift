public import AgentRuntime
internal import Experiments
internal import JSON

extension PayPal {
    /// Refunds of the order without a name of ours, those that came to nothing, and the disputes that are known of.
    ///
    /// - Note: disputes are read one by one, for PayPal lists those of half a year only.
    public func returns(
        of payment: String, opening: PaymentOpening?, disputes: [String]
    ) async -> [ProviderReturn]? {
        var told: [ProviderReturn] = []
        if let order = opening?.reference {
            guard case .done(let found) = await ask("GET", Self.path(of: order)) else { return nil }
            let refunds = found["purchase_units"]?.array?.first?["payments"]?["refunds"]?.array ?? []
            told += refunds.compactMap(Self.refunded)
        }
        for id in disputes {
            switch await ask("GET", "/v1/customer/disputes/" + FormBody.pathSegment(id)) {
            case .done(let dispute): if let one = Self.contested(dispute, payment) { told.append(one) }
            case .refused(404, _): continue
            case .refused, .lost: return nil
            }
        }
        return told
    }

    private static func refunded(_ refund: JSONValue) -> ProviderReturn? {
        guard let id = refund["id"]?.string, let amount = money(refund["amount"]), amount.amount > 0 else { return nil }
        switch outcome(ofRefund: refund) {
        case .refused(let decline): return ProviderReturn(reference: id, amount: amount, kind: .undone(decline))
        case .succeeded:
            let note = refund["custom_id"]?.string ?? ""
            guard note.split(separator: " ").count < 3 else { return nil }
            return ProviderReturn(reference: id, amount: amount, kind: .refund)
        case .unknown: return nil
        }
    }

    /// Source: PayPal's Disputes API v1, `openapi/customer_disputes_v1.json` of its published specifications.
    private static func contested(_ dispute: JSONValue, _ payment: String) -> ProviderReturn? {
        let contested = dispute["disputed_transactions"]?.array ?? []
        guard let id = dispute["dispute_id"]?.string,
            contested.contains(where: { $0["seller_transaction_id"]?.string == payment }),
            let amount = money(dispute["dispute_amount"]), amount.amount > 0
        else { return nil }
        let reason = dispute["reason"]?.string?.lowercased()
        func told(_ status: Dispute.Status, _ amount: Money) -> ProviderReturn {
            ProviderReturn(reference: id, amount: amount, kind: .dispute(status, reason: reason))
        }
        guard dispute["status"]?.string == "RESOLVED" else { return told(.open, amount) }
        // What the settlement took from the merchant, where PayPal says it: PayPal may have paid instead, or in part.
        if let taken = settled(dispute, amount.currency) {
            return taken > 0 ? told(.lost, Money(amount: taken, currency: amount.currency)) : told(.won, amount)
        }
        let outcome = dispute["dispute_outcome"]
        guard ["RESOLVED_BUYER_FAVOUR", "ACCEPTED"].contains(outcome?["outcome_code"]?.string ?? "") else {
            return told(.won, amount)
        }
        return told(.lost, money(outcome?["amount_refunded"]) ?? amount)
    }

    /// What a dispute's settlement took from the merchant, less what came back; nil where PayPal tells of none. Fees are
    /// no revenue of the order's.
    private static func settled(_ dispute: JSONValue, _ currency: Currency) -> Int64? {
        let movements = (dispute["money_movements"]?.array ?? []).filter {
            $0["reason"]?.string == "DISPUTE_SETTLEMENT"
        }
        guard !movements.isEmpty else { return nil }
        var taken: Int64 = 0
        for movement in movements.prefix(100) where movement["affected_party"]?.string == "SELLER" {
            guard let amount = money(movement["amount"]), amount.currency == currency else { continue }
            taken += movement["type"]?.string == "CREDIT" ? -amount.amount : amount.amount
        }
        return taken
    }
}
