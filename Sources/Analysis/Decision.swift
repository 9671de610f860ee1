internal import Experiments

/// The rule by which a recommendation was reached.
public enum DecisionRule: String, Sendable, Equatable, CaseIterable {
    case noShoppers = "no_shoppers"
    case sampleRatioAlarm = "sample_ratio_alarm"
    case beforeHorizon = "before_horizon"
    case excludesZeroInFavour = "excludes_zero_in_favour"
    case guardrailBroken = "guardrail_broken"
    case allWorse = "all_worse"
    case guardrailOpen = "guardrail_open"
    case costMissing = "cost_missing"
    case primaryAbsent = "primary_absent"
    case targetReached = "target_reached"
    case ended = "ended"
    case precisionReached = "precision_reached"
    case undecided = "undecided"

    /// The rule in words.
    public var sentence: String {
        switch self {
        case .noShoppers: "Nothing is decided before a shopper was counted."
        case .sampleRatioAlarm: "When the sample ratio alarms, no difference between variants can be trusted."
        case .beforeHorizon: "A fixed-horizon plan is read once, when its number of shoppers is reached."
        case .excludesZeroInFavour:
            "Ship when the interval of the primary metric lies above zero and every guardrail is shown to hold."
        case .guardrailBroken: "Stop when a guardrail metric is shown to have fallen by more than its limit."
        case .allWorse: "Stop when every variant is shown to be worse than control on the primary metric."
        case .guardrailOpen:
            "A winner is not shipped while a guardrail's interval still allows a fall beyond its limit."
        case .costMissing: "Profit is not judged while unit costs are missing."
        case .primaryAbsent: "Nothing is decided on a primary metric that cannot be computed."
        case .targetReached: "At the target sample size without a decision, the experiment has not found one."
        case .ended: "The experiment ended without a decision."
        case .precisionReached:
            "When enough shoppers were counted for the plan's smallest effect and none was found, more of them add little."
        case .undecided: "Go on while the interval of the primary metric still contains zero."
        }
    }
}

/// What a decision is made from, and the decision: a table, apart from all statistics.
struct Decision: Equatable {
    /// A variant other than control.
    struct Candidate: Equatable {
        var variant: Int
        /// Variant − control on the primary metric; nil where it cannot be computed.
        var difference: Double?
        /// The interval that decides: the confidence sequence, or at the horizon the fixed one.
        var lower: Double?
        var upper: Double?
        /// The worst of all guardrails.
        var guardrail = GuardrailReport.State.holds
        /// Whether both variants have data enough for an interval to be believed.
        var isReadable = true

        var isBetter: Bool { isReadable && (lower ?? 0) > 0 }
        var isWorse: Bool { isReadable && (upper ?? 0) < 0 }
    }

    struct Facts: Equatable {
        var units: Int64
        var alarm = false
        var costMissing = false
        var method = AnalysisPlan.Method.sequential
        /// Completed or archived: no shopper comes any more.
        var hasEnded = false
        var target: Int64?
        /// Shoppers it takes for the plan's smallest effect.
        var required: Int64?
        var candidates: [Candidate]
    }

    var action: Recommendation.Action
    var variant: Int?
    var rule: DecisionRule

    init(_ action: Recommendation.Action, _ variant: Int?, _ rule: DecisionRule) {
        self.action = action
        self.variant = variant
        self.rule = rule
    }

    /// The first rule that applies, in order of precedence: sound data, then harm, then gain, then the end.
    init(_ facts: Facts) {
        let reachedTarget = facts.target.map { facts.units >= $0 } ?? false
        let reachedPrecision = facts.required.map { facts.units >= $0 } ?? false
        guard facts.units > 0 else {
            self.init(.continue, nil, .noShoppers)
            return
        }
        guard !facts.alarm else {
            self.init(.inconclusive, nil, .sampleRatioAlarm)
            return
        }
        if facts.method == .fixed, !facts.hasEnded, !(facts.target == nil ? reachedPrecision : reachedTarget) {
            self.init(.continue, nil, .beforeHorizon)
            return
        }
        func most(_ variants: [Candidate], by value: (Candidate) -> Double) -> Int? {
            variants.max { value($0) < value($1) }?.variant
        }
        let winners = facts.candidates.filter(\.isBetter)
        if let best = most(winners.filter { $0.guardrail == .holds }, by: { $0.difference ?? 0 }) {
            self.init(.ship, best, .excludesZeroInFavour)
            return
        }
        if let broken = most(facts.candidates.filter { $0.guardrail == .broken }, by: { -($0.difference ?? 0) }) {
            self.init(.stop, broken, .guardrailBroken)
            return
        }
        if !facts.candidates.isEmpty, facts.candidates.allSatisfy(\.isWorse),
            let worst = most(facts.candidates, by: { -($0.difference ?? 0) })
        {
            self.init(.stop, worst, .allWorse)
            return
        }
        if facts.costMissing {
            self.init(.inconclusive, nil, .costMissing)
            return
        }
        if let winner = most(winners, by: { $0.difference ?? 0 }) {
            self.init(facts.hasEnded || reachedTarget ? .inconclusive : .continue, winner, .guardrailOpen)
            return
        }
        if facts.hasEnded || reachedTarget {
            let isUnknown = facts.candidates.allSatisfy { $0.difference == nil }
            self.init(.inconclusive, nil, isUnknown ? .primaryAbsent : facts.hasEnded ? .ended : .targetReached)
            return
        }
        if reachedPrecision {
            self.init(.inconclusive, nil, .precisionReached)
            return
        }
        self.init(.continue, nil, .undecided)
    }
}
