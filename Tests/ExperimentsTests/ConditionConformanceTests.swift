import Testing

@testable import Experiments

@Suite(.enabled(if: AssignmentCases.arePresent, Comment(rawValue: AssignmentCases.absent)))
struct ConditionConformanceTests {
    /// Patterns are refused: what they answer cannot be asked.
    static let refused = [
        "$and/$or - all true", "$and/$or - first or true", "$and/$or - second or true", "$and/$or - first and false",
        "$and/$or - both or false", "$and/$or - both and false",
        "$regex - pass", "$regex - fail", "$regex - fail (case sensitive mismatch)",
        "$regexi - pass (case insensitive match)", "$regexi - pass (uppercase pattern, lowercase value)",
        "$regexi - fail",
        "$regex invalid - pass", "$regex invalid - fail",
        "$elemMatch nested - pass", "$elemMatch nested - fail", "$elemMatch nested - fail not array",
        // These two names occur twice; only the ones with a pattern are refused.
        "$not - pass", "$not - fail",
    ]

    /// Conditions an SDK answers and a merchant is told to correct.
    static let faultsWhenStrict: [String: ConditionFault.Reason] = [
        "$groups - match": .unknownOperator,
        "$groups - no match": .unknownOperator,
        "unknown operator - pass": .unknownOperator,
        "$in - not array": .wrongOperand,
        "$nin - not array": .wrongOperand,
        "$ini - not array": .wrongOperand,
        "$nini - not array": .wrongOperand,
    ]

    @Test func `evalCondition`() throws {
        let cases = AssignmentCases.section("evalCondition")
        #expect(cases.count == 248)
        var refused: [String] = []
        var faults: [String: ConditionFault.Reason] = [:]
        for row in cases {
            let name = row[0].text
            let groups = row.count > 4 ? row[4].members.mapValues(\.elements) : [:]
            let condition: Condition
            do {
                condition = try Condition(parsing: row[1], reading: .lenient, protected: .none)
            } catch {
                #expect(error.reason == .patternRefused, "\(name)")
                refused.append(name)
                continue
            }
            #expect(condition.matches(row[2].members, groups: groups) == row[3].bool, "\(name)")
            #expect(condition.source == row[1])
            do {
                let strict = try Condition(parsing: row[1], reading: .strict, protected: .none)
                #expect(strict.matches(row[2].members, groups: groups) == row[3].bool, "\(name)")
            } catch {
                faults[name] = error.reason
            }
        }
        #expect(refused.sorted() == Self.refused.sorted())
        #expect(faults == Self.faultsWhenStrict)
        #expect(cases.count - refused.count == 229)
    }
}
