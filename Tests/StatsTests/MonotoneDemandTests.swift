import Stats
import Testing

@Suite struct MonotoneDemandTests {
    /// 200 shoppers at 10 and at 12, and more of them buy at 12.
    let rising = [
        (10.0, 20.0), (12, 26),
    ].compactMap { try? PricePoint(price: $0.0, visitors: 200, conversions: $0.1) }

    /// Expected: the integral over both logits on a grid of 2001 × 2001 points.
    @Test func `values without signs agree with the integral`() throws {
        let fit = try MonotoneDemand(rising, lengthScale: 2, signalSD: 1, virtualPoints: 0)
        expectClose(fit.logEvidence, -145.18954730668148, absolute: 2e-4)
        expectClose(fit.logit(at: 10).mean, -2.1979213614521558, absolute: 2e-4)
        expectClose(fit.logit(at: 12).mean, -1.93100065555433, absolute: 2e-4)
        expectClose(fit.logit(at: 10).variance, 0.05134743373897802, relative: 5e-3)
        expectClose(fit.logit(at: 12).variance, 0.04242656142105187, relative: 5e-3)
    }

    @Test func `one sign turns a rise into a fall, as the integral says`() throws {
        let fit = try MonotoneDemand(rising, lengthScale: 2, signalSD: 1, virtualPoints: 1)
        expectClose(fit.logEvidence, -146.81677787528957, absolute: 2e-3)
        expectClose(fit.logit(at: 10).mean, -1.98597818955711, absolute: 2e-3)
        expectClose(fit.logit(at: 12).mean, -2.121259687808421, absolute: 2e-3)
        expectClose(fit.logit(at: 10).variance, 0.02948035396973017, relative: 0.03)
        #expect(fit.slope(at: 11).mean < 0)
        #expect(fit.tested == 10...12)
    }

    @Test func `demand falls everywhere though the counts do not, and the interval holds the truth`() throws {
        let counts: [(Double, Double)] = [(8, 300), (10, 322), (12, 240), (14, 249), (16, 150), (18, 118)]
        let points = try counts.map { try PricePoint(price: $0.0, visitors: 2000, conversions: $0.1) }
        let fit = try MonotoneDemand(points)
        let free = try MonotoneDemand(points, virtualPoints: 0)
        let grid = Array(stride(from: 8.0, through: 18, by: 0.25))
        let rates = grid.map { fit.conversion(at: $0) }
        #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 >= $1 - 1e-4 })
        let freeRates = grid.map { free.conversion(at: $0) }
        #expect(!zip(freeRates, freeRates.dropFirst()).allSatisfy { $0 >= $1 - 1e-4 })
        for (price, conversions) in counts {
            #expect(try fit.interval(at: price, mass: 0.999).contains(conversions / 2000), "at \(price)")
            #expect(fit.logit(at: price).variance <= free.logit(at: price).variance)
        }
    }

    @Test func `the currency's unit changes nothing`() throws {
        let cents = try rising.map {
            try PricePoint(price: 100 * $0.price, visitors: $0.visitors, conversions: $0.conversions)
        }
        let (a, b) = (try MonotoneDemand(rising), try MonotoneDemand(cents))
        expectClose(b.conversion(at: 1130), a.conversion(at: 11.3), relative: 1e-7)
        expectClose(b.slope(at: 1130).mean, a.slope(at: 11.3).mean / 100, relative: 1e-6, absolute: 1e-10)
    }

    @Test func `what cannot be fitted is refused`() throws {
        #expect(throws: StatsError.notIdentified("demand needs two prices")) { _ = try MonotoneDemand([rising[0]]) }
        let none = try [10.0, 12].map { try PricePoint(price: $0, visitors: 50, conversions: 0) }
        #expect(throws: StatsError.notIdentified("nobody or everybody bought")) { _ = try MonotoneDemand(none) }
        #expect(throws: StatsError.self) { _ = try MonotoneDemand(rising, lengthScale: -1) }
        #expect(throws: StatsError.self) { _ = try MonotoneDemand(rising, virtualPoints: 101) }
    }

    @Test func `what cannot be fitted is refused, not answered with a rise or with no number`() throws {
        func points(_ counts: [(Double, Double, Double)]) throws -> [PricePoint] {
            try counts.map { try PricePoint(price: $0.0, visitors: $0.1, conversions: $0.2) }
        }
        let hopeless = [
            [(10.0, 100.0, 5.0)], [(10, 100, 5), (10, 100, 6)], [(10, 100, 0), (12, 100, 0)],
            [(10, 100, 100), (12, 100, 100)], [(10, 1e8, 1e7), (12, 1e8, 1.2e7), (14, 1e8, 8e6)],
            [(10, 1e12, 1e11), (12, 1e12, 1.2e11), (14, 1e12, 8e10)],
        ]
        for counts in hopeless {
            let points = try points(counts)
            #expect(throws: StatsError.self) { try MonotoneDemand(points) }
        }
        #expect(throws: StatsError.self) { try MonotoneDemand([]) }
        #expect(throws: StatsError.self) { try MonotoneDemand(rising, signalSD: 1e6) }
    }

    @Test func `a price asked twice is one price, and far away is the prior`() throws {
        let halves = try (rising + rising).map {
            try PricePoint(price: $0.price, visitors: $0.visitors / 2, conversions: $0.conversions / 2)
        }
        let (once, twice) = (try MonotoneDemand(rising), try MonotoneDemand(halves))
        expectClose(once.logit(at: 11).mean, twice.logit(at: 11).mean, relative: 1e-3)
        #expect(once.slope(at: 1e300).mean == 0)
        expectClose(once.logit(at: 1e300).variance, 2.25, relative: 1e-12)
    }
}
