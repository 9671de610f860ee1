internal import Experiments
internal import HTTPServer
internal import JSON
internal import Stats

/// What is asked before an experiment starts.
private struct PowerQuestion {
    var baselineRate: Double
    /// Relative to the baseline.
    var minimumEffect: Double?
    var dailyVisitors: Double?
    var days: Double?
    var variants: Double
    var alpha: Double
    var power: Double
    var method: AnalysisPlan.Method
    var looks: Int
    var spending: AnalysisPlan.Spending
    var target: Int64?
    /// The share of the variance that the plan's covariate explains.
    var explained: Double

    /// As the report will read the experiment.
    var reading: ProportionPlan.Reading {
        switch method {
        case .fixed: .once
        // A pair's part of the target, else what reports take.
        case .sequential: .anyTime(tuning: target.map { max(2, Double($0) * 2 / variants) } ?? 5000)
        case .groupSequential:
            .looks(looks, spending == .pocock ? .pocock : .obrienFleming(sides: 2))
        }
    }
}

extension PricingAPI {
    /// How many shoppers, how many days, and how small an effect: a two-sided test of two conversion rates, looked at as
    /// the plan says. With more than two variants each is compared with control at alpha ÷ (variants − 1).
    func power(_ context: Context) throws(Problem) -> Response {
        let question = try context.read([
            "baseline_rate", "minimum_effect", "daily_visitors", "days", "variants", "alpha", "power", "method",
            "looks",
            "spending", "target_sample_size", "variance_explained",
        ]) { Self.question($0) }
        let comparisons = question.variants - 1
        let alpha = question.alpha / comparisons
        let perArm: Double
        let detectable: Double
        do throws(StatsError) {
            let plan = try ProportionPlan(
                baseline: question.baselineRate, alpha: alpha, power: question.power, reading: question.reading,
                explained: question.explained)
            if let effect = question.minimumEffect {
                perArm = try plan.perArm(difference: question.baselineRate * effect).rounded(.up)
            } else {
                perArm = ((question.dailyVisitors ?? 0) * (question.days ?? 0) / question.variants).rounded(.down)
            }
            detectable = try plan.detectable(perArm: perArm) / question.baselineRate
        } catch {
            switch error {
            case .invalid(let reason), .insufficient(let reason), .zeroVariance(let reason),
                .notIdentified(let reason), .overflow(let reason):
                throw Problem(422, "not_computable", "This cannot be computed: \(reason).")
            }
        }
        guard perArm.isFinite, perArm * question.variants < 1e15 else {
            throw Problem(422, "not_computable", "No experiment of this world is large enough.")
        }
        return Self.answer(question, perArm: perArm, detectable: detectable, alpha: alpha)
    }

    private static func question(_ reader: ObjectReader) -> PowerQuestion {
        func number(_ key: StaticString, _ fits: (Double) -> Bool, _ range: String) -> Double? {
            guard let value = reader.number(key) else { return nil }
            if !fits(value) { reader.fault(key, "This is \(range).") }
            return value
        }
        reader.require("baseline_rate")
        let baseline = number("baseline_rate", { $0 > 0 && $0 < 1 }, "between 0 and 1")
        let effect = number("minimum_effect", { $0 > 0 && $0 <= 10 }, "relative: above 0 and at most 10")
        let visitors = number("daily_visitors", { $0 > 0 && $0 <= 1e12 }, "above 0 and at most 10^12")
        let days = number("days", { $0 > 0 && $0 <= 3650 }, "above 0 and at most 3,650")
        if effect == nil, reader["minimum_effect"] == nil, visitors == nil || days == nil {
            reader.fault("minimum_effect", "Say `minimum_effect`, or `daily_visitors` and `days`.")
        }
        let variants = reader.integer("variants") ?? 2
        if !(2...20).contains(variants) { reader.fault("variants", "An experiment has 2 to 20 variants.") }
        let looks = reader.integer("looks") ?? Int64(AnalysisPlan.standardLooks)
        if !(2...20).contains(looks) { reader.fault("looks", "A group-sequential plan has 2 to 20 looks.") }
        let target = reader.integer("target_sample_size")
        if let target, target < 1 { reader.fault("target_sample_size", "A target is at least 1 shopper.") }
        return PowerQuestion(
            baselineRate: baseline ?? 0.5, minimumEffect: effect, dailyVisitors: visitors, days: days,
            variants: Double(min(max(variants, 2), 20)),
            alpha: number("alpha", { $0 > 0 && $0 <= 0.5 }, "above 0 and at most 0.5") ?? 0.05,
            power: number("power", { $0 >= 0.5 && $0 < 1 }, "at least 0.5 and below 1") ?? 0.8,
            method: choice(reader, "method", or: .fixed), looks: Int(min(max(looks, 2), 20)),
            spending: choice(reader, "spending", or: .obrienFleming), target: target.map { max(1, $0) },
            explained: number("variance_explained", { $0 >= 0 && $0 < 1 }, "at least 0 and below 1") ?? 0)
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ reader: ObjectReader, _ key: StaticString, or standard: Choice
    ) -> Choice where Choice.RawValue == String {
        guard let text = reader.string(key) else { return standard }
        if let choice = Choice(rawValue: text) { return choice }
        reader.fault(key, "Choose one of \(Choice.allCases.map(\.rawValue).joined(separator: ", ")).")
        return standard
    }

    private static func sentence(_ method: AnalysisPlan.Method) -> String {
        let test = "two-sided test of two proportions, unpooled variance, "
        return switch method {
        case .fixed: test + "one look at the end"
        case .sequential: test + "a confidence sequence looked at any time"
        case .groupSequential: test + "planned looks"
        }
    }

    private static func answer(
        _ question: PowerQuestion, perArm: Double, detectable: Double, alpha: Double
    ) -> Response {
        let total = perArm * question.variants
        var writer = JSONWriter()
        writer.beginObject()
        writer.number("per_arm", perArm)
        writer.number("total", total)
        writer.key("days")
        if let visitors = question.dailyVisitors {
            writer.number((total / visitors).rounded(.up))
        } else {
            writer.null()
        }
        writer.number("detectable_effect", detectable)
        writer.number("alpha_per_comparison", alpha)
        writer.field("method", Self.sentence(question.method))
        writer.endObject()
        return Response(status: 200, contentType: "application/json", body: writer.bytes)
    }
}
