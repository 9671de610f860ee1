import Glibc
import Stats
import Testing

/// Expected values: SciPy 1.17.1 and statsmodels 0.15 unless said.
@Suite struct ExactTestsTests {
    private func arms(_ x1: Double, _ n1: Double, _ x2: Double, _ n2: Double) throws -> TwoProportions {
        try TwoProportions(Proportion(successes: x1, trials: n1), Proportion(successes: x2, trials: n2))
    }

    @Test func `McNemar's test counts only those who changed`() throws {
        let pairs = try PairedProportions(firstOnly: 12, secondOnly: 5)
        expectClose(pairs.exactP, 0.143463134765625)
        expectClose(pairs.midP, 0.09625244140624994)
        expectClose(pairs.chiSquare().statistic, 49.0 / 17)
        expectClose(pairs.chiSquare().p, 0.08955507441364248)
        expectClose(pairs.chiSquare(continuityCorrected: true).p, 0.1456100953968629)
        let unchanged = try PairedProportions(firstOnly: 0, secondOnly: 0)
        #expect(unchanged.exactP == 1 && unchanged.midP == 1 && unchanged.chiSquare().p == 1)
        #expect(throws: StatsError.self) { _ = try PairedProportions(firstOnly: 1.5, secondOnly: 2) }
    }

    @Test func `Boschloo's test`() throws {
        let cases: [(Double, Double, Double, Double, greater: Double, less: Double, both: Double)] = [
            (7, 15, 12, 15, 0.0341091546615974, 0.977121534757319, 0.0682183093231948),
            (3, 18, 7, 22, 0.16518318189576706, 0.8785756381211511, 0.3303663637915341),
            (74, 117, 31, 63, 0.9665032229005183, 0.035564064301545205, 0.07112812860309041),
        ]
        for c in cases {
            let data = try arms(c.0, c.1, c.2, c.3)
            let test = try data.boschlooExact()
            expectClose(test.secondGreater, c.greater, relative: 1e-6)
            expectClose(test.secondLess, c.less, relative: 1e-6)
            expectClose(test.twoSided, c.both, relative: 1e-6)
            #expect(test.secondGreater <= (try data.fisherExact().secondGreater) + 1e-12)
        }
        let nothing = try arms(0, 10, 0, 12).boschlooExact()
        expectClose(nothing.twoSided, 1)
    }

    @Test func `odds ratio and Agresti-Coull`() throws {
        let odds = try arms(20, 100, 30, 100).oddsRatio(alpha: 0.05)
        expectClose(odds.ratio, 1.7142857142857142)
        expectClose(odds.logStandardError, 0.33184190154205606)
        expectClose(odds.interval.lower, 0.8945793467266191)
        expectClose(odds.interval.upper, 3.285092061377714)
        #expect(!odds.isCorrected)
        #expect(try arms(0, 10, 3, 10).oddsRatio(alpha: 0.05).isCorrected)
        let interval = try Proportion(successes: 7, trials: 40).agrestiCoull(alpha: 0.05)
        expectClose(interval.lower, 0.08430825715148234)
        expectClose(interval.upper, 0.32264578362675406)
    }

    @Test func `Yuen's trimmed test`() throws {
        let test = try TrimmedTest(
            OrderedSample([12, 15, 9, 80, 11, 14, 10, 13, 8, 16]),
            OrderedSample([14, 18, 120, 13, 15, 17, 12, 19, 21, 11, 16]), fraction: 0.2)
        expectClose(test.t, 2.0410761629184755)
        expectClose(test.degreesOfFreedom, 10.967187181668926)
        expectClose(test.p, 0.0660577133225859, relative: 1e-10)
        let interval = try test.interval(alpha: 0.05)
        expectClose(interval.lower, -0.2755871796304472, relative: 1e-9)
        expectClose(interval.upper, 7.275587179630447, relative: 1e-9)
    }

    @Test func `log-rank test`() throws {
        let first = zip([3.0, 5, 7, 2, 8, 8, 10, 4], [true, false, true, true, true, false, true, false])
            .map { (time: $0, isEvent: $1) }
        let second = zip([1.0, 2, 2, 6, 3, 4, 9, 1], [true, true, false, true, true, true, false, true])
            .map { (time: $0, isEvent: $1) }
        let test = try LogRankTest(first, second)
        expectClose(test.chiSquare, 2.484428062917609)
        expectClose(test.p, 0.1149781382827586)
        #expect(test.excess > 0)
        #expect(throws: StatsError.self) { _ = try LogRankTest(first, []) }
    }

    @Test func `p-values and e-values combined`() throws {
        let fisher = try Combination.fisher([0.01, 0.2, 0.5])
        expectClose(fisher.statistic, 13.815510557964274)
        expectClose(fisher.p, 0.03176629677613493)
        let stouffer = try Combination.stouffer([0.01, 0.2, 0.5], weights: [1, 2, 3])
        expectClose(stouffer.z, 1.0716080941456108)
        expectClose(stouffer.p, 0.1419480481375402)
        // (e^0 + e^0) / 2 and a thousand logs that would overflow.
        expectClose(try Combination.meanOfE(logValues: [0, 0]), 0)
        expectClose(try Combination.productOfE(logValues: [800, 900]), 1700)
        #expect(try Combination.productOfE(logValues: [.infinity, -.infinity]) == -.infinity)
    }

    @Test func `BCa intervals near SciPy's`() throws {
        var generator = Xoshiro256PlusPlus(seed: 1)
        func mean(_ x: [Double]) -> Double { x.reduce(0, +) / Double(x.count) }
        // SciPy with 400,000 resamples: [9.0, 27.5]; of the difference [−9.75, 13.825].
        let one = try Bootstrap.bca(
            [2, 3, 5, 7, 11, 13, 17, 19, 23, 50], alpha: 0.05, resamples: 4000, using: &generator, statistic: mean)
        #expect(abs(one.lower - 9) < 0.6 && abs(one.upper - 27.5) < 2, "\(one)")
        let two = try Bootstrap.bcaDifference(
            [2, 3, 5, 7, 11, 13, 17, 19, 23, 50], [3, 8, 9, 12, 30, 41, 18, 22], alpha: 0.05, resamples: 4000,
            using: &generator, statistic: mean)
        #expect(abs(two.lower + 9.75) < 1 && abs(two.upper - 13.825) < 1, "\(two)")
        #expect(throws: StatsError.zeroVariance("the statistic is the same on every resample")) {
            _ = try Bootstrap.bca([4, 4, 4], alpha: 0.05, resamples: 200, using: &generator, statistic: mean)
        }
    }

    /// Efron & Tibshirani (1993), §12.5: the control mice, 90%, [35.82, 116.74] from 1000 resamples, T's fifth and
    /// ninety-fifth percentile −4.53 and 1.53.
    @Test func `the bootstrap-t interval of Efron and Tibshirani's mice`() throws {
        var generator = Xoshiro256PlusPlus(seed: 12)
        let mice: [Double] = [52, 104, 146, 10, 51, 30, 40, 27, 46]
        let interval = try Bootstrap.studentised(mice, alpha: 0.1, resamples: 40_000, using: &generator) {
            let moments = Moments(of: $0)
            let n = moments.count
            return (moments.mean, (moments.sumOfSquaredDeviations / n / n).squareRoot())
        }
        #expect(abs(interval.lower - 35.82) < 1.5 && abs(interval.upper - 116.74) < 9, "\(interval)")
        #expect(throws: StatsError.zeroVariance("the statistic has no error on the data")) {
            _ = try Bootstrap.studentisedDifference([4, 4], [5, 5], alpha: 0.1, resamples: 200, using: &generator)
        }
        #expect(throws: StatsError.notIdentified("too many resamples do not vary")) {
            _ = try Bootstrap.studentisedDifference([4, 5], [5, 6], alpha: 0.1, resamples: 200, using: &generator)
        }
    }

    /// Twenty exponential values an arm: Student's quantiles and these differ, and both ends move the same way under a
    /// shift and a change of unit.
    @Test func `a studentised difference moves with its data`() throws {
        var draw = Xoshiro256PlusPlus(seed: 3)
        let a = (0..<20).map { _ in -log(draw.uniform()) }
        let b = (0..<20).map { _ in -2 * log(draw.uniform()) }
        func interval(_ a: [Double], _ b: [Double]) throws -> Interval {
            var generator = Xoshiro256PlusPlus(seed: 4)
            return try Bootstrap.studentisedDifference(a, b, alpha: 0.05, resamples: 4000, using: &generator)
        }
        let plain = try interval(a, b)
        let moved = try interval(a.map { 3 * $0 }, b.map { 3 * $0 + 6 })
        expectClose(moved.lower, 3 * plain.lower + 6, relative: 1e-9)
        expectClose(moved.upper, 3 * plain.upper + 6, relative: 1e-9)
        let welch = try WelchTest(Moments(of: a), Moments(of: b)).interval(alpha: 0.05)
        #expect(plain.upper > welch.upper, "the larger and more skewed arm lengthens the upper side")
    }

    @Test func `Boschloo's test keeps its level at every rate and rejects no less than Fisher's`() throws {
        let n = 5
        var rejected: [(x: Int, y: Int)] = []
        for x in 0...n {
            for y in 0...n {
                let data = try arms(Double(x), Double(n), Double(y), Double(n))
                let boschloo = try data.boschlooExact().secondGreater
                if boschloo <= 0.05 { rejected.append((x, y)) }
                if try data.fisherExact().secondGreater <= 0.05 { #expect(boschloo <= 0.05) }
            }
        }
        for percent in stride(from: 2, to: 100, by: 4) {
            let law = Binomial(trials: Double(n), probability: Double(percent) / 100)
            func mass(_ k: Int) -> Double { law.lowerTail(of: Double(k)) - law.lowerTail(of: Double(k) - 1) }
            let size = rejected.reduce(0.0) { $0 + mass($1.x) * mass($1.y) }
            #expect(size <= 0.05 + 1e-9, "\(size) at a rate of \(percent)%")
        }
    }
}
