// Prints one line a measurement: its name, a tab, nanoseconds. `../../run` sets them beside the peers.
import Stats

@main
enum Bench {
    static func main() throws {
        try comparisons()
        try specialFunctions()
        try sequences()
        try pairs()
        try prices()
    }

    /// P(B > A) with both expected losses.
    static func comparisons() throws {
        let settings: [(String, [(n: Double, x: Double)])] = [
            ("P(B>A), losses: 10 of 100", [(100, 10), (100, 14)]),
            ("P(B>A), losses: 100 of 1,000", [(1000, 100), (1000, 112)]),
            ("P(B>A), losses: 5,000 of 50,000", [(50_000, 5000), (50_000, 5130)]),
            ("P(B>A), losses: 1e5 of 1e6", [(1e6, 1e5), (1e6, 100_700)]),
            ("P(B>A), losses: 1e11 of 1e12", [(1e12, 1e11), (1e12, 1e11 + 4e5)]),
            ("P(B>A), losses: 1e3 of 1e12", [(1e12, 1000), (1e12, 1100)]),
            ("P(B>A), losses: far apart", [(1e5, 1e4), (1e5, 1.4e4)]),
            ("P(B>A), losses: 3 of 20 and 1e8 of 1e9", [(20, 3), (1e9, 1e8)]),
        ]
        for (name, arms) in settings {
            let prior = Beta(1, 1)
            let rates = try arms.map { try Proportion(successes: $0.x, trials: $0.n) }
            report(
                name,
                nanoseconds { i in
                    let a = prior.posterior(after: rates[0])
                    let b = Beta(a.alpha + Double(i & 1), a.beta)
                    let summary = BetaComparison(b, prior.posterior(after: rates[1])).summary
                    return summary.probabilityBBeatsA + summary.expectedLossChoosingB + summary.expectedLossChoosingA
                })
        }
        report(
            "P(B>A), losses: Jeffreys prior, 100 of 1,000",
            nanoseconds { i in
                let summary = BetaComparison(Beta(100.5, 900.5 + Double(i & 1)), Beta(112.5, 888.5)).summary
                return summary.probabilityBBeatsA + summary.expectedLossChoosingB + summary.expectedLossChoosingA
            })
    }

    static func specialFunctions() throws {
        for (name, size) in [("small", 10.0), ("medium", 300), ("large", 1e5)] {
            var random = Xoshiro256PlusPlus(seed: 7)
            var a: [Double] = []
            var b: [Double] = []
            var x: [Double] = []
            for _ in 0..<10_000 {
                let p = random.uniform()
                let n = size * (0.5 + random.uniform())
                a.append(n * p + 0.5)
                b.append(n * (1 - p) + 0.5)
                let spread = (p * (1 - p) / n).squareRoot()
                x.append(min(0.999, max(0.001, p + spread * 2 * (random.uniform() - 0.5))))
            }
            report(
                "incomplete beta, \(name)",
                try nanoseconds { i in try IncompleteBeta.lower(a, b, x)[i & 1023] } / 10_000)
            report(
                "incomplete beta, \(name), one by one",
                nanoseconds { _ in
                    var sum = 0.0
                    for i in a.indices { sum += IncompleteBeta.lower(a[i], b[i], x[i]) }
                    return sum
                } / 10_000)
        }
    }

    static func sequences() throws {
        var random = Xoshiro256PlusPlus(seed: 11)
        let data = (0..<10_000).map { _ in random.uniform() * random.uniform() }
        report(
            "betting confidence sequence, an update (n = 10,000)",
            try nanoseconds(rounds: 3, perRound: .milliseconds(10)) { _ in
                try BettingSequence(data).hedged(alpha: 0.05, theta: 0.5, truncation: 0.5, runningIntersection: true)
                    .lower
            } / 10_000)
        report(
            "group sequential bounds, K = 5 O'Brien-Fleming spending",
            try nanoseconds { i in
                try GroupSequentialDesign(
                    .spending(.obrienFleming(sides: 2)), alpha: 0.05 - 1e-9 * Double(i & 1), sides: 2,
                    infoFractions: [0.2, 0.4, 0.6, 0.8, 1]
                ).criticalZ[4]
            })
        report(
            "group sequential bounds, K = 5 Pocock",
            try nanoseconds { i in
                try GroupSequentialDesign(
                    .wangTsiatis(delta: 0.5), alpha: 0.05 - 1e-9 * Double(i & 1), sides: 2,
                    infoFractions: [0.2, 0.4, 0.6, 0.8, 1]
                ).criticalZ[4]
            })
        let p = (0..<10_000).map { _ in random.uniform() }
        report(
            "Benjamini-Hochberg, 10,000 p-values",
            try nanoseconds { _ in try Adjustment.benjaminiHochberg.adjusted(p, alpha: 0.05)[17] })
    }

    static func prices() throws {
        let points = try [(9.0, 1000.0, 120.0), (10, 1000, 101), (11, 1000, 83), (12, 1000, 61)].map {
            try PricePoint(price: $0.0, visitors: $0.1, conversions: $0.2)
        }
        report(
            "logit demand: fit, optimal price, interval",
            try nanoseconds { _ in
                let demand = try LogitDemand(points)
                guard let best = try demand.optimalPrice(unitCost: 4) else { return 0 }
                let half = Normal.upperQuantile(0.025) * best.standardError
                return best.price + half
            })
    }

    /// A metric of two variants: all that a report says of it.
    static func pairs() throws {
        let a = try Proportion(successes: 1000, trials: 10_000)
        let b = try Proportion(successes: 1080, trials: 10_000)
        report(
            "metric analysis, conversion",
            try nanoseconds { i in
                try conversion(a, i & 1 == 0 ? b : Proportion(successes: 1081, trials: 10_000))
            })
        report(
            "metric analysis, revenue",
            try nanoseconds { i in
                try revenue(
                    Moments(count: 10_000, mean: 4.2, variance: 180),
                    Moments(count: 10_000, mean: 4.5 + 1e-9 * Double(i & 1), variance: 190))
            })
    }

    static func conversion(_ a: Proportion, _ b: Proportion) throws -> Double {
        let alpha = 0.05
        let prior = Beta(1, 1)
        var sum = 0.0
        for arm in [a, b] {
            let sequence = try BetaBinomialMixture.confidenceInterval(arm, alpha: alpha, tOpt: 5000, alphaOpt: alpha)
            let middle = try prior.posterior(after: arm).equalTailed(mass: 1 - alpha)
            sum += sequence.lower + middle.upper
        }
        let best = try BestArm(rates: [prior.posterior(after: a), prior.posterior(after: b)])
        let pair = BetaComparison(prior.posterior(after: a), prior.posterior(after: b)).summary
        sum += best.probability[1] + best.expectedLoss[0] + pair.probabilityBBeatsA + pair.expectedLossChoosingB
        let z = try TwoProportions(a, b).zTest(alpha: alpha)
        sum += try z.pPooled + TwoProportions(a, b).newcombe(alpha: alpha).lower
        return try sum + effects(ArmSummary(a), ArmSummary(b), alpha)
    }

    static func revenue(_ a: Moments, _ b: Moments) throws -> Double {
        let alpha = 0.05
        let (first, second) = (try ArmSummary(a), try ArmSummary(b))
        var sum = 0.0
        for arm in [first, second] {
            let half = try AsymptoticConfidenceSequence(
                estimate: arm.mean, standardError: arm.standardError, count: arm.count, alpha: alpha, tuning: 5000
            ).halfWidth
            sum += half + StudentT(degreesOfFreedom: arm.count - 1).upperQuantile(alpha / 2)
        }
        let best = try BestArm(
            means: [first.mean, second.mean], standardErrors: [first.standardError, second.standardError])
        sum += best.probability[1] + best.expectedLoss[0]
        return try sum + effects(first, second, alpha)
    }

    static func effects(_ a: ArmSummary, _ b: ArmSummary, _ alpha: Double) throws -> Double {
        var sum = 0.0
        for scale in [Effect.Scale.absolute, .relative] {
            let effect = try Effect(scale, control: a, treatment: b)
            let sequence = try effect.confidenceSequence(alpha: alpha, tuning: 10_000)
            sum += sequence.interval.lower + sequence.p()
            sum += effect.p
            sum += try effect.interval(alpha: alpha).upper
            let posterior = try EffectPosterior(effect, prior: nil)
            sum += posterior.probabilityPositive + posterior.expectedHarm
            sum += posterior.probability(between: -0.01, and: 0.01)
        }
        return sum
    }
}
