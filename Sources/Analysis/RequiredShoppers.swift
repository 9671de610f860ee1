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

    /// How many shoppers, in all variants together, it takes until a guardrail's interval lies above its limit with the
    /// power planned, should the relative difference r be what it is now and shoppers come in the shares they came in.
    ///
    /// It is the smallest n, not below those counted, at which
    ///
    ///     r + largest drop ≥ half width(n) + z_power σ(n)
    ///
    /// Both come from `Effect`, which draws the interval that decides, with as many shoppers in each variant as n has.
    ///
    /// - Returns: nil where r lies at the limit or beyond, or is not known; where nobody bought; or when it would take more
    ///   than 10^12.
    static func toSettle(
        _ guardrail: Guardrail, of variant: Int, _ metric: MetricInput, _ input: AnalysisInput
    ) throws(StatsError) -> Int64? {
        let total = Double(input.units)
        let control = input.control
        let conversions = input.successes(metric, variant) + input.successes(metric, control)
        guard conversions > 0, metric.unknown(of: variant) == 0, metric.unknown(of: control) == 0,
            let (base, mean) = try metric.means(of: (control, variant)), base.mean != 0,
            let first = try base.summary(), let second = try mean.summary(), first.variance + second.variance > 0
        else { return nil }
        let distance = (mean.mean - base.mean) / base.mean + guardrail.maxDrop
        guard distance > 0 else { return nil }
        let alpha = input.plan.alpha / Double(input.comparisons)
        let zPower = Normal.quantile(input.plan.power)
        let n = try smallest(from: total) { (n) throws(StatsError) in
            let effect = try Effect(.relative, control: first.times(n / total), treatment: second.times(n / total))
            let lower =
                switch input.plan.method {
                case .sequential, .groupSequential:
                    try effect.confidenceSequence(alpha: alpha, tuning: input.pairTuning).interval.lower
                case .fixed: try effect.interval(alpha: alpha).lower
                }
            return distance >= effect.estimate - lower + zPower * effect.standardError
        }
        // Below so many conversions nothing is decided.
        let fewest = total * Double(MetricAnalysis.fewestConversions) / Double(conversions)
        return n.map { Int64(max($0, fewest).rounded(.up)) }
    }

    private static func smallest(
        _ input: AnalysisInput, _ effect: Double, _ perShopper: Double, pairShare: Double
    ) throws(StatsError) -> Double? {
        let alpha = input.plan.alpha / Double(input.comparisons)
        let zPower = Normal.quantile(input.plan.power)
        return try smallest(from: 4) { (n) throws(StatsError) in
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
    }

    /// The smallest number from `least` on that suffices, as larger ones then do; nil beyond 10^12.
    private static func smallest(
        from least: Double, _ suffices: (Double) throws(StatsError) -> Bool
    ) throws(StatsError) -> Double? {
        var (low, high) = (least, least)
        while try !suffices(high) {
            low = high
            high *= 2
            guard high < 1e12 else { return nil }
        }
        while high - low > max(0.5, 1e-9 * high) {
            let middle = 0.5 * (low + high)
            if try suffices(middle) { high = middle } else { low = middle }
        }
        return high
    }
}

extension ArmSummary {
    /// The same shoppers so many times over.
    fileprivate func times(_ factor: Double) throws(StatsError) -> ArmSummary {
        try ArmSummary(count: count * factor, mean: mean, variance: variance)
    }
}
