import Glibc

/// What is not yet known about a price, drawn from the fit's normal posterior.
public struct PriceUncertainty: Sendable, Equatable {
    /// Quantiles of the profit-optimal price at the levels asked for. +∞ where draws have no optimum.
    public let optimalPriceQuantiles: [Double]
    /// The share of draws in which each candidate earns most of the candidates.
    public let probabilityBest: [Double]
    /// Expected profit per visitor lost by charging each candidate instead of the draw's best candidate.
    public let expectedLoss: [Double]
    /// The share of draws in which demand does not fall, so that no price is best.
    public let probabilityUnbounded: Double
    public let draws: Int

    /// Monte Carlo standard error of the largest probability above.
    public var standardError: Double {
        let p = probabilityBest.max() ?? 0
        return (max(p * (1 - p), 1 / Double(draws)) / Double(draws)).squareRoot()
    }
}

extension LogitDemand {
    /// Draws (intercept, slope) from N(estimate, covariance), the posterior under a flat prior in large samples, and
    /// prices each draw: the optimal price's distribution is skewed, which the delta method does not show.
    ///
    /// - Parameters:
    ///   - candidates: prices to choose among.
    ///   - levels: of the quantiles, in (0, 1).
    public func uncertainty(
        candidates: [Double], unitCost: Double, levels: [Double] = [0.025, 0.5, 0.975], draws: Int,
        using generator: inout some RandomNumberGenerator
    ) throws(StatsError) -> PriceUncertainty {
        try Require.finite(candidates, "candidates")
        try Require.finite(unitCost, "unitCost")
        for level in levels { try Require.fraction(level, "levels") }
        guard !candidates.isEmpty else { throw .insufficient("need a candidate price") }
        guard draws >= 1, draws <= 10_000_000 else { throw .invalid("draws must lie between 1 and 10 million") }
        let slopeError = fit.slopeVariance.squareRoot()
        let pull = fit.covariance / fit.slopeVariance
        let rest = max(0, fit.interceptVariance - fit.covariance * pull).squareRoot()
        var optima: [Double] = []
        optima.reserveCapacity(draws)
        var wins = [Double](repeating: 0, count: candidates.count)
        var losses = wins
        var unbounded = 0
        for _ in 0..<draws {
            let step = slopeError * generator.normal()
            let b = fit.slope + step
            let a = fit.intercept + pull * step + rest * generator.normal()
            if case .price(let price) = try OptimalPrice.logit(intercept: a, slope: b, unitCost: unitCost) {
                optima.append(price)
            } else {
                unbounded += 1
                optima.append(.infinity)
            }
            let profits = candidates.map { ($0 - unitCost) * OptimalPrice.logitConversion(a, b, at: $0) }
            let best = profits.max() ?? 0
            if let winner = profits.firstIndex(of: best) { wins[winner] += 1 }
            for k in candidates.indices { losses[k] += best - profits[k] }
        }
        optima.sort()
        let n = Double(draws)
        return PriceUncertainty(
            optimalPriceQuantiles: levels.map { optima[min(draws - 1, Int($0 * n))] },
            probabilityBest: wins.map { $0 / n }, expectedLoss: losses.map { $0 / n },
            probabilityUnbounded: Double(unbounded) / n, draws: draws)
    }
}
