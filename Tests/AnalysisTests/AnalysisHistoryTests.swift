import Glibc
import Testing

@testable import Analysis
@testable import Experiments

@Suite struct AnalysisHistoryTests {
    private func shop() throws -> MeasuredShop {
        var shop = try MeasuredShop()
        for day in Int32(0)..<6 {
            shop.add(0, day: day, shoppers: 300, buyers: 30 + Int64(day))
            shop.add(1, day: day, shoppers: 310, buyers: 36 - Int64(day))
        }
        return shop
    }

    @Test func `the last day's interval is the report's`() throws {
        let report = try shop().report()
        let history = try #require(report.history)
        #expect(history.days.count == 6)
        #expect(history.metric == report.metrics[0].name)
        let last = try #require(history.days.last?.differences.first ?? nil)
        let comparison = report.metrics[0].comparisons[0]
        #expect(last.difference == comparison.difference)
        #expect(last.interval == comparison.confidenceSequence)
    }

    @Test func `a day is what a report of its shoppers alone says`() throws {
        let history = try #require(try shop().report().history)
        var early = try shop()
        early.cells = early.cells.filter { $0.key.day <= MeasuredShop.day + 2 }
        let report = try early.report()
        #expect(history.days[2].differences[0]?.interval == report.metrics[0].comparisons[0].confidenceSequence)
        #expect(history.days.prefix(3).map(\.arrivals) == Array(repeating: [300, 310], count: 3))
    }

    @Test func `a difference that wears off is warned of, one that lasts is not`() throws {
        var lasting = try MeasuredShop { $0.primaryMetric = "conversion_rate" }
        var fading = lasting
        for day in Int32(0)..<8 {
            for shop in 0..<2 {
                let extra: Int64 = shop == 0 || day < 4 ? 100 : 0
                func add(_ shop: inout MeasuredShop) {
                    shop.add(0, day: day, shoppers: 1000, buyers: 200)
                    shop.add(1, day: day, shoppers: 1000, buyers: 200 + extra)
                }
                if shop == 0 { add(&lasting) } else { add(&fading) }
            }
        }
        let drift = try #require(try fading.report().history?.drift.first ?? nil)
        #expect(abs(drift.early - 0.1) < 1e-12 && abs(drift.late) < 1e-12)
        // se² = (0.3·0.7 + 0.2·0.8 + 2·0.2·0.8)/4000 with n − 1, so z = 0.1/0.013134 = 7.614.
        #expect(drift.pValue > 2.5e-14 && drift.pValue < 2.8e-14)
        #expect(try fading.report().dataQuality.warnings.contains { $0.contains("fell from the first half") })
        #expect(try lasting.report().dataQuality.warnings.contains { $0.contains("first half") } == false)
        let same = try #require(try lasting.report().history?.drift.first ?? nil)
        #expect(abs(same.late - 0.1) < 1e-12 && same.pValue == 1)
    }

    @Test func `days without a spread have no interval, and missing costs none either`() throws {
        var shop = try MeasuredShop { $0.primaryMetric = "profit_per_visitor" }
        shop.add(0, shoppers: 10, buyers: 0)
        shop.add(1, shoppers: 10, buyers: 0)
        shop.add(0, day: 1, shoppers: 10, buyers: 3)
        shop.add(1, day: 1, shoppers: 10, buyers: 2)
        shop.add(1, day: 2, shoppers: 10, buyers: 2, cost: nil)
        let days = try #require(try shop.report().history).days
        #expect(days[0].differences == [nil])
        #expect(days[1].differences[0] != nil)
        #expect(days[2].differences == [nil])
    }
}

@Suite struct AnalysisEquivalenceTests {
    @Test func `two variants alike are practically the same once there are enough of them`() throws {
        var shop = try MeasuredShop { $0.primaryMetric = "conversion_rate" }
        shop.add(0, shoppers: 40_000, buyers: 8_000)
        shop.add(1, shoppers: 40_000, buyers: 8_000)
        let comparison = try shop.report().metrics[0].comparisons[0]
        let region = try #require(comparison.equivalence)
        #expect(region.lower == -0.05 && region.upper == 0.05)
        // se of the relative difference is √(2 · 0.8/0.2/40,000) = 0.01414, so ±0.05 is ±3.54 standard errors.
        #expect(abs(region.probability - 0.99959) < 1e-4)
        let posterior = try #require(comparison.posterior)
        #expect(abs(posterior.mean) < 1e-12)
        #expect(abs(posterior.standardDeviation - 0.0028284) < 1e-6)
    }

    @Test func `money's region is that of its relative difference`() throws {
        var shop = try MeasuredShop()
        shop.add(0, shoppers: 40_000, buyers: 8_000)
        shop.add(1, shoppers: 40_000, buyers: 6_400)
        // 2000 · 0.2 = 2500 · 0.16.
        let comparison = try shop.report().metrics[0].comparisons[0]
        #expect(abs(try #require(comparison.posterior).mean) < 1e-9)
        let region = try #require(comparison.equivalence)
        #expect(region.probability > 0.99)
    }

    @Test func `without buyers nothing is believed of the region`() throws {
        var shop = try MeasuredShop()
        shop.add(0, shoppers: 100, buyers: 0)
        shop.add(1, shoppers: 100, buyers: 0)
        let comparison = try shop.report().metrics[0].comparisons[0]
        #expect(comparison.equivalence == nil && comparison.posterior == nil)
    }
}

@Suite struct DemandCurveTests {
    @Test func `the curve falls within its band, wider where nothing was tested`() throws {
        var shop = try MeasuredShop(prices: [("control", 2000, 1), ("b", 2500, 1), ("c", 3000, 1)])
        shop.add(0, shoppers: 4000, buyers: 400)
        shop.add(1, shoppers: 4000, buyers: 330)
        shop.add(2, shoppers: 4000, buyers: 250)
        let demand = try #require(try shop.report().demand)
        #expect(demand.curve.count == 41)
        for (point, next) in zip(demand.curve, demand.curve.dropFirst()) {
            #expect(point.rate > next.rate)
            #expect(point.interval.lower < point.rate && point.rate < point.interval.upper)
        }
        for point in demand.curve { #expect(point.isTested == (point.price >= 2000 && point.price <= 3000)) }
        func width(_ point: DemandReport.CurvePoint) -> Double {
            (point.interval.upper - point.interval.lower) / point.rate
        }
        #expect(width(demand.curve[0]) > width(demand.curve[20]))
        #expect(width(demand.curve[40]) > width(demand.curve[20]))
    }

    @Test func `observed rates that rise are levelled to a falling curve`() throws {
        var shop = try MeasuredShop(prices: [("control", 2000, 1), ("b", 2500, 1), ("c", 3000, 1)])
        shop.add(0, shoppers: 1000, buyers: 100)
        shop.add(1, shoppers: 1000, buyers: 120)
        shop.add(2, shoppers: 1000, buyers: 50)
        let demand = try #require(try shop.report().demand)
        #expect(demand.points.map(\.fallingRate) == [0.11, 0.11, 0.05])
        let interval = try #require(demand.points[0].interval)
        // Wilson, 100 of 1000.
        #expect(abs(interval.lower - 0.08291) < 1e-4 && abs(interval.upper - 0.12020) < 1e-4)
    }

    private func shop(items: [Int64], refunded: Bool = false) throws -> MeasuredShop {
        var shop = try MeasuredShop(prices: [("control", 2000, 1), ("b", 2500, 1), ("c", 3000, 1)])
        for (variant, buyers) in [Int64(400), 330, 250].enumerated() {
            let price = shop.experiment.variants[variant].offered
            shop.add(variant, shoppers: 4000 - buyers / 2, buyers: buyers / 2, items: items[variant])
            shop.add(
                variant, shoppers: buyers / 2, buyers: buyers / 2, items: items[variant],
                refund: refunded ? price * items[variant] : 0)
        }
        return shop
    }

    @Test func `what a price brought in counts each item and what went back, as the metric does`() throws {
        let report = try shop(items: [3, 3, 3], refunded: true).report()
        let demand = try #require(report.demand)
        for (metric, earned) in [
            (Metric.revenuePerVisitor, \DemandReport.Point.revenue), (.profitPerVisitor, \.profit),
        ] {
            for (point, variant) in zip(demand.points, try report.metric(metric).variants) {
                #expect(abs(try #require(point[keyPath: earned]).mean - (try #require(variant.estimate))) < 1e-9)
            }
        }
        let buyer = try #require(demand.buyer)
        let cost = try #require(buyer.cost)
        #expect(abs(buyer.paidItems - 1.5) < 1e-12 && abs(cost - 1500) < 1e-9)
        #expect(demand.warnings.contains { $0.contains("1.50 items") })
        // The best price is the best of what is earned, not of who buys times one item.
        let best = try #require(demand.profitOptimal).price
        let (intercept, slope) = (try #require(demand.intercept), try #require(demand.slope))
        func earned(_ price: Double) -> Double {
            demand.earned(at: price, rate: 1 / (1 + exp(-intercept - slope * price))) ?? .nan
        }
        #expect(earned(best) > earned(best - 1) && earned(best) > earned(best + 1))
    }

    @Test func `as many items at every price, kept and paid, move no best price`() throws {
        let one = try #require(try shop(items: [1, 1, 1]).report().demand)
        let four = try #require(try shop(items: [4, 4, 4]).report().demand)
        #expect(one.buyer == DemandReport.Buyer(paidItems: 1, cost: 500))
        #expect(four.buyer == DemandReport.Buyer(paidItems: 4, cost: 2000))
        let best = try [one, four].map { try #require($0.profitOptimal).price }
        #expect(abs(best[0] - best[1]) < 1e-6)
    }

    @Test func `where buyers take more of what is cheap no best price is read off who buys`() throws {
        let demand = try #require(try shop(items: [5, 2, 1]).report().demand)
        #expect(demand.buyer == nil && demand.revenueOptimal == nil && demand.profitOptimal == nil)
        #expect(demand.warnings.contains { $0.contains("no best price") })
        #expect(demand.points.allSatisfy { $0.profit != nil })
    }
}
