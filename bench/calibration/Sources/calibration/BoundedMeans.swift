import Glibc
import Stats

/// C5 and C6: means of observations in [0, 1], whatever their distribution.
enum BoundedMeans {
    private struct Law: Sendable {
        let name: String
        let mean: Double
        let draw: @Sendable (inout Xoshiro256PlusPlus) -> Double
    }

    private static let cap = 200.0

    private static let laws: [Law] = {
        let bernoulli = [0.01, 0.1, 0.5].map { p in
            Law(name: "Bernoulli(\(p))", mean: p) { $0.uniform() < p ? 1 : 0 }
        }
        // E[min(X, cap)] of LN(3, 1): e^{3.5} Φ(z − 1) + cap (1 − Φ(z)), z = log cap − 3.
        let z = log(cap) - 3
        let amount = exp(3.5) * Normal.lowerTail(of: z - 1) + cap * Normal.upperTail(of: z)
        return bernoulli + [
            Law(name: "Beta(2, 5)", mean: 2.0 / 7) { $0.beta(2, 5) },
            Law(name: "revenue/cap, 5% pay LN(3, 1), cap 200", mean: 0.05 * amount / cap) {
                $0.uniform() < 0.05 ? min(cap, exp(3 + $0.normal())) / cap : 0
            },
        ]
    }()

    /// The tuning of the empirical-Bernstein sequence.
    private static let vOpt = 25.0

    /// Boundaries that depend on time alone, once for all runs.
    private struct Curves: Sendable {
        /// The normal mixture's at each look. Values in [0, 1] are sub-Gaussian with variance ¼.
        let mixture: [Double]
        /// The gamma-exponential mixture's at intrinsic times 0, ¼, ½ … It rises with time, so that a distance below the
        /// one before has crossed nothing; what is above it the library decides.
        private let exponential: [Double]

        init(horizon: Int, alpha: Double) {
            let rho = UniformBoundary.rho(vOpt: 125, alpha: alpha)
            mixture = (0...horizon).map {
                UniformBoundary.twoSidedNormalMixture(v: Double($0) / 4, alpha: alpha, rho: rho)
            }
            let own = UniformBoundary.rho(vOpt: vOpt, alpha: alpha)
            // Beyond horizon/2, twice what the widest law comes to, the last entry serves: it is still below.
            exponential = (0...(horizon * 2)).map {
                UniformBoundary.gammaExponential(v: Double($0) / 4, alpha: alpha / 2, rho: own, c: 1) * (1 - 1e-9)
            }
        }

        func exponential(below v: Double) -> Double { exponential[min(Int(v * 4), exponential.count - 1)] }
    }

    static func coverage(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(2000)
        let horizon = 2000
        let alpha = 0.05
        let curves = Curves(horizon: horizon, alpha: alpha)
        var verdicts: [Verdict] = []
        for (index, law) in laws.enumerated() {
            let counts = try await simulate(runs, seed: 50 + UInt64(index), as: Counts.self) { generator, counts in
                var hedged = try BettingTest(mean: law.mean, alpha: alpha)
                var predictable = try PredictableMixture(.empiricalBernstein, alpha: alpha)
                var howard = try EmpiricalBernsteinSequence(alpha: alpha, vOpt: vOpt)
                var sum = 0.0
                var missed = [false, false, false, false]
                for n in 1...horizon {
                    let x = law.draw(&generator)
                    sum += x - law.mean
                    if abs(sum) > curves.mixture[n] { missed[0] = true }
                    try howard.add(x)
                    if !missed[1], abs(sum) >= curves.exponential(below: howard.intrinsicTime),
                        howard.logEValue(against: law.mean) >= -log(alpha)
                    {
                        missed[1] = true
                    }
                    try hedged.add(x)
                    try predictable.add(x)
                    if !predictable.interval.contains(law.mean) { missed[3] = true }
                }
                missed[2] = hedged.isRejected
                for k in 0..<4 where missed[k] { counts.add(k) }
            }
            let methods = [
                "normal mixture", "gamma-exponential empirical Bernstein", "hedged betting",
                "predictable empirical Bernstein",
            ]
            for (k, method) in methods.enumerated() {
                verdicts.append(.errorRate("\(method), \(law.name)", counts[k], of: runs, atMost: alpha))
            }
        }
        return verdicts
    }

    static func width(_ scale: Scale) async throws -> [Verdict] {
        let means = try await simulate(40, seed: 6, as: Means.self) { generator, means in
            let x = (0..<2000).map { _ in generator.uniform() < 0.1 ? 1.0 : 0.0 }
            let sequence = try BettingSequence(x)
            let hedged = try sequence.hedged(alpha: 0.05, theta: 0.5, truncation: 0.5, runningIntersection: false)
            let predictable = try sequence.empiricalBernstein(alpha: 0.05, truncation: 0.5)
            var hoeffding = try PredictableMixture(.hoeffding, alpha: 0.05)
            for value in x { try hoeffding.add(value) }
            // Hoeffding's interval reaches below 0: its full width is twice its upper half.
            let centre = hoeffding.centre
            means.add(0, hedged.upper - hedged.lower)
            means.add(1, predictable.upper - predictable.lower)
            means.add(2, 2 * (hoeffding.interval.upper - centre))
        }
        return [
            .within("hedged betting, mean width at 2000 of Bernoulli(0.1)", means.mean(0), 0...0.056),
            .within("predictable empirical Bernstein", means.mean(1), 0...0.057),
            .within(
                "Hoeffding (\(digits(means.mean(2), 4))) over it", means.mean(2) / means.mean(1), 1.5...(.infinity)),
        ]
    }
}
