import Testing

@testable import AgentRuntime

@Suite struct IntentTests {
    private static func share(_ lines: [Utterances.Line]) -> (right: Int, wrong: [String]) {
        var wrong: [String] = []
        for line in lines {
            let told = Understanding(of: line.words).intent.rawValue
            if told != line.intent { wrong.append("\(line.language) \"\(line.words)\": \(told), not \(line.intent)") }
        }
        return (lines.count - wrong.count, wrong)
    }

    @Test func `what rules were made by is understood, and most of what they were not made by`() {
        let (seen, heldOut) = (Utterances.all.filter { !$0.isHeldOut }, Utterances.all.filter(\.isHeldOut))
        #expect(Utterances.all.count >= 300)
        let known = Self.share(seen)
        let fresh = Self.share(heldOut)
        #expect(known.wrong == [])
        #expect(Double(fresh.right) >= 0.9 * Double(heldOut.count), "\(fresh.wrong)")
    }

    /// "I take it for $10" once was ten pieces, which a yes would have bought.
    @Test(arguments: [
        "would you take $10", "I take it for $10", "$10?", "buy it for €5", "ok for $14 I take it",
        "I'll take it at $14.00", "10 € de moins ?", "10€", "ich nehm sie für 10€", "für 14,00 $ nehme ich sie",
        "te doy 10 €", "je le prends pour 10 €",
        "£ 7?", "can you do it for $10?", "10 euros", "can I get 10% off", "10% off?", "10%?", "gibts 10 % drauf",
        "¿10% menos?",
        "10% de moins ?", "half price?", "any deals?", "vous faites un geste ?",
    ])
    func `an amount or a share is a price of the shopper's own, and never a number of pieces`(text: String) {
        let understood = Understanding(of: text)
        #expect(understood.intent == .negotiate && understood.quantity == nil, "\(understood)")
    }

    @Test(
        arguments: [
            ("I am looking for a mug under $20", Intent.search, ["mug", "under"], nil),
            ("ich suche eine Tasse bis 20 €", .search, ["tasse"], nil),
            ("a 100% cotton shirt", .search, ["cotton", "shirt"], nil), ("two for me", .quantity, [], 2),
            ("I take 10", .quantity, [], 10), ("a lamp for 230 V", .search, ["lamp", "230", "v"], nil),
            ("Schuhe in Größe 42", .search, ["schuhe"], nil), ("a carafe of 2 litres", .search, ["carafe"], nil),
        ] as [(String, Intent, [String], Int64?)])
    func `what bounds an amount or says what a thing is made of is looked for`(
        text: String, intent: Intent, matter: [String], quantity: Int64?
    ) {
        let understood = Understanding(of: text)
        #expect(understood.intent == intent && understood.quantity == quantity, "\(understood)")
        #expect(
            Set(matter).isSubset(of: understood.matter) && !understood.matter.contains("20"), "\(understood.matter)")
    }

    @Test func `what is said less neatly is understood too, since the rules were widened for it`() {
        let late = Self.share(Utterances.late)
        #expect(Double(late.right) >= 0.9 * Double(Utterances.late.count), "\(late.wrong)")
    }
}
