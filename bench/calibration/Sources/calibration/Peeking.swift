import Glibc
import Stats

/// C1–C4: tests looked at after every pair of shoppers, under the null.
///
/// Every look is tested, most of them by a bound: each of these e-values is at most e^{z²/2}, z the usual statistic of that
/// look. Where that cannot reach 1/alpha the test has not rejected; everywhere else the library is asked.
enum Peeking {
    static let alpha = 0.05
    static let horizon = 5000
    /// The z² below which no look rejects, less a margin for rounding.
    private static let least = 2 * log(1 / alpha) * (1 - 1e-9)

    /// C1 mSPRT of two means, and C4 the same peeking with a fixed-horizon test, which must break.
    static func normal(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(10_000)
        let test = try MixtureSPRT(pairVariance: 2, tau2: 0.01)
        let level = -log(alpha)
        let counts = try await simulate(runs, seed: 1, as: Counts.self) { generator, counts in
            // The sum of treatment less control, each of variance 1, over √2.
            var walk = 0.0
            for n in 1...horizon {
                walk += generator.normal()
                let pairs = Double(n)
                if walk * walk < least * pairs { continue }
                let sum = 2.0.squareRoot() * walk
                if try test.logLikelihoodRatio(pairs: pairs, difference: sum / pairs) >= level {
                    counts.add(0)
                    return
                }
            }
        }
        return [.errorRate("mSPRT of two means, every pair", counts[0], of: runs, atMost: alpha)]
    }

    static func naive(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(10_000)
        let counts = try await simulate(runs, seed: 4, as: Counts.self) { generator, counts in
            var walk = 0.0
            for n in 1...horizon {
                walk += generator.normal()
                if n >= 100, walk * walk > 1.96 * 1.96 * Double(n) {
                    counts.add(0)
                    return
                }
            }
        }
        return [
            .errorRate("fixed-horizon z, every pair from 100", counts[0], of: runs, atMost: alpha, kind: .control),
            .within("… so far beyond that the harness must be peeking", Double(counts[0]) / Double(runs), 0.3...1),
        ]
    }

    /// C2 mSPRT of two rates: by smoothed variance, by plug-in from the hundredth pair, and unguarded, which must break.
    static func binary(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(10_000)
        let level = -log(alpha)
        var verdicts: [Verdict] = []
        for (index, p) in [0.1, 0.01, 0.001].enumerated() {
            let tau2s = [1e-3, 1e-4]
            let counts = try await simulate(runs, seed: 20 + UInt64(index), as: Counts.self) { generator, counts in
                var a = 0.0
                var b = 0.0
                // smoothed, burn-in and plug-in for either tau2
                var open = [true, true, true, true, true, true]
                for n in 1...horizon {
                    if generator.uniform() < p { a += 1 }
                    if generator.uniform() < p { b += 1 }
                    let pairs = Double(n)
                    // z² = (a − b)²/(n V) with V by plug-in, and with the smoothed rates, without a division.
                    let square = (a - b) * (a - b)
                    let spread = a * (pairs - a) + b * (pairs - b)
                    let smooth = (a + 0.5) * (pairs + 0.5 - a) + (b + 0.5) * (pairs + 0.5 - b)
                    if square * pairs < least * spread,
                        square * (pairs + 1) * (pairs + 1) < least * pairs * smooth
                    {
                        continue
                    }
                    if a == b { continue }
                    let data = try TwoProportions(
                        try Proportion(successes: a, trials: pairs), try Proportion(successes: b, trials: pairs))
                    let plugIn = MixtureSPRT.plugInPairVariance(data)
                    for (t, tau2) in tau2s.enumerated() {
                        if open[3 * t], try MixtureSPRT.guarded(data, tau2: tau2).logLR >= level {
                            open[3 * t] = false
                            counts.add(3 * t)
                        }
                        if open[3 * t + 1] || open[3 * t + 2] {
                            // No variance and a difference: infinite evidence, which is what the plug-in would say.
                            let value =
                                plugIn > 0
                                ? try MixtureSPRT(pairVariance: plugIn, tau2: tau2)
                                    .logLikelihoodRatio(pairs: pairs, difference: data.difference)
                                : Double.infinity
                            if value >= level {
                                if open[3 * t + 2] {
                                    open[3 * t + 2] = false
                                    counts.add(3 * t + 2)
                                }
                                if open[3 * t + 1], n >= 100 {
                                    open[3 * t + 1] = false
                                    counts.add(3 * t + 1)
                                }
                            }
                        }
                    }
                }
            }
            for (t, tau2) in tau2s.enumerated() {
                verdicts.append(
                    .errorRate("smoothed variance, p = \(p), τ² = \(tau2)", counts[3 * t], of: runs, atMost: alpha))
                verdicts.append(
                    .errorRate(
                        "plug-in from pair 100, p = \(p), τ² = \(tau2)", counts[3 * t + 1], of: runs, atMost: alpha))
            }
            if p == 0.1 {
                verdicts.append(
                    .errorRate(
                        "plug-in unguarded, p = 0.1, τ² = 0.001", counts[2], of: runs, atMost: alpha, kind: .control))
            }
        }
        return verdicts
    }

    /// C3 the asymptotic confidence sequence of a difference.
    static func asymptotic(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(4000)
        var verdicts: [Verdict] = []
        for (index, p) in [0.1, 0.01].enumerated() {
            let counts = try await differences(runs, seed: 30 + UInt64(index)) { $0.uniform() < p ? 1 : 0 }
            verdicts.append(.errorRate("rates of \(p)", counts[0], of: runs, atMost: alpha))
        }
        let counts = try await differences(runs, seed: 32) { $0.uniform() < 0.05 ? exp(3 + $0.normal()) : 0 }
        verdicts.append(.errorRate("revenue, 5% pay LN(3, 1), from the first look", counts[0], of: runs, atMost: alpha))
        verdicts.append(.errorRate("revenue, from pair 100", counts[1], of: runs, atMost: alpha))
        return verdicts
    }

    /// One arm's sum and sum of squares.
    private struct Sums {
        var sum = 0.0
        var squares = 0.0

        mutating func add(_ x: Double) {
            sum += x
            squares += x * x
        }

        /// n Σ (x − mean)².
        func spread(_ n: Double) -> Double { n * squares - sum * sum }

        func summary(_ n: Double) throws -> ArmSummary {
            try ArmSummary(count: n, mean: sum / n, variance: max(0, spread(n)) / (n * (n - 1)))
        }
    }

    private static func differences(
        _ runs: Int, seed: UInt64, _ draw: @escaping @Sendable (inout Xoshiro256PlusPlus) -> Double
    ) async throws -> Counts {
        try await simulate(runs, seed: seed, as: Counts.self) { generator, counts in
            var control = Sums()
            var treatment = Sums()
            var early = false
            for n in 1...horizon {
                control.add(draw(&generator))
                treatment.add(draw(&generator))
                // Without any variation there is nothing to look at.
                let pairs = Double(n)
                let spread = control.spread(pairs) + treatment.spread(pairs)
                guard n >= 2, spread > 0 else { continue }
                // z² with one degree of freedom fewer, which makes it larger.
                let difference = treatment.sum - control.sum
                if difference * difference * pairs < least * spread { continue }
                let effect = try Effect(
                    .absolute, control: try control.summary(pairs), treatment: try treatment.summary(pairs))
                let sequence = try effect.confidenceSequence(alpha: alpha, tuning: 5000)
                if abs(sequence.estimate) > sequence.halfWidth {
                    if !early {
                        early = true
                        counts.add(0)
                    }
                    if n >= 100 {
                        counts.add(1)
                        return
                    }
                }
            }
        }
    }
}
