import Glibc
import Stats
import Testing

@Suite struct DemandTests {
    private func points(_ scale: Double = 1) throws -> [PricePoint] {
        let prices = [9.0, 12, 15, 19, 25]
        let visitors = [1000.0, 1010, 990, 1005, 1000]
        let conversions = [120.0, 101, 80, 58, 31]
        return try prices.indices.map {
            try PricePoint(price: prices[$0] * scale, visitors: visitors[$0], conversions: conversions[$0])
        }
    }

    @Test(arguments: [0.01, 1, 1e6])
    func `the currency's unit changes no elasticity`(scale: Double) throws {
        let demand = try LogitDemand(try points(scale))
        let elasticity = demand.elasticity(at: 15 * scale)
        expectClose(elasticity.value, -1.2111376946573436, relative: 1e-9)
        expectClose(elasticity.standardError, 0.15201096643555545, relative: 1e-7)
        let best = try #require(try demand.optimalPrice(unitCost: 4 * scale))
        expectClose(best.price, 16.28323528638312 * scale, relative: 1e-9)
    }

    @Test func `the optimal price earns more than its neighbours`() throws {
        let demand = try LogitDemand(try points())
        let best = try #require(try demand.optimalPrice(unitCost: 4))
        let top = demand.profitPerVisitor(at: best.price, unitCost: 4)
        for step in [-0.5, -0.05, 0.05, 0.5] {
            #expect(demand.profitPerVisitor(at: best.price + step, unitCost: 4) < top)
        }
        // Lerner (1934): the margin over the price is one over the elasticity.
        expectClose((best.price - 4) / best.price, -1 / demand.elasticity(at: best.price).value, relative: 1e-10)
    }

    @Test func `the interval of the optimal price is that of the whole ellipse, and leans to where the price bends`()
        throws
    {
        let demand = try LogitDemand(try points())
        for cost in [0.0, 4] {
            guard case .bounded(let range) = try demand.optimalPriceInterval(unitCost: cost, alpha: 0.05) else {
                Issue.record("not bounded")
                continue
            }
            let best = try #require(try demand.optimalPrice(unitCost: cost))
            #expect(range.upper - best.price > best.price - range.lower)
            // A fine walk around the ellipse, by its Cholesky factor the other way round.
            let fit = demand.fit
            let (l11, z) = (fit.interceptVariance.squareRoot(), Normal.upperQuantile(0.025))
            let l21 = fit.covariance / l11
            let l22 = (fit.slopeVariance - l21 * l21).squareRoot()
            var seen: [Double] = []
            for step in 0..<20_000 {
                let angle = 2 * Double.pi * Double(step) / 20_000
                let (x, y) = (z * cos(angle), z * sin(angle))
                guard
                    case .price(let price) = try OptimalPrice.logit(
                        intercept: fit.intercept + l11 * x, slope: fit.slope + l21 * x + l22 * y, unitCost: cost)
                else { continue }
                seen.append(price)
            }
            expectClose(range.lower, try #require(seen.min()), relative: 1e-7)
            expectClose(range.upper, try #require(seen.max()), relative: 1e-7)
        }
        // With many data it is the symmetric one.
        let many = try LogitDemand(
            try points().map {
                try PricePoint(price: $0.price, visitors: $0.visitors * 1e6, conversions: $0.conversions * 1e6)
            })
        let best = try #require(try many.optimalPrice(unitCost: 4))
        guard case .bounded(let range) = try many.optimalPriceInterval(unitCost: 4, alpha: 0.05) else {
            Issue.record("not bounded")
            return
        }
        let half = Normal.upperQuantile(0.025) * best.standardError
        expectClose((best.price - range.lower) / half, 1, relative: 1e-3)
        expectClose((range.upper - best.price) / half, 1, relative: 1e-3)
    }

    @Test func `where demand may not fall the optimal price has no upper end`() throws {
        let few = try LogitDemand([
            PricePoint(price: 10, visitors: 40, conversions: 9), PricePoint(price: 12, visitors: 40, conversions: 8),
            PricePoint(price: 14, visitors: 40, conversions: 7),
        ])
        guard case .above(let least) = try few.optimalPriceInterval(unitCost: 4, alpha: 0.05) else {
            Issue.record("not above")
            return
        }
        let best = try #require(try few.optimalPrice(unitCost: 4))
        #expect(least > 4 && least < best.price)
    }

    @Test func `demand that rises or is inelastic has no optimal price`() throws {
        #expect(try OptimalPrice.logit(intercept: 0, slope: 0.1, unitCost: 1) == .unbounded)
        #expect(try OptimalPrice.constantElasticity(-0.8, unitCost: 4) == .unbounded)
        #expect(try OptimalPrice.logit(intercept: 2000, slope: -0.1, unitCost: 4) != .unbounded)
    }

    @Test func `separated data are refused and the penalised fits answer`() throws {
        let separated = try [
            PricePoint(price: 5, visitors: 30, conversions: 30), PricePoint(price: 10, visitors: 30, conversions: 0),
        ]
        #expect(throws: StatsError.self) { try BinomialRegression(separated) }
        let firth = try PenalisedLogit(firth: separated)
        #expect(firth.slope < 0 && firth.slope.isFinite)
        #expect(throws: StatsError.notIdentified("a slope needs two prices")) {
            try LogitDemand([try PricePoint(price: 10, visitors: 100, conversions: 10)])
        }
    }

    @Test(arguments: 1...5)
    func `an isotonic fit falls, keeps the total and leaves falling data alone`(seed: Int) throws {
        var generator = Xoshiro256PlusPlus(seed: UInt64(seed))
        let y = (0..<30).map { _ in generator.uniform() }
        let weights = (0..<30).map { _ in 1 + 9 * generator.uniform() }
        let fit = try Isotonic.decreasing(y, weights: weights)
        #expect(zip(fit, fit.dropFirst()).allSatisfy { $0 >= $1 })
        let before = zip(y, weights).reduce(0) { $0 + $1.0 * $1.1 }
        let after = zip(fit, weights).reduce(0) { $0 + $1.0 * $1.1 }
        expectClose(after, before, relative: 1e-12)
        for (once, twice) in zip(fit, try Isotonic.decreasing(fit, weights: weights)) { expectClose(twice, once) }
    }
}
