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
}

extension PricingAPI {
    /// How many shoppers, how many days, and how small an effect: a two-sided test of two conversion rates looked at
    /// once, at the end. With more than two variants each is compared with control at alpha ÷ (variants − 1).
    func power(_ context: Context) throws(Problem) -> Response {
        let question = try context.read([
            "baseline_rate", "minimum_effect", "daily_visitors", "days", "variants", "alpha", "power",
        ]) { Self.question($0) }
        let comparisons = question.variants - 1
        let alpha = question.alpha / comparisons
        let perArm: Double
        let detectable: Double
        do throws(StatsError) {
            if let effect = question.minimumEffect {
                let size = try TwoProportionSampleSize(
                    baseline: question.baselineRate, absoluteMDE: question.baselineRate * effect, alpha: alpha,
                    power: question.power)
                perArm = size.unpooled.rounded(.up)
            } else {
                perArm = ((question.dailyVisitors ?? 0) * (question.days ?? 0) / question.variants).rounded(.down)
            }
            let difference = try TwoProportionSampleSize.minimumDetectableEffect(
                perArm: perArm, baseline: question.baselineRate, alpha: alpha, power: question.power)
            detectable = difference / question.baselineRate
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
        return PowerQuestion(
            baselineRate: baseline ?? 0.5, minimumEffect: effect, dailyVisitors: visitors, days: days,
            variants: Double(min(max(variants, 2), 20)),
            alpha: number("alpha", { $0 > 0 && $0 <= 0.5 }, "above 0 and at most 0.5") ?? 0.05,
            power: number("power", { $0 >= 0.5 && $0 < 1 }, "at least 0.5 and below 1") ?? 0.8)
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
        writer.field("method", "two-sided test of two proportions, unpooled variance, one look at the end")
        writer.endObject()
        return Response(status: 200, contentType: "application/json", body: writer.bytes)
    }
}
