import Experiments
import Glibc
import JSON
import PostgresSupport
import Testing

/// What a report says is said by an export of its shoppers too.
@Suite struct ExportedReportTests {
    @Test func `an export analysed gives the figures of the server's report, on SQLite`() async throws {
        try await blocking {
            let scratch = try Scratch()
            try Self.compare(try RunningCournot(in: scratch), in: scratch)
        }
    }

    @Test func `an export analysed gives the figures of the server's report, on PostgreSQL`() async throws {
        let address = try await PostgresServer.shared().database()
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(["--database", address], in: scratch)
            try Self.compare(server, in: scratch, environment: ["DATABASE_URL": address])
        }
    }

    private static func compare(
        _ server: RunningCournot, in scratch: Scratch, environment: [String: String] = [:]
    ) throws {
        defer { server.process.send(SIGKILL) }
        let shop = try Shop(in: scratch, port: server.port, environment: environment)
        var client = try HTTPClient(port: server.port)
        let withAttribute = try experiment(
            "with an attribute", covariate: "visits", shop, &client, scratch, port: server.port)
        let plain = try experiment("with what was spent", covariate: nil, shop, &client, scratch, port: server.port)
        for (id, words) in [(withAttribute, "visits"), (plain, "spent_before")] {
            let report = try client.get("/api/v1/experiments/\(id)/report", key: shop.merchant).json
            #expect(
                report["metrics"]?.array?.first?["comparisons"]?.array?.first?["adjusted"]?["covariate"]?.string
                    == words)
            let exported = try Program.run(
                ["export", "--url", "http://127.0.0.1:\(server.port)", "--experiment", id, "--out", "\(words).csv"],
                environment: ["COURNOT_KEY": shop.merchant], in: scratch)
            #expect(exported.code == 0, "\(exported.errors)")
            let text = scratch.text("\(words).csv")
            #expect(!text.contains("example.com") && text.contains(",'=mobile") && text.contains("segment_device"))
            let analysed = try Program.run(["analyze", "\(words).csv", "--json"], in: scratch)
            #expect(analysed.code == 0, "\(analysed.errors)")
            let own = try JSONValue(parsing: Array(analysed.output.utf8))
            for part in [
                "metrics", "segments", "distribution", "demand", "history", "funnel", "guardrails", "control",
                "currency", "recommendation", "method", "alpha", "minimum_effect", "status",
            ] {
                let (told, read) = (report[part], own[part])
                #expect(told != nil && told == read, "\(part): \(told.debugDescription) and \(read.debugDescription)")
            }
            let begun = report["funnel"]?["variants"]?.array?.compactMap { $0["checkouts"]?.int64 } ?? []
            let bought = report["funnel"]?["variants"]?.array?.compactMap { $0["bought"]?.int64 } ?? []
            #expect(begun.count == 3 && zip(begun, bought).allSatisfy { $0 > $1 }, "\(begun) and \(bought)")
            #expect(report["guardrails"]?.array?.count == 2)
            #expect(report["data_quality"]?["sample_ratio"] == own["data_quality"]?["sample_ratio"])
            #expect(report["data_quality"]?["multiple_exposure"] == own["data_quality"]?["multiple_exposure"])
            #expect(report["phases"]?["heterogeneity"] == own["phases"]?["heterogeneity"])
            #expect(report["phases"]?["phases"]?.array?.count == 2)
        }
    }

    /// An experiment with segments and two sets of weights, in which some bought, some gave back and some had bought
    /// before; returns its id.
    private static func experiment(
        _ name: String, covariate: String?, _ shop: Shop, _ client: inout HTTPClient, _ scratch: Scratch, port: Int
    ) throws -> String {
        let sku = "tea-\(covariate ?? "plain")"
        func price(_ amount: Int64) -> JSONValue { ["amount": .integer(amount), "currency": "USD"] }
        _ = try client.post(
            "/api/v1/products", key: shop.merchant,
            [
                "sku": .string(sku), "title": "Tea", "list_price": price(1900), "unit_cost": price(700),
            ])
        var analysis: [String: JSONValue] = [
            "winsorise": .double(0.95),
            "segments": [
                ["attribute": "device", "values": ["=mobile", "desktop"]],
                ["attribute": "new", "values": ["false", "true"]],
            ],
        ]
        if let covariate { analysis["covariate"] = .string(covariate) }
        let made = try client.post(
            "/api/v1/experiments", key: shop.merchant,
            [
                "name": .string(name), "products": [.string(sku)], "currency": "USD", "target_sample_size": 400,
                "guardrails": [
                    ["metric": "conversion_rate", "max_drop": .double(0.15)],
                    ["metric": "units_per_visitor", "max_drop": .double(0.9)],
                ],
                "analysis": .object(JSONObject(analysis.map { ($0.key, $0.value) })),
                "variants": [
                    ["name": "control", "price": price(1900), "weight": 1],
                    ["name": "+dear", "price": price(2400), "weight": 1],
                    ["name": "dearest", "price": price(2900), "weight": 1],
                ],
            ])
        let id = try #require(made.json["id"]?.string, "\(made.text)")
        let started = try client.post("/api/v1/experiments/\(id)/start", key: shop.merchant, [:])
        let start = try #require(
            started.json["started_at"]?.string.flatMap { Timestamp(rfc3339: $0) }, "\(started.text)")
        let earlier = start.advanced(by: .seconds(-3600)).description
        var random = RepeatableNumbers(state: 11)
        for shopper in 0..<360 {
            if shopper == 180 {
                let changed = HTTPClient.request(
                    "PATCH", "/api/v1/experiments/\(id)", key: shop.merchant,
                    body: Array(#"{"variants":[{"name":"+dear","weight":3}]}"#.utf8))
                try client.send(changed)
                let answer = try client.receive()
                try #require(answer.status == 200, "\(answer.text)")
            }
            try meet("shopper-\(shopper)@example.com", sku, covariate, earlier, shop, &client, &random)
        }
        return id
    }

    private static func meet(
        _ shopper: String, _ sku: String, _ covariate: String?, _ earlier: String, _ shop: Shop,
        _ client: inout HTTPClient,
        _ random: inout RepeatableNumbers
    ) throws {
        if covariate == nil, random.below(2) == 0 {
            // Of another product, before the price was told.
            let bought = try client.post(
                "/api/v1/events", key: shop.agent,
                [
                    [
                        "id": .string("before-\(shopper)"), "type": "conversion", "shopper": .string(shopper),
                        "product": .string(Shop.product),
                        "revenue": ["amount": .integer(Int64(500 + random.below(3000))), "currency": "USD"],
                        "timestamp": .string(earlier),
                    ]
                ])
            #expect(bought.json["accepted"]?.int64 == 1, "\(bought.text)")
        }
        var attributes: [(String, JSONValue)] = [("new", .bool(random.below(3) == 0))]
        if random.below(10) > 0 {
            attributes.append(("device", .string(["desktop", "=mobile", "watch"][random.below(3)])))
        }
        if let covariate, random.below(5) > 0 {
            attributes.append((covariate, .double(Double(random.below(900)) / 100)))
        }
        let quote = try client.post(
            "/api/v1/quotes", key: shop.agent,
            ["shopper": .string(shopper), "product": .string(sku), "attributes": .object(JSONObject(attributes))])
        let told = try #require(quote.json["id"]?.string, "\(quote.text)")
        guard let time = quote.json["issued_at"]?.string else { return }
        if random.below(4) == 0 {
            let begun = try client.post(
                "/api/v1/events", key: shop.agent,
                [
                    [
                        "id": .string("checkout-\(sku)-\(shopper)"), "type": "checkout", "shopper": .string(shopper),
                        "quote": .string(told), "timestamp": .string(time),
                    ]
                ])
            #expect(begun.json["accepted"]?.int64 == 1, "\(begun.text)")
        }
        guard random.below(3) == 0 else { return }
        let sold = try client.post(
            "/api/v1/events", key: shop.agent,
            [
                [
                    "id": .string("sale-\(sku)-\(shopper)"), "type": "conversion", "shopper": .string(shopper),
                    "quote": .string(told), "order": .string("order-\(sku)-\(shopper)"), "timestamp": .string(time),
                    "quantity": .integer(Int64(1 + random.below(3))),
                ]
            ])
        #expect(sold.json["accepted"]?.int64 == 1, "\(sold.text)")
        guard random.below(6) == 0 else { return }
        let returned = try client.post(
            "/api/v1/events", key: shop.agent,
            [
                [
                    "id": .string("back-\(sku)-\(shopper)"), "type": "refund", "shopper": .string(shopper),
                    "order": .string("order-\(sku)-\(shopper)"), "product": .string(sku),
                    "revenue": ["amount": 300, "currency": "USD"], "timestamp": .string(time),
                ]
            ])
        #expect(returned.json["accepted"]?.int64 == 1, "\(returned.text)")
    }
}

/// The same numbers in each run.
private struct RepeatableNumbers {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }
}
