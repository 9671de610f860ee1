import Experiments
import SeedSupport
import Testing

@testable import AgentRuntime

/// The conversation as a value: what it asks for, whatever is said and whatever comes of it.
@Suite struct ConversationTests {
    private static func product(_ number: Int) throws -> Conversation.Shown {
        Conversation.Shown(sku: try #require(TenantKey("sku-\(number)")), title: "Thing \(number)")
    }

    private static func quoted(_ product: Conversation.Shown, offer: UInt64) -> ActionOutcome.Quoted {
        ActionOutcome.Quoted(
            product: product, quote: QuoteID(tail: offer, issuedAt: Timestamp(milliseconds: 1_790_000_000_000)))
    }

    private static func said(_ actions: [Action]) -> [Line.Topic] {
        actions.compactMap { if case .say(let line) = $0 { line.topic } else { nil } }
    }

    /// One that has shown three products.
    private static func offering() throws -> Conversation {
        var conversation = Conversation(language: .english, languages: Language.allCases)
        let products = try (1...3).map { try product($0) }
        #expect(
            conversation.received(Understanding(.search, matter: ["thing"])) == [.search(["thing"], skipping: 0)])
        #expect(conversation.received(.found(products)) == [.quote(products.map(\.sku), quantity: 1)])
        let told = conversation.received(.quoted(products.map { quoted($0, offer: 7) }))
        #expect(said(told) == [.offer] && conversation.state == .offering)
        return conversation
    }

    /// One that has asked whether to prepare the checkout of two of the second, at offer 7.
    private static func confirming() throws -> Conversation {
        var conversation = try offering()
        let second = try product(2)
        #expect(conversation.received(Understanding(.choose, place: 1)) == [.quote([second.sku], quantity: 1)])
        #expect(said(conversation.received(.quoted([quoted(second, offer: 7)]))) == [.price])
        #expect(
            conversation.received(Understanding(.quantity, quantity: 2)) == [.quote([second.sku], quantity: 2)])
        #expect(said(conversation.received(.quoted([quoted(second, offer: 7)]))) == [.confirm])
        #expect(conversation.state == .confirming)
        return conversation
    }

    @Test func `what was confirmed becomes a checkout of just that, at just that price`() throws {
        var conversation = try Self.confirming()
        let second = try Self.product(2)
        #expect(conversation.received(Understanding(.confirm)) == [.quote([second.sku], quantity: 2)])
        let live = Self.quoted(second, offer: 7)
        #expect(conversation.received(.quoted([live])) == [.openCheckout(live.quote, quantity: 2)])
        let id = CheckoutID(bits: Bits128(high: 1, low: 1))
        #expect(Self.said(conversation.received(.opened(id))) == [.checkout])
        #expect(conversation.state == .paying)
        #expect(conversation.received(Understanding(.status)) == [.readCheckout(id)])
        #expect(Self.said(conversation.received(.checkout(id, .open))) == [.unpaid])
        #expect(conversation.received(Understanding(.thanks)) == [.readCheckout(id)])
        #expect(Self.said(conversation.received(.checkout(id, .paid))) == [.paid])
        #expect(conversation.state == .done)
    }

    @Test func `a price that changed before it was confirmed is asked about again`() throws {
        var conversation = try Self.confirming()
        let second = try Self.product(2)
        _ = conversation.received(Understanding(.confirm))
        let changed = conversation.received(.quoted([Self.quoted(second, offer: 8)]))
        #expect(Self.said(changed) == [.changed] && conversation.state == .confirming)
        _ = conversation.received(Understanding(.confirm))
        let live = Self.quoted(second, offer: 8)
        #expect(conversation.received(.quoted([live])) == [.openCheckout(live.quote, quantity: 2)])
    }

    @Test func `a checkout that could not be made, or ended, is said to have been so and can be asked for again`()
        throws
    {
        var conversation = try Self.confirming()
        let second = try Self.product(2)
        _ = conversation.received(Understanding(.confirm))
        _ = conversation.received(.quoted([Self.quoted(second, offer: 7)]))
        #expect(Self.said(conversation.received(.refused)) == [.checkoutRefused])
        #expect(conversation.state == .quoting)
        #expect(conversation.received(Understanding(.buy)) == [.quote([second.sku], quantity: 2)])
        _ = conversation.received(.quoted([Self.quoted(second, offer: 7)]))
        _ = conversation.received(Understanding(.confirm))
        _ = conversation.received(.quoted([Self.quoted(second, offer: 7)]))
        let id = CheckoutID(bits: Bits128(high: 1, low: 1))
        _ = conversation.received(.opened(id))
        _ = conversation.received(Understanding(.confirm))
        let again = conversation.received(.checkout(id, .over))
        #expect(again == [.quote([second.sku], quantity: 2)])
        #expect(Self.said(conversation.received(.quoted([Self.quoted(second, offer: 7)]))) == [.confirm])
    }

    @Test func `a negotiator hears its own price again, and is asked anew for as many`() throws {
        var conversation = try Self.confirming()
        let second = try Self.product(2)
        #expect(conversation.received(Understanding(.negotiate)) == [.quote([second.sku], quantity: 2)])
        #expect(Self.said(conversation.received(.quoted([Self.quoted(second, offer: 7)]))) == [.negotiation])
        #expect(conversation.state == .quoting)
        #expect(conversation.received(Understanding(.confirm)) == [.quote([second.sku], quantity: 2)])
        #expect(Self.said(conversation.received(.quoted([Self.quoted(second, offer: 7)]))) == [.confirm])
    }

    @Test func `a person takes over from anywhere, answers alone, and gives back`() throws {
        for state in Conversation.State.allCases where state != .handedOff {
            var conversation = try Self.confirming()
            conversation.state = state
            let actions = conversation.handOff()
            #expect(actions.first == .handOff && Self.said(actions) == [.handedOff], "\(state)")
            #expect(conversation.state == .handedOff)
            for intent in Intent.allCases { #expect(conversation.received(Understanding(intent)) == [], "\(intent)") }
            #expect(conversation.received(.refused) == [] && conversation.handOff() == [])
            conversation.resumed()
            #expect(conversation.state == .asking)
            // What was to be confirmed before is not confirmed by a yes to the person.
            #expect(
                !conversation.received(Understanding(.confirm)).contains { if case .quote = $0 { true } else { false } }
            )
        }
    }

    @Test func `after three messages that nobody understands a person is offered`() {
        var conversation = Conversation(language: .german, languages: [.german])
        let said = (0..<3).flatMap { _ in Self.said(conversation.received(Understanding(.unclear))) }
        #expect(said == [.unclear, .unclear, .offerPerson])
    }

    /// What a walk knows of what was agreed to, by its own reckoning.
    private struct Agreement: Equatable {
        let sku: TenantKey
        let offer: UInt64
        let quantity: Int64
    }

    @Test(arguments: 0..<40)
    func `however it goes, only a yes to just that makes a checkout, and every turn ends with something said`(
        seed: UInt64
    ) throws {
        var random = Seeded(seed &* 0x9e37_79b9 &+ 1)
        var conversation = Conversation(language: .english, languages: Language.allCases)
        let products = try (1...5).map { try Self.product($0) }
        var asked: Agreement?
        var checkouts: UInt64 = 0
        // As the shop has it: at most one checkout can be paid, whatever is said.
        var standings: [CheckoutID: CheckoutStanding] = [:]
        for _ in 0..<300 {
            let intent = Intent.allCases.randomElement(using: &random) ?? .greet
            let message = Understanding(
                intent, place: Bool.random(using: &random) ? Int.random(in: -1...3, using: &random) : nil,
                pointsBack: Bool.random(using: &random),
                quantity: Bool.random(using: &random) ? Int64.random(in: 1...5, using: &random) : nil,
                matter: Bool.random(using: &random) ? ["thing"] : [])
            let wasConfirming = conversation.state == .confirming
            let before = asked
            var waiting = conversation.received(message)
            var said = 0
            var steps = 0
            while !waiting.isEmpty {
                steps += 1
                try #require(steps < 12, "a turn ends")
                switch waiting.removeFirst() {
                case .say(let line):
                    said += 1
                    if line.topic.asksToConfirm {
                        let told = try #require(line.products.first)
                        asked = Agreement(
                            sku: told.product.sku, offer: try #require(told.quote.tail), quantity: line.quantity)
                    }
                    let quantity = conversation.quantity
                    #expect((1...Conversation.mostPieces).contains(quantity))
                case .handOff: break
                case .search:
                    let count = Int.random(in: 0...3, using: &random)
                    waiting += conversation.received(.found(Array(products.shuffled(using: &random).suffix(count))))
                case .quote(let skus, _):
                    let offer = UInt64.random(in: 1...2, using: &random)
                    let quotes = products.filter { skus.contains($0.sku) }.map { Self.quoted($0, offer: offer) }
                    waiting += conversation.received(
                        Int.random(in: 0..<12, using: &random) == 0 ? .refused : .quoted(quotes))
                case .openCheckout(let quote, let quantity):
                    #expect(wasConfirming, "a checkout follows a question")
                    #expect(intent == .confirm || intent == .buy, "and a yes to it")
                    #expect(before?.offer == quote.tail && before?.quantity == quantity, "of what was asked")
                    #expect(!standings.values.contains(.open), "and nothing else can be paid")
                    guard Bool.random(using: &random) else {
                        waiting += conversation.received(.refused)
                        continue
                    }
                    checkouts += 1
                    let id = CheckoutID(bits: Bits128(high: seed, low: checkouts))
                    standings[id] = .open
                    waiting += conversation.received(.opened(id))
                case .readCheckout(let id):
                    let standing = try #require(standings[id])
                    waiting += conversation.received(
                        Int.random(in: 0..<12, using: &random) == 0 ? .refused : .checkout(id, standing))
                case .cancelCheckout(let id, let replacement):
                    guard standings[id] == .open, Int.random(in: 0..<4, using: &random) > 0 else {
                        if standings[id] == .open { standings[id] = .paid }
                        let standing = try #require(standings[id])
                        waiting += conversation.received(
                            standing == .over ? .canceled(id, for: replacement) : .kept(id, standing))
                        continue
                    }
                    standings[id] = .over
                    waiting += conversation.received(.canceled(id, for: replacement))
                }
            }
            if conversation.state == .handedOff {
                if Bool.random(using: &random) { conversation.resumed() }
            } else {
                #expect(said == 1, "\(intent) in \(conversation.state)")
            }
            for (id, standing) in standings where standing == .open {
                #expect(conversation.due == id, "what can be paid is known")
                // Now and then the shopper pays, or it ends by itself.
                if Int.random(in: 0..<8, using: &random) == 0 {
                    standings[id] = [.paid, .over, .refunded, .partlyRefunded].randomElement(using: &random)
                }
            }
            let text = StoredForm.written(conversation)
            #expect(try text == StoredForm.text(conversation))
            #expect(try StoredForm.read(Conversation.self, from: text) == conversation)
        }
    }

    @Test func `every wording in every language is told whole, without a digit, and passes the guard`() throws {
        let judge = PriceGuard(languages: Set(Language.allCases))
        let quote = QuoteID(tail: 7, issuedAt: Timestamp(milliseconds: 1_790_000_000_000))
        let usd = try #require(Currency("USD"))
        let id = CheckoutID(bits: Bits128(high: 1, low: 1))
        var facts = Facts(
            prices: [
                quote.description: PriceFact(
                    quote: quote.description, money: Money(amount: 2499, currency: usd),
                    expiresAt: Timestamp(milliseconds: 1_790_000_900_000))
            ], totals: [id.description: Money(amount: 4998, currency: usd)])
        facts.texts = [
            "agent.name": "Ada", "agent.contact": " help@shop.example", "agent.disclosure": "A machine answers.",
            "cart.line": "2 x Mug", "p1.title": "Mug", "p2.title": "Cup", "p1.description": "For tea.",
            "agent.policy": "Sent at once.", "shop.currency": "This shop sells in USD.",
            "shop.pricing": "Prices are tested.",
        ]
        let told = [Self.quoted(try Self.product(1), offer: 7), Self.quoted(try Self.product(2), offer: 7)]
        for language in Language.allCases {
            let book = Phrasebook.of(language)
            #expect(Set(book.wordings.keys) == Set(Line.Topic.allCases), "\(language)")
            for (topic, wordings) in book.wordings {
                for (index, wording) in wordings.enumerated() {
                    #expect(!wording.contains { $0.isNumber && $0 != "1" }, "\(wording)")
                    let draft = book.draft(
                        Line(topic, products: told, quantity: 2, checkout: id), turn: index, isFormal: false)
                    #expect(!draft.isEmpty)
                    #expect(judge.violations(in: draft, facts: facts) == [], "\(language) \(draft)")
                    let rendered = try facts.render(draft, at: Timestamp(milliseconds: 1_790_000_000_000))
                    #expect(!rendered.text.contains("{") && !rendered.text.contains("ROWS"), "\(rendered.text)")
                    guard topic.goesOn else { continue }
                    var line = Line(topic, products: told, quantity: 2)
                    line.preludes = [.replaced, .oneAtATime]
                    let whole = book.draft(line, turn: index, isFormal: false)
                    #expect(whole.hasSuffix(draft) && whole.count > draft.count)
                    #expect(judge.violations(in: whole, facts: facts) == [], "\(language) \(whole)")
                }
            }
        }
    }
}
