import Stats
import Testing

@Suite struct MultipleTests {
    @Test(arguments: Adjustment.allCases)
    func `an adjusted p-value is never smaller, never above one, and keeps the order`(method: Adjustment) throws {
        let p = [0.01, 0.04, 0.03, 0.005, 0.2, 1, 0]
        let adjusted = try method.adjusted(p, alpha: 0.05)
        for (raw, value) in zip(p, adjusted) {
            #expect(value <= 1)
            if method != .twoStageBenjaminiHochberg { #expect(value >= raw) }
        }
        for i in p.indices { for j in p.indices where p[i] < p[j] { #expect(adjusted[i] <= adjusted[j]) } }
        #expect(try method.adjusted([], alpha: 0.05).isEmpty)
    }

    /// Benjamini & Hochberg (1995), §4: fifteen p-values; their procedure rejects four, Bonferroni's three.
    @Test func `Benjamini and Hochberg's example`() throws {
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
            0.7590, 1.0000,
        ]
        #expect(try Adjustment.benjaminiHochberg.adjusted(p, alpha: 0.05).count { $0 <= 0.05 } == 4)
        #expect(try Adjustment.bonferroni.adjusted(p, alpha: 0.05).count { $0 <= 0.05 } == 3)
    }

    @Test func `Dunnett's published critical value`() throws {
        // Dunnett (1964), table II: k = 2, infinite degrees of freedom, two-sided 5%: 2.21.
        let value = try DunnettTest.criticalValue(treatments: 2, alpha: 0.05, correlation: 0.5, twoSided: true)
        #expect(abs(value - 2.21) < 0.005)
        expectClose(
            try DunnettTest.criticalValue(treatments: 1, alpha: 0.05, correlation: 0.5, twoSided: true),
            Normal.upperQuantile(0.025), relative: 1e-10)
    }
}
