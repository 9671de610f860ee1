import Glibc

/// Logit demand with everything a pricing decision asks of it, each with its delta-method standard error.
public struct LogitDemand: Sendable, Equatable {
    public let fit: BinomialRegression
    private let prices: [Double]

    /// - Throws: as `BinomialRegression`.
    public init(_ points: [PricePoint]) throws(StatsError) {
        fit = try BinomialRegression(points, link: .logit)
        prices = points.map(\.price).sorted()
    }

    private var a: Double { fit.intercept }
    private var b: Double { fit.slope }

    /// The conversion rate at a price.
    public func conversion(at price: Double) -> Double { IncompleteBeta.logistic(a + b * price).x }

    /// The standard error of a function of (intercept, slope) with the given gradient.
    private func error(_ da: Double, _ db: Double) -> Double {
        max(0, da * da * fit.interceptVariance + 2 * da * db * fit.covariance + db * db * fit.slopeVariance)
            .squareRoot()
    }

    /// d log q / d log p = b p (1 − q), and its standard error.
    public func elasticity(at price: Double) -> (value: Double, standardError: Double) {
        let (q, r) = IncompleteBeta.logistic(a + b * price)
        return (b * price * r, error(-b * price * q * r, price * r - b * price * price * q * r))
    }

    /// The profit-optimal price and its standard error; nil when demand does not fall.
    public func optimalPrice(unitCost c: Double) throws(StatsError) -> (price: Double, standardError: Double)? {
        guard case .price(let price) = try OptimalPrice.logit(intercept: a, slope: b, unitCost: c) else { return nil }
        // With w = W₀(e^{a+bc−1}), w′ = w/(1+w) in its exponent: dp/da = −w/[b(1+w)], dp/db = −cw/[b(1+w)] + (1+w)/b².
        let w = LambertW.principal(ofExpOf: a + b * c - 1)
        let share = w / (1 + w)
        return (price, error(-share / b, -c * share / b + (1 + w) / (b * b)))
    }

    /// Expected profit per visitor at a price.
    public func profitPerVisitor(at price: Double, unitCost: Double) -> Double {
        (price - unitCost) * conversion(at: price)
    }

    /// ∫ demand from the price up, per visitor: log(1 + e^{a+bp})/(−b) (Small & Rosen 1981). b < 0.
    public func consumerSurplus(at price: Double) -> Double {
        let eta = a + b * price
        let softplus = eta > 0 ? eta + log1p(exp(-eta)) : log1p(exp(eta))
        return -softplus / b
    }

    /// The middle of the tested prices.
    public var medianPrice: Double {
        let n = prices.count
        return n.isMultiple(of: 2) ? 0.5 * (prices[n / 2 - 1] + prices[n / 2]) : prices[n / 2]
    }

    /// Whether a price lies within those tested: outside, the curve is a guess.
    public func isTested(_ price: Double) -> Bool {
        guard let first = prices.first, let last = prices.last else { return false }
        return price >= first && price <= last
    }
}
