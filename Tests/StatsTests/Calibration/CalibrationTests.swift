import Glibc
import Stats
import Testing

/// A few hundred seeded runs of what `bench/calibration` does at length: enough to see a gross fault, with the same seed
/// each time, so that what holds once holds always.
@Suite struct CalibrationTests {
    @Test func `looking after every pair rejects a true null rarely by mSPRT and often by z`() throws {
        let test = try MixtureSPRT(pairVariance: 2, tau2: 0.01)
        var generator = Xoshiro256PlusPlus(seed: 1)
        var guarded = 0
        var naive = 0
        let runs = 200
        for _ in 0..<runs {
            var sum = 0.0
            var (byMixture, byZ) = (false, false)
            for n in 1...1000 {
                sum += generator.normal() - generator.normal()
                let pairs = Double(n)
                if try test.logLikelihoodRatio(pairs: pairs, difference: sum / pairs) >= -log(0.05) { byMixture = true }
                if n >= 100, sum * sum > 1.96 * 1.96 * 2 * pairs { byZ = true }
            }
            if byMixture { guarded += 1 }
            if byZ { naive += 1 }
        }
        #expect(guarded <= 15, "\(guarded) of \(runs) at a level of 5%")
        #expect(naive >= 40, "the control must break: \(naive) of \(runs)")
    }

    @Test func `a bounded mean stays in its sequences at every look`() throws {
        var generator = Xoshiro256PlusPlus(seed: 2)
        var missed = [0, 0, 0]
        let runs = 150
        for _ in 0..<runs {
            var betting = try BettingTest(mean: 0.1, alpha: 0.05)
            var predictable = try PredictableMixture(.empiricalBernstein, alpha: 0.05)
            var howard = try EmpiricalBernsteinSequence(alpha: 0.05, vOpt: 25)
            var out = [false, false, false]
            for _ in 0..<400 {
                let x = generator.uniform() < 0.1 ? 1.0 : 0
                try betting.add(x)
                try predictable.add(x)
                try howard.add(x)
                if !predictable.interval.contains(0.1) { out[1] = true }
                if howard.logEValue(against: 0.1) >= -log(0.05) { out[2] = true }
            }
            out[0] = betting.isRejected
            for k in 0..<3 where out[k] { missed[k] += 1 }
        }
        for count in missed { #expect(count <= 14, "\(missed) of \(runs) at a level of 5%") }
    }

    @Test func `posterior intervals and probabilities are frequencies`() throws {
        var generator = Xoshiro256PlusPlus(seed: 3)
        let prior = try Beta(prior: 2, 18)
        var covered = 0
        var reported = 0.0
        var came = 0.0
        let runs = 400
        for _ in 0..<runs {
            let truth = [generator.beta(2, 18), generator.beta(2, 18)]
            let posteriors = try truth.map {
                prior.posterior(
                    after: try Proportion(
                        successes: Double(generator.binomial(trials: 500, probability: $0)), trials: 500))
            }
            if try posteriors[0].equalTailed(mass: 0.95).contains(truth[0]) { covered += 1 }
            // The likelier arm, as often as it was said.
            let p = BetaComparison(posteriors[0], posteriors[1]).probabilityBBeatsA
            reported += max(p, 1 - p)
            if (p > 0.5) == (truth[1] > truth[0]) { came += 1 }
        }
        #expect(abs(covered - 380) <= 16, "\(covered) of \(runs)")
        #expect(abs(came - reported) <= 24, "\(came) came true of \(reported) promised")
    }

    @Test func `fixed-horizon intervals cover as often as they say`() throws {
        var generator = Xoshiro256PlusPlus(seed: 4)
        var welch = 0
        var cuped = 0
        let runs = 300
        for _ in 0..<runs {
            var x: [[Double]] = [[], []]
            var y: [[Double]] = [[], []]
            for arm in 0..<2 {
                for _ in 0..<60 {
                    let covariate = generator.normal()
                    x[arm].append(covariate)
                    y[arm].append(Double(arm) + 0.7 * covariate + 0.7 * generator.normal())
                }
            }
            if try WelchTest(Moments(of: y[0]), Moments(of: y[1])).interval(alpha: 0.05).contains(1) { welch += 1 }
            let adjusted = try Cuped(
                control: Cuped.Arm(covariate: x[0], outcome: y[0]), treatment: Cuped.Arm(covariate: x[1], outcome: y[1])
            )
            if try adjusted.effect(.absolute).interval(alpha: 0.05).contains(1) { cuped += 1 }
        }
        #expect(abs(welch - 285) <= 14, "\(welch) of \(runs)")
        #expect(abs(cuped - 285) <= 14, "\(cuped) of \(runs)")
    }

    @Test func `the sample-ratio monitor seldom cries wolf and finds a real mismatch`() throws {
        var generator = Xoshiro256PlusPlus(seed: 5)
        var alarms = 0
        for _ in 0..<60 {
            var monitor = try SequentialSampleRatio(weights: [1, 1])
            for _ in 0..<200 { try monitor.add(generator.uniform() < 0.5 ? [1, 0] : [0, 1]) }
            if monitor.p <= 0.05 { alarms += 1 }
        }
        #expect(alarms <= 9, "\(alarms) of 60")
        var monitor = try SequentialSampleRatio(weights: [1, 1])
        for _ in 0..<200 {
            let first = Double(generator.binomial(trials: 1000, probability: 0.51))
            try monitor.add([first, 1000 - first])
        }
        #expect(monitor.p < 0.05)
    }

    @Test func `a demand curve's best price is near the true one`() throws {
        var generator = Xoshiro256PlusPlus(seed: 6)
        var covered = 0
        var lost = 0.0
        for _ in 0..<100 {
            let points = try [10.0, 13, 16, 19, 22].map { price in
                let q = OptimalPrice.logitConversion(1.2, -0.12, at: price)
                return try PricePoint(
                    price: price, visitors: 2000,
                    conversions: Double(generator.binomial(trials: 2000, probability: q)))
            }
            let best = try #require(try LogitDemand(points).optimalPrice(unitCost: 4))
            if abs(best.price - 16.2634) <= 1.96 * best.standardError { covered += 1 }
            let profit = { ($0 - 4) * OptimalPrice.logitConversion(1.2, -0.12, at: $0) }
            lost += 1 - profit(best.price) / profit(16.2634)
        }
        #expect(abs(covered - 95) <= 7, "\(covered) of 100")
        #expect(lost / 100 < 0.0015, "the mean share of profit lost")
    }
}
