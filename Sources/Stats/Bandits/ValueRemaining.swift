/// How much better than the present leader another arm may still turn out: when that is little, stop learning.
///
/// Scott (2010), "A modern Bayesian look at the multi-armed bandit", §4.2: the posterior of (best − leader)/leader.
public struct ValueRemaining: Sendable, Equatable {
    /// The arm with the highest posterior mean.
    public let leader: Int
    /// The quantile asked for of the relative improvement still possible.
    public let quantile: Double
    public let draws: Int

    /// - Parameters:
    ///   - values: what a conversion brings in each arm, > 0.
    ///   - level: of the quantile, 0.95 as Scott has it.
    public init(
        rates: [Beta], values: [Double]? = nil, level: Double = 0.95, draws: Int,
        using generator: inout some RandomNumberGenerator
    ) throws(StatsError) {
        let values = values ?? rates.map { _ in 1 }
        try Require.sameLength(rates.count, values.count, "rates, values")
        for value in values { try Require.positive(value, "values") }
        try Require.fraction(level, "level")
        guard !rates.isEmpty else { throw .insufficient("need an arm") }
        guard draws >= 100, draws <= 10_000_000 else { throw .invalid("draws must lie between 100 and 10 million") }
        let means = zip(rates, values).map { $0.mean * $1 }
        let leader = means.indices.max { means[$0] < means[$1] } ?? 0
        var gains: [Double] = []
        gains.reserveCapacity(draws)
        for _ in 0..<draws {
            var best = 0.0
            var own = 0.0
            for k in rates.indices {
                let value = values[k] * generator.beta(rates[k].alpha, rates[k].beta)
                best = max(best, value)
                if k == leader { own = value }
            }
            gains.append(own > 0 ? best / own - 1 : .infinity)
        }
        gains.sort()
        self.leader = leader
        quantile = gains[min(draws - 1, Int(level * Double(draws)))]
        self.draws = draws
    }
}
