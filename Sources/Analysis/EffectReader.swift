internal import Stats
internal import Experiments

/// Reads differences by the plan's method, each at its share of the error rate.
struct EffectReader {
    let plan: AnalysisPlan
    /// How many comparisons share the error rate (Bonferroni).
    let comparisons: Int
    /// The number of shoppers at which a confidence sequence is narrowest.
    let tuning: Double

    init(_ input: AnalysisInput, comparisons: Int? = nil) {
        plan = input.plan
        self.comparisons = comparisons ?? input.comparisons
        tuning = input.pairTuning
    }

    private var alpha: Double { plan.alpha / Double(comparisons) }

    func estimate(_ effect: Effect, _ relative: Effect?) throws(StatsError) -> EffectEstimate {
        let sequence = try effect.confidenceSequence(alpha: alpha, tuning: tuning)
        var out = EffectEstimate(
            n: Int64(effect.count), difference: effect.estimate, standardError: effect.standardError,
            relative: relative?.estimate, confidenceSequence: finite(sequence.interval),
            alwaysValidPValue: min(1, sequence.p() * Double(comparisons)))
        if let relative {
            out.relativeConfidenceSequence = finite(
                try relative.confidenceSequence(alpha: alpha, tuning: tuning).interval)
        }
        if plan.method == .fixed {
            out.fixedPValue = effect.p
            out.fixedInterval = finite(try effect.interval(alpha: alpha))
        }
        return out
    }

    /// Of one metric's shoppers in two variants, stratum by stratum; nil without any spread to judge by.
    func estimate(of metric: MetricInput, _ variant: Int, against control: Int) throws(StatsError) -> EffectEstimate? {
        guard metric.unknown(of: variant) == 0, metric.unknown(of: control) == 0,
            let (base, mean) = try metric.means(of: (control, variant)),
            let first = try base.summary(), let second = try mean.summary(), first.variance + second.variance > 0
        else { return nil }
        return try estimate(
            try Effect(.absolute, control: first, treatment: second),
            base.mean != 0 ? try Effect(.relative, control: first, treatment: second) : nil)
    }

    private func finite(_ interval: Interval) -> ConfidenceInterval? {
        guard interval.lower.isFinite, interval.upper.isFinite else { return nil }
        return ConfidenceInterval(lower: interval.lower, upper: interval.upper, level: 1 - plan.alpha)
    }
}
