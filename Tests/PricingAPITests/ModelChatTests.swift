import AgentRuntime
import Experiments
import HTTPServer
import JSON
import Storage
import Synchronization
import Testing

@testable import PricingAPI

/// Chats in which a model answers what rules do not understand.
@Suite struct ModelChatTests {
    /// No rule knows what to do with it.
    private static let free = "would your mug survive a trip through the mountains in a backpack, do you reckon?"
    private static let search = ScriptedModel.Reply.uses("search_products", #"{"query":"mug"}"#)

    @Test func `what rules understand never reaches a model`() async throws {
        let world = try await ModelShop(ScriptedModel(.says("Hello.")))
        let chat = try await world.chat()
        for line in ["hi", "I am looking for a mug", "how much is the mug?", "I'll take two", "yes please", "thanks"] {
            #expect(try await chat.say(line).status == 200)
        }
        #expect(world.model.requests.isEmpty)
        #expect(try await world.transcript(chat).allSatisfy { $0.model == nil })
        let costs = try await world.shop.get("/costs")
        #expect(costs.status == 200 && costs["total", "calls"] == 0, "\(costs.text)")
    }

    @Test func `a model's slot is told as the shopper's own quote, and the proof of it is kept`() async throws {
        let world = try await ModelShop(
            ScriptedModel(Self.search, .says("They look sturdy. {{fact:p1.title}} costs {{price", ":p1}}.")))
        let chat = try await world.chat()
        let told = try await chat.say(Self.free)
        let quote = try await world.shop.quote("s-1")
        let display = try #require(quote["price", "display"]?.string)
        #expect(told["text"]?.string == "They look sturdy. Mug costs \(display).", "\(told.text)")
        #expect(
            told["amounts", "0", "quote"] == quote["id"] && told["amounts", "0", "amount"] == quote["price", "amount"])
        #expect(told["products", "0", "quote", "id"] == quote["id"] && told["state"] == "quoting")
        let trace = try #require(try await world.transcript(chat).last?.model)
        #expect(trace.verdict == .told && trace.calls == 2 && trace.model == "test/scripted")
        #expect(trace.output.count == 64 && trace.resolved == ["{{price:p1}}": quote["id"]?.string ?? ""])
        let audit = try await world.audit()
        #expect(audit.findings == [] && audit.modelMessages == 1)
        // What it spoke of is what "it" means from now on.
        #expect(try await chat.say("I'll take it")["state"] == "confirming")
        #expect(try await chat.say("yes")["state"] == "paying")
    }

    @Test func `a price is counted as told when a model tells it, not when it looks`() async throws {
        let world = try await ModelShop(
            ScriptedModel(
                Self.search, .uses("get_price", #"{"product":"p1"}"#), .says("A person can tell you more about that.")))
        let chat = try await world.chat("s-7")
        let told = try await chat.say(Self.free)
        #expect(told["text"]?.string == "A person can tell you more about that.", "\(told.text)")
        let tenant = try #require(TenantID(world.shop.id))
        let experiment = try #require(world.shop.world.service.snapshot(of: tenant)?.experiments.keys.first)
        #expect(try await world.store.units(of: experiment, in: tenant, after: nil, limit: 10).isEmpty)
    }

    @Test func `a refused draft is written once more, and then a template answers`() async throws {
        let second = try await ModelShop(
            ScriptedModel(.says("It costs $5."), .says("I am sorry, I do not know. A person can help.")))
        let chat = try await second.chat()
        let told = try await chat.say(Self.free)
        #expect(told["text"]?.string == "I am sorry, I do not know. A person can help.", "\(told.text)")
        let trace = try #require(try await second.transcript(chat).last?.model)
        #expect(trace.verdict == .regenerated && trace.refused?.isEmpty == false && trace.calls == 2)
        #expect(second.model.requests.count == 2)

        let stubborn = try await ModelShop(ScriptedModel(.says("It costs $5.")))
        let other = try await stubborn.chat()
        let plain = try await ModelShop(ScriptedModel(.fails(.unreachable("down"))))
        let same = try await plain.chat()
        let answer = try await other.say(Self.free)
        #expect(answer["text"] == (try await same.say(Self.free))["text"])
        #expect(stubborn.model.requests.count == 2)
        let kept = try #require(try await stubborn.transcript(other).last?.model)
        #expect(kept.verdict == .templated && kept.refused?.isEmpty == false)
        #expect(try await stubborn.audit().findings == [])
    }

    @Test(arguments: [
        ScriptedModel.Reply.fails(.unreachable("down")), .fails(.overloaded(status: 529)),
        .fails(.overloaded(status: 429)), .fails(.refused(status: 401, "key")), .fails(.tooLate),
        .fails(.overloaded(status: 529), after: "The price is"), .says(), .says("   \n "),
        ScriptedModel.Reply(pieces: ["I cannot help with that."], ending: .refused),
        .says(String(repeating: "Good day to you. ", count: 9000)),
        .uses("no_such_tool", "{}"), .uses("get_price", "[[[[[[[[[[[[[[[["), .uses("search_products", "{}", id: ""),
        ScriptedModel.Reply(
            calls: (0..<40).map { ModelToolCall(id: "c\($0)", name: "search_products", input: #"{"query":"mug"}"#) }),
    ])
    func `a model that fails leaves the answer to rules, and the sale goes on`(reply: ScriptedModel.Reply) async throws
    {
        let world = try await ModelShop(ScriptedModel(reply))
        let chat = try await world.chat()
        let told = try await chat.say(Self.free)
        #expect(told.status == 200 && told["role"] == "agent", "\(told.text)")
        #expect(told["text"]?.string?.isEmpty == false)
        #expect(try await world.transcript(chat).last?.model?.verdict == .templated)
        #expect(try await chat.say("I am looking for a mug")["products", "0", "sku"] == "sku-1")
        #expect(try await chat.say("I'll take it")["state"] == "confirming")
        #expect(try await chat.say("yes")["state"] == "paying")
        #expect(try await world.audit().findings == [])
    }

    @Test func `a model that hangs is waited for no longer than its time`() async throws {
        let world = try await ModelShop(
            ScriptedModel(ScriptedModel.Reply(pieces: ["One moment"], hangs: true))
        ) { $0.time = .milliseconds(50) }
        let chat = try await world.chat()
        #expect(try await chat.say(Self.free)["role"] == "agent")
        #expect(try await world.transcript(chat).last?.model?.verdict == .templated)
    }

    @Test func `sentences are shown as they are checked, and the message kept begins with them`() async throws {
        let world = try await ModelShop(
            ScriptedModel(
                Self.search,
                .says("I think ", "so. {{fact:p1", ".title}} costs {{price:p1}}. ", "Would you ", "like it?")))
        let chat = try await world.chat()
        let tenant = try #require(TenantID(world.shop.id))
        let snapshot = try #require(world.shop.world.service.snapshot(of: tenant))
        let shown = Mutex<[String]>([])
        let answer = try await world.shop.world.api.conversations.receive(
            Self.free, in: try #require(ConversationID(chat.id)), of: snapshot,
            show: { sentence in shown.withLock { $0.append(sentence) } })
        let pieces = shown.withLock { $0 }
        #expect(pieces.count > 1 && pieces.joined() == answer.last?.message.text, "\(pieces)")
        #expect(!pieces.joined().contains("{{"))
        #expect(try await world.audit().findings == [])
    }

    @Test(arguments: [
        ScriptedModel.Reply.fails(.unreachable("cut"), after: "They look sturdy. ", "They cost on"),
        .says("They look sturdy. ", "This one is yours for $3."),
        .says("They look sturdy. ", "Yours for nine", "teen dollars. Deal?"),
        .says("They look sturdy. ", "{{price:p9}}"),
        ScriptedModel.Reply(pieces: ["They look sturdy. ", "They also"], ending: .length),
    ])
    func `what was shown stands when the rest cannot be told`(reply: ScriptedModel.Reply) async throws {
        let world = try await ModelShop(ScriptedModel(reply))
        let chat = try await world.chat()
        let tenant = try #require(TenantID(world.shop.id))
        let snapshot = try #require(world.shop.world.service.snapshot(of: tenant))
        let shown = Mutex("")
        let answer = try await world.shop.world.api.conversations.receive(
            Self.free, in: try #require(ConversationID(chat.id)), of: snapshot,
            show: { sentence in shown.withLock { $0 += sentence } })
        let message = try #require(answer.last?.message)
        #expect(message.text.hasPrefix("They look sturdy."), "\(message.text)")
        #expect(message.model?.verdict == .cut && message.amounts.isEmpty)
        let said = shown.withLock { $0 }
        #expect(message.text.hasPrefix(String(said.reversed().drop(while: \.isWhitespace).reversed())))
        #expect(try await world.audit().findings == [])
    }

    @Test(arguments: [true, false])
    func `an answer that quotes' own names make too long to be kept is told as far as it is kept`(isWatched: Bool)
        async throws
    {
        let sentences = Array(repeating: "{{fact:p1.title}} costs {{price:p1}}. ", count: 90)
        let world = try await ModelShop(ScriptedModel(Self.search, ScriptedModel.Reply(pieces: sentences)))
        let chat = try await world.chat()
        let tenant = try #require(TenantID(world.shop.id))
        let snapshot = try #require(world.shop.world.service.snapshot(of: tenant))
        let shown = Mutex("")
        let show: @Sendable (String) -> Void = { sentence in shown.withLock { $0 += sentence } }
        let answer = try await world.shop.world.api.conversations.receive(
            Self.free, in: try #require(ConversationID(chat.id)), of: snapshot, show: isWatched ? show : nil)
        let message = try #require(answer.last?.message)
        let said = shown.withLock { $0 }
        #expect(isWatched == !said.isEmpty)
        #expect(
            message.text.hasPrefix(String(said.reversed().drop(while: \.isWhitespace).reversed()))
                && message.replaced == nil, "\(message.text)")
        #expect(message.model?.verdict == (isWatched ? .cut : .templated))
        #expect(try await world.audit().findings == [])
    }

    @Test func `another shopper's quote has no name that a model could write`() async throws {
        let others = Mutex("")
        let model = ScriptedModel { _, place in
            let id = others.withLock { $0 }
            let drafts = ["It costs {{price:\(id)}}.", "It costs {{price:p1}} and {{price:\(id)}}."]
            return .says(drafts[place % 2])
        }
        let world = try await ModelShop(model)
        let quote = try #require(try await world.shop.quote("somebody-else")["id"]?.string)
        others.withLock { $0 = quote }
        let chat = try await world.chat()
        let told = try await chat.say(Self.free)
        #expect(!told.text.contains(quote), "\(told.text)")
        #expect(try await world.transcript(chat).last?.model?.verdict == .templated)
    }

    @Test func `a model's order is only a question until the shopper says yes`() async throws {
        let world = try await ModelShop(
            ScriptedModel(Self.search, .uses("create_checkout", #"{"product":"p1","quantity":2}"#)))
        let chat = try await world.chat()
        let question = try await chat.say(Self.free)
        #expect(question["state"] == "confirming" && question["actions"]?.array?.isEmpty == true, "\(question.text)")
        #expect(try await world.transcript(chat).last?.model?.verdict == .typed)
        #expect(try await chat.get()["checkout"]?.string == nil)
        #expect(try await chat.say("yes")["state"] == "paying")
    }

    @Test func `talk of money is a choice of the model's in words of ours`() async throws {
        let ask = "my grandmother swears the going rate in euros would be way lower for a thing like this, honestly"
        for (input, state) in [
            (#"{"turn":"quote","products":["p1"]}"#, "quoting"),
            (#"{"turn":"decline_negotiation","reason":"discount"}"#, "quoting"),
            (#"{"turn":"ask","question":"quantity"}"#, "quoting"),
        ] {
            let model = ScriptedModel { request, _ in
                request.mustUse == nil ? .says("Take it for half.") : .uses("answer_about_money", input)
            }
            let world = try await ModelShop(model)
            let chat = try await world.chat()
            _ = try await chat.say("mug")
            let told = try await chat.say(ask)
            #expect(world.model.requests.first?.mustUse == "answer_about_money", "\(told.text)")
            #expect(told["state"]?.string == state, "\(input): \(told.text)")
            #expect(try await world.transcript(chat).last?.model?.verdict == .typed)
        }
    }

    @Test func `what is cached is the same for every shopper, arm and language, and prompts hold nothing of theirs`()
        async throws
    {
        let world = try await ModelShop(ScriptedModel(Self.search, .says("A person can help you with that.")))
        for number in 0..<12 {
            let chat = try await world.chat(
                "secret-shopper-\(number)", #","language":"\#(["en", "de", "es", "fr"][number % 4])""#)
            _ = try await chat.say("mug")
            _ = try await chat.say("how much is the mug?")
            _ = try await chat.say(
                "I am at 12 Baker Street or jo\(number)@example.com or +49 170 1234567, card 4111 1111 1111 1111, would that "
                    + "old mug of yours make it here alive, do you reckon?")
        }
        let requests = world.model.requests
        #expect(requests.count >= 12)
        let first = try #require(requests.first)
        #expect(Set(requests.map(\.system)).count == 1)
        #expect(requests.allSatisfy { $0.tools == first.tools })
        #expect(first.tools.map(\.name) == first.tools.map(\.name).sorted())
        for tool in first.tools { _ = try JSONValue(parsing: Array(tool.schema.utf8)) }
        let said = requests.map { "\($0.system) \($0.messages)" }.joined()
        for secret in [
            "secret-shopper", "@example.com", "4111", "1234567", "Baker", "19.99", "24.99", "1999", "2499", "quo_",
            world.shop.merchant, world.shop.agent, "higher", "control",
        ] {
            #expect(!said.contains(secret), "\(secret)")
        }
    }

    @Test func `tool results hold references and slots, and no amount of a merchant's text`() async throws {
        let world = try await ModelShop(
            ScriptedModel(
                .uses("search_products", #"{"query":"kettle"}"#), .uses("get_product", #"{"product":"p1"}"#),
                .uses("get_price", #"{"product":"p1"}"#), .uses("cart", #"{"product":"p1","quantity":2}"#),
                .says("Noted.")))
        let chat = try await world.chat()
        #expect(try await chat.say(Self.free)["role"] == "agent")
        let results = try #require(world.model.requests.last).messages.flatMap { message -> [ModelToolResult] in
            if case .results(let results) = message { return results }
            return []
        }
        #expect(results.count == 3 && results.allSatisfy { !$0.isError })
        let text = results.map(\.text).joined()
        #expect(text.contains("{{price:p1}}") && text.contains("{{fact:p1.material}}") && text.contains("steel"))
        #expect(!text.contains("$5") && !text.contains("Only") && !text.contains("45"))
    }

    @Test(arguments: [
        ("search_products", #"{"query":""}"#), ("search_products", #"{"query":"a","limit":5}"#),
        ("search_products", #"{"query":7}"#), ("get_price", #"{"product":"sku-1"}"#),
        ("get_price", #"{"product":"p0"}"#), ("get_price", #"{"product":"p01"}"#), ("get_price", #"{"product":"p99"}"#),
        ("get_price", #"{"product":"p1","product":"p1"}"#), ("get_price", "null"), ("get_price", ""),
        ("create_checkout", #"{"product":"p1","quantity":1000000000}"#),
        ("create_checkout", #"{"product":"p1","quantity":1.5}"#),
        ("create_checkout", #"{"product":"p1","quantity":1,"price":1}"#), ("cart", #"{"quantity":-1}"#),
        ("hand_off", #"{"to":"me"}"#), ("answer_about_money", #"{"turn":"quote","products":["p1"],"price":"$1"}"#),
        ("answer_about_money", #"{"turn":"quote","products":["p1","p1"]}"#),
        ("answer_about_money", #"{"turn":"discount"}"#), ("set_price", #"{"product":"p1","amount":1}"#),
    ])
    func `a tool is used by the letter of its schema or not at all`(tool: String, input: String) async throws {
        let world = try await ModelShop(ScriptedModel(Self.search, .uses(tool, input), .says("Very well.")))
        let chat = try await world.chat()
        let told = try await chat.say(Self.free)
        #expect(told["text"] == "Very well.", "\(told.text)")
        guard case .results(let results)? = world.model.requests.last?.messages.last else {
            Issue.record("no result")
            return
        }
        #expect(results.count == 1 && results[0].isError, "\(results)")
    }
}

/// What models cost.
@Suite struct ModelCostTests {
    private static let free = "would your mug survive a trip through the mountains in a backpack, do you reckon?"

    @Test func `costs are exact, by model, conversation and the arm whose price was told`() async throws {
        let world = try await ModelShop(
            ScriptedModel(
                .uses("search_products", #"{"query":"mug"}"#), .says("{{fact:p1.title}} costs {{price:p1}}.")))
        let chat = try await world.chat()
        _ = try await chat.say(Self.free)
        // Twice 900 tokens in at $1 a million, 40 out at $5.
        let costs = try await world.shop.get("/costs")
        #expect(costs["total", "cost"] == "0.0022" && costs["total", "cents"] == "0.22", "\(costs.text)")
        #expect(costs["total", "calls"] == 2 && costs["total", "unknown_calls"] == 0)
        #expect(costs["days", "0", "model"] == "test/scripted" && costs["days", "0", "cost"] == "0.0022")
        #expect(costs["conversations", "0", "conversation"]?.string == chat.id)
        let quote = try await world.shop.quote("s-1")
        #expect(
            costs["arms", "0", "variant"] == quote["experiment", "variant"] && costs["arms", "0", "cost"] == "0.0022")
        // Told by rules, before or after: it is the conversation's arm all the same.
        let later = try await ModelShop(ScriptedModel(.says("A person can help you with that.")))
        let before = try await later.chat("s-2")
        _ = try await before.say("how much is the mug?")
        _ = try await before.say(Self.free)
        #expect(try await later.shop.get("/costs")["arms", "0", "cost"] == "0.0011")
        let after = try await later.chat("s-3")
        _ = try await after.say(Self.free)
        _ = try await after.say("how much is the mug?")
        let both = try await later.shop.get("/costs")["arms"]?.array ?? []
        #expect(both.compactMap { $0["conversations"]?.int64 }.reduce(0, +) == 2)
        let day = try #require(costs["from"]?.string)
        #expect(try await world.shop.get("/costs?day=\(day)").bytes == costs.bytes)
        #expect(try await world.shop.get("/costs?day=2020-01-01")["total", "calls"] == 0)
        for bad in ["day=yesterday", "day=2026-13-01", "from=2026-01-02&through=2026-01-01", "from=2020-01-01"] {
            #expect(try await world.shop.get("/costs?\(bad)").status == 422, "\(bad)")
        }
    }

    @Test func `without a budget nobody is asked, and the conversation's is its own`() async throws {
        let poor = try await ModelShop(ScriptedModel(.says("Hello."))) { $0.dayBudget = .zero }
        let chat = try await poor.chat()
        #expect(try await chat.say(Self.free)["role"] == "agent")
        #expect(poor.model.requests.isEmpty)
        let short = try await ModelShop(ScriptedModel(.says("A person can help you with that."))) {
            // Room for one request at its most, not for what a second adds.
            $0.conversationBudget = ModelCost(picodollars: 7_000_000_000)
        }
        let talkative = try await short.chat("s-1")
        for _ in 0..<40 { _ = try await talkative.say(Self.free) }
        let asked = short.model.requests.count
        #expect(asked > 0 && asked < 40, "\(asked)")
        let other = try await short.chat("s-2")
        _ = try await other.say(Self.free)
        #expect(short.model.requests.count == asked + 1)
    }

    @Test func `cents are printed exactly`() {
        for (picodollars, dollars, cents, whole) in [
            (0, "0", "0", 0), (1, "0.000000000001", "0.0000000001", 0), (2_200_000_000, "0.0022", "0.22", 0),
            (5_000_000_000, "0.005", "0.5", 0), (15_000_000_000, "0.015", "1.5", 2),
            (1_234_567_890_123_456, "1234.567890123456", "123456.7890123456", 123_457),
        ] as [(Int64, String, String, Int64)] {
            let cost = ModelCost(picodollars: picodollars)
            #expect(cost.dollars == dollars && cost.cents == cents && cost.roundedCents == whole, "\(picodollars)")
        }
    }
}
