import AgentRuntime
import Crypto
import Experiments
import JSON
import Testing

@testable import Providers

/// Razorpay's orders, against a script of ours.
@Suite struct RazorpayTests {
    private let server = ReplyTable("https://razorpay.test")

    private var razorpay: Razorpay {
        Razorpay(
            Razorpay.Configuration(
                keyID: "rzp_1", keySecret: Secret("key-secret"), webhookSecret: Secret("hook-secret"),
                base: "https://razorpay.test"), send: server.send)
    }

    private func payment(_ status: String, amount: Int64 = 49_900) -> JSONValue {
        [
            "id": "pay_1", "status": .string(status), "amount": .integer(amount), "currency": "INR",
            "order_id": "order_1",
        ]
    }

    private func request(_ token: String? = nil, mayFinish: Bool = true) throws -> ChargeRequest {
        try Requests.charge(
            49_900, "INR", payment: token, opening: PaymentOpening(reference: "order_1"), mayFinish: mayFinish)
    }

    private func token(_ order: String = "order_1", secret: String = "key-secret") -> String {
        "pay_1." + HMACSHA256(key: Secret(secret)).authenticationCode(for: "\(order)|pay_1").hex
    }

    private let list = "GET /v1/orders/order_1/payments"

    @Test func `an order is paid in the window and known by its payments`() async throws {
        server.answer("POST /v1/orders", ["id": "order_1", "status": "created"])
        #expect(
            await razorpay.open(try Requests.charge(49_900, "INR")) == .opened(PaymentOpening(reference: "order_1")))
        let made = try #require(server.calls("POST /v1/orders").first)
        #expect(made.json["amount"] == 49_900 && made.json["currency"] == "INR")
        #expect((made.json["receipt"]?.string?.utf8.count ?? 99) <= 40)
        #expect(made.json["notes"]?["cournot_checkout"]?.string?.hasPrefix("chk_") == true)

        server.answer(list, ["items": []])
        #expect(await razorpay.charge(try request()) == .waiting(url: nil))
        server.answer(list, ["items": [payment("failed"), payment("authorized")]])
        #expect(await razorpay.find(try request(mayFinish: false)) == .known(.waiting(url: nil)))
        #expect(await razorpay.find(try request()) == .known(.unknown), "no answer to the capture")
        server.answer("POST /v1/payments/pay_1/capture", payment("captured"))
        let inr = try #require(Currency("INR"))
        let paid = ChargeOutcome.paid(reference: "pay_1", amount: Money(amount: 49_900, currency: inr))
        #expect(await razorpay.charge(try request(token())) == paid)
        server.answer(list, ["items": [payment("captured")]])
        #expect(await razorpay.find(try request()) == .known(paid))
        #expect(await razorpay.withdraw(try request()) == paid)
    }

    @Test func `what the window hands back counts only under the key's own secret`() async throws {
        #expect(razorpay.isGenuine(token(), for: "order_1"))
        for wrong in [
            token("order_2"), token(secret: "hook-secret"), "pay_1", "pay_1.", "pay_1.zz", "", token() + "00",
            "pay_2" + token().dropFirst(5),
        ] {
            #expect(!razorpay.isGenuine(wrong, for: "order_1"), "\(wrong)")
        }
        server.answer(list, ["items": [payment("captured")]])
        #expect(await razorpay.charge(try request("pay_1.00")) == .waiting(url: nil))
    }

    @Test func `another amount than is due is not taken`() async throws {
        server.answer(list, ["items": [payment("authorized", amount: 49_901)]])
        #expect(await razorpay.find(try request()) == .known(.waiting(url: nil)))
        #expect(server.calls("POST /v1/payments/pay_1/capture").isEmpty)
    }

    @Test func `a refund is looked up before it is asked for`() async throws {
        let refund = try Requests.refund("pay_1", 900, "INR")
        let looked = "GET /v1/payments/pay_1/refunds?count=100"
        server.answer(looked, ["items": []])
        server.answer("POST /v1/payments/pay_1/refund", ["id": "rfnd_1", "status": "processed"])
        #expect(await razorpay.refund(refund) == .succeeded(reference: "rfnd_1"))
        server.answer(
            looked, ["items": [["id": "rfnd_1", "status": "processed", "notes": ["cournot_refund": "ref_1"]]]])
        #expect(await razorpay.refund(refund) == .succeeded(reference: "rfnd_1"))
        #expect(server.calls("POST /v1/payments/pay_1/refund").count == 1)
    }

    @Test func `a message is heard under the webhook's secret, which is not the key's`() async throws {
        let request = try Requests.charge(49_900, "INR")
        let body = Array(
            """
            {"event":"payment.captured","payload":{"payment":{"entity":{"id":"pay_1","order_id":"order_1","notes":\
            {"cournot_tenant":"\(request.tenant)","cournot_checkout":"\(request.checkout)",\
            "cournot_attempt":"\(request.key)"}}}}}
            """.utf8)
        func hear(_ secret: String, _ sent: [UInt8]) async -> ProviderHint {
            let code = HMACSHA256(key: Secret(secret)).authenticationCode(for: body).hex
            return await razorpay.hear(
                ProviderMessage(
                    headers: [("x-razorpay-signature", code)], body: sent, receivedAt: StillClock.time))
        }
        #expect(
            await hear("hook-secret", body)
                == .payment(
                    tenant: request.tenant, checkout: request.checkout, key: request.key, reference: "order_1"))
        for forged in [await hear("key-secret", body), await hear("hook-secret", body + [32])] {
            guard case .forged = forged else {
                Issue.record("heard")
                continue
            }
        }
    }

    @Test func `a refund made at Razorpay, without notes, is told of by its payment`() async throws {
        let request = try Requests.charge(49_900, "INR")
        func hear(_ notes: String) async -> ProviderHint {
            let body = Array(
                """
                {"event":"refund.processed","payload":{"refund":{"entity":{"id":"rfnd_1","notes":\(notes)}},"payment":\
                {"entity":{"id":"pay_1","order_id":"order_1","notes":{"cournot_tenant":"\(request.tenant)",\
                "cournot_checkout":"\(request.checkout)","cournot_attempt":"\(request.key)"}}}}}
                """.utf8)
            let code = HMACSHA256(key: Secret("hook-secret")).authenticationCode(for: body).hex
            return await razorpay.hear(
                ProviderMessage(headers: [("x-razorpay-signature", code)], body: body, receivedAt: StillClock.time))
        }
        #expect(await hear("[]") == .returned(tenant: request.tenant, checkout: request.checkout))
        let own = #"{"cournot_tenant":"\#(request.tenant)","cournot_checkout":"\#(request.checkout)","#
        let ours = await hear(own + #""cournot_refund":"ref_1"}"#)
        #expect(ours == .returned(tenant: request.tenant, checkout: request.checkout))
        #expect(await hear(own + #""cournot_refund":"pay_1-back"}"#) == .nothing)
        let list = "GET /v1/payments/pay_1/refunds?count=100"
        #expect(await razorpay.returns(of: "pay_1", opening: nil, disputes: []) == nil, "Razorpay does not answer")
        server.answer(
            list,
            [
                "items": [
                    ["id": "rfnd_1", "status": "processed", "amount": 900, "currency": "INR", "notes": []],
                    ["id": "rfnd_2", "status": "pending", "amount": 900, "currency": "INR", "notes": []],
                    [
                        "id": "rfnd_3", "status": "processed", "amount": 900, "currency": "INR",
                        "notes": ["cournot_refund": "ref_1"],
                    ],
                    [
                        "id": "rfnd_4", "status": "failed", "amount": 900, "currency": "INR",
                        "notes": ["cournot_refund": "ref_2"],
                    ],
                ]
            ])
        let nine = Money(amount: 900, currency: request.amount.currency)
        #expect(
            await razorpay.returns(of: "pay_1", opening: nil, disputes: []) == [
                ProviderReturn(reference: "rfnd_1", amount: nine, kind: .refund),
                ProviderReturn(
                    reference: "rfnd_4", amount: nine,
                    kind: .undone(Decline(code: "refund_failed", detail: "Razorpay could not pay it back."))),
            ])
    }

    @Test func `a dispute is told of by its payment or that one's order, and read by its name`() async throws {
        let request = try Requests.charge(49_900, "INR")
        let note: JSONValue = [
            "cournot_tenant": .string(request.tenant.description),
            "cournot_checkout": .string(request.checkout.description),
        ]
        func hear(_ notes: JSONValue) async -> ProviderHint {
            let event: JSONValue = [
                "event": "payment.dispute.lost", "contains": ["payment", "dispute"],
                "payload": [
                    "payment": ["entity": ["id": "pay_1", "order_id": "order_1", "notes": notes]],
                    "dispute": ["entity": ["id": "disp_1", "payment_id": "pay_1", "status": "lost"]],
                ],
            ]
            let body = event.serialized()
            let code = HMACSHA256(key: Secret("hook-secret")).authenticationCode(for: body).hex
            return await razorpay.hear(
                ProviderMessage(headers: [("x-razorpay-signature", code)], body: body, receivedAt: StillClock.time))
        }
        let back = ProviderHint.returned(tenant: request.tenant, checkout: request.checkout, dispute: "disp_1")
        #expect(await hear(note) == back)
        // The shop's page gave the payment notes of its own.
        #expect(await hear(["page": "mine"]) == .unverified, "Razorpay does not answer")
        server.answer("GET /v1/orders/order_1", ["id": "order_1", "notes": note])
        #expect(await hear(["page": "mine"]) == back)
        server.answer("GET /v1/orders/order_1", ["id": "order_1", "notes": []])
        #expect(await hear([]) == .nothing)

        server.answer("GET /v1/payments/pay_1/refunds?count=100", ["items": []])
        #expect(await razorpay.returns(of: "pay_1", opening: nil, disputes: ["disp_1"]) == nil, "no answer")
        let inr = request.amount.currency
        for (status, deducted, expected, amount) in [
            ("open", 0, .open, 900), ("under_review", 0, .open, 900), ("won", 0, .won, 900), ("closed", 0, .won, 900),
            ("lost", 0, .lost, 900), ("lost", 700, .lost, 700), ("lost", 901, .lost, 900),
        ] as [(String, Int64, Dispute.Status, Int64)] {
            server.answer(
                "GET /v1/disputes/disp_1",
                [
                    "id": "disp_1", "payment_id": "pay_1", "amount": 900, "currency": "INR",
                    "status": .string(status), "amount_deducted": .integer(deducted), "reason_code": "chargeback",
                ])
            #expect(
                await razorpay.returns(of: "pay_1", opening: nil, disputes: ["disp_1"]) == [
                    ProviderReturn(
                        reference: "disp_1", amount: Money(amount: amount, currency: inr),
                        kind: .dispute(expected, reason: "chargeback"))
                ])
        }
        #expect(await razorpay.returns(of: "pay_2", opening: nil, disputes: []) == nil)
        server.answer("GET /v1/payments/pay_2/refunds?count=100", ["items": []])
        #expect(await razorpay.returns(of: "pay_2", opening: nil, disputes: ["disp_1"]) == [], "another payment's")
        server.answer("GET /v1/disputes/disp_1", ["error": ["code": "BAD_REQUEST_ERROR"]], status: 400)
        #expect(await razorpay.returns(of: "pay_1", opening: nil, disputes: ["disp_1"]) == [])
    }
}
