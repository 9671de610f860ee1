import Glibc
import JSON
import Testing

/// Stripe's intents against a server of others: localstripe.
@Suite(.serialized) struct StripeServerTests {
    private struct Scene {
        let scratch: Scratch
        let stripe: LocalStripe
        let server: RunningCournot
        let shop: Shop

        init() throws {
            scratch = try Scratch()
            stripe = try LocalStripe(in: scratch)
            server = try RunningCournot(environment: stripe.environment, in: scratch)
            shop = try Shop(in: scratch, port: server.port, environment: stripe.environment)
        }

        func post(_ path: String, key: String? = nil, _ body: JSONValue) throws -> HTTPClient.Answer {
            var client = try HTTPClient(port: server.port)
            return try client.post("/api/v1" + path, key: key ?? shop.merchant, body)
        }

        func get(_ path: String) throws -> JSONValue {
            var client = try HTTPClient(port: server.port)
            return try client.get("/api/v1" + path, key: shop.merchant).json
        }

        /// Buys with a card, as far as it goes.
        func buy(_ shopper: String, with card: String) throws -> (id: String, told: HTTPClient.Answer) {
            let quote = try post("/quotes", shop.question(shopper)).json["id"] ?? .null
            let made = try post("/checkouts", ["lines": [["quote": quote, "quantity": 2]]]).json
            guard let id = made["id"]?.string, let hash = made["totals_hash"] else {
                throw RunningCournot.NotServing(output: "\(made)")
            }
            let method = try stripe.paymentMethod(card)
            return (
                id,
                try post("/checkouts/\(id)/complete", ["totals_hash": hash, "payment": ["token": .string(method)]])
            )
        }

        /// The buyer's bank asked, and the buyer said yes.
        func authenticate(_ intent: String) throws {
            let secret = try stripe.get("/v1/payment_intents/\(intent)")["client_secret"] ?? .null
            let told = try stripe.post(
                "/v1/payment_intents/\(intent)/_authenticate", ["client_secret": secret, "success": true])
            #expect(told.status == 200, "\(told.text)")
        }

        var orders: [JSONValue] { get throws { try get("/orders?limit=200")["data"]?.array ?? [] } }

        func messages(_ arguments: [String], _ objects: [JSONValue]) throws -> JSONValue {
            let input: JSONValue = [
                "url": .string("http://127.0.0.1:\(server.port)/api/v1/payments/webhooks/stripe"),
                "secret": .string(LocalStripe.secret), "objects": .array(objects),
            ]
            return try JSONValue(
                parsing: Array(
                    PythonClients.run(
                        "payment_messages.py", arguments,
                        input: String(decoding: input.serialized(), as: UTF8.self), with: PythonClients.payments,
                        in: scratch
                    ).utf8))
        }
    }

    @Test func `a card is charged what was quoted, declined by its code, and paid back no more than was paid`()
        async throws
    {
        try await blocking {
            let scene = try Scene()
            let (id, paid) = try scene.buy("s-1", with: "4242424242424242")
            #expect(paid.status == 200, "\(paid.text)")
            let order = paid.json["order"]
            let total = try #require(order?["totals"]?["total"]?["amount"]?.int64)
            let payment = try #require(order?["payment"]?.string)
            let intent = try scene.stripe.get("/v1/payment_intents/\(payment)")
            #expect(intent["status"] == "succeeded" && intent["amount"]?.int64 == total && intent["currency"] == "usd")
            #expect(intent["metadata"]?["cournot_checkout"] == .string(id))

            let declined = try scene.buy("s-2", with: "4000000000000341").told
            #expect(declined.status == 402 && declined.json["code"] == "card_declined", "\(declined.text)")
            let nothing = try scene.post(
                "/checkouts/\(scene.buy("s-3", with: "4000000000000341").id)/complete",
                ["totals_hash": "0", "payment": ["token": "pm_unknown"]])
            #expect(nothing.status == 409)

            let back = "/orders/\(order?["id"]?.string ?? "")/refunds"
            let part: JSONValue = ["amount": ["amount": .integer(total / 3), "currency": "USD"]]
            let first = try scene.post(back, part)
            #expect(first.status == 201, "\(first.text)")
            let over = try scene.post(back, ["amount": ["amount": .integer(total), "currency": "USD"]])
            #expect(over.status == 422, "localstripe itself would pay it")
            #expect(try scene.post(back, [:]).status == 201)
            #expect(try scene.post(back, [:]).status == 422)
            let refunds = try scene.stripe.get("/v1/refunds?payment_intent=\(payment)")["data"]?.array ?? []
            #expect(refunds.reduce(0) { $0 + ($1["amount"]?.int64 ?? 0) } == total && refunds.count == 2)
            #expect(try scene.orders.count == 1)
        }
    }

    @Test func `what the buyer's bank held up is an order when Stripe's own message comes`() async throws {
        try await blocking {
            let scene = try Scene()
            let hook = try scene.stripe.post(
                "/_config/webhooks/ours",
                [
                    "url": .string("http://127.0.0.1:\(scene.server.port)/api/v1/payments/webhooks/stripe"),
                    "secret": .string(LocalStripe.secret),
                ])
            #expect(hook.status == 200)
            let (id, told) = try scene.buy("s-1", with: "4000002500003155")
            #expect(told.status == 202 && told.json["status"] == "paying", "\(told.text)")
            let intent = try #require(told.json["payment"]?["reference"]?.string)
            #expect(try scene.orders.isEmpty)
            try scene.authenticate(intent)
            // Nobody asks for the checkout: only the message tells.
            while try scene.orders.isEmpty {}
            #expect(try scene.orders.map { $0["checkout"] } == [.string(id)])
        }
    }

    @Test func `a storm of messages, repeated, shuffled and forged, makes of each payment one order`() async throws {
        try await blocking {
            let scene = try Scene()
            var intents: [JSONValue] = []
            var paid: Set<String> = []
            for number in 0..<10 {
                let (id, told) = try scene.buy("s-\(number)", with: "4000002500003155")
                let intent = try #require(told.json["payment"]?["reference"]?.string)
                if number % 2 == 0 {
                    try scene.authenticate(intent)
                    paid.insert(id)
                }
                intents.append(try scene.stripe.get("/v1/payment_intents/\(intent)"))
            }
            for mode in ["missing", "corrupted", "wrong_secret"] {
                #expect(try scene.messages([mode, "3"], intents) == ["400": 120], "\(mode)")
            }
            #expect(try scene.orders.isEmpty, "what is forged changes nothing")
            for _ in 0..<2 {
                #expect(try scene.messages(["valid", "5"], intents) == ["200": 200])
                let orders = try scene.orders
                #expect(orders.count == paid.count && Set(orders.compactMap { $0["checkout"]?.string }) == paid)
            }
            #expect(try scene.messages(["differential"], intents)["disagreements"] == [])
            #expect(try scene.stripe.get("/v1/refunds")["data"]?.array?.isEmpty == true)
        }
    }
}
