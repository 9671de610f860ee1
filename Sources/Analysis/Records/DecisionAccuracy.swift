internal import Stats
public import Experiments

/// How often decisions were right, over those that what followed can judge.
///
/// An experiment counts once, with the last decision that ships or stops: repeating a decision is no second success.
/// What was scored by shoppers who came later is the accuracy; what could be scored by final counts alone stands apart,
/// for those are mostly the shoppers the decision was made from.
public struct DecisionAccuracy: Sendable, Equatable {
    public struct Group: Sendable, Equatable {
        public private(set) var scored: Int64 = 0
        public private(set) var right: Int64 = 0

        /// `right` ÷ `scored`; nil without any.
        public var share: Double? { scored > 0 ? Double(right) / Double(scored) : nil }

        /// Wilson's interval of the share, 95%; nil without any.
        public var interval: ConfidenceInterval? {
            guard scored > 0,
                let sample = try? Proportion(successes: Double(right), trials: Double(scored)),
                let interval = try? sample.wilson(alpha: 0.05)
            else { return nil }
            return ConfidenceInterval(lower: interval.lower, upper: interval.upper, level: 0.95)
        }

        mutating func count(_ isRight: Bool) {
            scored += 1
            if isRight { right += 1 }
        }
    }

    /// Decisions looked at.
    public private(set) var decisions: Int64 = 0
    public private(set) var all = Group()
    public private(set) var policy = Group()
    public private(set) var person = Group()
    public private(set) var finalCounts = Group()
    /// Decisions without a score, by the reason.
    public private(set) var open: [DecisionScore.Reason: Int64] = [:]

    public init(_ scores: [(decision: DecisionRecord, score: DecisionScore)]) {
        for (decision, score) in scores {
            decisions += 1
            switch score {
            case .open(let reason): open[reason, default: 0] += 1
            case .scored(let outcome) where outcome.basis == .finalCounts: finalCounts.count(outcome.isRight)
            case .scored(let outcome):
                all.count(outcome.isRight)
                if decision.origin == .policy {
                    policy.count(outcome.isRight)
                } else {
                    person.count(outcome.isRight)
                }
            }
        }
    }
}
