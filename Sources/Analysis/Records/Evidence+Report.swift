internal import Crypto
public import Experiments

extension DecisionRecord.Evidence {
    /// What a report says, for the record of a decision.
    ///
    /// - Parameters:
    ///   - report: of `measurements`.
    ///   - action: what is decided.
    ///   - variant: the variant that it speaks of.
    ///   - engineVersion: of the program that made the report.
    public init(
        _ report: Report, of measurements: Measurements, for action: DecisionRecord.Action, on variant: String?,
        engineVersion: String
    ) {
        let metric = Self.basis(of: action, on: variant, report, measurements.experiment)
        let units = report.metrics.first?.variants.reduce(0) { $0 + $1.n } ?? 0
        self.init(
            asOf: measurements.asOf, configurationVersion: measurements.experiment.version,
            engineVersion: engineVersion, inputHash: report.inputHash.hex, units: units, metric: metric?.name ?? "",
            unit: metric?.kind.rawValue ?? "", currency: report.currency, control: report.control,
            advice: Advice(report.recommendation, units: units, of: measurements),
            findings: metric.map { metric in
                metric.comparisons.map { Finding($0, in: metric, method: report.method) }
            } ?? [])
    }

    /// The metric a decision rests on. A variant stopped for a guardrail is judged by the guardrail: on the primary
    /// metric it may well have won.
    private static func basis(
        of action: DecisionRecord.Action, on variant: String?, _ report: Report, _ experiment: Experiment
    ) -> MetricReport? {
        let advice = report.recommendation
        if action == .stop, advice.rule == .guardrailBroken, advice.variant == variant {
            for guardrail in experiment.guardrails {
                guard let metric = report.metrics.first(where: { $0.name == guardrail.metric.rawValue }),
                    let comparison = metric.comparisons.first(where: { $0.variant == variant }),
                    let interval = comparison.decidingRelativeInterval(report.method),
                    interval.upper < -guardrail.maxDrop
                else { continue }
                return metric
            }
        }
        return report.metrics.first
    }
}

extension DecisionRecord.Evidence.Advice {
    fileprivate init(_ recommendation: Recommendation, units: Int64, of measurements: Measurements) {
        self.init(
            action: DecisionRecord.Action(recommendation.action), variant: recommendation.variant,
            rule: recommendation.rule.rawValue,
            sentence: recommendation.sentence, moreShoppers: recommendation.moreShoppers,
            moreDays: recommendation.moreShoppers.flatMap { Self.days(for: $0, units: units, of: measurements) })
    }

    /// Days at the mean rate from the start until the counts were taken.
    private static func days(for more: Int64, units: Int64, of measurements: Measurements) -> Int64? {
        guard let start = measurements.experiment.startedAt, units > 0, measurements.asOf > start else { return nil }
        let passed = Double(measurements.asOf.milliseconds - start.milliseconds) / 86_400_000
        return Int64(exactly: (Double(more) * passed / Double(units)).rounded(.up))
    }
}

extension DecisionRecord.Evidence.Finding {
    fileprivate init(_ comparison: Comparison, in metric: MetricReport, method: AnalysisPlan.Method) {
        let interval = comparison.decidingInterval(method)
        self.init(
            variant: comparison.variant,
            n: metric.variants.reduce(0) {
                $1.name == comparison.variant || $1.name == comparison.against ? $0 + $1.n : $0
            },
            difference: comparison.difference, lower: interval?.lower, upper: interval?.upper, level: interval?.level,
            probabilityBetter: comparison.probabilityBetter, expectedLoss: comparison.expectedLoss)
    }
}

extension DecisionRecord.Action {
    public init(_ action: Recommendation.Action) {
        switch action {
        case .ship: self = .ship
        case .stop: self = .stop
        case .continue: self = .continue
        case .inconclusive: self = .inconclusive
        }
    }
}

extension Comparison {
    /// The interval that decides: the confidence sequence; for a plan that is read once the fixed one; for planned looks
    /// that of the look that decides.
    func decidingInterval(_ method: AnalysisPlan.Method) -> ConfidenceInterval? {
        if let planned { return planned.interval }
        return method == .fixed ? fixedHorizon?.interval : confidenceSequence
    }

    func decidingRelativeInterval(_ method: AnalysisPlan.Method) -> ConfidenceInterval? {
        method == .fixed ? fixedHorizon?.relativeInterval : relativeConfidenceSequence
    }
}
