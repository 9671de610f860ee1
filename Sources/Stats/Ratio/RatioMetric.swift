/// A ratio of two sums over units, Σm/Σd: average order value, refunds per order.
public struct RatioMetric: Sendable, Equatable {
    public let numerator: Moments
    public let denominator: Moments
    /// Sample covariance, denominator n − 1.
    public let covariance: Double

    /// From data at hand, one pair a unit.
    public init(numerators m: [Double], denominators d: [Double]) throws(StatsError) {
        try Require.sameLength(m.count, d.count, "m, d")
        try Require.finite(m, "m")
        try Require.finite(d, "d")
        guard m.count >= 2 else { throw .insufficient("a ratio's error needs two units") }
        numerator = Moments(of: m)
        denominator = Moments(of: d)
        var sum = CompensatedSum()
        for (m, d) in zip(m, d) { sum.add((m - numerator.mean) * (d - denominator.mean)) }
        covariance = sum.value / Double(m.count - 1)
        guard denominator.mean != 0 else { throw .insufficient("the denominators sum to zero") }
    }

    /// From exact sums: `first` over `second`.
    public init(_ sums: ExactPairMoments, numeratorUnit: Double = 1, denominatorUnit: Double = 1) throws(StatsError) {
        numerator = try sums.first.moments(unit: numeratorUnit)
        denominator = try sums.second.moments(unit: denominatorUnit)
        covariance = try sums.covariance * numeratorUnit * denominatorUnit
        guard denominator.mean != 0 else { throw .insufficient("the denominators sum to zero") }
    }

    public var ratio: Double { numerator.mean / denominator.mean }

    /// As an arm to compare, its variance per unit by the delta method (Deng et al. 2018, §2).
    public var summary: ArmSummary {
        get throws(StatsError) {
            try ArmSummary(ratioOf: numerator, to: denominator, covariance: covariance)
        }
    }

    /// Fieller's interval for the ratio itself, normal quantile.
    public func fieller(alpha: Double) throws(StatsError) -> FiellerInterval {
        try Require.fraction(alpha, "alpha")
        let n = numerator.count
        return FiellerInterval.ratio(
            numerator: (numerator.mean, try numerator.variance / n),
            denominator: (denominator.mean, try denominator.variance / n), covariance: covariance / n,
            critical: Normal.upperQuantile(alpha / 2), shift: 0)
    }

    /// Leave one unit out (Quenouille 1956): the ratio with its bias taken off, and its standard error.
    public static func jackknife(
        numerators m: [Double], denominators d: [Double]
    ) throws(StatsError) -> (biasCorrected: Double, standardError: Double) {
        let whole = try RatioMetric(numerators: m, denominators: d)
        let n = Double(m.count)
        let sumM = whole.numerator.mean * n
        let sumD = whole.denominator.mean * n
        var others: [Double] = []
        others.reserveCapacity(m.count)
        for (m, d) in zip(m, d) {
            guard sumD - d != 0 else { throw .insufficient("one unit holds the whole denominator") }
            others.append((sumM - m) / (sumD - d))
        }
        let spread = Moments(of: others)
        return (
            n * whole.ratio - (n - 1) * spread.mean,
            ((n - 1) / n * spread.sumOfSquaredDeviations).squareRoot()
        )
    }
}
