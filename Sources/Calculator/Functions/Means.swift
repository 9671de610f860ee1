import JSON
import Stats

extension Inputs {
    func sample(_ name: String) throws(StatsError) -> Moments {
        let values = try numbers(name)
        for value in values where !value.isFinite { throw .invalid("\(name) must hold finite numbers only") }
        return Moments(of: values)
    }

    func summary(_ suffix: String) throws(StatsError) -> Moments {
        let arm = try ArmSummary(
            count: try number("n" + suffix), mean: try number("mean" + suffix), variance: try number("var" + suffix))
        return Moments(count: arm.count, mean: arm.mean, variance: arm.variance)
    }

    /// GrowthBook's short form: [n, successes] of a rate (`kind` p), [n, sum, sum of squares] of a mean (m).
    func growthBookArm(_ name: String, kind: String) throws(StatsError) -> ArmSummary {
        let values = try numbers(name)
        switch (kind, values.count) {
        case ("p", 2):
            return try ArmSummary(try Proportion(successes: values[1], trials: values[0]))
        case ("m", 3):
            let (n, sum, squares) = (values[0], values[1], values[2])
            guard n >= 2 else { throw .insufficient("each arm needs two units") }
            return try ArmSummary(count: n, mean: sum / n, variance: max(0, (squares - sum * sum / n) / (n - 1)))
        default:
            throw .invalid("\(name) must be [n, successes] for kind p or [n, sum, sumOfSquares] for kind m")
        }
    }

    func scale(_ name: String) throws(StatsError) -> Effect.Scale {
        switch try text(name) {
        case "absolute": return .absolute
        case "relative": return .relative
        default: throw .invalid("\(name) must be absolute or relative")
        }
    }
}

extension Calculator {
    private static let raw = ["x: control's observations", "y: treatment's observations"]
    private static let summaries = [
        "n1: control's units", "mean1: its mean", "var1: its sample variance", "n2: treatment's units",
        "mean2: its mean", "var2: its sample variance",
    ]

    static let meanFunctions: [Function] = [
        Function(
            "moments", "count, mean and sample variance", inputs: ["data: observations"],
            reference: "Chan, Golub & LeVeque (1983), eq. 1.7"
        ) { (i) throws(StatsError) in
            let moments = try i.sample("data")
            return .fields(["n": moments.count, "mean": moments.mean, "variance": try moments.variance])
        },
        Function(
            "merge_moments", "moments of chunks merged", inputs: ["chunks: arrays of observations"],
            reference: "Chan, Golub & LeVeque (1979), eq. 2.1"
        ) { (i) throws(StatsError) in
            var merged = Moments()
            for chunk in try i.rows("chunks") {
                for value in chunk where !value.isFinite { throw .invalid("chunks must hold finite numbers only") }
                merged = merged.merging(Moments(of: chunk))
            }
            return .fields(["n": merged.count, "mean": merged.mean, "variance": try merged.variance])
        },
        Function("student_t", "test of equal means, one variance", inputs: raw, reference: "Student (1908)") {
            (i) throws(StatsError) in
            let test = try PooledTest(try i.sample("x"), try i.sample("y"))
            return .fields(["t": test.t, "df": test.degreesOfFreedom, "p": test.p])
        },
        Function(
            "welch_t", "test of equal means, own variances", inputs: raw + ["alpha: two-sided, in (0, 1)"],
            reference: "Welch (1947)"
        ) { (i) throws(StatsError) in
            let test = try WelchTest(try i.sample("x"), try i.sample("y"))
            let interval = try test.interval(alpha: try i.number("alpha", default: 0.05))
            return .fields([
                "diff": test.difference, "se": test.standardError, "t": test.t, "df": test.degreesOfFreedom,
                "p": test.p, "ciLower": interval.lower, "ciUpper": interval.upper,
            ])
        },
        Function("welch_t_summary", "the same from summaries", inputs: summaries, reference: "Welch (1947)") {
            (i) throws(StatsError) in
            let test = try WelchTest(try i.summary("1"), try i.summary("2"))
            return .fields(["t": test.t, "df": test.degreesOfFreedom, "p": test.p])
        },
        Function(
            "gb_ttest", "GrowthBook's t test of a difference or a lift",
            inputs: [
                "a: control as [n, successes] or [n, sum, sumOfSquares]", "b: treatment likewise",
                "differenceType: absolute or relative", "alternative: two, greater or less", "alpha: in (0, 1)",
            ], reference: "gbstats 0.8.0, frequentist tests"
        ) { (i) throws(StatsError) in
            let kind = try i.numbers("a").count == 2 ? "p" : "m"
            let effect = try Effect(
                try i.scale("differenceType"), control: try i.growthBookArm("a", kind: kind),
                treatment: try i.growthBookArm("b", kind: kind))
            let alpha = try i.number("alpha", default: 0.05)
            guard alpha > 0, alpha < 1 else { throw .invalid("alpha must lie strictly between 0 and 1") }
            let law = StudentT(degreesOfFreedom: effect.degreesOfFreedom)
            let t = effect.estimate / effect.standardError
            let p: Double
            let interval: Interval
            switch try i.text("alternative", default: "two") {
            case "two", "two-sided":
                p = effect.p
                interval = try effect.interval(alpha: alpha)
            case "greater":
                p = law.upperTail(of: t)
                let half = law.upperQuantile(alpha) * effect.standardError
                interval = Interval(lower: effect.estimate - half, upper: .infinity)
            case "less", "lesser":
                p = law.lowerTail(of: t)
                let half = law.upperQuantile(alpha) * effect.standardError
                interval = Interval(lower: -.infinity, upper: effect.estimate - half)
            default: throw .invalid("alternative must be two, greater or less")
            }
            return .fields([
                "expected": effect.estimate, "p": p, "ciLower": interval.lower, "ciUpper": interval.upper,
                "se": effect.standardError,
            ])
        },
        Function(
            "fieller_lift_ci", "interval for mean2/mean1 − 1, unbounded where the data allow anything",
            inputs: summaries + ["alpha: two-sided, in (0, 1), 0.05 unless said"], reference: "Fieller (1954)"
        ) { (i) throws(StatsError) in
            let a = try i.summary("1")
            let b = try i.summary("2")
            guard a.count >= 2, b.count >= 2 else { throw .insufficient("each arm needs two units") }
            let alpha = try i.number("alpha", default: 0.05)
            guard alpha > 0, alpha < 1 else { throw .invalid("alpha must lie strictly between 0 and 1") }
            let interval = FiellerInterval(
                control: (a.mean, try a.variance / a.count), treatment: (b.mean, try b.variance / b.count),
                critical: Normal.upperQuantile(alpha / 2))
            switch interval {
            case .bounded(let interval): return JSONValue.interval(interval).with(["bounded": true])
            case .unbounded: return .unbounded.with(["bounded": false])
            }
        },
        Function(
            "profit_per_visitor", "profit and revenue per visitor at one price",
            inputs: ["n: visitors", "conversions: of them", "price: currency units", "unitCost: currency units"],
            reference: "a two-point variable; sample variance, n − 1"
        ) { (i) throws(StatsError) in
            let result = try ProfitPerVisitor(
                conversions: try i.proportion(n: "n", x: "conversions"), price: try i.number("price"),
                unitCost: try i.number("unitCost"))
            return .fields([
                "profitPerVisitor": result.profit, "revenuePerVisitor": result.revenue,
                "varianceProfit": result.variance, "se": result.standardError,
            ])
        },
        Function(
            "tost", "equivalence by two one-sided Welch tests",
            inputs: raw + ["low: lower margin", "high: upper margin"], reference: "Schuirmann (1987)"
        ) { (i) throws(StatsError) in
            let test = try WelchTest(try i.sample("x"), try i.sample("y"))
                .equivalence(low: try i.number("low"), high: try i.number("high"))
            return .fields(["p": test.p, "pLower": test.lower, "pUpper": test.upper])
        },
    ]
}
