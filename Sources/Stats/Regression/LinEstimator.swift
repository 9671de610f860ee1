/// The treatment effect with each covariate's slope free in either arm.
///
/// Lin (2013), "Agnostic notes on regression adjustments to experimental data": ordinary least squares of the outcome on
/// treatment, centred covariates and their products, with HC2 errors. Asymptotically never worse than the plain
/// difference, which one common slope can be when the arms differ in size.
public struct LinEstimator: Sendable {
    /// Treatment minus control at the covariates' common mean.
    public let effect: Double
    /// HC2.
    public let standardError: Double
    /// Observations less coefficients.
    public let degreesOfFreedom: Double
    /// What the arms would have at the covariates' common mean.
    public let controlMean: Double

    /// - Parameters:
    ///   - covariates: columns, each as long as the outcome; known before exposure. One that never varies is left out.
    ///   - treated: of each unit.
    /// - Throws: `insufficient` below two units an arm or one unit for each coefficient; `notIdentified` when covariates
    ///   depend on one another.
    public init(covariates: [[Double]], outcome y: [Double], treated: [Bool]) throws(StatsError) {
        try Require.sameLength(treated.count, y.count, "treated, outcome")
        for column in covariates { try Require.sameLength(column.count, y.count, "covariates, outcome") }
        let treatedCount = treated.count { $0 }
        guard treatedCount >= 2, treated.count - treatedCount >= 2 else {
            throw .insufficient("each arm needs two units")
        }
        let indicator = treated.map { $0 ? 1.0 : 0 }
        var columns = [y.map { _ in 1.0 }, indicator]
        for column in covariates {
            try Require.finite(column, "covariates")
            let moments = Moments(of: column)
            guard moments.sumOfSquaredDeviations > 0 else { continue }
            let centred = column.map { $0 - moments.mean }
            columns.append(centred)
            columns.append(zip(centred, indicator).map { $0 * $1 })
        }
        guard y.count > columns.count else { throw .insufficient("need more units than coefficients") }
        let fit = try LinearRegression(columns: columns, y: y)
        effect = fit.coefficients[1]
        standardError = try fit.robustErrors(.hc2)[1]
        degreesOfFreedom = Double(fit.observations - fit.parameters)
        controlMean = fit.coefficients[0]
    }

    public func interval(alpha: Double) throws(StatsError) -> Interval {
        try Require.fraction(alpha, "alpha")
        let half = StudentT(degreesOfFreedom: degreesOfFreedom).upperQuantile(alpha / 2) * standardError
        return Interval(lower: effect - half, upper: effect + half)
    }

    /// Two-sided p of no effect.
    public var p: Double {
        guard standardError > 0 else { return effect == 0 ? 1 : 0 }
        return StudentT(degreesOfFreedom: degreesOfFreedom).twoSidedTail(of: effect / standardError)
    }
}
