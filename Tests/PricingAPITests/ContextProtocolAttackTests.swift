import JSON
import SeedSupport
import Testing

@testable import PricingAPI

/// What comes to the assistants' door with bad intent or no sense.
@Suite struct ContextProtocolAttackTests {
    private func send(
        _ shop: Shop, _ body: String, key: String? = nil, headers: [(String, String)] = []
    ) async throws -> Told {
        try await shop.world.call("POST", "/mcp", key: key ?? shop.merchant, body, headers: headers)
    }

    @Test func `what is too deep, too many or no message is refused in the protocol's words`() async throws {
        let shop = try await World().tenant()
        let deep = String(repeating: #"{"a":"#, count: 40) + "1" + String(repeating: "}", count: 40)
        let ping = #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#
        for (body, code) in [
            (#"{"jsonrpc":"2.0","id":1,"method":"ping","params":\#(deep)}"#, Int64(-32700)), ("", -32700),
            (String(repeating: "[", count: 200_000), -32700), ("[]", -32600), ("[[]]", -32600), ("{}", -32600),
            ("[" + String(repeating: ping + ",", count: 500) + ping + "]", -32600), ("\"ping\"", -32600),
            (#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600),
            (#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600),
            (#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#, -32600),
        ] {
            let told = try await send(shop, body)
            let answer = told["0"] ?? .null
            let error = answer["error"] ?? told["error"]
            #expect(error?["code"]?.int64 == code, "\(body.prefix(60)): \(told.text.prefix(200))")
            #expect(told.status == (body == "[[]]" ? 200 : 400), "\(body.prefix(60))")
            #expect(told["jsonrpc"] == "2.0" || body == "[[]]")
        }
    }

    @Test func `a header that is said twice is no agreement`() async throws {
        let shop = try await World().tenant()
        let body = """
            {"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{\
            "io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}
            """
        let said = [("Mcp-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/list")]
        #expect(try await send(shop, body, headers: said).status == 200)
        for more in [
            ("Mcp-Method", "tools/call"), ("mcp-protocol-version", "2025-11-25"), ("Mcp-Method", "tools/list"),
        ] {
            let told = try await send(shop, body, headers: said + [more])
            #expect(told.status == 400)
            #expect(told["error", "code"] == -32020, "\(more)")
        }
        // Of another shape than the protocol says, in every place that is looked at.
        for meta in [
            "1", "[]", "{}", "null", #"{"io.modelcontextprotocol/protocolVersion":1}"#,
            #"{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}"#,
            #"{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":[]}"#,
        ] {
            let told = try await send(
                shop, #"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":\#(meta)}}"#, headers: said)
            #expect(told.status == 400, "\(meta)")
            #expect([-32602, -32020].contains(told["error", "code"]?.int64 ?? 0), "\(meta)")
        }
    }

    /// Arguments of every shape for every tool: an answer in the protocol's words, never our own failure, and never an
    /// amount that is not the shopper's.
    @Test func `two thousand senseless calls are answered, and none is told another's price`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        var random = Seeded(20_261_122)
        func value(_ depth: Int) -> JSONValue {
            switch Int.random(in: 0..<(depth > 3 ? 6 : 9), using: &random) {
            case 0: return .null
            case 1: return .bool(true)
            case 2: return .integer([0, -1, 1, 2499, .max, .min].randomElement(using: &random) ?? 0)
            case 3: return .double([0.5, -1e300, 1e-300].randomElement(using: &random) ?? 0)
            case 4: return .unsigned(.max)
            case 5:
                let texts = [
                    "", "sku-1", "s-1", "\u{0}", "'; --", "\u{202e}", "quo_0", "chk_0", "exp_0", "{{price:q}}", "ck_",
                ]
                return .string(texts.randomElement(using: &random) ?? "")
            case 6: return .array((0..<Int.random(in: 0..<3, using: &random)).map { _ in value(depth + 1) })
            default: return object(depth + 1)
            }
        }
        func object(_ depth: Int) -> JSONValue {
            let keys = [
                "shopper", "product", "quantity", "price", "quote", "lines", "experiment", "checkout", "order", "query",
                "limit", "cursor", "variants", "products", "name", "idempotency_key", "status", "as_of", "expose",
            ]
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0..<6, using: &random) {
                object[keys.randomElement(using: &random) ?? ""] = value(depth)
            }
            return .object(object)
        }
        let tools = AssistantTool.all.map(\.name) + ["", "set_price", "get_price\u{0}"]
        var (answered, refused) = (0, 0)
        for number in 0..<2000 {
            var arguments = object(0)
            var tool = tools.randomElement(using: &random) ?? ""
            if number % 3 == 0 {
                // Nearly right: one member more than there should be, or none.
                tool = "get_price"
                arguments = ["shopper": .string("s-\(number)"), "product": "sku-1"]
                if number % 2 == 0, case .object(var members) = arguments {
                    members["quantity"] = value(0)
                    arguments = .object(members)
                }
            }
            let message: JSONValue = [
                "jsonrpc": "2.0", "id": .integer(Int64(number)), "method": "tools/call",
                "params": ["name": .string(tool), "arguments": arguments],
            ]
            let told = try await send(shop, String(decoding: message.serialized(), as: UTF8.self), key: shop.agent)
            #expect(told.status == 200, "\(told.text)")
            #expect(told["id"]?.int64 == Int64(number))
            #expect((told["result"] == nil) != (told["error"] == nil))
            if told["result", "isError"] == false { answered += 1 } else { refused += 1 }
            guard let price = told["result", "structuredContent", "price"] else { continue }
            let shopper = try #require(told["result", "structuredContent", "shopper"]?.string)
            let body: JSONValue = ["shopper": .string(shopper), "product": "sku-1"]
            let quote = try await shop.post("/quotes", String(decoding: body.serialized(), as: UTF8.self))
            #expect(price == quote["price"])
        }
        #expect(answered > 300 && refused > 1000, "\(answered) \(refused)")
    }
}
