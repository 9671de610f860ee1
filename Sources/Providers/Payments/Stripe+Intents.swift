internal import AgentRuntime
internal import Experiments
internal import JSON

// PaymentIntents: for buyers whose payment method is known.

extension Stripe {
    /// Makes an intent and does not confirm it: it takes nothing.
    func openIntent(_ request: ChargeRequest, _ units: Int64) async -> OpeningOutcome {
        guard let payment = request.payment, Self.isToken(payment) else {
            return .refused(
                Decline(
                    code: "payment_unknown", detail: "Stripe takes payment methods (pm_…) and agents' tokens (spt_…)."))
        }
        var form = FormBody()
        form.add("amount", units)
        form.add("currency", request.amount.currency.code.lowercased())
        if payment.hasPrefix("spt_") {
            form.add("payment_method_data[shared_payment_granted_token]", payment)
        } else {
            form.add("payment_method", payment)
        }
        form.add("payment_method_types[]", "card")
        note(request, units, in: &form)
        switch await post("/v1/payment_intents", form, key: Self.key(request, form)) {
        case .done(let intent):
            guard let id = intent["id"]?.string, id.hasPrefix("pi_") else { return .unknown }
            return .opened(PaymentOpening(reference: id))
        case .refused(_, let body): return .refused(Self.decline(body["error"]))
        case .lost: return .unknown
        }
    }

    func confirm(_ intent: String, _ request: ChargeRequest) async -> ChargeOutcome {
        var form = FormBody()
        form.add(
            "return_url",
            optional: request.returnURL.map { ReturnAddress.of($0, checkout: request.checkout.description) })
        let error: JSONValue?
        switch await post(Self.path(of: intent) + "/confirm", form, key: Self.key(request, form)) {
        case .done(let confirmed):
            switch await finding(confirmed) {
            case .known(let outcome): return outcome
            case .absent: return .unknown
            }
        case .lost: return .unknown
        case .refused(_, let body): error = body["error"]
        }
        // Declined, or confirmed by somebody else before: the intent itself knows.
        switch await findIntent(intent) {
        case .known(let outcome): return outcome
        case .absent: return await giveUp(intent, Self.decline(error))
        }
    }

    func findIntent(_ intent: String) async -> ChargeFinding {
        switch await get(Self.path(of: intent)) {
        case .done(let found): await finding(found)
        case .refused(404, _): .absent
        case .refused, .lost: .known(.unknown)
        }
    }

    /// What an intent's state says of the money.
    func finding(_ intent: JSONValue) async -> ChargeFinding {
        guard let id = intent["id"]?.string else { return .known(.unknown) }
        let error = intent["last_payment_error"].flatMap { $0.object == nil ? nil : $0 }
        switch intent["status"]?.string {
        case "succeeded":
            guard let units = intent["amount_received"]?.int64 ?? intent["amount"]?.int64,
                let amount = StripeAmount.money(units, intent["currency"]?.string ?? "")
            else { return .known(.unknown) }
            return .known(.paid(reference: id, amount: amount))
        case "requires_action":
            return .known(.waiting(url: intent["next_action"]?["redirect_to_url"]?["url"]?.string))
        case "canceled": return .known(.declined(error.map(Self.decline) ?? .abandoned))
        case "requires_payment_method":
            // Declined; the next attempt has an intent of its own, and this one ends.
            guard let error else { return .absent }
            return .known(await giveUp(id, Self.decline(error)))
        case "requires_confirmation": return .absent
        default: return .known(.unknown)
        }
    }

    /// Ends an intent that was not paid, so that it never is.
    private func giveUp(_ intent: String, _ decline: Decline) async -> ChargeOutcome {
        switch await post(Self.path(of: intent) + "/cancel", FormBody()) {
        case .done, .refused(404, _): .declined(decline)
        case .refused:
            // Canceled before, or paid meanwhile.
            switch await get(Self.path(of: intent)) {
            case .done(let found) where found["status"]?.string == "canceled": .declined(decline)
            default: .unknown
            }
        case .lost: .unknown
        }
    }

    /// 1 to 255 letters, digits and underscores, of a kind that Stripe takes.
    private static func isToken(_ text: String) -> Bool {
        ["pm_", "card_", "src_", "spt_"].contains { text.hasPrefix($0) } && text.utf8.count <= 255
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
