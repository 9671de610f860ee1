import Experiments
import SeedSupport
import Testing

@testable import AgentRuntime

/// What was said, in four languages, and what must come of it.
@Suite struct DialogueTests {
    @Test(arguments: [
        "I'll take 2", "2", "two", "I want two please", "j'en veux deux", "deux", "j'en prends deux", "quiero dos",
        "dos",
        "me llevo dos", "ich nehme zwei", "Dann nehm ich zwei", "zwei bitte", "x2",
    ])
    func `a cardinal is a number of pieces, of what is spoken of or of nothing yet`(text: String) throws {
        var several = try DialogueShop.offering()
        #expect(several.hear(text) == "which")
        #expect(several.hear("the stoneware mug") == "confirm 2 x Stoneware mug", "and it is kept in mind")
        var named = try DialogueShop.offering()
        #expect(named.hear("I'd like the stoneware mug") == "price")
        #expect(named.hear(text) == "confirm 2 x Stoneware mug")
        var searched = try DialogueShop()
        #expect(searched.hear("I'd like the Stoneware mug") == "offer")
        #expect(searched.hear(text) == "confirm 2 x Stoneware mug")
    }

    @Test(arguments: [
        "what do you sell?", "What do you have?", "show me everything", "what can you recommend", "was verkauft ihr?",
        "Was habt ihr?", "Zeig mir alles", "¿Qué venden?", "¿qué tienen?", "Que vendez-vous ?", "montrez-moi tout",
        "qu'est-ce que vous vendez ?",
    ])
    func `who asks what there is is shown the beginning of the catalogue, and then more of it`(text: String) throws {
        var shop = try DialogueShop()
        #expect(shop.hear(text) == "offer")
        #expect(shop.conversation.shown.map(\.title) == Array(DialogueShop.titles.prefix(3)))
        #expect(shop.hear("what else?") == "more")
        #expect(shop.conversation.shown.map(\.title) == Array(DialogueShop.titles.suffix(2)))
        #expect(shop.hear("what else?") == "noMore")
    }

    @Test(arguments: [
        "the second", "number 2", "nr. 2", "#2", "n° 2", "la segunda", "el segundo", "le deuxième", "la deuxième",
        "die zweite", "Nummer zwei", "numéro deux", "opción 2",
    ])
    func `an ordinal is a place`(text: String) throws {
        var shop = try DialogueShop.offering()
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
        var shop = try DialogueShop.confirming()
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
        var shop = try DialogueShop.confirming()
        shop.searches = []
        #expect(shop.hear(text) == "howMany")
        #expect(shop.hear("yes") == "howMany")
        #expect(shop.hear("4") == "confirm 4 x Travel mug")
        #expect(shop.searches.isEmpty && shop.checkouts.isEmpty)
    }

    @Test func `a title with little words in it is whole without them`() throws {
        var shop = try DialogueShop()
        #expect(shop.hear("I'd like the cup for tea") == "offer")
        #expect(shop.conversation.shown.count == 2)
        #expect(shop.hear("I'll take 2") == "confirm 2 x Cup for tea")
    }

    @Test func `a number in a title is no number of pieces`() throws {
        var shop = try DialogueShop()
        _ = shop.hear("coffee beans")
        #expect(shop.hear("Coffee beans, 1 kg") == "price")
        #expect(shop.hear("3 Coffee beans, 1 kg") == "confirm 3 x Coffee beans, 1 kg")
    }

    @Test func `the first two are no one product, and a second to wait is no place`() throws {
        var shop = try DialogueShop.offering()
        #expect(shop.hear("the first two") == "which")
        #expect(shop.hear("wait a second") == "unclear")
        #expect(shop.hear("two of the second") == "confirm 2 x Stoneware mug")
    }

    @Test(arguments: ["2", "uno", "drei", "quiero dos", "-1", "0"])
    func `a number alone is never looked for`(text: String) throws {
        var shop = try DialogueShop()
        #expect(shop.hear(text) == "ask")
        #expect(shop.searches.isEmpty)
    }

    @Test(arguments: [
        "xylophones", "do you have bananas", "blargh fnord wibble", "thanks", "that's too expensive", "has it shipped?",
        "are you a robot?", "tell me more", "hello", "how much is it?", "the cheapest", "gibt es Rabatt?", "bonjour",
    ])
    func `whatever else is said, a yes to it buys nothing`(text: String) throws {
        var shop = try DialogueShop.confirming()
        let told = shop.hear(text)
        #expect(!told.hasPrefix("confirm"), "\(told)")
        _ = shop.hear("yes")
        #expect(shop.checkouts.isEmpty, "after \(told)")
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
        var shop = try DialogueShop.confirming()
        shop.searches = []
        let told = shop.hear(text)
        #expect(["service", "noOrder", "automatic"].contains(told))
        #expect(shop.searches.isEmpty)
        var other = shop
        #expect(shop.hear(yes) == "handedOff")
        #expect(shop.conversation.state == .handedOff)
        #expect(other.hear("no") == "ask" && other.checkouts.isEmpty)
    }

    @Test(arguments: [
        "I take 3 of the stoneware mugs and 2 travel mugs", "3 stoneware mugs, 2 travel mugs please",
        "I want three stoneware mugs and two travel mugs", "Ich nehme 3 Stoneware mugs und 2 Travel mugs",
        "me llevo 3 stoneware mugs y 2 travel mugs", "je prends 3 stoneware mugs et 2 travel mugs",
    ])
    func `of several products each keeps its number, and they are sold one at a time`(text: String) throws {
        var shop = try DialogueShop.offering()
        #expect(shop.hear(text) == "oneAtATime confirm 3 x Stoneware mug")
        #expect(shop.hear("yes") == "checkout" && shop.checkouts.last?.quantity == 3)
        shop.standings = [.paid]
        #expect(shop.hear("I'll take the travel mug") == "confirm 2 x Travel mug", "the other is not forgotten")
        // What was not shown yet is looked for, and each number is its product's.
        var fresh = try DialogueShop()
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
            var shop = try DialogueShop.offering()
            #expect(shop.hear(text) == "oneAtATime confirm 2 x Stoneware mug")
            #expect(shop.hear("yes") == "checkout")
            shop.standings = [.paid]
            #expect(shop.hear("I'll take the travel mug") == "confirm 3 x Travel mug")
            var nothing = try DialogueShop()
            #expect(nothing.hear(text) == "ask" && nothing.searches.isEmpty)
        }
        var shop = try DialogueShop.offering()
        #expect(shop.hear("the travel mug") == "price")
        #expect(shop.hear("I take 3 of those and 2 tea pots") == "oneAtATime confirm 3 x Travel mug")
        #expect(shop.hear("yes") == "checkout")
        #expect(shop.hear("and the tea pot") == "offer")
        #expect(shop.hear("I'll take the tea pot") == "replaced confirm 2 x Tea pot")
    }

    @Test func `a number that was declined is gone, by itself and with others`() throws {
        var shop = try DialogueShop.confirming()
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
        var shop = try DialogueShop.confirming()
        #expect(shop.hear(text) == "confirm \(count) x Travel mug")
        var waiting = try DialogueShop.paying()
        #expect(waiting.hear(text) == "replaced confirm \(count) x Travel mug")
    }

    @Test func `one less than one, half a dozen and one more of nothing are asked about`() throws {
        var shop = try DialogueShop.confirming()
        #expect(shop.hear("just one") == "confirm 1 x Travel mug")
        #expect(shop.hear("one less") == "howMany")
        #expect(shop.hear("half a dozen") == "howMany")
        #expect(shop.hear("ein halbes Dutzend") == "howMany")
        #expect(shop.hear("100 dozen") == "howMany")
        #expect(shop.checkouts.isEmpty)
        var none = try DialogueShop()
        #expect(none.hear("one more") == "ask")
        var several = try DialogueShop.offering()
        #expect(several.hear("one more") == "which")
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
        var shop = try DialogueShop.offering()
        _ = shop.hear("the travel mug")
        shop.searches = []
        #expect(shop.hear(text) == told)
        #expect(shop.last?.products.map(\.product.title) == ["Travel mug"] && shop.searches.isEmpty)
        var nothing = try DialogueShop()
        #expect(nothing.hear(text) == (told == "currency" ? "ask" : "whyPriceNothing"))
        #expect(nothing.searches.isEmpty)
    }

    @Test(arguments: [
        "which one is cheaper?", "the cheapest", "cheaper?", "do you have something cheaper?", "günstiger?",
        "welche ist günstiger?", "das günstigste bitte", "más barata", "¿cuál es más barata?", "la más barata",
        "la moins chère", "lequel est moins cher ?", "vous avez quelque chose de moins cher ?",
    ])
    func `who asks which costs less is shown the prices`(text: String) throws {
        var shop = try DialogueShop.offering()
        #expect(shop.hear(text) == "compare")
        #expect(shop.last?.products.count == 2)
    }
}
