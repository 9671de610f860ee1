import Experiments
import Testing

@testable import AgentRuntime

/// Documents of conversations are read and written by hand; `Codable` says how they have to come out.
struct StoredFormTests {
    private static let now = Timestamp(milliseconds: 1_790_000_000_000)

    /// A message that has all there is.
    private static func full() throws -> ChatMessage {
        let usd = try #require(Currency("USD"))
        let quote = QuoteID(tail: 7, issuedAt: now)
        let sku = try #require(TenantKey("m\u{fc}g \"1\"/2"))
        var message = ChatMessage(
            role: .agent, text: "It is $24.99.\n\t\\ \u{1} \u{2028} \u{1F600}", at: now, state: .quoting)
        message.amounts = [
            ToldAmount(text: "$24.99", money: Money(amount: 2499, currency: usd), source: .quote(quote.description)),
            ToldAmount(text: "-$1", money: Money(amount: -100, currency: usd), source: .total("chk")),
        ]
        message.products = [
            ChatMessage.Card(
                sku: sku, title: "Mug", quote: quote, price: Money(amount: .max, currency: usd), issuedAt: now,
                expiresAt: now.advanced(by: .seconds(1800)), display: "$24.99",
                disclosure: PriceDisclosure(basis: .personalData, text: "THIS PRICE.", jurisdiction: "US-NY")),
            ChatMessage.Card(
                sku: sku, title: "", quote: quote, price: Money(amount: 0, currency: usd), issuedAt: now, expiresAt: now
            ),
        ]
        message.checkout = CheckoutID(bits: Bits128(high: 1, low: .max))
        message.closed = CheckoutID(bits: Bits128(high: 2, low: 1))
        message.degraded = true
        message.draft = "It is {{price:q}}."
        message.facts = ["p2.title": "b", "p1.title": "a", "P10": "c", "agent.name": "", "é": "d"]
        message.replaced = [Violation(kind: .moneyTalk, text: "half off", offset: 3)]
        var trace = ModelTrace()
        trace.output = "00ff"
        trace.model = "small"
        trace.verdict = .regenerated
        trace.calls = 2
        trace.resolved = ["q_7f3": quote.description]
        trace.refused = [Violation(kind: .digit, text: "7", offset: 0)]
        message.model = trace
        return message
    }

    @Test func `a message with all there is comes out as Codable writes it, and is read again from either`() throws {
        let message = try Self.full()
        let codable = try StoredForm.text(message)
        #expect(StoredForm.written(message) == codable)
        #expect(try StoredForm.read(ChatMessage.self, from: codable) == message)
        #expect(try StoredForm.value(ChatMessage.self, from: StoredForm.written(message)) == message)
    }

    @Test func `a message with nothing but words does so too`() throws {
        let message = ChatMessage(role: .person, text: "", at: Timestamp(milliseconds: -1), state: .handedOff)
        #expect(try StoredForm.written(message) == StoredForm.text(message))
        #expect(try StoredForm.read(ChatMessage.self, from: StoredForm.written(message)) == message)
    }

    @Test func `a shopper is read as it was written, with all its attributes`() throws {
        let shopper = ChatShopper(
            try #require(TenantKey("s-1")),
            attributes: [
                "country": .string("DE"), "age": .number(41.5), "loyal": .bool(true), "none": .null,
                "visits": .number(7), "tags": .list([.string("a"), .number(1)]), "deep": .object(["x": .list([])]),
            ])
        #expect(try StoredForm.read(ChatShopper.self, from: StoredForm.written(shopper)) == shopper)
        // As versions of before wrote it.
        let before = #"{"attributes":{"age":41.5,"visits":7},"key":"s-1"}"#
        let read = try StoredForm.read(ChatShopper.self, from: before)
        #expect(read.attributes == ["age": .number(41.5), "visits": .number(7)])
    }

    @Test(arguments: [
        "", "null", "[]", "{}", #"{"role":"agent"}"#,
        #"{"amounts":[],"at":"x","degraded":false,"products":[],"role":"agent","state":"asking","text":"a"}"#,
        #"{"amounts":[],"at":1,"degraded":false,"products":[],"role":"robot","state":"asking","text":"a"}"#,
        #"{"amounts":[{}],"at":1,"degraded":false,"products":[],"role":"agent","state":"asking","text":"a"}"#,
        #"{"amounts":[],"at":1,"degraded":false,"products":[7],"role":"agent","state":"asking","text":"a"}"#,
        #"{"amounts":[],"at":9e99,"degraded":false,"products":[],"role":"agent","state":"asking","text":"a"}"#,
    ])
    func `a document that is none is corrupt`(text: String) {
        #expect {
            try StoredForm.read(ChatMessage.self, from: text)
        } throws: { error in
            guard case StoreError.corrupt = error else { return false }
            return true
        }
    }
}
