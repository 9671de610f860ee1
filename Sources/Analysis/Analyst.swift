internal import Stats
public import Experiments

/// From counts to a report: pure. It reads no clock, awaits nothing, and draws no random numbers, so the same counts
/// give the same report, whatever order they were added in.
public enum Analyst {
    /// The report on an experiment's counts.
    ///
    /// - Throws: when the counts contradict themselves, which is a fault of whoever counted; few data are no error.
    public static func report(of measurements: Measurements) throws(AnalysisError) -> Report {
        try report(of: measurements.analysisInput())
    }

    /// The report on the shoppers of one value of a declared segment; nil where the plan does not declare it.
    ///
    /// Its intervals share the error rate with all comparisons within segments. Nothing of it is by day or by size: these
    /// shoppers are counted by variant and weights alone.
    public static func report(
        of measurements: Measurements, within segment: SegmentChoice
    ) throws(AnalysisError) -> Report? {
        guard let input = try measurements.analysisInput(within: segment) else { return nil }
        return try report(of: input)
    }

    /// The report on counts from anywhere.
    public static func report(of input: AnalysisInput) throws(AnalysisError) -> Report {
        try check(input)
        var quality = try quality(of: input)
        let history = try HistoryAnalysis.read(input)
        quality.warnings += drifts(history, input)
        var metrics: [MetricReport] = []
        for (index, metric) in input.metrics.enumerated() {
            metrics.append(try MetricAnalysis(input: input, metric: metric, isPrimary: index == 0).report())
        }
        let looks = try PlannedLooksAnalysis.read(input)
        for (place, comparison) in (looks?.comparisons ?? []).enumerated() {
            metrics[0].comparisons[place].planned = Comparison.Planned(interval: comparison.deciding?.interval)
        }
        let recommender = Recommender(input: input, quality: quality, metrics: metrics, looks: looks)
        var recommendation = try recommender.recommendation()
        if let segment = input.segment {
            recommendation.sentence =
                "Of shoppers whose “\(segment.attribute)” is “\(segment.value)”: \(recommendation.sentence)"
        }
        return Report(
            subject: input.subject, name: input.name, segment: input.segment,
            configurationVersion: input.configurationVersion,
            asOf: input.asOf, inputHash: input.hash, status: input.status, method: input.plan.method,
            alpha: input.plan.alpha, minimumEffect: input.plan.minimumEffect, currency: input.currency,
            control: input.arms[input.control].name,
            recommendation: recommendation, dataQuality: quality, metrics: metrics,
            guardrails: recommender.guardrails(),
            demand: try DemandAnalysis.read(input), distribution: try DistributionAnalysis.read(input),
            segments: try PartsAnalysis.segments(input), phases: try PartsAnalysis.phases(input),
            bandit: input.plan.bandit, plannedLooks: looks,
            history: history, funnel: Funnel(input), allocation: input.allocation)
    }

    private static func check(_ input: AnalysisInput) throws(AnalysisError) {
        guard input.arms.count >= 2, input.arms.indices.contains(input.control) else {
            throw .inconsistent("a comparison needs two variants, one of them the control")
        }
        guard Set(input.arms.map(\.name)).count == input.arms.count else {
            throw .inconsistent("two variants have the same name")
        }
        guard let first = input.metrics.first, !first.samples.isEmpty else {
            throw .inconsistent("there is no metric to decide by")
        }
        for metric in input.metrics {
            guard metric.samples.count == input.arms.count, metric.largest.count == input.arms.count,
                metric.samples.allSatisfy({ $0.count == input.strata.count })
            else { throw .inconsistent("\(metric.name) is not given for every variant and stratum") }
            guard isComplete(metric.covariates?.map(\.count), input), isComplete(metric.spreads?.map(\.count), input)
            else {
                throw .inconsistent(
                    "\(metric.name)'s covariates or spreads are not given for every variant and stratum")
            }
        }
        for part in input.segments.flatMap({ $0.values.map(\.metric) }) {
            guard part.samples.count == input.arms.count,
                part.samples.allSatisfy({ $0.count == input.strata.count })
            else { throw .inconsistent("a segment is not given for every variant and stratum") }
        }
        for phase in input.phases {
            guard phase.weights.count == input.arms.count, phase.weights.allSatisfy({ $0 >= 0 }),
                phase.metric.samples.count == input.arms.count,
                phase.metric.samples.allSatisfy({ $0.count == 1 })
            else { throw .inconsistent("a phase is not given for every variant") }
        }
        for day in input.days {
            guard day.samples.count == input.arms.count,
                day.samples.allSatisfy({ $0.count == input.strata.count })
            else { throw .inconsistent("a day is not given for every variant and stratum") }
        }
        for stratum in input.strata {
            guard stratum.weights.count == input.arms.count, stratum.weights.allSatisfy({ $0 >= 0 }),
                stratum.arrivals.allSatisfy({ $0.count == input.arms.count })
            else { throw .inconsistent("weights or arrivals are not given for every variant") }
        }
        for phase in input.allocation {
            guard phase.weights.count == input.arms.count, phase.shoppers.count == input.arms.count else {
                throw .inconsistent("the weights or shoppers of a time are not given for every variant")
            }
        }
        for arm in input.arms {
            guard arm.units >= 0, (0...arm.units).contains(arm.conversions ?? 0) else {
                throw .inconsistent("variant \(arm.name) has more conversions than shoppers")
            }
            if let checkouts = arm.checkouts, !((arm.conversions ?? 0)...arm.units).contains(checkouts) {
                throw .inconsistent("variant \(arm.name) has more checkouts than shoppers")
            }
        }
    }

    private static func isComplete(_ counts: [Int]?, _ input: AnalysisInput) -> Bool {
        counts.map { $0.count == input.arms.count && $0.allSatisfy { $0 == input.strata.count } } ?? true
    }

    /// Differences that were another in the second half of the days than in the first.
    private static func drifts(_ history: History?, _ input: AnalysisInput) -> [String] {
        guard let history else { return [] }
        return zip(history.comparisons, history.drift).compactMap { name, drift in
            guard let drift, drift.pValue < driftThreshold else { return nil }
            let change = drift.late > drift.early ? "rose" : "fell"
            return
                "The difference of “\(name)” on \(history.metric.asMetricWords) \(change) from the first half of the days to the second (p = \(drift.pValue.probabilityText)): novelty, a season, or purchases still to come."
        }
    }

    /// One sound comparison in a hundred is warned of.
    private static let driftThreshold = 0.01

    private static func quality(of input: AnalysisInput) throws(AnalysisError) -> DataQuality {
        let ratio = try SampleRatioAnalysis.read(input)
        var warnings: [String] = []
        if ratio.alarm {
            let p = input.plan.method != .fixed ? ratio.alwaysValidPValue : ratio.pValue
            let expected = ratio.expected.map { Int64($0.rounded()).grouped }.joined(separator: " / ")
            let observed = ratio.observed.map(\.grouped).joined(separator: " / ")
            warnings.append(
                "Sample ratio mismatch: \(observed) shoppers where the weights promise \(expected) (p = \((p ?? 0).probabilityText)). Find the cause before reading on."
            )
        }
        if input.multipleExposure > 0 {
            warnings.append(
                "\(input.multipleExposure.grouped) shoppers saw two variants and are left out.")
        }
        if let maturity = input.maturity, maturity < 0.9 {
            warnings.append(
                "Only \(maturity == 0 ? "0%" : maturity.percent()) of shoppers have had their whole attribution window: late purchases are still to come."
            )
        }
        if let coverage = input.costCoverage, coverage < 1 {
            warnings.append(
                "Unit costs are known for \(coverage.percent()) of buyers: profit is given as bounds, not as an estimate."
            )
        }
        let below = overRefunded(input)
        if below > 0 {
            warnings.append(
                "\(below.grouped) shopper\(below == 1 ? "" : "s") got back more than they paid: look for refunds that were sent twice, in another currency's units, or for a sale that was not."
            )
        }
        return DataQuality(
            sampleRatio: ratio, multipleExposure: input.multipleExposure, maturity: input.maturity,
            costCoverage: input.costCoverage, warnings: warnings + input.warnings)
    }

    /// Shoppers whose net revenue lies below zero, where it is known how revenue is spread; none elsewhere.
    private static func overRefunded(_ input: AnalysisInput) -> Int64 {
        let revenue = input.metrics.first { $0.name == Metric.revenuePerVisitor.rawValue }
        let buckets = (revenue?.spreads ?? []).joined().flatMap(\.buckets)
        return buckets.reduce(0) { $0 + ($1.upper < 0 ? $1.moments.count : 0) }
    }
}
