import Glibc

/// A normal distribution times one factor: the logarithm of its mass, its mean and variance.
struct TiltedMoments {
    let logMass: Double
    let mean: Double
    let variance: Double

    /// Times Φ(−g/error): a soft statement that g < 0 (Rasmussen & Williams 2006, eq. 3.58).
    init(negativeWithin error: Double, mean m: Double, variance v: Double) {
        let spread = (error * error + v).squareRoot()
        let z = -m / spread
        logMass = Normal.logLowerTail(of: z)
        let ratio = exp(Normal.logDensity(z) - logMass)
        mean = m - v * ratio / spread
        variance = v - v * v * ratio * (z + ratio) / (spread * spread)
    }

    /// Times the binomial likelihood of a logit centre + g, by quadrature.
    init(conversions x: Double, visitors n: Double, centre: Double, mean m: Double, variance v: Double) {
        func logDensity(_ g: Double) -> Double {
            let eta = centre + g
            // log(1 + e^η), from the side that does not overflow.
            let partition = eta > 0 ? eta + log1p(exp(-eta)) : log1p(exp(eta))
            return x * eta - n * partition - 0.5 * (g - m) * (g - m) / v
        }
        let p = x / n
        let scale = 1 / (1 / v + n * max(p * (1 - p), 1e-6)).squareRoot()
        let (lower, mode, upper) = Quadrature.support(around: m, scale: scale, logDensity)
        let top = logDensity(mode)
        var (sum, first, second) = (0.0, 0.0, 0.0)
        // Smooth, and vanishing at both ends: the trapezoidal rule.
        let points = 96
        let step = (upper - lower) / Double(points)
        for i in 0...points {
            let g = lower + Double(i) * step
            let density = exp(logDensity(g) - top)
            sum += density
            first += density * (g - mode)
            second += density * (g - mode) * (g - mode)
        }
        let shift = first / sum
        logMass = top + log(sum * step) - Elementary.halfLogTwoPi - 0.5 * log(v)
        mean = mode + shift
        variance = second / sum - shift * shift
    }
}

/// The lower Cholesky factor of a symmetric matrix, row by row.
struct CholeskyRows: Sendable {
    let rows: [[Double]]

    /// - Throws: `notIdentified` when the matrix is not positive definite.
    init(_ matrix: [[Double]]) throws(StatsError) {
        var rows: [[Double]] = []
        for i in matrix.indices {
            var row: [Double] = []
            for j in 0...i {
                var value = matrix[i][j]
                for k in 0..<j { value -= row[k] * (j == i ? row[k] : rows[j][k]) }
                if j < i {
                    row.append(value / rows[j][j])
                } else {
                    guard value > 0 else { throw .notIdentified("the kernel matrix is not positive definite") }
                    row.append(value.squareRoot())
                }
            }
            rows.append(row)
        }
        self.rows = rows
    }

    /// L⁻¹ b.
    func forward(_ b: [Double]) -> [Double] {
        var x: [Double] = []
        for i in rows.indices {
            var rest = b[i]
            for k in 0..<i { rest -= rows[i][k] * x[k] }
            x.append(rest / rows[i][i])
        }
        return x
    }

    /// L⁻ᵀ b.
    func backward(_ b: [Double]) -> [Double] {
        var x = b
        for i in rows.indices.reversed() {
            x[i] /= rows[i][i]
            for k in 0..<i { x[k] -= rows[i][k] * x[i] }
        }
        return x
    }

    var logDeterminant: Double {
        var sum = 0.0
        for i in rows.indices { sum += 2 * log(rows[i][i]) }
        return sum
    }
}

/// A zero-mean normal vector times a log-concave factor of each coordinate, as a normal distribution (Minka 2001;
/// Rasmussen & Williams 2006, algorithm 3.5).
struct ExpectationPropagation {
    /// The precision of the normal that stands for each factor, not negative.
    let precisions: [Double]
    /// Of I + √τ K √τ.
    let factor: CholeskyRows
    /// K⁻¹ × the posterior mean.
    let weights: [Double]
    let logEvidence: Double

    /// - Parameter tilted: of the coordinate, given the mean and variance of all else that is known of it.
    /// - Throws: `notIdentified` when a hundred sweeps do not settle, or rounding has eaten a factor: one that is narrower
    ///   than all else by some eight digits.
    init(
        covariance: [[Double]], _ tilted: (Int, Double, Double) -> TiltedMoments
    ) throws(StatsError) {
        let n = covariance.count
        var tau = [Double](repeating: 0, count: n)
        var nu = tau
        var state = try Self.posterior(covariance, tau, nu)
        for sweep in 1... {
            var change = 0.0
            for i in 0..<n {
                let v = state.covariance[i][i]
                let cavityPrecision = 1 / v - tau[i]
                // A factor that is left as it was has not been heard: nothing settles without it.
                guard cavityPrecision > 0 else {
                    change = .infinity
                    continue
                }
                let cavityMean = (state.mean[i] / v - nu[i]) / cavityPrecision
                let moments = tilted(i, cavityMean, 1 / cavityPrecision)
                guard moments.variance > 0, moments.mean.isFinite else {
                    change = .infinity
                    continue
                }
                let newTau = max(0, 1 / moments.variance - cavityPrecision)
                let newNu = moments.mean / moments.variance - cavityMean * cavityPrecision
                change = max(change, abs(moments.mean - state.mean[i]) / moments.variance.squareRoot())
                let step = newTau - tau[i]
                (tau[i], nu[i]) = (newTau, newNu)
                // The rank-one change of the covariance.
                let column = state.covariance[i]
                let share = step / (1 + step * v)
                for a in 0..<n { for b in 0..<n { state.covariance[a][b] -= share * column[a] * column[b] } }
                for a in 0..<n {
                    var mean = 0.0
                    for b in 0..<n { mean += state.covariance[a][b] * nu[b] }
                    state.mean[a] = mean
                }
            }
            state = try Self.posterior(covariance, tau, nu)
            if change < 1e-9 { break }
            guard sweep < 100 else { throw .notIdentified("expectation propagation did not settle") }
        }
        precisions = tau
        factor = state.factor
        weights = state.weights
        // Log partition functions: factors less what stands for them, posterior less prior.
        var evidence = -0.5 * state.factor.logDeterminant
        for i in 0..<n {
            evidence += 0.5 * state.mean[i] * nu[i]
            let v = state.covariance[i][i]
            let cavityVariance = 1 / (1 / v - tau[i])
            let cavityMean = cavityVariance * (state.mean[i] / v - nu[i])
            evidence += tilted(i, cavityMean, cavityVariance).logMass
            evidence += 0.5 * log(cavityVariance / v)
            evidence += 0.5 * (cavityMean * cavityMean / cavityVariance - state.mean[i] * state.mean[i] / v)
        }
        guard evidence.isFinite else { throw .notIdentified("expectation propagation has no digits left") }
        logEvidence = evidence
    }

    /// Σ = K − K √τ B⁻¹ √τ K with B = I + √τ K √τ, which needs no inverse of K; the mean is Σν.
    private static func posterior(
        _ k: [[Double]], _ tau: [Double], _ nu: [Double]
    ) throws(StatsError) -> (covariance: [[Double]], mean: [Double], factor: CholeskyRows, weights: [Double]) {
        let n = k.count
        let root = tau.map { $0.squareRoot() }
        var b = k
        for i in 0..<n {
            for j in 0..<n { b[i][j] *= root[i] * root[j] }
            b[i][i] += 1
        }
        let factor = try CholeskyRows(b)
        let halves = (0..<n).map { i in factor.forward((0..<n).map { root[$0] * k[$0][i] }) }
        var covariance = k
        for i in 0..<n {
            for j in 0..<n {
                for a in 0..<n { covariance[i][j] -= halves[i][a] * halves[j][a] }
            }
        }
        // K⁻¹ Σ ν = ν − √τ B⁻¹ √τ K ν.
        var kNu = [Double](repeating: 0, count: n)
        for i in 0..<n { for j in 0..<n { kNu[i] += k[i][j] * nu[j] } }
        let solved = factor.backward(factor.forward((0..<n).map { root[$0] * kNu[$0] }))
        let weights = (0..<n).map { nu[$0] - root[$0] * solved[$0] }
        var mean = [Double](repeating: 0, count: n)
        for i in 0..<n { for j in 0..<n { mean[i] += k[i][j] * weights[j] } }
        return (covariance, mean, factor, weights)
    }
}
