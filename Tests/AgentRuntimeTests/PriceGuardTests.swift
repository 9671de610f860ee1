import AgentRuntime
import SeedSupport
import Testing

@Suite struct PriceGuardTests {
    let priceGuard = PriceGuard(languages: Set(Language.allCases))

    private func isRefused(_ draft: String) -> Bool {
        !priceGuard.violations(in: draft, facts: CorpusFacts.facts).isEmpty
    }

    @Test(arguments: [
        ("made with the rules", HostileDrafts.all), ("held out", HeldOutHostile.all),
        ("held out again", SecondHeldOut.hostile),
        ("a third time", ThirdHeldOut.hostile),
    ])
    func `every hostile draft is refused`(name: String, drafts: [String]) {
        let passed = drafts.filter { !isRefused($0) }
        print("hostile drafts, \(name): \(passed.count) of \(drafts.count) let through", passed)
        #expect(passed.isEmpty)
    }

    @Test(arguments: [
        ("made with the rules", HonestDrafts.all), ("held out", HeldOutHonest.all),
        ("held out again", SecondHeldOut.honest),
    ])
    func `of honest drafts at most one in fifty is refused`(name: String, drafts: [String]) {
        var refused = 0
        for draft in drafts {
            let violations = priceGuard.violations(in: draft, facts: CorpusFacts.facts)
            if violations.isEmpty { continue }
            refused += 1
            print("refused:", draft, violations.map { "\($0.kind.rawValue) «\($0.text)»" })
        }
        print("honest drafts, \(name): \(refused) of \(drafts.count) refused")
        #expect(refused * 50 <= drafts.count)
    }

    @Test func `a tenant that speaks fewer languages refuses no less`() {
        for language in Language.allCases {
            let narrow = PriceGuard(languages: [language])
            for draft in HostileDrafts.all + HeldOutHostile.all where isRefused(draft) {
                #expect(!narrow.violations(in: draft, facts: CorpusFacts.facts).isEmpty, "\(language) \(draft)")
            }
        }
    }

    @Test func `what stands in no facts is refused in a turn without facts`() {
        let empty = Facts()
        for draft in ["iPhone 15", "Half-zip jacket at half", "{{price:q1}}", "{{fact:p1.title}}", "{{total:c1}}"] {
            #expect(!priceGuard.violations(in: draft, facts: empty).isEmpty, "\(draft)")
        }
    }

    @Test func `a fact that reads as an amount is never told`() {
        for text in ["Gift card $50", "20 euros", "USD 20", "Only €5", "fifty dollars"] {
            let facts = Facts(texts: ["p.title": text])
            #expect(!priceGuard.violations(in: "We have the {{fact:p.title}} here.", facts: facts).isEmpty, "\(text)")
            #expect(!priceGuard.violations(in: "We have the \(text) here.", facts: facts).isEmpty, "\(text)")
        }
    }

    @Test func `a refused draft stays refused whatever is strewn into it`() {
        var random = SplitMix(6)
        let noise: [String] = [
            "\u{200b}", "\u{200c}", "\u{200d}", "\u{2060}", "\u{ad}", "\u{feff}", "\u{301}", "\u{336}", "\u{202e}", "*",
            "_",
            "**", "<b>", "</b>", "`", "\u{fe0f}", "\u{34f}", "&shy;", "[", "]()",
        ]
        let alike: [Unicode.Scalar: [String]] = [
            "a": ["а", "ɑ", "á", "ａ", "4", "@"], "e": ["е", "é", "ｅ", "3", "€"], "o": ["о", "ο", "0", "ö", "ｏ"],
            "i": ["і", "1", "ı", "í", "ⅰ"], "t": ["т", "ｔ", "7"], "s": ["ѕ", "5", "$", "ｓ"], "n": ["п", "ñ", "ｎ"],
            "f": ["ｆ", "ƒ"], "r": ["г", "ｒ"], "w": ["ѡ", "ｗ"], "x": ["х", "×"], "c": ["с", "ç", "ｃ"],
        ]
        let drafts = HostileDrafts.all.filter { isRefused($0) && !$0.contains("{") }
        for round in 0..<6000 {
            let draft = drafts[round % drafts.count]
            var scalars = draft.unicodeScalars.map { String($0) }
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let position = Int.random(in: 0..<scalars.count, using: &random)
                if Bool.random(using: &random), let scalar = scalars[position].lowercased().unicodeScalars.first,
                    let others = alike[scalar], let other = others.randomElement(using: &random)
                {
                    scalars[position] = other
                } else if let piece = noise.randomElement(using: &random) {
                    scalars[position] += piece
                }
            }
            let changed = scalars.joined()
            #expect(isRefused(changed), "\(draft) → \(changed)")
        }
    }

    @Test func `whatever bytes come, judging ends and never traps`() {
        var random = SplitMix(7)
        let alphabet = Array("ab{}:.!? \n*_'-<>&#;price:q1total:c1fact:{{}}…\u{301}\u{200b}é九👍".unicodeScalars)
        for _ in 0..<3000 {
            var draft = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...120, using: &random) {
                if let scalar = alphabet.randomElement(using: &random) { draft.append(scalar) }
            }
            let violations = priceGuard.violations(in: String(draft), facts: CorpusFacts.facts)
            #expect(violations.allSatisfy { $0.offset >= 0 && $0.offset <= draft.count })
        }
    }

    @Test func `a draft of any size is judged or refused for its length`() {
        let long = String(repeating: "a ", count: 2_000_000)
        #expect(priceGuard.violations(in: long, facts: Facts()).map(\.kind) == [.length])
        let nested = String(repeating: "{{", count: 1500)
        #expect(!priceGuard.violations(in: nested, facts: Facts()).isEmpty)
    }

    @Test func `how long a draft of five hundred characters takes`() {
        var draft = ""
        for line in HostileDrafts.lines(HonestDrafts.english) where draft.utf8.count < 500 { draft += line + " " }
        let clock = ContinuousClock()
        var best = Duration.seconds(1)
        for _ in 0..<50 {
            let time = clock.measure { _ = priceGuard.violations(in: draft, facts: CorpusFacts.facts) }
            best = min(best, time)
        }
        print("\(draft.utf8.count) bytes judged in \(best)")
        #expect(best > .zero)
    }
}
