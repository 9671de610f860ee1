import Stats
import Testing

@Suite struct DemandModelTests {
    private func points() throws -> [PricePoint] {
        try [(8.0, 1000.0, 62.0), (10, 1000, 45), (12, 900, 33), (14, 950, 20)].map {
            try PricePoint(price: $0.0, visitors: $0.1, conversions: $0.2)
        }
    }

    @Test func `exponential demand as statsmodels' Poisson regression has it`() throws {
        let fit = try ExponentialDemand(points())
        expectClose(fit.intercept, -1.44936709, relative: 1e-8)
        expectClose(fit.slope, -0.16443088, relative: 1e-7)
        expectClose(fit.slopeVariance.squareRoot(), 0.03718108, relative: 1e-6)
        expectClose(fit.covariance, -0.01401441, relative: 1e-6)
        expectClose(fit.deviance, 0.6981514748492491, relative: 1e-9)
        let best = try #require(try fit.optimalPrice(unitCost: 4))
        expectClose(best.price, 4 - 1 / fit.slope)
        // The first-order condition: marginal profit is zero there.
        let step = 1e-4
        let profit = { (p: Double) in (p - 4) * fit.conversion(at: p) }
        #expect(profit(best.price) > profit(best.price + step) && profit(best.price) > profit(best.price - step))
        expectClose(fit.elasticity(at: best.price).value, -best.price / (best.price - 4), relative: 1e-12)
        expectClose(fit.consumerSurplus(at: 10), fit.conversion(at: 10) / -fit.slope)
    }

    @Test func `one price or one seller cannot tell a slope`() throws {
        let one = try PricePoint(price: 9, visitors: 100, conversions: 5)
        let none = try PricePoint(price: 11, visitors: 100, conversions: 0)
        #expect(throws: StatsError.self) { _ = try ExponentialDemand([one, one]) }
        #expect(throws: StatsError.self) { _ = try ExponentialDemand([one, none]) }
    }

    private func occasions() throws -> [MultinomialLogit.Occasion] {
        let rows: [(prices: [Double], purchases: [Double], visitors: Double)] = [
            ([10, 12], [120, 80], 1000), ([12, 12], [90, 95], 1000), ([10, 15], [125, 50], 900),
            ([13, 14], [80, 70], 1000),
        ]
        return try rows.map {
            try MultinomialLogit.Occasion(prices: $0.prices, purchases: $0.purchases, visitors: $0.visitors)
        }
    }

    @Test func `two substitutes as SciPy's optimiser finds them`() throws {
        // Nelder–Mead on the likelihood, to 1e-12; errors from its numerical Hessian.
        let model = try MultinomialLogit(occasions())
        expectClose(model.intercepts[0], -0.13932562, relative: 5e-6)
        expectClose(model.intercepts[1], -0.15439699, relative: 5e-6)
        expectClose(model.priceCoefficient, -0.17010802, relative: 5e-7)
        expectClose(model.logLikelihood, -2317.537195917283, relative: 1e-12)
        expectClose(model.priceCoefficientError, 0.03161313, relative: 1e-4)
        expectClose(model.interceptErrors[0], 0.35354984, relative: 1e-4)
        expectClose(model.interceptErrors[1], 0.4146524, relative: 1e-4)
        let best = try #require(try model.optimalPrices(unitCosts: [4, 5]))
        expectClose(best[0], 11.2581363, relative: 1e-6)
        expectClose(best[1], 12.2581363, relative: 1e-6)
        let shares = try model.shares(at: [10, 12])
        expectClose(shares.shares.reduce(0, +) + shares.outside, 1, relative: 1e-14)
        let cross = try model.crossElasticity(ofPrice: 0, at: [10, 12])
        expectClose(cross, 0.17010802 * 10 * shares.shares[0], relative: 1e-6)
    }

    @Test func `choices that cannot tell are refused by name`() throws {
        let flat = try MultinomialLogit.Occasion(prices: [10, 10], purchases: [5, 6], visitors: 100)
        #expect(throws: StatsError.self) { _ = try MultinomialLogit([flat]) }
        let unsold = try MultinomialLogit.Occasion(prices: [10, 12], purchases: [5, 0], visitors: 100)
        #expect(throws: StatsError.self) { _ = try MultinomialLogit([unsold]) }
        #expect(throws: StatsError.self) {
            _ = try MultinomialLogit.Occasion(prices: [10], purchases: [5, 0], visitors: 100)
        }
    }

    @Test func `what is not known of a price`() throws {
        let demand = try LogitDemand(
            [10.0, 13, 16, 19, 22].map {
                let q = OptimalPrice.logitConversion(1.2, -0.12, at: $0)
                return try PricePoint(price: $0, visitors: 2000, conversions: (2000 * q).rounded())
            })
        var generator = Xoshiro256PlusPlus(seed: 4)
        let candidates = [10.0, 13, 16, 19, 22]
        let unknown = try demand.uncertainty(candidates: candidates, unitCost: 4, draws: 4000, using: &generator)
        let best = try #require(try demand.optimalPrice(unitCost: 4))
        // Draws and the delta method agree while the data are many.
        #expect(abs(unknown.optimalPriceQuantiles[1] - best.price) < 0.05)
        #expect(abs(unknown.optimalPriceQuantiles[2] - best.price - 1.96 * best.standardError) < 0.15)
        expectClose(unknown.probabilityBest.reduce(0, +), 1)
        #expect(unknown.probabilityBest[2] > 0.9)
        #expect(unknown.expectedLoss[2] < unknown.expectedLoss[0] && unknown.expectedLoss[2] < unknown.expectedLoss[4])
        #expect(unknown.probabilityUnbounded == 0)
    }

    @Test func `between which prices the best one lies, or that nothing is known`() throws {
        let steep = try points()
        let constant = try ConstantElasticity(poisson: steep)
        let best = try #require(try OptimalPrice.constantElasticity(constant.elasticity, unitCost: 4).value)
        guard case .above(let least) = try constant.optimalPriceInterval(unitCost: 4, alpha: 1e-6) else {
            Issue.record("an elasticity of −1 is not excluded at that level")
            return
        }
        #expect(least > 4 && least < best)
        guard case .bounded(let interval) = try constant.optimalPriceInterval(unitCost: 4, alpha: 0.5) else {
            Issue.record("it is bounded at this level")
            return
        }
        #expect(interval.contains(best))
        let line = try LinearDemand(steep)
        let top = 0.5 * (4 - line.intercept / line.slope)
        guard case .bounded(let prices) = try line.optimalPriceInterval(unitCost: 4, alpha: 0.05) else {
            Issue.record("the slope is known well enough")
            return
        }
        #expect(prices.contains(top) && prices.upper - prices.lower < 4)
        let flat = try [8.0, 10, 12].map { try PricePoint(price: $0, visitors: 1000, conversions: 100) }
        #expect(try LinearDemand(flat).optimalPriceInterval(unitCost: 4, alpha: 0.05) == .unbounded)
        #expect(try ConstantElasticity(poisson: flat).optimalPriceInterval(unitCost: 4, alpha: 0.05) == .unbounded)
    }

    @Test func `a straight line's errors are those of its draws`() throws {
        var generator = Xoshiro256PlusPlus(seed: 8)
        var slopes = Moments()
        var intercepts = Moments()
        var claimed = 0.0
        var claimedIntercept = 0.0
        let runs = 400
        for _ in 0..<runs {
            let drawn = try [(8.0, 400), (10, 900), (13, 600)].map { (price, n) in
                try PricePoint(
                    price: price, visitors: Double(n),
                    conversions: Double(generator.binomial(trials: n, probability: 0.5 - 0.03 * price)))
            }
            let line = try LinearDemand(drawn)
            slopes.add(line.slope)
            intercepts.add(line.intercept)
            claimed += line.slopeVariance / Double(runs)
            claimedIntercept += line.interceptVariance / Double(runs)
        }
        #expect(abs(try slopes.variance / claimed - 1) < 0.2)
        #expect(abs(try intercepts.variance / claimedIntercept - 1) < 0.2)
    }
}

extension OptimalPrice {
    fileprivate var value: Double? {
        guard case .price(let price) = self else { return nil }
        return price
    }
}
