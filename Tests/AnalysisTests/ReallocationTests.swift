import Stats
import Testing

@testable import Analysis
@testable import Experiments

@Suite struct ReallocationTests {
    private func shop() throws -> MeasuredShop {
        try MeasuredShop(
            prices: [("control", 2000, 1), ("higher", 2000, 1), ("highest", 2000, 1)]
        ) { draft in
            draft.bandit = ("top_two", 0.1, 24)
        }
    }

    @Test func `new weights follow what is learned, leave every variant its floor and add to the whole`() throws {
        var shop = try shop()
        shop.add(0, shoppers: 500, buyers: 50)
        shop.add(1, shoppers: 500, buyers: 90)
        shop.add(2, shoppers: 500, buyers: 40)
        let weights = try #require(try Reallocation.weights(of: shop.measurements))
        #expect(weights.reduce(0, +) == Reallocation.whole)
        #expect(weights.allSatisfy { $0 >= 1000 })
        #expect(weights[1] > weights[0] && weights[0] > weights[2])
    }

    @Test func `too few conversions and a broken split move nothing`() throws {
        var shop = try shop()
        shop.add(0, shoppers: 50, buyers: 2)
        shop.add(1, shoppers: 50, buyers: 9)
        shop.add(2, shoppers: 50, buyers: 4)
        #expect(try Reallocation.weights(of: shop.measurements) == nil)
        shop.add(1, shoppers: 5000, buyers: 900)
        #expect(try Reallocation.weights(of: shop.measurements) == nil)
        #expect(try Reallocation.weights(of: MeasuredShop().measurements) == nil)
    }

    @Test func `weights are due when they stood as long as the plan says, while it runs`() throws {
        let shop = try shop()
        let day = MeasuredShop.start.advanced(by: .seconds(86_400))
        #expect(!shop.experiment.isReallocationDue(at: MeasuredShop.start.advanced(by: .seconds(86_399))))
        #expect(shop.experiment.isReallocationDue(at: day))
        let moved = try shop.experiment.reweighed([1, 2, 3], at: day)
        #expect(moved.phases.count == 2 && moved.phases.last?.weights == [1, 2, 3])
        #expect(!moved.isReallocationDue(at: day))
        #expect(!(try shop.experiment.after(.pause, at: day).isReallocationDue(at: day)))
        #expect(throws: Faults.self) { try MeasuredShop { $0.bandit = ("top_two", 0.6, 24) } }
        #expect(throws: Faults.self) { try MeasuredShop { $0.bandit = ("top_two", nil, 1) } }
        #expect(throws: Faults.self) {
            try MeasuredShop { draft in
                draft.bandit = (nil, nil, nil)
                draft.method = "fixed"
            }
        }
    }

    @Test func `where prices are all alike a bandit's report calls one better no more often than it promises`() throws {
        var random = Xoshiro256PlusPlus(seed: 5)
        var (called, covered, steps) = (0, 0, 0)
        let runs = 120
        for _ in 0..<runs {
            var shop = try shop()
            var weights = [1, 1, 1]
            var isCalled = false
            for phase in 0..<5 {
                let whole = weights.reduce(0, +)
                for variant in 0..<3 {
                    let n = 900 * weights[variant] / whole
                    let buyers = (0..<n).count { _ in random.uniform() < 0.2 }
                    shop.add(variant, phase: phase, day: Int32(phase), shoppers: Int64(n), buyers: Int64(buyers))
                }
                let report = try shop.report()
                if report.recommendation.action == .ship { isCalled = true }
                if phase == 4 {
                    let interval = try report.metric(.revenuePerVisitor).comparisons[0].confidenceSequence
                    if let interval, interval.lower <= 0, interval.upper >= 0 { covered += 1 }
                    steps += report.allocation.count
                }
                if phase < 4, let next = try Reallocation.weights(of: shop.measurements) {
                    shop.experiment = try shop.experiment.reweighed(
                        next, at: MeasuredShop.start.advanced(by: .seconds(86_400 * (phase + 1))))
                    weights = next
                }
            }
            if isCalled { called += 1 }
        }
        #expect(called <= 12, "5% of \(runs), give or take three errors: \(called)")
        #expect(covered >= 108)
        #expect(steps > 4 * runs)
    }
}
