import Glibc

/// The effect of treatment in a linear model, to be looked at as often as one likes.
///
/// Lindon, Ham, Tingley & Bojinov (2022), "Anytime-valid linear models and regression adjusted causal inference in
/// randomized experiments", Theorem 3.2 and its inversion. The usual t statistic, judged by a mixture over effects in
/// place of a quantile.
public struct AnytimeRegression: Sendable, Equatable {
    public let estimate: Double
    public let standardError: Double
    /// Observations less coefficients.
    public let degreesOfFreedom: Double
    /// What the other columns leave of treatment's: Σ (residual of treatment on them)².
    public let information: Double
    /// The prior's precision, > 0.
    public let phi: Double

    /// - Parameters:
    ///   - phi: the information at which the interval shall be narrow, chosen before the data: a tenth of the units
    ///     expected is a fair choice for even arms.
    public init(
        estimate: Double, standardError: Double, degreesOfFreedom: Double, information: Double, phi: Double
    ) throws(StatsError) {
        try Require.finite(estimate, "estimate")
        try Require.positive(standardError, "standardError")
        try Require.positive(degreesOfFreedom, "degreesOfFreedom")
        try Require.positive(information, "information")
        try Require.positive(phi, "phi")
        self.estimate = estimate
        self.standardError = standardError
        self.degreesOfFreedom = degreesOfFreedom
        self.information = information
        self.phi = phi
    }

    /// By least squares of the outcome on a constant, treatment and covariates.
    ///
    /// - Throws: `insufficient` without a degree of freedom, `notIdentified` when columns depend on one another,
    ///   `zeroVariance` when the model explains the outcome entirely.
    public init(
        treatment: [Double], covariates: [[Double]], outcome: [Double], phi: Double
    ) throws(StatsError) {
        let fit = try LinearRegression(columns: [outcome.map { _ in 1 }, treatment] + covariates, y: outcome)
        let variance = try fit.residualVariance
        let error = try fit.classicErrors()[1]
        guard variance > 0, error > 0 else { throw .zeroVariance("the model leaves no residual") }
        try self.init(
            estimate: fit.coefficients[1], standardError: error,
            degreesOfFreedom: Double(fit.observations - fit.parameters), information: variance / (error * error),
            phi: phi)
    }

    /// log of the e-value against an effect.
    public func logEValue(against null: Double = 0) throws(StatsError) -> Double {
        let t = (estimate - null) / standardError
        return try AnytimeTTest.logBayesFactor(t2: t * t, nu: degreesOfFreedom, phi: phi, z2: information)
    }

    /// The always-valid p-value at this look: 1/e, at most 1. A report takes the smallest over its looks.
    public func p(against null: Double = 0) throws(StatsError) -> Double {
        exp(min(0, -(try logEValue(against: null))))
    }

    /// The effects whose e-value has not reached 1/alpha: from −∞ to ∞ while there is too little data for any to have.
    public func interval(alpha: Double) throws(StatsError) -> Interval {
        try Require.fraction(alpha, "alpha")
        // (1 + u)/(1 + ru) < A with u = t²/ν, r = φ/(φ + z²), log A = 2/(ν + 1) · [log(1/α) − ½ log r].
        let logGrowth = 2 / (degreesOfFreedom + 1) * (-log(alpha) + 0.5 * log1p(information / phi))
        let room = 1 - phi / (phi + information) * exp(logGrowth)
        guard room > 0 else { return Interval(lower: -.infinity, upper: .infinity) }
        let half = (degreesOfFreedom * expm1(logGrowth) / room).squareRoot() * standardError
        return Interval(lower: estimate - half, upper: estimate + half)
    }
}
