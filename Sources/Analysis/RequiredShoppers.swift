internal import Stats
internal import Experiments

/// How many shoppers, in all variants together, it takes to find the plan's smallest effect.
///
/// With n shoppers, shared among the variants as they are now, the standard error of the difference is
/// σ(n) = √(s_c²/(n f_c) + s_v²/(n f_v)). The smallest n at which
///
///     minimum effect × |control's mean| ≥ half width(n) + z_power σ(n)
///
/// leaves an interval clear of zero with the power planned. The half width is the confidence sequence's for a sequential
/// plan, where crossing earlier is a bonus not counted, and z_{1 − α/2} σ(n) for a fixed one.
enum RequiredShoppers {
    /// - Returns: nil while a variance or control's mean is unknown or zero, or when it would take more than 10^12.
    static func count(_ input: AnalysisInput, _ metric: MetricInput) throws(StatsError) -> Int64? {
        let total = Double(input.units)
        guard total > 0 else { return nil }
        let control = input.control
        var most: Double?
        for variant in input.arms.indices where variant != control {
            guard metric.unknown(of: variant) == 0, metric.unknown(of: control) == 0,
                let (base, mean) = try metric.means(of: (control, variant)),
                let first = base.variance, let second = mean.variance, first + second > 0, base.mean != 0
            else { continue }
            // Variances of one shopper, and the shares of all shoppers that the two variants have.
            let shares = (Double(base.count) / total, Double(mean.count) / total)
            let perShopper = first * Double(base.count) / shares.0 + second * Double(mean.count) / shares.1
            let effect = input.plan.minimumEffect * base.mean.magnitude
            guard let n = try smallest(input, effect, perShopper, pairShare: shares.0 + shares.1) else { return nil }
            most = max(most ?? 0, n)
        }
        return most.map { Int64($0.rounded(.up)) }
    }

    private static func smallest(
        _ input: AnalysisInput, _ effect: Double, _ perShopper: Double, pairShare: Double
    ) throws(StatsError) -> Double? {
        let alpha = input.plan.alpha / Double(input.comparisons)
        let zPower = Normal.quantile(input.plan.power)
        func suffices(_ n: Double) throws(StatsError) -> Bool {
            let error = (perShopper / n).squareRoot()
            let half =
                switch input.plan.method {
                // Planned looks take a few in a hundred more than one; what a sequence takes is an upper bound.
                case .sequential, .groupSequential:
                    try AsymptoticConfidenceSequence(
                        estimate: 0, standardError: error, count: n * pairShare, alpha: alpha,
                        tuning: input.pairTuning
                    ).halfWidth
                case .fixed: Normal.upperQuantile(alpha / 2) * error
                }
            return effect >= half + zPower * error
        }
        var high = 4.0
        while try !suffices(high) {
            high *= 2
            guard high < 1e12 else { return nil }
        }
        var low = high / 2
        while high - low > max(0.5, 1e-9 * high) {
            let middle = 0.5 * (low + high)
            if try suffices(middle) { high = middle } else { low = middle }
        }
        return high
    }
}
