import Testing

@testable import Analysis
@testable import Experiments

@Suite struct FunnelTests {
    @Test func `who bought has begun a checkout, told of or not, and the others only when told of`() throws {
        var shop = try MeasuredShop()
        for shopper in 0..<100 {
            shop.add(0, spending: shopper < 10 ? 2000 : 0, beganCheckout: shopper < 5 || shopper >= 80)
            shop.add(1, spending: shopper < 8 ? 2500 : 0, beganCheckout: false)
        }
        let funnel = try #require(try shop.report().funnel)
        #expect(funnel.variants.map(\.told) == [100, 100])
        #expect(funnel.variants.map(\.checkouts) == [30, 8])
        #expect(funnel.variants.map(\.bought) == [10, 8])
    }

    @Test func `where nobody told of a checkout, or some came before they were counted, there is no such stage`() throws
    {
        var silent = try MeasuredShop()
        for variant in 0..<2 { silent.add(variant, spending: 2000, beganCheckout: false) }
        #expect(try silent.report().funnel?.variants.map(\.checkouts) == [nil, nil])
        var older = try MeasuredShop()
        for variant in 0..<2 { older.add(variant, spending: 0, beganCheckout: true) }
        #expect(try older.report().funnel?.variants.map(\.checkouts) == [1, 1])
        older.add(1, spending: 0)
        #expect(try older.report().funnel?.variants.map(\.checkouts) == [nil, nil])
        older = try MeasuredShop()
        for variant in 0..<2 { older.add(variant, spending: 0, beganCheckout: true) }
        older.add(0, shoppers: 1, buyers: 0)
        #expect(try older.report().funnel?.variants.map(\.checkouts) == [nil, nil])
    }

    @Test func `of one segment nobody counts checkouts`() throws {
        var shop = try MeasuredShop { $0.segments = [Segment(attribute: "device", values: ["mobile", "desktop"])] }
        for variant in 0..<2 { shop.add(variant, spending: 0, segments: [0], beganCheckout: true) }
        #expect(try shop.report().funnel?.variants.map(\.checkouts) == [1, 1])
        let mobile = SegmentChoice(attribute: "device", value: "mobile")
        let own = try #require(try Analyst.report(of: shop.measurements, within: mobile))
        #expect(own.funnel?.variants.map(\.checkouts) == [nil, nil])
    }
}
