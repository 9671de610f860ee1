import Stats
import Testing

@testable import Analysis
@testable import Experiments

@Suite struct GuardrailTests {
    /// The first fall that is borne, and the state that the counts show.
    @Test(arguments: [(0.5, "holds"), (0.2, "open"), (0.05, "broken")])
    func `a guardrail is shown to hold, shown to be broken, or open`(limit: Double, state: String) throws {
        var shop = try MeasuredShop { $0.guardrails = [("conversion_rate", limit), ("units_per_visitor", 1)] }
        shop.add(0, shoppers: 20_000, buyers: 4000)
        shop.add(1, shoppers: 20_000, buyers: 3200)
        let report = try shop.report()
        #expect(report.guardrails.map(\.metric) == ["conversion_rate", "units_per_visitor"])
        #expect(report.guardrails.map(\.maxDrop) == [limit, 1])
        let watched = try #require(report.guardrails[0].variants.first)
        #expect(watched.name == "higher" && watched.state.rawValue == state)
        let rate = try report.metric(.conversionRate).comparisons[0]
        #expect(watched.relative == rate.relative && watched.interval == rate.relativeConfidenceSequence)
        let isBroken = report.recommendation.rule == .guardrailBroken
        #expect(isBroken == (state == "broken"))
    }

    @Test func `with too few who bought a guardrail is open`() throws {
        var shop = try MeasuredShop { $0.guardrails = [("conversion_rate", 0.5)] }
        shop.add(0, shoppers: 10, buyers: 1)
        shop.add(1, shoppers: 10, buyers: 0)
        #expect(try shop.report().guardrails[0].variants.map(\.state) == [.open])
        #expect(try MeasuredShop().report().guardrails.isEmpty)
    }

    /// Counts of variants that are bought from at given rates, revenue of a winner up by more than a tenth.
    private func shop(
        _ plan: AnalysisPlan.Method, target: Int64?, buyers: [Int64], of shoppers: Int64
    ) throws -> MeasuredShop {
        let prices = [("control", Int64(2000), Int64(1)), ("higher", 2500, 1), ("cheaper", 1900, 1)]
        var shop = try MeasuredShop(prices: Array(prices.prefix(buyers.count))) {
            $0.guardrails = [("conversion_rate", 0.08)]
            $0.targetSampleSize = target
        }
        shop.experiment.analysis.method = plan
        shop.experiment.analysis.minimumEffect = 0.12
        for (variant, count) in buyers.enumerated() { shop.add(variant, shoppers: shoppers, buyers: count) }
        return shop
    }

    /// Whoever lets as many more come as are said, at the rates seen so far, sees the guardrail hold about as often as the
    /// plan's power says: in four of five experiments, all of whose shoppers are drawn anew.
    @Test(
        arguments: [
            (AnalysisPlan.Method.sequential, nil, 2), (.sequential, 500_000, 2), (.sequential, nil, 3),
            (.fixed, nil, 2),
            (.fixed, nil, 3),
        ] as [(AnalysisPlan.Method, Int64?, Int)])
    func `as many shoppers as an open guardrail is said to take settle it as often as is said`(
        method: AnalysisPlan.Method, target: Int64?, variants: Int
    ) throws {
        let each: Int64 = 10_000
        let rates = Array([0.2, 0.19, 0.2].prefix(variants))
        func buyers(_ each: Int64, _ z: () -> Double) -> [Int64] {
            rates.map { Int64((Double(each) * $0 + (Double(each) * $0 * (1 - $0)).squareRoot() * z()).rounded()) }
        }
        let seen = try shop(method, target: target, buyers: buyers(each) { 0 }, of: each).report()
        #expect(seen.guardrails[0].variants[0].state == .open)
        let advice = seen.recommendation
        #expect(advice.rule == .guardrailOpen && advice.action == .continue && advice.variant == "higher")
        let more = try #require(advice.moreShoppers)
        #expect(advice.sentence.contains("but a fall of conversion rate by more than 8% is not ruled out yet"))
        #expect(
            advice.nextStep.contains("show with a chance of 80% that the guardrail holds, should the difference stay"))
        #expect(!advice.nextStep.contains("more than were planned"))
        let then = each + more / Int64(variants)
        // Several times those who have come.
        #expect(more / Int64(variants) > each)
        var random = Xoshiro256PlusPlus(seed: 11)
        var settled = 0
        for _ in 0..<150 {
            let drawn = buyers(then) { Normal.quantile(Double.random(in: 0.000_001..<1, using: &random)) }
            let input = try shop(method, target: target, buyers: drawn, of: then).measurements.analysisInput()
            let rate = try #require(input.metrics.first { $0.name == "conversion_rate" })
            let read = try MetricAnalysis(input: input, metric: rate, isPrimary: false).report().comparisons[0]
            if try #require(read.decidingRelativeInterval(method)).lower >= -0.08 { settled += 1 }
        }
        // Four standard errors about 120.
        #expect((100...140).contains(settled), "\(settled) of 150")
    }

    @Test func `where more shoppers are needed than were planned, that is said`() throws {
        let report = try shop(.sequential, target: 40_000, buyers: [2000, 1900], of: 10_000).report()
        let more = try #require(report.recommendation.moreShoppers)
        #expect(more > 20_000 && report.recommendation.nextStep.contains("more shoppers, more than were planned, show"))
    }

    @Test func `where the metric lies beyond its limit already, no number of shoppers is promised`() throws {
        var shop = try MeasuredShop(prices: [("control", 2000, 1), ("higher", 3000, 1)]) {
            $0.guardrails = [("conversion_rate", 0.04)]
        }
        shop.add(0, shoppers: 20_000, buyers: 4000)
        shop.add(1, shoppers: 20_000, buyers: 3800)
        let advice = try shop.report().recommendation
        #expect(advice.rule == .guardrailOpen && advice.moreShoppers == nil)
        #expect(!advice.sentence.contains("more shoppers"))
        #expect(advice.nextStep.contains("more shoppers will rather show the guardrail broken"))
    }

    @Test func `better than control is not said to be better than all`() throws {
        var shop = try MeasuredShop(prices: [("control", 2000, 1), ("middle", 2500, 1), ("higher", 2600, 1)])
        for variant in 0..<3 { shop.add(variant, shoppers: 20_000, buyers: 3000) }
        let advice = try shop.report().recommendation
        #expect(advice.rule == .excludesZeroInFavour && advice.variant == "higher")
        let sure = try #require(advice.certainty)
        #expect(sure.contains("“middle” is shown to beat “control” too; that “higher” is the best of all"))
        var clear = try MeasuredShop()
        for variant in 0..<2 { clear.add(variant, shoppers: 20_000, buyers: 3000) }
        #expect(try clear.report().recommendation.certainty?.contains("too;") == false)
    }
}
