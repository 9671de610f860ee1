import Experiments
import JSON
import Testing

@testable import PricingAPI

/// The Model Context Protocol's door, as clients of each era knock.
@Suite struct ContextProtocolTests {
    private static let modern = "2026-07-28"

    /// A message of the era in which each stands for itself, with all that it has to say.
    private func modern(
        _ shop: Shop, _ method: String, _ parameters: String = "", key: String? = nil, version: String = modern,
        headers: [(String, String)]? = nil, name: String? = nil
    ) async throws -> Told {
        let meta = """
            "_meta":{"io.modelcontextprotocol/protocolVersion":"\(version)",\
            "io.modelcontextprotocol/clientCapabilities":{}}
            """
        let body =
            #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{\#(meta)\#(parameters.isEmpty ? "" : ",")\#(parameters)}}"#
        var sent = headers ?? [("Mcp-Protocol-Version", version), ("Mcp-Method", method)]
        if let name { sent.append(("Mcp-Name", name)) }
        return try await shop.world.call("POST", "/mcp", key: key ?? shop.agent, body, headers: sent)
    }

    private func old(
        _ shop: Shop, _ method: String, _ parameters: String? = nil, key: String? = nil, version: String? = nil
    ) async throws -> Told {
        let said = parameters.map { #","params":\#($0)"# } ?? ""
        return try await shop.world.call(
            "POST", "/mcp", key: key ?? shop.agent, #"{"jsonrpc":"2.0","id":1,"method":"\#(method)"\#(said)}"#,
            headers: version.map { [("Mcp-Protocol-Version", $0)] } ?? [])
    }

    private func call(_ shop: Shop, _ tool: String, _ arguments: String, key: String? = nil) async throws -> Told {
        try await old(shop, "tools/call", #"{"name":"\#(tool)","arguments":\#(arguments)}"#, key: key)
    }

    private func code(_ told: Told) -> Int64? { told["error", "code"]?.int64 }

    @Test func `clients that shake hands are met where they are`() async throws {
        let shop = try await World().tenant()
        for (asked, given) in [
            ("2025-11-25", "2025-11-25"), ("2025-03-26", "2025-03-26"), ("2026-07-28", "2025-11-25"),
            ("1999-01-01", "2025-11-25"),
        ] {
            let told = try await old(
                shop, "initialize",
                #"{"protocolVersion":"\#(asked)","capabilities":{},"clientInfo":{"name":"t","version":"1"}}"#)
            #expect(told.status == 200)
            #expect(told["result", "protocolVersion"]?.string == given)
            #expect(told["result", "capabilities"] == ["tools": [:]])
            #expect(told["result", "serverInfo", "version"] == "1.2.3")
        }
        let noted = try await shop.world.call(
            "POST", "/mcp", key: shop.agent, #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            headers: [("Mcp-Protocol-Version", "2025-11-25")])
        #expect(noted.status == 202)
        #expect(noted.bytes.isEmpty)
        for method in ["GET", "DELETE"] {
            #expect(try await shop.world.call(method, "/mcp", key: shop.agent).status == 405)
        }
        #expect(try await old(shop, "ping", version: "2025-11-25")["result"] == [:])
        // Of old, a method that is not there is said in the body alone.
        let unknown = try await old(shop, "resources/list", version: "2025-11-25")
        #expect(unknown.status == 200)
        #expect(code(unknown) == -32601)
    }

    @Test func `a client that stands for itself finds out what there is`() async throws {
        let shop = try await World().tenant()
        let told = try await modern(shop, "server/discover")
        #expect(told.status == 200)
        let result = try #require(told["result"])
        #expect(result["supportedVersions"]?.array?.first?.string == Self.modern)
        #expect(result["resultType"] == "complete")
        #expect(result["ttlMs"]?.int64 ?? -1 >= 0)
        #expect(result["cacheScope"] == "public")
        #expect(result["_meta"]?["io.modelcontextprotocol/serverInfo"]?["name"] == "cournot")
        let list = try await modern(shop, "tools/list")
        #expect(list["result", "cacheScope"] == "private")
        #expect(list["result", "resultType"] == "complete")
        for method in ["initialize", "ping", "resources/list", "", "tools/list/", "TOOLS/LIST"] {
            let told = try await modern(shop, method)
            #expect(told.status == 404, "\(method)")
            #expect(code(told) == -32601, "\(method)")
        }
    }

    @Test func `headers and body that differ are refused`() async throws {
        let shop = try await World().tenant()
        let version = ("Mcp-Protocol-Version", Self.modern)
        let method = ("Mcp-Method", "tools/list")
        for headers in [
            [], [version], [method], [version, ("Mcp-Method", "tools/call")],
            [("Mcp-Protocol-Version", "2025-11-25"), method], [version, ("Mcp-Method", "Tools/List")],
        ] {
            let told = try await modern(shop, "tools/list", headers: headers)
            #expect(told.status == 400)
            #expect(code(told) == -32020, "\(headers)")
        }
        let parameters = #""name":"get_product","arguments":{"product":"sku-1"}"#
        #expect(code(try await modern(shop, "tools/call", parameters)) == -32020)
        #expect(code(try await modern(shop, "tools/call", parameters, name: "get_price")) == -32020)
        #expect(try await modern(shop, "tools/call", parameters, name: "get_product").status == 200)
    }

    @Test func `a version nobody knows is refused with those that are known`() async throws {
        let shop = try await World().tenant()
        for told in [
            try await modern(shop, "tools/list", version: "2031-01-01"),
            try await old(shop, "tools/list", version: "2031-01-01"),
        ] {
            #expect(told.status == 400)
            #expect(code(told) == -32022)
            #expect(told["error", "data", "requested"] == "2031-01-01")
            #expect(told["error", "data", "supported"]?.array?.contains("2026-07-28") == true)
        }
        let bare = try await old(shop, "tools/list", version: Self.modern)
        #expect(bare.status == 400)
        #expect(code(bare) == -32602)
    }

    @Test func `a bare call without handshake or headers is served`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        let told = try await call(shop, "get_price", #"{"shopper":"s-1","product":"sku-1"}"#)
        #expect(told.status == 200)
        #expect(told["result", "isError"] == false)
        #expect(told["result", "resultType"] == nil)
        let structured = try #require(told["result", "structuredContent"])
        let text = try #require(told["result", "content", "0", "text"]?.string)
        #expect(try JSONValue(parsing: Array(text.utf8)) == structured)
    }

    @Test func `pages of other origins are turned away`() async throws {
        let world = try await World { $0.allowedOrigins = ["https://shop.example"] }
        let shop = try await world.tenant()
        let ping = #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#
        for (origin, status) in [("https://shop.example", 200), ("https://evil.example", 403), ("null", 403)] {
            let told = try await world.call("POST", "/mcp", key: shop.agent, ping, headers: [("Origin", origin)])
            #expect(told.status == status, "\(origin)")
        }
        #expect(try await world.call("POST", "/mcp", key: shop.agent, ping, type: "text/plain").status == 415)
        let picky = try await world.call(
            "POST", "/mcp", key: shop.agent, ping, headers: [("Accept", "text/event-stream")])
        #expect(picky.status == 406)
    }

    @Test func `a key decides which tools there are`() async throws {
        let shop = try await World().tenant()
        func names(_ key: String) async throws -> [String] {
            let told = try await old(shop, "tools/list", key: key)
            return (told["result", "tools"]?.array ?? []).compactMap { $0["name"]?.string }
        }
        let agents = try await names(shop.agent)
        let merchants = try await names(shop.merchant)
        #expect(agents.contains("get_price") && !agents.contains("get_report"))
        #expect(Array(merchants.prefix(agents.count)) == agents)
        #expect(merchants.suffix(3) == ["list_experiments", "create_experiment", "get_report"])
        #expect(try await names(shop.merchant) == merchants)
        let refused = try await call(shop, "list_experiments", "{}")
        #expect(code(refused) == -32602)
        for (key, status) in [(shop.analyst, 403), (shop.widget, 403), ("ck_nobody", 401)] {
            let told = try await old(shop, "tools/list", key: key)
            #expect(told.status == status)
            #expect(told["jsonrpc"] == "2.0")
            #expect(told["id"] == .null)
            #expect(code(told) == -32000)
        }
    }

    @Test func `the price is that of the quote, told once`() async throws {
        let shop = try await World().tenant()
        let experiment = try await shop.running()
        for index in 0..<50 {
            let told = try await call(
                shop, "get_price", #"{"shopper":"s-\#(index)","product":"sku-1","quantity":3}"#)
            let price = try #require(told["result", "structuredContent"])
            let quote = try await shop.quote("s-\(index)")
            #expect(price["price"] == quote["price"])
            #expect(price["quote"] == quote["id"])
            #expect(price["expires_at"] == quote["expires_at"])
            #expect(price["subtotal"]?["amount"]?.int64 == quote["price", "amount"]?.int64.map { $0 * 3 })
            // Nothing but the shopper's own price.
            #expect(!told.text.contains("list_price") && !told.text.contains("variant"))
        }
        let report = try await shop.get("/experiments/\(experiment)/report")
        let rates = report["metrics"]?.array?.first { $0["name"] == "conversion_rate" }?["variants"]?.array ?? []
        #expect(rates.compactMap { $0["n"]?.int64 }.reduce(0, +) == 50)
        _ = try await call(shop, "get_price", #"{"shopper":"unexposed","product":"sku-1","expose":false}"#)
        let after = try await shop.get("/experiments/\(experiment)/report")
        let seen = after["metrics"]?.array?.first { $0["name"] == "conversion_rate" }?["variants"]?.array ?? []
        #expect(seen.compactMap { $0["n"]?.int64 }.reduce(0, +) == 50)
    }

    @Test func `a price that an assistant brings along is refused, and says so to its model`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        for more in [
            #""price":1"#, #""amount":1"#, #""discount":0.5"#, #""suggested_price":{"amount":1,"currency":"USD"}"#,
            #""quantity":0"#, #""quantity":1.5"#, #""quantity":"2""#, #""currency":"EUR""#, #""shopper":"again""#,
        ] {
            let told = try await call(shop, "get_price", #"{"shopper":"s","product":"sku-1",\#(more)}"#)
            #expect(told.status == 200 || more.contains("shopper"), "\(more)")
            if more.contains("shopper") {
                #expect(code(told) == -32600)
                continue
            }
            #expect(told["result", "isError"] == true, "\(more)")
            #expect(told["result", "structuredContent"] == nil)
            let name = try #require(more.split(separator: "\"").first.map(String.init))
            #expect(told["result", "content", "0", "text"]?.string?.contains(name) == true, "\(more)")
        }
        let missing = try await call(shop, "get_price", "{}")
        let text = try #require(missing["result", "content", "0", "text"]?.string)
        #expect(text.contains("/shopper") && text.contains("/product"))
        #expect(code(try await old(shop, "tools/call", #"{"name":"get_price","arguments":[]}"#)) == -32602)
        #expect(code(try await old(shop, "tools/call", #"{"name":"nothing"}"#)) == -32602)
        #expect(code(try await old(shop, "tools/call")) == -32602)
    }

    @Test func `a product is described without a price`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.draft()
        let told = try await call(shop, "get_product", #"{"product":"sku-1"}"#)
        #expect(told["result", "structuredContent", "title"] == "Mug")
        #expect(!told.text.contains("1999") && !told.text.contains("19.99") && !told.text.contains("700"))
        #expect(try await call(shop, "get_product", #"{"product":"no"}"#)["result", "isError"] == true)
    }

    @Test func `a signature comes along when it is asked for`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        let told = try await call(shop, "get_price", #"{"shopper":"s","product":"sku-1","signed":true}"#)
        let signature = try #require(told["result", "structuredContent", "signature"])
        #expect(signature["jws"]?.string?.split(separator: ".").count == 3)
        #expect(signature["kid"]?.string?.isEmpty == false)
    }

    @Test func `a merchant's assistant drafts once and reads reports`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.running()
        let design = String(Shop.experiment.dropLast()) + #","layer":{"name":"other"},"idempotency_key":"k-1"}"#
        let made = try await call(shop, "create_experiment", design, key: shop.merchant)
        #expect(made["result", "structuredContent", "status"] == "draft")
        let again = try await call(shop, "create_experiment", design, key: shop.merchant)
        #expect(again["result", "structuredContent"] == made["result", "structuredContent"])
        let other = design.replacingOccurrences(of: "Spring", with: "Autumn")
        let mismatch = try await call(shop, "create_experiment", other, key: shop.merchant)
        #expect(mismatch["result", "isError"] == true)
        let first = try await call(shop, "list_experiments", #"{"limit":1}"#, key: shop.merchant)
        let cursor = try #require(first["result", "structuredContent", "next_cursor"]?.string)
        let second = try await call(shop, "list_experiments", #"{"cursor":"\#(cursor)"}"#, key: shop.merchant)
        #expect(second["result", "structuredContent", "data", "0", "id"]?.string == id)
        #expect(second["result", "structuredContent", "data"]?.array?.count == 1)
        let report = try await call(shop, "get_report", #"{"experiment":"\#(id)"}"#, key: shop.merchant)
        let asOf = try #require(report["result", "structuredContent", "as_of"]?.string)
        let kept = try await call(
            shop, "get_report", #"{"experiment":"\#(id)","as_of":"\#(asOf)"}"#, key: shop.merchant)
        #expect(kept["result", "structuredContent"] == report["result", "structuredContent"])
        let none = try await call(shop, "get_report", #"{"experiment":"exp_0"}"#, key: shop.merchant)
        #expect(none["result", "isError"] == true)
    }

    @Test func `a merchant's assistant reads the report of one segment, as it is told over HTTP`() async throws {
        let shop = try await World().tenant()
        try #require(try await shop.post("/products", Shop.product).status == 201)
        let segments = #","analysis":{"segments":[{"attribute":"device","values":["mobile","desktop"]}]}}"#
        let id = try #require(
            try await shop.post("/experiments", String(Shop.experiment.dropLast()) + segments)["id"]?.string)
        try #require(try await shop.post("/experiments/\(id)/start").status == 200)
        _ = try await shop.post("/quotes", #"{"shopper":"s-1","product":"sku-1","attributes":{"device":"mobile"}}"#)
        _ = try await shop.quote("s-2")
        let arguments = #"{"experiment":"\#(id)","segment":"device:mobile"}"#
        let mobile = try await call(shop, "get_report", arguments, key: shop.merchant)
        let path = "/experiments/\(id)/report?segment=device:mobile"
        #expect(try await shop.get(path).json == mobile["result", "structuredContent"])
        #expect(mobile["result", "structuredContent", "segment", "value"] == "mobile")
        let unknown = try await call(
            shop, "get_report", #"{"experiment":"\#(id)","segment":"device:watch"}"#, key: shop.merchant)
        #expect(unknown["result", "isError"] == true && unknown.text.contains("device:mobile"))
    }

    @Test func `an assistant finds, quotes and prepares a checkout, and the buyer pays`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        let found = try await call(shop, "search_products", #"{"query":"a mug, please"}"#)
        #expect(found["result", "structuredContent", "products", "0", "sku"] == "sku-1")
        #expect(!found.text.contains("1999") && !found.text.contains("19.99"))
        let price = try await call(shop, "get_price", #"{"shopper":"ada","product":"sku-1"}"#)
        let quote = try #require(price["result", "structuredContent", "quote"]?.string)
        let wanted = #"{"lines":[{"quote":"\#(quote)","quantity":2}],"idempotency_key":"k"}"#
        let made = try await call(shop, "create_checkout", wanted)
        let checkout = try #require(made["result", "structuredContent"], "\(made.text)")
        #expect(checkout["lines"]?.array?.first?["unit_price"] == price["result", "structuredContent", "price"])
        #expect(checkout["status"] == "open")
        #expect(try await call(shop, "create_checkout", wanted)["result", "structuredContent"] == checkout)
        let id = try #require(checkout["checkout"]?.string)
        let hash = try #require(checkout["totals_hash"]?.string)
        let paid = try await shop.post("/checkouts/\(id)/complete", #"{"totals_hash":"\#(hash)"}"#)
        #expect(paid.status == 200)
        let seen = try await call(shop, "get_checkout", #"{"checkout":"\#(id)"}"#)
        #expect(seen["result", "structuredContent", "status"] == "completed")
        let order = try #require(seen["result", "structuredContent", "order"]?.string)
        let bought = try await call(shop, "get_order", #"{"order":"\#(order)"}"#)
        #expect(bought["result", "structuredContent", "totals"] == checkout["totals"])
        // Another shop's assistant sees nothing of it.
        let other = try await shop.world.tenant("Other")
        for (tool, arguments) in [
            ("get_checkout", #"{"checkout":"\#(id)"}"#), ("get_order", #"{"order":"\#(order)"}"#),
            ("create_checkout", #"{"lines":[{"quote":"\#(quote)"}]}"#), ("get_order", #"{"order":"ord_0"}"#),
        ] {
            #expect(try await call(other, tool, arguments)["result", "isError"] == true, "\(tool)")
        }
    }

    @Test func `a checkout takes no price, no buyer and no quote that has ended`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        let quote = try #require(try await shop.quote("ada")["id"]?.string)
        for arguments in [
            #"{"lines":[{"quote":"\#(quote)","price":1}]}"#, #"{"lines":[{"quote":"\#(quote)"}],"total":1}"#,
            #"{"lines":[{"quote":"\#(quote)"}],"buyer":{"email":"a@b.example"}}"#, #"{"lines":[]}"#, "{}",
            #"{"lines":[{"quote":"\#(quote)","quantity":0}]}"#,
            #"{"lines":[{"quote":"\#(quote)"}],"idempotency_key":"\#(String(repeating: "k", count: 300))"}"#,
        ] {
            let told = try await call(shop, "create_checkout", arguments)
            #expect(told["result", "isError"] == true, "\(arguments): \(told.text)")
        }
        shop.world.clock.advance(by: .seconds(31 * 60))
        let late = try await call(shop, "create_checkout", #"{"lines":[{"quote":"\#(quote)"}]}"#)
        #expect(late["result", "isError"] == true)
        let closed = try await World(sells: false).tenant()
        let tools = try await old(closed, "tools/list")["result", "tools"]?.array ?? []
        #expect(tools.compactMap { $0["name"]?.string } == ["search_products", "get_product", "get_price"])
    }

    /// What the client would refuse is refused here first.
    @Test func `what each tool says is what its schema promises`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.running()
        let quote = try #require(try await shop.quote("buyer")["id"]?.string)
        let made = try await shop.post("/checkouts", #"{"lines":[{"quote":"\#(quote)"}]}"#)
        let checkout = try #require(made["id"]?.string)
        let hash = try #require(made["totals_hash"]?.string)
        let paid = try await shop.post("/checkouts/\(checkout)/complete", #"{"totals_hash":"\#(hash)"}"#)
        let order = try #require(paid["order", "id"]?.string)
        var tools: [String: JSONValue] = [:]
        for tool in try await old(shop, "tools/list", key: shop.merchant)["result", "tools"]?.array ?? [] {
            tools[try #require(tool["name"]?.string)] = tool
        }
        for (name, arguments) in [
            ("get_product", #"{"product":"sku-1"}"#),
            ("get_price", #"{"shopper":"s","product":"sku-1","signed":true}"#),
            ("get_price", #"{"shopper":"s","product":"sku-1"}"#), ("search_products", #"{"query":"mug"}"#),
            ("create_checkout", #"{"lines":[{"quote":"\#(quote)","quantity":2}]}"#),
            ("get_checkout", #"{"checkout":"\#(checkout)"}"#), ("get_order", #"{"order":"\#(order)"}"#),
            ("list_experiments", "{}"),
            ("create_experiment", Shop.experiment), ("get_report", #"{"experiment":"\#(id)"}"#),
        ] {
            let tool = try #require(tools[name])
            let (input, output) = (try #require(tool["inputSchema"]), try #require(tool["outputSchema"]))
            #expect(Schema(document: input).faults(try JSONValue(parsing: Array(arguments.utf8)), input) == [])
            let told = try await call(shop, name, arguments, key: shop.merchant)
            let structured = try #require(told["result", "structuredContent"], "\(told.text)")
            #expect(Schema(document: output).faults(structured, output) == [], "\(name)")
            #expect(input["type"] == "object" && output["type"] == "object")
            #expect(input["additionalProperties"] == false)
        }
    }

    @Test func `batches are of the old revisions, are answered in order, and cost what they hold`() async throws {
        let world = try await World { $0.rateLimitPerMinute = 60 }
        let shop = try await world.tenant()
        func send(_ body: String, _ version: String?) async throws -> Told {
            try await world.call(
                "POST", "/mcp", key: shop.agent, body, headers: version.map { [("Mcp-Protocol-Version", $0)] } ?? [])
        }
        let two =
            #"[{"jsonrpc":"2.0","id":2,"method":"ping"},{"jsonrpc":"2.0","method":"n"},{"jsonrpc":"2.0","id":1,"method":"no"},3]"#
        let told = try await send(two, nil)
        #expect(told["0", "id"] == 2)
        #expect(told["1", "error", "code"] == -32601)
        #expect(told["2", "error", "code"] == -32600)
        #expect(try told.json.array?.count == 3)
        for version in ["2025-06-18", "2025-11-25", Self.modern, "2031-01-01"] {
            let refused = try await send(two, version)
            #expect(refused.status == 400)
            #expect(code(refused) == -32600)
        }
        let notes = #"[{"jsonrpc":"2.0","method":"a"},{"jsonrpc":"2.0","method":"b"}]"#
        #expect(try await send(notes, "2025-03-26").status == 202)
        let handshake = #"[{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}]"#
        #expect(try await send(handshake, nil)["0", "error", "code"] == -32600)
        let many = "[" + (0..<50).map { #"{"jsonrpc":"2.0","id":\#($0),"method":"ping"}"# }.joined(separator: ",") + "]"
        #expect(try await send(many, nil).status == 429)
    }
}
