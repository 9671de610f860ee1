import Experiments
import JSON
import SeedSupport
import Testing

@testable import PricingAPI

/// One shopper, one price: whichever door is asked first, and whichever afterwards.
@Suite struct OnePriceTests {
    private enum Door: CaseIterable { case quote, chat, assistant, openFeature, growthBook }

    @Test func `a thousand shoppers hear one price each by every door, pay it, and are counted once`() async throws {
        let shop = try await World().tenant()
        let experiment = try await shop.running()
        let shoppers = 1000
        var random = Seeded(1838)
        var arms = [0, 0]
        for number in 0..<shoppers {
            let shopper = "s-\(number)"
            var heard: [Int64] = []
            var quote = ""
            for door in Door.allCases.shuffled(using: &random) {
                switch door {
                case .quote:
                    let told = try await shop.quote(shopper)
                    heard.append(try #require(told["price", "amount"]?.int64))
                    quote = try #require(told["id"]?.string)
                case .chat:
                    let chat = try await ConversationRouteTests.Chat(shop, shopper: shopper)
                    let told = try await chat.say("How much is the mug?")
                    heard.append(try #require(told["amounts", "0", "amount"]?.int64, "\(told.text)"))
                case .assistant:
                    let told = try await shop.world.call(
                        "POST", "/mcp", key: shop.agent,
                        """
                        {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_price",\
                        "arguments":{"shopper":"\(shopper)","product":"sku-1"}}}
                        """, headers: [("Accept", "application/json, text/event-stream")])
                    heard.append(
                        try #require(told["result", "structuredContent", "price", "amount"]?.int64, "\(told.text)"))
                case .openFeature:
                    let told = try await shop.world.call(
                        "POST", "/ofrep/v1/evaluate/flags/price.sku-1.minor", key: shop.agent,
                        #"{"context":{"targetingKey":"\#(shopper)"}}"#)
                    heard.append(try #require(told["value"]?.int64, "\(told.text)"))
                case .growthBook:
                    let told = try await shop.world.call(
                        "POST", "/api/eval/\(shop.agent)", #"{"attributes":{"id":"\#(shopper)"}}"#)
                    heard.append(
                        try #require(
                            told["features", "price.sku-1.minor", "rules", "0", "force"]?.int64, "\(told.text)"))
                }
            }
            let price = try #require(heard.first)
            #expect(Set(heard) == [price], "\(shopper) heard \(heard)")
            arms[price == 1999 ? 0 : 1] += 1
            guard number % 10 == 0 else { continue }
            let made = try await shop.world.call(
                "POST", "/api/v1/checkouts", key: shop.agent, #"{"lines":[{"quote":"\#(quote)"}]}"#)
            let hash = try #require(made["totals_hash"]?.string, "\(made.text)")
            let paid = try await shop.world.call(
                "POST", "/api/v1/checkouts/\(try #require(made["id"]?.string))/complete", key: shop.agent,
                #"{"totals_hash":"\#(hash)"}"#)
            #expect(paid["order", "totals", "total", "amount"]?.int64 == price, "\(paid.text)")
        }
        let report = try await shop.get("/experiments/\(experiment)/report")
        let observed = report["data_quality", "sample_ratio", "observed"]?.array?.compactMap(\.int64) ?? []
        #expect(observed == arms.map(Int64.init))
        #expect((report["data_quality", "sample_ratio", "p_value"]?.double ?? 0) > 0.001)
        let sales = report["metrics"]?.array?.first { $0["name"] == "conversion_rate" }.map { metric in
            (metric["variants"]?.array ?? []).compactMap { $0["total"]?.int64 }.reduce(0, +)
        }
        #expect(sales == Int64(shoppers / 10))
    }

    /// The id that the same offer has a number of quarter hours later.
    private func later(_ quote: String, by windows: UInt64) throws -> String {
        let id = try #require(QuoteID(quote))
        let moved = id.bits.high &+ (windows * 15 * 60 * 1000) << 16
        return QuoteID(bits: Bits128(high: moved, low: id.bits.low)).description
    }

    private func checkout(_ shop: Shop, _ quote: String) async throws -> Told {
        try await shop.world.call(
            "POST", "/api/v1/checkouts", key: shop.agent, #"{"lines":[{"quote":"\#(quote)"}]}"#)
    }

    @Test func `an id worked out from an old quote buys nothing at a price that is not told any more`() async throws {
        let shop = try await World().tenant()
        let experiment = try await shop.running()
        let tested = try #require(try await shop.quote("ada")["id"]?.string)
        // A window that has not begun is nobody's.
        #expect(try await checkout(shop, later(tested, by: 1)).status == 422)
        #expect(try await shop.post("/experiments/\(experiment)/complete").status == 200)
        // What was told is honoured until it expires.
        #expect(try await checkout(shop, tested).status == 201)
        let listed = try await shop.quote("bea")
        let list = try #require(listed["id"]?.string)
        let token = try #require(listed["token"]?.string)
        shop.world.clock.advance(by: .seconds(20 * 60))
        #expect(try await checkout(shop, later(tested, by: 1)).status == 422)
        #expect(try await checkout(shop, later(list, by: 1)).status == 201)
        #expect(
            try await shop.patch("/products/sku-1", #"{"list_price":{"amount":5000,"currency":"USD"}}"#).status == 200)
        #expect(try await checkout(shop, later(list, by: 1)).status == 422)
        #expect(try await checkout(shop, list).status == 201)
        #expect(try await checkout(shop, token).status == 201)
    }

    @Test func `a browser chooses no attributes, no silence and no checkout`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        let opened = try await shop.world.call("POST", "/api/v1/sessions", key: shop.agent, #"{"shopper":"ada"}"#)
        let session = try #require(opened["session"]?.string)
        for more in [#""attributes":{"country":"DE"}"#, #""channel":"web""#, #""expose":false"#] {
            let told = try await shop.world.call(
                "POST", "/api/v1/quotes", key: session, #"{"shopper":"ada","product":"sku-1",\#(more)}"#)
            #expect(told.status == 422)
        }
        let begun = try await shop.world.call(
            "POST", "/api/v1/conversations", key: session, #"{"attributes":{"country":"DE"}}"#)
        #expect(begun.status == 422)
        let quote = try #require(try await shop.quote("ada")["id"]?.string)
        let made = try await shop.world.call(
            "POST", "/api/v1/checkouts", key: session, #"{"lines":[{"quote":"\#(quote)"}]}"#)
        #expect(made.status == 403)
    }

    @Test(arguments: [
        "It costs 19.99", "For you: 1999", "You get it for twenty", "half price", "10% off", "It is free", "price XIX",
        "１９.９９",
    ])
    func `a person of the shop writes no amount either`(text: String) async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        let chat = try await ConversationRouteTests.Chat(shop)
        _ = try await chat.say("How much is the mug?")
        let path = "/conversations/\(chat.id)"
        #expect(try await shop.post(path + "/handoff").status == 200)
        #expect(try await shop.post(path + "/reply", #"{"text":"\#(text)"}"#).status == 422)
        #expect(try await shop.post(path + "/reply", #"{"text":"It ships on Monday."}"#).status == 200)
    }

    @Test(arguments: ["Now only 19.99! Great mug.", "MSRP 24.99", "UVP 30,00", "Was 25, buy today", "19 balles"])
    func `what a merchant wrote of money reaches no shopper and no assistant`(text: String) async throws {
        let shop = try await World().tenant()
        let body =
            #"{"sku":"lamp","title":"Lamp \#(text)","description":"A desk lamp. \#(text)","attributes":{"msrp":"\#(text)"},"#
            + #""list_price":{"amount":424242,"currency":"USD"}}"#
        #expect(try await shop.post("/products", body).status == 201)
        let chat = try await ConversationRouteTests.Chat(shop)
        for said in ["lamp", "tell me more about it", "how much is the lamp?"] {
            let told = try await chat.say(said)["text"]?.string ?? ""
            #expect(
                !told.contains("19") && !told.contains("24.99") && !told.contains("25") && !told.contains("30"),
                "\(told)")
        }
        let tool = try await shop.world.call(
            "POST", "/mcp", key: shop.agent,
            """
            {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_product","arguments":{"product":"lamp"}}}
            """, headers: [("Accept", "application/json, text/event-stream")])
        let product = try #require(tool["result", "structuredContent"], "\(tool.text)")
        #expect(product["title"] == "SKU lamp" && product["attributes"]?.object?.isEmpty == true, "\(product)")
        #expect(product["description"]?.string?.contains("Great") != true || text.contains("Great"))
    }
}
