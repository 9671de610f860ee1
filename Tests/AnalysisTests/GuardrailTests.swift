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

    /// Revenue is up by a fifth, and a twentieth fewer buy.
    private func winning(_ thousands: Int64) throws -> Report {
        var shop = try MeasuredShop { $0.guardrails = [("conversion_rate", 0.08)] }
        shop.add(0, shoppers: 1000 * thousands, buyers: 200 * thousands)
        shop.add(1, shoppers: 1000 * thousands, buyers: 190 * thousands)
        return try shop.report()
    }

    @Test func `how long a winner waits for its guardrail follows from the guardrail, not from the metric that is won`()
        throws
    {
        let report = try winning(20)
        #expect(report.guardrails[0].variants.map(\.state) == [.open])
        #expect(report.recommendation.rule == .guardrailOpen && report.recommendation.action == .continue)
        let more = try #require(report.recommendation.moreShoppers)
        let needed = (40_000 + more) / 2000
        // Intervals that hold at every look narrow a little slower than the root of the shoppers grows.
        #expect(try winning(needed * 13 / 10).recommendation.rule == .excludesZeroInFavour)
        #expect(try winning(needed * 2 / 3).recommendation.rule == .guardrailOpen)
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
