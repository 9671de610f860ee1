internal import Experiments

/// How sure, and what next: the two questions that follow a recommendation.
extension Recommender {
    /// Of the variant decided on, or of the one that looks best against control.
    func certainty(_ decision: Decision) -> String? {
        guard decision.rule != .sampleRatioAlarm, decision.rule != .noShoppers else { return nil }
        let named = decision.variant.map { input.arms[$0].name }
        let broken = decision.rule == .guardrailBroken ? named.map(evidence(againstGuardrailsOf:)) ?? [] : []
        let best = primary.comparisons.filter { $0.difference != nil }.max {
            ($0.difference ?? 0) < ($1.difference ?? 0)
        }
        guard let found = named.flatMap({ comparison(of: primary.name, $0) }) ?? best,
            let better = found.probabilityBetter
        else { return broken.isEmpty ? nil : broken.joined(separator: " ") }
        let chance = better.chanceText
        let what = primary.name.asMetricWords
        var sentence = "The chance that “\(found.variant)” beats \(quoted(control)) on \(what) is \(chance)"
        if let place = place(of: found) { sentence += "; the difference lies \(place)" }
        return (broken + [sentence + "."] + others(than: found, decision)).joined(separator: " ")
    }

    /// Better than control is not better than all: of several that are, the highest estimate alone decides between them.
    private func others(than found: Comparison, _ decision: Decision) -> [String] {
        guard decision.rule == .excludesZeroInFavour || decision.rule == .guardrailOpen,
            let best = primary.variants.first(where: { $0.name == found.variant })?.probabilityBest
        else { return [] }
        let better = primary.comparisons.filter {
            $0.variant != found.variant && ($0.decidingInterval(input.plan.method)?.lower ?? 0) > 0
        }
        guard !better.isEmpty else { return [] }
        let names = better.map { "“\($0.variant)”" }.joined(separator: " and ")
        let verb = better.count == 1 ? "is" : "are"
        return [
            "\(names) \(verb) shown to beat \(quoted(control)) too; that “\(found.variant)” is the best of all has a chance of \(best.chanceText)."
        ]
    }

    /// Where the metric of each broken guardrail lies: it is what the variant is stopped for.
    private func evidence(againstGuardrailsOf variant: String) -> [String] {
        input.guardrails.compactMap { guardrail in
            guard state(of: guardrail, variant) == .broken,
                let interval = comparison(of: guardrail.metric.rawValue, variant)?
                    .decidingRelativeInterval(input.plan.method)
            else { return nil }
            return
                "The difference on \(guardrail.metric.rawValue.asMetricWords) lies \(words(interval)), all of it below -\(guardrail.maxDrop.plainPercent)."
        }
    }

    /// Where the difference lies by the interval that decides: in percent of control's value where that interval tells the
    /// same of better and worse, else as it is. A ratio is known less well than the difference where control is.
    private func place(of found: Comparison) -> String? {
        guard let interval = found.decidingInterval(input.plan.method) else { return nil }
        if found.planned == nil, let relative = found.decidingRelativeInterval(input.plan.method),
            (relative.lower > 0, relative.upper < 0) == (interval.lower > 0, interval.upper < 0)
        {
            return words(relative)
        }
        return words(interval, isPlanned: found.planned != nil) {
            primary.kind.difference($0, in: input.currency, more: $1)
        }
    }

    private func words(
        _ interval: ConfidenceInterval, isPlanned: Bool = false,
        _ number: (Double, Int) -> String = { $0.signedPercent(digits: 1 + $1) }
    ) -> String {
        let level = interval.level.plainPercent
        let reach =
            isPlanned
            ? "over all planned looks"
            : input.plan.method == .fixed ? "for one look at the end" : "however often one looks"
        return "between \(interval.said(joint: " and ", number)) (\(level), \(reach))"
    }

    func nextStep(_ decision: Decision, _ more: Int64?) -> String {
        let name = quoted(decision.variant.map { input.arms[$0].name })
        switch decision.rule {
        case .noShoppers where input.status == .draft: return "Start it, when the plan is as it should be."
        case .noShoppers: return "Check that the shop asks for quotes and reports what is bought."
        case .sampleRatioAlarm:
            return
                "Look for what treats the variants differently: caching, redirects, bots, a filter in the events. Then start again."
        case .beforeHorizon:
            return "Wait for the planned end; a look before it is not a result."
        case .excludesZeroInFavour: return "Charge \(name) to everyone, complete the experiment and keep its record."
        case .guardrailBroken: return "Take \(name) out of the experiment today."
        case .allWorse: return "Complete the experiment and keep \(quoted(control))."
        case .guardrailOpen where decision.action == .continue:
            return "Let it run\(settling(more, of: decision.variant))."
        case .guardrailOpen:
            return "Decide whether the guardrail's possible fall is worth the gain, or test again with more shoppers."
        case .costMissing: return "Enter the missing unit costs; this report then judges profit by itself."
        case .primaryAbsent: return "Choose a primary metric that these data can show."
        case .targetReached, .ended, .precisionReached:
            return "Keep \(quoted(control)), or test prices further apart."
        case .undecided: return "Let it run, and change nothing meanwhile."
        }
    }

    /// What stands behind the number of shoppers an open guardrail still takes, and whether the plan has them.
    private func settling(_ more: Int64?, of variant: Int?) -> String {
        guard let more else {
            let isBeyond = input.guardrails.contains { guardrail in
                variant.flatMap { comparison(of: guardrail.metric.rawValue, input.arms[$0].name)?.relative }
                    .map { $0 <= -guardrail.maxDrop } ?? false
            }
            return isBeyond
                ? "; should the difference stay what it is, more shoppers will rather show the guardrail broken" : ""
        }
        let isBeyondPlan = input.targetSampleSize.map { Int64($0) - input.units < more } ?? false
        let shoppers = "about \(more.roughly) more shoppers" + (isBeyondPlan ? ", more than were planned," : "")
        let open = input.guardrails.count { guardrail in
            variant.map { state(of: guardrail, input.arms[$0].name) == .open } ?? false
        }
        let what = open > 1 ? "each guardrail holds" : "the guardrail holds"
        return
            ": \(shoppers) show with a chance of \(input.plan.power.plainPercent) that \(what), should the difference stay what it is"
    }
}

extension Double {
    /// A probability in words that never claims certainty.
    fileprivate var chanceText: String {
        if self > 0.999 { return "above 99.9%" }
        if self < 0.001 { return "below 0.1%" }
        return percent()
    }
}
