internal import Stats
internal import Experiments

/// Bins and quantiles of revenue, from its counts by size.
struct DistributionAnalysis {
    private static let shares: [(Distribution.Population, Double)] = [
        (.visitors, 0.9), (.visitors, 0.95), (.visitors, 0.99), (.buyers, 0.25), (.buyers, 0.5), (.buyers, 0.75),
        (.buyers, 0.9),
    ]
    /// Enough to see a shape, few enough to draw.
    private static let mostBins = 30

    let input: AnalysisInput

    static func read(_ input: AnalysisInput) throws(AnalysisError) -> Distribution? {
        guard let metric = input.metrics.first(where: { $0.name == Metric.revenuePerVisitor.rawValue }),
            let spreads = metric.spreads
        else { return nil }
        do throws(StatsError) {
            return try DistributionAnalysis(input: input).distribution(metric, spreads)
        } catch {
            throw .inconsistent("distribution: \(error)")
        }
    }

    private func distribution(
        _ metric: MetricInput, _ spreads: [[ValueHistogram]]
    ) throws(StatsError) -> Distribution? {
        var arms: [ValueHistogram] = []
        for strata in spreads {
            var all = ValueHistogram()
            for spread in strata { all = try all.merging(spread) }
            arms.append(all)
        }
        let counted = arms.reduce(0) { $0 + $1.count }
        guard counted > 0 else { return nil }
        var everybody = ValueHistogram()
        for arm in arms { everybody = try everybody.merging(arm.withoutZeros) }
        let bins = Self.bins(of: everybody)
        var variants: [Distribution.Variant] = []
        for (index, arm) in arms.enumerated() {
            let buyers = arm.withoutZeros
            variants.append(
                Distribution.Variant(
                    name: input.arms[index].name, n: arm.count, zeros: arm.count - buyers.count,
                    counts: Self.counts(of: buyers, in: bins), largest: arm.largest,
                    quantiles: try quantiles(arm, buyers, alpha: input.plan.alpha, level: 1 - input.plan.alpha)))
        }
        var warnings: [String] = []
        if counted < input.units {
            warnings.append(
                "\((input.units - counted).grouped) shoppers were first exposed before amounts were counted by size; quantiles and the distribution are of the other \(counted.grouped)."
            )
        }
        if metric.isStratified(Array(input.arms.indices)) {
            warnings.append(
                "Weights changed during the experiment: quantiles are of all shoppers of a variant together, whenever they came, and so are not compared."
            )
        }
        return Distribution(
            metric: metric.name, relativeError: ValueBucket.relativeError, counted: counted, shoppers: input.units,
            intervalMethod: input.plan.method != .fixed ? "beta_binomial_order_statistics" : "order_statistics",
            bins: bins, variants: variants,
            differences: metric.isStratified(Array(input.arms.indices)) ? [] : try differences(arms, variants),
            warnings: warnings)
    }

    // MARK: Quantiles

    private func quantiles(
        _ visitors: ValueHistogram, _ buyers: ValueHistogram, alpha: Double, level: Double
    ) throws(StatsError) -> [Distribution.Quantile] {
        var out: [Distribution.Quantile] = []
        for (population, share) in Self.shares {
            let spread = population == .visitors ? visitors : buyers
            guard spread.count > 0 else { continue }
            var quantile = Distribution.Quantile(
                population: population, share: share, value: try spread.quantile(share))
            let n = Int(clamping: spread.count)
            let ranks =
                switch input.plan.method {
                case .sequential, .groupSequential:
                    try QuantileSequence.rankInterval(n: n, p: share, alpha: alpha, tOpt: input.pairTuning / 2)
                case .fixed: try OrderedSample.rankInterval(n: n, p: share, alpha: alpha)
                }
            if let lower = spread.value(atRank: Int64(ranks.lowerRank)),
                let upper = spread.value(atRank: Int64(ranks.upperRank))
            {
                quantile.interval = ConfidenceInterval(lower: lower, upper: upper, level: level)
            }
            out.append(quantile)
        }
        return out
    }

    /// Two intervals that each miss with half the error rate bound the difference with all of it.
    private func differences(
        _ arms: [ValueHistogram], _ variants: [Distribution.Variant]
    ) throws(StatsError) -> [Distribution.QuantileDifference] {
        let alpha = input.plan.alpha / Double(input.comparisons) / 2
        var read: [[Distribution.Quantile]] = []
        for arm in arms {
            read.append(try quantiles(arm, arm.withoutZeros, alpha: alpha, level: 1 - input.plan.alpha))
        }
        var out: [Distribution.QuantileDifference] = []
        for variant in arms.indices where variant != input.control {
            for own in read[variant] {
                guard
                    let base = read[input.control].first(where: {
                        $0.population == own.population && $0.share == own.share
                    })
                else { continue }
                var difference = Distribution.QuantileDifference(
                    variant: input.arms[variant].name, against: input.arms[input.control].name,
                    population: own.population, share: own.share, difference: own.value - base.value)
                if let a = base.interval, let b = own.interval {
                    difference.interval = ConfidenceInterval(
                        lower: b.lower - a.upper, upper: b.upper - a.lower, level: 1 - input.plan.alpha)
                }
                out.append(difference)
            }
        }
        return out
    }

    // MARK: Bins

    /// Neighbouring buckets joined until few are left; where there are few amounts, as prices are, each is its own.
    private static func bins(of all: ValueHistogram) -> [Distribution.Bin] {
        let buckets = all.buckets
        guard let first = buckets.first, let last = buckets.last else { return [] }
        if buckets.count <= mostBins {
            return buckets.map { bucket in
                bucket.single.map { Distribution.Bin(lower: $0, upper: $0) }
                    ?? Distribution.Bin(lower: bucket.lower, upper: bucket.upper)
            }
        }
        let from = Int(ValueBucket.index(of: first.lower))
        let to = Int(ValueBucket.index(of: last.lower))
        let width = Int32(clamping: (to - from) / mostBins + 1)
        var bins: [Distribution.Bin] = []
        var index = Int32(clamping: from)
        while Int(index) <= to {
            if let low = ValueBucket.bounds(of: index), let high = ValueBucket.bounds(of: index + width - 1) {
                bins.append(Distribution.Bin(lower: low.lowerBound, upper: high.upperBound))
            }
            index += width
        }
        return bins
    }

    private static func counts(of spread: ValueHistogram, in bins: [Distribution.Bin]) -> [Int64] {
        var counts = bins.map { _ in Int64(0) }
        var bin = 0
        for bucket in spread.buckets {
            let value = bucket.single ?? bucket.lower
            while bin < bins.count, bins[bin].upper < value { bin += 1 }
            guard bin < bins.count else { break }
            counts[bin] += bucket.moments.count
        }
        return counts
    }
}
