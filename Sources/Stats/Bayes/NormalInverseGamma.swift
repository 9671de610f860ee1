import Glibc

/// A normal mean and variance, both unknown, with their conjugate prior (Gelman et al., BDA 3, §3.3).
public struct NormalInverseGamma: Sendable, Equatable {
    public let mean: Double
    public let kappa: Double
    public let shape: Double
    public let scale: Double

    /// A prior.
    public init(mean: Double, kappa: Double, shape: Double, scale: Double) throws(StatsError) {
        try Require.finite(mean, "m0")
        try Require.positive(kappa, "kappa0")
        try Require.positive(shape, "a0")
        try Require.positive(scale, "b0")
        self.mean = mean
        self.kappa = kappa
        self.shape = shape
        self.scale = scale
    }

    /// The posterior after data with this count, mean and Σ (x − x̄)².
    public func posterior(count n: Double, mean x: Double, sumOfSquaredDeviations: Double) throws(StatsError) -> Self {
        guard n > 0 else { return self }
        let total = kappa + n
        let d = x - mean
        return try NormalInverseGamma(
            mean: mean + d * (n / total), kappa: total, shape: shape + n / 2,
            scale: scale + 0.5 * sumOfSquaredDeviations + 0.5 * kappa * (n / total) * d * d)
    }

    /// From n, Σx and Σx².
    public func posterior(count n: Double, sum: Double, sumOfSquares: Double) throws(StatsError) -> Self {
        try Require.nonNegative(n, "n")
        try Require.finite(sum, "sum")
        try Require.nonNegative(sumOfSquares, "sumSq")
        guard n > 0 else { return self }
        let deviation = sumOfSquares - sum * sum / n
        guard deviation >= -1e-9 * sumOfSquares else { throw .invalid("these sums belong to no data") }
        return try posterior(count: n, mean: sum / n, sumOfSquaredDeviations: max(0, deviation))
    }

    /// The marginal of the mean: Student's t with 2a degrees of freedom, this scale.
    private var law: StudentT { StudentT(degreesOfFreedom: 2 * shape) }
    private var spread: Double { (scale / (shape * kappa)).squareRoot() }

    public func quantileOfMean(_ p: Double) -> Double { mean + spread * law.quantile(p) }

    /// P(own mean > other's mean): Behrens and Fisher's distribution, by quadrature over own, in asinh of its t.
    public func probabilityOfExceeding(_ other: NormalInverseGamma) -> Double {
        let nu = law.degreesOfFreedom
        let constant = -GammaFunctions.logBeta(nu / 2, 0.5) - 0.5 * log(nu)
        func integrand(_ u: Double) -> Double {
            let t = sinh(u)
            let density = constant - 0.5 * (nu + 1) * log1p(t * t / nu) + log(cosh(u))
            let z = (mean + spread * t - other.mean) / other.spread
            return density + other.law.logUpperTail(of: -z)
        }
        // The integrand falls like e^{−ν|u|} at worst.
        let edge = min(700, 45 / nu + asinh(12 * max(1, nu.squareRoot())))
        if let log = Quadrature.logTrapezoid(from: -edge, to: edge, points: 32, most: 256, integrand) {
            return min(1, exp(log))
        }
        let centre = asinh((other.mean - mean) / spread)
        let width = other.spread / spread / cosh(centre)
        let breaks = [0, centre - 8 * width, centre, centre + 8 * width]
        return min(1, exp(Quadrature.logIntegral(from: -edge, to: edge, breaks: breaks, panels: 12, integrand)))
    }
}

/// Revenue per visitor when few pay: a beta share of payers, lognormal amounts.
///
/// The posterior mean of such revenue is infinite (exp(μ + σ²/2) has no mean under the conjugate prior): only quantiles
/// and probabilities are offered.
public struct HurdleLognormal: Sendable, Equatable {
    private let payers: Beta
    private let amounts: NormalInverseGamma

    public init(payers: Beta, logAmounts: NormalInverseGamma) {
        self.payers = payers
        amounts = logAmounts
    }

    /// Nodes of (log share of payers, weight) and (σ², weight) that carry the posterior.
    private func nodes() -> (shares: [(Double, Double)], variances: [(Double, Double)]) {
        func rule(
            _ start: Double, _ scale: Double, _ value: (Double) -> Double, _ logDensity: (Double) -> Double
        ) -> [(Double, Double)] {
            let (lower, mode, upper) = Quadrature.support(around: start, scale: scale, drop: 30, logDensity)
            var result: [(Double, Double)] = []
            for (from, to) in [(lower, mode), (mode, upper)] {
                for (node, weight) in zip(Quadrature.legendre16.nodes, Quadrature.legendre16.weights) {
                    let u = from + (to - from) * node
                    result.append((value(u), weight * (to - from) * exp(logDensity(u))))
                }
            }
            return result
        }
        let shares = rule(payers.logitCentre, payers.logitScale, { log(LogitPoint($0).x) }) {
            payers.logLogitDensity(LogitPoint($0))
        }
        // 1/σ² is gamma with rate b: x = b e^{−u} where u = log σ².
        let (a, b) = (amounts.shape, amounts.scale)
        let variances = rule(log(b / a), 1 / a.squareRoot(), { exp($0) }) {
            IncompleteGamma.logPrefix(a, b * exp(-$0))
        }
        return (shares, variances)
    }

    /// The distribution of log revenue per visitor, as a mixture of normals.
    private func components() -> [(mean: Double, sd: Double, weight: Double)] {
        let (shares, variances) = nodes()
        return shares.flatMap { share in
            // What weighs less than a rounding of the whole is left out.
            variances.filter { share.1 * $0.1 > 1e-18 }.map { variance in
                (
                    mean: share.0 + amounts.mean + variance.0 / 2, sd: (variance.0 / amounts.kappa).squareRoot(),
                    weight: share.1 * variance.1
                )
            }
        }
    }

    /// Quantiles of revenue per visitor.
    public func quantiles(_ levels: [Double]) -> [Double] {
        let parts = components()
        func below(_ x: Double) -> Double {
            parts.reduce(0) { $0 + $1.weight * Normal.lowerTail(of: (x - $1.mean) / $1.sd) }
        }
        return levels.map { level in
            var low = (parts.map { $0.mean - 9 * $0.sd }.min() ?? 0)
            var high = (parts.map { $0.mean + 9 * $0.sd }.max() ?? 0)
            // False position with the Illinois rule (Dowell & Jarratt 1971).
            var (atLow, atHigh) = (-level, 1 - level)
            var side = 0
            for _ in 0..<100 where high - low > 1e-13 {
                let middle = min(max(low - atLow * (high - low) / (atHigh - atLow), low), high)
                let error = below(middle) - level
                if error < 0 {
                    (low, atLow) = (middle, error)
                    if side < 0 { atHigh *= 0.5 }
                    side = -1
                } else {
                    (high, atHigh) = (middle, error)
                    if side > 0 { atLow *= 0.5 }
                    side = 1
                }
                if abs(error) < 1e-14 { return exp(middle) }
            }
            return exp(0.5 * (low + high))
        }
    }

    /// P(own revenue per visitor > other's): each pair of components differs by a normal.
    public func probabilityOfExceeding(_ other: HurdleLognormal) -> Double {
        let own = components()
        let others = other.components()
        // ∫ f_own F_other on a common grid, by the trapezoidal rule: both are smooth.
        let all = own + others
        let from = all.map { $0.mean - 7 * $0.sd }.min() ?? 0
        let to = all.map { $0.mean + 7 * $0.sd }.max() ?? 0
        let points = 400
        let step = (to - from) / Double(points)
        var sum = 0.0
        for i in 0...points {
            let x = from + Double(i) * step
            let density = own.reduce(0) { $0 + $1.weight * Normal.density((x - $1.mean) / $1.sd) / $1.sd }
            if density == 0 { continue }
            sum += density * others.reduce(0) { $0 + $1.weight * Normal.lowerTail(of: (x - $1.mean) / $1.sd) }
        }
        return min(1, sum * step)
    }
}
