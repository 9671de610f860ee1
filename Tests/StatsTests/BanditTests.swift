import Glibc
import Stats
import Testing

@Suite struct BanditTests {
    @Test func `a batch spreads newcomers by the chance of being best, with a floor, to the last one`() throws {
        let plan = try BatchPlan(.thompson, probabilityBest: [0.7, 0.2, 0.1], floor: 0.1, newcomers: 101)
        expectClose(plan.weights[0], 0.1 + 0.7 * 0.7)
        expectClose(plan.weights.reduce(0, +), 1)
        #expect(plan.newcomers.reduce(0, +) == 101)
        #expect(plan.newcomers == [60, 24, 17])
        #expect(try BatchPlan(.even, probabilityBest: [1, 0, 0], newcomers: 8).newcomers == [3, 3, 2])
        #expect(throws: StatsError.self) {
            _ = try BatchPlan(.thompson, probabilityBest: [0.5, 0.5], floor: 0.6, newcomers: 1)
        }
        #expect(throws: StatsError.self) { _ = try BatchPlan(.thompson, probabilityBest: [0.5, 0.2], newcomers: 1) }
    }

    @Test func `upper confidence indices`() throws {
        let arm = try Proportion(successes: 7, trials: 40)
        // SciPy's brentq on the divergence.
        expectClose(try UpperConfidenceIndex.klUCB(arm, round: 100), 0.39686080725909084)
        expectClose(try UpperConfidenceIndex.ucb1(arm, round: 100), 0.6548525912188081)
        let unseen = try Proportion(successes: 0, trials: 0)
        #expect(try UpperConfidenceIndex.klUCB(unseen, round: 10) == 1)
        #expect(try UpperConfidenceIndex.ucb1(unseen, round: 10) == .infinity)
    }

    @Test func `the plain mean of a bandit's arm lies low, the weighted scores less so`() throws {
        var generator = Xoshiro256PlusPlus(seed: 5)
        var plain = 0.0
        var weighted = 0.0
        var covered = 0
        let runs = 150
        for _ in 0..<runs {
            var wins = [1.0, 1]
            var losses = [1.0, 1]
            var arm = AdaptiveMean()
            for _ in 0..<30 {
                let best = try BestArm(
                    means: (0..<2).map { wins[$0] / (wins[$0] + losses[$0]) },
                    standardErrors: (0..<2).map { 0.5 / (wins[$0] + losses[$0]).squareRoot() })
                let plan = try BatchPlan(.thompson, probabilityBest: best.probability, floor: 0.1, newcomers: 0)
                for _ in 0..<5 {
                    let k = generator.uniform() < plan.weights[0] ? 0 : 1
                    let outcome = generator.uniform() < 0.3 ? 1.0 : 0
                    wins[k] += outcome
                    losses[k] += 1 - outcome
                    try arm.add(probability: plan.weights[0], outcome: k == 0 ? outcome : nil)
                }
            }
            plain += (wins[0] - 1) / (wins[0] + losses[0] - 2) / Double(runs)
            weighted += try arm.estimate / Double(runs)
            if try arm.interval(alpha: 0.05).contains(0.3) { covered += 1 }
        }
        // At length: 0.2856 and 0.2921 of 0.3, covered 0.917 by the plain interval and 0.931 by this one.
        #expect(plain < 0.295, "the plain mean lies low: \(plain)")
        #expect(0.3 - weighted < 0.3 - plain, "\(weighted) against \(plain)")
        #expect(abs(covered - 141) <= 12, "\(covered) of \(runs)")
    }

    @Test func `little is left to gain once an arm is surely best`() throws {
        var generator = Xoshiro256PlusPlus(seed: 6)
        let open = try ValueRemaining(rates: [Beta(11, 91), Beta(10, 92)], draws: 2000, using: &generator)
        let settled = try ValueRemaining(rates: [Beta(1101, 8901), Beta(801, 9201)], draws: 2000, using: &generator)
        #expect(open.quantile > 0.2)
        #expect(settled.leader == 0 && settled.quantile == 0)
    }

    @Test func `falling demand lends a thin price its neighbours' strength`() throws {
        var generator = Xoshiro256PlusPlus(seed: 7)
        // Two visitors at 13 both bought: on its own it would look best by far.
        let points = [
            try PricePoint(price: 13, visitors: 2, conversions: 2),
            try PricePoint(price: 10, visitors: 2000, conversions: 240),
            try PricePoint(price: 16, visitors: 2000, conversions: 210),
        ]
        let prices = try MonotonePrices(points, prior: Beta(1, 1), unitCost: 4, draws: 2000, using: &generator)
        #expect(prices.meanDemand[0] < 0.13 && prices.meanDemand[0] > prices.meanDemand[2])
        expectClose(prices.probabilityBest.reduce(0, +), 1)
        #expect(prices.probabilityBest[2] > 0.8)
        #expect(prices.expectedLoss[2] < prices.expectedLoss[1])
    }
}
