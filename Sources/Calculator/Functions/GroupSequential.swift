import JSON
import Stats

extension Calculator {
    private static let looks = "infoFractions: rising, the last one 1"

    private static func shape(_ i: Inputs, sides: Int) throws(StatsError) -> GroupSequentialDesign.Shape {
        switch try i.text("design") {
        case "wangTsiatis": return .wangTsiatis(delta: try i.number("delta"))
        case "obrienFleming": return .wangTsiatis(delta: 0)
        case "pocock": return .wangTsiatis(delta: 0.5)
        case "haybittlePeto": return .haybittlePeto(interimZ: try i.number("interimZ", default: 3))
        case "lanDeMetsOBF": return .spending(.obrienFleming(sides: sides))
        case "lanDeMetsPocock": return .spending(.pocock)
        case "kimDeMets":
            let exponent = try i.number("gamma")
            guard exponent > 0, exponent.isFinite else { throw .invalid("gamma must be a finite number above 0") }
            return .spending(.kimDeMets(exponent: exponent))
        case "hwangShihDeCani":
            let gamma = try i.number("gamma")
            guard gamma.isFinite else { throw .invalid("gamma must be a finite number") }
            return .spending(.hwangShihDeCani(gamma: gamma))
        default:
            throw .invalid(
                "design must be wangTsiatis, obrienFleming, pocock, haybittlePeto, lanDeMetsOBF, lanDeMetsPocock, kimDeMets or hwangShihDeCani"
            )
        }
    }

    private static func equalLooks(_ count: Int) throws(StatsError) -> [Double] {
        guard count >= 1, count <= 100 else { throw .invalid("K must lie between 1 and 100") }
        return (1...count).map { Double($0) / Double(count) }
    }

    /// A spending function by its short name: asOF_one, asOF_two, asP, asKD and asHSD followed by their parameter.
    private static func spending(_ name: String) throws(StatsError) -> SpendingFunction {
        switch name {
        case "asOF_one": return .obrienFleming(sides: 1)
        case "asOF_two": return .obrienFleming(sides: 2)
        case "asP": return .pocock
        default: break
        }
        if name.hasPrefix("asKD"), let exponent = Double(name.dropFirst(4)), exponent > 0, exponent.isFinite {
            return .kimDeMets(exponent: exponent)
        }
        if name.hasPrefix("asHSD"), let gamma = Double(name.dropFirst(5)), gamma.isFinite {
            return .hwangShihDeCani(gamma: gamma)
        }
        throw .invalid("design must be asOF_one, asOF_two, asP, asKD<exponent> or asHSD<gamma>")
    }

    static let groupSequentialFunctions: [Function] = [
        Function(
            "gs_bounds", "critical values of a plan with a few looks",
            inputs: [
                "design: shape of the boundary", "alpha", "sided: 1 or 2", looks, "delta: of wangTsiatis",
                "gamma: of kimDeMets and hwangShihDeCani", "interimZ: of haybittlePeto",
            ], reference: "Jennison & Turnbull (2000), ch. 2, 7, 19; Lan & DeMets (1983)"
        ) { (i) throws(StatsError) in
            let sides = try i.integer("sided", default: 2)
            let design = try GroupSequentialDesign(
                try shape(i, sides: sides), alpha: try i.number("alpha"), sides: sides,
                infoFractions: try i.numbers("infoFractions"))
            let result: JSONValue = [
                "criticalZ": .numbers(design.criticalZ), "cumAlphaSpent": .numbers(design.cumulativeAlpha),
            ]
            guard let constant = design.constant else { return result }
            return result.with(["constant": .number(constant)])
        },
        Function(
            "gs_characteristics", "what looking costs and saves, K equally spaced looks",
            inputs: ["design: as gs_bounds", "K: looks", "alpha", "beta: 1 − power", "sided: 1 or 2"],
            reference: "Jennison & Turnbull (2000), ch. 2 and 7"
        ) { (i) throws(StatsError) in
            let sides = try i.integer("sided", default: 2)
            let plan = try GroupSequentialDesign(
                try shape(i, sides: sides), alpha: try i.number("alpha"), sides: sides,
                infoFractions: try equalLooks(try i.integer("K"))
            ).characteristics(beta: try i.number("beta"))
            return [
                "inflationFactor": .number(plan.inflationFactor),
                "expectedInfoRatioH1": .number(plan.expectedInfoRatioH1),
                "expectedInfoRatioH0": .number(plan.expectedInfoRatioH0),
                "rejectPerStageH1": .numbers(plan.rejectPerStageH1),
            ]
        },
        Function(
            "gs_exit_probs", "probability of leaving at each look",
            inputs: [looks, "lowerZ: lower boundary", "upperZ: upper boundary", "drift: Z_k ~ N(drift √I_k, 1)"],
            reference: "Jennison & Turnbull (2000), ch. 19"
        ) { (i) throws(StatsError) in
            let exits = try GroupSequentialDesign.exitProbabilities(
                infoFractions: try i.numbers("infoFractions"), lower: try i.numbers("lowerZ"),
                upper: try i.numbers("upperZ"), drift: try i.number("drift"))
            return ["upper": .numbers(exits.upper), "lower": .numbers(exits.lower)]
        },
        Function(
            "gs_spending", "error spent by a share of the information",
            inputs: ["design: asOF_one, asOF_two, asP, asKD<exponent> or asHSD<gamma>", "alpha", "t: shares"],
            reference: "Lan & DeMets (1983); Kim & DeMets (1987); Hwang, Shih & De Cani (1990)"
        ) { (i) throws(StatsError) in
            let function = try spending(try i.text("design"))
            let alpha = try i.number("alpha")
            guard alpha > 0, alpha < 1 else { throw .invalid("alpha must lie strictly between 0 and 1") }
            let times = try i.numbers("t")
            for t in times where !(t >= 0 && t <= 1) { throw .invalid("t must lie in [0, 1]") }
            return .numbers(times.map { function.spent($0, alpha: alpha) })
        },
        Function(
            "gs_published_constants", "constants of Wang and Tsiatis's boundaries for several numbers of looks",
            inputs: ["design: pocock, obrienFleming or wangTsiatis", "alpha", "sided: 1 or 2", "K: numbers of looks"],
            reference: "Jennison & Turnbull (2000), tables 2.1, 2.3 and 2.9"
        ) { (i) throws(StatsError) in
            let sides = try i.integer("sided", default: 2)
            let shape = try shape(i, sides: sides)
            let alpha = try i.number("alpha")
            var constants: [Double] = []
            for count in try i.numbers("K") {
                guard count == count.rounded(), count >= 1, count <= 100 else {
                    throw .invalid("K must hold whole numbers from 1 to 100")
                }
                let design = try GroupSequentialDesign(
                    shape, alpha: alpha, sides: sides, infoFractions: try equalLooks(Int(count)))
                guard let constant = design.constant else { throw .invalid("this design has no single constant") }
                constants.append(constant)
            }
            return .numbers(constants)
        },
        Function(
            "gs_sample_size", "units of both arms together, for one look and for several",
            inputs: [
                "pi1, pi2: rates; or", "alternative: difference of means, with", "stDev: standard deviation",
                "alpha", "sided: 1 or 2", "beta: 1 − power",
                "design: lanDeMetsOBF for rates, pocock for means unless said",
                "K: 4 looks for rates, 5 for means unless said",
            ], reference: "as rpact: pooled z for rates, t for means, times the plan's inflation"
        ) { (i) throws(StatsError) in
            let alpha = try i.number("alpha")
            let beta = try i.number("beta")
            let sides = try i.integer("sided", default: 2)
            let isRate = i.has("pi1")
            let fixed: Double
            if isRate {
                let p2 = try i.number("pi2")
                let size = try TwoProportionSampleSize(
                    baseline: p2, absoluteMDE: try i.number("pi1") - p2, alpha: alpha, power: 1 - beta, sided: sides)
                fixed = 2 * size.pooled
            } else {
                let sd = try i.number("stDev", default: 1)
                guard sd > 0, sd.isFinite else { throw .invalid("stDev must be a finite number above 0") }
                let d = try i.number("alternative") / sd
                fixed =
                    2
                    * (try MeansPower.sampleSize(
                        effectSize: sides == 1 ? abs(d) : d, alpha: alpha, power: 1 - beta, ratio: 1,
                        alternative: sides == 1 ? .larger : .twoSided))
            }
            let kind: GroupSequentialDesign.Shape =
                i.has("design")
                ? try shape(i, sides: sides)
                : isRate ? .spending(.obrienFleming(sides: sides)) : .wangTsiatis(delta: 0.5)
            let plan = try GroupSequentialDesign(
                kind, alpha: alpha, sides: sides,
                infoFractions: try equalLooks(try i.integer("K", default: isRate ? 4 : 5))
            ).characteristics(beta: beta)
            return .fields([
                "n": fixed, "maxN": fixed * plan.inflationFactor, "en1": fixed * plan.expectedInfoRatioH1,
            ])
        },
    ]
}
