/// A difference from control read in another way than the plain one, with the same methods and levels.
public struct EffectEstimate: Sendable, Equatable {
    /// Shoppers of both variants.
    public var n: Int64
    public var difference: Double
    public var standardError: Double
    /// Difference ÷ control's mean; nil where that is zero.
    public var relative: Double?
    /// Valid at every look, adjusted for the number of comparisons.
    public var confidenceSequence: ConfidenceInterval?
    public var relativeConfidenceSequence: ConfidenceInterval?
    /// Adjusted for the number of comparisons.
    public var alwaysValidPValue: Double
    /// Of one look, Welch's, not adjusted; nil unless the plan is to look once.
    public var fixedPValue: Double?
    /// Of one look, adjusted for the number of comparisons.
    public var fixedInterval: ConfidenceInterval?
}

/// What CUPED says of a difference, to be shown beside the plain one (Deng, Xu, Kohavi & Walker 2013).
public struct AdjustedDifference: Sendable, Equatable {
    /// `spent_before`, or the name of the attribute.
    public var covariate: String
    /// Shoppers of both variants whose covariate is known. The others are compared without it, as a stratum of their own.
    public var withCovariate: Int64
    /// By how much the metric rises with one of the covariate; in both variants together.
    public var theta: Double
    /// The share of the variance that the adjustment took away; below zero where it did harm.
    public var varianceReduction: Double
    public var estimate: EffectEstimate
}

/// What the largest amounts make of a difference.
public struct WinsorisedDifference: Sendable, Equatable {
    /// The share of all shoppers, from the least amount up, who keep theirs.
    public var share: Double
    /// The amount that larger ones are taken for: minor units or a number of things.
    public var cap: Int64
    /// Shoppers whose amounts were taken for less.
    public var cappedInControl: Int64
    public var cappedInVariant: Int64
    /// The plain difference less this one: what the largest amounts contribute.
    public var influence: Double
    public var estimate: EffectEstimate
}
