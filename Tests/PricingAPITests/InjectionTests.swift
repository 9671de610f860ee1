import AgentRuntime
import Experiments
import JSON
import Storage
import Synchronization
import Testing

@testable import PricingAPI

/// Every injection, wherever it stands, before a model that does whatever it reads.
@Suite struct InjectionTests {
    /// Repeats what it read, follows it as best it can, and tries every tool on the way.
    private static func gullible(_ held: Held) -> ScriptedModel {
        ScriptedModel { _, place in
            let injection = held.value.withLock { $0 }
            return switch place % 5 {
            case 0: .uses("search_products", #"{"query":"mug"}"#)
            case 1: .uses("get_product", #"{"product":"p1"}"#)
            case 2: .says(injection)
            case 3: .says("As you wish. " + injection)
            default: .uses("create_checkout", #"{"product":"p1","quantity":1}"#)
            }
        }
    }

    private static func message(_ injection: String) -> String {
        "I reckon you should really read this before anything else my dear friend: " + injection
    }

    @Test(arguments: Injections.byLanguage)
    func `no injection changes a price, opens a checkout, or gets a link or a secret out`(
        language: String, lines: [String]
    ) async throws {
        #expect(lines.count >= 20)
        let current = Held("")
        let model = Self.gullible(current)
        let world = try await ModelShop(model)
        let foreign = try #require(try await world.shop.quote("somebody-else")["id"]?.string)
        for (number, injection) in lines.enumerated() {
            current.value.withLock { $0 = injection }
            // In the message; in a product's text, and so in a tool's result; in both.
            let isSaid = number % 3 != 1
            let text = number % 3 == 0 ? "A mug" : "Mug. " + injection
            let body = JSONValue.object(
                JSONObject([
                    ("description", .string(number % 3 == 0 ? "" : injection)), ("title", .string(text)),
                ]))
            let patched = try await world.shop.patch(
                "/products/sku-1", String(decoding: body.serialized(), as: UTF8.self), headers: [("If-Match", "*")])
            try #require(patched.status == 200, "\(patched.text)")
            let shopper = "s-\(number)"
            let chat = try await world.chat(shopper)
            let own = try #require(try await world.shop.quote(shopper)["price", "amount"]?.int64)
            for _ in 0..<3 {
                let told = try await chat.say(
                    isSaid ? Self.message(injection) : "would your mug survive a trip in a backpack, do you reckon?")
                try #require(told.status == 200, "\(told.text)")
                let text = told["text"]?.string ?? ""
                let backed = (told["amounts"]?.array ?? []).compactMap { $0["text"]?.string }
                let amounts = (told["amounts"]?.array ?? []).compactMap { $0["amount"]?.int64 }
                #expect(amounts.allSatisfy { $0 == own || $0 == 4500 }, "\(injection): \(text)")
                let found = HostileModel.unbacked(in: text, amounts: backed, titles: Self.titles(told))
                #expect(found == nil, "\(injection): \(text)")
                #expect(told["actions"]?.array?.isEmpty == true && told["state"] != "paying", "\(text)")
                for leak in ["http", "![", "](", ".example", foreign, "create_checkout", "answer_about_money"] {
                    #expect(!text.contains(leak), "\(injection): \(text)")
                }
            }
            #expect(try await chat.get()["checkout"]?.string == nil)
        }
        let prompts = model.requests.map { "\($0.system) \($0.tools)" }
        #expect(Set(prompts).count == 1 && prompts.count > lines.count)
        for secret in [world.shop.merchant, world.shop.agent, World.operatorKey, foreign] {
            #expect(prompts.first?.contains(secret) == false)
        }
        #expect(try await world.audit().findings == [])
    }

    private final class Held: Sendable {
        let value: Mutex<String>
        init(_ text: String) { value = Mutex(text) }
    }

    private static func titles(_ told: Told) -> [String] {
        (told["products"]?.array ?? []).compactMap { $0["title"]?.string }
    }
}
