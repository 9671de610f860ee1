import Glibc

/// How long an experiment that is looked at all the time may have to run.
public enum AnytimeSampleSize {
    /// Units in both arms together after which the asymptotic confidence sequence leaves zero out with the given chance.
    ///
    /// That chance counts the look at this size alone; earlier looks add to it, so the experiment usually ends sooner.
    /// n solves half width(n) + z_β se(n) = |effect|.
    ///
    /// - Parameters:
    ///   - effect: the difference of means to be found, not 0.
    ///   - unitVariance: of one unit in either arm, > 0.
    ///   - share: of units that get treatment, in (0, 1).
    ///   - tuning: as of the sequence: the number of units at which it shall be narrowest.
    /// - Throws: `invalid`, also when more than 1e15 units would be needed.
    public static func units(
        effect: Double, unitVariance: Double, share: Double = 0.5, alpha: Double, power: Double, tuning: Double
    ) throws(StatsError) -> Double {
        try Require.finite(effect, "effect")
        guard effect != 0 else { throw .invalid("effect must not be 0") }
        try Require.positive(unitVariance, "unitVariance")
        try Require.fraction(share, "share")
        try Require.fraction(power, "power")
        let reserve = Normal.quantile(power)
        func shortfall(_ n: Double) throws(StatsError) -> Double {
            let error = (unitVariance / n * (1 / share + 1 / (1 - share))).squareRoot()
            let sequence = try AsymptoticConfidenceSequence(
                estimate: 0, standardError: error, count: n, alpha: alpha, tuning: tuning)
            return sequence.halfWidth + reserve * error - abs(effect)
        }
        var low = 1.0
        var high = 2.0
        if try shortfall(low) <= 0 { return low }
        while try shortfall(high) > 0 {
            low = high
            high *= 2
            guard high < 1e15 else { throw .invalid("more than 1e15 units would be needed") }
        }
        for _ in 0..<100 {
            let middle = 0.5 * (low + high)
            if middle <= low || middle >= high { break }
            if try shortfall(middle) > 0 { low = middle } else { high = middle }
        }
        return high
    }
}
