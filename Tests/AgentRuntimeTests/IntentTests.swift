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

    @Test func `what is said less neatly is understood too, since the rules were widened for it`() {
        let late = Self.share(Utterances.late)
        #expect(Double(late.right) >= 0.9 * Double(Utterances.late.count), "\(late.wrong)")
    }
}
