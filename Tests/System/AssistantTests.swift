import JSON
import Testing

/// Assistants' own SDKs, as they are published, against the program; and the libraries that check a signed quote.
@Suite(.serialized) struct AssistantTests {
    private static let oldSDK = ["mcp==1.28.1"]
    private static let newSDK = ["mcp==2.3.0"]
    private static let verifiers = ["joserfc==1.8.0", "pyjwt[crypto]==2.15.1"]

    @Test func `the SDKs of both eras list the tools, hear our quotes, and are told what is wrong`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(in: scratch)
            let shop = try Shop(in: scratch, port: server.port)
            for (packages, mode, version) in [
                (Self.oldSDK, "", "2025-11-25"), (Self.newSDK, "", "2026-07-28"), (Self.newSDK, "legacy", "2025-11-25"),
            ] {
                let printed = try PythonClients.run(
                    "mcp_tools.py",
                    [
                        "http://127.0.0.1:\(server.port)", shop.agent, shop.merchant, Shop.product, shop.experiment,
                        "50", mode,
                    ], with: packages, in: scratch)
                let told = try JSONValue(parsing: Array(printed.utf8))
                var client = try HTTPClient(port: server.port)
                #expect(told["version"]?.string == version)
                #expect(told["schemas"] == true)
                let tools = (told["agent_tools"]?.array ?? []).compactMap(\.string)
                #expect(tools.contains("get_price") && !tools.contains("get_report"))
                #expect(told["merchant_tools"]?.array?.contains("get_report") == true)
                let prices = try #require(told["prices"]?.array)
                #expect(prices.count == 50)
                var seen: Set<Int64> = []
                for price in prices {
                    let shopper = try #require(price["shopper"]?.string)
                    let quote = try client.post("/api/v1/quotes", key: shop.agent, shop.question(shopper)).json
                    #expect(price["structured"]?["price"] == quote["price"])
                    #expect(price["structured"]?["quote"] == quote["id"])
                    seen.insert(quote["price"]?["amount"]?.int64 ?? 0)
                }
                #expect(seen == [1900, 2400])
                for tool in [
                    "signed", "search", "checkout", "checkout_read", "order", "product", "experiments", "report",
                    "draft",
                ] {
                    #expect(told[tool]?["error"] == false, "\(tool): \(told[tool] ?? .null)")
                }
                #expect(told["signed"]?["structured"]?["signature"]?["kid"]?.string?.isEmpty == false)
                let price = told["signed"]?["structured"]?["price"]
                #expect(told["order"]?["structured"]?["lines"]?.array?.first?["unit_price"] == price)
                #expect(told["draft_again"]?["structured"]?["id"] == told["draft"]?["structured"]?["id"])
                #expect(told["own_price"]?["error"] == true)
                #expect(told["own_price"]?["text"]?.string?.contains("/price: Unknown key.") == true)
                #expect(told["nothing"]?["text"]?.string == "There is no product with this SKU.")
                for tool in ["no_tool", "not_theirs"] {
                    #expect(
                        told[tool]?["refused"]?.string?.contains("There is no tool") == true, "\(told[tool] ?? .null)")
                    #expect(told[tool]?["code"] == -32602)
                }
                #expect(told["stranger"] == "refused")
            }
        }
    }

    @Test func `others' libraries accept a signed quote by the published keys, and no damaged one`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(in: scratch)
            let shop = try Shop(in: scratch, port: server.port)
            var client = try HTTPClient(port: server.port)
            var signed: [(claims: JSONValue, text: String)] = []
            for number in 0..<5 {
                let quote = try client.post("/api/v1/quotes", key: shop.agent, shop.question("s-\(number)")).json
                let id = try #require(quote["id"]?.string)
                let told = try client.get("/api/v1/quotes/\(id)/signature", key: shop.agent)
                signed.append((quote, try #require(told.json["jws"]?.string)))
            }
            let printed = try PythonClients.run(
                "jws_check.py", ["http://127.0.0.1:\(server.port)/.well-known/jwks.json"],
                input: signed.map { $0.text + "\n" }.joined(), with: Self.verifiers, in: scratch)
            let lines = printed.split(separator: "\n")
            try #require(lines.count == signed.count)
            for (line, quote) in zip(lines, signed.map(\.claims)) {
                let told = try JSONValue(parsing: Array(line.utf8))
                #expect(told["joserfc"] == told["pyjwt"])
                #expect(told["joserfc"]?["quote"] == quote["id"])
                #expect(told["joserfc"]?["amount"] == quote["price"]?["amount"])
                #expect(told["joserfc"]?["expires_at"] == quote["expires_at"])
                #expect(told["accepted"] == 0)
                #expect(told["thumbprints"] == true)
            }
        }
    }
}
