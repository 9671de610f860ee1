internal import Stats
internal import Experiments

extension MetricAnalysis {
    /// What a reader has to know before believing a comparison.
    func warnings(_ variant: Int) throws(StatsError) -> [String] {
        var out: [String] = []
        let pair = [input.control, variant]
        let buyers = pair.map { input.successes(metric, $0) }
        let total = buyers.reduce(0, +)
        if total < Self.fewestConversions {
            out.append(
                "Only \(total) conversions in both variants: intervals are rough until there are \(Self.fewestConversions)."
            )
        } else if metric.kind != .ratio, let fewest = buyers.min(), fewest < Self.conversionsAgainstSkew {
            out.append(
                "Few buyers make the mean skewed: intervals are rough until each variant has about \(Self.conversionsAgainstSkew) conversions."
            )
        }
        if metric.isStratified(pair) {
            out.append(
                "Weights changed during the experiment: each stretch of weights is compared within itself and the results are averaged (post-stratified)."
            )
        }
        return out + (try outliers(pair))
    }

    /// One shopper who makes more than a fifth of a variant's spread, and what the test says without it.
    private func outliers(_ pair: [Int]) throws(StatsError) -> [String] {
        guard !metric.isStratified(pair), let whole = try plain(pair, without: nil) else { return [] }
        var out: [String] = []
        for variant in pair {
            guard let largest = metric.largest[variant] else { continue }
            let moments = metric.samples[variant].reduce(ExactMoments()) { $1.moments.count > 0 ? $1.moments : $0 }
            guard moments.count > 2, try moments.variance > 0 else { continue }
            let distance = Double(largest) - (try moments.mean)
            let share = distance * distance / (try moments.variance * Double(moments.count - 1))
            guard share > Self.outlierShare, let rest = try plain(pair, without: variant) else { continue }
            out.append(
                "One outlier of \(largest.grouped) makes \(min(1, share).percent(digits: 0)) of the spread of “\(input.arms[variant].name)”: without it t moves from \(whole.t.rounded(digits: 3)) to \(rest.t.rounded(digits: 3))."
            )
        }
        return out
    }

    /// Welch's test of the pair, without the largest value of one of them.
    private func plain(_ pair: [Int], without variant: Int?) throws(StatsError) -> WelchTest? {
        var arms: [Moments] = []
        for arm in pair {
            var moments = metric.samples[arm].reduce(ExactMoments()) { $1.moments.count > 0 ? $1.moments : $0 }
            if arm == variant, let largest = metric.largest[arm] { try moments.remove(largest) }
            guard moments.count >= 2 else { return nil }
            arms.append(try moments.moments())
        }
        guard arms.contains(where: { $0.sumOfSquaredDeviations > 0 }) else { return nil }
        return try WelchTest(arms[0], arms[1])
    }

    private static let outlierShare = 0.2

    /// Below so many conversions in a pair nothing is decided.
    static let fewestConversions: Int64 = 20
    /// 355 · skewness² shoppers make a mean's interval good (Kohavi et al. 2014); with rare purchases skewness² is about
    /// one over the conversion rate, so this is 355 conversions.
    static let conversionsAgainstSkew: Int64 = 355
}
