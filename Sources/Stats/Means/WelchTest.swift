/// Two means with their own variances (Welch 1947, Satterthwaite's degrees of freedom).
public struct WelchTest: Sendable, Equatable {
    /// Second minus first.
    public let difference: Double
    public let standardError: Double
    public let t: Double
    public let degreesOfFreedom: Double
    /// Two-sided, to full relative accuracy down to 1e-320.
    public let p: Double

    /// - Throws: `insufficient` below two observations an arm, `zeroVariance` when neither arm varies.
    public init(_ first: Moments, _ second: Moments) throws(StatsError) {
        for arm in [first, second] {
            try Require.finite(arm.mean, "means")
            try Require.nonNegative(arm.sumOfSquaredDeviations, "variances")
            try Require.nonNegative(arm.count, "counts")
        }
        guard first.count >= 2, second.count >= 2 else { throw .insufficient("each arm needs two observations") }
        let v1 = try first.variance / first.count
        let v2 = try second.variance / second.count
        guard v1 + v2 > 0 else { throw .zeroVariance("neither arm varies") }
        difference = second.difference(from: first)
        standardError = (v1 + v2).squareRoot()
        t = difference / standardError
        // (v1 + v2)² / [v1²/(n1−1) + v2²/(n2−1)] in shares, so that nothing under- or overflows.
        let w1 = v1 / (v1 + v2)
        let w2 = v2 / (v1 + v2)
        degreesOfFreedom = 1 / (w1 * w1 / (first.count - 1) + w2 * w2 / (second.count - 1))
        p = StudentT(degreesOfFreedom: degreesOfFreedom).twoSidedTail(of: t)
    }

    /// The interval for the difference.
    public func interval(alpha: Double) throws(StatsError) -> Interval {
        try Require.fraction(alpha, "alpha")
        let half = StudentT(degreesOfFreedom: degreesOfFreedom).upperQuantile(alpha / 2) * standardError
        return Interval(lower: difference - half, upper: difference + half)
    }

    /// Two one-sided tests of −∞ < low < difference < high (Schuirmann 1987).
    public func equivalence(low: Double, high: Double) throws(StatsError) -> (p: Double, lower: Double, upper: Double) {
        guard low.isFinite, high.isFinite, low < high else { throw .invalid("need low < high") }
        let law = StudentT(degreesOfFreedom: degreesOfFreedom)
        let lower = law.upperTail(of: (difference - low) / standardError)
        let upper = law.lowerTail(of: (difference - high) / standardError)
        return (max(lower, upper), lower, upper)
    }
}

/// Student's test of equal means under one common variance.
public struct PooledTest: Sendable, Equatable {
    public let t: Double
    public let degreesOfFreedom: Double
    public let p: Double

    public init(_ first: Moments, _ second: Moments) throws(StatsError) {
        guard first.count >= 1, second.count >= 1, first.count + second.count >= 3 else {
            throw .insufficient("the two arms need three observations between them")
        }
        let df = first.count + second.count - 2
        let pooled = (first.sumOfSquaredDeviations + second.sumOfSquaredDeviations) / df
        guard pooled > 0 else { throw .zeroVariance("neither arm varies") }
        degreesOfFreedom = df
        t = second.difference(from: first) / (pooled * (1 / first.count + 1 / second.count)).squareRoot()
        p = StudentT(degreesOfFreedom: df).twoSidedTail(of: t)
    }
}
