public import Experiments

/// What followed a decision, as far as it is known.
public enum DecisionScore: Sendable, Equatable {
    case scored(Outcome)
    case open(Reason)

    /// What the outcome was read from.
    public enum Basis: String, Sendable, Equatable, CaseIterable {
        /// Shoppers who first came on a day after the decision's counts: nobody whom the decision was made from, so
        /// that luck it was made by is not counted twice.
        case laterShoppers = "later_shoppers"
        /// All counts once the experiment has ended and every attribution window has passed: mostly the shoppers the
        /// decision was made from, and so a check against late purchases and returns rather than against luck.
        case finalCounts = "final_counts"
    }

    public struct Outcome: Sendable, Equatable {
        public var basis: Basis
        /// Of the counts that the outcome was read from.
        public var asOf: Timestamp
        /// Shoppers of the variant and of control.
        public var n: Int64
        /// Variant − control, on the metric the decision rests on.
        public var difference: Double
        /// The share of these shoppers whose attribution window has passed.
        public var maturity: Double?
        /// What was shipped is better than control, what was stopped is worse.
        public var isRight: Bool
        /// The difference has the sign it had in the evidence.
        public var signHeld: Bool
        /// The difference lies in the interval of the evidence; nil where there was none. Shoppers who came later have
        /// chance of their own, so a difference outside is no contradiction by itself.
        public var isWithinInterval: Bool?
    }

    /// Why there is no score yet, or never will be.
    public enum Reason: String, Sendable, Equatable, CaseIterable {
        case noClaim = "no_claim"
        case superseded
        case noEstimate = "no_estimate"
        case sampleRatioAlarm = "sample_ratio_alarm"
        case tooFewShoppers = "too_few_shoppers"

        /// For people.
        public var sentence: String {
            switch self {
            case .noClaim: "It says of no variant that it is better or worse, so nothing can prove it wrong."
            case .superseded: "A later decision on the same experiment stands in its place."
            case .noEstimate: "The difference could not be computed, then or now."
            case .sampleRatioAlarm: "Shoppers who came later are not split as planned: no difference can be trusted."
            case .tooFewShoppers:
                "Too few shoppers came since to show the sign of the difference, and the experiment and its attribution windows are not over."
            }
        }
    }

    /// Later shoppers are enough when they would show the sign of the difference of the evidence, if that were the
    /// truth, with at least 95%: a smaller number would score chance. The standard normal's 95% point.
    static let signZ = 1.6448536269514722

    /// What the newest counts say of a decision on their experiment.
    ///
    /// - Parameters:
    ///   - measurements: the newest counts.
    ///   - now: the time; whether attribution windows have passed.
    public init(
        of decision: DecisionRecord, by measurements: Measurements, at now: Timestamp
    ) throws(AnalysisError) {
        guard decision.action.claims else {
            self = .open(.noClaim)
            return
        }
        guard let finding = decision.finding, let then = finding.difference else {
            self = .open(.noEstimate)
            return
        }
        let since = measurements.since(decision.evidence.asOf)
        let later = since.cells.isEmpty ? nil : try Later(decision, since)
        if let later, later.isReadable, let error = later.standardError, abs(then) >= Self.signZ * error {
            self = later.alarm ? .open(.sampleRatioAlarm) : .scored(later.outcome(.laterShoppers, decision, finding))
            return
        }
        guard let end = measurements.experiment.completedAt,
            now >= end.advanced(by: measurements.experiment.attributionWindow),
            measurements.asOf > decision.evidence.asOf
        else {
            self = .open(.tooFewShoppers)
            return
        }
        guard let final = try Later(decision, measurements) else {
            self = .open(.noEstimate)
            return
        }
        self = final.alarm ? .open(.sampleRatioAlarm) : .scored(final.outcome(.finalCounts, decision, finding))
    }
}

extension Measurements {
    /// The counts of shoppers who first came on a later day: exact, as counts are kept by the day of first exposure. An
    /// exposure may be stamped somewhat early: one that was counted by then stands in no later day.
    func since(_ time: Timestamp) -> Measurements {
        let last = Timestamp(milliseconds: time.milliseconds + Event.newest).day
        return Measurements(experiment: experiment, asOf: asOf, cells: cells.filter { $0.key.day > last })
    }
}

/// What some counts say of the variant that a decision speaks of.
private struct Later {
    let asOf: Timestamp
    let n: Int64
    let difference: Double
    let standardError: Double?
    let maturity: Double?
    let isReadable: Bool
    let alarm: Bool

    init?(_ decision: DecisionRecord, _ measurements: Measurements) throws(AnalysisError) {
        let report = try Analyst.report(of: measurements)
        guard let metric = report.metrics.first(where: { $0.name == decision.evidence.metric }),
            let comparison = metric.comparisons.first(where: { $0.variant == decision.variant }),
            let difference = comparison.difference
        else { return nil }
        let both = [comparison.variant, comparison.against]
        asOf = measurements.asOf
        n = metric.variants.reduce(0) { both.contains($1.name) ? $0 + $1.n : $0 }
        self.difference = difference
        standardError = comparison.posterior?.standardDeviation
        maturity = report.dataQuality.maturity
        alarm = report.dataQuality.sampleRatio.alarm
        let names = measurements.experiment.variants.map(\.name)
        let converted = measurements.cells.reduce(Int64(0)) {
            names.indices.contains($1.key.variant) && both.contains(names[$1.key.variant])
                ? $0 + $1.value.converted : $0
        }
        isReadable = converted >= MetricAnalysis.fewestConversions
    }

    func outcome(
        _ basis: DecisionScore.Basis, _ decision: DecisionRecord, _ finding: DecisionRecord.Evidence.Finding
    ) -> DecisionScore.Outcome {
        var isWithin: Bool?
        if let lower = finding.lower, let upper = finding.upper {
            isWithin = lower <= difference && difference <= upper
        }
        let then = finding.difference ?? 0
        return DecisionScore.Outcome(
            basis: basis, asOf: asOf, n: n, difference: difference, maturity: maturity,
            isRight: decision.action == .ship ? difference > 0 : difference < 0,
            signHeld: (then > 0 && difference > 0) || (then < 0 && difference < 0) || (then == 0 && difference == 0),
            isWithinInterval: isWithin)
    }
}
