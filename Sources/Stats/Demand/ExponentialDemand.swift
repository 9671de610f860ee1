import Glibc

/// Demand e^{a + bp}: each further unit of price loses the same share of buyers.
///
/// By Poisson maximum likelihood with the visitors as offset (McCullagh & Nelder 1989, ch. 6): consistent for rates as
/// long as the mean is right, and close to the binomial's while rates are small.
public struct ExponentialDemand: Sendable, Equatable {
    public let intercept: Double
    public let slope: Double
    public let interceptVariance: Double
    public let slopeVariance: Double
    public let covariance: Double
    public let deviance: Double

    /// - Throws: `notIdentified` for fewer than two prices or conversions at fewer than two of them.
    public init(_ points: [PricePoint]) throws(StatsError) {
        guard Set(points.map(\.price)).count >= 2 else { throw .notIdentified("a slope needs two prices") }
        guard Set(points.filter { $0.conversions > 0 }.map(\.price)).count >= 2 else {
            throw .notIdentified("a slope needs conversions at two prices")
        }
        let scaled = ScaledPrices(points)
        let fit = TwoCoefficients(poisson: points, at: scaled.values)
        let (a, b) = (fit.a, fit.b)
        guard let inverse = fit.information.inverse, a.isFinite, b.isFinite else {
            throw .notIdentified("the likelihood has no maximum")
        }
        (intercept, slope, interceptVariance, slopeVariance, covariance) = scaled.unscale(a, b, inverse)
        var deviance = CompensatedSum()
        for (point, z) in zip(points, scaled.values) {
            let mean = point.visitors * exp(a + b * z)
            deviance.add(2 * Elementary.deviance(point.conversions, mean, difference: point.conversions - mean))
        }
        self.deviance = max(0, deviance.value)
    }

    /// Expected conversions per visitor at a price.
    public func conversion(at price: Double) -> Double { exp(intercept + slope * price) }

    /// d log q / d log p = b p, and its standard error.
    public func elasticity(at price: Double) -> (value: Double, standardError: Double) {
        (slope * price, abs(price) * slopeVariance.squareRoot())
    }

    /// c − 1/b and its delta-method standard error; nil when demand does not fall.
    public func optimalPrice(unitCost: Double) throws(StatsError) -> (price: Double, standardError: Double)? {
        guard case .price(let price) = try OptimalPrice.exponential(slope: slope, unitCost: unitCost) else {
            return nil
        }
        return (price, slopeVariance.squareRoot() / (slope * slope))
    }

    /// ∫ demand from the price up, per visitor: q/(−b). b < 0.
    public func consumerSurplus(at price: Double) -> Double { -conversion(at: price) / slope }
}
