import JSON
import Stats

extension Calculator {
    static let multipleFunctions: [Function] = [
        Function(
            "adjust", "p-values corrected for their number",
            inputs: [
                "p: p-values",
                "method: \(Adjustment.allCases.map(\.rawValue).joined(separator: ", "))", "alpha: for the rejections",
            ],
            reference:
                "Holm (1979); Hochberg (1988); Hommel (1988); Benjamini & Hochberg (1995); Benjamini & Yekutieli (2001); Benjamini, Krieger & Yekutieli (2006)"
        ) { (i) throws(StatsError) in
            guard let method = Adjustment(rawValue: try i.text("method")) else { throw .invalid("unknown method") }
            let alpha = try i.number("alpha", default: 0.05)
            let adjusted = try method.adjusted(try i.numbers("p"), alpha: alpha)
            return [
                "ok": true, "adjusted": .numbers(adjusted), "reject": .array(adjusted.map { .bool($0 <= alpha) }),
            ]
        },
        Function(
            "dunnett", "several treatments against one control",
            inputs: ["control: observations", "treatments: arrays of observations"],
            reference: "Dunnett (1955), by quadrature over the control and the variance"
        ) { (i) throws(StatsError) in
            var treatments: [Moments] = []
            for row in try i.rows("treatments") {
                for value in row where !value.isFinite { throw .invalid("treatments must hold finite numbers only") }
                treatments.append(Moments(of: row))
            }
            let test = try DunnettTest(control: try i.sample("control"), treatments: treatments)
            return ["t": .numbers(test.t), "p": .numbers(test.p)]
        },
        Function(
            "dunnett_critical_inf", "Dunnett's critical value, known variance",
            inputs: ["k: treatments", "alpha", "rho: correlation of two comparisons", "twoSided: true or false"],
            reference: "Dunnett (1955)"
        ) { (i) throws(StatsError) in
            .number(
                try DunnettTest.criticalValue(
                    treatments: try i.integer("k"), alpha: try i.number("alpha"),
                    correlation: try i.number("rho", default: 0.5), twoSided: try i.flag("twoSided", default: true)))
        },
        Function(
            "tukey", "every arm against every other",
            inputs: ["arms: arrays of observations", "alpha: for the intervals"],
            reference: "Tukey (1949), Kramer (1956), the studentized range by quadrature"
        ) { (i) throws(StatsError) in
            var arms: [Moments] = []
            for row in try i.rows("arms") {
                for value in row where !value.isFinite { throw .invalid("arms must hold finite numbers only") }
                arms.append(Moments(of: row))
            }
            let test = try TukeyTest(arms)
            let intervals = try test.intervals(alpha: try i.number("alpha", default: 0.05))
            return [
                "pairs": .array(
                    test.pairs.map { .array([.integer(Int64($0.first)), .integer(Int64($0.second))]) }),
                "difference": .numbers(test.pairs.map(\.difference)), "p": .numbers(test.pairs.map(\.p)),
                "lower": .numbers(intervals.map(\.lower)), "upper": .numbers(intervals.map(\.upper)),
            ]
        },
        Function(
            "studentized_range", "tails and quantile of the studentized range",
            inputs: ["k: groups", "df: degrees of freedom, or \"inf\"", "q: for the tails", "alpha: upper tail"],
            reference: "Tukey (1949), by quadrature"
        ) { (i) throws(StatsError) in
            let law = try StudentizedRange(groups: try i.integer("k"), degreesOfFreedom: try i.number("df"))
            var result: JSONValue = [:]
            if i.has("q") {
                let q = try i.number("q")
                guard !q.isNaN else { throw .invalid("q must be a number") }
                result = result.with(["sf": .number(law.upperTail(of: q)), "cdf": .number(law.lowerTail(of: q))])
            }
            if i.has("alpha") {
                result = result.with(["isf": .number(try law.upperQuantile(try i.number("alpha")))])
            }
            return result
        },
        Function(
            "e_bh", "how many e-values are rejected", inputs: ["e: e-values, >= 0", "alpha: false discovery rate"],
            reference: "Wang & Ramdas (2022)"
        ) { (i) throws(StatsError) in
            [
                "rejections": .integer(
                    Int64(try Adjustment.eValueRejections(try i.numbers("e"), alpha: try i.number("alpha"))))
            ]
        },
    ]
}
