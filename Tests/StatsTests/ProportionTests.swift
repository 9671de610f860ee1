import Stats
import Testing

@Suite struct ProportionTests {
    /// Brown, Cai & DasGupta (2001) and R's binom package for 10 of 100.
    @Test func `published intervals`() throws {
        let data = try Proportion(successes: 10, trials: 100)
        expectClose(try data.wilson(alpha: 0.05).lower, 0.05522913706067509)
        expectClose(try data.clopperPearson(alpha: 0.05).upper, 0.1762225977400227)
        expectClose(try Proportion(successes: 0, trials: 1).jeffreys(alpha: 0.05).upper, 0.8532536836904249)
    }

    @Test func `nobody and everybody have exact ends`() throws {
        for n in [1.0, 30, 1e12] {
            let none = try Proportion(successes: 0, trials: n)
            let all = try Proportion(successes: n, trials: n)
            for interval in [
                try none.wilson(alpha: 0.05), try none.jeffreys(alpha: 0.05), try none.clopperPearson(alpha: 0.05),
            ] {
                #expect(interval.lower == 0 && interval.upper > 0 && interval.upper < 1)
            }
            for interval in [
                try all.wilson(alpha: 0.05), try all.jeffreys(alpha: 0.05), try all.clopperPearson(alpha: 0.05),
            ] {
                #expect(interval.upper == 1 && interval.lower > 0)
            }
        }
    }

    @Test(arguments: [(0.0, 5.0), (1, 7), (50, 100), (3, 1e6), (1000, 1e12)])
    func `intervals are nested in alpha and mirror`(x: Double, n: Double) throws {
        let data = try Proportion(successes: x, trials: n)
        let mirror = try Proportion(successes: n - x, trials: n)
        for method in [Proportion.wilson, Proportion.jeffreys, Proportion.clopperPearson] {
            var outer = try method(data)(0.001)
            for alpha in [0.01, 0.05, 0.2, 0.5] {
                let inner = try method(data)(alpha)
                #expect(outer.lower <= inner.lower && inner.upper <= outer.upper)
                let reflected = try method(mirror)(alpha)
                expectClose(1 - reflected.upper, inner.lower, relative: 1e-9, absolute: 1e-15)
                outer = inner
            }
        }
    }

    @Test func `a difference changes sign with its arms`() throws {
        let a = try Proportion(successes: 1000, trials: 10_000)
        let b = try Proportion(successes: 1080, trials: 10_000)
        let forward = try TwoProportions(a, b)
        let backward = try TwoProportions(b, a)
        #expect(forward.difference == -backward.difference)
        for method in [TwoProportions.newcombe, TwoProportions.miettinenNurminen] {
            let one = try method(forward)(0.05)
            let other = try method(backward)(0.05)
            expectClose(one.lower, -other.upper, relative: 1e-9)
            expectClose(one.upper, -other.lower, relative: 1e-9)
        }
        #expect(try forward.zTest(alpha: 0.05).pPooled == backward.zTest(alpha: 0.05).pPooled)
    }

    @Test func `a fisher test of the tea taster`() throws {
        // Fisher (1935): 3 of 4 cups told apart, p = 17/70 one-sided, 34/70 two-sided.
        let cups = try TwoProportions(
            try Proportion(successes: 1, trials: 4), try Proportion(successes: 3, trials: 4))
        let test = try cups.fisherExact()
        expectClose(test.secondGreater, 17.0 / 70)
        expectClose(test.twoSided, 34.0 / 70)
    }

    @Test func `impossible counts are refused`() {
        #expect(throws: StatsError.self) { try Proportion(successes: 11, trials: 10) }
        #expect(throws: StatsError.self) { try Proportion(successes: -1, trials: 10) }
        #expect(throws: StatsError.self) { try Proportion(successes: .nan, trials: 10) }
        #expect(throws: StatsError.insufficient("a proportion needs a trial")) {
            try Proportion(successes: 0, trials: 0).wilson(alpha: 0.05)
        }
        #expect(throws: StatsError.self) { try Proportion(successes: 1, trials: 10).wilson(alpha: 1) }
    }
}
