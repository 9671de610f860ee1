/// Between which prices the best one lies.
public enum OptimalPriceInterval: Sendable, Equatable {
    case bounded(Interval)
    /// At least this much; the data do not exclude that dearer is always better.
    case above(Double)
    /// The data do not exclude that demand rises, or hardly falls: nothing is known of a best price.
    case unbounded
}

extension ConstantElasticity {
    /// The best prices c e/(1 + e) of all elasticities in the interval estimate ± z · error. The price falls as demand
    /// grows more elastic, so the ends map to the ends; an elasticity of −1 maps to infinity.
    ///
    /// - Parameter unitCost: > 0.
    public func optimalPriceInterval(unitCost: Double, alpha: Double) throws(StatsError) -> OptimalPriceInterval {
        try Require.positive(unitCost, "unitCost")
        try Require.fraction(alpha, "alpha")
        let half = Normal.upperQuantile(alpha / 2) * standardError
        func price(_ e: Double) -> Double { unitCost * e / (1 + e) }
        let (steep, flat) = (elasticity - half, elasticity + half)
        guard steep < -1 else { return .unbounded }
        guard flat < -1 else { return .above(price(steep)) }
        return .bounded(Interval(lower: price(steep), upper: price(flat)))
    }
}

extension LinearDemand {
    /// The best price (c − a/b)/2: a ratio, so Fieller's (1954) interval for −a/b; unbounded when the slope is not
    /// distinguishable from zero.
    public func optimalPriceInterval(unitCost: Double, alpha: Double) throws(StatsError) -> OptimalPriceInterval {
        try Require.finite(unitCost, "unitCost")
        try Require.fraction(alpha, "alpha")
        guard slope < 0 else { return .unbounded }
        let ratio = FiellerInterval.ratio(
            numerator: (intercept, interceptVariance), denominator: (-slope, slopeVariance), covariance: -covariance,
            critical: Normal.upperQuantile(alpha / 2), shift: 0)
        guard case .bounded(let root) = ratio else { return .unbounded }
        return .bounded(Interval(lower: 0.5 * (unitCost + root.lower), upper: 0.5 * (unitCost + root.upper)))
    }
}
