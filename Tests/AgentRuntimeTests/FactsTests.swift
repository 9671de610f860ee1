import AgentRuntime
import Experiments
import Testing

@Suite struct FactsTests {
    let facts = CorpusFacts.facts
    let now = Timestamp(milliseconds: 0)

    @Test func `slots become the quoted amounts, and each is accounted for`() throws {
        let told = try facts.render("The {{fact:p1.title}} is {{price:q1}}; together {{total:c1}}.", at: now)
        #expect(told.text == "The iPhone 15 is $24.99; together $113.99.")
        #expect(told.amounts.map(\.text) == ["$24.99", "$113.99"])
        #expect(told.amounts.map(\.source) == [.quote("q1"), .total("c1")])
    }

    @Test func `a quote that expired is not told`() {
        #expect(throws: SlotFault.expired("{{price:q1}}")) {
            try facts.render("{{price:q1}}", at: Timestamp(milliseconds: 1_000_000))
        }
        #expect(throws: Never.self) { try facts.render("{{price:q1}}", at: Timestamp(milliseconds: 999_999)) }
    }

    @Test(arguments: ["{{price:q9}}", "{{total:q1}}", "{{fact:p1.price}}"])
    func `a slot of another turn is unknown`(slot: String) {
        #expect(throws: SlotFault.unknown(slot)) { try facts.render("It is \(slot).", at: now) }
    }

    @Test(arguments: [
        "{{price:q1}", "{price:q1}", "{{price:}}", "{{ price:q1}}", "}}", "{{cost:q1}}", "{{{price:q1}}}",
    ])
    func `a broken slot is told to nobody`(draft: String) throws {
        var thrown: SlotFault?
        do throws(SlotFault) { _ = try facts.render(draft, at: now) } catch { thrown = error }
        guard case .malformed = try #require(thrown) else {
            Issue.record("\(draft) gave \(String(describing: thrown))")
            return
        }
    }

    @Test func `a slot inside a fact stays text`() throws {
        var facts = facts
        facts.texts["evil.title"] = "{{price:q2}}"
        let told = try facts.render("{{fact:evil.title}}", at: now)
        #expect(told.text == "{{price:q2}}")
        #expect(told.amounts.isEmpty)
    }
}
