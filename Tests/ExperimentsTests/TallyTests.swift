import Testing

@testable import Experiments

@Suite struct TallyTests {
    @Test func `buckets follow each other without a gap, none wider than a part in 64`() throws {
        var next: Int64 = 0
        for index in Int32(0)...1200 {
            let bounds = try #require(ValueBucket.bounds(of: index))
            #expect(bounds.lowerBound == next)
            #expect(ValueBucket.index(of: bounds.lowerBound) == index)
            #expect(ValueBucket.index(of: bounds.upperBound) == index)
            #expect((bounds.upperBound - bounds.lowerBound) * 64 <= bounds.lowerBound)
            next = bounds.upperBound + 1
        }
        #expect(ValueBucket.bounds(of: -129) == -131 ... -130)
        #expect(ValueBucket.bounds(of: ValueBucket.index(of: .max))?.upperBound == .max)
        #expect(ValueBucket.bounds(of: .max) == nil && ValueBucket.bounds(of: .min) == nil)
        for value: Int64 in [-1_000_000, -128, -127, -1, 0, 1, 127, 128, 1_000_000, .max] {
            #expect(ValueBucket.bounds(of: ValueBucket.index(of: value))?.contains(value) == true)
        }
    }

    private func unit(
        revenue: Int64, covariate: Int64? = nil, segments: [UInt8] = [], isTallied: Bool = true, lacksCost: Bool = false
    ) -> UnitState {
        var outcome = UnitOutcome()
        if revenue != 0 {
            outcome.orders = 1
            outcome.quantity = 2
            outcome.gross = revenue
            outcome.cost = 300
        }
        outcome.lacksCost = lacksCost
        return UnitState(
            variant: 1, phase: 0, assignedAt: Timestamp(milliseconds: 0), exposedAt: Timestamp(milliseconds: 5),
            outcome: outcome, isTallied: isTallied, traits: UnitTraits(covariate: covariate, segments: segments))
    }

    @Test func `a unit counted in and out again leaves nothing`() {
        var counts = UnitCounts()
        for unit in [
            unit(revenue: 1999, covariate: 500, segments: [0, 3]), unit(revenue: 0, covariate: 7),
            unit(revenue: 2500, lacksCost: true), unit(revenue: 100, isTallied: false),
        ] {
            counts.count(unit, times: 1)
            counts.count(unit, times: -1)
        }
        #expect(counts.withoutZeros == UnitCounts())
    }

    @Test func `amounts, products and segments are summed where the series say`() {
        var counts = UnitCounts()
        counts.count(unit(revenue: 1000, covariate: 50, segments: [2]), times: 1)
        counts.count(unit(revenue: 0, covariate: 10, segments: [2]), times: 1)
        func tally(_ series: Int32, _ place: Int32) -> Tally? {
            counts.tallies[TallyKey(variant: 1, phase: 0, series: series, place: place)]
        }
        #expect(tally(TallySeries.shoppers, 0) == Tally(units: 2))
        #expect(
            tally(TallySeries.revenue, ValueBucket.index(of: 1000))
                == Tally(units: 1, sum: 1000, sumOfSquares: 1_000_000))
        #expect(tally(TallySeries.profit, ValueBucket.index(of: 700))?.units == 1)
        #expect(tally(TallySeries.covariate, 0) == Tally(units: 2, sum: 60, sumOfSquares: 2600))
        #expect(tally(TallySeries.covariate, 2) == Tally(sum: 1000, sumOfSquares: 1_000_000))
        #expect(tally(TallySeries.covariate, 9) == Tally(sum: 50_000))
        #expect(tally(TallySeries.segments, 16) == Tally(units: 2, sum: 1, sumOfSquares: 1))
        #expect(tally(TallySeries.segments, 17) == Tally(sum: 1000, sumOfSquares: 1_000_000))
    }

    @Test func `checkouts are counted of who was exposed since they are, and those without a purchase apart`() {
        var counts = UnitCounts()
        for (revenue, began, isCounted) in [(0, true, true), (1000, true, true), (1000, false, true), (0, true, false)]
        {
            var one = unit(revenue: Int64(revenue))
            one.outcome.beganCheckout = began
            one.countsCheckouts = isCounted
            let codes = one.checkoutCode
            var read = one
            read.takeCheckouts(code: codes)
            #expect(read == one)
            counts.count(one, times: 1)
        }
        func tally(_ place: Int32) -> Tally? {
            counts.tallies[TallyKey(variant: 1, phase: 0, series: TallySeries.shoppers, place: place)]
        }
        #expect(tally(0) == Tally(units: 4, sum: 3))
        #expect(tally(2) == Tally(units: 2, sum: 1))
        // Of who was told nothing yet nothing is counted, whatever a store takes for granted.
        var untold = UnitState(variant: 0, phase: 0, assignedAt: Timestamp(milliseconds: 0))
        untold.takeCheckouts(code: 1)
        #expect(!untold.countsCheckouts)
    }

    @Test func `a unit first exposed before tallies were kept stays out of them`() {
        var counts = UnitCounts()
        counts.count(unit(revenue: 1000, isTallied: false), times: 1)
        #expect(counts.tallies.isEmpty)
        #expect(counts.cells.values.map(\.units) == [1])
    }

    @Test func `a value's number is its place among the declared ones, then other, then not told`() {
        let segment = Segment(attribute: "device", values: ["mobile", "true", "3"])
        #expect(segment.code(of: .string("mobile")) == 0)
        #expect(segment.code(of: .bool(true)) == 1)
        #expect(segment.code(of: .number(3)) == 2)
        #expect(segment.code(of: .string("desktop")) == 3)
        #expect(segment.code(of: .list([])) == 3)
        #expect(segment.code(of: nil) == 4)
        #expect((0...5).map { segment.name(of: $0) } == ["mobile", "true", "3", "other", "not told", nil])
        let traits = UnitTraits(segments: [0, 9, 10, 21])
        #expect(traits.segmentCodes == "09al")
        #expect(UnitTraits.segments(parsing: "09al") == traits.segments)
        #expect(UnitTraits.segments(parsing: "0-") == nil)
    }
}
