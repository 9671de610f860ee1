import Glibc

/// A one-sided plan that may also stop for futility: when even the effect it was made for has become unlikely.
///
/// Errors of both kinds are spent (Pampallona, Tsiatis & Kim 2001; Jennison & Turnbull 2000, §7.3). The upper bounds are
/// those of the plan without futility, so stopping low is advice: who goes on regardless keeps the level (non-binding).
public struct FutilityDesign: Sendable, Equatable {
    public let infoFractions: [Double]
    /// Stop for the effect at or above these.
    public let upperZ: [Double]
    /// Stop for futility at or below these; at the last look it is the upper one.
    public let lowerZ: [Double]
    /// E Z at full information under the effect that is found with power 1 − beta.
    public let drift: Double
    /// Maximal information over the fixed design's of the same level and power.
    public let inflationFactor: Double
    /// Expected information over the fixed design's, under the effect and under none.
    public let expectedInfoRatioH1: Double
    public let expectedInfoRatioH0: Double
    /// P(stop low or high at each look) without an effect, the advice followed.
    public let stopPerStageH0: [Double]

    /// - Parameters:
    ///   - efficacy: how alpha is spent.
    ///   - futility: how beta is spent.
    ///   - alpha: one-sided.
    ///   - beta: 1 − power, in (0, 1 − alpha).
    ///   - infoFractions: rising, in (0, 1], the last one 1.
    public init(
        efficacy: SpendingFunction, futility: SpendingFunction, alpha: Double, beta: Double, infoFractions t: [Double]
    ) throws(StatsError) {
        let upper = try GroupSequentialDesign(.spending(efficacy), alpha: alpha, sides: 1, infoFractions: t)
        try Require.fraction(beta, "beta")
        guard beta < 1 - alpha else { throw .invalid("beta must lie below 1 - alpha") }
        let critical = upper.criticalZ
        let fixed = Normal.upperQuantile(alpha) + Normal.upperQuantile(beta)
        // The more drift, the higher the lower bounds that spend beta; they must meet the upper one at the last look.
        var low = 0.5 * fixed
        var high = 2 * fixed
        while Self.lowerBounds(critical, futility, beta, t, drift: low).gap > 0, low > 1e-6 { low *= 0.5 }
        while Self.lowerBounds(critical, futility, beta, t, drift: high).gap < 0, high < 1e3 { high *= 2 }
        for _ in 0..<60 {
            let middle = 0.5 * (low + high)
            if middle <= low || middle >= high { break }
            if Self.lowerBounds(critical, futility, beta, t, drift: middle).gap < 0 {
                low = middle
            } else {
                high = middle
            }
        }
        let drift = 0.5 * (low + high)
        let bounds = Self.lowerBounds(critical, futility, beta, t, drift: drift).bounds
        infoFractions = t
        upperZ = critical
        let lower = Array(bounds.dropLast()) + [critical[critical.count - 1]]
        lowerZ = lower
        self.drift = drift
        let factor = drift * drift / (fixed * fixed)
        inflationFactor = factor
        func stops(_ drift: Double) throws(StatsError) -> [Double] {
            let exits = try GroupSequentialDesign.exitProbabilities(
                infoFractions: t, lower: lower, upper: critical, drift: drift)
            return zip(exits.lower, exits.upper).map { $0 + $1 }
        }
        func expected(_ stops: [Double]) -> Double { factor * zip(stops, t).reduce(0) { $0 + $1.0 * $1.1 } }
        let idle = try stops(0)
        stopPerStageH0 = idle
        expectedInfoRatioH0 = expected(idle)
        expectedInfoRatioH1 = expected(try stops(drift))
    }

    /// The lower bounds that spend beta at this drift, and by how much the last one overshoots the upper bound there.
    private static func lowerBounds(
        _ upper: [Double], _ futility: SpendingFunction, _ beta: Double, _ t: [Double], drift: Double
    ) -> (bounds: [Double], gap: Double) {
        var walk = StagewiseWalk(drift: drift, followsLowerTail: true)
        var bounds: [Double] = []
        var before = 0.0
        for (k, time) in t.enumerated() {
            let spent = futility.spent(time, alpha: beta)
            let share = spent - before
            before = spent
            let bound = Self.lowerBound(walk, at: time, share: share, below: upper[k])
            bounds.append(bound)
            if k + 1 < t.count { walk.advance(to: time, before: t[k + 1], lower: bound, upper: upper[k]) }
        }
        // At the last look, compare errors rather than bounds: they differ even where the bound was capped.
        guard let last = t.indices.last else { return (bounds, 0) }
        let missed = walk.lowerCrossing(upper[last], at: t[last])
        let allowed = beta - (last > 0 ? futility.spent(t[last - 1], alpha: beta) : 0)
        return (bounds, allowed - missed)
    }

    /// The z whose lower crossing spends `share`, at most the upper bound.
    private static func lowerBound(_ walk: StagewiseWalk, at time: Double, share: Double, below upper: Double) -> Double
    {
        guard share > 0 else { return -.infinity }
        var (low, high) = (-40.0, min(upper, 40))
        if walk.lowerCrossing(high, at: time) <= share { return high }
        for _ in 0..<100 {
            let middle = 0.5 * (low + high)
            if middle <= low || middle >= high { break }
            if walk.lowerCrossing(middle, at: time) < share { low = middle } else { high = middle }
        }
        return 0.5 * (low + high)
    }
}
