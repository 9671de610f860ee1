public import AgentRuntime
internal import Experiments
internal import JSON

extension Stripe {
    /// Refunds without a note of ours, those that came to nothing, and disputes.
    public func returns(
        of payment: String, opening: PaymentOpening?, disputes: [String]
    ) async -> [ProviderReturn]? {
        let query = "?limit=100&payment_intent=" + FormBody.pathSegment(payment)
        guard let refunds = await list("/v1/refunds" + query), let disputes = await list("/v1/disputes" + query) else {
            return nil
        }
        return refunds.compactMap(Self.refunded) + disputes.compactMap(Self.contested)
    }

    private func list(_ path: String) async -> [JSONValue]? {
        switch await get(path) {
        case .done(let list): list["data"]?.array ?? []
        // Where there is no such list there is nothing in it.
        case .refused(404, _): []
        case .refused, .lost: nil
        }
    }

    /// A bank may send back what succeeded: then it is `failed`, days later.
    private static func refunded(_ refund: JSONValue) -> ProviderReturn? {
        if case .refused(let decline) = outcome(ofRefund: refund) { return made(of: refund, .undone(decline)) }
        guard refund["status"]?.string == "succeeded", refund["metadata"]?[PaymentNote.refund] == nil else {
            return nil
        }
        return made(of: refund, .refund)
    }

    private static func contested(_ dispute: JSONValue) -> ProviderReturn? {
        let status: Dispute.Status =
            switch dispute["status"]?.string {
            case "lost": .lost
            // Of an inquiry that was closed nothing was taken.
            case "won", "warning_closed", "prevented": .won
            default: .open
            }
        return made(of: dispute, .dispute(status, reason: dispute["reason"]?.string))
    }

    private static func made(of object: JSONValue, _ kind: ProviderReturn.Kind) -> ProviderReturn? {
        guard let id = object["id"]?.string, let units = object["amount"]?.int64,
            let amount = StripeAmount.money(units, object["currency"]?.string ?? ""), amount.amount > 0
        else { return nil }
        return ProviderReturn(reference: id, amount: amount, kind: kind)
    }
}
