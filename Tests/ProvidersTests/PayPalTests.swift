import AgentRuntime
import Crypto
import Experiments
import JSON
import Testing

@testable import Providers

/// PayPal's orders, against a script of ours.
@Suite struct PayPalTests {
    private let server = ReplyTable("https://paypal.test")

    private func payPal(webhookID: String? = "WH-1") -> PayPal {
        server.answer("POST /v1/oauth2/token", ["access_token": "token-1", "expires_in": 32_400])
        return PayPal(
            PayPal.Configuration(
                clientID: "id", clientSecret: Secret("secret"), webhookID: webhookID, base: "https://paypal.test"),
            clock: StillClock(), send: server.send)
    }

    private func order(_ status: String, capture: String? = nil, value: String = "19.99") -> JSONValue {
        var unit: JSONValue = [:]
        if let capture {
            unit = [
                "payments": [
                    "captures": [
                        [
                            "id": "CAP-1", "status": .string(capture),
                            "amount": ["currency_code": "USD", "value": .string(value)],
                        ]
                    ]
                ]
            ]
        }
        return [
            "id": "ORDER-1", "status": .string(status), "purchase_units": [unit],
            "links": [["rel": "payer-action", "href": "https://paypal.test/approve"]],
        ]
    }

    private let path = "/v2/checkout/orders/ORDER-1"

    private func request(mayFinish: Bool = true) throws -> ChargeRequest {
        try Requests.charge(opening: PaymentOpening(reference: "ORDER-1"), mayFinish: mayFinish)
    }

    @Test func `an order is approved on PayPal's page and captured once here`() async throws {
        let payPal = payPal()
        server.answer("POST /v2/checkout/orders", order("PAYER_ACTION_REQUIRED"))
        let opening = await payPal.open(try Requests.charge(returnURL: "https://shop.test/"))
        #expect(
            opening == .opened(PaymentOpening(reference: "ORDER-1", url: "https://paypal.test/approve")))
        let made = try #require(server.calls("POST /v2/checkout/orders").first)
        let unit = made.json["purchase_units"]?.array?.first
        #expect(unit?["amount"] == ["currency_code": "USD", "value": "19.99"])
        #expect(made.json["intent"] == "CAPTURE")
        #expect(made.headers["Authorization"] == "Bearer token-1")
        #expect(made.headers["PayPal-Request-Id"]?.hasPrefix(try Requests.charge().key) == true)
        let login = try #require(server.calls("POST /v1/oauth2/token").first)
        #expect(login.headers["Authorization"] == "Basic aWQ6c2VjcmV0")

        server.answer("GET \(path)", order("PAYER_ACTION_REQUIRED"))
        #expect(await payPal.charge(try request()) == .waiting(url: "https://paypal.test/approve"))
        server.answer("GET \(path)", order("APPROVED"))
        server.answer("POST \(path)/capture", order("COMPLETED", capture: "COMPLETED"))
        let looked = await payPal.find(try request(mayFinish: false))
        #expect(looked == .known(.waiting(url: "https://paypal.test/approve")), "who only looks takes nothing")
        let usd = try #require(Currency("USD"))
        let paid = ChargeOutcome.paid(reference: "CAP-1", amount: Money(amount: 1999, currency: usd))
        #expect(await payPal.find(try request()) == .known(paid))
        #expect(server.calls("POST \(path)/capture").first?.headers["PayPal-Request-Id"]?.hasSuffix("-capture") == true)
        server.answer("GET \(path)", order("COMPLETED", capture: "COMPLETED"))
        #expect(await payPal.find(try request()) == .known(paid))
        #expect(server.calls("POST \(path)/capture").count == 1)
        #expect(server.calls("POST /v1/oauth2/token").count == 1, "the token is kept")
        #expect(await payPal.withdraw(try request()) == paid)
    }

    @Test func `a capture that was refused, lost or is pending is told as such`() async throws {
        let payPal = payPal()
        server.answer("GET \(path)", order("APPROVED"))
        #expect(await payPal.find(try request()) == .known(.unknown), "no answer to the capture")
        let no: JSONValue = [
            "name": "UNPROCESSABLE_ENTITY", "details": [["issue": "INSTRUMENT_DECLINED", "description": "No."]],
        ]
        server.answer("POST \(path)/capture", no, status: 422)
        let declined = ChargeOutcome.declined(Decline(code: "instrument_declined", detail: "No."))
        #expect(await payPal.find(try request()) == .known(declined))
        server.answer("GET \(path)", order("COMPLETED", capture: "PENDING"))
        #expect(await payPal.find(try request()) == .known(.unknown))
        server.answer("GET \(path)", order("COMPLETED", capture: "DECLINED"))
        guard case .known(.declined) = await payPal.find(try request()) else {
            Issue.record("not declined")
            return
        }
        server.answer("GET \(path)", order("APPROVED"))
        #expect(await payPal.withdraw(try request()) == .declined(.abandoned))
        server.answer("GET \(path)", .null, status: 503)
        #expect(await payPal.withdraw(try request()) == .unknown)
    }

    @Test(
        arguments: [
            ("USD", 1999, "19.99"), ("USD", 5, "0.05"), ("JPY", 1500, "1500"), ("HUF", 120_000, "1200"),
            ("TWD", 100, "1"), ("EUR", 100_000_000_000_000, "1000000000000.00"),
        ] as [(String, Int64, String)])
    func `amounts are decimal digits, exactly`(code: String, amount: Int64, text: String) throws {
        let money = Money(amount: amount, currency: try #require(Currency(code)))
        #expect(PayPal.text(of: money) == text)
        #expect(PayPal.money(["currency_code": .string(code), "value": .string(text)]) == money)
    }

    @Test func `what PayPal cannot take exactly is not taken`() throws {
        for (code, amount) in [("HUF", 150), ("BHD", 1000), ("USD", -1)] as [(String, Int64)] {
            #expect(PayPal.text(of: Money(amount: amount, currency: try #require(Currency(code)))) == nil)
        }
        for text in ["", ".", "1.", ".5", "1.234", "-1.00", "1e3", "1,00", "٣", "100000000000000000000.00"] {
            #expect(DecimalAmount.amount(text, exponent: 2) == nil, "\(text)")
        }
        #expect(DecimalAmount.amount("1.200", exponent: 2) == 120)
        #expect(DecimalAmount.amount("7", exponent: 2) == 700)
    }

    @Test func `a refund goes under one key, and says what became of it`() async throws {
        let payPal = payPal()
        let refund = try Requests.refund("CAP-1", 500)
        #expect(await payPal.refund(refund) == .unknown)
        let end = "POST /v2/payments/captures/CAP-1/refund"
        for (status, wanted) in [
            ("COMPLETED", RefundOutcome.succeeded(reference: "R-1")), ("PENDING", .unknown),
            ("FAILED", .refused(Decline(code: "refund_failed", detail: "PayPal could not pay it back."))),
        ] {
            server.answer(end, ["id": "R-1", "status": .string(status)], status: 201)
            #expect(await payPal.refund(refund) == wanted)
        }
        for call in server.calls(end) {
            #expect(call.headers["PayPal-Request-Id"] == "ref_1")
            #expect(call.json["amount"] == ["currency_code": "USD", "value": "5.00"])
        }
    }

    @Test func `a message is heard when PayPal says that it is one of its own`() async throws {
        let payPal = payPal()
        let request = try Requests.charge()
        let body = """
            {"event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"id":"CAP-1","custom_id":"\(request.tenant) \
            \(request.key)","supplementary_data":{"related_ids":{"order_id":"ORDER-1"}}}}
            """
        let names = ["transmission-id", "transmission-time", "transmission-sig", "cert-url", "auth-algo"]
        func message(_ names: [String]) -> ProviderMessage {
            ProviderMessage(
                headers: names.map { ("paypal-" + $0, "x-" + $0) }, body: Array(body.utf8), receivedAt: StillClock.time)
        }
        #expect(await payPal.hear(message(names)) == .unverified)
        let check = "POST /v1/notifications/verify-webhook-signature"
        server.answer(check, ["verification_status": "SUCCESS"])
        #expect(
            await payPal.hear(message(names))
                == .payment(
                    tenant: request.tenant, checkout: request.checkout, key: request.key, reference: "ORDER-1"))
        let asked = try #require(server.calls(check).last).json
        #expect(asked["webhook_id"] == "WH-1" && asked["transmission_sig"] == "x-transmission-sig")
        #expect(asked["webhook_event"]?["resource"]?["id"] == "CAP-1")
        server.answer(check, ["verification_status": "FAILURE"])
        for forged in [message(names), message(Array(names.dropLast()))] {
            guard case .forged = await payPal.hear(forged) else {
                Issue.record("heard")
                continue
            }
        }
    }

    /// What PayPal's messages are worth, their signatures apart.
    private func hear(_ payPal: PayPal, _ type: String, _ resource: String) async -> ProviderHint {
        server.answer("POST /v1/notifications/verify-webhook-signature", ["verification_status": "SUCCESS"])
        let names = ["transmission-id", "transmission-time", "transmission-sig", "cert-url", "auth-algo"]
        let body = #"{"event_type":"\#(type)","resource":\#(resource)}"#
        return await payPal.hear(
            ProviderMessage(
                headers: names.map { ("paypal-" + $0, "x") }, body: Array(body.utf8), receivedAt: StillClock.time))
    }

    @Test func `a refund made at PayPal is told of by what it is of, and read from the order`() async throws {
        let payPal = payPal()
        let request = try Requests.charge()
        let (tenant, checkout) = (request.tenant, request.checkout)
        let back = ProviderHint.returned(tenant: tenant, checkout: checkout)
        for note in ["\(tenant) \(request.key)", "\(tenant) \(checkout) ref_1"] {
            let refund = #"{"id":"R-1","custom_id":"\#(note)"}"#
            #expect(await hear(payPal, "PAYMENT.CAPTURE.REFUNDED", refund) == back)
            #expect(await hear(payPal, "PAYMENT.REFUND.FAILED", refund) == back)
        }
        let own = #"{"id":"R-1","custom_id":"\#(tenant) \#(checkout) ref_1-back"}"#
        #expect(await hear(payPal, "PAYMENT.CAPTURE.REFUNDED", own) == .nothing)
        // What PayPal took back by itself has no note; what it is of has one.
        let reversed = #"{"id":"R-1","links":[{"rel":"up","href":"https://paypal.test/v2/payments/captures/CAP-1"}]}"#
        #expect(await hear(payPal, "PAYMENT.CAPTURE.REVERSED", reversed) == .unverified)
        server.answer("GET /v2/payments/captures/CAP-1", ["custom_id": .string("\(tenant) \(request.key)")])
        #expect(await hear(payPal, "PAYMENT.CAPTURE.REVERSED", reversed) == back)
        let opening = PaymentOpening(reference: "ORDER-1")
        #expect(await payPal.returns(of: "CAP-1", opening: opening, disputes: []) == nil, "PayPal does not answer")
        func refund(_ id: String, _ status: String, _ value: String, _ note: String) -> JSONValue {
            [
                "id": .string(id), "status": .string(status), "custom_id": .string(note),
                "amount": ["currency_code": "USD", "value": .string(value)],
            ]
        }
        server.answer(
            "GET /v2/checkout/orders/ORDER-1",
            [
                "purchase_units": [
                    [
                        "payments": [
                            "refunds": [
                                refund("R-1", "COMPLETED", "3.00", "\(tenant) \(request.key)"),
                                refund("R-2", "PENDING", "3.00", ""),
                                refund("R-3", "COMPLETED", "3.00", "\(tenant) \(checkout) ref_1"),
                                refund("R-4", "COMPLETED", "-3.00", ""),
                                refund("R-5", "CANCELLED", "3.00", "\(tenant) \(checkout) ref_2"),
                            ]
                        ]
                    ]
                ]
            ])
        let three = Money(amount: 300, currency: request.amount.currency)
        let failed = Decline(code: "refund_failed", detail: "PayPal could not pay it back.")
        #expect(
            await payPal.returns(of: "CAP-1", opening: opening, disputes: []) == [
                ProviderReturn(reference: "R-1", amount: three, kind: .refund),
                ProviderReturn(reference: "R-5", amount: three, kind: .undone(failed)),
            ])
    }

    /// A dispute as PayPal shows it, of 5.00 for the capture.
    private func dispute(
        _ status: String, _ outcome: JSONValue? = nil, _ movements: [(String, String, String, String)] = [],
        of capture: String = "CAP-1"
    ) -> JSONValue {
        [
            "dispute_id": "PP-D-1", "reason": "UNAUTHORISED", "status": .string(status),
            "disputed_transactions": [["seller_transaction_id": .string(capture)]],
            "dispute_amount": ["currency_code": "USD", "value": "5.00"], "dispute_outcome": outcome ?? .null,
            "money_movements": .array(
                movements.map { party, type, reason, value in
                    [
                        "affected_party": .string(party), "type": .string(type), "reason": .string(reason),
                        "amount": ["currency_code": "USD", "value": .string(value)],
                    ]
                }),
        ]
    }

    @Test(arguments: ["CUSTOMER.DISPUTE.CREATED", "CUSTOMER.DISPUTE.UPDATED", "CUSTOMER.DISPUTE.RESOLVED"])
    func `a dispute is told of by the capture that it is about`(type: String) async throws {
        let payPal = payPal()
        let request = try Requests.charge()
        let body =
            #"{"dispute_id":"PP-D-1","status":"OPEN","disputed_transactions":[{"seller_transaction_id":"CAP-0"},"#
            + #"{"seller_transaction_id":"CAP-1"}]}"#
        server.answer("GET /v2/payments/captures/CAP-0", ["custom_id": "the shop's own"])
        #expect(await hear(payPal, type, body) == .unverified, "PayPal does not answer")
        server.answer("GET /v2/payments/captures/CAP-1", ["name": "RESOURCE_NOT_FOUND"], status: 404)
        #expect(await hear(payPal, type, body) == .nothing)
        server.answer(
            "GET /v2/payments/captures/CAP-1", ["custom_id": .string("\(request.tenant) \(request.key)")])
        #expect(
            await hear(payPal, type, body)
                == .returned(tenant: request.tenant, checkout: request.checkout, dispute: "PP-D-1"))
        #expect(await hear(payPal, type, #"{"status":"OPEN"}"#) == .nothing)
    }

    @Test func `a dispute counts what its settlement took from the merchant`() async throws {
        let payPal = payPal()
        server.answer("GET /v2/checkout/orders/ORDER-1", [:])
        let usd = try #require(Currency("USD"))
        func told() async -> [ProviderReturn]? {
            await payPal.returns(of: "CAP-1", opening: PaymentOpening(reference: "ORDER-1"), disputes: ["PP-D-1"])
        }
        func is_(_ status: Dispute.Status, _ amount: Int64 = 500) -> [ProviderReturn] {
            [
                ProviderReturn(
                    reference: "PP-D-1", amount: Money(amount: amount, currency: usd),
                    kind: .dispute(status, reason: "unauthorised"))
            ]
        }
        #expect(await told() == nil, "PayPal does not answer")
        let fees = [("SELLER", "DEBIT", "CHARGEBACK_FEE", "20.00")]
        let taken = fees + [("SELLER", "DEBIT", "DISPUTE_SETTLEMENT", "4.00")]
        let cases: [(JSONValue, [ProviderReturn])] = [
            (dispute("OPEN"), is_(.open)), (dispute("UNDER_REVIEW"), is_(.open)),
            (dispute("RESOLVED", ["outcome_code": "RESOLVED_SELLER_FAVOUR"]), is_(.won)),
            (dispute("RESOLVED", ["outcome_code": "CANCELED_BY_BUYER"]), is_(.won)),
            (dispute("RESOLVED", ["outcome_code": "RESOLVED_BUYER_FAVOUR"], fees), is_(.lost)),
            (
                dispute(
                    "RESOLVED",
                    [
                        "outcome_code": "RESOLVED_BUYER_FAVOUR",
                        "amount_refunded": ["currency_code": "USD", "value": "3.00"],
                    ]), is_(.lost, 300)
            ),
            (dispute("RESOLVED", ["outcome_code": "RESOLVED_BUYER_FAVOUR"], taken), is_(.lost, 400)),
            (
                dispute(
                    "RESOLVED", ["outcome_code": "RESOLVED_SELLER_FAVOUR"],
                    taken + [("SELLER", "CREDIT", "DISPUTE_SETTLEMENT", "4.00")]), is_(.won)
            ),
            // PayPal paid the buyer itself.
            (
                dispute(
                    "RESOLVED", ["outcome_code": "RESOLVED_WITH_PAYOUT"],
                    [("BUYER", "CREDIT", "DISPUTE_SETTLEMENT", "5.00")]), is_(.won)
            ),
            (dispute("OPEN", of: "CAP-9"), []),
        ]
        for (shown, expected) in cases {
            server.answer("GET /v1/customer/disputes/PP-D-1", shown)
            #expect(await told() == expected, "\(shown)")
        }
    }
}
