import JSON
import Stats

extension Calculator {
    private static func alternative(_ i: Inputs) throws(StatsError) -> MeansPower.Alternative {
        guard let value = MeansPower.Alternative(rawValue: try i.text("alternative", default: "two-sided")) else {
            throw .invalid("alternative must be two-sided, larger or smaller")
        }
        return value
    }

    static let powerFunctions: [Function] = [
        Function(
            "cohen_h", "effect size of two rates", inputs: ["p1: control's rate", "p2: treatment's rate"],
            reference: "Cohen (1988), eq. 6.2.1"
        ) { (i) throws(StatsError) in
            .number(try TwoProportionSampleSize.cohenH(try i.number("p1"), try i.number("p2")))
        },
        Function(
            "sample_size_two_prop", "visitors needed to find a difference of rates",
            inputs: [
                "baseline: control's rate", "absoluteMDE: difference, proportion units", "alpha", "power",
                "sided: 1 or 2", "ratio: treatment's visitors over control's",
            ], reference: "Miller's calculator; Fleiss et al. (2003), eq. 4.14; Chow, Shao & Wang (2008), §4.2"
        ) { (i) throws(StatsError) in
            let size = try TwoProportionSampleSize(
                baseline: try i.number("baseline"), absoluteMDE: try i.number("absoluteMDE"),
                alpha: try i.number("alpha"), power: try i.number("power"), sided: try i.integer("sided", default: 2),
                ratio: try i.number("ratio", default: 1))
            return .fields([
                "evanMillerPerArm": size.evanMiller, "pooledPerArm": size.pooled, "unpooledPerArm": size.unpooled,
                "evanMillerCeil": size.evanMiller.rounded(.up),
            ])
        },
        Function(
            "mde_two_prop_unpooled", "smallest difference of rates that is found",
            inputs: ["nPerArm: visitors", "baseline: control's rate", "alpha", "power"],
            reference: "Chow, Shao & Wang (2008), §4.2, solved for the difference"
        ) { (i) throws(StatsError) in
            .fields([
                "absoluteMDE": try TwoProportionSampleSize.minimumDetectableEffect(
                    perArm: try i.number("nPerArm"), baseline: try i.number("baseline"), alpha: try i.number("alpha"),
                    power: try i.number("power"))
            ])
        },
        Function(
            "power_two_prop", "power to find a difference of rates",
            inputs: [
                "p1: control's rate", "p2: treatment's rate", "n1: treatment's visitors", "ratio: control's over them",
                "alpha",
            ],
            reference: "pooled variance under the null, as statsmodels power_proportions_2indep"
        ) { (i) throws(StatsError) in
            .fields([
                "power": try TwoProportionSampleSize.power(
                    control: try i.number("p1"), treatment: try i.number("p2"), treatmentUnits: try i.number("n1"),
                    ratio: try i.number("ratio", default: 1), alpha: try i.number("alpha"))
            ])
        },
        Function(
            "power_means", "power of z and t tests of two means",
            inputs: [
                "effectSizeD: in standard deviations", "n1", "ratio: n2/n1", "alpha",
                "alternative: two-sided, larger or smaller",
            ],
            reference: "Cohen (1988), ch. 2; noncentral t"
        ) { (i) throws(StatsError) in
            let d = try i.number("effectSizeD")
            let n1 = try i.number("n1")
            let ratio = try i.number("ratio", default: 1)
            let alpha = try i.number("alpha")
            let kind = try alternative(i)
            return .fields([
                "zPower": try MeansPower.z(effectSize: d, n1: n1, ratio: ratio, alpha: alpha, alternative: kind),
                "tPower": try MeansPower.t(effectSize: d, n1: n1, ratio: ratio, alpha: alpha, alternative: kind),
            ])
        },
        Function(
            "sample_size_means_t", "observations needed by a two-sided t test",
            inputs: ["effectSizeD: in standard deviations", "alpha", "power", "ratio: n2/n1"],
            reference: "noncentral t, solved for n1 as a real number"
        ) { (i) throws(StatsError) in
            .fields([
                "n1": try MeansPower.sampleSize(
                    effectSize: try i.number("effectSizeD"), alpha: try i.number("alpha"),
                    power: try i.number("power"), ratio: try i.number("ratio", default: 1))
            ])
        },
        Function(
            "power_chi2", "power of a χ² test", inputs: ["effectW: Cohen's w", "n", "df", "alpha"],
            reference: "Cohen (1988), ch. 7; noncentral χ²"
        ) { (i) throws(StatsError) in
            .number(
                try Assurance.chiSquare(
                    effectSize: try i.number("effectW"), n: try i.number("n"), degreesOfFreedom: try i.number("df"),
                    alpha: try i.number("alpha")))
        },
        Function(
            "assurance_normal", "chance of significance under a prior for the effect",
            inputs: ["priorMean", "priorSD: >= 0", "se: of the estimate", "alpha: two-sided"],
            reference: "O'Hagan, Stevens & Campbell (2005)"
        ) { (i) throws(StatsError) in
            let value = try Assurance.normal(
                priorMean: try i.number("priorMean"), priorSD: try i.number("priorSD"),
                standardError: try i.number("se"), alpha: try i.number("alpha"))
            return .fields(["assuranceUpper": value.upper, "assuranceTwoSided": value.twoSided])
        },
        Function(
            "bayes_decision_probability", "chance that P(B > A) passes a threshold",
            inputs: ["nPerArm: at most 2000", "trueA", "trueB", "threshold", "prior: [alpha, beta]"],
            reference: "every outcome weighed"
        ) { (i) throws(StatsError) in
            let prior = try i.numbers("prior")
            guard prior.count == 2 else { throw .invalid("prior must be [alpha, beta]") }
            return .number(
                try Assurance.bayesianDecision(
                    perArm: try i.integer("nPerArm"), trueA: try i.number("trueA"), trueB: try i.number("trueB"),
                    threshold: try i.number("threshold"), prior: try Beta(prior: prior[0], prior[1])))
        },
    ]
}
