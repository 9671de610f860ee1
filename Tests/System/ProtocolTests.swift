import JSON
import Testing

/// Other people's clients, as they are published, against the program.
@Suite(.serialized) struct ProtocolTests {
    /// A tenant with a product under an experiment that has everything a payload can say.
    private struct Trial {
        let merchant: String
        let agent: String
        let widget: String
        let experiment: String

        init(in scratch: Scratch, port: Int) throws {
            let created = try Program.run(["tenant", "create", "--name", "Shop", "--json"], in: scratch)
            let keys = try JSONValue(parsing: Array(created.output.utf8))["keys"]
            merchant = try #require(keys?["merchant"]?.string)
            agent = try #require(keys?["agent"]?.string)
            widget = try #require(keys?["widget"]?.string)
            var client = try HTTPClient(port: port)
            while try client.get("/api/v1/tenant", key: merchant).status == 401 {}
            for (sku, amount) in [("tea.green", 1000), ("whole", 1000)] as [(String, JSONValue)] {
                let made = try client.post(
                    "/api/v1/products", key: merchant,
                    [
                        "sku": .string(sku), "title": "Tea",
                        "list_price": ["amount": amount, "currency": "USD"],
                    ])
                try #require(made.status == 201)
            }
            let variants: [JSONValue] = [("control", 1000, 5), ("higher", 1150, 3), ("highest", 1275, 2)].map {
                (name: String, amount: Int64, weight: Int64) in
                [
                    "name": .string(name), "price": ["amount": .integer(amount), "currency": "USD"],
                    "weight": .integer(weight),
                ]
            }
            let made = try client.post(
                "/api/v1/experiments", key: merchant,
                [
                    "name": "Three prices", "products": ["tea.green"], "currency": "USD",
                    "variants": .array(variants), "coverage": 0.8, "holdout": 0.1,
                    "layer": ["name": "checkout", "range": [0, 0.9]],
                    "audience": ["country": ["$in": ["DE", "FR"]]],
                ])
            experiment = try #require(made.json["id"]?.string, "\(made.text)")
            let started = try client.post("/api/v1/experiments/\(experiment)/start", key: merchant, [:])
            try #require(started.status == 200, "\(started.text)")
        }
    }

    @Test func `GrowthBook's SDK decides as we do for ten thousand shoppers`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(in: scratch)
            let trial = try Trial(in: scratch, port: server.port)
            let count = 10_000
            let printed = try PythonClients.run(
                "growthbook_local.py",
                ["http://127.0.0.1:\(server.port)", trial.agent, "price.tea.green.minor", String(count)], in: scratch)
            let lines = printed.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            try #require(lines.count == count + 1)
            var client = try HTTPClient(port: server.port)
            let countries = ["DE", "FR", "US"]
            var seen: [String: Int] = [:]
            var differing: [String] = []
            for start in stride(from: 0, to: count, by: 1000) {
                let quotes: [JSONValue] = (start..<(start + 1000)).map { number in
                    [
                        "shopper": .string(lines[number][0]), "product": "tea.green",
                        "attributes": ["country": .string(countries[number % 3])],
                    ]
                }
                let told = try client.post("/api/v1/quotes/batch", key: trial.agent, ["quotes": .array(quotes)])
                let answers = try #require(told.json["data"]?.array)
                for (offset, answer) in answers.enumerated() {
                    let line = lines[start + offset]
                    let variant = answer["quote"]?["experiment"]?["variant"]?.string ?? "-"
                    let amount = answer["quote"]?["price"]?["amount"]?.int64 ?? -1
                    seen[answer["quote"]?["experiment"]?["reason"]?.string ?? "none", default: 0] += 1
                    seen[variant, default: 0] += 1
                    if line[1] != String(amount) || line[2] != variant {
                        differing.append("\(line) \(amount) \(variant)")
                    }
                }
            }
            #expect(differing.isEmpty, "\(differing.count), such as \(differing.prefix(3))")
            // Each way in and out was taken: the one shopper evaluated remotely may be the one that is sticky.
            for way in ["split", "not_in_audience", "holdout", "layer_taken", "control", "higher", "highest", "-"] {
                #expect(seen[way, default: 0] > 100, "\(way): \(seen)")
            }
            let remote = lines[count]
            #expect(remote[1] == lines[0][1])
            #expect(remote[3] == lines[0][2])
        }
    }

    @Test func `OpenFeature's SDK hears the prices of our quotes`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(in: scratch)
            let trial = try Trial(in: scratch, port: server.port)
            let printed = try PythonClients.run(
                "openfeature_flags.py",
                ["http://127.0.0.1:\(server.port)", trial.agent, trial.widget, "tea.green", "200"], in: scratch)
            let told = try JSONValue(parsing: Array(printed.utf8))
            let answers = try #require(told["answers"]?.array)
            #expect(answers.count == 200)
            var client = try HTTPClient(port: server.port)
            for answer in answers {
                let quote = try client.post(
                    "/api/v1/quotes", key: trial.agent,
                    [
                        "shopper": answer["shopper"] ?? .null, "product": "tea.green",
                        "attributes": ["country": "DE"],
                    ]
                ).json
                let amount = try #require(quote["price"]?["amount"]?.int64)
                #expect(answer["major"]?["value"]?.double == Double(amount) / 100)
                #expect(answer["minor"]?["value"]?.int64 == amount)
                #expect(answer["quote"]?["value"]?["id"] == quote["id"])
                #expect(answer["major"]?["error"] == .null)
                #expect(
                    answer["major"]?["variant"]?.string == quote["experiment"]?["variant"]?.string ?? "list_price")
                #expect(answer["major"]?["metadata"]?["quote"] == quote["id"])
            }
            let reasons = Set(answers.compactMap { $0["major"]?["reason"]?.string })
            #expect(reasons == ["SPLIT", "TARGETING_MATCH"])
            #expect(told["unknown"]?["error"] == "FLAG_NOT_FOUND")
            #expect(told["unknown"]?["value"]?.double == -1)
            #expect(told["nobody"]?["error"] == "TARGETING_KEY_MISSING")
            #expect(told["bad_context"]?["error"] == "INVALID_CONTEXT")
            #expect(told["wrong_type"]?["error"] == "TYPE_MISMATCH")
            #expect(told["whole"]?["value"]?.double == 10)
            #expect(told["whole"]?["error"] == .null)
            #expect(told["whole"]?["reason"] == "STATIC")
            #expect(told["stranger"]?["message"] == "unauthorized")
            #expect(told["widget"]?["message"] == "forbidden")
        }
    }
}
