/// Two means with the extremes cut off on both sides: for revenue whose few largest orders decide everything.
///
/// Yuen (1974): Welch's test on trimmed means with winsorised variances. It compares trimmed means, not means: what is
/// cut off does not count, however real the money was.
public struct TrimmedTest: Sendable, Equatable {
    /// Second minus first, of trimmed means.
    public let difference: Double
    public let standardError: Double
    public let t: Double
    public let degreesOfFreedom: Double
    /// Two-sided.
    public let p: Double

    /// - Parameter fraction: cut off at either end, in [0, ½).
    /// - Throws: `insufficient` when fewer than two observations an arm remain, `zeroVariance` when neither varies.
    public init(_ first: OrderedSample, _ second: OrderedSample, fraction: Double) throws(StatsError) {
        guard fraction >= 0, fraction < 0.5 else { throw .invalid("the trimmed fraction must lie in [0, 0.5)") }
        let a = try Self.arm(first.values, fraction)
        let b = try Self.arm(second.values, fraction)
        let total = a.variance + b.variance
        guard total > 0 else { throw .zeroVariance("neither arm varies") }
        difference = b.mean - a.mean
        standardError = total.squareRoot()
        t = difference / standardError
        let (wa, wb) = (a.variance / total, b.variance / total)
        degreesOfFreedom = 1 / (wa * wa / (a.kept - 1) + wb * wb / (b.kept - 1))
        p = StudentT(degreesOfFreedom: degreesOfFreedom).twoSidedTail(of: t)
    }

    /// The trimmed mean, its squared error (n − 1) s_w² / [h (h − 1)], and h, the number kept.
    private static func arm(
        _ sorted: [Double], _ fraction: Double
    ) throws(StatsError) -> (mean: Double, variance: Double, kept: Double) {
        let cut = Int(fraction * Double(sorted.count))
        let kept = sorted.count - 2 * cut
        guard kept >= 2 else { throw .insufficient("each arm needs two observations after trimming") }
        let middle = Moments(of: sorted[cut..<(sorted.count - cut)])
        let low = sorted[cut]
        let high = sorted[sorted.count - cut - 1]
        let winsorised = Moments(of: sorted.map { min(max($0, low), high) })
        let h = Double(kept)
        return (middle.mean, winsorised.sumOfSquaredDeviations / (h * (h - 1)), h)
    }

    /// The interval for the difference of trimmed means.
    public func interval(alpha: Double) throws(StatsError) -> Interval {
        try Require.fraction(alpha, "alpha")
        let half = StudentT(degreesOfFreedom: degreesOfFreedom).upperQuantile(alpha / 2) * standardError
        return Interval(lower: difference - half, upper: difference + half)
    }
}
