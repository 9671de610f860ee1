import Glibc

/// The mixture sequential probability ratio test of two equal means, n observations an arm.
///
/// Johari, Koomen, Pekelis & Walsh (2022), "Always valid inference", §5: the likelihood ratio of N(0, τ²) mixed over
/// differences, Λ = √{2σ²/(2σ² + nτ²)} · exp{ n² τ² d² / [4σ² (2σ² + nτ²)] }.
public struct MixtureSPRT: Sendable, Equatable {
    /// Variance of one difference's half: 2σ² in the formulas above is `pairVariance`.
    private let pairVariance: Double
    private let tau2: Double

    /// - Parameters:
    ///   - pairVariance: variance of (one treatment − one control) observation, 2σ² when the arms have σ² each.
    ///   - tau2: the mixing variance, the square of a typical effect.
    public init(pairVariance: Double, tau2: Double) throws(StatsError) {
        try Require.positive(pairVariance, "variance")
        try Require.positive(tau2, "tau2")
        self.pairVariance = pairVariance
        self.tau2 = tau2
    }

    /// log Λ after `n` pairs with mean difference `difference`. 0 before the first.
    public func logLikelihoodRatio(pairs n: Double, difference d: Double) throws(StatsError) -> Double {
        try Require.nonNegative(n, "nPerArm")
        try Require.finite(d, "meanDiff")
        let ratio = n * tau2 / pairVariance
        let z2 = d * d * n / pairVariance
        return 0.5 * z2 * ratio / (1 + ratio) - 0.5 * log1p(ratio)
    }

    /// The half width of the confidence sequence after `n` pairs: where Λ = 1/alpha. Infinite before the first pair.
    public func halfWidth(pairs n: Double, alpha: Double) throws(StatsError) -> Double {
        try Require.fraction(alpha, "alpha")
        guard n > 0 else { return .infinity }
        let ratio = n * tau2 / pairVariance
        return (2 * pairVariance / n * (1 + 1 / ratio) * (0.5 * log1p(ratio) - log(alpha))).squareRoot()
    }

    /// p = 1/Λ, at most 1.
    public static func p(logLikelihoodRatio value: Double) -> Double { exp(min(0, -value)) }

    /// The variance of a pair of 0/1 outcomes by plug-in: p_A(1 − p_A) + p_B(1 − p_B).
    ///
    /// Unguarded, early looks at rare conversions find far too small a variance: at p = 0.1 and τ² = 1e-3 the test then
    /// rejects a true null 20.5% of the time. Use `smoothedPairVariance` for decisions.
    public static func plugInPairVariance(_ data: TwoProportions) -> Double {
        let (a, b) = data.rates
        return a * (1 - a) + b * (1 - b)
    }

    /// The same with rates (x + ½)/(n + 1): keeps the type-I error under its level from the first pair on.
    public static func smoothedPairVariance(_ data: TwoProportions) -> Double {
        func rate(_ p: Proportion) -> Double { (p.successes + 0.5) / (p.trials + 1) }
        let a = rate(data.first)
        let b = rate(data.second)
        return a * (1 - a) + b * (1 - b)
    }

    /// The guarded test of two rates at equal n.
    ///
    /// - Parameter nPerArm: pairs; for unequal arms their harmonic mean.
    public static func guarded(_ data: TwoProportions, tau2: Double) throws(StatsError) -> (logLR: Double, p: Double) {
        let n1 = data.first.trials
        let n2 = data.second.trials
        let pairs = 2 / (1 / n1 + 1 / n2)
        let test = try MixtureSPRT(pairVariance: smoothedPairVariance(data), tau2: tau2)
        let value = try test.logLikelihoodRatio(pairs: pairs, difference: data.difference)
        return (value, p(logLikelihoodRatio: value))
    }
}

/// A p-value that only falls: the smallest over all looks so far.
public struct AlwaysValidP: Sendable, Equatable, Codable {
    public private(set) var value = 1.0

    public init() {}

    /// Takes one look's p-value and returns the running minimum.
    @discardableResult
    public mutating func look(_ p: Double) -> Double {
        value = min(value, p)
        return value
    }
}
