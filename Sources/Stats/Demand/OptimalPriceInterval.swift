internal import Glibc

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

extension LogitDemand {
    /// The best prices of all (intercept, slope) in the ellipse of the fit whose radius is the normal quantile: the
    /// profile interval under the fit's normal approximation. The price bends with the slope, which a symmetric interval
    /// does not show: with 500 shoppers at each of three prices that one holds the best price 92% of the time instead
    /// of 95%.
    ///
    /// The price rises with both intercept and slope, so that its extremes lie on the ellipse's edge; on the edge it has
    /// one rise and one fall.
    public func optimalPriceInterval(unitCost: Double, alpha: Double) throws(StatsError) -> OptimalPriceInterval {
        try Require.finite(unitCost, "unitCost")
        try Require.fraction(alpha, "alpha")
        guard fit.slope < 0 else { return .unbounded }
        let z = Normal.upperQuantile(alpha / 2)
        let slopeError = fit.slopeVariance.squareRoot()
        let pull = fit.covariance / fit.slopeVariance
        let rest = max(0, fit.interceptVariance - fit.covariance * pull).squareRoot()
        func price(_ angle: Double) -> Double {
            let step = z * slopeError * cos(angle)
            let b = fit.slope + step
            guard b < 0 else { return .infinity }
            let a = fit.intercept + pull * step + z * rest * sin(angle)
            return unitCost - (1 + LambertW.principal(ofExpOf: a + b * unitCost - 1)) / b
        }
        let steps = 24
        let prices = (0..<steps).map { price(2 * .pi * Double($0) / Double(steps)) }
        let lower = -Self.most(prices.map { -$0 }) { -price($0) }
        guard fit.slope + z * slopeError < 0 else { return .above(lower) }
        return .bounded(Interval(lower: lower, upper: Self.most(prices, price)))
    }

    /// The maximum on a circle, near the best of evenly spaced values: golden section.
    private static func most(_ values: [Double], _ f: (Double) -> Double) -> Double {
        let best = values.indices.max { values[$0] < values[$1] } ?? 0
        let spacing = 2 * Double.pi / Double(max(1, values.count))
        let ratio = 0.618033988749895
        var (low, high) = ((Double(best) - 1) * spacing, (Double(best) + 1) * spacing)
        var (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
        var (atLeft, atRight) = (f(left), f(right))
        for _ in 0..<32 {
            if atLeft > atRight {
                (high, right, atRight) = (right, left, atLeft)
                left = high - ratio * (high - low)
                atLeft = f(left)
            } else {
                (low, left, atLeft) = (left, right, atRight)
                right = low + ratio * (high - low)
                atRight = f(right)
            }
        }
        return max(atLeft, atRight)
    }
}
