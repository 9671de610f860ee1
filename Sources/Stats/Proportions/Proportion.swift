import Glibc

/// Successes out of trials, both as real numbers so that 1e12 shoppers fit.
public struct Proportion: Sendable, Equatable {
    public let successes: Double
    public let trials: Double

    /// - Throws: `invalid` unless 0 ≤ successes ≤ trials, both finite.
    public init(successes: Double, trials: Double) throws(StatsError) {
        try Require.counts(successes, of: trials, "successes, trials")
        self.successes = successes
        self.trials = trials
    }

    public var failures: Double { trials - successes }

    /// successes / trials; `insufficient` without trials.
    public var estimate: Double {
        get throws(StatsError) {
            guard trials > 0 else { throw .insufficient("a proportion needs a trial") }
            return successes / trials
        }
    }

    /// Wilson's score interval (Brown, Cai & DasGupta 2001, eq. 4). Exactly 0 below at no successes, 1 above at all.
    ///
    /// The two ends are the roots of (1 + z²/n) t² − (2p + z²/n) t + p² = 0; the lower one comes from their product,
    /// which does not cancel.
    public func wilson(alpha: Double) throws(StatsError) -> Interval {
        try Require.fraction(alpha, "alpha")
        let p = try estimate
        let q = failures / trials
        let z = Normal.upperQuantile(alpha / 2)
        let w = z * z / trials
        let root = (w * (p * q + w / 4)).squareRoot()
        let upper = (p + w / 2 + root) / (1 + w)
        let lower = p == 0 ? 0 : p * p / ((1 + w) * upper)
        return Interval(lower: lower, upper: failures == 0 ? 1 : upper)
    }

    /// The equal-tailed interval under Jeffreys' prior, with the edge rule of Brown, Cai & DasGupta (2001, §3.1.3):
    /// the lower end is 0 at no successes, the upper end 1 at all.
    public func jeffreys(alpha: Double) throws(StatsError) -> Interval {
        try Require.fraction(alpha, "alpha")
        _ = try estimate
        let posterior = Beta(successes + 0.5, failures + 0.5)
        return Interval(
            lower: successes == 0 ? 0 : posterior.quantile(alpha / 2),
            upper: failures == 0 ? 1 : posterior.upperQuantile(alpha / 2))
    }

    /// Clopper & Pearson (1934): never below its level, hence wide.
    public func clopperPearson(alpha: Double) throws(StatsError) -> Interval {
        try Require.fraction(alpha, "alpha")
        _ = try estimate
        return Interval(
            lower: successes == 0 ? 0 : IncompleteBeta.lowerInverse(successes, failures + 1, alpha / 2),
            upper: failures == 0 ? 1 : IncompleteBeta.upperInverse(successes + 1, failures, alpha / 2))
    }
}
