import Analysis
import Crypto
import Experiments
import Stats
import Testing

/// Experiments whose truth is known, looked at daily through the whole report. `bench/trust/run` does a thousand of each.
@Suite struct AnalysisTrustTests {
    /// Shoppers of one variant, who spend one price, or one of two far apart.
    struct Shoppers: Sendable {
        var rate: Double
        var isSkewed = false
    }

    /// The first call, ship or stop, of an experiment that is looked at for twenty days.
    private func call(
        _ metric: Metric, _ truth: [Shoppers], perDay: Int, _ generator: inout Xoshiro256PlusPlus
    ) throws -> Recommendation? {
        var (units, buyers) = (0, truth.map { _ in 0 })
        var sums = truth.map { _ in (revenue: Int128(0), squares: Int128(0)) }
        for day in 1...20 {
            units += perDay
            for (place, shoppers) in truth.enumerated() {
                let bought = generator.binomial(trials: perDay, probability: shoppers.rate)
                let dear = shoppers.isSkewed ? generator.binomial(trials: bought, probability: 0.1) : 0
                buyers[place] += bought
                sums[place].revenue += Int128(bought - dear) * 1500 + Int128(dear) * 20_000
                sums[place].squares += Int128(bought - dear) * 1500 * 1500 + Int128(dear) * 20_000 * 20_000
            }
            let isMoney = metric == .revenuePerVisitor
            let samples = try truth.indices.map { place in
                [
                    Sample(
                        try ExactMoments(
                            count: Int64(units), sum: isMoney ? sums[place].revenue : Int128(buyers[place]),
                            sumOfSquares: isMoney ? sums[place].squares : Int128(buyers[place])))
                ]
            }
            let report = try Analyst.report(
                of: AnalysisInput(
                    subject: "simulated", name: "A/A", hash: SHA256.hash([]), status: .running,
                    plan: AnalysisPlan(), currency: try #require(Currency("USD")),
                    arms: truth.indices.map {
                        AnalysisInput.Arm(
                            name: "v\($0)", price: nil, units: Int64(units), conversions: Int64(buyers[$0]))
                    },
                    control: 0,
                    strata: [
                        Stratum(
                            weights: truth.map { _ in 1 },
                            arrivals: (0..<day).map { _ in truth.map { _ in Int64(perDay) } })
                    ],
                    metrics: [
                        MetricInput(name: metric.rawValue, kind: isMoney ? .money : .ratio, samples: samples)
                    ]))
            if report.recommendation.action == .ship || report.recommendation.action == .stop {
                return report.recommendation
            }
        }
        return nil
    }

    @Test(arguments: [(Metric.conversionRate, false), (.revenuePerVisitor, true)])
    func `of experiments with nothing to find, one in twenty at most is ever called`(
        metric: Metric, isSkewed: Bool
    ) throws {
        var generator = Xoshiro256PlusPlus(seed: 20)
        let same = Shoppers(rate: 0.05, isSkewed: isSkewed)
        let calls = try (0..<60).compactMap { _ in try call(metric, [same, same], perDay: 300, &generator) }
        #expect(calls.count <= 3)
    }

    @Test(arguments: [(Metric.conversionRate, false), (.revenuePerVisitor, true)])
    func `a price that is better is found, and never called worse`(metric: Metric, isSkewed: Bool) throws {
        var generator = Xoshiro256PlusPlus(seed: 21)
        let (base, better) = (Shoppers(rate: 0.05, isSkewed: isSkewed), Shoppers(rate: 0.065, isSkewed: isSkewed))
        let calls = try (0..<30).compactMap { _ in try call(metric, [base, better], perDay: 3000, &generator) }
        #expect(calls.count >= 28)
        #expect(calls.allSatisfy { $0.action == .ship && $0.variant == "v1" })
    }

    @Test func `whoever got back more than was paid is warned of, and whoever got all back is not`() throws {
        var shop = try MeasuredShop()
        for amount in [Int64(0), 2000, 2500] {
            for variant in 0..<2 { shop.add(variant, spending: amount) }
        }
        shop.add(0, spending: 2000, refund: 2000)
        #expect(!(try shop.report().dataQuality.warnings.contains { $0.contains("got back more") }))
        shop.add(1, spending: 2000, refund: 999_999)
        #expect(try shop.report().dataQuality.warnings.contains { $0.hasPrefix("1 shopper got back more") })
    }
}
