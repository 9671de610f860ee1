import Glibc

/// A normal prior on an effect met by a normal estimate, as GrowthBook reports it.
public struct EffectPosterior: Sendable, Equatable {
    public let mean: Double
    public let standardDeviation: Double

    /// - Parameter prior: mean and variance; nil for none.
    public init(_ effect: Effect, prior: (mean: Double, variance: Double)?) throws(StatsError) {
        let variance = effect.standardError * effect.standardError
        guard let prior else {
            mean = effect.estimate
            standardDeviation = effect.standardError
            return
        }
        try Require.finite(prior.mean, "priorMean")
        try Require.positive(prior.variance, "priorVariance")
        let precision = 1 / variance + 1 / prior.variance
        mean = (effect.estimate / variance + prior.mean / prior.variance) / precision
        standardDeviation = (1 / precision).squareRoot()
    }

    /// P(effect > 0).
    public var probabilityPositive: Double { Normal.lowerTail(of: mean / standardDeviation) }
    /// P(effect < 0).
    public var probabilityNegative: Double { Normal.upperTail(of: mean / standardDeviation) }
    /// E[effect⁺]: what staying with control costs.
    public var expectedGain: Double { NormalExcess.mean(mean, standardDeviation) }
    /// E[(−effect)⁺]: what treatment costs.
    public var expectedHarm: Double { NormalExcess.mean(-mean, standardDeviation) }

    /// P(low < effect < high): inside the region of practical equivalence.
    public func probability(between low: Double, and high: Double) -> Double {
        let a = (low - mean) / standardDeviation
        let b = (high - mean) / standardDeviation
        return a > 0
            ? Normal.upperTail(of: a) - Normal.upperTail(of: b) : Normal.lowerTail(of: b) - Normal.lowerTail(of: a)
    }

    public func interval(alpha: Double) throws(StatsError) -> Interval {
        try Require.fraction(alpha, "alpha")
        let half = Normal.upperQuantile(alpha / 2) * standardDeviation
        return Interval(lower: mean - half, upper: mean + half)
    }
}
