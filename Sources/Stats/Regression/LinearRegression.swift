/// Ordinary least squares of full rank, with the standard errors that experiments ask for.
///
/// Columns are scaled to one size, factored by Householder QR, and the solution refined once on its residual, so that
/// Longley's and Wampler's data keep their certified digits.
public struct LinearRegression: Sendable {
    public let coefficients: [Double]
    public let residuals: [Double]
    public let residualSumOfSquares: Double
    private let q: Matrix
    private let rInverse: Matrix
    private let scales: [Double]

    public var observations: Int { residuals.count }
    public var parameters: Int { coefficients.count }

    /// - Parameters:
    ///   - columns: of the design, each as long as `y`, the constant among them.
    /// - Throws: `insufficient` with fewer observations than columns, `notIdentified` when columns depend on one another.
    public init(columns: [[Double]], y: [Double]) throws(StatsError) {
        try Require.finite(y, "y")
        for column in columns {
            try Require.sameLength(column.count, y.count, "design, y")
            try Require.finite(column, "the design")
        }
        guard !columns.isEmpty, y.count >= columns.count else {
            throw .insufficient("need as many observations as coefficients")
        }
        var scales: [Double] = []
        var scaled: [[Double]] = []
        for column in columns {
            let largest = column.map { abs($0) }.max() ?? 0
            guard largest > 0 else { throw .notIdentified("a column of the design is zero") }
            scales.append(largest)
            scaled.append(column.map { $0 / largest })
        }
        (q, rInverse) = try Matrix(columns: scaled).orthonormalised()
        self.scales = scales
        var solution = [Double](repeating: 0, count: columns.count)
        var residuals = y
        for _ in 0..<3 {
            let step = Self.solve(q, rInverse, residuals)
            for j in solution.indices { solution[j] += step[j] }
            for i in y.indices {
                var sum = CompensatedSum()
                sum.add(y[i])
                for j in solution.indices {
                    let product = Elementary.twoProduct(scaled[j][i], solution[j])
                    sum.add(-product.high)
                    sum.add(-product.low)
                }
                residuals[i] = sum.value
            }
        }
        self.residuals = residuals
        coefficients = zip(solution, scales).map { $0 / $1 }
        var squares = CompensatedSum()
        for residual in residuals { squares.add(residual * residual) }
        residualSumOfSquares = squares.value
    }

    private static func solve(_ q: Matrix, _ rInverse: Matrix, _ y: [Double]) -> [Double] {
        var projected = [Double](repeating: 0, count: q.columns)
        for j in 0..<q.columns {
            var sum = CompensatedSum()
            for (a, b) in zip(q.column(j), y) { sum.add(a * b) }
            projected[j] = sum.value
        }
        return rInverse.times(projected)
    }

    /// The residual variance, denominator n − k.
    public var residualVariance: Double {
        get throws(StatsError) {
            guard observations > parameters else { throw .insufficient("no degree of freedom is left") }
            return residualSumOfSquares / Double(observations - parameters)
        }
    }

    /// How much each observation pulls its own fitted value, h_i.
    public var leverages: [Double] {
        var h = [Double](repeating: 0, count: observations)
        for j in 0..<parameters { for (i, value) in q.column(j).enumerated() { h[i] += value * value } }
        return h
    }

    /// Standard errors under one residual variance.
    public func classicErrors() throws(StatsError) -> [Double] {
        let variance = try residualVariance
        return errors(meat: Matrix.identity(parameters)).map { $0 * variance.squareRoot() }
    }

    /// How squared residuals are corrected for leverage (MacKinnon & White 1985).
    public enum RobustKind: Int, Sendable, CaseIterable {
        case hc0, hc1, hc2, hc3
    }

    /// Standard errors that do not assume one variance.
    public func robustErrors(_ kind: RobustKind) throws(StatsError) -> [Double] {
        let n = Double(observations)
        let k = Double(parameters)
        if kind == .hc1, n <= k { throw .insufficient("no degree of freedom is left") }
        let h = leverages
        let weights = residuals.indices.map { i in
            let square = residuals[i] * residuals[i]
            let rest = 1 - h[i]
            switch kind {
            case .hc0: return square
            case .hc1: return square * n / (n - k)
            case .hc2: return rest > 0 ? square / rest : 0
            case .hc3: return rest > 0 ? square / (rest * rest) : 0
            }
        }
        return errors(meat: q.crossProduct(weights: weights))
    }

    /// Cluster-robust errors with the small-sample factor G/(G − 1) · (N − 1)/(N − K) (Cameron & Miller 2015, §II.B).
    public func clusterErrors(_ clusters: [Int]) throws(StatsError) -> [Double] {
        try Require.sameLength(clusters.count, observations, "cluster, y")
        var scores: [Int: [Double]] = [:]
        for i in residuals.indices {
            var sum = scores[clusters[i]] ?? [Double](repeating: 0, count: parameters)
            for j in 0..<parameters { sum[j] += q[i, j] * residuals[i] }
            scores[clusters[i]] = sum
        }
        let groups = Double(scores.count)
        guard scores.count >= 2, observations > parameters else { throw .insufficient("need two clusters") }
        var meat = Matrix(rows: parameters, columns: parameters)
        for key in scores.keys.sorted() {
            guard let score = scores[key] else { continue }
            for a in 0..<parameters { for b in 0..<parameters { meat[a, b] += score[a] * score[b] } }
        }
        let factor =
            groups / (groups - 1) * Double(observations - 1) / Double(observations - parameters)
        return errors(meat: meat).map { $0 * factor.squareRoot() }
    }

    /// Newey & West (1987) errors with Bartlett weights up to `lags`, no small-sample factor; rows in order of time.
    public func autocorrelationErrors(lags: Int) throws(StatsError) -> [Double] {
        guard lags >= 0, lags < observations else { throw .invalid("maxLags must lie between 0 and n - 1") }
        var meat = q.crossProduct(weights: residuals.map { $0 * $0 })
        for lag in stride(from: 1, through: lags, by: 1) {
            let weight = 1 - Double(lag) / Double(lags + 1)
            for a in 0..<parameters {
                for b in 0..<parameters {
                    var sum = 0.0
                    for t in lag..<observations {
                        let product = residuals[t] * residuals[t - lag]
                        sum += product * (q[t, a] * q[t - lag, b] + q[t - lag, a] * q[t, b])
                    }
                    meat[a, b] += weight * sum
                }
            }
        }
        return errors(meat: meat)
    }

    /// √ of the diagonal of R⁻¹ M R⁻ᵀ on the original scale of the columns.
    private func errors(meat: Matrix) -> [Double] {
        let left = rInverse.times(meat)
        return (0..<parameters).map { j in
            var sum = 0.0
            for l in 0..<parameters { sum += left[j, l] * rInverse[j, l] }
            return max(0, sum).squareRoot() / scales[j]
        }
    }
}

extension Matrix {
    static func identity(_ n: Int) -> Matrix {
        var result = Matrix(rows: n, columns: n)
        for i in 0..<n { result[i, i] = 1 }
        return result
    }
}

/// Least squares when columns may depend on one another: the solution of smallest norm.
public struct MinimumNormRegression: Sendable, Equatable {
    public let coefficients: [Double]
    public let rank: Int
    public let residualSumOfSquares: Double

    public init(rows: [[Double]], y: [Double]) throws(StatsError) {
        try Require.sameLength(rows.count, y.count, "X, y")
        try Require.finite(y, "y")
        guard let width = rows.first?.count, width > 0 else { throw .insufficient("least squares needs observations") }
        for row in rows {
            try Require.sameLength(row.count, width, "rows of X")
            try Require.finite(row, "X")
        }
        let design = Matrix(columns: (0..<width).map { j in rows.map { $0[j] } })
        let precision = Double.ulpOfOne * Double(max(rows.count, width))
        (coefficients, rank) = try design.leastSquares(y, tolerance: precision)
        let fitted = design.times(coefficients)
        var sum = CompensatedSum()
        for (a, b) in zip(y, fitted) { sum.add((a - b) * (a - b)) }
        residualSumOfSquares = sum.value
    }
}
