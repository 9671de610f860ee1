/// Outcomes adjusted for what was known before exposure: CUPED.
///
/// Deng, Xu, Kohavi & Walker (2013), eq. 4: y − θ x with one θ = cov(x, y)/var(x) over both arms together.
public struct Cuped: Sendable, Equatable {
    /// What one arm contributes: sums that add.
    public struct Arm: Sendable, Equatable {
        public let outcome: Moments
        public let covariate: Moments
        /// Σ (x − x̄)(y − ȳ).
        public let crossDeviation: Double

        public init(outcome: Moments, covariate: Moments, crossDeviation: Double) {
            self.outcome = outcome
            self.covariate = covariate
            self.crossDeviation = crossDeviation
        }

        /// From data at hand, in the same order.
        public init(covariate x: [Double], outcome y: [Double]) throws(StatsError) {
            try Require.sameLength(x.count, y.count, "covariate, outcome")
            try Require.finite(x, "covariate")
            try Require.finite(y, "outcome")
            guard x.count >= 2 else { throw .insufficient("each arm needs two units") }
            covariate = Moments(of: x)
            outcome = Moments(of: y)
            var sum = CompensatedSum()
            for (x, y) in zip(x, y) { sum.add((x - covariate.mean) * (y - outcome.mean)) }
            crossDeviation = sum.value
        }

        /// From exact sums in minor units.
        public init(_ sums: ExactPairMoments, covariateUnit: Double = 1, outcomeUnit: Double = 1) throws(StatsError) {
            covariate = try sums.first.moments(unit: covariateUnit)
            outcome = try sums.second.moments(unit: outcomeUnit)
            crossDeviation = try sums.covariance * Double(sums.count - 1) * covariateUnit * outcomeUnit
        }

        /// The mean and unit variance of y − θ (x − centre).
        func adjusted(_ theta: Double, about centre: Double) throws(StatsError) -> ArmSummary {
            let n = outcome.count
            guard n >= 2 else { throw .insufficient("each arm needs two units") }
            let squares =
                outcome.sumOfSquaredDeviations - 2 * theta * crossDeviation
                + theta * theta * covariate.sumOfSquaredDeviations
            return try ArmSummary(
                count: n, mean: outcome.mean - theta * (covariate.mean - centre), variance: max(0, squares) / (n - 1))
        }
    }

    public let theta: Double
    /// Adjusted about the common covariate mean, so that the arms keep their level: y − θ (x − x̄).
    public let control: ArmSummary
    public let treatment: ArmSummary
    /// The unadjusted arms, to show beside.
    public let unadjustedControl: ArmSummary
    public let unadjustedTreatment: ArmSummary

    public init(control: Arm, treatment: Arm) throws(StatsError) {
        let both = control.covariate.merging(treatment.covariate)
        let shift =
            (treatment.covariate.mean - control.covariate.mean) * (treatment.outcome.mean - control.outcome.mean)
            * control.outcome.count * treatment.outcome.count / (control.outcome.count + treatment.outcome.count)
        let cross = control.crossDeviation + treatment.crossDeviation + shift
        // A covariate that never varies adjusts nothing.
        let theta = both.sumOfSquaredDeviations > 0 ? cross / both.sumOfSquaredDeviations : 0
        self.theta = theta
        self.control = try control.adjusted(theta, about: both.mean)
        self.treatment = try treatment.adjusted(theta, about: both.mean)
        unadjustedControl = try ArmSummary(control.outcome)
        unadjustedTreatment = try ArmSummary(treatment.outcome)
    }

    init(
        theta: Double, control: ArmSummary, treatment: ArmSummary, unadjustedControl: ArmSummary,
        unadjustedTreatment: ArmSummary
    ) {
        self.theta = theta
        self.control = control
        self.treatment = treatment
        self.unadjustedControl = unadjustedControl
        self.unadjustedTreatment = unadjustedTreatment
    }

    /// How much of the difference's variance the adjustment removed, in [0, 1) unless it did harm.
    public var varianceReduction: Double {
        let before =
            unadjustedControl.variance / unadjustedControl.count
            + unadjustedTreatment.variance / unadjustedTreatment.count
        let after = control.variance / control.count + treatment.variance / treatment.count
        return before > 0 ? 1 - after / before : 0
    }

    /// The adjusted effect. A relative one is over control's unadjusted mean.
    public func effect(_ scale: Effect.Scale) throws(StatsError) -> Effect {
        try Effect(
            scale, control: control, treatment: treatment,
            levels: (unadjustedControl.mean, unadjustedTreatment.mean))
    }
}

/// The difference of means weighted by stratum (Miratrix, Sekhon & Yu 2013, eq. 2).
public struct PostStratified: Sendable, Equatable {
    public let difference: Double
    public let standardError: Double

    /// - Parameter strata: control and treatment of each.
    public init(_ strata: [(control: ArmSummary, treatment: ArmSummary)]) throws(StatsError) {
        guard !strata.isEmpty else { throw .insufficient("need a stratum") }
        var total = 0.0
        for stratum in strata {
            guard stratum.control.count > 0, stratum.treatment.count > 0 else {
                throw .insufficient("each stratum needs units in both arms")
            }
            total += stratum.control.count + stratum.treatment.count
        }
        var difference = CompensatedSum()
        var variance = 0.0
        for (control, treatment) in strata {
            let share = (control.count + treatment.count) / total
            difference.add(share * (treatment.mean - control.mean))
            variance += share * share * (control.variance / control.count + treatment.variance / treatment.count)
        }
        self.difference = difference.value
        standardError = variance.squareRoot()
    }
}
