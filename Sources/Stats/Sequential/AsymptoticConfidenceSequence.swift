import Glibc

/// An interval and a p-value that stay valid however often, and whenever, one looks.
///
/// Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2021), "Time-uniform central limit theory and asymptotic confidence
/// sequences", eq. 9: with t units and the standard error se,
///
///     half width = se √{ 2 (tρ² + 1)/(tρ²) · log( √(tρ² + 1) / α ) }
///
/// which is the normal mixture's boundary. Works for any estimate that is asymptotically normal: difference in means,
/// lift, CUPED-adjusted, ratio.
public struct AsymptoticConfidenceSequence: Sendable, Equatable {
    public let estimate: Double
    public let standardError: Double
    /// The two-sided level is 1 − alpha.
    public let alpha: Double
    /// t ρ²: how far along the experiment is, in units of the tuning.
    private let mixing: Double

    /// - Parameters:
    ///   - count: units seen in both arms.
    ///   - tuning: the number of units at which the interval shall be narrowest relative to a fixed one; chosen before
    ///     the data. 5000 is what GrowthBook uses.
    /// - Throws: `invalid`; `insufficient` without a unit.
    public init(
        estimate: Double, standardError: Double, count: Double, alpha: Double, tuning: Double
    ) throws(StatsError) {
        try Require.finite(estimate, "estimate")
        try Require.nonNegative(standardError, "standardError")
        try Require.nonNegative(count, "count")
        try Require.fraction(alpha, "alpha")
        try Require.positive(tuning, "tuning")
        guard count > 0 else { throw .insufficient("no unit was seen") }
        self.estimate = estimate
        self.standardError = standardError
        self.alpha = alpha
        mixing = count * Self.rhoSquared(alpha: alpha, tuning: tuning)
    }

    /// ρ² of eq. 161 of the paper's version 7: nearly optimal at t = tuning.
    static func rhoSquared(alpha: Double, tuning: Double) -> Double {
        let depth = -2 * log(alpha)
        return (depth + log(depth + 1)) / tuning
    }

    public var halfWidth: Double {
        let level = 0.5 * log1p(mixing) - log(alpha)
        return standardError * (2 * (1 + 1 / mixing) * level).squareRoot()
    }

    public var interval: Interval { Interval(lower: estimate - halfWidth, upper: estimate + halfWidth) }

    /// log of the mixture's e-value against `null`; +∞ when the estimate is known exactly and differs.
    public func logEValue(against null: Double = 0) -> Double {
        let distance = estimate - null
        if distance == 0 { return -0.5 * log1p(mixing) }
        let z = distance / standardError
        return 0.5 * z * z * mixing / (1 + mixing) - 0.5 * log1p(mixing)
    }

    /// The always-valid p-value at this look: 1/e, at most 1. A report takes the smallest over its looks.
    public func p(against null: Double = 0) -> Double { exp(min(0, -logEValue(against: null))) }
}
