import Experiments
import Testing

@testable import AgentRuntime

/// What a model is shown of what was said, and which messages are its to answer.
@Suite struct PromptTextTests {
    @Test(arguments: [
        ("mail me at jo.doe+shop@example.co.uk please", "jo.doe"), ("call +49 (0)170 123-45.67 after five", "170"),
        ("0049 89 1234567", "1234567"), ("٠١٧٠١٢٣٤٥٦٧", "٣٤٥"), ("send it to 12 Baker Street, London", "Baker"),
        ("ich wohne in der Hauptstraße 5", "Hauptstraße 5"), ("Am Alten Markt, Lindenweg 17b", "Lindenweg"),
        ("vivo en la calle Mayor 7, segundo piso", "Mayor"), ("4 rue de Rivoli, Paris", "Rivoli"),
        ("my card is 4111 1111 1111 1111", "4111"), ("DE89 3704 0044 0532 0130 00", "3704"),
    ])
    func `nothing by which a shopper can be reached is shown to a model`(text: String, secret: String) {
        #expect(!PromptText.shopper(text).contains(secret), "\(PromptText.shopper(text))")
    }

    @Test(arguments: [
        "do you have a mug for 350 ml of tea?", "ich suche eine Tasse in Größe 42", "a street map of Berlin",
        "two of the red ones, please",
    ])
    func `what names nobody is shown as it is`(text: String) {
        #expect(PromptText.shopper(text) == text)
    }

    @Test func `amounts that were told are left out of what a model reads`() {
        var message = ChatMessage(
            role: .agent, text: "Mug costs $19.99.", at: Timestamp(milliseconds: 0), state: .quoting)
        message.draft = "{{fact:p1.title}} costs {{price:quo_1}}."
        message.facts = ["p1.title": "Mug"]
        #expect(PromptText.agent(message) == "Mug costs (the amount).")
    }

    @Test func `rules keep what they know, and leave the rest to a model`() {
        let conversation = Conversation(language: .english, languages: Language.allCases)
        for text in ["hi", "I am looking for a mug", "a red mug", "how much is it?", "yes", "no", "I want a discount"] {
            #expect(!conversation.leavesToModel(Understanding(of: text)), "\(text)")
        }
        for text in [
            "would your mug survive a trip through the mountains in a backpack, do you reckon?",
            "my sister keeps telling me that everything made of clay breaks when she looks at it the wrong way",
        ] {
            #expect(conversation.leavesToModel(Understanding(of: text)), "\(text)")
        }
    }

    @Test(arguments: ["I think so. It is made of steel. Would you like it?", "Yes! No. It costs $5. Bye."])
    func `a draft that goes on after what was told is judged as one text`(draft: String) {
        let judge = PriceGuard(languages: Set(Language.allCases))
        var whole = HoldBack(judge, facts: Facts())
        let first = whole.receive(String(draft.prefix(20)))
        var resumed = HoldBack(judge, facts: Facts(), after: first)
        let left = String(draft.dropFirst(first.count))
        #expect(resumed.receive(left) == whole.receive(String(draft.dropFirst(20))))
        #expect(resumed.finish() == whole.finish())
    }
}
