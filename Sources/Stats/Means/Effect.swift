/// What one arm contributes to a comparison of means: how many units, their mean and the variance of one unit.
public struct ArmSummary: Sendable, Equatable {
    public let count: Double
    public let mean: Double
    /// Variance of a single unit, so that the mean's variance is `variance / count`.
    public let variance: Double

    /// - Throws: `invalid` for numbers no sample has.
    public init(count: Double, mean: Double, variance: Double) throws(StatsError) {
        try Require.nonNegative(count, "count")
        try Require.finite(mean, "mean")
        try Require.nonNegative(variance, "variance")
        self.count = count
        self.mean = mean
        self.variance = variance
    }

    /// A rate: variance p (1 − p).
    public init(_ proportion: Proportion) throws(StatsError) {
        let p = try proportion.estimate
        try self.init(count: proportion.trials, mean: p, variance: p * (proportion.failures / proportion.trials))
    }

    /// Real observations: the sample variance, denominator n − 1.
    public init(_ moments: Moments) throws(StatsError) {
        try self.init(count: moments.count, mean: moments.mean, variance: try moments.variance)
    }

    /// A ratio of two sums over units (average order value, refund rate): Deng et al. (2018), §2. Its variance per
    /// unit is (s_m² − 2R s_md + R² s_d²) / d̄².
    public init(
        ratioOf numerator: Moments, to denominator: Moments, covariance: Double
    ) throws(StatsError) {
        guard denominator.mean != 0 else { throw .insufficient("the denominator of the ratio is zero") }
        let ratio = numerator.mean / denominator.mean
        let spread =
            try numerator.variance - 2 * ratio * covariance + ratio * ratio * denominator.variance
        try self.init(
            count: numerator.count, mean: ratio, variance: max(0, spread) / (denominator.mean * denominator.mean))
    }

    public var standardError: Double { (variance / count).squareRoot() }
}

/// How treatment differs from control, with its standard error.
public struct Effect: Sendable, Equatable {
    public enum Scale: Sendable, Equatable {
        /// treatment − control.
        case absolute
        /// treatment / control − 1, its error by the delta method (Deng et al. 2018, eq. 2).
        case relative
    }

    public let scale: Scale
    public let estimate: Double
    public let standardError: Double
    /// Units in both arms.
    public let count: Double
    /// Satterthwaite's, of the absolute difference.
    public let degreesOfFreedom: Double

    /// - Throws: `insufficient` below two units an arm or, for a relative effect, when control's mean is zero;
    ///   `zeroVariance` when neither arm varies.
    public init(_ scale: Scale, control: ArmSummary, treatment: ArmSummary) throws(StatsError) {
        try self.init(scale, control: control, treatment: treatment, levels: (control.mean, treatment.mean))
    }

    /// - Parameter levels: the means a relative effect refers to, which an adjustment must not move.
    init(
        _ scale: Scale, control: ArmSummary, treatment: ArmSummary, levels: (control: Double, treatment: Double)
    ) throws(StatsError) {
        guard control.count >= 2, treatment.count >= 2 else { throw .insufficient("each arm needs two units") }
        let vc = control.variance / control.count
        let vt = treatment.variance / treatment.count
        guard vc + vt > 0 else { throw .zeroVariance("neither arm varies") }
        self.scale = scale
        count = control.count + treatment.count
        let wc = vc / (vc + vt)
        let wt = vt / (vc + vt)
        degreesOfFreedom = 1 / (wc * wc / (control.count - 1) + wt * wt / (treatment.count - 1))
        switch scale {
        case .absolute:
            estimate = treatment.mean - control.mean
            standardError = (vc + vt).squareRoot()
        case .relative:
            guard levels.control != 0 else {
                throw .insufficient("a relative effect needs a control mean other than 0")
            }
            let ratio = levels.treatment / levels.control
            estimate = (treatment.mean - control.mean) / levels.control
            standardError = (vt + ratio * ratio * vc).squareRoot() / abs(levels.control)
        }
    }

    /// Two-sided p of no effect, Student's t.
    public var p: Double {
        StudentT(degreesOfFreedom: degreesOfFreedom).twoSidedTail(of: estimate / standardError)
    }

    /// The fixed-horizon interval: right for one look, too narrow for many.
    public func interval(alpha: Double) throws(StatsError) -> Interval {
        try Require.fraction(alpha, "alpha")
        let half = StudentT(degreesOfFreedom: degreesOfFreedom).upperQuantile(alpha / 2) * standardError
        return Interval(lower: estimate - half, upper: estimate + half)
    }

    /// The interval that holds at every look.
    public func confidenceSequence(alpha: Double, tuning: Double) throws(StatsError) -> AsymptoticConfidenceSequence {
        try AsymptoticConfidenceSequence(
            estimate: estimate, standardError: standardError, count: count, alpha: alpha, tuning: tuning)
    }
}
