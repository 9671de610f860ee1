import Glibc
import Stats

/// C16 and C17: bandits and demand curves.
enum Learning {
    private struct Game: Sendable {
        let name: String
        let rates: [Double]
        var values: [Double]?
        let horizon: Int
        var batch = 1
        var topTwo = false
        let regret: Double
        let error: Double
    }

    /// The games whose regret is published, from 4000 to 8000 runs of an independent program.
    private static let games = [
        Game(
            name: "Thompson, rates 0.1 and 0.3, 500 shoppers", rates: [0.1, 0.3], horizon: 500, regret: 5.766_275,
            error: 0.035_899),
        Game(
            name: "three prices, 2000 shoppers", rates: [0.06, 0.052, 0.041], values: [7, 9, 12], horizon: 2000,
            regret: 49.387_044, error: 0.337_032),
        Game(
            name: "batches of 50, three rates, 1000 shoppers", rates: [0.1, 0.15, 0.2], horizon: 1000, batch: 50,
            regret: 17.515_613, error: 0.148_767),
        Game(
            name: "top-two, rates 0.1 and 0.2, 500 shoppers", rates: [0.1, 0.2], horizon: 500, topTwo: true,
            regret: 17.7295, error: 0.092_41),
    ]

    static func regret(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(8000)
        var verdicts: [Verdict] = []
        for (index, game) in games.enumerated() {
            let strands = 16
            let means = try await simulate(strands, seed: 160 + UInt64(index), as: Means.self) { generator, means in
                let part = try ThompsonSimulation(
                    rates: game.rates, values: game.values ?? game.rates.map { _ in 1 }, horizon: game.horizon,
                    prior: Beta(1, 1), batch: game.batch, topTwo: game.topTwo, runs: runs / strands,
                    seed: generator.next())
                means.add(0, part.meanRegret)
                means.add(1, part.standardError * part.standardError)
            }
            let own = means.mean(1) / Double(strands)
            verdicts.append(
                .close(
                    "\(game.name), \(runs / strands * strands) runs", means.mean(0), to: game.regret,
                    error: (own + game.error * game.error).squareRoot(), within: 5))
        }
        return verdicts
    }

    static func demand(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(5000, atLeast: 5000)
        let a = 1.2
        let b = -0.12
        let cost = 4.0
        let prices = [10.0, 13, 16, 19, 22]
        guard case .price(let best) = try OptimalPrice.logit(intercept: a, slope: b, unitCost: cost) else { return [] }
        func rate(_ price: Double) -> Double { OptimalPrice.logitConversion(a, b, at: price) }
        func profit(_ price: Double) -> Double { (price - cost) * OptimalPrice.logitConversion(a, b, at: price) }
        let elasticity = b * 15 * (1 - rate(15))
        let top = profit(best)
        let tally = try await simulate(runs, seed: 170, as: Both<Counts, Means>.self) { generator, tally in
            var points: [PricePoint] = []
            for price in prices {
                let q = OptimalPrice.logitConversion(a, b, at: price)
                points.append(
                    try PricePoint(
                        price: price, visitors: 2000,
                        conversions: Double(generator.binomial(trials: 2000, probability: q))))
            }
            let demand = try LogitDemand(points)
            let z = Normal.upperQuantile(0.025)
            func covers(_ index: Int, _ value: Double, _ error: Double, _ truth: Double) {
                if abs(value - truth) <= z * error { tally.first.add(index) }
            }
            covers(0, demand.fit.slope, demand.fit.slopeVariance.squareRoot(), b)
            let e = demand.elasticity(at: 15)
            covers(1, e.value, e.standardError, elasticity)
            if let optimum = try demand.optimalPrice(unitCost: cost) {
                covers(2, optimum.price, optimum.standardError, best)
                let q = OptimalPrice.logitConversion(a, b, at: optimum.price)
                tally.second.add(0, 1 - (optimum.price - cost) * q / top)
            }
        }
        func share(_ index: Int) -> Double { Double(tally.first[index]) / Double(runs) }
        return [
            .within("95% interval of the slope, of \(runs)", share(0), 0.935...0.965),
            .within("… of the elasticity at 15", share(1), 0.935...0.965),
            .within("… of the best price (true \(digits(best, 4)))", share(2), 0.935...0.965),
            .within("profit lost by charging the estimate, in %", 100 * tally.second.mean(0), 0...0.1),
        ]
    }
}
