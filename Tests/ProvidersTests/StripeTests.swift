import AgentRuntime
import Crypto
import Experiments
import JSON
import Synchronization
import Testing

@testable import Providers

/// Stripe's intents, pages and accounts, against a fake of ours; `System` has them against a server of others.
@Suite struct StripeTests {
    private let fake = FakeStripe()

    private func stripe(fee: Int64 = 0) -> Stripe {
        Stripe(
            Stripe.Configuration(
                secretKey: Secret("sk_test_1"), webhookSecrets: [Secret("whsec_old"), Secret("whsec_new")],
                base: "https://stripe.test", applicationFeeBasisPoints: fee), clock: StillClock(), send: fake.send)
    }

    private func opened(_ outcome: OpeningOutcome) throws -> PaymentOpening {
        guard case .opened(let opening) = outcome else {
            Issue.record("\(outcome)")
            throw CheckoutError.notFound
        }
        return opening
    }

    @Test func `an intent takes nothing until it is confirmed, and is paid once`() async throws {
        let stripe = stripe()
        let opening = try opened(await stripe.open(try Requests.charge(payment: "pm_1")))
        let request = try Requests.charge(payment: "pm_1", opening: opening)
        #expect(await stripe.find(request) == .absent)
        let paid = ChargeOutcome.paid(
            reference: opening.reference, amount: Money(amount: 1999, currency: request.amount.currency))
        #expect(await stripe.charge(request) == paid)
        #expect(await stripe.charge(request) == paid, "the intent says that it was confirmed")
        #expect(await stripe.find(request) == .known(paid))
        #expect(await stripe.withdraw(request) == paid)
        let create = try #require(fake.calls("/v1/payment_intents").first)
        #expect(create.form["amount"] == "1999" && create.form["currency"] == "usd" && create.form["confirm"] == nil)
        #expect(create.form["metadata[cournot_attempt]"] == request.key)
        #expect(create.headers["Idempotency-Key"]?.hasPrefix(request.key) == true)
        #expect(create.headers["Authorization"] == "Bearer sk_test_1")
    }

    @Test func `a lost answer is unknown, and asking by the intent's name says what became of it`() async throws {
        let stripe = stripe()
        let opening = try opened(await stripe.open(try Requests.charge(payment: "pm_1")))
        let request = try Requests.charge(payment: "pm_1", opening: opening)
        fake.state.withLock { $0.losesAnswers = true }
        #expect(await stripe.charge(request) == .unknown)
        fake.state.withLock { $0.losesAnswers = false }
        guard case .known(.paid) = await stripe.find(request) else {
            Issue.record("not found")
            return
        }
        for status in [500, 503, 409, 429, 401] {
            fake.state.withLock { $0.status = status }
            #expect(await stripe.find(request) == .known(.unknown), "\(status)")
            #expect(await stripe.charge(request) == .unknown, "\(status)")
            #expect(await stripe.open(try Requests.charge(payment: "pm_1")) == .unknown, "\(status)")
            #expect(await stripe.refund(try Requests.refund(opening.reference, 1)) == .unknown, "\(status)")
        }
    }

    @Test func `a decline is told by its code, and its intent can never be paid`() async throws {
        fake.state.withLock { $0.confirms = "insufficient_funds" }
        let stripe = stripe()
        let opening = try opened(await stripe.open(try Requests.charge(payment: "pm_1")))
        let request = try Requests.charge(payment: "pm_1", opening: opening)
        let outcome = await stripe.charge(request)
        #expect(outcome == .declined(Decline(code: "insufficient_funds", detail: "Your card was declined.")))
        #expect(fake.state.withLock { $0.objects[opening.reference]?["status"] } == "canceled")
        fake.state.withLock { $0.confirms = "succeeded" }
        #expect(await stripe.charge(request) == outcome)
    }

    @Test func `who has to be asked by the bank is sent there, and what is processed is waited for`() async throws {
        let stripe = stripe()
        for (confirms, wanted) in [
            ("requires_action", ChargeOutcome.waiting(url: "https://bank.test/3ds")), ("processing", .unknown),
        ] {
            fake.state.withLock { $0.confirms = confirms }
            let opening = try opened(await stripe.open(try Requests.charge(payment: "pm_1")))
            let request = try Requests.charge(payment: "pm_1", opening: opening, returnURL: "https://shop.test/")
            #expect(await stripe.charge(request) == wanted)
            #expect(await stripe.find(request) == .known(wanted))
            #expect(fake.calls("/v1/payment_intents/\(opening.reference)/confirm").last?.form["return_url"] != nil)
        }
    }

    @Test(arguments: ["tok_visa", "pm_1&amount=1", "pm_" + String(repeating: "x", count: 300), ""])
    func `what is no payment method is not sent`(token: String) async throws {
        guard case .refused(let decline) = await stripe().open(try Requests.charge(payment: token)) else {
            Issue.record("taken")
            return
        }
        #expect(decline.code == "payment_unknown" && fake.last == nil)
    }

    @Test func `Stripe's page asks for just the lines of the checkout, in the currency quoted`() async throws {
        let stripe = stripe(fee: 250)
        let lines = [
            ChargeRequest.Line(title: "Kaffee & Tee", unitPrice: 1000, quantity: 2),
            ChargeRequest.Line(title: "Mug", unitPrice: 499, quantity: 1),
        ]
        let settings = PaymentSettings(stripeAccount: "acct_1")
        let ask = try Requests.charge(
            2749, "EUR", returnURL: "https://shop.test/thanks?a=1#end", lines: lines, taxOnTop: 250,
            settings: settings)
        let opening = try opened(await stripe.open(ask))
        #expect(opening.url?.hasPrefix("https://pay.test/") == true)
        let form = try #require(fake.last).form
        for (name, value) in [
            "mode": "payment", "adaptive_pricing[enabled]": "false", "allow_promotion_codes": "false",
            "success_url": "https://shop.test/thanks?a=1&cournot_checkout=\(ask.checkout)#end",
            "line_items[0][price_data][product_data][name]": "Kaffee & Tee",
            "line_items[0][price_data][unit_amount]": "1000", "line_items[0][quantity]": "2",
            "line_items[2][price_data][unit_amount]": "250", "line_items[2][price_data][currency]": "eur",
            "payment_intent_data[transfer_data][destination]": "acct_1",
            "payment_intent_data[application_fee_amount]": "69", "payment_intent_data[on_behalf_of]": "acct_1",
            "payment_intent_data[metadata][cournot_checkout]": ask.checkout.description,
            "expires_at": String(StillClock.time.milliseconds / 1000 + 1860),
        ] {
            #expect(form[name] == value, "\(name)")
        }
        let request = try Requests.charge(2749, "EUR", opening: opening)
        #expect(await stripe.charge(request) == .waiting(url: opening.url))
        fake.pay(opening.reference)
        guard case .known(.paid(let payment, let amount)) = await stripe.find(request) else {
            Issue.record("not paid")
            return
        }
        #expect(payment.hasPrefix("pi_") && amount == request.amount)
        guard case .paid = await stripe.withdraw(request) else {
            Issue.record("withdrawn though paid")
            return
        }
    }

    @Test func `a page that is withdrawn cannot be paid any more`() async throws {
        let stripe = stripe()
        let opening = try opened(await stripe.open(try Requests.charge(returnURL: "https://shop.test/")))
        let request = try Requests.charge(opening: opening)
        #expect(await stripe.withdraw(request) == .declined(.abandoned))
        fake.pay(opening.reference)
        #expect(await stripe.find(request) == .known(.declined(.abandoned)))
    }

    @Test func `a refund is paid back once, never more than was paid, and takes back what went to an account`()
        async throws
    {
        let stripe = stripe(fee: 100)
        let settings = PaymentSettings(stripeAccount: "acct_1", isMerchantOfRecord: false)
        let opening = try opened(await stripe.open(try Requests.charge(payment: "pm_1", settings: settings)))
        _ = await stripe.charge(try Requests.charge(payment: "pm_1", opening: opening))
        #expect(fake.calls("/v1/payment_intents").last?.form["on_behalf_of"] == nil)
        fake.state.withLock { $0.losesAnswers = true }
        let request = try Requests.refund(opening.reference, 1500)
        #expect(await stripe.refund(request) == .unknown)
        fake.state.withLock { $0.losesAnswers = false }
        guard case .succeeded(let reference) = await stripe.refund(request) else {
            Issue.record("not known")
            return
        }
        #expect(await stripe.refund(request) == .succeeded(reference: reference))
        let posts = fake.calls("/v1/refunds")
        #expect(posts.count == 1, "asked again it is looked up")
        #expect(posts[0].form["reverse_transfer"] == "true" && posts[0].form["refund_application_fee"] == "true")
        #expect(posts[0].headers["Idempotency-Key"] == "ref_1")
        guard
            case .refused(let decline) = await stripe.refund(try Requests.refund(opening.reference, 500, key: "ref_2"))
        else {
            Issue.record("more than was paid")
            return
        }
        #expect(decline.code == "over_refund")
        #expect(await stripe.refund(try Requests.refund(opening.reference, 499, key: "ref_3")) != .unknown)
    }

    // MARK: Messages

    private func signed(_ body: String, _ secret: String, at seconds: Int64) -> String {
        HMACSHA256(key: Secret(secret)).authenticationCode(for: "\(seconds).\(body)").hex
    }

    private func hear(_ body: String, _ header: String?) async -> ProviderHint {
        await stripe().hear(
            ProviderMessage(
                headers: header.map { [("stripe-signature", $0)] } ?? [], body: Array(body.utf8),
                receivedAt: StillClock.time))
    }

    @Test func `a message is heard under any of the secrets, within five minutes, and otherwise not`() async throws {
        let request = try Requests.charge()
        let body = """
            {"id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"object":"payment_intent","id":"pi_9",\
            "metadata":{"cournot_tenant":"\(request.tenant)","cournot_checkout":"\(request.checkout)",\
            "cournot_attempt":"\(request.key)"}}}}
            """
        let now = StillClock.time.milliseconds / 1000
        let hint = ProviderHint.payment(
            tenant: request.tenant, checkout: request.checkout, key: request.key, reference: "pi_9")
        for secret in ["whsec_old", "whsec_new"] {
            for time in [now - 300, now, now + 300] {
                let code = signed(body, secret, at: time)
                #expect(await hear(body, "t=\(time),v1=\(code)") == hint)
                #expect(await hear(body, "t=\(time),v1=\(String(repeating: "0", count: 64)),v1=\(code),v0=x") == hint)
            }
        }
        let good = signed(body, "whsec_old", at: now)
        for header in [
            nil, "", "v1=\(good)", "t=\(now)", "t=\(now),v1=", "t=\(now),v1=\(good.dropLast())", "t=x,v1=\(good)",
            "t=\(now),v0=\(good)", "t=\(now + 1),v1=\(good)", "t=\(now),v1=\(signed(body, "whsec_no", at: now))",
            "t=\(now - 301),v1=\(signed(body, "whsec_old", at: now - 301))",
            "t=\(Int64.min),v1=\(signed(body, "whsec_old", at: Int64.min))",
        ] as [String?] {
            guard case .forged = await hear(body, header) else {
                Issue.record("heard: \(header ?? "nothing")")
                continue
            }
        }
        guard case .forged = await hear(body + " ", "t=\(now),v1=\(good)") else {
            Issue.record("heard though changed")
            return
        }
    }

    @Test(arguments: [
        #"{"type":"customer.created","data":{"object":{"object":"customer","id":"cus_1"}}}"#,
        #"{"type":"payment_intent.succeeded","data":{"object":{"object":"payment_intent","id":"pi_1","metadata":{}}}}"#,
        #"{"type":"x"}"#, "[]", "no JSON",
    ])
    func `what is of nothing of ours is heard and does nothing`(body: String) async {
        let now = StillClock.time.milliseconds / 1000
        #expect(await hear(body, "t=\(now),v1=\(signed(body, "whsec_new", at: now))") == .nothing)
    }

    // MARK: What went back there

    private func told(_ object: String, type: String = "x") async -> ProviderHint {
        let now = StillClock.time.milliseconds / 1000
        let body = #"{"type":"\#(type)","data":{"object":\#(object)}}"#
        return await hear(body, "t=\(now),v1=\(signed(body, "whsec_new", at: now))")
    }

    @Test func `a refund or dispute without a note of ours is looked up by its payment`() async throws {
        let request = try Requests.charge(payment: "pm_1")
        let opening = try opened(await stripe().open(request))
        let (tenant, checkout) = (request.tenant, request.checkout)
        let back = ProviderHint.returned(tenant: tenant, checkout: checkout)
        let intent = opening.reference
        for status in ["succeeded", "failed", "canceled"] {
            let refund = #"{"object":"refund","status":"\#(status)","payment_intent":"\#(intent)","metadata":{}}"#
            #expect(await told(refund) == back)
        }
        #expect(await told(#"{"object":"dispute","id":"dp_1","payment_intent":"\#(intent)"}"#) == back)
        let note = #"{"cournot_tenant":"\#(tenant)","cournot_checkout":"\#(checkout)"}"#
        #expect(
            await told(
                #"{"object":"charge","id":"ch_1","payment_intent":"pi_x","metadata":\#(note)}"#, type: "charge.refunded"
            )
                == back)
        // A payment that is none of ours, and one that nobody can be asked about now.
        #expect(await told(#"{"object":"dispute","id":"dp_1","payment_intent":"pi_none"}"#) == .nothing)
        #expect(await told(#"{"object":"dispute","id":"dp_1","payment_intent":null}"#) == .nothing)
        fake.state.withLock { $0.status = 500 }
        #expect(await told(#"{"object":"dispute","id":"dp_1","payment_intent":"\#(intent)"}"#) == .unverified)
    }

    @Test func `only what went back without being asked for here is told`() async throws {
        fake.state.withLock { state in
            state.refunds = [
                ["id": "re_1", "status": "succeeded", "amount": 300, "currency": "usd", "metadata": [:]],
                ["id": "re_2", "status": "pending", "amount": 300, "currency": "usd", "metadata": [:]],
                [
                    "id": "re_3", "status": "succeeded", "amount": 300, "currency": "usd",
                    "metadata": ["cournot_refund": "ref_1"],
                ],
                ["id": "re_4", "status": "succeeded", "amount": -1, "currency": "usd"],
                ["id": "re_5", "status": "succeeded", "amount": 1, "currency": "zzz"],
                // A bank sent back what had succeeded: one made at Stripe, and one of ours.
                [
                    "id": "re_6", "status": "failed", "amount": 300, "currency": "usd", "metadata": [:],
                    "failure_reason": "expired_or_canceled_card",
                ],
                [
                    "id": "re_7", "status": "canceled", "amount": 300, "currency": "usd",
                    "metadata": ["cournot_refund": "ref_2"],
                ],
            ]
            state.disputes = [
                ["id": "dp_1", "status": "needs_response", "amount": 500, "currency": "usd", "reason": "fraudulent"],
                ["id": "dp_2", "status": "lost", "amount": 500, "currency": "usd", "reason": "general"],
                ["id": "dp_3", "status": "warning_closed", "amount": 500, "currency": "usd"],
            ]
        }
        let usd = try #require(Currency("USD"))
        let (three, five) = (Money(amount: 300, currency: usd), Money(amount: 500, currency: usd))
        #expect(
            await stripe().returns(of: "pi_1", opening: nil, disputes: []) == [
                ProviderReturn(reference: "re_1", amount: three, kind: .refund),
                ProviderReturn(
                    reference: "re_6", amount: three,
                    kind: .undone(
                        Decline(code: "expired_or_canceled_card", detail: "Stripe could not pay it back."))),
                ProviderReturn(
                    reference: "re_7", amount: three,
                    kind: .undone(Decline(code: "refund_failed", detail: "Stripe could not pay it back."))),
                ProviderReturn(reference: "dp_1", amount: five, kind: .dispute(.open, reason: "fraudulent")),
                ProviderReturn(reference: "dp_2", amount: five, kind: .dispute(.lost, reason: "general")),
                ProviderReturn(reference: "dp_3", amount: five, kind: .dispute(.won, reason: nil)),
            ])
        fake.state.withLock { $0.status = 500 }
        #expect(await stripe().returns(of: "pi_1", opening: nil, disputes: []) == nil)
    }
}
