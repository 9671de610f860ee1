import Glibc

/// Several treatments against one control, the error rate held over all of them (Dunnett 1955).
public struct DunnettTest: Sendable, Equatable {
    public let t: [Double]
    /// Two-sided, adjusted.
    public let p: [Double]

    /// - Throws: `insufficient` for an arm without observations or no degree of freedom; `zeroVariance`.
    public init(control: Moments, treatments: [Moments]) throws(StatsError) {
        let arms = [control] + treatments
        guard !treatments.isEmpty, arms.allSatisfy({ $0.count >= 1 }) else {
            throw .insufficient("need a control and a treatment, each with an observation")
        }
        let df = arms.reduce(0) { $0 + $1.count } - Double(arms.count)
        guard df > 0 else { throw .insufficient("no degree of freedom is left") }
        let pooled = arms.reduce(0) { $0 + $1.sumOfSquaredDeviations } / df
        guard pooled > 0 else { throw .zeroVariance("no arm varies") }
        t = treatments.map {
            $0.difference(from: control) / (pooled * (1 / $0.count + 1 / control.count)).squareRoot()
        }
        let loadings = treatments.map { ($0.count / ($0.count + control.count)).squareRoot() }
        p = t.map { Self.tail(abs($0), loadings: loadings, degreesOfFreedom: df) }
    }

    /// P(max |T_i| > t) for T_i = (√(1−λ_i²) Z_i − λ_i Z₀)/s: given Z₀ = z and s the arms are independent.
    static func tail(_ t: Double, loadings: [Double], degreesOfFreedom df: Double) -> Double {
        guard df < 1e7 else { return normalTail(t, loadings: loadings) }
        // s = √(χ²_df/df); its density in u = log s is 2 x^a e^−x/Γ(a) with a = df/2, x = a e^{2u}.
        let a = df / 2
        func logDensity(_ u: Double) -> Double {
            IncompleteGamma.logPrefixAtRatio(a, logRatio: 2 * u, ratio: exp(2 * u)) + 0.693_147_180_559_945_3
        }
        // The tail falls and bends down in u as a log-concave law's does, so their product is log-concave as well.
        let log = Quadrature.logConcaveIntegral(around: 0, scale: 1 / (2 * df).squareRoot()) { u in
            logDensity(u) + Glibc.log(normalTail(t * exp(u), loadings: loadings))
        }
        return min(1, exp(log))
    }

    /// P(max |T_i| > t) with known variance.
    static func normalTail(_ t: Double, loadings: [Double], twoSided: Bool = true) -> Double {
        // 1 − Π (1 − tails), the tails computed, integrated over the shared control.
        func miss(_ z: Double) -> Double {
            var log = 0.0
            for loading in loadings {
                let own = (1 - loading * loading).squareRoot()
                var tail = Normal.upperTail(of: (t - loading * z) / own)
                if twoSided { tail += Normal.lowerTail(of: (-t - loading * z) / own) }
                log += log1p(-min(1, tail))
            }
            return -expm1(log)
        }
        let edge = 9.0
        func logDensity(_ z: Double) -> Double { Normal.logDensity(z) + Glibc.log(miss(z)) }
        // Smooth unless an arm is very much larger than control, which makes a cliff of its tail.
        if let log = Quadrature.logTrapezoid(from: -edge, to: edge, points: 32, most: 64, logDensity) {
            return exp(log)
        }
        var sum = 0.0
        let panels = 8
        for panel in 0..<panels {
            let from = -edge + 2 * edge * Double(panel) / Double(panels)
            let width = 2 * edge / Double(panels)
            for (node, weight) in zip(Quadrature.legendre32.nodes, Quadrature.legendre32.weights) {
                let z = from + width * node
                sum += weight * width * Normal.density(z) * miss(z)
            }
        }
        return sum
    }

    /// The critical value for k treatments of equal correlation rho, known variance.
    ///
    /// - Parameters:
    ///   - k: treatments, ≥ 1.
    ///   - rho: correlation of two comparisons, in [0, 1); ½ for equal arms.
    public static func criticalValue(
        treatments k: Int, alpha: Double, correlation rho: Double, twoSided: Bool
    ) throws(StatsError) -> Double {
        guard k >= 1, k <= 10_000 else { throw .invalid("k must lie between 1 and 10000") }
        try Require.fraction(alpha, "alpha")
        guard rho >= 0, rho < 1 else { throw .invalid("rho must lie in [0, 1)") }
        let loadings = [Double](repeating: rho.squareRoot(), count: k)
        var low = twoSided ? 0.0 : -40.0
        var high = 40.0
        for _ in 0..<100 {
            let middle = 0.5 * (low + high)
            if middle <= low || middle >= high { break }
            if normalTail(middle, loadings: loadings, twoSided: twoSided) > alpha {
                low = middle
            } else {
                high = middle
            }
        }
        return 0.5 * (low + high)
    }
}
