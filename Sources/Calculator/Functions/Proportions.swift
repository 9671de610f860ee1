import JSON
import Stats

extension Inputs {
    func proportion(n: String, x: String) throws(StatsError) -> Proportion {
        try Proportion(successes: try number(x), trials: try number(n))
    }

    func twoProportions(
        n1: String = "n1", x1: String = "x1", n2: String = "n2", x2: String = "x2"
    ) throws(StatsError) -> TwoProportions {
        try TwoProportions(try proportion(n: n1, x: x1), try proportion(n: n2, x: x2))
    }
}

extension Calculator {
    private static let oneSample = ["n: trials", "x: successes", "alpha: two-sided, in (0, 1)"]
    private static let twoSamples = [
        "n1: control's trials", "x1: successes", "n2: treatment's trials", "x2: successes",
    ]
    private static let twoSamplesAlpha = twoSamples + ["alpha: two-sided, in (0, 1)"]

    static let proportionFunctions: [Function] = [
        Function(
            "wilson_ci", "Wilson's score interval for a rate", inputs: oneSample,
            reference: "Brown, Cai & DasGupta (2001), eq. 4"
        ) { (i) throws(StatsError) in
            .interval(try i.proportion(n: "n", x: "x").wilson(alpha: try i.number("alpha")))
        },
        Function(
            "jeffreys_ci", "Jeffreys' equal-tailed interval for a rate", inputs: oneSample,
            reference: "Brown, Cai & DasGupta (2001), §3.1.3"
        ) { (i) throws(StatsError) in
            .interval(try i.proportion(n: "n", x: "x").jeffreys(alpha: try i.number("alpha")))
        },
        Function(
            "clopper_pearson_ci", "Clopper and Pearson's exact interval for a rate", inputs: oneSample,
            reference: "Clopper & Pearson (1934)"
        ) { (i) throws(StatsError) in
            .interval(try i.proportion(n: "n", x: "x").clopperPearson(alpha: try i.number("alpha")))
        },
        Function(
            "newcombe_diff_ci", "interval for p2 − p1 from two Wilson intervals", inputs: twoSamplesAlpha,
            reference: "Newcombe (1998), method 10"
        ) { (i) throws(StatsError) in
            .interval(try i.twoProportions().newcombe(alpha: try i.number("alpha")))
        },
        Function(
            "miettinen_nurminen_diff_ci", "score interval for p2 − p1", inputs: twoSamplesAlpha,
            reference: "Miettinen & Nurminen (1985), with N/(N − 1)"
        ) { (i) throws(StatsError) in
            .interval(try i.twoProportions().miettinenNurminen(alpha: try i.number("alpha")))
        },
        Function(
            "two_prop_z", "z tests and Wald interval for p2 − p1", inputs: twoSamplesAlpha,
            reference: "Kohavi, Tang & Xu (2020), ch. 17"
        ) { (i) throws(StatsError) in
            let test = try i.twoProportions().zTest(alpha: try i.number("alpha", default: 0.05))
            return .fields([
                "diff": test.difference, "zPooled": test.zPooled, "pPooled": test.pPooled, "zUnpooled": test.zUnpooled,
                "pUnpooled": test.pUnpooled, "waldLower": test.wald.lower, "waldUpper": test.wald.upper,
            ])
        },
        Function(
            "relative_risk_ci", "p2/p1 with Katz's interval", inputs: twoSamplesAlpha, reference: "Katz et al. (1978)"
        ) { (i) throws(StatsError) in
            let risk = try i.twoProportions().relativeRisk(alpha: try i.number("alpha"))
            return .fields([
                "ratio": risk.ratio, "logSE": risk.logStandardError, "lower": risk.interval.lower,
                "upper": risk.interval.upper,
            ])
        },
        Function(
            "fisher_exact", "Fisher's exact test of equal rates", inputs: twoSamples,
            reference: "Fisher (1935); two-sided sums the tables no likelier than the observed one"
        ) { (i) throws(StatsError) in
            let test = try i.twoProportions().fisherExact()
            return .fields([
                "twoSided": test.twoSided, "p2Greater": test.secondGreater, "p2Less": test.secondLess,
            ])
        },
        Function(
            "chi2_independence", "χ² and G tests of independence", inputs: ["table: rows of counts"],
            reference: "Pearson (1900); Agresti (2013), §3.2, without continuity correction"
        ) { (i) throws(StatsError) in
            let test = try IndependenceTest(try i.rows("table"))
            return .fields([
                "chi2": test.chiSquare, "p": test.p, "dof": test.degreesOfFreedom, "g": test.g, "pG": test.pG,
            ])
        },
        Function(
            "noninferiority_prop", "H0: p2 − p1 <= −margin", inputs: twoSamples + ["margin: >= 0, in proportion units"],
            reference: "unpooled z; Chow, Shao & Wang (2008), §4.2"
        ) { (i) throws(StatsError) in
            let test = try i.twoProportions().nonInferiority(margin: try i.number("margin"))
            return .fields(["z": test.z, "p": test.p])
        },
    ]
}
