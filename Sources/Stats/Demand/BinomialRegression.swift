import Glibc

/// What was seen at one price.
public struct PricePoint: Sendable, Equatable {
    public let price: Double
    public let visitors: Double
    public let conversions: Double

    /// - Throws: `invalid` for a price that is no number or 0 ≤ conversions ≤ visitors violated; `insufficient` without
    ///   a visitor.
    public init(price: Double, visitors: Double, conversions: Double) throws(StatsError) {
        try Require.finite(price, "price")
        try Require.counts(conversions, of: visitors, "x, n")
        guard visitors > 0 else { throw .insufficient("each price needs a visitor") }
        self.price = price
        self.visitors = visitors
        self.conversions = conversions
    }

    var rate: Double { conversions / visitors }
}

/// How a price's linear score becomes a conversion rate.
public enum BinomialLink: String, Sendable, CaseIterable {
    case logit
    case probit
    case cloglog

    /// (μ, 1 − μ, dμ/dη), each to its own relative accuracy.
    func value(_ eta: Double) -> (mean: Double, complement: Double, slope: Double) {
        switch self {
        case .logit:
            let (x, y) = IncompleteBeta.logistic(eta)
            return (x, y, x * y)
        case .probit:
            return (Normal.lowerTail(of: eta), Normal.upperTail(of: eta), Normal.density(eta))
        case .cloglog:
            let rate = exp(eta)
            return (-expm1(-rate), exp(-rate), rate * exp(-rate))
        }
    }

    func inverse(_ mean: Double) -> Double {
        switch self {
        case .logit: return log(mean) - log1p(-mean)
        case .probit: return Normal.quantile(mean)
        case .cloglog: return log(-log1p(-mean))
        }
    }
}

/// Conversion as a function of price: link(rate) = intercept + slope · price, by maximum likelihood.
///
/// On centred and scaled prices, so that yen and dollars converge alike.
public struct BinomialRegression: Sendable, Equatable {
    public let link: BinomialLink
    public let intercept: Double
    public let slope: Double
    /// Covariance of (intercept, slope) from the expected information.
    public let interceptVariance: Double
    public let slopeVariance: Double
    public let covariance: Double
    public let deviance: Double

    /// - Throws: `notIdentified` for fewer than two prices, or when a price separates buyers from the rest (nobody or
    ///   everybody converted, or only one price did): use Firth's or a Gaussian-prior fit there.
    public init(_ points: [PricePoint], link: BinomialLink = .logit) throws(StatsError) {
        try Self.checkIdentified(points)
        let scaled = ScaledPrices(points)
        let total = points.reduce(0) { $0 + $1.visitors }
        let fit = TwoCoefficients(
            from: link.inverse(points.reduce(0) { $0 + $1.conversions } / total), tolerance: 1e-13, steepest: 700
        ) { a, b in
            var sum = 0.0
            for (point, z) in zip(points, scaled.values) {
                let (mean, complement, _) = link.value(a + b * z)
                if point.conversions > 0 { sum += point.conversions * log(mean) }
                let failures = point.visitors - point.conversions
                if failures > 0 { sum += failures * log(complement) }
            }
            return sum
        } slope: { a, b in
            var information = Symmetric2()
            var score = (0.0, 0.0)
            for (point, z) in zip(points, scaled.values) {
                let (mean, complement, slope) = link.value(a + b * z)
                let variance = mean * complement
                guard variance > 0 else { continue }
                let weight = point.visitors * slope * slope / variance
                information.add(weight, z)
                // x − nμ with both sides' digits: x(1−μ) − (n−x)μ.
                let residual = point.conversions * complement - (point.visitors - point.conversions) * mean
                let u = residual * slope / variance
                score.0 += u
                score.1 += u * z
            }
            return (information, score)
        }
        let (a, b) = (fit.a, fit.b)
        guard fit.hasConverged || fit.information.determinant > 0, let inverse = fit.information.inverse, abs(b) <= 700
        else {
            throw .notIdentified("the likelihood has no maximum: use firth_logit or bayes_logit_map")
        }
        self.link = link
        (intercept, slope, interceptVariance, slopeVariance, covariance) = scaled.unscale(a, b, inverse)
        var deviance = CompensatedSum()
        for (point, z) in zip(points, scaled.values) {
            let (mean, complement, _) = link.value(a + b * z)
            let d = point.conversions * complement - (point.visitors - point.conversions) * mean
            deviance.add(2 * Elementary.deviance(point.conversions, point.visitors * mean, difference: d))
            deviance.add(
                2
                    * Elementary.deviance(
                        point.visitors - point.conversions, point.visitors * complement, difference: -d))
        }
        self.deviance = max(0, deviance.value)
    }

    /// Two prices, and outcomes that overlap: some price below has a failure and some above a success, or the reverse.
    static func checkIdentified(_ points: [PricePoint]) throws(StatsError) {
        guard Set(points.map(\.price)).count >= 2 else { throw .notIdentified("a slope needs two prices") }
        let bought = points.filter { $0.conversions > 0 }.map(\.price)
        let passed = points.filter { $0.conversions < $0.visitors }.map(\.price)
        guard let firstBought = bought.min(), let lastBought = bought.max(), let firstPassed = passed.min(),
            let lastPassed = passed.max(), firstBought < lastPassed, firstPassed < lastBought
        else {
            throw .notIdentified("price separates buyers from the rest: use firth_logit or bayes_logit_map")
        }
    }
}

/// Prices moved and scaled so that they lie around zero with unit spread.
struct ScaledPrices {
    let centre: Double
    let scale: Double
    let values: [Double]

    init(_ points: [PricePoint]) {
        let total = points.reduce(0) { $0 + $1.visitors }
        let mean = points.reduce(0) { $0 + $1.visitors / total * $1.price }
        let spread = points.map { abs($0.price - mean) }.max() ?? 1
        centre = mean
        scale = spread > 0 ? spread : 1
        let unit = scale
        values = points.map { ($0.price - mean) / unit }
    }

    /// Coefficients and covariance on the original prices.
    func unscale(
        _ a: Double, _ b: Double, _ v: Symmetric2
    ) -> (intercept: Double, slope: Double, interceptVariance: Double, slopeVariance: Double, covariance: Double) {
        let r = centre / scale
        return (
            a - b * r, b / scale, v.aa - 2 * r * v.ab + r * r * v.bb, v.bb / (scale * scale), (v.ab - r * v.bb) / scale
        )
    }
}

/// A symmetric 2 × 2 matrix: the information of a line.
struct Symmetric2: Equatable {
    var aa = 0.0
    var ab = 0.0
    var bb = 0.0

    mutating func add(_ weight: Double, _ z: Double) {
        aa += weight
        ab += weight * z
        bb += weight * z * z
    }

    /// aa (bb − ab²/aa).
    var determinant: Double { aa * bb - ab * ab }

    var inverse: Symmetric2? {
        let d = determinant
        guard d > 0, d.isFinite else { return nil }
        return Symmetric2(aa: bb / d, ab: -ab / d, bb: aa / d)
    }

    func solve(_ u: (Double, Double)) -> (Double, Double)? {
        guard let v = inverse else { return nil }
        return (v.aa * u.0 + v.ab * u.1, v.ab * u.0 + v.bb * u.1)
    }
}
