import JSON
import Stats

extension Calculator {
    static let quantileFunctions: [Function] = [
        Function(
            "quantile", "quantiles of a sample",
            inputs: ["data: observations", "p: levels", "type: 4 to 9, 7 unless said"],
            reference: "Hyndman & Fan (1996)"
        ) { (i) throws(StatsError) in
            let sample = try OrderedSample(try i.numbers("data"))
            let type = try i.integer("type", default: 7)
            var result: [Double] = []
            for p in try i.numbers("p") { result.append(try sample.quantile(p, type: type)) }
            return .numbers(result)
        },
        Function(
            "quantile_order_ci", "ranks of the order statistics that hold a quantile",
            inputs: ["n: observations", "p: level", "alpha: two-sided"],
            reference: "David & Nagaraja (2003), §7.1; rank 0 is −∞, n + 1 is +∞"
        ) { (i) throws(StatsError) in
            let interval = try OrderedSample.rankInterval(
                n: try i.integer("n"), p: try i.number("p"), alpha: try i.number("alpha"))
            return [
                "lowerRank": .integer(Int64(interval.lowerRank)), "upperRank": .integer(Int64(interval.upperRank)),
                "coverage": .number(interval.coverage),
            ]
        },
        Function(
            "harrell_davis", "quantiles by weighted order statistics", inputs: ["data: observations", "p: levels"],
            reference: "Harrell & Davis (1982)"
        ) { (i) throws(StatsError) in
            let sample = try OrderedSample(try i.numbers("data"))
            var result: [Double] = []
            for p in try i.numbers("p") { result.append(try sample.harrellDavis(p)) }
            return .numbers(result)
        },
        Function(
            "gb_quantile_variance", "GrowthBook's variance of a quantile, per unit",
            inputs: ["n", "nStar", "nu: level", "quantileHat", "quantileLower", "quantileUpper"],
            reference: "gbstats 0.8.0, QuantileStatistic"
        ) { (i) throws(StatsError) in
            .number(
                try OrderedSample.growthBookVariance(
                    n: try i.number("n"), nStar: try i.number("nStar"), lower: try i.number("quantileLower"),
                    upper: try i.number("quantileUpper")))
        },
        Function(
            "kaplan_meier", "share without the event as time passes",
            inputs: ["time: >= 0", "event: 1 when it happened, 0 when watching ended"],
            reference: "Kaplan & Meier (1958); Greenwood (1926)"
        ) { (i) throws(StatsError) in
            var events: [Bool] = []
            for value in try i.numbers("event") {
                guard value == 0 || value == 1 else { throw .invalid("event must hold 0 and 1 only") }
                events.append(value == 1)
            }
            let curve = try KaplanMeier(time: try i.numbers("time"), event: events)
            return [
                "times": .numbers(curve.times), "surv": .numbers(curve.survival), "se": .numbers(curve.standardErrors),
            ]
        },
        Function(
            "winsorize_upper", "mean after the largest values are pulled in",
            inputs: ["x: observations", "upperFraction: in [0, 1)"], reference: "as scipy.stats.mstats.winsorize"
        ) { (i) throws(StatsError) in
            let result = try OrderedSample(try i.numbers("x")).winsorizedAbove(try i.number("upperFraction"))
            return .fields(["mean": result.mean, "max": result.maximum])
        },
        Function(
            "mann_whitney", "rank test of two samples", inputs: ["x: observations", "y: observations"],
            reference: "Mann & Whitney (1947); tie and continuity corrections"
        ) { (i) throws(StatsError) in
            let test = try MannWhitney(try i.numbers("x"), try i.numbers("y"))
            let result = JSONValue.fields(["U1": test.u, "pAsymptotic": test.pAsymptotic])
            guard let exact = test.pExact else { return result }
            return result.with(["pExact": .number(exact)])
        },
        Function(
            "permutation_exact", "difference of means over all assignments", inputs: ["a: control", "b: treatment"],
            reference: "Fisher (1935), all C(n, k) assignments"
        ) { (i) throws(StatsError) in
            let test = try PermutationTest(exact: try i.numbers("a"), try i.numbers("b"))
            return .fields(["diff": test.difference, "pTwoSided": test.p])
        },
    ]
}
