import Glibc

/// The gamma-exponential empirical-Bernstein sequence for a mean of observations in [0, 1].
///
/// Howard, Ramdas, McAuliffe & Sekhon (2021), Theorem 4 with Prop. 9: with x̂_i any prediction from the past, here the
/// running mean, Σ (x_i − μ) is sub-exponential with scale 1 and intrinsic time V = Σ (x_i − x̂_i)². The state can be saved
/// and continued; V depends on the order of the observations, so two of them do not merge.
public struct EmpiricalBernsteinSequence: Sendable, Equatable, Codable {
    public let alpha: Double
    private let rho: Double
    public private(set) var count = 0.0
    private var sum = 0.0
    /// V.
    public private(set) var intrinsicTime = 0.0

    /// - Parameters:
    ///   - alpha: two-sided.
    ///   - vOpt: the intrinsic time (about n times the variance) at which to be tightest.
    public init(alpha: Double, vOpt: Double) throws(StatsError) {
        try Require.fraction(alpha, "alpha")
        try Require.positive(vOpt, "vOpt")
        self.alpha = alpha
        // Each side spends half: one-sided tuning at alpha/2 is two-sided tuning at alpha.
        rho = UniformBoundary.rho(vOpt: vOpt, alpha: alpha)
    }

    /// - Throws: `invalid` for an observation outside [0, 1].
    public mutating func add(_ x: Double) throws(StatsError) {
        try Require.probability(x, "an observation")
        let predicted = count == 0 ? 0.5 : sum / count
        intrinsicTime += (x - predicted) * (x - predicted)
        count += 1
        sum += x
    }

    /// The interval at this look, within [0, 1].
    public var interval: Interval {
        guard count > 0 else { return Interval(lower: 0, upper: 1) }
        let half =
            UniformBoundary.gammaExponential(v: intrinsicTime, alpha: alpha / 2, rho: rho, c: 1) / count
        let mean = sum / count
        return Interval(lower: max(0, mean - half), upper: min(1, mean + half))
    }

    /// log of the e-value against a mean: the larger of the two sides, each of which spends half. It reaches log(1/alpha)
    /// exactly when the mean leaves the interval, at a hundredth of the interval's price.
    public func logEValue(against mean: Double) -> Double {
        guard count > 0 else { return 0 }
        let distance = abs(sum - mean * count)
        return UniformBoundary.logGammaExponential(s: distance, v: intrinsicTime, rho: rho, c: 1) - log(2)
    }
}
