import Glibc

/// The elasticity between two prices, in logarithms, with its uncertainty.
public struct ArcElasticity: Sendable, Equatable {
    /// [log q₂ − log q₁] / [log p₂ − log p₁].
    public let elasticity: Double
    /// Delta method, binomial rates.
    public let standardError: Double
    /// Allen's (1934) midpoint form, for comparison with textbooks.
    public let midpoint: Double
    /// P(e < −1) under the normal approximation: demand so elastic that a cut raises revenue.
    public let probabilityElastic: Double

    /// - Throws: `invalid` for prices not above 0, `notIdentified` for equal prices, `insufficient` without a conversion
    ///   at each.
    public init(_ first: PricePoint, _ second: PricePoint) throws(StatsError) {
        try Require.positive(first.price, "p1")
        try Require.positive(second.price, "p2")
        guard first.price != second.price else { throw .notIdentified("an elasticity needs two prices") }
        guard first.conversions > 0, second.conversions > 0 else {
            throw .insufficient("each price needs a conversion")
        }
        let step = log(second.price / first.price)
        let q1 = first.rate
        let q2 = second.rate
        elasticity = log(q2 / q1) / step
        standardError = ((1 - q1) / first.conversions + (1 - q2) / second.conversions).squareRoot() / abs(step)
        midpoint = ((q2 - q1) / (q1 + q2)) / ((second.price - first.price) / (first.price + second.price))
        probabilityElastic =
            standardError > 0
            ? Normal.lowerTail(of: (-1 - elasticity) / standardError) : (elasticity < -1 ? 1 : 0)
    }

    public func interval(alpha: Double) throws(StatsError) -> Interval {
        try Require.fraction(alpha, "alpha")
        let half = Normal.upperQuantile(alpha / 2) * standardError
        return Interval(lower: elasticity - half, upper: elasticity + half)
    }
}

/// Demand ∝ price^elasticity: conversions Poisson with mean visitors · e^{a + e log p}.
public struct ConstantElasticity: Sendable, Equatable {
    public let intercept: Double
    public let elasticity: Double
    public let standardError: Double

    /// By Poisson maximum likelihood with the visitors as offset (McCullagh & Nelder 1989, ch. 6).
    ///
    /// - Throws: `notIdentified` for fewer than two prices or conversions at fewer than one of the interior outcomes.
    public init(poisson points: [PricePoint]) throws(StatsError) {
        for point in points { try Require.positive(point.price, "price") }
        guard Set(points.map(\.price)).count >= 2 else { throw .notIdentified("an elasticity needs two prices") }
        guard points.count(where: { $0.conversions > 0 }) >= 2 else {
            throw .notIdentified("an elasticity needs conversions at two prices")
        }
        let logs = points.map { log($0.price) }
        let weights = points.map(\.visitors)
        let total = weights.reduce(0, +)
        let centre = zip(logs, weights).reduce(0) { $0 + $1.0 * ($1.1 / total) }
        let fit = TwoCoefficients(poisson: points, at: logs.map { $0 - centre })
        guard let inverse = fit.information.inverse, fit.b.isFinite else {
            throw .notIdentified("the likelihood has no maximum")
        }
        intercept = fit.a - fit.b * centre
        elasticity = fit.b
        standardError = inverse.bb.squareRoot()
    }

    /// Ordinary least squares of log rate on log price.
    ///
    /// - Throws: `insufficient` when a price has no conversion or fewer than three prices leave no residual.
    public init(logLog points: [PricePoint]) throws(StatsError) {
        for point in points {
            try Require.positive(point.price, "price")
            guard point.conversions > 0 else { throw .insufficient("log-log needs a conversion at every price") }
        }
        guard Set(points.map(\.price)).count >= 2 else { throw .notIdentified("an elasticity needs two prices") }
        guard points.count >= 3 else { throw .insufficient("a residual variance needs three prices") }
        let line = WeightedLine(
            x: points.map { log($0.price) }, y: points.map { log($0.rate) }, weights: points.map { _ in 1 })
        intercept = line.intercept
        elasticity = line.slope
        standardError = (line.residualSumOfSquares / Double(points.count - 2) / line.spread).squareRoot()
    }
}

/// Demand a + b p by least squares weighted by visitors.
public struct LinearDemand: Sendable, Equatable {
    public let intercept: Double
    public let slope: Double
    /// Covariance of (intercept, slope) when each rate varies as a binomial one, whatever the weights think.
    public let interceptVariance: Double
    public let slopeVariance: Double
    public let covariance: Double

    public init(_ points: [PricePoint]) throws(StatsError) {
        guard Set(points.map(\.price)).count >= 2 else { throw .notIdentified("a slope needs two prices") }
        let line = WeightedLine(x: points.map(\.price), y: points.map(\.rate), weights: points.map(\.visitors))
        intercept = line.intercept
        slope = line.slope
        // The slope is Σ n (p − p̄) q / S and the line's height at p̄ is Σ n q / N, q of variance q(1 − q)/n each.
        let total = points.reduce(0) { $0 + $1.visitors }
        let centre = points.reduce(0) { $0 + $1.visitors / total * $1.price }
        var height = 0.0
        var tilt = 0.0
        var both = 0.0
        for point in points {
            let spread = point.visitors * point.rate * (1 - point.rate)
            let lever = (point.price - centre) / line.spread
            height += spread / (total * total)
            both += spread * lever / total
            tilt += spread * lever * lever
        }
        slopeVariance = tilt
        covariance = both - centre * tilt
        interceptVariance = height - 2 * centre * both + centre * centre * tilt
    }
}

/// The least-squares line, about the weighted means.
struct WeightedLine {
    let intercept: Double
    let slope: Double
    /// Σ w (x − x̄)².
    let spread: Double
    let residualSumOfSquares: Double

    init(x: [Double], y: [Double], weights: [Double]) {
        let total = weights.reduce(0, +)
        var meanX = 0.0
        var meanY = 0.0
        for i in x.indices {
            meanX += weights[i] / total * x[i]
            meanY += weights[i] / total * y[i]
        }
        var sxx = CompensatedSum()
        var sxy = CompensatedSum()
        for i in x.indices {
            sxx.add(weights[i] * (x[i] - meanX) * (x[i] - meanX))
            sxy.add(weights[i] * (x[i] - meanX) * (y[i] - meanY))
        }
        let b = sxy.value / sxx.value
        var rss = CompensatedSum()
        for i in x.indices {
            let residual = (y[i] - meanY) - b * (x[i] - meanX)
            rss.add(weights[i] * residual * residual)
        }
        slope = b
        intercept = meanY - b * meanX
        spread = sxx.value
        residualSumOfSquares = rss.value
    }
}
