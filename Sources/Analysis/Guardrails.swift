internal import Stats
internal import Experiments

/// A metric that must not fall, and what is known of it.
public struct GuardrailReport: Sendable, Equatable {
    public enum State: String, Sendable, Equatable, CaseIterable {
        /// Shown: its interval lies above the limit.
        case holds
        /// A fall beyond the limit is not ruled out: the interval contains it, or there are too few data for one.
        case open
        /// Shown to have fallen by more than the limit.
        case broken
    }

    public struct Variant: Sendable, Equatable {
        public var name: String
        public var state: State
        /// Difference from control ÷ control.
        public var relative: Double?
        /// Of it, the one that decides: under a fixed plan for one look, else valid at every look. Nil where there is none.
        public var interval: ConfidenceInterval?
    }

    public var metric: String
    /// The relative drop against control that is still borne, such as 0.05.
    public var maxDrop: Double
    /// Every variant but control, in order.
    public var variants: [Variant]
}

extension Recommender {
    /// What the recommendation knows of each guardrail.
    func guardrails() -> [GuardrailReport] {
        input.guardrails.map { guardrail in
            GuardrailReport(
                metric: guardrail.metric.rawValue, maxDrop: guardrail.maxDrop,
                variants: primary.comparisons.map { comparison in
                    let watched = self.comparison(of: guardrail.metric.rawValue, comparison.variant)
                    return GuardrailReport.Variant(
                        name: comparison.variant, state: state(of: guardrail, comparison.variant),
                        relative: watched?.relative, interval: watched?.decidingRelativeInterval(input.plan.method))
                })
        }
    }

    /// How many shoppers in all it takes until each open guardrail of a variant is settled (`RequiredShoppers.toSettle`); nil
    /// where that is not known of one of them.
    func shoppersToSettleGuardrails(of variant: String) throws(StatsError) -> Int64? {
        var most: Int64?
        for guardrail in input.guardrails where state(of: guardrail, variant) == .open {
            guard let metric = input.metrics.first(where: { $0.name == guardrail.metric.rawValue }),
                let n = try RequiredShoppers.toSettle(guardrail, of: index(of: variant), metric, input)
            else { return nil }
            most = max(most ?? 0, n)
        }
        return most
    }

    func state(of guardrail: Guardrail, _ variant: String) -> GuardrailReport.State {
        guard let comparison = comparison(of: guardrail.metric.rawValue, variant),
            let interval = comparison.decidingRelativeInterval(input.plan.method)
        else { return .open }
        let conversions = successes(guardrail.metric.rawValue, index(of: variant))
        guard conversions >= MetricAnalysis.fewestConversions else { return .open }
        if interval.upper < -guardrail.maxDrop { return .broken }
        return interval.lower >= -guardrail.maxDrop ? .holds : .open
    }
}
