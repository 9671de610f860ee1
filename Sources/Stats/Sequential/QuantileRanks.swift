import Glibc

extension QuantileSequence {
    /// The order statistics that hold the p-quantile at every look, whatever the distribution.
    ///
    /// The number of values up to the p-quantile, less p for each, is sub-Bernoulli; the ranks are those counts at which
    /// its beta-binomial mixture (Howard et al. 2021, Prop. 7) has not reached 1/alpha (Howard & Ramdas 2022, §3).
    ///
    /// - Parameter tOpt: the number of values at which to be tightest, > 0.
    /// - Returns: ranks from 1 to n; 0 stands for −∞ and n + 1 for +∞. The coverage is that of all looks together.
    public static func rankInterval(
        n: Int, p: Double, alpha: Double, tOpt: Double
    ) throws(StatsError) -> OrderedSample.RankInterval {
        guard n >= 1 else { throw .insufficient("a quantile needs an observation") }
        try Require.fraction(p, "p")
        try Require.fraction(alpha, "alpha")
        try Require.positive(tOpt, "tOpt")
        let spread = p * (1 - p)
        let mixture = try BetaBinomialMixture(vOpt: tOpt * spread, alphaOpt: alpha, g: p, h: 1 - p, twoSided: true)
        let level = -log(alpha)
        func isPlausible(_ below: Int) -> Bool {
            mixture.logValue(s: Double(below) - p * Double(n), v: spread * Double(n)) < level
        }
        // The mixture falls to the middle and rises from there: halve on either side of it.
        let middle = min(max(Int((p * Double(n)).rounded()), 0), n)
        var (low, high) = (0, middle)
        while low < high {
            let half = (low + high) / 2
            if isPlausible(half) { high = half } else { low = half + 1 }
        }
        let least = low
        (low, high) = (middle, n)
        while low < high {
            let half = low + (high - low + 1) / 2
            if isPlausible(half) { low = half } else { high = half - 1 }
        }
        return OrderedSample.RankInterval(lowerRank: least, upperRank: low + 1, coverage: 1 - alpha)
    }
}
