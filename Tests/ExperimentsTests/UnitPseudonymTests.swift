import Experiments
import Testing

@Suite struct UnitPseudonymTests {
    private static func names(_ key: UInt8 = 1, _ experiment: UInt64 = 7) -> UnitPseudonym {
        UnitPseudonym(
            secrets: TenantSecrets(
                subjectKey: [UInt8](repeating: key, count: 32), sealKey: [UInt8](repeating: 9, count: 32)),
            experiment: ExperimentID(bits: Bits128(high: 0, low: experiment)))
    }

    @Test func `a name is read back by its own experiment and tenant alone, and tells nothing of the subject`() {
        let names = Self.names()
        var seen: Set<String> = []
        for number in 0..<500 as Range<UInt64> {
            let subject = Subject(high: number &* 0x9E37_79B9_7F4A_7C15, low: number)
            let name = names.name(of: subject)
            #expect(name.utf8.count == 64 && name == Self.names().name(of: subject))
            #expect(!name.contains(subject.hex))
            #expect(names.subject(named: name) == subject)
            for other in [Self.names(2), Self.names(1, 8)] {
                #expect(other.name(of: subject) != name)
                #expect(other.subject(named: name) == nil)
            }
            seen.insert(name)
        }
        #expect(seen.count == 500)
    }

    @Test func `a name that was changed anywhere names nobody`() {
        let names = Self.names()
        let name = Array(names.name(of: Subject(high: 3, low: 4)))
        for place in name.indices {
            var changed = name
            changed[place] = changed[place] == "0" ? "1" : "0"
            #expect(names.subject(named: String(changed)) == nil)
        }
        #expect(names.subject(named: "") == nil)
        #expect(names.subject(named: String(name).uppercased()) == nil)
        #expect(names.subject(named: String(name.dropLast())) == nil)
    }
}
