import Glibc

/// Quantiles at every look (Howard & Ramdas 2022, "Sequential estimation of quantiles with applications to A/B testing
/// and best-arm identification").
public enum QuantileSequence {
    /// The double-stitched boundary, Theorem 1 with eq. 10: how far the empirical distribution may stray at quantile
    /// level p after t observations, times t, for all t and p at once.
    ///
    /// - Parameters:
    ///   - tOpt: where to be tightest, ≥ 1.
    ///   - delta: spacing of the quantile grid in logits, > 0.
    ///   - s: exponent, > 1.
    ///   - eta: ratio of the epochs, > 1.
    public static func doubleStitching(
        p: Double, t: Double, alpha: Double, tOpt: Double, delta: Double, s: Double, eta: Double
    ) throws(StatsError) -> Double {
        try Require.fraction(p, "p")
        try Require.fraction(alpha, "alpha")
        try Require.positive(t, "t")
        try Require.positive(delta, "delta")
        guard tOpt >= 1, tOpt.isFinite, s > 1, s.isFinite, eta > 1, eta.isFinite else {
            throw .invalid("need tOpt >= 1, s > 1, eta > 1")
        }
        let time = max(t, tOpt)
        let logit = log(p) - log1p(-p)
        var r = p
        if p < 0.5 {
            r = min(0.5, IncompleteBeta.logistic(logit + 2 * delta * (tOpt * eta / time).squareRoot()).x)
        }
        let variance = r * (1 - r)
        let grid = (time / tOpt).squareRoot() * abs(logit) / (2 * delta) + 1
        let zeta = RiemannZeta.value(s)
        let depth =
            s * log(log(eta * time / tOpt)) + s * log(grid) + log(2 * zeta * (2 * zeta + 1) / alpha)
            - s * log(log(eta))
        let k1 = (pow(eta, 0.25) + pow(eta, -0.25)) / 2.0.squareRoot()
        let k2 = (eta.squareRoot() + 1) / 2
        let linear = k2 * (1 - 2 * p) / 3 * depth
        return delta * (eta * time * variance / tOpt).squareRoot()
            + (k1 * k1 * variance * time * depth + linear * linear).squareRoot() + linear
    }

    /// The always-valid p-value of equal p-quantiles in two arms (§5): the least joint evidence over all common values.
    public static func twoArmP(
        _ a: [Double], _ b: [Double], p: Double, tOpt: Double, alphaOpt: Double
    ) throws(StatsError) -> Double {
        try Require.fraction(p, "p")
        try Require.finite(a, "a")
        try Require.finite(b, "b")
        try Require.positive(tOpt, "tOpt")
        guard !a.isEmpty, !b.isEmpty else { throw .insufficient("both arms need an observation") }
        let mixture = try BetaBinomialMixture(
            vOpt: tOpt * p * (1 - p), alphaOpt: alphaOpt, g: p, h: 1 - p, twoSided: true)
        let arms = [a.sorted(), b.sorted()].map { EmpiricalEvidence($0, p, mixture) }
        // Between observations nothing changes, and at one the evidence is least: try each.
        var least = Double.infinity
        for x in arms[0].values + arms[1].values { least = min(least, arms[0].evidence(x) + arms[1].evidence(x)) }
        return exp(min(0, -least))
    }

    /// One arm's evidence that its p-quantile is x.
    private struct EmpiricalEvidence {
        let values: [Double]
        private let p: Double
        private let mixture: BetaBinomialMixture
        /// The share below at which evidence is least.
        private let calm: Double

        init(_ sorted: [Double], _ p: Double, _ mixture: BetaBinomialMixture) {
            values = sorted
            self.p = p
            self.mixture = mixture
            let n = Double(sorted.count)
            // The evidence is convex in the share: golden section.
            var (low, high) = (0.0, 1.0)
            for _ in 0..<80 {
                let left = low + 0.381_966 * (high - low)
                let right = high - 0.381_966 * (high - low)
                let f = { mixture.logValue(s: ($0 - p) * n, v: p * (1 - p) * n) }
                if f(left) < f(right) { high = right } else { low = left }
            }
            calm = 0.5 * (low + high)
        }

        func evidence(_ x: Double) -> Double {
            let n = Double(values.count)
            let below = Double(count { $0 < x })
            let upTo = Double(count { $0 <= x })
            let share = min(max(calm, below / n), upTo / n)
            return mixture.logValue(s: (share - p) * n, v: p * (1 - p) * n)
        }

        /// How many of the sorted values satisfy a predicate that holds up to somewhere.
        private func count(_ holds: (Double) -> Bool) -> Int {
            var (low, high) = (0, values.count)
            while low < high {
                let middle = (low + high) / 2
                if holds(values[middle]) { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }
}
