import Stats
import Testing

@Suite struct SequentialTests {
    @Test func `the p-value is alpha exactly where the interval ends at zero`() throws {
        for alpha in [0.01, 0.05, 0.2] {
            let sequence = try AsymptoticConfidenceSequence(
                estimate: 0.02, standardError: 0.006, count: 10_100, alpha: alpha, tuning: 5000)
            let edge = try AsymptoticConfidenceSequence(
                estimate: sequence.halfWidth, standardError: 0.006, count: 10_100, alpha: alpha, tuning: 5000)
            expectClose(edge.p(), alpha, relative: 1e-10)
        }
    }

    @Test func `the interval that holds at every look is wider than the fixed one and narrows with alpha`() throws {
        var width = Double.infinity
        for alpha in [0.001, 0.01, 0.05, 0.3] {
            let sequence = try AsymptoticConfidenceSequence(
                estimate: 0, standardError: 1, count: 5000, alpha: alpha, tuning: 5000)
            #expect(sequence.halfWidth > Normal.upperQuantile(alpha / 2))
            #expect(sequence.halfWidth < width)
            width = sequence.halfWidth
        }
    }

    @Test func `overwhelming evidence underflows to zero, not to nonsense`() throws {
        let sequence = try AsymptoticConfidenceSequence(
            estimate: 1, standardError: 1e-3, count: 1e9, alpha: 0.05, tuning: 5000)
        #expect(sequence.p() == 0)
        #expect(sequence.logEValue() > 4e5 && sequence.logEValue().isFinite)
    }

    @Test func `the mixture test and its interval say the same`() throws {
        let test = try MixtureSPRT(pairVariance: 2, tau2: 0.01)
        let half = try test.halfWidth(pairs: 100, alpha: 0.05)
        expectClose(half, 0.6195286751337413, relative: 1e-12)
        expectClose(
            MixtureSPRT.p(logLikelihoodRatio: try test.logLikelihoodRatio(pairs: 100, difference: half)), 0.05,
            relative: 1e-12)
        #expect(try test.logLikelihoodRatio(pairs: 0, difference: 3) == 0)
    }

    @Test func `an always-valid p never rises`() {
        var p = AlwaysValidP()
        #expect(p.look(0.4) == 0.4)
        #expect(p.look(0.9) == 0.4)
        #expect(p.look(0.1) == 0.1)
    }

    @Test func `the guard keeps early looks from finding what is not there`() throws {
        // Two visitors an arm, one conversion: plug-in variance says certainty, the guarded test does not.
        let data = try TwoProportions(
            try Proportion(successes: 0, trials: 2), try Proportion(successes: 2, trials: 2))
        #expect(MixtureSPRT.plugInPairVariance(data) == 0)
        #expect(try MixtureSPRT.guarded(data, tau2: 1e-3).p > 0.9)
    }

    @Test(arguments: 1...3)
    func `peeking at every pair with the guarded test keeps the error rate`(seed: Int) throws {
        var generator = Xoshiro256PlusPlus(seed: UInt64(seed))
        let runs = 200
        var rejected = 0
        for _ in 0..<runs {
            var a = 0.0
            var b = 0.0
            for n in 1...300 {
                if generator.uniform() < 0.1 { a += 1 }
                if generator.uniform() < 0.1 { b += 1 }
                let data = try TwoProportions(
                    try Proportion(successes: a, trials: Double(n)), try Proportion(successes: b, trials: Double(n)))
                if try MixtureSPRT.guarded(data, tau2: 1e-3).p <= 0.05 {
                    rejected += 1
                    break
                }
            }
        }
        // 5% of 200 is 10; three standard errors above is 19.
        #expect(rejected <= 19)
    }

    @Test func `Howard's boundaries`() throws {
        // Howard et al. (2021), eq. 14 at v = ρ = 1, α = 0.05.
        expectClose(UniformBoundary.twoSidedNormalMixture(v: 1, alpha: 0.05, rho: 1), 3.6563948713638483)
        let mixture = try BetaBinomialMixture(vOpt: 10_000, alphaOpt: 0.05, g: 0.2, h: 0.8, twoSided: true)
        #expect(mixture.bound(v: 10, alpha: 0.005) == 50)
        // A one-sided boundary lies below the two-sided one of the same alpha, and below its closed form.
        let exact = UniformBoundary.oneSidedNormalMixture(v: 100, alpha: 0.05, rho: 20)
        #expect(exact < UniformBoundary.twoSidedNormalMixture(v: 100, alpha: 0.05, rho: 20))
        #expect(exact <= UniformBoundary.oneSidedNormalMixtureClosedForm(v: 100, alpha: 0.05, rho: 20))
    }

    @Test func `a bettor never excludes the mean of balanced data`() throws {
        let x = (0..<60).map { Double($0 % 2) }
        let interval = try BettingSequence(x).hedged(
            alpha: 0.05, theta: 0.5, truncation: 0.5, runningIntersection: false)
        #expect(interval.contains(0.5) && interval.lower > 0.2 && interval.upper < 0.8)
        #expect(throws: StatsError.self) { try BettingSequence([0.2, 1.2]) }
        let nothing = try BettingSequence([]).hedged(
            alpha: 0.05, theta: 0.5, truncation: 0.5, runningIntersection: true)
        #expect(nothing == Interval(lower: 0, upper: 1))
    }

    /// Jennison & Turnbull (2000), tables 2.1 and 2.3, K = 5, α = 0.05 two-sided.
    @Test func `published group-sequential constants`() throws {
        let looks = [0.2, 0.4, 0.6, 0.8, 1]
        let pocock = try GroupSequentialDesign(.wangTsiatis(delta: 0.5), alpha: 0.05, sides: 2, infoFractions: looks)
        let obf = try GroupSequentialDesign(.wangTsiatis(delta: 0), alpha: 0.05, sides: 2, infoFractions: looks)
        #expect(abs(try #require(pocock.constant) - 2.413) < 5e-4)
        #expect(abs(try #require(obf.constant) - 2.040) < 5e-4)
        let spending = try GroupSequentialDesign(
            .spending(.obrienFleming(sides: 2)), alpha: 0.05, sides: 2, infoFractions: looks)
        let exits = try GroupSequentialDesign.exitProbabilities(
            infoFractions: looks, lower: spending.criticalZ.map { -$0 }, upper: spending.criticalZ, drift: 0)
        expectClose(exits.lower.reduce(0, +) + exits.upper.reduce(0, +), 0.05, relative: 1e-9)
    }
}
