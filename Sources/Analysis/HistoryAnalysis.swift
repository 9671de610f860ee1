internal import Stats
internal import Experiments

/// The confidence sequence of the primary metric at the end of every day.
enum HistoryAnalysis {
    static func read(_ input: AnalysisInput) throws(AnalysisError) -> History? {
        guard let metric = input.metrics.first, !input.days.isEmpty else { return nil }
        do throws(StatsError) { return try history(input, metric) } catch { throw .inconsistent("history: \(error)") }
    }

    private static func history(_ input: AnalysisInput, _ metric: MetricInput) throws(StatsError) -> History {
        let others = input.arms.indices.filter { $0 != input.control }
        var soFar = metric
        soFar.samples = input.arms.map { _ in input.strata.map { _ in Sample(ExactMoments()) } }
        var out = History(
            metric: metric.name, variants: input.arms.map(\.name), comparisons: others.map { input.arms[$0].name },
            days: [], drift: [])
        for day in input.days {
            for variant in input.arms.indices {
                for stratum in input.strata.indices {
                    try soFar.samples[variant][stratum].add(day.samples[variant][stratum])
                }
            }
            var differences: [History.Difference?] = []
            for variant in others { differences.append(try difference(soFar, variant, input)) }
            out.days.append(
                History.Day(
                    day: day.day, arrivals: day.samples.map { $0.reduce(0) { $0 + $1.units } },
                    differences: differences))
        }
        let halves = try [input.days.prefix(input.days.count / 2), input.days.dropFirst(input.days.count / 2)].map {
            (days) throws(StatsError) in try pooled(metric, days, input)
        }
        for variant in others { out.drift.append(try drift(halves[0], halves[1], variant, input)) }
        return out
    }

    /// The metric of some days' shoppers alone.
    private static func pooled(
        _ metric: MetricInput, _ days: ArraySlice<DayInput>, _ input: AnalysisInput
    ) throws(StatsError) -> MetricInput {
        var out = metric
        out.samples = input.arms.map { _ in input.strata.map { _ in Sample(ExactMoments()) } }
        for day in days {
            for variant in input.arms.indices {
                for stratum in input.strata.indices {
                    try out.samples[variant][stratum].add(day.samples[variant][stratum])
                }
            }
        }
        return out
    }

    private static func drift(
        _ early: MetricInput, _ late: MetricInput, _ variant: Int, _ input: AnalysisInput
    ) throws(StatsError) -> History.Drift? {
        guard let first = try effect(early, variant, input), let second = try effect(late, variant, input) else {
            return nil
        }
        let error = (first.standardError * first.standardError + second.standardError * second.standardError)
            .squareRoot()
        let p = 2 * Normal.upperTail(of: abs(second.estimate - first.estimate) / error)
        return History.Drift(
            early: first.estimate, late: second.estimate, pValue: min(1, p * Double(input.comparisons)))
    }

    /// The difference from control; nil where there is no spread to judge it by, or costs are missing.
    private static func effect(
        _ metric: MetricInput, _ variant: Int, _ input: AnalysisInput
    ) throws(StatsError) -> Effect? {
        guard metric.unknown(of: variant) == 0, metric.unknown(of: input.control) == 0,
            let (base, mean) = try metric.means(of: (input.control, variant)),
            let first = try base.summary(), let second = try mean.summary(), first.variance + second.variance > 0
        else { return nil }
        return try Effect(.absolute, control: first, treatment: second)
    }

    private static func difference(
        _ metric: MetricInput, _ variant: Int, _ input: AnalysisInput
    ) throws(StatsError) -> History.Difference? {
        guard let effect = try effect(metric, variant, input) else { return nil }
        let sequence = try effect.confidenceSequence(
            alpha: input.plan.alpha / Double(input.comparisons), tuning: input.pairTuning)
        let interval = sequence.interval
        guard interval.lower.isFinite, interval.upper.isFinite else { return nil }
        return History.Difference(
            difference: sequence.estimate,
            interval: ConfidenceInterval(
                lower: interval.lower, upper: interval.upper, level: 1 - input.plan.alpha))
    }
}

extension Sample {
    mutating func add(_ other: Sample) throws(StatsError) {
        moments = try moments.merging(other.moments)
        unknown += other.unknown
        atLeast &+= other.atLeast
        atMost &+= other.atMost
    }
}
