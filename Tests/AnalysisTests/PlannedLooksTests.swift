import Stats
import Testing

@testable import Analysis
@testable import Experiments

@Suite struct PlannedLooksTests {
    /// Four looks at 500, 1,000, 1,500 and 2,000 shoppers; windows of a week, read on the twentieth day.
    private func shop() throws -> MeasuredShop {
        try MeasuredShop { draft in
            draft.method = "group_sequential"
            draft.looks = 4
            draft.targetSampleSize = 2000
            draft.attributionDays = 7
        }
    }

    private static func bounds() throws -> [Double] {
        try GroupSequentialDesign(
            .spending(.obrienFleming(sides: 2)), alpha: 0.05, sides: 2, infoFractions: [0.25, 0.5, 0.75, 1]
        ).criticalZ
    }

    @Test func `looks are taken at the end of the day on which their share was reached, with the plan's boundaries`()
        throws
    {
        var shop = try shop()
        for day in Int32(0)..<3 {
            shop.add(0, day: day, shoppers: 250, buyers: 50)
            shop.add(1, day: day, shoppers: 250, buyers: 41)
        }
        let looks = try #require(try shop.report().plannedLooks)
        #expect(looks.looks.map(\.state) == [.taken, .taken, .taken, .waiting])
        #expect(looks.looks.map(\.n) == [500, 1000, 1500, nil])
        let expected = try Self.bounds()
        for (look, bound) in zip(looks.looks, expected.prefix(3)) {
            #expect(abs(try #require(look.boundary) - bound) < 1e-9)
        }
        let comparison = looks.comparisons[0]
        #expect(comparison.readings.map(\.look) == [1, 2, 3])
        #expect(comparison.stoppedAt == nil && comparison.pValue == nil)
        let reading = comparison.readings[2]
        let plain = try #require(
            try Analyst.report(of: shop.measurements).metric(.revenuePerVisitor).comparisons[0].difference)
        #expect(abs(reading.difference - plain) < 1e-9)
        #expect(reading.interval.lower < 0 && reading.interval.upper > 0)
    }

    @Test func `what crosses at a look decides, whatever comes later`() throws {
        var shop = try shop()
        for day in Int32(0)..<2 {
            shop.add(0, day: day, shoppers: 250, buyers: 40)
            shop.add(1, day: day, shoppers: 250, buyers: 75)
        }
        let early = try shop.report()
        #expect(early.recommendation.action == .ship)
        let stopped = try #require(early.plannedLooks?.comparisons[0])
        let look = try #require(stopped.stoppedAt)
        #expect(try #require(stopped.pValue) < 0.05)
        let reading = try #require(stopped.deciding)
        #expect(reading.look == look && reading.hasCrossed)
        #expect(try #require(stopped.estimate) < reading.difference, "what stopped is too large on average")
        // A third day without any difference.
        shop.add(0, day: 2, shoppers: 250, buyers: 75)
        shop.add(1, day: 2, shoppers: 250, buyers: 40)
        let later = try #require(try shop.report().plannedLooks?.comparisons[0])
        #expect(later.stoppedAt == look && later.pValue == stopped.pValue)
        #expect(try shop.report().recommendation.action == .ship)
    }

    @Test func `between looks nothing is decided, and a look waits for its shoppers' windows`() throws {
        var shop = try shop()
        shop.add(0, shoppers: 200, buyers: 5)
        shop.add(1, shoppers: 200, buyers: 150)
        let before = try shop.report()
        #expect(before.plannedLooks?.looks.map(\.state) == [.waiting, .waiting, .waiting, .waiting])
        #expect(before.recommendation.action == .continue)
        #expect(before.recommendation.moreShoppers == 100)
        shop.add(0, day: 15, shoppers: 50, buyers: 1)
        shop.add(1, day: 15, shoppers: 50, buyers: 40)
        let maturing = try shop.report()
        #expect(maturing.plannedLooks?.looks.first?.state == .maturing)
        #expect(maturing.recommendation.action == .continue)
        shop.asOf = shop.asOf.advanced(by: .seconds(86_400 * 10))
        #expect(try shop.report().recommendation.action == .ship)
    }

    @Test func `a look whose share was passed on the day of the next is skipped`() throws {
        var shop = try shop()
        shop.add(0, shoppers: 550, buyers: 100)
        shop.add(1, shoppers: 550, buyers: 100)
        let looks = try #require(try shop.report().plannedLooks)
        #expect(looks.looks.map(\.state) == [.skipped, .taken, .waiting, .waiting])
        #expect(looks.looks[1].information == 0.55)
    }

    @Test func `a plan of looks needs a target`() throws {
        #expect(throws: Faults.self) { try MeasuredShop { $0.method = "group_sequential" } }
        #expect(throws: Faults.self) {
            try MeasuredShop { draft in
                draft.method = "group_sequential"
                draft.targetSampleSize = 100
                draft.looks = 1
            }
        }
    }

    @Test func `where there is no difference one experiment in twenty crosses, over all looks together`() throws {
        var random = Xoshiro256PlusPlus(seed: 12)
        var crossed = 0
        let runs = 300
        for _ in 0..<runs {
            var shop = try shop()
            for day in Int32(0)..<4 {
                for variant in 0..<2 {
                    let buyers = (0..<250).count { _ in random.uniform() < 0.3 }
                    let price = 2000
                    var sums = UnitSums()
                    sums.units = 250
                    sums.converted = Int64(buyers)
                    sums.orders = Int64(buyers)
                    sums.quantity = ExactSum(sum: Int128(buyers), sumOfSquares: Int128(buyers))
                    sums.revenue = ExactSum(
                        sum: Int128(buyers * price), sumOfSquares: Int128(buyers * price * price))
                    sums.profit = sums.revenue
                    shop.cells[CellKey(variant: variant, phase: 0, day: MeasuredShop.day + day)] = sums
                }
            }
            if try PlannedLooksAnalysis.read(shop.measurements.analysisInput())?.comparisons[0].stoppedAt != nil {
                crossed += 1
            }
        }
        #expect((5...27).contains(crossed), "5% of \(runs), give or take three errors: \(crossed)")
    }
}
