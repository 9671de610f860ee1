import Glibc

/// Logit demand when sales are so few that plain likelihood runs away: a penalty keeps it finite.
public struct PenalisedLogit: Sendable, Equatable {
    public let intercept: Double
    public let slope: Double

    /// Firth's (1993) bias-reducing penalty ½ log det I, which is Jeffreys' prior (Heinze & Schemper 2002).
    ///
    /// - Throws: `notIdentified` for fewer than two prices.
    public init(firth points: [PricePoint]) throws(StatsError) {
        guard Set(points.map(\.price)).count >= 2 else { throw .notIdentified("a slope needs two prices") }
        let scaled = ScaledPrices(points)
        func state(_ a: Double, _ b: Double) -> (value: Double, information: Symmetric2) {
            var information = Symmetric2()
            var value = 0.0
            for (point, z) in zip(points, scaled.values) {
                let eta = a + b * z
                let (p, q) = IncompleteBeta.logistic(eta)
                information.add(point.visitors * p * q, z)
                // x η − n log(1 + e^η)
                let softplus = eta > 0 ? eta + log1p(exp(-eta)) : log1p(exp(eta))
                value += point.conversions * eta - point.visitors * softplus
            }
            let determinant = information.determinant
            return (value + (determinant > 0 ? 0.5 * log(determinant) : -.infinity), information)
        }
        let total = points.reduce(0) { $0 + $1.visitors }
        let start = (points.reduce(0) { $0 + $1.conversions } + 0.5) / (total + 1)
        var a = log(start) - log1p(-start)
        var b = 0.0
        var (best, information) = state(a, b)
        for _ in 0..<500 {
            guard let inverse = information.inverse else { break }
            var score = (0.0, 0.0)
            for (point, z) in zip(points, scaled.values) {
                let (p, q) = IncompleteBeta.logistic(a + b * z)
                let leverage = point.visitors * p * q * (inverse.aa + 2 * z * inverse.ab + z * z * inverse.bb)
                let u = point.conversions * q - (point.visitors - point.conversions) * p + leverage * (0.5 - p)
                score.0 += u
                score.1 += u * z
            }
            guard var step = information.solve(score) else { break }
            let longest = max(abs(step.0), abs(step.1))
            if longest > 2 { step = (step.0 * 2 / longest, step.1 * 2 / longest) }
            var shrink = 1.0
            var next = state(a + step.0, b + step.1)
            while next.value < best - 1e-12 * abs(best), shrink > 1e-10 {
                shrink *= 0.5
                next = state(a + shrink * step.0, b + shrink * step.1)
            }
            a += shrink * step.0
            b += shrink * step.1
            (best, information) = next
            if abs(step.0) + abs(step.1) < 1e-13 * (1 + abs(a) + abs(b)) { break }
        }
        let unscaled = scaled.unscale(a, b, Symmetric2())
        intercept = unscaled.intercept
        slope = unscaled.slope
    }

    /// The mode under independent Gaussian priors on intercept and slope.
    ///
    /// - Parameters:
    ///   - precision: 1/variance of each, ≥ 0 and, for a mode to exist whatever the data, > 0.
    ///   - mean: of each.
    public init(
        gaussianPrior points: [PricePoint], precision: (Double, Double), mean: (Double, Double)
    ) throws(StatsError) {
        try Require.positive(precision.0, "priorPrecision")
        try Require.positive(precision.1, "priorPrecision")
        try Require.finite(mean.0, "priorMean")
        try Require.finite(mean.1, "priorMean")
        func logPosterior(_ a: Double, _ b: Double) -> Double {
            var value = -0.5 * (precision.0 * (a - mean.0) * (a - mean.0) + precision.1 * (b - mean.1) * (b - mean.1))
            for point in points {
                let eta = a + b * point.price
                let softplus = eta > 0 ? eta + log1p(exp(-eta)) : log1p(exp(eta))
                value += point.conversions * eta - point.visitors * softplus
            }
            return value
        }
        var (a, b) = mean
        var best = logPosterior(a, b)
        for _ in 0..<500 {
            var information = Symmetric2(aa: precision.0, ab: 0, bb: precision.1)
            var score = (-precision.0 * (a - mean.0), -precision.1 * (b - mean.1))
            for point in points {
                let (p, q) = IncompleteBeta.logistic(a + b * point.price)
                information.add(point.visitors * p * q, point.price)
                let u = point.conversions * q - (point.visitors - point.conversions) * p
                score.0 += u
                score.1 += u * point.price
            }
            guard let step = information.solve(score) else { break }
            var shrink = 1.0
            var next = logPosterior(a + step.0, b + step.1)
            while next < best - 1e-12 * abs(best), shrink > 1e-12 {
                shrink *= 0.5
                next = logPosterior(a + shrink * step.0, b + shrink * step.1)
            }
            a += shrink * step.0
            b += shrink * step.1
            best = next
            if abs(step.0) + abs(step.1) < 1e-13 * (abs(a) + abs(b)) { break }
        }
        intercept = a
        slope = b
    }
}
