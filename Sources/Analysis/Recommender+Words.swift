internal import Experiments

/// How sure, and what next: the two questions that follow a recommendation.
extension Recommender {
    /// Of the variant decided on, or of the one that looks best against control.
    func certainty(_ decision: Decision) -> String? {
        guard decision.rule != .sampleRatioAlarm, decision.rule != .noShoppers else { return nil }
        let named = decision.variant.map { input.arms[$0].name }
        let best = primary.comparisons.filter { $0.difference != nil }.max {
            ($0.difference ?? 0) < ($1.difference ?? 0)
        }
        guard let found = named.flatMap({ comparison(of: primary.name, $0) }) ?? best,
            let better = found.probabilityBetter
        else { return nil }
        let chance = better.chanceText
        let what = primary.name.asMetricWords
        var sentence = "The chance that “\(found.variant)” beats \(quoted(control)) on \(what) is \(chance)"
        if let interval = found.decidingRelativeInterval(input.plan.method) {
            let level = interval.level.percent(digits: 0)
            let reach = input.plan.method == .fixed ? "for one look at the end" : "however often one looks"
            sentence +=
                "; the difference lies between \(interval.lower.signedPercent()) and \(interval.upper.signedPercent()) (\(level), \(reach))"
        }
        return sentence + "."
    }

    func nextStep(_ decision: Decision, _ more: Int64?) -> String {
        let name = quoted(decision.variant.map { input.arms[$0].name })
        switch decision.rule {
        case .noShoppers: return "Check that the shop asks for quotes and reports what is bought."
        case .sampleRatioAlarm:
            return
                "Look for what treats the variants differently: caching, redirects, bots, a filter in the events. Then start again."
        case .beforeHorizon:
            return "Wait for the planned end\(moreText(more)); a look before it is not a result."
        case .excludesZeroInFavour: return "Charge \(name) to everyone, complete the experiment and keep its record."
        case .guardrailBroken: return "Take \(name) out of the experiment today."
        case .allWorse: return "Complete the experiment and keep \(quoted(control))."
        case .guardrailOpen where decision.action == .continue:
            return "Let it run until the guardrail is settled\(moreText(more))."
        case .guardrailOpen:
            return "Decide whether the guardrail's possible fall is worth the gain, or test again with more shoppers."
        case .costMissing: return "Enter the missing unit costs; this report then judges profit by itself."
        case .primaryAbsent: return "Choose a primary metric that these data can show."
        case .targetReached, .ended, .precisionReached:
            return "Keep \(quoted(control)), or test prices further apart."
        case .undecided: return "Let it run\(moreText(more)), and change nothing meanwhile."
        }
    }

    private func moreText(_ more: Int64?) -> String { more.map { ": about \($0.grouped) more shoppers" } ?? "" }
}

extension Double {
    /// A probability in words that never claims certainty.
    fileprivate var chanceText: String {
        if self > 0.999 { return "above 99.9%" }
        if self < 0.001 { return "below 0.1%" }
        return percent()
    }
}
