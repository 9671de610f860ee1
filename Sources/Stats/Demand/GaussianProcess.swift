import Glibc

/// A smooth curve through noisy points: Gaussian process with squared-exponential kernel and zero mean
/// (Rasmussen & Williams 2006, algorithm 2.1).
public struct GaussianProcess: Sendable {
    private let x: [Double]
    private let lengthScale: Double
    private let signalVariance: Double
    /// Lower Cholesky factor of K + σ²I, row by row.
    private let factor: [[Double]]
    private let weights: [Double]
    public let logMarginalLikelihood: Double

    public init(
        x: [Double], y: [Double], lengthScale: Double, signalSD: Double, noiseSD: Double
    ) throws(StatsError) {
        try Require.sameLength(x.count, y.count, "x, y")
        try Require.finite(x, "x")
        try Require.finite(y, "y")
        try Require.positive(lengthScale, "lengthScale")
        try Require.positive(signalSD, "signalSD")
        try Require.nonNegative(noiseSD, "noiseSD")
        self.x = x
        self.lengthScale = lengthScale
        signalVariance = signalSD * signalSD
        var rows: [[Double]] = []
        var z: [Double] = []
        for i in x.indices {
            var row: [Double] = []
            for j in 0...i {
                var sum = CompensatedSum()
                let d = (x[i] - x[j]) / lengthScale
                sum.add(signalVariance * exp(-0.5 * d * d))
                if i == j { sum.add(noiseSD * noiseSD) }
                for k in 0..<j { sum.add(-row[k] * (j == i ? row[k] : rows[j][k])) }
                if j < i {
                    row.append(sum.value / rows[j][j])
                } else {
                    guard sum.value > 0 else { throw .notIdentified("the kernel matrix is not positive definite") }
                    row.append(sum.value.squareRoot())
                }
            }
            var rest = y[i]
            for k in 0..<i { rest -= row[k] * z[k] }
            z.append(rest / row[i])
            rows.append(row)
        }
        factor = rows
        var alpha = z
        for i in x.indices.reversed() {
            for k in stride(from: i + 1, to: x.count, by: 1) { alpha[i] -= rows[k][i] * alpha[k] }
            alpha[i] /= rows[i][i]
        }
        weights = alpha
        var log = -Double(x.count) * Elementary.halfLogTwoPi
        for i in x.indices { log -= 0.5 * z[i] * z[i] + Glibc.log(rows[i][i]) }
        logMarginalLikelihood = log
    }

    /// The curve's mean and variance at a point, noise excluded.
    public func prediction(at point: Double) -> (mean: Double, variance: Double) {
        var mean = 0.0
        var explained = 0.0
        var v: [Double] = []
        for i in x.indices {
            let d = (point - x[i]) / lengthScale
            let k = signalVariance * exp(-0.5 * d * d)
            mean += k * weights[i]
            var rest = k
            for j in 0..<i { rest -= factor[i][j] * v[j] }
            v.append(rest / factor[i][i])
            explained += v[i] * v[i]
        }
        return (mean, max(0, signalVariance - explained))
    }
}

/// Shares of several products and of buying nothing (multinomial logit, McFadden 1974).
public struct MultinomialShares: Sendable, Equatable {
    public let shares: [Double]
    public let outside: Double
    /// d log share / d log own price = priceCoef · price · (1 − share).
    public let ownElasticity: [Double]
    /// log Σ e^utility, the outside option included: expected best utility up to a constant.
    public let logSum: Double

    public init(
        utilities: [Double], outsideUtility: Double, priceCoefficient: Double, prices: [Double]
    ) throws(StatsError) {
        try Require.sameLength(utilities.count, prices.count, "utilities, price")
        try Require.finite(utilities, "utilities")
        try Require.finite(outsideUtility, "outsideUtility")
        try Require.finite(priceCoefficient, "priceCoef")
        try Require.finite(prices, "price")
        let all = utilities + [outsideUtility]
        let total = Elementary.logSumExp(all)
        logSum = total
        shares = utilities.map { exp($0 - total) }
        outside = exp(outsideUtility - total)
        ownElasticity = utilities.indices.map { k in
            // 1 − share as the sum of the others, so that a share near one keeps its digits.
            let others = all.indices.filter { $0 != k }.reduce(0) { $0 + exp(all[$1] - total) }
            return priceCoefficient * prices[k] * others
        }
    }
}
