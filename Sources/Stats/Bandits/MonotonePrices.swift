/// Which of several prices earns most, when demand is only known to fall.
///
/// Each price's conversion rate is drawn from its own posterior and the draws are made to fall by pooling adjacent
/// violators, so neighbours lend each other strength where one price has few visitors (Misra, Schwartz & Abernethy 2019
/// use the same order; the projection of a posterior is Lin & Dunson's 2014).
public struct MonotonePrices: Sendable, Equatable {
    /// The share of draws in which each price earns most.
    public let probabilityBest: [Double]
    /// Profit per visitor lost on average by each price against the draw's best.
    public let expectedLoss: [Double]
    /// Posterior mean of the falling demand at each price.
    public let meanDemand: [Double]
    public let draws: Int

    /// Monte Carlo standard error of the largest probability.
    public var standardError: Double {
        let p = probabilityBest.max() ?? 0
        return (max(p * (1 - p), 1 / Double(draws)) / Double(draws)).squareRoot()
    }

    /// - Parameters:
    ///   - points: at least one; in any order of price.
    ///   - prior: of each price's rate.
    public init(
        _ points: [PricePoint], prior: Beta, unitCost: Double, draws: Int,
        using generator: inout some RandomNumberGenerator
    ) throws(StatsError) {
        try Require.finite(unitCost, "unitCost")
        guard !points.isEmpty else { throw .insufficient("need a price") }
        guard draws >= 1, draws <= 10_000_000 else { throw .invalid("draws must lie between 1 and 10 million") }
        var order = Array(points.indices)
        order.sort { points[$0].price < points[$1].price }
        var posteriors: [Beta] = []
        for index in order {
            posteriors.append(
                prior.posterior(
                    after: try Proportion(successes: points[index].conversions, trials: points[index].visitors)))
        }
        let weights = posteriors.map { $0.alpha + $0.beta }
        let margins = order.map { points[$0].price - unitCost }
        var wins = [Double](repeating: 0, count: points.count)
        var losses = wins
        var demand = wins
        let n = Double(draws)
        for _ in 0..<draws {
            let drawn = posteriors.map { generator.beta($0.alpha, $0.beta) }
            let falling = try Isotonic.decreasing(drawn, weights: weights)
            let profits = zip(falling, margins).map { $0 * $1 }
            let best = profits.max() ?? 0
            if let winner = profits.firstIndex(of: best) { wins[order[winner]] += 1 / n }
            for (rank, index) in order.enumerated() {
                losses[index] += (best - profits[rank]) / n
                demand[index] += falling[rank] / n
            }
        }
        probabilityBest = wins
        expectedLoss = losses
        meanDemand = demand
        self.draws = draws
    }
}
