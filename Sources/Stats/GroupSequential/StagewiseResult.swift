import Glibc

/// What may be said after a group-sequential experiment stopped: the naive estimate and p-value are biased towards the
/// boundary that stopped it.
///
/// Stage-wise ordering (Armitage 1957; Jennison & Turnbull 2000, §8.4): to stop earlier is more extreme, then to stop
/// further out.
public struct StagewiseResult: Sendable, Equatable {
    /// One-sided, against a positive effect.
    public let upperP: Double
    /// Two-sided: twice the smaller side.
    public let p: Double
    /// The drift whose result lies in the middle: Z at full information is expected to be this. Times the standard error
    /// that the estimate has at full information it is the median-unbiased effect.
    public let medianDrift: Double
    /// The drifts that are not rejected at `alpha`, in the same unit.
    public let driftInterval: Interval

    /// - Parameters:
    ///   - look: the index of the look at which it stopped, from 0.
    ///   - z: the statistic there.
    ///   - alpha: of the interval, two-sided.
    public init(_ design: GroupSequentialDesign, look: Int, z: Double, alpha: Double) throws(StatsError) {
        try Require.finite(z, "z")
        try Require.fraction(alpha, "alpha")
        guard design.infoFractions.indices.contains(look) else { throw .invalid("no such look") }
        // Stopping low is stopping high with the sign turned.
        let turned = z < 0 && design.sides == 2
        let value = turned ? -z : z
        func upper(_ drift: Double) -> Double {
            var walk = StagewiseWalk(drift: drift)
            var sum = 0.0
            for k in 0..<look {
                sum += walk.upperCrossing(design.criticalZ[k], at: design.infoFractions[k])
                walk.advance(
                    to: design.infoFractions[k], before: design.infoFractions[k + 1],
                    lower: design.sides == 2 ? -design.criticalZ[k] : -.infinity,
                    upper: design.criticalZ[k])
            }
            return min(1, sum + walk.upperCrossing(value, at: design.infoFractions[look]))
        }
        /// The drift at which the upper tail is `level`: it rises with drift.
        func drift(_ level: Double) -> Double {
            // Nearly Φ(drift √information − z): secants of its probit, within a bracket once there is one.
            let target = Normal.quantile(level)
            let root = design.infoFractions[look].squareRoot()
            func error(_ drift: Double) -> Double { Normal.quantile(upper(drift)) - target }
            var (low, high) = (-Double.infinity, Double.infinity)
            var before = value / root
            var errorBefore = error(before)
            var drift = before - errorBefore / root
            for _ in 0..<100 {
                let now = error(drift)
                if now < 0 { low = max(low, drift) } else { high = min(high, drift) }
                var next = drift - now * (drift - before) / (now - errorBefore)
                if !(next > low && next < high) {
                    next = low.isFinite && high.isFinite ? 0.5 * (low + high) : drift - (now < 0 ? -1 : 1) / root
                }
                (before, errorBefore) = (drift, now)
                let step = abs(next - drift)
                drift = next
                if step <= 1e-11 * max(1, abs(drift)) { break }
            }
            return drift
        }
        let tail = upper(0)
        upperP = turned ? 1 - tail : tail
        p = min(1, 2 * min(tail, 1 - tail))
        let sign = turned ? -1.0 : 1
        medianDrift = sign * drift(0.5)
        let ends = [sign * drift(alpha / 2), sign * drift(1 - alpha / 2)]
        driftInterval = Interval(lower: min(ends[0], ends[1]), upper: max(ends[0], ends[1]))
    }
}

extension GroupSequentialDesign {
    /// The repeated confidence interval at a look (Jennison & Turnbull 2000, ch. 9): covers at every look at once,
    /// whatever made one stop. estimate ± c_k · standard error; unbounded where nothing may be spent yet.
    ///
    /// - Parameter look: from 0.
    public func repeatedInterval(look: Int, estimate: Double, standardError: Double) throws(StatsError) -> Interval {
        try Require.finite(estimate, "estimate")
        try Require.nonNegative(standardError, "standardError")
        guard criticalZ.indices.contains(look) else { throw .invalid("no such look") }
        guard sides == 2 else { throw .invalid("a two-sided interval needs a two-sided design") }
        let half = criticalZ[look] == .infinity ? .infinity : criticalZ[look] * standardError
        return Interval(lower: estimate - half, upper: estimate + half)
    }
}
