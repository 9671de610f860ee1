internal import AgentRuntime
internal import Experiments
internal import JSON

// Checkout Sessions: Stripe's own page, which the buyer is sent to.

extension Stripe {
    /// Half an hour is the least that Stripe takes; a minute more for clocks that disagree.
    private static let sessionSeconds: Int64 = 1860

    func openSession(_ request: ChargeRequest, _ units: Int64) async -> OpeningOutcome {
        guard let back = request.returnURL else {
            return .refused(
                Decline(
                    code: "return_url_missing",
                    detail: "Stripe's page has to know where to send the buyer back to: say return_url."))
        }
        var form = FormBody()
        form.add("mode", "payment")
        form.add("success_url", ReturnAddress.of(back, checkout: request.checkout.description))
        form.add("cancel_url", ReturnAddress.of(back, checkout: request.checkout.description, isCanceled: true))
        form.add("client_reference_id", request.checkout.description)
        form.add("customer_email", optional: request.email)
        form.add("expires_at", clock.now().milliseconds / 1000 + Self.sessionSeconds)
        // Otherwise the buyer may be charged in another currency than was quoted, or less.
        form.add("adaptive_pricing[enabled]", "false")
        form.add("allow_promotion_codes", "false")
        for (index, line) in items(of: request, units).enumerated() {
            let item = "line_items[\(index)]"
            form.add(item + "[quantity]", line.quantity)
            form.add(item + "[price_data][currency]", request.amount.currency.code.lowercased())
            form.add(item + "[price_data][unit_amount]", line.unitPrice)
            form.add(item + "[price_data][product_data][name]", line.title)
        }
        form.add("metadata[\(PaymentNote.tenant)]", request.tenant.description)
        form.add("metadata[\(PaymentNote.checkout)]", request.checkout.description)
        form.add("metadata[\(PaymentNote.attempt)]", request.key)
        note(request, units, in: &form, prefix: "payment_intent_data")
        switch await post("/v1/checkout/sessions", form, key: Self.key(request, form)) {
        case .done(let session):
            guard let id = session["id"]?.string, id.hasPrefix("cs_"), let url = session["url"]?.string else {
                return .unknown
            }
            return .opened(PaymentOpening(reference: id, url: url))
        case .refused(_, let body): return .refused(Self.decline(body["error"]))
        case .lost: return .unknown
        }
    }

    /// The lines in Stripe's units, if they come to the total there as they do here; else the total in one.
    private func items(of request: ChargeRequest, _ units: Int64) -> [ChargeRequest.Line] {
        let currency = request.amount.currency
        var lines: [ChargeRequest.Line] = []
        var sum: Int64 = 0
        for line in request.lines + [ChargeRequest.Line(title: "Tax", unitPrice: request.taxOnTop, quantity: 1)]
        where line.unitPrice > 0 {
            guard let price = StripeAmount.units(of: Money(amount: line.unitPrice, currency: currency)) else { break }
            let (part, overflow) = price.multipliedReportingOverflow(by: line.quantity)
            let (next, above) = sum.addingReportingOverflow(part)
            if overflow || above { break }
            sum = next
            lines.append(
                ChargeRequest.Line(title: String(line.title.prefix(250)), unitPrice: price, quantity: line.quantity))
        }
        // Stripe's page has at most 100 lines.
        guard sum == units, (1...100).contains(lines.count) else {
            return [ChargeRequest.Line(title: request.checkout.description, unitPrice: units, quantity: 1)]
        }
        return lines
    }

    func findSession(_ session: String) async -> ChargeFinding {
        switch await get(Self.path(ofSession: session) + "?expand%5B%5D=payment_intent") {
        case .done(let found): .known(outcome(ofSession: found))
        case .refused(404, _): .known(.declined(.abandoned))
        case .refused, .lost: .known(.unknown)
        }
    }

    private func outcome(ofSession session: JSONValue) -> ChargeOutcome {
        let intent = session["payment_intent"]
        switch session["status"]?.string {
        case "open": return .waiting(url: session["url"]?.string)
        case "expired": return .declined(.abandoned)
        case "complete":
            guard session["payment_status"]?.string == "paid" else {
                // Paid by something slow, which may yet fail.
                guard intent?["status"]?.string == "requires_payment_method" || intent?["status"]?.string == "canceled"
                else { return .unknown }
                return .declined(Self.decline(intent?["last_payment_error"]))
            }
            guard let payment = intent?["id"]?.string ?? intent?.string,
                let units = session["amount_total"]?.int64,
                let amount = StripeAmount.money(units, session["currency"]?.string ?? "")
            else { return .unknown }
            return .paid(reference: payment, amount: amount)
        default: return .unknown
        }
    }
}
