import Experiments
import SeedSupport
import Testing

@testable import AgentRuntime

/// What is said of a checkout that waits, was paid or is not wanted, and what must come of it.
@Suite struct CheckoutDialogueTests {
    @Test func `who sends a card's number is pointed to the button, or to a person`() throws {
        var shop = try DialogueShop.confirming()
        #expect(shop.hear("yes") == "checkout")
        #expect(shop.hear("my card is [card], charge it") == "unpaid")
        var before = try DialogueShop.offering()
        #expect(before.hear("[card]") == "service")
    }

    @Test(arguments: 0..<60)
    func `a checkout is of just what the last message asked about`(seed: UInt64) throws {
        var random = Seeded(seed &* 0x9e37_79b9 &+ 7)
        var shop = try DialogueShop()
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
        "cancel", "no", "forget it", "I changed my mind", "never mind", "abbrechen", "nein", "vergiss es", "stornieren",
        "ich habe es mir anders überlegt", "no", "olvídalo", "cancela", "he cambiado de idea", "non", "annule",
        "laisse tomber", "j'ai changé d'avis",
    ])
    func `who does not want what waits to be paid can pay it no more, and is told so`(text: String) throws {
        var shop = try DialogueShop.paying()
        #expect(shop.hear(text) == "checkoutCancelled")
        #expect(shop.standings == [.over] && shop.conversation.due == nil)
        #expect(shop.hear("where is my order?") == "noOrder")
        #expect(shop.hear("I take it") == "confirm 1 x Travel mug", "how many was taken back with it")
    }

    @Test func `a word that takes an order back does so wherever the talk is, and a no only where it is asked`() throws
    {
        for text in ["how much is the travel mug?", "thanks", "tea", "talk about returns", "what else?"] {
            var shop = try DialogueShop.paying()
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
        var shop = try DialogueShop.paying()
        #expect(shop.hear(text) == told)
        #expect(shop.standings == [.over])
        #expect(shop.hear("yes") == "checkout")
        #expect(shop.standings == [.over, .open])
    }

    @Test func `what is agreed to again while it waits is not prepared again`() throws {
        for text in ["yes", "I take 2", "two", "I'll take it", "buy now", "checkout"] {
            var shop = try DialogueShop.paying()
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
            var shop = try DialogueShop.paying()
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
            var shop = try DialogueShop.paying()
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
        "pay", "pay now", "I want to pay", "bezahlen", "Ich möchte bezahlen", "zahlen bitte", "pagar", "payer",
    ])
    func `who wants to pay what waits is pointed to the button, wherever the talk is`(text: String) throws {
        var shop = try DialogueShop.paying()
        #expect(shop.hear(text) == "unpaid")
        _ = shop.hear("how much is the stoneware mug?")
        #expect(shop.hear(text) == "unpaid")
        #expect(shop.standings == [.open])
        var before = try DialogueShop.confirming()
        #expect(before.hear(text) == "checkout", "it is a yes to what was asked")
    }

    @Test(arguments: [
        "how much is that in total?", "was kostet das insgesamt?", "¿cuánto es en total?", "c'est combien au total ?",
    ])
    func `who asks for the total hears a checkout's, or the price of one piece`(text: String) throws {
        var shop = try DialogueShop.confirming()
        #expect(shop.hear(text) == "each 2 x Travel mug")
        #expect(shop.hear("yes") == "confirm 2 x Travel mug")
        var waiting = try DialogueShop.paying()
        #expect(waiting.hear(text) == "unpaid")
        var single = try DialogueShop.offering()
        #expect(single.hear("the travel mug") == "price")
        #expect(single.hear(text) == "price")
        #expect(single.hear("how much for 5?") == "each 5 x Travel mug")
        #expect(single.hear(text) == "each 5 x Travel mug")
        #expect(single.hear("one less") == "confirm 4 x Travel mug")
    }

    @Test(arguments: ["how do I pay?", "wie bezahle ich?", "¿cómo pago?", "comment je paie ?"])
    func `who asks how to pay while a checkout waits is shown the button`(text: String) throws {
        var shop = try DialogueShop.confirming()
        #expect(shop.hear("yes") == "checkout")
        #expect(shop.hear(text) == "unpaid")
    }

    @Test func `a yes to the offer of a person hands over while a checkout waits`() throws {
        var shop = try DialogueShop.confirming()
        _ = shop.hear("yes")
        #expect(shop.hear("I want a refund") == "service")
        #expect(shop.hear("yes") == "handedOff")
    }
}
