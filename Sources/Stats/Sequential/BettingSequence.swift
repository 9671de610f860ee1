import Glibc

/// Confidence sequences for the mean of observations in [0, 1], by betting against each candidate mean
/// (Waudby-Smith & Ramdas 2024, "Estimating means of bounded random variables by betting").
public struct BettingSequence: Sendable, Equatable {
    private let x: [Double]
    /// √{2 log(1/α) / [t log(1 + t) σ̂²_{t−1}]} without the level: times √(2 log(1/α)) it is the bet.
    private let unitBets: [Double]

    /// - Throws: `invalid` for observations outside [0, 1].
    public init(_ x: [Double]) throws(StatsError) {
        for value in x {
            guard value >= 0, value <= 1 else { throw .invalid("observations must lie in [0, 1]") }
        }
        self.x = x
        var plan = PlugInBets()
        unitBets = x.map { value in
            defer { plan.add(value) }
            return plan.next
        }
    }

    private static func level(_ alpha: Double) -> Double { (-2 * log(alpha)).squareRoot() }

    /// log of the capital of the player who bets that the mean exceeds m, and of the one who bets it is less.
    private func logCapital(_ m: Double, scale: Double, truncation: Double, upwards: Bool, count: Int) -> Double {
        let cap = truncation / (upwards ? m : 1 - m)
        var log = 0.0
        for i in 0..<count {
            let bet = min(unitBets[i] * scale, cap)
            let edge = upwards ? x[i] - m : m - x[i]
            if bet == .infinity {
                if edge == 0 { continue }
                return edge > 0 ? .infinity : -.infinity
            }
            log += log1p(bet * edge)
        }
        return log
    }

    /// log max{θ K⁺, (1 − θ) K⁻} at each candidate mean (eq. 23 with the maximum).
    ///
    /// - Parameters:
    ///   - theta: the share of capital bet upwards, in [0, 1].
    ///   - truncation: bets stay below this over m, in (0, 1].
    public func logHedgedCapital(
        at means: [Double], alpha: Double, theta: Double, truncation: Double
    ) throws(StatsError) -> [Double] {
        try Self.check(alpha, theta, truncation)
        var result: [Double] = []
        for m in means {
            guard m >= 0, m <= 1 else { throw .invalid("m must lie in [0, 1]") }
            var best = -Double.infinity
            if theta > 0 {
                best =
                    log(theta)
                    + logCapital(
                        m, scale: Self.level(alpha * theta), truncation: truncation, upwards: true, count: x.count)
            }
            if theta < 1 {
                best = max(
                    best,
                    log1p(-theta)
                        + logCapital(
                            m, scale: Self.level(alpha * (1 - theta)), truncation: truncation, upwards: false,
                            count: x.count))
            }
            result.append(best)
        }
        return result
    }

    /// The means that neither player has beaten: where the capital has not reached 1/alpha.
    ///
    /// - Parameter runningIntersection: whether every earlier look counts too; tighter, and still valid.
    public func hedged(
        alpha: Double, theta: Double, truncation: Double, runningIntersection: Bool
    ) throws(StatsError) -> Interval {
        try Self.check(alpha, theta, truncation)
        func lowerEdge(_ count: Int) -> Double {
            theta == 0
                ? 0
                : edge(log(1 / alpha) - log(theta)) {
                    logCapital(
                        $0, scale: Self.level(alpha * theta), truncation: truncation, upwards: true, count: count)
                }
        }
        func upperEdge(_ count: Int) -> Double {
            theta == 1
                ? 1
                : 1
                    - edge(log(1 / alpha) - log1p(-theta)) {
                        logCapital(
                            1 - $0, scale: Self.level(alpha * (1 - theta)), truncation: truncation, upwards: false,
                            count: count)
                    }
        }
        guard runningIntersection else { return Interval(lower: lowerEdge(x.count), upper: upperEdge(x.count)) }
        var sequence = try HedgedSequence(alpha: alpha, theta: theta, truncation: truncation)
        for value in x { try sequence.add(value) }
        return sequence.interval
    }

    /// The least mean whose falling log capital stays below the level.
    private func edge(_ level: Double, _ logCapital: (Double) -> Double) -> Double {
        var low = 0.0
        var high = 1.0
        if !(logCapital(low) >= level) { return 0 }
        for _ in 0..<60 {
            let middle = 0.5 * (low + high)
            if logCapital(middle) >= level { low = middle } else { high = middle }
        }
        return 0.5 * (low + high)
    }

    /// The predictable-mixture empirical-Bernstein interval (Theorem 2), at the last observation.
    ///
    /// - Parameter truncation: bets stay below this, in (0, 1).
    public func empiricalBernstein(alpha: Double, truncation: Double) throws(StatsError) -> Interval {
        try Require.fraction(alpha, "alpha")
        try Require.fraction(truncation, "truncation")
        if x.isEmpty { return Interval(lower: 0, upper: 1) }
        let scale = Self.level(alpha / 2)
        func lower(_ value: (Int) -> Double) -> Double {
            var sum = 0.0
            var weights = 0.0
            var weighted = 0.0
            var spent = -log(alpha / 2)
            for i in x.indices {
                let mean = i == 0 ? 0 : sum / Double(i)
                let bet = min(unitBets[i] * scale, truncation)
                let v = (value(i) - mean) * (value(i) - mean)
                spent -= v * Elementary.log1pMinusX(-bet)
                weights += bet
                weighted += bet * value(i)
                sum += value(i)
            }
            return max(0, (weighted - spent) / weights)
        }
        return Interval(lower: lower { x[$0] }, upper: 1 - lower { 1 - x[$0] })
    }

    static func check(_ alpha: Double, _ theta: Double, _ truncation: Double) throws(StatsError) {
        try Require.fraction(alpha, "alpha")
        try Require.probability(theta, "theta")
        guard truncation > 0, truncation <= 1 else { throw .invalid("truncScale must lie in (0, 1]") }
    }
}
