import Glibc

/// Quantiles of a sample.
public struct OrderedSample: Sendable, Equatable {
    public let values: [Double]

    /// - Throws: `invalid` for numbers that are not finite, `insufficient` for none.
    public init(_ data: [Double]) throws(StatsError) {
        try Require.finite(data, "data")
        guard !data.isEmpty else { throw .insufficient("a quantile needs an observation") }
        values = data.sorted()
    }

    /// Hyndman & Fan (1996), types 4 to 9; 7 is what most software does.
    public func quantile(_ p: Double, type: Int = 7) throws(StatsError) -> Double {
        try Require.probability(p, "p")
        let n = Double(values.count)
        let position: Double
        switch type {
        case 4: position = n * p
        case 5: position = n * p + 0.5
        case 6: position = (n + 1) * p
        case 7: position = (n - 1) * p + 1
        case 8: position = (n + 1.0 / 3) * p + 1.0 / 3
        case 9: position = (n + 0.25) * p + 0.375
        default: throw .invalid("type must lie between 4 and 9")
        }
        let whole = position.rounded(.down)
        let fraction = position - whole
        let low = values[min(max(Int(whole), 1), values.count) - 1]
        let high = values[min(max(Int(whole) + 1, 1), values.count) - 1]
        return low + fraction * (high - low)
    }

    /// Harrell & Davis (1982): order statistics weighted by a beta distribution, smoother than any one of them.
    public func harrellDavis(_ p: Double) throws(StatsError) -> Double {
        try Require.probability(p, "p")
        let n = Double(values.count)
        if p == 0 { return values[0] }
        if p == 1 { return values[values.count - 1] }
        let law = Beta((n + 1) * p, (n + 1) * (1 - p))
        var sum = CompensatedSum()
        var below = 0.0
        for (index, value) in values.enumerated() {
            let up = law.lowerTail(of: Double(index + 1) / n)
            sum.add((up - below) * value)
            below = up
        }
        return sum.value
    }

    /// Two order statistics that hold the p-quantile, whatever the distribution.
    public struct RankInterval: Sendable, Equatable {
        /// 0 stands for −∞.
        public let lowerRank: Int
        /// n + 1 stands for +∞.
        public let upperRank: Int
        public let coverage: Double
    }

    /// The narrowest ranks whose two sides each miss with at most alpha/2 (David & Nagaraja 2003, §7.1).
    public static func rankInterval(n: Int, p: Double, alpha: Double) throws(StatsError) -> RankInterval {
        guard n >= 1 else { throw .insufficient("a quantile needs an observation") }
        try Require.fraction(p, "p")
        try Require.fraction(alpha, "alpha")
        let law = Binomial(trials: Double(n), probability: p)
        func last(_ holds: (Int) -> Bool, from: Int, to: Int) -> Int {
            // The predicate is true up to somewhere: halve.
            var (low, high) = (from, to)
            while low < high {
                let middle = low + (high - low + 1) / 2
                if holds(middle) { low = middle } else { high = middle - 1 }
            }
            return low
        }
        let lower = last({ $0 == 0 || law.lowerTail(of: Double($0 - 1)) <= alpha / 2 }, from: 0, to: n)
        // The least r with P(B ≥ r) ≤ α/2 is one past the last with more.
        let upper = last({ law.upperTail(of: Double($0 - 1)) > alpha / 2 }, from: 0, to: n) + 1
        let coverage =
            1 - (lower == 0 ? 0 : law.lowerTail(of: Double(lower - 1))) - law.upperTail(of: Double(upper - 1))
        return RankInterval(lowerRank: lower, upperRank: upper, coverage: coverage)
    }

    /// The mean after the largest `fraction` of the values is pulled in to the next one below.
    public func winsorizedAbove(_ fraction: Double) throws(StatsError) -> (mean: Double, maximum: Double) {
        guard fraction >= 0, fraction < 1 else { throw .invalid("upperFraction must lie in [0, 1)") }
        let kept = values.count - Int((fraction * Double(values.count)).rounded(.down))
        let cap = values[max(0, kept - 1)]
        let moments = Moments(of: values.map { min($0, cap) })
        return (moments.mean, cap)
    }

    /// GrowthBook's variance of a quantile from the two order statistics around it, per unit.
    ///
    /// - Parameter nStar: the size at which the order statistics were chosen.
    public static func growthBookVariance(
        n: Double, nStar: Double, lower: Double, upper: Double
    ) throws(StatsError) -> Double {
        try Require.positive(n, "n")
        try Require.positive(nStar, "nStar")
        try Require.finite(lower, "quantileLower")
        try Require.finite(upper, "quantileUpper")
        guard upper >= lower else { throw .invalid("quantileUpper lies below quantileLower") }
        guard n > 1 else { throw .insufficient("a variance needs two observations") }
        let error = (upper - lower) / (2 * Normal.upperQuantile(0.025))
        let variance = nStar / n * (n - 1) * error * error
        return n < 100 ? variance : max(variance, 1e-5)
    }
}

/// The share not yet converted as time passes, when some are still being watched (Kaplan & Meier 1958).
public struct KaplanMeier: Sendable, Equatable {
    public let times: [Double]
    public let survival: [Double]
    /// Greenwood (1926).
    public let standardErrors: [Double]

    /// - Parameters:
    ///   - time: until the event or the end of watching, ≥ 0.
    ///   - event: whether it was the event.
    public init(time: [Double], event: [Bool]) throws(StatsError) {
        try Require.sameLength(time.count, event.count, "time, event")
        for t in time { try Require.nonNegative(t, "time") }
        let order = time.indices.sorted { time[$0] < time[$1] }
        var times: [Double] = []
        var survival: [Double] = []
        var errors: [Double] = []
        var s = 1.0
        var greenwood = 0.0
        var atRisk = Double(time.count)
        var position = 0
        while position < order.count {
            let now = time[order[position]]
            var events = 0.0
            var leaving = 0.0
            while position < order.count, time[order[position]] == now {
                if event[order[position]] { events += 1 }
                leaving += 1
                position += 1
            }
            if events > 0 {
                s *= (atRisk - events) / atRisk
                greenwood += events / (atRisk * (atRisk - events))
                times.append(now)
                survival.append(s)
                // Nobody left: S is 0 and so is its error.
                errors.append(s > 0 ? s * greenwood.squareRoot() : 0)
            }
            atRisk -= leaving
        }
        self.times = times
        self.survival = survival
        standardErrors = errors
    }
}
