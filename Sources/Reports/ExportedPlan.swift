public import Experiments

/// How an experiment was planned to be read, as each row of its export says: what a report is made from beside the rows'
/// own columns of guardrails, covariate and segments.
public struct ExportedPlan: Sendable, Equatable {
    public enum Value: Sendable, Equatable, CustomStringConvertible {
        case text(String)
        case number(Double)
        case whole(Int)

        public var description: String {
            switch self {
            case .text(let text): text
            case .number(let number): number.description
            case .whole(let number): String(number)
            }
        }
    }

    public let primaryMetric: Metric
    /// Without covariate and segments, and without how looks are planned: an export does not say when it was taken.
    public let analysis: AnalysisPlan
    public let targetSampleSize: Int?

    public init(_ experiment: Experiment) {
        let plan = experiment.analysis
        primaryMetric = experiment.primaryMetric
        targetSampleSize = experiment.targetSampleSize
        analysis = AnalysisPlan(
            method: plan.method, alpha: plan.alpha, power: plan.power, minimumEffect: plan.minimumEffect,
            prior: plan.prior, winsorise: plan.winsorise, bandit: plan.bandit)
    }

    /// In order; what the plan has none of is left out.
    public var fields: [(name: String, value: Value)] {
        var out: [(String, Value)] = [
            ("primary_metric", .text(primaryMetric.rawValue)), ("method", .text(analysis.method.rawValue)),
            ("alpha", .number(analysis.alpha)), ("power", .number(analysis.power)),
            ("minimum_effect", .number(analysis.minimumEffect)), ("winsorise", .number(analysis.winsorise)),
        ]
        if let target = targetSampleSize { out.append(("target_sample_size", .whole(target))) }
        if let prior = analysis.prior {
            out += [("prior_alpha", .number(prior.alpha)), ("prior_beta", .number(prior.beta))]
        }
        if let bandit = analysis.bandit {
            out += [
                ("bandit_rule", .text(bandit.rule.rawValue)), ("bandit_floor", .number(bandit.floor)),
                ("bandit_every_hours", .whole(bandit.everyHours)),
            ]
        }
        return out
    }

    /// `primary_metric:revenue_per_visitor|method:sequential|alpha:0.05|…`
    public var text: String { fields.map { "\($0.name):\($0.value)" }.joined(separator: "|") }

    /// Reads what `text` writes; nil for anything else.
    public init?(parsing text: String) {
        var values: [String: String] = [:]
        for part in text.split(separator: "|", omittingEmptySubsequences: false) {
            let pair = part.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, values.updateValue(String(pair[1]), forKey: String(pair[0])) == nil else {
                return nil
            }
        }
        func number(_ name: String, _ isSound: (Double) -> Bool) -> Double? {
            values.removeValue(forKey: name).flatMap { Double($0) }.flatMap { isSound($0) ? $0 : nil }
        }
        func whole(_ name: String, _ range: ClosedRange<Int>) -> Int? {
            values.removeValue(forKey: name).flatMap { Int($0) }.flatMap { range.contains($0) ? $0 : nil }
        }
        guard let metric = values.removeValue(forKey: "primary_metric").flatMap({ Metric(rawValue: $0) }),
            let method = values.removeValue(forKey: "method").flatMap({ AnalysisPlan.Method(rawValue: $0) }),
            let alpha = number("alpha", { $0 > 0 && $0 <= 0.5 }), let power = number("power", { $0 >= 0.5 && $0 < 1 }),
            let effect = number("minimum_effect", { $0 > 0 && $0 <= 10 }),
            let winsorise = number("winsorise", { $0 >= 0.9 && $0 < 1 })
        else { return nil }
        let target = whole("target_sample_size", 1...1_000_000_000_000)
        var prior: AnalysisPlan.Prior?
        if let alpha = number("prior_alpha", { $0 > 0 && $0 <= 1e9 }),
            let beta = number("prior_beta", { $0 > 0 && $0 <= 1e9 })
        {
            prior = AnalysisPlan.Prior(alpha: alpha, beta: beta)
        }
        var bandit: AnalysisPlan.Bandit?
        if let rule = values["bandit_rule"].flatMap({ AnalysisPlan.Bandit.Rule(rawValue: $0) }),
            let floor = number("bandit_floor", { $0 >= 0 && $0 <= 1 }),
            let hours = whole("bandit_every_hours", 1...1_000_000)
        {
            values["bandit_rule"] = nil
            bandit = AnalysisPlan.Bandit(rule: rule, floor: floor, everyHours: hours)
        }
        primaryMetric = metric
        targetSampleSize = target
        analysis = AnalysisPlan(
            method: method, alpha: alpha, power: power, minimumEffect: effect, prior: prior, winsorise: winsorise,
            bandit: bandit)
        // A name that is none, or a value that was not to be read, is written otherwise.
        guard self.text == text else { return nil }
    }
}
