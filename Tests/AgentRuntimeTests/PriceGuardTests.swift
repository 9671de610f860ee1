import AgentRuntime
import Testing

@Suite struct PriceGuardTests {
    let priceGuard = PriceGuard(languages: Set(Language.allCases))

    @Test func `every hostile draft is refused`() {
        let passed = HostileDrafts.all.filter {
            priceGuard.violations(in: $0, facts: CorpusFacts.facts).isEmpty
        }
        print("hostile drafts let through: \(passed.count) of \(HostileDrafts.all.count)")
        for draft in passed { print("  LET THROUGH", draft) }
        #expect(passed.isEmpty)
    }

    @Test func `honest drafts pass, but for one in fifty`() {
        var refused = 0
        for draft in HonestDrafts.all {
            let violations = priceGuard.violations(in: draft, facts: CorpusFacts.facts)
            if violations.isEmpty { continue }
            refused += 1
            print("  REFUSED", draft, violations.map { "\($0.kind.rawValue) «\($0.text)»" })
        }
        print("honest drafts refused: \(refused) of \(HonestDrafts.all.count)")
        #expect(refused * 50 <= HonestDrafts.all.count)
    }
}
