import JSON
import Stats

extension Inputs {
    func cuped() throws(StatsError) -> Cuped {
        try Cuped(
            control: try Cuped.Arm(covariate: try numbers("xControl"), outcome: try numbers("yControl")),
            treatment: try Cuped.Arm(covariate: try numbers("xTreatment"), outcome: try numbers("yTreatment")))
    }

    /// Which units are treated: 0 or 1 each.
    func arms(_ name: String) throws(StatsError) -> [Bool] {
        var arms: [Bool] = []
        for value in try numbers(name) {
            guard value == 0 || value == 1 else { throw .invalid("\(name) must hold 0 and 1 only") }
            arms.append(value == 1)
        }
        return arms
    }

    /// The columns of a matrix given by rows.
    func columns(_ name: String) throws(StatsError) -> [[Double]] {
        let rows = try rows(name)
        guard let width = rows.first?.count else { throw .insufficient("\(name) is empty") }
        for row in rows where row.count != width { throw .invalid("rows of \(name) must have the same length") }
        return (0..<width).map { j in rows.map { $0[j] } }
    }
}

extension Calculator {
    private static let armPairs = [
        "xControl: covariate before exposure", "yControl: outcome", "xTreatment: covariate", "yTreatment: outcome",
    ]

    private static func centred(_ x: [Double]) -> [Double] {
        let mean = Moments(of: x).mean
        return x.map { $0 - mean }
    }

    static let cupedFunctions: [Function] = [
        Function(
            "cuped_pooled", "outcomes adjusted by a covariate, one slope for both arms", inputs: armPairs,
            reference: "Deng et al. (2013), eq. 4"
        ) { (i) throws(StatsError) in
            let cuped = try i.cuped()
            let effect = try cuped.effect(.absolute)
            let plain = try Effect(
                .absolute, control: cuped.unadjustedControl, treatment: cuped.unadjustedTreatment)
            return .fields([
                "theta": cuped.theta, "adjMeanControl": cuped.control.mean, "adjVarControl": cuped.control.variance,
                "adjMeanTreatment": cuped.treatment.mean, "adjVarTreatment": cuped.treatment.variance,
                "diff": effect.estimate, "se": effect.standardError, "seUnadjusted": plain.standardError,
                "varianceReduction": cuped.varianceReduction,
            ])
        },
        Function(
            "gb_cuped_ttest", "the same as GrowthBook reports it",
            inputs: armPairs + ["differenceType: absolute or relative", "alpha: 0.05 unless said"],
            reference: "gbstats 0.8.0, RegressionAdjustedStatistic"
        ) { (i) throws(StatsError) in
            let cuped = try i.cuped()
            let effect = try cuped.effect(try i.scale("differenceType"))
            return try comparison(effect, alpha: try i.number("alpha", default: 0.05))
                .with(["theta": .number(cuped.theta)])
        },
        Function(
            "ancova", "treatment effect with one covariate, six kinds of standard error",
            inputs: ["x: covariate", "y: outcome", "treat: 0 or 1"], reference: "MacKinnon & White (1985)"
        ) { (i) throws(StatsError) in
            let y = try i.numbers("y")
            let fit = try LinearRegression(
                columns: [y.map { _ in 1 }, try i.numbers("treat"), centred(try i.numbers("x"))], y: y)
            return [
                "coef": .numbers(fit.coefficients), "seClassic": .numbers(try fit.classicErrors()),
                "seHC0": .numbers(try fit.robustErrors(.hc0)), "seHC1": .numbers(try fit.robustErrors(.hc1)),
                "seHC2": .numbers(try fit.robustErrors(.hc2)), "seHC3": .numbers(try fit.robustErrors(.hc3)),
            ]
        },
        Function(
            "lin_interacted", "treatment effect with the covariate's slope free in each arm",
            inputs: ["x: covariate", "y: outcome", "treat: 0 or 1"], reference: "Lin (2013), HC2"
        ) { (i) throws(StatsError) in
            let lin = try LinEstimator(
                covariates: [try i.numbers("x")], outcome: try i.numbers("y"), treated: try i.arms("treat"))
            return .fields(["ate": lin.effect, "seHC2": lin.standardError])
        },
        Function(
            "cuped_multi", "outcomes adjusted by several covariates",
            inputs: ["X: rows of covariates", "y: outcome", "treat: 0 or 1"],
            reference: "Deng et al. (2013), App. B: θ = Sxx⁻¹ sxy over both arms"
        ) { (i) throws(StatsError) in
            let y = try i.numbers("y")
            let cuped = try MultiCuped(
                covariates: try i.columns("X"), outcome: y, treated: try i.arms("treat"))
            let effect = try cuped.effect(.absolute)
            return [
                "theta": .numbers(cuped.theta), "diff": .number(effect.estimate), "se": .number(effect.standardError),
            ]
        },
        Function(
            "ols_rank_deficient", "least squares of smallest norm when columns depend on one another",
            inputs: ["X: rows of the design, treatment second", "y: outcome"], reference: "LAPACK DGELSD"
        ) { (i) throws(StatsError) in
            let fit = try MinimumNormRegression(rows: try i.rows("X"), y: try i.numbers("y"))
            var result: JSONValue = [
                "rank": .integer(Int64(fit.rank)), "minNormCoef": .numbers(fit.coefficients),
                "rss": .number(fit.residualSumOfSquares),
            ]
            if fit.coefficients.count > 1 { result = result.with(["treatCoef": .number(fit.coefficients[1])]) }
            return result
        },
        Function(
            "ols_nist", "ordinary least squares",
            inputs: ["y: outcome", "X: rows of the design, or", "x: one variable, with", "powers: its powers"],
            reference: "Householder QR with refinement; NIST StRD"
        ) { (i) throws(StatsError) in
            let y = try i.numbers("y")
            let columns: [[Double]]
            if i.has("X") {
                columns = try i.columns("X")
            } else {
                let x = try i.numbers("x")
                columns = try i.numbers("powers").map { power in x.map { Self.power($0, power) } }
            }
            let fit = try LinearRegression(columns: columns, y: y)
            let total = Moments(of: y).sumOfSquaredDeviations
            var result: JSONValue = ["coef": .numbers(fit.coefficients)]
            if fit.observations > fit.parameters {
                result = result.with([
                    "se": .numbers(try fit.classicErrors()),
                    "residualSD": .number(try fit.residualVariance.squareRoot()),
                ])
            }
            if total > 0 { result = result.with(["r2": .number(1 - fit.residualSumOfSquares / total)]) }
            return result
        },
        Function(
            "post_stratified_diff", "difference of means weighted by stratum",
            inputs: ["strata: objects with nC, meanC, varC, nT, meanT, varT"],
            reference: "Miratrix, Sekhon & Yu (2013), eq. 2"
        ) { (i) throws(StatsError) in
            var strata: [(control: ArmSummary, treatment: ArmSummary)] = []
            for s in try i.objects("strata") {
                strata.append(
                    (
                        try ArmSummary(
                            count: try s.number("nC"), mean: try s.number("meanC"), variance: try s.number("varC")),
                        try ArmSummary(
                            count: try s.number("nT"), mean: try s.number("meanT"), variance: try s.number("varT"))
                    ))
            }
            let result = try PostStratified(strata)
            return .fields(["diff": result.difference, "se": result.standardError])
        },
    ]

    /// Whole powers by multiplication: exact while they fit.
    private static func power(_ x: Double, _ exponent: Double) -> Double {
        var result = 1.0
        var k = 0.0
        while k < exponent {
            result *= x
            k += 1
        }
        return result
    }
}
