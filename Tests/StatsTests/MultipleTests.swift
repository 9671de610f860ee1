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

    /// SciPy 1.17, `studentized_range.sf`; the first and the rest agree with an integral in 16 digits.
    @Test(arguments: [
        (3, 10.0, 3.877676, 0.049948013461912244), (5, 20, 8, 0.00013641404844766392),
        (10, 2, 30, 0.01114973551553089), (2, 5, 3, 0.08735930812736137),
        (4, .infinity, 12, 1.2911823485653464e-16), (20, .infinity, 3.5, 0.6036049452034866),
    ])
    func `tails of the studentized range`(k: Int, df: Double, q: Double, p: Double) throws {
        let law = try StudentizedRange(groups: k, degreesOfFreedom: df)
        expectClose(law.upperTail(of: q), p, relative: 1e-9)
        expectClose(law.upperTail(of: q) + law.lowerTail(of: q), 1, relative: 1e-10)
        expectClose(try law.upperQuantile(p), q, relative: 1e-9)
    }

    @Test func `the range of two is Student's t, in either tail and far out`() throws {
        for df in [1, 3.5, 40, 1e6] {
            let law = try StudentizedRange(groups: 2, degreesOfFreedom: df)
            let t = StudentT(degreesOfFreedom: df)
            for q in [1e-6, 0.01, 0.3, 2, 9, 60] {
                expectClose(law.upperTail(of: q), t.twoSidedTail(of: q / 2.0.squareRoot()), relative: 2e-9)
            }
            expectClose(law.lowerTail(of: 1e-6), 2.0.squareRoot() * 1e-6 * t.density(0), relative: 1e-9)
        }
        #expect(try StudentizedRange(groups: 3, degreesOfFreedom: 9).upperTail(of: 0) == 1)
        #expect(try StudentizedRange(groups: 3, degreesOfFreedom: 9).lowerTail(of: -1) == 0)
    }

    /// Published tables (Harter 1960): upper 5% and 1% points.
    @Test(arguments: [(3, 10.0, 0.05, 3.877), (5, 20, 0.01, 5.294), (20, 5, 0.05, 8.208), (2, 60, 0.05, 2.829)])
    func `published points of the studentized range`(k: Int, df: Double, alpha: Double, q: Double) throws {
        let value = try StudentizedRange(groups: k, degreesOfFreedom: df).upperQuantile(alpha)
        #expect(abs(value - q) < 0.0011, "\(value)")
    }

    /// The example of SciPy's `tukey_hsd`, whole and with two observations fewer (Kramer).
    @Test func `Tukey's test of three arms`() throws {
        let arms = [
            [24.5, 23.5, 26.4, 27.1, 29.9], [28.4, 34.2, 29.5, 32.2, 30.1], [26.1, 28.3, 24.3, 26.2, 27.8],
        ]
        let test = try TukeyTest(arms.map { Moments(of: $0) })
        #expect(test.pairs.map { [$0.first, $0.second] } == [[0, 1], [0, 2], [1, 2]])
        for (found, p) in zip(test.pairs.map(\.p), [0.01444833, 0.98031072, 0.02033114]) {
            expectClose(found, p, absolute: 6e-9)
        }
        let interval = try test.intervals(alpha: 0.05)[0]
        expectClose(interval.lower, 0.950841, absolute: 6e-7)
        expectClose(interval.upper, 8.249159, absolute: 6e-7)
        let uneven = try TukeyTest([arms[0], arms[1], Array(arms[2].prefix(3))].map { Moments(of: $0) })
        for (found, p) in zip(uneven.pairs.map(\.p), [0.02660018, 0.9995843, 0.05056178]) {
            expectClose(found, p, absolute: 6e-8)
        }
        expectClose(try uneven.intervals(alpha: 0.05)[2].upper, 0.01160679, absolute: 6e-8)
        #expect(throws: StatsError.zeroVariance("no arm varies")) {
            _ = try TukeyTest([Moments(of: [1, 1]), Moments(of: [2, 2])])
        }
    }
}
