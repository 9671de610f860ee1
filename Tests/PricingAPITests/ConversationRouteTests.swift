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
            let body = String(
                decoding: JSONValue.object(JSONObject([("text", .string(text))])).serialized(), as: UTF8.self)
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
            let body =
                #"{"sku":"\#(sku)","title":"\#(title)","description":"Made of steel. Only $5 today!","list_price":{"amount":4500,"currency":"USD"}}"#
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

    /// A chat with a checkout of three mugs that waits to be paid.
    private static func paying(_ shop: Shop, shopper: String) async throws -> (chat: Chat, checkout: String) {
        let chat = try await Chat(shop, shopper: shopper)
        _ = try await chat.say("how much is the mug?")
        _ = try await chat.say("I take 3")
        let opened = try await chat.say("yes")
        try #require(opened["actions", "0", "type"] == "checkout", "\(opened.text)")
        return (chat, try #require(opened["actions", "0", "checkout"]?.string))
    }

    private static func pay(_ checkout: String, of shop: Shop) async throws -> Told {
        let made = try await shop.world.call("GET", "/api/v1/checkouts/\(checkout)", key: shop.agent)
        let hash = try #require(made["totals_hash"]?.string)
        return try await shop.world.call(
            "POST", "/api/v1/checkouts/\(checkout)/complete", key: shop.agent, #"{"totals_hash":"\#(hash)"}"#)
    }

    @Test func `what was replaced or refused in a chat cannot be paid, and what is paid is remembered`() async throws {
        let shop = try await Self.shop()
        let (chat, first) = try await Self.paying(shop, shopper: "s-1")
        let changed = try await chat.say("actually make it 2")
        #expect(changed["state"] == "confirming", "\(changed.text)")
        #expect(changed["actions", "0", "type"] == "checkout_closed")
        #expect(changed["actions", "0", "checkout"]?.string == first)
        let late = try await Self.pay(first, of: shop)
        #expect(late.status == 409 && late["detail"]?.string?.contains("canceled") == true, "\(late.text)")
        let second = try #require(try await chat.say("yes")["actions", "0", "checkout"]?.string)
        let refused = try await chat.say("forget it")
        #expect(refused["text"]?.string?.contains("cancelled") == true)
        #expect(refused["actions", "0", "checkout"]?.string == second)
        #expect(try await Self.pay(second, of: shop).status == 409)
        #expect(try await chat.say("where is my order?")["text"]?.string?.hasPrefix("I see no order") == true)
        _ = try await chat.say("I take 2")
        let third = try #require(try await chat.say("yes")["actions", "0", "checkout"]?.string)
        #expect(try await Self.pay(third, of: shop).status == 200)
        for text in ["cancel", "where is my order?", "thanks", "I paid", "where is my order?"] {
            let told = try await chat.say(text)
            guard text != "thanks" else { continue }
            #expect(told["text"]?.string?.contains("order is placed") == true, "\(text): \(told.text)")
            #expect(told["amounts", "0", "checkout"]?.string == third)
        }
        let orders = try await shop.get("/orders")
        #expect(orders["data"]?.array?.count == 1)
        let order = try #require(orders["data", "0", "id"]?.string)
        #expect(try await shop.post("/orders/\(order)/refunds", "{}").status == 201)
        #expect(try await chat.say("where is my order?")["text"]?.string?.contains("sent back to you") == true)
    }

    @Test func `what is said of prices and currencies is told with the live price, in the chat's language`()
        async throws
    {
        let shop = try await Self.shop()
        for (number, language) in ["en", "de", "es", "fr"].enumerated() {
            let chat = try await Chat(shop, shopper: "p-\(number)", #","language":"\#(language)""#)
            _ = try await chat.say("mug")
            let quote = try await shop.quote("p-\(number)")
            let questions: [String: (why: String, currency: String, told: String)] = [
                "en": ("why is it this price?", "what is it in euros?", "tests prices"),
                "de": ("Warum kostet das so viel?", "Was ist das in Euro?", "Preise testet"),
                "es": ("¿por qué este precio?", "¿cuánto es en euros?", "prueba precios"),
                "fr": ("pourquoi ce prix ?", "c'est combien en euros ?", "teste des prix"),
            ]
            let asked = try #require(questions[language])
            for (text, told) in [(asked.why, asked.told), (asked.currency, "USD")] {
                let answer = try await chat.say(text)
                #expect(answer["text"]?.string?.contains(told) == true, "\(text): \(answer.text)")
                #expect(answer["amounts"]?.array?.count == 1 && answer["state"] == "quoting")
                #expect(answer["amounts", "0", "amount"] == quote["price", "amount"])
            }
        }
    }

    /// Of what two replicas decided at once one is kept; what the other opened nobody was told of.
    @Test func `a yes that two replicas hear at once leaves one checkout that can be paid`() async throws {
        let shop = try await Self.shop()
        let store = try #require(shop.world.store as? any CheckoutStore)
        let tenant = try #require(TenantID(shop.id))
        let snapshot = try #require(shop.world.service.snapshot(of: tenant))
        let other = PricingAPI(
            service: shop.world.service, checkouts: shop.world.api.checkouts, configuration: APIConfiguration())
        for number in 0..<40 {
            let chat = try await Chat(shop, shopper: "y-\(number)")
            _ = try await chat.say("how much is the mug?")
            _ = try await chat.say("I take 2")
            let id = try #require(ConversationID(chat.id))
            async let here = shop.world.api.conversations.receive("yes", in: id, of: snapshot)
            async let there = other.conversations.receive("yes", in: id, of: snapshot)
            let told = try await [here, there].compactMap(\.last?.message.checkout)
            let subject = snapshot.subject(of: try #require(TenantKey("y-\(number)")))
            var open: [CheckoutID] = []
            for checkout in try await store.purchases(of: subject, in: tenant).checkouts {
                if try await store.checkout(checkout, in: tenant)?.status == .open { open.append(checkout) }
            }
            #expect(open.count == 1 && Set(told) == Set(open), "\(open) \(told)")
        }
    }

    @Test func `of paying and cancelling at once one wins, and the chat says which`() async throws {
        let shop = try await Self.shop()
        for number in 0..<20 {
            let (chat, checkout) = try await Self.paying(shop, shopper: "r-\(number)")
            async let paying = Self.pay(checkout, of: shop)
            if number % 2 == 0 { await Task.yield() }
            async let saying = chat.say(number % 3 == 0 ? "make it 2" : "cancel")
            let (paid, told) = try await (paying, saying)
            let text = told["text"]?.string ?? ""
            let isPaid = paid.status == 200
            if isPaid {
                #expect(text.contains("placed") || text.contains("under way"), "\(text)")
            } else {
                #expect(paid.status == 409 && text.contains("cancelled"), "\(paid.text) \(text)")
            }
            let status = try await shop.world.call("GET", "/api/v1/checkouts/\(checkout)", key: shop.agent)["status"]
            #expect(status == (isPaid ? "completed" : "canceled"))
        }
        let orders = try await shop.get("/orders?limit=50")["data"]?.array ?? []
        #expect(Set(orders.compactMap { $0["checkout"]?.string }).count == orders.count)
    }

    @Test func `without a shopper a new one is made, in the language that is asked for`() async throws {
        let shop = try await Self.shop()
        let told = try await shop.world.call(
            "POST", "/api/v1/conversations", key: shop.agent, "{}",
            headers: [("Accept-Language", "xx, fr;q=0.9, de;q=0.5")])
        #expect(told.status == 201 && told["language"] == "fr")
        #expect(told["shopper"]?.string?.hasPrefix("anon_") == true)
        #expect(told["message", "text"]?.string?.hasPrefix("Bonjour") == true)
        #expect(told.header("location") == "/api/v1/conversations/\(told["id"]?.string ?? "")")
        let german = try await Chat(shop, shopper: "s-9", #","language":"de-AT""#)
        #expect(german.greeting["language"] == "de")
    }

    @Test func `a price is counted as told when it is told, and not before`() async throws {
        let shop = try await Self.shop()
        let chat = try await Chat(shop, shopper: "s-5")
        func exposed() async throws -> Int {
            let tenant = try #require(TenantID(shop.id))
            let snapshot = try #require(shop.world.service.snapshot(of: tenant))
            let experiment = try #require(snapshot.experiments.keys.first)
            return try await shop.world.store.units(of: experiment, in: tenant, after: nil, limit: 10)
                .count { $0.unit.exposedAt != nil }
        }
        _ = try await chat.say("hello")
        _ = try await chat.say("can I get a discount?")
        #expect(try await exposed() == 0)
        let told = try await chat.say("show me a mug")
        #expect(told["amounts"]?.array?.isEmpty == false)
        #expect(try await exposed() == 1)
    }

    @Test func `a quote that expired is renewed at the same price before it is told again`() async throws {
        let shop = try await Self.shop()
        let chat = try await Chat(shop)
        let first = try await chat.say("the mug, how much is it?")
        shop.world.clock.advance(by: .seconds(7200))
        let later = try await chat.say("how much is it?")
        #expect(later["amounts", "0", "amount"] == first["amounts", "0", "amount"])
        #expect(later["amounts", "0", "quote"] != first["amounts", "0", "quote"])
        let state = try await shop.get("/quotes/\(later["amounts", "0", "quote"]?.string ?? "")")
        #expect(state["state"] == "quoted")
        // What was confirmed in time is still that price after its quote has ended.
        #expect(try await chat.say("I'll take it")["state"] == "confirming")
        shop.world.clock.advance(by: .seconds(7200))
        let checkout = try await chat.say("yes")
        #expect(checkout["state"] == "paying")
        #expect(checkout["amounts", "0", "amount"] == first["amounts", "0", "amount"])
    }

    @Test func `a person takes over, tells amounts as slots only, and gives back`() async throws {
        let shop = try await Self.shop()
        let chat = try await Chat(shop)
        let priced = try await chat.say("how much is the mug?")
        let quote = try #require(priced["amounts", "0", "quote"]?.string)
        #expect(try await shop.post("/conversations/\(chat.id)/reply", #"{"text":"Hi"}"#)["code"] == "wrong_state")
        let given = try await chat.say("I want to talk to a human")
        #expect(given["state"] == "handed_off" && given["role"] == "agent")
        let alone = try await chat.say("are you there?")
        #expect(alone["role"] == "shopper" && alone["state"] == "handed_off")
        let waiting = try await shop.get("/conversations?state=handed_off")
        #expect(waiting["data", "0", "id"]?.string == chat.id && waiting["data", "0", "shopper"] == "s-1")
        #expect(try await shop.get("/conversations?state=paying")["data"] == [])
        for text in ["It costs $5 for you.", "You get it for 10 euros", "{{price:quo_1}}"] {
            let told = try await shop.post("/conversations/\(chat.id)/reply", #"{"text":"\#(text)"}"#)
            #expect(told.status == 422 && told.pointers == ["/text"], "\(text): \(told.text)")
        }
        let told = try await shop.post(
            "/conversations/\(chat.id)/reply",
            #"{"text":"It is {{price:\#(quote)}}. We open on Monday.","resume":true}"#)
        #expect(told.status == 200 && told["state"] == "asking", "\(told.text)")
        #expect(told["message", "role"] == "operator")
        #expect(told["message", "amounts", "0", "quote"]?.string == quote)
        #expect(try await chat.say("thanks")["role"] == "agent")
        let agent = try await shop.world.call(
            "POST", "/api/v1/conversations/\(chat.id)/reply", key: shop.agent, #"{"text":"x"}"#)
        #expect(agent.status == 403)
    }

    @Test func `a repeated message is answered once, and two at once are both kept and each answered`() async throws {
        let shop = try await Self.shop()
        let chat = try await Chat(shop)
        let first = try await chat.say("mug", headers: [("Idempotency-Key", "k-1")])
        let again = try await chat.say("mug", headers: [("Idempotency-Key", "k-1")])
        #expect(again.bytes == first.bytes && again.header("idempotent-replayed") == "true")
        #expect(try await chat.say("lamp", headers: [("Idempotency-Key", "k-1")])["code"] == "idempotency_mismatch")
        #expect(try await chat.get()["messages"] == 3)
        let answers = try await withThrowingTaskGroup(of: Told.self) { group in
            for text in ["mug", "lamp", "kettle", "hello"] { group.addTask { try await chat.say(text) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.status == 200 && $0["role"] == "agent" })
        #expect(Set(answers.compactMap { $0["id"]?.string }).count == 4)
        let said = try await chat.get("/messages")["data"]?.array ?? []
        #expect(said.count == 11)
        #expect(said.dropFirst(3).enumerated().allSatisfy { $1["role"] == ($0 % 2 == 0 ? "shopper" : "agent") })
        // On from a message named.
        let third = try #require(said[2]["id"]?.string)
        let rest = try await chat.get("/messages?limit=2&after=\(third)")
        #expect(rest["data", "0", "id"] == said[3]["id"] && rest["next_after"] == said[4]["id"])
    }

    @Test func `what cannot be said is refused, and what is another's is not there`() async throws {
        let shop = try await Self.shop(messagesPerMinute: 3)
        let chat = try await Chat(shop)
        for (body, pointer) in [
            ("{}", "/text"), (#"{"text":""}"#, "/text"), (#"{"text":"  "}"#, "/text"), (#"{"txt":"hi"}"#, "/txt"),
            (#"{"text":"\#(String(repeating: "x", count: 2001))"}"#, "/text"), (#"{"text":5}"#, "/text"),
        ] {
            let told = try await shop.world.call(
                "POST", "/api/v1/conversations/\(chat.id)/messages", key: shop.agent, body)
            #expect(told.status == 422 && told.pointers.contains(pointer), "\(body): \(told.text)")
        }
        let stranger = try await shop.world.tenant("Other")
        for path in ["", "/messages", "/stream"] {
            let told = try await stranger.get("/conversations/\(chat.id)\(path)")
            #expect(told.status == 404, "\(path)")
        }
        #expect(try await stranger.get("/conversations")["data"] == [])
        #expect(try await shop.get("/conversations/con_1").status == 404)
        #expect(
            try await chat.get("/messages?after=msg_\(String(repeating: "0", count: 32))")["code"]
                == "invalid_parameter")
        #expect(try await shop.get("/conversations?state=gone")["code"] == "invalid_parameter")
        let analyst = try await shop.world.call(
            "POST", "/api/v1/conversations/\(chat.id)/messages", key: shop.analyst, #"{"text":"hi"}"#)
        #expect(analyst.status == 403)
        for _ in 0..<3 { #expect(try await chat.say("hello").status == 200) }
        let late = try await chat.say("hello")
        #expect(late.status == 429 && late.header("retry-after") != nil && late["code"] == "rate_limited")
    }

    @Test func `an erased shopper's words are gone, and the audit says so by the shopper's hash alone`() async throws {
        let shop = try await Self.shop()
        let chat = try await Chat(shop, shopper: "mary@example.org")
        _ = try await chat.say("a mug")
        let told = try await shop.delete("/shoppers/mary%40example.org/conversations")
        #expect(told.status == 200 && told["erased"] == 1, "\(told.text)")
        #expect(try await chat.get().status == 404)
        #expect(try await chat.say("hello?").status == 404)
        let audit = try await shop.get("/audit?limit=1")
        #expect(audit["data", "0", "action"] == "conversations.erase" && !audit.text.contains("mary"))
    }

    @Test func `a shopper's id is not in what is stored`() async throws {
        let shop = try await Self.shop()
        let chat = try await Chat(shop, shopper: "very-private-name", #","attributes":{"city":"Timbuktu"}"#)
        _ = try await chat.say("a mug, my card is 4111 1111 1111 1111")
        let tenant = try #require(TenantID(shop.id))
        let id = try #require(ConversationID(chat.id))
        let record = try #require(try await shop.world.store.conversation(id, in: tenant))
        let messages = try await shop.world.store.messages(of: id, in: tenant, after: 0, limit: 10)
        let stored = ([record.document] + messages.map(\.document)).joined()
        for secret in ["very-private", "Timbuktu", "4111 1111"] { #expect(!stored.contains(secret), "\(secret)") }
        #expect(try await chat.get()["shopper"] == "very-private-name")
    }

    @Test func `settings that could be read as an amount are refused, and the others are said`() async throws {
        let shop = try await Self.shop()
        func put(_ body: String) async throws -> Told {
            try await shop.world.call("PUT", "/api/v1/agent", key: shop.merchant, body)
        }
        for (body, pointer) in [
            (#"{"greeting":"Everything 20% off today!"}"#, "/greeting"), (#"{"name":""}"#, "/name"),
            (#"{"languages":["en","tlh"]}"#, "/languages/1"), (#"{"languages":[]}"#, "/languages"),
            (#"{"disclosure":"A $5 gift"}"#, "/disclosure"), (#"{"messages_per_minute":0}"#, "/messages_per_minute"),
            (#"{"tone":"rude"}"#, "/tone"),
            (#"{"policies":{"shipping":{"en":"It costs $5."}}}"#, "/policies/shipping/en"),
            (#"{"policies":{"returns":{"de":""}}}"#, "/policies/returns/de"),
            (#"{"policies":{"returns":{"tlh":"Hab"}}}"#, "/policies/returns/tlh"),
            (#"{"policies":{"gifts":{"en":"None."}}}"#, "/policies/gifts"),
        ] {
            let told = try await put(body)
            #expect(told.status == 422 && told.pointers.contains(pointer), "\(body): \(told.text)")
        }
        let body =
            #"{"name":"Ada","greeting":"Welcome to our shop!","languages":["de"],"operator_contact":"Telephone 030 1234"}"#
        #expect(try await put(body).status == 200)
        let chat = try await Chat(shop)
        #expect(chat.greeting["message", "text"] == "Welcome to our shop!" && chat.greeting["language"] == "de")
        let given = try await chat.say("einen Mitarbeiter bitte")
        #expect(given["text"]?.string?.contains("Telephone 030 1234") == true, "\(given.text)")
        #expect(try await shop.get("/agent")["messages_per_minute"] == 10)
    }

    @Test func `what the shop says of a matter is told in its words, in its languages, and a yes asks for a person`()
        async throws
    {
        let shop = try await World().tenant()
        let body = """
            {"policies":{"shipping":{"en":"We ship within two days, to all of Europe."},"returns":{"en":"Send it back \
            within two weeks.","de":"Sie haben zwei Wochen Zeit."},"payment":{"en":"By card, on the next page."}}}
            """
        let put = try await shop.world.call("PUT", "/api/v1/agent", key: shop.merchant, body)
        #expect(put.status == 200, "\(put.text)")
        #expect(try await shop.get("/agent")["policies", "returns", "de"] == "Sie haben zwei Wochen Zeit.")
        let chat = try await Chat(shop)
        for (said, told) in [
            ("do you ship to Canada?", "We ship within two days, to all of Europe."),
            ("what is your return policy", "Send it back within two weeks."),
            ("how much is the shipping if I return it", "Send it back within two weeks."),
            ("how can i pay", "By card, on the next page."),
        ] {
            let answer = try await chat.say(said)
            let text = answer["text"]?.string ?? ""
            #expect(text.hasPrefix(told) && text.contains("A person can tell you more"), "\(said): \(answer.text)")
        }
        #expect(try await chat.say("wie kann ich das zurückschicken?")["text"]?.string?.hasPrefix("Sie haben") == true)
        // In a language that it says nothing in, and of a matter that it says nothing of, a person is offered.
        let other = try await chat.say("liefern sie auch nach Wien?")
        #expect(other["text"]?.string?.contains("Mensch") == true, "\(other.text)")
        #expect(other["text"]?.string?.contains("days") == false)
        _ = try await chat.say("kann ich das umtauschen?")
        #expect(try await chat.say("ja")["state"] == "handed_off")
    }
}
