import AgentRuntime
import Crypto
import Experiments
import JSON
import Testing

@testable import PricingAPI

/// That a price was set for a shopper is told wherever the price is, where it is due.
@Suite struct DisclosureTests {
    private static let sentence = "THIS PRICE WAS SET BY AN ALGORITHM USING YOUR PERSONAL DATA."
    private static let newYork = #"{"plan":"pro","country":"US","region":"NY"}"#
    private static let german = "Dieser Preis wurde durch eine automatisierte Entscheidungsfindung personalisiert."

    /// A shop whose one experiment takes shoppers by what is known of them.
    private func shop(audience: String = #"{"plan":"pro"}"#) async throws -> Shop {
        let shop = try await World().tenant()
        let id = try await shop.draft()
        try #require(try await shop.patch("/experiments/\(id)", #"{"audience":\#(audience)}"#).status == 200)
        try #require(try await shop.post("/experiments/\(id)/start").status == 200)
        return shop
    }

    private func quote(_ shop: Shop, _ shopper: String, _ attributes: String = newYork) async throws -> Told {
        let told = try await shop.post(
            "/quotes", #"{"shopper":"\#(shopper)","product":"sku-1","attributes":\#(attributes)}"#)
        #expect(told.status == 201 || told.status == 200, "\(told.text)")
        return told
    }

    private func set(_ shop: Shop, _ settings: String) async throws {
        let told = try await shop.world.call("PUT", "/api/v1/disclosure", key: shop.merchant, settings)
        #expect(told.status == 200, "\(told.text)")
    }

    private func tool(_ shop: Shop, _ name: String, _ arguments: String) async throws -> JSONValue {
        let told = try await shop.world.call(
            "POST", "/mcp", key: shop.agent,
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\#(name)","arguments":\#(arguments)}}"#,
            headers: [("Accept", "application/json, text/event-stream")])
        return try #require(told["result", "structuredContent"], "\(told.text)")
    }

    @Test func `a quote tells it by the shopper's place, and a list price has nothing to tell`() async throws {
        let shop = try await shop()
        let told = try await quote(shop, "s-1")
        #expect(told["disclosure", "text"]?.string == Self.sentence && told["disclosure", "jurisdiction"] == "US-NY")
        #expect(told["disclosure", "basis"] == "personal_data")
        // Asked again, from memory, and elsewhere.
        #expect(try await quote(shop, "s-1")["disclosure", "text"]?.string == Self.sentence)
        #expect(try await quote(shop, "s-1", #"{"country":"US","region":"TX"}"#)["disclosure"] == .null)
        #expect(try await quote(shop, "s-1", "{}")["disclosure", "jurisdiction"] == "unknown")
        let abroad = try await quote(shop, "s-1", #"{"country":"DE"}"#)
        #expect(abroad["disclosure", "text"]?.string == Self.german && abroad["disclosure", "jurisdiction"] == "EU")
        let list = try await quote(shop, "s-2", #"{"country":"US","region":"NY"}"#)
        #expect(list["experiment", "reason"] == "not_in_audience" && list["disclosure"] == .null)
    }

    @Test func `chance alone is told only where the merchant asks for it`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        #expect(try await quote(shop, "s-1")["disclosure"] == .null)
        try await set(shop, #"{"prices":"experiments"}"#)
        let told = try await quote(shop, "s-1")
        #expect(told["disclosure", "basis"] == "random_assignment")
        #expect(told["disclosure", "text"]?.string == Self.sentence)
        let read = try await shop.get("/disclosure")
        #expect(read["prices"] == "experiments" && read["places"] == "law" && read["unknown_place"] == .null)
        let wrong = try await shop.world.call(
            "PUT", "/api/v1/disclosure", key: shop.merchant, #"{"unknown_place":"Texas","prices":"some"}"#)
        #expect(wrong.status == 422 && Set(wrong.pointers) == ["/unknown_place", "/prices"], "\(wrong.text)")
    }

    @Test func `an audience that was opened has taken its shoppers by their data all the same`() async throws {
        let shop = try await shop()
        let first = try await quote(shop, "s-1")
        let id = try #require(first["experiment", "id"]?.string)
        try #require(try await shop.patch("/experiments/\(id)", #"{"audience":null}"#).status == 200)
        #expect(try await quote(shop, "s-1")["disclosure", "text"]?.string == Self.sentence)
    }

    @Test func `no door tells the price without it`() async throws {
        let shop = try await shop()
        let context = #"{"context":{"targetingKey":"s-1","plan":"pro","country":"US","region":"NY"}}"#
        var heard: [String: String] = [:]
        func note(_ door: String, _ text: String?) { heard[door] = text ?? "nothing" }
        let quote = try await quote(shop, "s-1")
        let id = try #require(quote["id"]?.string)
        note("quote", quote["disclosure", "text"]?.string)
        let read = try await shop.get("/quotes/\(id)")
        note("read", read["disclosure", "text"]?.string)
        let batch = try await shop.post(
            "/quotes/batch", #"{"quotes":[{"shopper":"s-1","product":"sku-1","attributes":\#(Self.newYork)}]}"#)
        note("batch", batch["data", "0", "quote", "disclosure", "text"]?.string)
        let encoded = Self.newYork.replacingOccurrences(of: "{", with: "%7B")
            .replacingOccurrences(of: "}", with: "%7D").replacingOccurrences(of: "\"", with: "%22")
        let peeked = try await shop.get("/prices/sku-1?shopper=s-1&attributes=\(encoded)")
        note("peek", peeked["disclosure", "text"]?.string)
        let jws = try #require(try await shop.get("/quotes/\(id)/signature")["jws"]?.string)
        let claims = try #require(Base64URL.decode(String(jws.split(separator: ".")[1])))
        let signed = try JSONValue(parsing: claims)
        note("signature", signed["disclosure"]?["text"]?.string)
        for form in ["", ".minor", ".quote"] {
            let flag = try await shop.world.call(
                "POST", "/ofrep/v1/evaluate/flags/price.sku-1\(form)", key: shop.agent, context)
            note("flag\(form)", flag["metadata", "disclosure"]?.string)
        }
        let flag = try await shop.world.call(
            "POST", "/ofrep/v1/evaluate/flags/price.sku-1.disclosure", key: shop.agent, context)
        note("flag.disclosure", flag["value"]?.string)
        let payload = try await shop.world.call("GET", "/api/features/\(shop.merchant)")
        note("features", payload["features", "price.sku-1.disclosure", "rules", "0", "variations", "1"]?.string)
        let evaluated = try await shop.world.call(
            "POST", "/api/eval/\(shop.agent)",
            #"{"attributes":{"id":"s-1","plan":"pro","country":"US","region":"NY"}}"#)
        note("eval", evaluated["features", "price.sku-1.disclosure", "defaultValue"]?.string)
        let assisted = try await tool(
            shop, "get_price", #"{"shopper":"s-1","product":"sku-1","attributes":\#(Self.newYork)}"#)
        note("assistant", assisted["disclosure"]?["text"]?.string)
        let cart = try await shop.post("/checkouts", #"{"lines":[{"quote":"\#(id)"}]}"#)
        note("checkout", cart["lines", "0", "disclosure", "text"]?.string)
        let prepared = try await tool(shop, "create_checkout", #"{"lines":[{"quote":"\#(id)"}]}"#)
        note("assistant's checkout", prepared["lines"]?.array?.first?["disclosure"]?["text"]?.string)
        let checkout = try #require(cart["id"]?.string)
        let hash = try #require(cart["totals_hash"]?.string)
        let paid = try await shop.post("/checkouts/\(checkout)/complete", #"{"totals_hash":"\#(hash)"}"#)
        note("order", paid["order", "lines", "0", "disclosure", "text"]?.string)
        for (door, text) in heard { #expect(text == Self.sentence, "\(door): \(text)") }
        #expect(heard.count == 15)
    }

    @Test(arguments: ["en", "de", "es", "fr"])
    func `a chat tells it in the line after the price, on its card, and beside the total`(
        language: String
    ) async throws {
        let shop = try await shop()
        let chat = try await ConversationRouteTests.Chat(
            shop, shopper: "s-1", #","language":"\#(language)","attributes":\#(Self.newYork)"#)
        let words = [
            "en": ["mug", "how much is the mug?", "I'll take two", "yes"],
            "de": ["mug", "was kostet mug?", "Ich nehme zwei", "ja"],
            "es": ["mug", "¿cuánto cuesta mug?", "Me llevo dos", "sí"],
            "fr": ["mug", "combien coûte mug ?", "J'en prends deux", "oui"],
        ]
        var totals = 0
        for said in words[language] ?? [] {
            let told = try await chat.say(said)
            let text = try #require(told["text"]?.string)
            let amounts = told["amounts"]?.array ?? []
            #expect(!amounts.isEmpty, "\(said): \(text)")
            for amount in amounts {
                let written = try #require(amount["text"]?.string)
                let lines = text.split(separator: "\n").map(String.init)
                let place = try #require(lines.firstIndex { $0.contains(written) })
                #expect(lines.indices.contains(place + 1) && lines[place + 1] == Self.sentence, "\(text)")
            }
            totals += amounts.filter { $0["checkout"] != nil }.count
            for card in told["products"]?.array ?? [] {
                #expect(card["quote"]?["disclosure"]?["text"]?.string == Self.sentence)
            }
        }
        #expect(totals == 1)
        var audit = TranscriptAudit()
        try await audit.read(
            try #require(TenantID(shop.id)), prices: shop.world.service,
            checkouts: try #require(shop.world.store as? any CheckoutStore))
        #expect(audit.findings == [] && audit.amounts > 5)
    }

    @Test func `a person's slot and a model's bring it along`() async throws {
        let shop = try await shop()
        let chat = try await ConversationRouteTests.Chat(shop, shopper: "s-1", #","attributes":\#(Self.newYork)"#)
        let offer = try await chat.say("mug")
        let quote = try #require(offer["amounts", "0", "quote"]?.string, "\(offer.text)")
        try #require(try await shop.post("/conversations/\(chat.id)/handoff", "{}").status == 200)
        let reply = try await shop.post(
            "/conversations/\(chat.id)/reply", #"{"text":"It is {{price:\#(quote)}}."}"#)
        #expect(reply.status == 200, "\(reply.text)")
        let text = try #require(reply["message", "text"]?.string ?? reply["text"]?.string, "\(reply.text)")
        #expect(text.hasSuffix("\n" + Self.sentence), "\(text)")

        let modelled = try await ModelShop(
            ScriptedModel(
                .uses("search_products", #"{"query":"mug"}"#),
                .says("It is sturdy. {{fact:p1.title}} costs {{price:p1}}. Do you like it?")))
        try await set(modelled.shop, #"{"prices":"experiments"}"#)
        let talk = try await modelled.chat()
        let told = try await talk.say(
            "would your mug survive a trip through the mountains in a backpack, do you reckon?")
        let price = try #require(told["amounts", "0", "text"]?.string, "\(told.text)")
        let said = try #require(told["text"]?.string)
        #expect(said.contains("\(price).") && said.contains("\n" + Self.sentence), "\(said)")
        #expect(said.split(separator: Self.sentence, omittingEmptySubsequences: false).count == 2, "\(said)")
        #expect(try await modelled.audit().findings == [])
    }
}
