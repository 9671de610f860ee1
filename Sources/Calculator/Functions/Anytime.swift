import JSON
import Stats

extension Calculator {
    private static let bounded = ["x: observations in [0, 1]", "alpha"]
    private static let hedge = [
        "theta: share bet upwards, 0.5 unless said", "truncScale: cap on bets, 0.5 unless said",
    ]

    static let anytimeFunctions: [Function] = [
        Function(
            "hedged_capital_log", "log of the better bettor's capital against candidate means",
            inputs: bounded + ["m: candidate means"] + hedge, reference: "Waudby-Smith & Ramdas (2024), eq. 23–26"
        ) { (i) throws(StatsError) in
            let bets = try BettingSequence(try i.numbers("x"))
            return [
                "logCapital": .numbers(
                    try bets.logHedgedCapital(
                        at: try i.numbers("m"), alpha: try i.number("alpha"),
                        theta: try i.number("theta", default: 0.5),
                        truncation: try i.number("truncScale", default: 0.5)))
            ]
        },
        Function(
            "hedged_cs", "a bounded mean's interval by betting, valid at every look",
            inputs: bounded + hedge + ["runningIntersection: true or false"],
            reference: "Waudby-Smith & Ramdas (2024), §4"
        ) { (i) throws(StatsError) in
            let bets = try BettingSequence(try i.numbers("x"))
            let interval = try bets.hedged(
                alpha: try i.number("alpha"), theta: try i.number("theta", default: 0.5),
                truncation: try i.number("truncScale", default: 0.5),
                runningIntersection: try i.flag("runningIntersection", default: false))
            return JSONValue.interval(interval).with(["ok": true])
        },
        Function(
            "predmix_empbern_cs", "a bounded mean's interval by empirical Bernstein, valid at every look",
            inputs: bounded + ["truncation: cap on bets, 0.5 unless said"],
            reference: "Waudby-Smith & Ramdas (2024), Theorem 2"
        ) { (i) throws(StatsError) in
            .interval(
                try BettingSequence(try i.numbers("x")).empiricalBernstein(
                    alpha: try i.number("alpha"), truncation: try i.number("truncation", default: 0.5)))
        },
        Function(
            "anytime_t_test", "a regression coefficient tested at every look",
            inputs: [
                "t2: squared t statistic", "nu: residual degrees of freedom", "phi: prior precision", "z2: information",
            ],
            reference: "Lindon et al. (2022), Theorem 3.2"
        ) { (i) throws(StatsError) in
            let value = try AnytimeTTest.logBayesFactor(
                t2: try i.number("t2"), nu: try i.number("nu"), phi: try i.number("phi"), z2: try i.number("z2"))
            return .fields(["logBF": value, "pValue": MixtureSPRT.p(logLikelihoodRatio: value)])
        },
        Function(
            "quantile_double_stitching", "how far the empirical distribution strays, all times and levels at once",
            inputs: ["p: level", "t: observations", "alpha", "tOpt", "delta: > 0", "s: > 1", "eta: > 1"],
            reference: "Howard & Ramdas (2022), Theorem 1, eq. 10"
        ) { (i) throws(StatsError) in
            var bounds: [Double] = []
            for t in try i.numbers("t") {
                bounds.append(
                    try QuantileSequence.doubleStitching(
                        p: try i.number("p"), t: t, alpha: try i.number("alpha"), tOpt: try i.number("tOpt"),
                        delta: try i.number("delta"), s: try i.number("s"), eta: try i.number("eta")))
            }
            return .numbers(bounds)
        },
        Function(
            "quantile_ab_p_value", "equal quantiles in two arms, p valid at every look",
            inputs: ["a: observations", "b: observations", "p: level", "tOpt", "alphaOpt"],
            reference: "Howard & Ramdas (2022), §5"
        ) { (i) throws(StatsError) in
            .number(
                try QuantileSequence.twoArmP(
                    try i.numbers("a"), try i.numbers("b"), p: try i.number("p"), tOpt: try i.number("tOpt"),
                    alphaOpt: try i.number("alphaOpt", default: 0.05)))
        },
    ]
}
