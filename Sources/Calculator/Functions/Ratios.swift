import JSON
import Stats

extension Inputs {
    func clusters(_ name: String) throws(StatsError) -> [Int] {
        var result: [Int] = []
        for value in try numbers(name) {
            guard value == value.rounded(), abs(value) < 1e15 else { throw .invalid("\(name) must hold whole numbers") }
            result.append(Int(value))
        }
        return result
    }
}

extension Calculator {
    private static let pairs = ["m: numerators, one a unit", "d: denominators"]

    static func comparison(_ effect: Effect, alpha: Double) throws(StatsError) -> JSONValue {
        let interval = try effect.interval(alpha: alpha)
        return .fields([
            "expected": effect.estimate, "p": effect.p, "ciLower": interval.lower, "ciUpper": interval.upper,
        ])
    }

    static let ratioFunctions: [Function] = [
        Function(
            "ratio_delta", "two ratios of sums compared",
            inputs: [
                "mA: control's numerators", "dA: its denominators", "mB: treatment's numerators",
                "dB: its denominators", "alpha: two-sided",
            ], reference: "Deng et al. (2018), §2; gbstats 0.8.0 RatioStatistic"
        ) { (i) throws(StatsError) in
            let a = try RatioMetric(numerators: try i.numbers("mA"), denominators: try i.numbers("dA"))
            let b = try RatioMetric(numerators: try i.numbers("mB"), denominators: try i.numbers("dB"))
            let alpha = try i.number("alpha", default: 0.05)
            let (control, treatment) = (try a.summary, try b.summary)
            return [
                "ratioA": .number(a.ratio), "varA": .number(control.variance), "ratioB": .number(b.ratio),
                "varB": .number(treatment.variance),
                "absolute": try comparison(
                    try Effect(.absolute, control: control, treatment: treatment), alpha: alpha),
                "relative": try comparison(
                    try Effect(.relative, control: control, treatment: treatment), alpha: alpha),
            ]
        },
        Function(
            "ratio_linearised_se", "a ratio of sums and its standard error", inputs: pairs,
            reference: "Deng et al. (2018), §2"
        ) { (i) throws(StatsError) in
            let ratio = try RatioMetric(numerators: try i.numbers("m"), denominators: try i.numbers("d"))
            return .fields(["ratio": ratio.ratio, "se": try ratio.summary.standardError])
        },
        Function("ratio_jackknife", "the same leaving one unit out", inputs: pairs, reference: "Quenouille (1956)") {
            (i) throws(StatsError) in
            let result = try RatioMetric.jackknife(numerators: try i.numbers("m"), denominators: try i.numbers("d"))
            return .fields(["biasCorrected": result.biasCorrected, "se": result.standardError])
        },
        Function(
            "ratio_fieller", "interval for a ratio of sums", inputs: pairs + ["alpha: two-sided"],
            reference: "Fieller (1954), paired, normal quantile"
        ) { (i) throws(StatsError) in
            let ratio = try RatioMetric(numerators: try i.numbers("m"), denominators: try i.numbers("d"))
            switch try ratio.fieller(alpha: try i.number("alpha", default: 0.05)) {
            case .bounded(let interval): return .interval(interval)
            case .unbounded: return .unbounded
            }
        },
        Function(
            "cluster_robust_ols", "treatment effect with errors robust to clusters",
            inputs: ["y: outcomes", "treat: 0 or 1", "cluster: whole numbers"],
            reference: "Cameron & Miller (2015), §II.B, factor G/(G − 1) · (N − 1)/(N − K)"
        ) { (i) throws(StatsError) in
            let y = try i.numbers("y")
            let fit = try LinearRegression(columns: [y.map { _ in 1 }, try i.numbers("treat")], y: y)
            return [
                "coef": .numbers(fit.coefficients), "se": .numbers(try fit.clusterErrors(try i.clusters("cluster"))),
            ]
        },
        Function(
            "switchback_hac", "treatment effect with errors robust to autocorrelation",
            inputs: ["y: outcomes in order of time", "treat: 0 or 1", "maxLags"],
            reference: "Newey & West (1987), Bartlett weights"
        ) { (i) throws(StatsError) in
            let y = try i.numbers("y")
            let fit = try LinearRegression(columns: [y.map { _ in 1 }, try i.numbers("treat")], y: y)
            return [
                "coef": .numbers(fit.coefficients),
                "se": .numbers(try fit.autocorrelationErrors(lags: try i.integer("maxLags"))),
            ]
        },
    ]
}
