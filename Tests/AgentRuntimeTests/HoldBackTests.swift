import AgentRuntime
import SeedSupport
import Testing

@Suite struct HoldBackTests {
    let priceGuard = PriceGuard(languages: Set(Language.allCases))

    private func stream(_ draft: String, cuts: [Int]) -> (told: String, prefixes: [String], ending: HoldBack.Ending) {
        var holdBack = HoldBack(priceGuard, facts: CorpusFacts.facts)
        let scalars = Array(draft.unicodeScalars)
        var told = ""
        var prefixes: [String] = []
        var start = 0
        for cut in cuts + [scalars.count] where cut >= start {
            var delta = ""
            delta.unicodeScalars.append(contentsOf: scalars[start..<cut])
            let part = holdBack.receive(delta)
            if !part.isEmpty {
                told += part
                prefixes.append(told)
            }
            start = cut
        }
        let ending = holdBack.finish()
        if case .complete(let rest) = ending { told += rest }
        return (told, prefixes, ending)
    }

    @Test func `however a stream is cut the same text comes out, and none of it is refused`() throws {
        var random = SplitMix(8)
        let honest = HonestDrafts.all + HeldOutHonest.all
        let hostile = HostileDrafts.all + HeldOutHostile.all
        for _ in 0..<250 {
            var parts: [String] = []
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let pool = Int.random(in: 0..<6, using: &random) == 0 ? hostile : honest
                parts.append(try #require(pool.randomElement(using: &random)))
            }
            let draft = parts.joined(separator: Bool.random(using: &random) ? " " : "\n")
            let count = draft.unicodeScalars.count
            let whole = stream(draft, cuts: [])
            let single = stream(draft, cuts: Array(0...count))
            let cut = stream(
                draft, cuts: (0..<6).map { _ in Int.random(in: 0...count, using: &random) }.sorted())
            #expect(single.told == whole.told, "\(draft)")
            #expect(cut.told == whole.told, "\(draft)")
            #expect(single.ending == whole.ending)
            for prefix in whole.prefixes + single.prefixes + cut.prefixes + [whole.told] {
                #expect(priceGuard.violations(in: prefix, facts: CorpusFacts.facts).isEmpty, "\(prefix)")
            }
            let isFine = priceGuard.violations(in: draft, facts: CorpusFacts.facts).isEmpty
            if isFine { #expect(whole.told == draft) } else { #expect(whole.told != draft) }
        }
    }

    @Test func `a slot comes out whole or not at all`() {
        let draft = "Hello there my friend! Your price is {{price:q1}}. Is that fine for you? "
        for cut in 0...draft.unicodeScalars.count {
            let streamed = stream(draft, cuts: [cut])
            for prefix in streamed.prefixes {
                #expect(prefix.components("{{") == prefix.components("}}"))
            }
            #expect(streamed.told == draft)
        }
    }

    @Test func `a sentence comes out before the next one is written`() {
        var holdBack = HoldBack(priceGuard, facts: CorpusFacts.facts)
        #expect(holdBack.receive("It is a warm jacket for the winter. And") == "It is a warm jacket for the winter.")
        #expect(holdBack.receive(" it costs $2").isEmpty)
        #expect(holdBack.receive("0. ").isEmpty)
        #expect(holdBack.refusal != nil)
        #expect(holdBack.receive("Sorry about that. ").isEmpty)
    }

    @Test func `what may still become a number is held`() {
        var holdBack = HoldBack(priceGuard, facts: CorpusFacts.facts)
        #expect(holdBack.receive("It is just twen. ").isEmpty)
        #expect(holdBack.receive("ty for you. ").isEmpty)
        #expect(holdBack.refusal != nil)
    }
}

extension String {
    fileprivate func components(_ part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
