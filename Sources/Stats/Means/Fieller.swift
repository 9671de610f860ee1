/// A lift with its exact-in-the-limit interval, or the statement that there is none.
public enum FiellerInterval: Sendable, Equatable {
    case bounded(Interval)
    /// The control mean is not distinguishable from zero at this level, so no finite interval has the level.
    case unbounded

    /// The interval for mean₂/mean₁ − 1, arms independent (Fieller 1954).
    ///
    /// - Parameters:
    ///   - control: mean and squared standard error of the baseline.
    ///   - treatment: of the other arm.
    ///   - critical: the quantile, of the normal or of t.
    public init(
        control: (mean: Double, variance: Double), treatment: (mean: Double, variance: Double), critical: Double
    ) {
        self = Self.ratio(
            numerator: treatment, denominator: control, covariance: 0, critical: critical, shift: -1)
    }

    /// The interval for numerator/denominator + shift, with their covariance.
    static func ratio(
        numerator: (mean: Double, variance: Double), denominator: (mean: Double, variance: Double),
        covariance: Double, critical: Double, shift: Double
    ) -> FiellerInterval {
        // The θ with (y − θx)² ≤ z² (Vy − 2θ Vxy + θ² Vx): a quadratic in θ.
        let z2 = critical * critical
        let a = denominator.mean * denominator.mean - z2 * denominator.variance
        guard a > 0 else { return .unbounded }
        let b = numerator.mean * denominator.mean - z2 * covariance
        let c = numerator.mean * numerator.mean - z2 * numerator.variance
        let root = max(0, b * b - a * c).squareRoot()
        // The larger root in absolute value first; the other from their product.
        let big = b >= 0 ? b + root : b - root
        let one = big / a
        let other = big == 0 ? 0 : c / big
        return .bounded(Interval(lower: min(one, other) + shift, upper: max(one, other) + shift))
    }
}
