import Glibc

extension BetaComparison {
    /// Both probabilities and both losses.
    public struct Summary: Sendable, Equatable {
        public let probabilityBBeatsA: Double
        public let probabilityABeatsB: Double
        public let expectedLossChoosingB: Double
        public let expectedLossChoosingA: Double
    }

    /// All four together: on one grid where the posteriors overlap well, each by its own quadrature where they do not.
    ///
    /// Agrees with the single properties to 1e-10; an order of magnitude faster.
    public var summary: Summary {
        if let summary = onCommonGrid { return summary }
        return Summary(
            probabilityBBeatsA: probabilityBBeatsA, probabilityABeatsB: probabilityABeatsB,
            expectedLossChoosingB: expectedLossChoosingB, expectedLossChoosingA: expectedLossChoosingA)
    }

    /// Both densities sampled in logit x at 0.4 of the narrower one's deviation; the distribution functions from the
    /// samples by sinc indefinite integration, F(x_k) = h Σ_j f(x_j) [½ + Si(π(k − j))/π] (Kearfott 1983; Stenger 1993,
    /// §4.5), whose error falls exponentially. Nil where a tail would lose its relative accuracy.
    private var onCommonGrid: Summary? {
        guard min(min(a.alpha, a.beta), min(b.alpha, b.beta)) >= 20 else { return nil }
        let narrow = min(a.logitScale, b.logitScale)
        guard max(a.logitScale, b.logitScale) < 3 * narrow else { return nil }
        let lower = min(a.logitCentre - 9 * a.logitScale, b.logitCentre - 9 * b.logitScale)
        let upper = max(a.logitCentre + 9 * a.logitScale, b.logitCentre + 9 * b.logitScale)
        let step = 0.4 * narrow
        let count = Int(((upper - lower) / step).rounded(.up)) + 1
        guard count <= SincIntegral.limit else { return nil }
        var densityA = [Double](repeating: 0, count: count)
        var densityB = densityA
        var slope = densityA
        let first = BetaKernel(a)
        let second = BetaKernel(b)
        for k in 0..<count {
            let point = LogitPoint(lower + Double(k) * step)
            densityA[k] = step * first.density(point)
            densityB[k] = step * second.density(point)
            slope[k] = step * point.x * point.y
        }
        let table = SincIntegral.table
        var bOverA = 0.0
        var aOverB = 0.0
        var lossB = 0.0
        var lossA = 0.0
        for k in 0..<count {
            var lowerA = 0.0
            var lowerB = 0.0
            // ½ + s and ½ − s on either side of k: the table is odd about its middle.
            for j in 0..<count {
                let weight = table[k - j + SincIntegral.limit]
                lowerA += weight * densityA[j]
                lowerB += weight * densityB[j]
            }
            bOverA += densityB[k] * lowerA
            aOverB += densityA[k] * lowerB
            lossB += slope[k] * lowerB * (1 - lowerA)
            lossA += slope[k] * lowerA * (1 - lowerB)
        }
        // Absolute errors stay near 1e-14: enough for these, no more.
        let spread = narrow * a.mean * (1 - a.mean)
        guard min(bOverA, aOverB) > 1e-3, min(lossA, lossB) > 1e-3 * spread else { return nil }
        return Summary(
            probabilityBBeatsA: bOverA, probabilityABeatsB: aOverB, expectedLossChoosingB: lossB,
            expectedLossChoosingA: lossA)
    }
}

/// The density of logit θ with its constant formed once. Parameters ≥ 1.
private struct BetaKernel {
    private let a: Double
    private let b: Double
    private let logConstant: Double

    init(_ law: Beta) {
        a = law.alpha
        b = law.beta
        let n = a + b
        logConstant =
            0.5 * log(a <= b ? a / (1 + a / b) : b / (1 + b / a)) - Elementary.halfLogTwoPi
            + GammaFunctions.stirlingError(n) - GammaFunctions.stirlingError(a) - GammaFunctions.stirlingError(b)
    }

    func density(_ point: LogitPoint) -> Double {
        let d = IncompleteBeta.meanDifference(a, b, point.x, point.y)
        let n = a + b
        return exp(
            logConstant - Elementary.deviance(a, n * point.x, difference: d)
                - Elementary.deviance(b, n * point.y, difference: -d))
    }
}

/// ½ + Si(πm)/π for |m| ≤ limit, the weights of sinc indefinite integration.
private enum SincIntegral {
    static let limit = 256

    /// At index m + limit.
    static let table: [Double] = {
        var table = [Double](repeating: 0.5, count: 2 * limit + 1)
        var integral = CompensatedSum()
        let rule = Quadrature.legendre32
        for m in 1...limit {
            // ∫ sin t / t over one half period; sin is taken of the part within it, which is exact.
            for (node, weight) in zip(rule.nodes, rule.weights) {
                let sign: Double = (m - 1).isMultiple(of: 2) ? 1 : -1
                integral.add(weight * sign * sin(Double.pi * node) / (Double(m - 1) + node))
            }
            table[limit + m] = 0.5 + integral.value / Double.pi
            table[limit - m] = 0.5 - integral.value / Double.pi
        }
        return table
    }()
}
