import Experiments
import SeedSupport
import Testing

@testable import AgentRuntime

/// A shop that does at once what a conversation asks for, and notes what it was asked.
private struct Shop {
    static let titles = ["Travel mug", "Stoneware mug", "Coffee beans, 1 kg", "Cup for tea", "Tea pot"]

    var conversation = Conversation(language: .english, languages: Language.allCases)
    let products: [Conversation.Shown]
    /// What was said last, and everything looked for.
    var last: Line?
    var searches: [[String]] = []
    var checkouts: [(quote: QuoteID, quantity: Int64, askedBefore: Line?)] = []
    /// As they stand, by their place in `checkouts`.
    var standings: [CheckoutStanding] = []

    init() throws {
        products = try Self.titles.enumerated().map { index, title in
            Conversation.Shown(sku: try #require(TenantKey("sku-\(index)")), title: title)
        }
    }

    /// Topic, and of a question to confirm what it is about.
    mutating func hear(_ text: String) -> String {
        let before = last
        var waiting = conversation.received(Understanding(of: text))
        while !waiting.isEmpty {
            switch waiting.removeFirst() {
            case .say(let line): last = line
            case .handOff: break
            case .search(let words, let skipped):
                searches.append(words)
                let found = products.filter { product in
                    if words.isEmpty { return true }
                    let title = SaidWords(product.title).list
                    return words.contains { word in title.contains { word.hasPrefix($0) } }
                }
                waiting += conversation.received(.found(Array(found.dropFirst(skipped).prefix(3))))
            case .quote(let skus, _):
                waiting += conversation.received(.quoted(products.filter { skus.contains($0.sku) }.map(quoted)))
            case .openCheckout(let quote, let quantity):
                checkouts.append((quote, quantity, before))
                standings.append(.open)
                waiting += conversation.received(
                    .opened(CheckoutID(bits: Bits128(high: 1, low: UInt64(checkouts.count)))))
            case .readCheckout(let id): waiting += conversation.received(.checkout(id, standings[place(of: id)]))
            case .cancelCheckout(let id, let replacement):
                let standing = standings[place(of: id)]
                if standing == .open { standings[place(of: id)] = .over }
                waiting += conversation.received(
                    standing == .open || standing == .over ? .canceled(id, for: replacement) : .kept(id, standing))
            }
        }
        guard let last else { return "" }
        let topics = (last.preludes + [last.topic]).map(\.rawValue).joined(separator: " ")
        guard last.topic == .confirm || last.topic == .each, let product = last.products.first else { return topics }
        return "\(topics) \(last.quantity) x \(product.product.title)"
    }

    private func place(of checkout: CheckoutID) -> Int { Int(checkout.bits.low) - 1 }

    private func quoted(_ product: Conversation.Shown) -> ActionOutcome.Quoted {
        let tail = UInt64(products.firstIndex(of: product) ?? 0) + 1
        return ActionOutcome.Quoted(
            product: product, quote: QuoteID(tail: tail, issuedAt: Timestamp(milliseconds: 1_790_000_000_000)))
    }

    /// One that has offered both mugs.
    static func offering() throws -> Shop {
        var shop = try Shop()
        #expect(shop.hear("mug") == "offer")
        #expect(shop.conversation.shown.map(\.title) == ["Travel mug", "Stoneware mug"])
        return shop
    }

    /// One that has asked whether to prepare two travel mugs.
    static func confirming() throws -> Shop {
        var shop = try offering()
        #expect(shop.hear("the travel mug") == "price")
        #expect(shop.hear("I take two") == "confirm 2 x Travel mug")
        return shop
    }
}

/// What was said, in four languages, and what must come of it.
@Suite struct DialogueTests {
    @Test(arguments: [
        "I'll take 2", "2", "two", "I want two please", "j'en veux deux", "deux", "j'en prends deux", "quiero dos",
        "dos",
        "me llevo dos", "ich nehme zwei", "Dann nehm ich zwei", "zwei bitte", "x2",
    ])
    func `a cardinal is a number of pieces, of what is spoken of or of nothing yet`(text: String) throws {
        var several = try Shop.offering()
        #expect(several.hear(text) == "which")
        #expect(several.hear("the stoneware mug") == "confirm 2 x Stoneware mug", "and it is kept in mind")
        var named = try Shop.offering()
        #expect(named.hear("I'd like the stoneware mug") == "price")
        #expect(named.hear(text) == "confirm 2 x Stoneware mug")
        var searched = try Shop()
        #expect(searched.hear("I'd like the Stoneware mug") == "offer")
        #expect(searched.hear(text) == "confirm 2 x Stoneware mug")
    }

    @Test(arguments: [
        "what do you sell?", "What do you have?", "show me everything", "what can you recommend", "was verkauft ihr?",
        "Was habt ihr?", "Zeig mir alles", "¿Qué venden?", "¿qué tienen?", "Que vendez-vous ?", "montrez-moi tout",
        "qu'est-ce que vous vendez ?",
    ])
    func `who asks what there is is shown the beginning of the catalogue, and then more of it`(text: String) throws {
        var shop = try Shop()
        #expect(shop.hear(text) == "offer")
        #expect(shop.conversation.shown.map(\.title) == Array(Shop.titles.prefix(3)))
        #expect(shop.hear("what else?") == "more")
        #expect(shop.conversation.shown.map(\.title) == Array(Shop.titles.suffix(2)))
        #expect(shop.hear("what else?") == "noMore")
    }

    @Test func `who sends a card's number is pointed to the button, or to a person`() throws {
        var shop = try Shop.confirming()
        #expect(shop.hear("yes") == "checkout")
        #expect(shop.hear("my card is [card], charge it") == "unpaid")
        var before = try Shop.offering()
        #expect(before.hear("[card]") == "service")
    }

    @Test(arguments: [
        "the second", "number 2", "nr. 2", "#2", "n° 2", "la segunda", "el segundo", "le deuxième", "la deuxième",
        "die zweite", "Nummer zwei", "numéro deux", "opción 2",
    ])
    func `an ordinal is a place`(text: String) throws {
        var shop = try Shop.offering()
        #expect(shop.hear(text) == "price")
        #expect(shop.conversation.focus?.title == "Stoneware mug")
    }

    @Test(arguments: [
        ("actually make that three", 3), ("can I get 3 instead", 3), ("no wait, 1", 1), ("no, 3 please", 3),
        ("mejor tres", 3), ("pónme uno", 1), ("me llevo una", 1), ("plutôt trois", 3), ("j'en prends un", 1),
        ("mach mal 3 draus", 3), ("doch lieber drei", 3), ("nur einen", 1), ("3", 3), ("make it 3x", 3),
        ("I'd prefer three travel mugs", 3), ("prefiero tres", 3), ("je préfère trois", 3), ("sorry, only one", 1),
        ("three instead of two", 3), ("quiero tres en vez de dos", 3), ("trois au lieu de deux", 3),
        ("drei statt zwei", 3), ("bump it up to three", 3), ("nee, drei", 3), ("disons trois", 3),
        ("I changed my mind, 1", 1),
    ])
    func `a number changes how many, and a yes buys the new number`(text: String, count: Int64) throws {
        var shop = try Shop.confirming()
        shop.searches = []
        #expect(shop.hear(text) == "confirm \(count) x Travel mug")
        #expect(shop.searches.isEmpty)
        #expect(shop.hear("yes") == "checkout")
        #expect(shop.checkouts.map(\.quantity) == [count] && shop.checkouts[0].quote.tail == 1)
    }

    @Test(arguments: [
        "-3", "1.5", "0", "1,5", "½", "1000", "one or two", "two more", "not two", "noch zwei", "zero", "no quiero dos",
        "dos más", "deux de plus",
    ])
    func `what is no number of pieces is asked about, and nothing is bought`(text: String) throws {
        var shop = try Shop.confirming()
        shop.searches = []
        #expect(shop.hear(text) == "howMany")
        #expect(shop.hear("yes") == "howMany")
        #expect(shop.hear("4") == "confirm 4 x Travel mug")
        #expect(shop.searches.isEmpty && shop.checkouts.isEmpty)
    }

    @Test func `a title with little words in it is whole without them`() throws {
        var shop = try Shop()
        #expect(shop.hear("I'd like the cup for tea") == "offer")
        #expect(shop.conversation.shown.count == 2)
        #expect(shop.hear("I'll take 2") == "confirm 2 x Cup for tea")
    }

    @Test func `a number in a title is no number of pieces`() throws {
        var shop = try Shop()
        _ = shop.hear("coffee beans")
        #expect(shop.hear("Coffee beans, 1 kg") == "price")
        #expect(shop.hear("3 Coffee beans, 1 kg") == "confirm 3 x Coffee beans, 1 kg")
    }

    @Test func `the first two are no one product, and a second to wait is no place`() throws {
        var shop = try Shop.offering()
        #expect(shop.hear("the first two") == "which")
        #expect(shop.hear("wait a second") == "unclear")
        #expect(shop.hear("two of the second") == "confirm 2 x Stoneware mug")
    }

    @Test(arguments: ["2", "uno", "drei", "quiero dos", "-1", "0"])
    func `a number alone is never looked for`(text: String) throws {
        var shop = try Shop()
        #expect(shop.hear(text) == "ask")
        #expect(shop.searches.isEmpty)
    }

    @Test(arguments: [
        "xylophones", "do you have bananas", "blargh fnord wibble", "thanks", "that's too expensive", "has it shipped?",
        "are you a robot?", "tell me more", "hello", "how much is it?", "the cheapest", "gibt es Rabatt?", "bonjour",
    ])
    func `whatever else is said, a yes to it buys nothing`(text: String) throws {
        var shop = try Shop.confirming()
        let told = shop.hear(text)
        #expect(!told.hasPrefix("confirm"), "\(told)")
        _ = shop.hear("yes")
        #expect(shop.checkouts.isEmpty, "after \(told)")
    }

    @Test(arguments: 0..<60)
    func `a checkout is of just what the last message asked about`(seed: UInt64) throws {
        var random = Seeded(seed &* 0x9e37_79b9 &+ 7)
        var shop = try Shop()
        let talk = Utterances.all.map(\.words) + Utterances.late.map(\.words)
        let own = [
            "mug", "the travel mug", "Stoneware mug", "coffee beans", "2", "three", "quiero dos", "deux", "zwei", "-3",
            "1.5", "no wait, 1", "I'll take it", "the second", "the lamp", "buy 2 travel mugs", "tea",
        ]
        var opened = 0
        for _ in 0..<400 {
            let text =
                switch Int.random(in: 0..<4, using: &random) {
                case 0: talk.randomElement(using: &random) ?? ""
                case 1: "yes"
                default: own.randomElement(using: &random) ?? ""
                }
            _ = shop.hear(text)
            for checkout in shop.checkouts.dropFirst(opened) {
                let asked = try #require(checkout.askedBefore)
                #expect(asked.topic.asksToConfirm, "\(text) after \(asked.topic)")
                #expect(asked.products.first?.quote.tail == checkout.quote.tail && asked.quantity == checkout.quantity)
            }
            opened = shop.checkouts.count
            #expect(shop.standings.count { $0 == .open } <= 1, "\(text)")
            if shop.conversation.state == .handedOff { shop.conversation.resumed() }
        }
        #expect(opened > 0, "the walk buys something")
    }

    @Test(arguments: [
        ("I want a refund", "yes"), ("can I return it?", "yes please"), ("has it shipped?", "yes"),
        ("where's my stuff", "sure"), ("how much is shipping?", "yes"), ("which payment methods do you have", "ok"),
        ("Ich will mein Geld zurück", "ja"), ("Ich möchte das zurückschicken", "ja bitte"),
        ("Ist es schon verschickt?", "ja"),
        ("Was kostet der Versand?", "gerne"), ("Wie kann ich bezahlen?", "ja"), ("quiero un reembolso", "sí"),
        ("quiero devolverlo", "sí, por favor"), ("¿dónde está mi paquete?", "sí"),
        ("¿cuánto cuesta el envío?", "claro"),
        ("¿cómo puedo pagar?", "vale"), ("je veux être remboursé", "oui"), ("je veux le retourner", "oui"),
        ("où est mon colis ?", "oui"), ("combien coûte la livraison ?", "volontiers"), ("comment payer ?", "oui"),
        ("are you human?", "yes"), ("are you a robot?", "yes"), ("is this a bot?", "yes"),
        ("Bist du ein Mensch?", "ja"),
        ("Sind Sie ein Roboter?", "ja"), ("¿eres un robot?", "sí"), ("¿Es usted una persona?", "sí"),
        ("Êtes-vous un robot ?", "oui"), ("tu es un humain ?", "oui"),
    ])
    func `a question for a person offers one, and a yes to that hands over`(text: String, yes: String) throws {
        var shop = try Shop.confirming()
        shop.searches = []
        let told = shop.hear(text)
        #expect(["service", "noOrder", "automatic"].contains(told))
        #expect(shop.searches.isEmpty)
        var other = shop
        #expect(shop.hear(yes) == "handedOff")
        #expect(shop.conversation.state == .handedOff)
        #expect(other.hear("no") == "ask" && other.checkouts.isEmpty)
    }

    /// One whose checkout of two travel mugs waits to be paid.
    private static func paying() throws -> Shop {
        var shop = try Shop.confirming()
        #expect(shop.hear("yes") == "checkout")
        return shop
    }

    @Test(arguments: [
        "cancel", "no", "forget it", "I changed my mind", "never mind", "abbrechen", "nein", "vergiss es", "stornieren",
        "ich habe es mir anders überlegt", "no", "olvídalo", "cancela", "he cambiado de idea", "non", "annule",
        "laisse tomber", "j'ai changé d'avis",
    ])
    func `who does not want what waits to be paid can pay it no more, and is told so`(text: String) throws {
        var shop = try Self.paying()
        #expect(shop.hear(text) == "checkoutCancelled")
        #expect(shop.standings == [.over] && shop.conversation.due == nil)
        #expect(shop.hear("where is my order?") == "noOrder")
        #expect(shop.hear("I take it") == "confirm 1 x Travel mug", "how many was taken back with it")
    }

    @Test func `a word that takes an order back does so wherever the talk is, and a no only where it is asked`() throws
    {
        for text in ["how much is the travel mug?", "thanks", "tea", "talk about returns", "what else?"] {
            var shop = try Self.paying()
            _ = shop.hear(text)
            var other = shop
            _ = other.hear("no")
            #expect(other.standings == [.open], "no after \(text)")
            #expect(shop.hear("cancel my order") == "checkoutCancelled", "after \(text)")
            #expect(shop.standings == [.over])
        }
    }

    @Test(arguments: [
        ("actually make it 3", "replaced confirm 3 x Travel mug"),
        ("doch lieber drei", "replaced confirm 3 x Travel mug"),
        ("mejor tres", "replaced confirm 3 x Travel mug"), ("plutôt trois", "replaced confirm 3 x Travel mug"),
        ("I take 3", "replaced confirm 3 x Travel mug"),
        ("I'll take the stoneware mug", "replaced confirm 1 x Stoneware mug"),
    ])
    func `what takes the place of a checkout is asked about when that can be paid no more`(
        text: String, told: String
    ) throws {
        var shop = try Self.paying()
        #expect(shop.hear(text) == told)
        #expect(shop.standings == [.over])
        #expect(shop.hear("yes") == "checkout")
        #expect(shop.standings == [.over, .open])
    }

    @Test func `what is agreed to again while it waits is not prepared again`() throws {
        for text in ["yes", "I take 2", "two", "I'll take it", "buy now", "checkout"] {
            var shop = try Self.paying()
            #expect(shop.hear(text) == "unpaid", "\(text)")
            #expect(shop.standings == [.open])
        }
    }

    @Test(arguments: [
        (CheckoutStanding.paid, "tooLate"), (.paying, "underway"), (.refunded, "tooLate"),
    ])
    func `what is paid or being paid cannot be taken back, and it is said so`(
        standing: CheckoutStanding, told: String
    ) throws {
        for text in ["cancel", "no", "actually make it 3", "stornieren", "plutôt trois"] {
            var shop = try Self.paying()
            shop.standings = [standing]
            #expect(shop.hear(text) == told, "\(text)")
            #expect(shop.hear("yes") != "checkout" && shop.standings == [standing])
        }
    }

    @Test(arguments: [
        (CheckoutStanding.paid, "placed"), (.partlyRefunded, "partlyRefunded"), (.refunded, "refunded"),
    ])
    func `the order of a chat is told as it stands, however much was said since`(
        standing: CheckoutStanding, told: String
    ) throws {
        for text in ["I paid", "thanks", "ich habe bezahlt", "ya pagué", "j'ai payé"] {
            var shop = try Self.paying()
            shop.standings = [.paid]
            #expect(shop.hear(text) == "paid", "\(text)")
            shop.standings = [standing]
            for between in ["thanks", "tea", "hello", "no"] {
                #expect(shop.hear("where is my order?") == told)
                _ = shop.hear(between)
            }
            #expect(shop.hear("cancel") == (standing == .paid ? "tooLate" : told))
            #expect(shop.hear("wo ist meine Bestellung?") == told)
            // What is begun anew and given up takes nothing from it.
            _ = shop.hear("mug")
            #expect(shop.hear("I'll take the travel mug") == "confirm 1 x Travel mug")
            #expect(shop.hear("yes") == "checkout")
            #expect(shop.hear("did it go through?") == "unpaid")
            #expect(shop.hear("cancel") == "checkoutCancelled")
            #expect(shop.hear("¿dónde está mi pedido?") == told)
        }
    }

    @Test(arguments: [
        "I take 3 of the stoneware mugs and 2 travel mugs", "3 stoneware mugs, 2 travel mugs please",
        "I want three stoneware mugs and two travel mugs", "Ich nehme 3 Stoneware mugs und 2 Travel mugs",
        "me llevo 3 stoneware mugs y 2 travel mugs", "je prends 3 stoneware mugs et 2 travel mugs",
    ])
    func `of several products each keeps its number, and they are sold one at a time`(text: String) throws {
        var shop = try Shop.offering()
        #expect(shop.hear(text) == "oneAtATime confirm 3 x Stoneware mug")
        #expect(shop.hear("yes") == "checkout" && shop.checkouts.last?.quantity == 3)
        shop.standings = [.paid]
        #expect(shop.hear("I'll take the travel mug") == "confirm 2 x Travel mug", "the other is not forgotten")
        // What was not shown yet is looked for, and each number is its product's.
        var fresh = try Shop()
        #expect(fresh.hear(text) == "oneAtATime offer")
        #expect(fresh.conversation.shown.map(\.title) == ["Travel mug", "Stoneware mug"])
        var second = fresh
        #expect(second.hear("the second") == "confirm 3 x Stoneware mug")
        #expect(fresh.hear("the first") == "confirm 2 x Travel mug")
        #expect(fresh.hear("how much is the stoneware mug?") == "price")
        #expect(fresh.hear("I'll take it") == "confirm 3 x Stoneware mug")
    }

    @Test func `several are named by their places, or one of them by what is spoken of`() throws {
        for text in ["2 of the second and 3 of the first", "zwei vom zweiten und drei vom ersten"] {
            var shop = try Shop.offering()
            #expect(shop.hear(text) == "oneAtATime confirm 2 x Stoneware mug")
            #expect(shop.hear("yes") == "checkout")
            shop.standings = [.paid]
            #expect(shop.hear("I'll take the travel mug") == "confirm 3 x Travel mug")
            var nothing = try Shop()
            #expect(nothing.hear(text) == "ask" && nothing.searches.isEmpty)
        }
        var shop = try Shop.offering()
        #expect(shop.hear("the travel mug") == "price")
        #expect(shop.hear("I take 3 of those and 2 tea pots") == "oneAtATime confirm 3 x Travel mug")
        #expect(shop.hear("yes") == "checkout")
        #expect(shop.hear("and the tea pot") == "offer")
        #expect(shop.hear("I'll take the tea pot") == "replaced confirm 2 x Tea pot")
    }

    @Test func `a number that was declined is gone, by itself and with others`() throws {
        var shop = try Shop.confirming()
        #expect(shop.hear("no") == "cancelled")
        #expect(shop.hear("I'll take it") == "confirm 1 x Travel mug")
        #expect(shop.hear("no") == "cancelled")
        #expect(shop.hear("I take 3 stoneware mugs and 2 travel mugs") == "oneAtATime confirm 3 x Stoneware mug")
        #expect(shop.hear("no") == "cancelled")
        for title in ["Stoneware", "Travel"] {
            #expect(shop.hear("I'll take the \(title) mug") == "confirm 1 x \(title) mug")
            #expect(shop.hear("no") == "cancelled")
        }
    }

    @Test(arguments: [
        "a mug with 2 handles and a lid", "mugs for 2 people and a pot", "two or three mugs",
        "two mugs, no, three mugs",
        "a set of 6 glasses and the lamp", "2 mugs", "a mug and a pot", "1.5 mugs and 2 pots",
        "I am at 12 Baker Street or 49 170 12, would that old mug of yours make it here alive, do you reckon or not?",
        "between 2 and 3 mugs",
    ])
    func `what names one product, or counts none, is not several`(text: String) {
        #expect(Understanding(of: text).wishes == nil)
    }

    @Test(arguments: [
        ("a dozen", 12), ("I will take a dozen", 12), ("ein Dutzend bitte", 12), ("una docena", 12),
        ("une douzaine", 12),
        ("two dozen", 24), ("zwei Dutzend", 24), ("dos docenas", 24), ("one more", 3), ("one less please", 1),
        ("noch einen", 3), ("einen weniger", 1), ("uno más", 3), ("una menos", 1), ("un de plus", 3),
        ("un de moins", 1),
        ("no, one less", 1),
    ])
    func `a dozen is a number, and one more or less changes the one there is`(text: String, count: Int64) throws {
        var shop = try Shop.confirming()
        #expect(shop.hear(text) == "confirm \(count) x Travel mug")
        var waiting = try Self.paying()
        #expect(waiting.hear(text) == "replaced confirm \(count) x Travel mug")
    }

    @Test func `one less than one, half a dozen and one more of nothing are asked about`() throws {
        var shop = try Shop.confirming()
        #expect(shop.hear("just one") == "confirm 1 x Travel mug")
        #expect(shop.hear("one less") == "howMany")
        #expect(shop.hear("half a dozen") == "howMany")
        #expect(shop.hear("ein halbes Dutzend") == "howMany")
        #expect(shop.hear("100 dozen") == "howMany")
        #expect(shop.checkouts.isEmpty)
        var none = try Shop()
        #expect(none.hear("one more") == "ask")
        var several = try Shop.offering()
        #expect(several.hear("one more") == "which")
    }

    @Test(arguments: [
        "pay", "pay now", "I want to pay", "bezahlen", "Ich möchte bezahlen", "zahlen bitte", "pagar", "payer",
    ])
    func `who wants to pay what waits is pointed to the button, wherever the talk is`(text: String) throws {
        var shop = try Self.paying()
        #expect(shop.hear(text) == "unpaid")
        _ = shop.hear("how much is the stoneware mug?")
        #expect(shop.hear(text) == "unpaid")
        #expect(shop.standings == [.open])
        var before = try Shop.confirming()
        #expect(before.hear(text) == "checkout", "it is a yes to what was asked")
    }

    @Test(arguments: [
        "how much is that in total?", "was kostet das insgesamt?", "¿cuánto es en total?", "c'est combien au total ?",
    ])
    func `who asks for the total hears a checkout's, or the price of one piece`(text: String) throws {
        var shop = try Shop.confirming()
        #expect(shop.hear(text) == "each 2 x Travel mug")
        #expect(shop.hear("yes") == "confirm 2 x Travel mug")
        var waiting = try Self.paying()
        #expect(waiting.hear(text) == "unpaid")
        var single = try Shop.offering()
        #expect(single.hear("the travel mug") == "price")
        #expect(single.hear(text) == "price")
        #expect(single.hear("how much for 5?") == "each 5 x Travel mug")
        #expect(single.hear(text) == "each 5 x Travel mug")
        #expect(single.hear("one less") == "confirm 4 x Travel mug")
    }

    @Test(arguments: [
        ("what is it in euros?", "currency"), ("how many pesos is that", "currency"),
        ("what currency is that?", "currency"),
        ("Was ist das in Euro?", "currency"), ("in welcher Währung?", "currency"), ("¿cuánto es en euros?", "currency"),
        ("¿en qué moneda?", "currency"), ("c'est combien en dollars ?", "currency"),
        ("dans quelle devise ?", "currency"),
        ("why is it this price?", "whyPrice"), ("is this price the same for everybody?", "whyPrice"),
        ("does everyone pay the same?", "whyPrice"), ("Warum kostet das so viel?", "whyPrice"),
        ("Ist der Preis für alle gleich?", "whyPrice"), ("¿por qué este precio?", "whyPrice"),
        ("¿es el mismo precio para todos?", "whyPrice"), ("pourquoi ce prix ?", "whyPrice"),
        ("est-ce le même prix pour tout le monde ?", "whyPrice"),
    ])
    func `who asks for another currency, or why, is told the price and nothing is looked for`(
        text: String, told: String
    ) throws {
        var shop = try Shop.offering()
        _ = shop.hear("the travel mug")
        shop.searches = []
        #expect(shop.hear(text) == told)
        #expect(shop.last?.products.map(\.product.title) == ["Travel mug"] && shop.searches.isEmpty)
        var nothing = try Shop()
        #expect(nothing.hear(text) == (told == "currency" ? "ask" : "whyPriceNothing"))
        #expect(nothing.searches.isEmpty)
    }

    @Test(arguments: ["how do I pay?", "wie bezahle ich?", "¿cómo pago?", "comment je paie ?"])
    func `who asks how to pay while a checkout waits is shown the button`(text: String) throws {
        var shop = try Shop.confirming()
        #expect(shop.hear("yes") == "checkout")
        #expect(shop.hear(text) == "unpaid")
    }

    @Test func `a yes to the offer of a person hands over while a checkout waits`() throws {
        var shop = try Shop.confirming()
        _ = shop.hear("yes")
        #expect(shop.hear("I want a refund") == "service")
        #expect(shop.hear("yes") == "handedOff")
    }

    @Test(arguments: [
        "which one is cheaper?", "the cheapest", "cheaper?", "do you have something cheaper?", "günstiger?",
        "welche ist günstiger?", "das günstigste bitte", "más barata", "¿cuál es más barata?", "la más barata",
        "la moins chère", "lequel est moins cher ?", "vous avez quelque chose de moins cher ?",
    ])
    func `who asks which costs less is shown the prices`(text: String) throws {
        var shop = try Shop.offering()
        #expect(shop.hear(text) == "compare")
        #expect(shop.last?.products.count == 2)
    }
}
