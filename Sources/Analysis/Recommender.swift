internal import Stats
internal import Experiments

/// Turns what was read into a decision, and the decision into a sentence.
struct Recommender {
    let input: AnalysisInput
    let quality: DataQuality
    let metrics: [MetricReport]
    /// Of a group-sequential plan.
    let looks: PlannedLooks?

    var primary: MetricReport { metrics[0] }
    var control: String { input.arms[input.control].name }

    func recommendation() throws(AnalysisError) -> Recommendation {
        let decision: Decision
        let goal: Int64?
        do throws(StatsError) {
            let required = try RequiredShoppers.count(input, input.metrics[0])
            let facts = facts(required: required)
            decision = Decision(facts)
            goal =
                if decision.rule == .guardrailOpen, let variant = decision.variant {
                    try shoppersToSettleGuardrails(of: input.arms[variant].name)
                } else {
                    switch facts.method {
                    case .fixed: facts.target ?? required
                    case .sequential: [facts.target, required].compactMap(\.self).min()
                    case .groupSequential: looks?.looks.first { $0.state == .waiting }?.shoppers
                    }
                }
        } catch {
            throw .inconsistent("shoppers needed: \(error)")
        }
        let more = decision.action == .continue ? goal.flatMap { $0 > input.units ? $0 - input.units : nil } : nil
        return Recommendation(
            action: decision.action, variant: decision.variant.map { input.arms[$0].name },
            sentence: sentence(decision, more), rule: decision.rule, moreShoppers: more,
            certainty: certainty(decision), nextStep: nextStep(decision, more),
            costOfBeingWrong: cost(decision))
    }

    // MARK: Facts

    /// No shopper comes any more.
    private var hasEnded: Bool { input.status == .completed || input.status == .archived }

    private func facts(required: Int64?) -> Decision.Facts {
        // Planned looks say when it is over, not the number of shoppers at hand.
        let isOpen = looks.map { $0.looks.last?.state != .taken } ?? false
        return Decision.Facts(
            units: input.units, alarm: quality.sampleRatio.alarm,
            costMissing: primary.variants.contains { $0.bounds != nil }, method: input.plan.method,
            hasEnded: hasEnded,
            target: isOpen ? nil : input.targetSampleSize.map(Int64.init), required: isOpen ? nil : required,
            candidates: primary.comparisons.map { comparison in
                let variant = index(of: comparison.variant)
                let interval = comparison.decidingInterval(input.plan.method)
                let conversions = successes(primary.name, variant)
                return Decision.Candidate(
                    variant: variant, difference: comparison.difference, lower: interval?.lower,
                    upper: interval?.upper, guardrail: guardrail(of: comparison.variant),
                    isReadable: conversions >= MetricAnalysis.fewestConversions)
            })
    }

    /// Of a variant and control together.
    func successes(_ name: String, _ variant: Int) -> Int64 {
        guard let metric = input.metrics.first(where: { $0.name == name }) else { return 0 }
        return input.successes(metric, variant) + input.successes(metric, input.control)
    }

    func index(of variant: String) -> Int { input.arms.firstIndex { $0.name == variant } ?? input.control }

    /// The worst state of all guardrails.
    private func guardrail(of variant: String) -> GuardrailReport.State {
        let states = input.guardrails.map { state(of: $0, variant) }
        if states.contains(.broken) { return .broken }
        return states.contains(.open) ? .open : .holds
    }

    func comparison(of metric: String, _ variant: String) -> Comparison? {
        metrics.first { $0.name == metric }?.comparisons.first { $0.variant == variant }
    }

    // MARK: The cost of being wrong

    /// In money: of the primary metric, or of profit or revenue where the primary is none.
    private func cost(_ decision: Decision) -> Recommendation.CostOfBeingWrong? {
        let choice = decision.action == .ship ? decision.variant ?? input.control : input.control
        let order = [primary.name, Metric.profitPerVisitor.rawValue, Metric.revenuePerVisitor.rawValue]
        for name in order {
            guard let metric = metrics.first(where: { $0.name == name }), metric.kind == .money,
                let loss = metric.variants[choice].expectedLoss
            else { continue }
            return Recommendation.CostOfBeingWrong(
                choice: input.arms[choice].name, metric: name, perThousandVisitors: loss * 1000)
        }
        return nil
    }

    // MARK: Words

    private func sentence(_ decision: Decision, _ more: Int64?) -> String {
        [finding(decision, more), decision.rule == .sampleRatioAlarm ? nil : otherHorizon].compactMap(\.self)
            .joined(separator: " ")
    }

    /// That a plan of one look is read at another number of shoppers than it was to be; nil where it is not, or not yet.
    private var otherHorizon: String? {
        guard input.plan.method == .fixed, let target = input.targetSampleSize.map(Int64.init), input.units > 0,
            input.units > target || hasEnded && input.units < target
        else { return nil }
        return
            "It was to be read at \(target.grouped) shoppers and is read at \(input.units.grouped): the risk of a false alarm is as planned only if no earlier look chose this moment."
    }

    private func finding(_ decision: Decision, _ more: Int64?) -> String {
        let what = primary.name.asMetricWords
        let name = decision.variant.map { input.arms[$0].name }
        let found = name.flatMap { comparison(of: primary.name, $0) }
        switch decision.rule {
        case .noShoppers where input.status == .draft:
            return "Nothing to read yet: the experiment is a draft, and no shopper is told its prices."
        case .noShoppers: return "Keep going: no shopper has been counted yet."
        case .sampleRatioAlarm:
            return
                "Do not act on these numbers: shoppers were not split as planned, so something in the set-up favours a variant."
        case .beforeHorizon:
            return "Keep going: this plan is read once, at the end\(remaining(more))."
        case .excludesZeroInFavour:
            return "Ship \(quoted(name)): \(what) is \(change(found)) \(quoted(control)), more than chance explains."
        case .guardrailBroken:
            return "Stop offering \(quoted(name)): \(broken(name ?? control))."
        case .allWorse:
            return
                "Stop and keep \(quoted(control)): every other price does worse on \(what), \(quoted(name)) worst (\(change(found)) \(quoted(control)))."
        case .guardrailOpen where decision.action == .continue:
            return "Keep going: \(quoted(name)) wins on \(what), but \(openFalls(name)) is not ruled out yet."
        case .guardrailOpen:
            return "No decision: \(quoted(name)) wins on \(what), but \(openFalls(name)) was not ruled out."
        case .costMissing:
            let coverage = quality.costCoverage.map { " (known for \($0.percent()) of buyers)" } ?? ""
            return "No decision on profit: unit costs are missing\(coverage); add them to the catalogue."
        case .primaryAbsent:
            return "No decision: \(what) cannot be computed from these data."
        case .ended: return "No decision: the experiment has ended, and no price is shown to be better on \(what)."
        case .targetReached:
            return "No decision: the planned shoppers were counted and no price is shown to be better on \(what)."
        case .precisionReached:
            return
                "No decision: with so many shoppers a change of \(input.plan.minimumEffect.plainPercent) in \(what) would have shown; keep \(quoted(control)) or test prices further apart."
        case .undecided:
            return "Keep going: no price is shown to be better or worse on \(what) yet\(remaining(more))."
        }
    }

    func quoted(_ name: String?) -> String { "“\(name ?? control)”" }

    private func remaining(_ more: Int64?) -> String {
        guard let more else { return "" }
        return "; about \(more.roughly) more shoppers are needed"
    }

    /// `12.3% above` or, without a relative difference, `above`.
    private func change(_ comparison: Comparison?) -> String {
        guard let comparison, let difference = comparison.difference else { return "different from" }
        let side = difference >= 0 ? "above" : "below"
        guard let relative = comparison.relative else { return side }
        return "\(relative.magnitude.percent()) \(side)"
    }

    /// `a fall of conversion rate by more than 10%`, for each guardrail that is open.
    private func openFalls(_ variant: String?) -> String {
        let open = input.guardrails.filter { guardrail in variant.map { state(of: guardrail, $0) == .open } ?? false }
        return open.map { "a fall of \($0.metric.rawValue.asMetricWords) by more than \($0.maxDrop.plainPercent)" }
            .joined(separator: " or ")
    }

    private func broken(_ variant: String) -> String {
        let faults = input.guardrails.filter { state(of: $0, variant) == .broken }
        return faults.map { guardrail in
            let metric = guardrail.metric.rawValue
            return "\(metric.asMetricWords) is \(change(comparison(of: metric, variant))) \(quoted(control)), "
                + "beyond the limit of \(guardrail.maxDrop.plainPercent)"
        }.joined(separator: "; ")
    }
}
