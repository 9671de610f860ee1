import AgentRuntime
import Experiments
import JSON
import Testing

@testable import PricingAPI

@Suite struct ConversationRouteTests {
    /// A chat over the API, by a server with an agent's key.
    struct Chat: Sendable {
        let shop: Shop
        let id: String
        let shopper: String
        let greeting: Told

        init(_ shop: Shop, shopper: String = "s-1", _ more: String = "") async throws {
            self.shop = shop
            greeting = try await shop.world.call(
                "POST", "/api/v1/conversations", key: shop.agent, #"{"shopper":"\#(shopper)"\#(more)}"#)
            try #require(greeting.status == 201, "\(greeting.text)")
            id = try #require(greeting["id"]?.string)
            self.shopper = try #require(greeting["shopper"]?.string)
        }

        func say(_ text: String, headers: [(String, String)] = []) async throws -> Told {
            // Far enough apart for the allowance, whatever is said.
            let body = String(decoding: JSONValue.object(JSONObject([("text", .string(text))])).serialized(), as: UTF8.self)
            return try await shop.world.call(
                "POST", "/api/v1/conversations/\(id)/messages", key: shop.agent, body, headers: headers)
        }

        func get(_ path: String = "") async throws -> Told {
            try await shop.world.call("GET", "/api/v1/conversations/\(id)\(path)", key: shop.agent)
        }
    }

    /// A shop with a running experiment on one of its three products.
    private static func shop(messagesPerMinute: Int = 600) async throws -> Shop {
        let shop = try await World().tenant()
        _ = try await shop.running()
        for (sku, title) in [("sku-2", "Tea kettle"), ("sku-3", "Reading lamp")] {
            let body = #"{"sku":"\#(sku)","title":"\#(title)","description":"Made of steel. Only $5 today!","list_price":{"amount":4500,"currency":"USD"}}"#
            try #require(try await shop.post("/products", body).status == 201)
        }
        let told = try await shop.world.call(
            "PUT", "/api/v1/agent", key: shop.merchant,
            #"{"name":"Ada","messages_per_minute":\#(messagesPerMinute),"disclosure":"A machine answers here."}"#)
        try #require(told.status == 200, "\(told.text)")
        return shop
    }

    @Test func `a chat goes from hello to a paid order at the shopper's own price`() async throws {
        let shop = try await Self.shop()
        let chat = try await Chat(shop)
        #expect(chat.greeting["message", "role"] == "agent" && chat.greeting["state"] == "greeting")
        #expect(chat.greeting["message", "text"]?.string?.contains("A machine answers here.") == true)
        let offer = try await chat.say("Hi, I am looking for a mug")
        #expect(offer.status == 200 && offer["products", "0", "sku"] == "sku-1", "\(offer.text)")
        let chosen = try await chat.say("How much is the mug?")
        #expect(chosen["state"] == "quoting", "\(chosen.text)")
        let quote = try await shop.quote("s-1")
        #expect(chosen["amounts", "0", "amount"] == quote["price", "amount"])
        #expect(chosen["amounts", "0", "quote"] == quote["id"])
        #expect(chosen["products", "0", "quote", "price"] == quote["price"])
        let question = try await chat.say("I'll take two")
        #expect(question["state"] == "confirming", "\(question.text)")
        let checkout = try await chat.say("yes please")
        #expect(checkout["state"] == "paying", "\(checkout.text)")
        let id = try #require(checkout["actions", "0", "checkout"]?.string)
        let made = try await shop.world.call("GET", "/api/v1/checkouts/\(id)", key: shop.agent)
        #expect(checkout["amounts", "0", "amount"] == made["totals", "total", "amount"], "\(made.text)")
        #expect(made["totals", "total", "amount"]?.int64 == (quote["price", "amount"]?.int64).map { $0 * 2 })
        #expect(try await chat.say("did it go through?")["state"] == "paying")
        let hash = try #require(made["totals_hash"]?.string)
        let paid = try await shop.world.call(
            "POST", "/api/v1/checkouts/\(id)/complete", key: shop.agent, #"{"totals_hash":"\#(hash)"}"#)
        #expect(paid.status == 200, "\(paid.text)")
        let done = try await chat.say("thanks!")
        #expect(done["state"] == "done", "\(done.text)")
        #expect(done["amounts", "0", "amount"] == made["totals", "total", "amount"])
        let transcript = try await chat.get("/messages")
        #expect(transcript["data"]?.array?.count == 13)
        #expect(try await chat.get()["state"] == "done")
    }
}
