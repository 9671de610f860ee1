import Experiments
import JSON
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
}
