import Stats
import Testing

@testable import Analysis
@testable import Experiments

@Suite struct AnalysisReportTests {
    @Test func `each metric is the exact mean over shoppers`() throws {
        var shop = try MeasuredShop()
        shop.add(0, shoppers: 1000, buyers: 100)
        shop.add(1, shoppers: 1000, buyers: 90)
        let report = try shop.report()
        #expect(report.metrics.map(\.name).first == "revenue_per_visitor")
        #expect(try report.metric(.conversionRate).variants.map(\.estimate) == [0.1, 0.09])
        #expect(try report.metric(.revenuePerVisitor).variants.map(\.estimate) == [200, 225])
        #expect(try report.metric(.profitPerVisitor).variants.map(\.estimate) == [150, 180])
        #expect(try report.metric(.unitsPerVisitor).variants.map(\.estimate) == [0.1, 0.09])
        #expect(try report.metric(.revenuePerVisitor).variants.map(\.total) == [200_000, 225_000])
        #expect(try report.metric(.revenuePerVisitor).comparisons.map(\.difference) == [25])
        #expect(try report.metric(.revenuePerVisitor).comparisons.map(\.relative) == [0.125])
    }

    @Test func `a conversion rate's posterior and fixed test are those of Stats`() throws {
        var shop = try MeasuredShop { $0.method = "fixed" }
        shop.add(0, shoppers: 1000, buyers: 100)
        shop.add(1, shoppers: 900, buyers: 60)
        let rate = try shop.report().metric(.conversionRate)
        let posteriors = (Beta(101, 901), Beta(61, 841))
        #expect(rate.variants.map(\.posteriorMean) == [posteriors.0.mean, posteriors.1.mean])
        let comparison = try #require(rate.comparisons.first)
        let beliefs = BetaComparison(posteriors.0, posteriors.1)
        #expect(comparison.probabilityBetter == beliefs.probabilityBBeatsA)
        #expect(comparison.expectedLoss == beliefs.expectedLossChoosingB)
        let counts = try TwoProportions(
            Proportion(successes: 100, trials: 1000), Proportion(successes: 60, trials: 900))
        let z = try counts.zTest(alpha: 0.05)
        #expect(comparison.fixedHorizon?.statistic == z.zPooled)
        #expect(comparison.fixedHorizon?.pValue == z.pPooled)
        #expect(rate.variants.map(\.intervalMethod) == ["wilson", "wilson"])
    }

    @Test func `a prior of the plan is used`() throws {
        var shop = try MeasuredShop { $0.prior = AnalysisPlan.Prior(alpha: 5, beta: 95) }
        shop.add(0, shoppers: 100, buyers: 10)
        shop.add(1, shoppers: 100, buyers: 10)
        #expect(try shop.report().metric(.conversionRate).variants[0].posteriorMean == 15.0 / 200)
    }

    @Test func `the error rate is shared by the comparisons`() throws {
        func width(_ prices: [(String, Int64, Int64)]) throws -> Double {
            var shop = try MeasuredShop(prices: prices)
            for variant in prices.indices { shop.add(variant, shoppers: 2000, buyers: 200) }
            let comparison = try #require(try shop.report().metric(.conversionRate).comparisons.first)
            #expect(comparison.comparisons == prices.count - 1)
            let interval = try #require(comparison.confidenceSequence)
            return interval.upper - interval.lower
        }
        let two = try width([("control", 2000, 1), ("a", 2100, 1)])
        let four = try width([("control", 2000, 1), ("a", 2100, 1), ("b", 2200, 1), ("c", 2300, 1)])
        #expect(four > 1.05 * two)
    }

    @Test func `the probabilities of being best sum to one`() throws {
        var shop = try MeasuredShop(prices: [("control", 2000, 1), ("a", 2100, 1), ("b", 2200, 1)])
        for (variant, buyers) in [(0, 100), (1, 98), (2, 91)] {
            shop.add(variant, shoppers: 1000, buyers: Int64(buyers))
        }
        for metric in try shop.report().metrics {
            let sum = metric.variants.reduce(0) { $0 + ($1.probabilityBest ?? .nan) }
            #expect(abs(sum - 1) < 1e-9)
        }
    }

    @Test func `more buyers at the higher price never make it look worse`() throws {
        var last = (probability: -1.0, lower: -Double.infinity)
        for buyers in stride(from: Int64(60), through: 140, by: 10) {
            var shop = try MeasuredShop()
            shop.add(0, shoppers: 1000, buyers: 100)
            shop.add(1, shoppers: 1000, buyers: buyers)
            let comparison = try #require(try shop.report().metric(.conversionRate).comparisons.first)
            let probability = try #require(comparison.probabilityBetter)
            let lower = try #require(comparison.confidenceSequence).lower
            #expect(probability > last.probability)
            #expect(lower > last.lower)
            last = (probability, lower)
        }
    }

    @Test func `equal prices are seldom called different however often one looks`() throws {
        var random = Xoshiro256PlusPlus(seed: 20_261_121)
        var decided = 0
        let runs = 60
        for _ in 0..<runs {
            var shop = try MeasuredShop(prices: [("control", 2000, 1), ("same", 2000, 1)])
            var isDecided = false
            for day in 0..<6 {
                for variant in 0..<2 {
                    let buyers = random.binomial(trials: 400, probability: 0.08)
                    shop.add(variant, day: Int32(day), shoppers: 400, buyers: Int64(buyers))
                }
                let action = try shop.report().recommendation.action
                if action == .ship || action == .stop { isDecided = true }
            }
            if isDecided { decided += 1 }
        }
        // Level 5%; three standard errors above it.
        #expect(Double(decided) <= 0.05 * Double(runs) + 3 * (0.05 * 0.95 * Double(runs)).squareRoot())
    }
}

@Suite struct AnalysisStratumTests {
    /// Conversion doubles when the weights change: pooled, the variant favoured late looks better although it is not.
    private func changed() throws -> MeasuredShop {
        var shop = try MeasuredShop(prices: [("control", 2000, 9), ("same", 2000, 1)])
        try shop.reweigh([1, 9])
        shop.add(0, phase: 0, shoppers: 9000, buyers: 450)
        shop.add(1, phase: 0, shoppers: 1000, buyers: 50)
        shop.add(0, phase: 1, day: 1, shoppers: 1000, buyers: 100)
        shop.add(1, phase: 1, day: 1, shoppers: 9000, buyers: 900)
        return shop
    }

    @Test func `changed weights do not feign an effect`() throws {
        let report = try changed().report()
        let rate = try report.metric(.conversionRate)
        let comparison = try #require(rate.comparisons.first)
        #expect(abs(try #require(comparison.difference)) < 1e-12)
        #expect(comparison.warnings.contains { $0.contains("Weights changed") })
        #expect(rate.variants.map(\.posterior) == ["normal", "normal"])
        for variant in rate.variants { #expect(abs(try #require(variant.estimate) - 0.075) < 1e-12) }
        #expect(report.recommendation.action != .ship)
    }

    @Test func `phases are weighted as Stats weighs strata`() throws {
        var shop = try MeasuredShop(prices: [("control", 2000, 3), ("higher", 2500, 1)])
        try shop.reweigh([1, 2])
        let counts: [[(shoppers: Int64, buyers: Int64)]] = [[(3000, 300), (1000, 80)], [(700, 90), (1400, 130)]]
        var strata: [(control: ArmSummary, treatment: ArmSummary)] = []
        for (phase, arms) in counts.enumerated() {
            for (variant, arm) in arms.enumerated() {
                shop.add(variant, phase: phase, shoppers: arm.shoppers, buyers: arm.buyers)
            }
            let summaries = try zip(arms, [2000.0, 2500]).map { arm, price in
                let n = Double(arm.shoppers)
                let rate = Double(arm.buyers) / n
                let variance = rate * (1 - rate) * price * price * n / (n - 1)
                return try ArmSummary(count: n, mean: rate * price, variance: variance)
            }
            strata.append((summaries[0], summaries[1]))
        }
        let expected = try PostStratified(strata)
        let comparison = try #require(try shop.report().metric(.revenuePerVisitor).comparisons.first)
        #expect(abs(try #require(comparison.difference) - expected.difference) < 1e-9)
        let sequence = try AsymptoticConfidenceSequence(
            estimate: expected.difference, standardError: expected.standardError, count: 6100, alpha: 0.05,
            tuning: 5000)
        let got = try #require(comparison.confidenceSequence)
        #expect(abs(got.lower - sequence.interval.lower) < 1e-9)
        #expect(abs(got.upper - sequence.interval.upper) < 1e-9)
    }

    @Test func `the expected sample ratio follows the weights of each phase`() throws {
        let ratio = try changed().report().dataQuality.sampleRatio
        #expect(ratio.observed == [10_000, 10_000])
        #expect(ratio.expected == [10_000, 10_000])
        #expect(!ratio.alarm)
        #expect(ratio.pValue == 1)
    }

    @Test func `errors that cancel between phases are found`() throws {
        var shop = try MeasuredShop(prices: [("control", 2000, 9), ("same", 2000, 1)])
        try shop.reweigh([1, 9])
        shop.add(0, phase: 0, shoppers: 8000, buyers: 400)
        shop.add(1, phase: 0, shoppers: 2000, buyers: 100)
        shop.add(0, phase: 1, shoppers: 2000, buyers: 100)
        shop.add(1, phase: 1, shoppers: 8000, buyers: 400)
        let report = try shop.report()
        #expect(report.dataQuality.sampleRatio.alarm)
        #expect(report.recommendation.rule == .sampleRatioAlarm)
    }

    @Test func `the sample ratio adds what each phase departs`() throws {
        var shop = try MeasuredShop(prices: [("control", 2000, 9), ("same", 2000, 1)])
        try shop.reweigh([1, 9])
        shop.add(0, phase: 0, shoppers: 920, buyers: 10)
        shop.add(1, phase: 0, shoppers: 80, buyers: 10)
        shop.add(0, phase: 1, shoppers: 80, buyers: 10)
        shop.add(1, phase: 1, shoppers: 920, buyers: 10)
        // Twice 20²/900 + 20²/100, on two degrees of freedom: p = exp(−χ²/2).
        let p = try #require(try shop.report().dataQuality.sampleRatio.pValue)
        #expect(abs(p - 0.011743628457021) < 1e-12)
    }

    @Test func `weights of the same proportions are one phase`() throws {
        var shop = try MeasuredShop(prices: [("control", 2000, 50), ("higher", 2500, 50)])
        try shop.reweigh([1, 1])
        for phase in 0..<2 {
            shop.add(0, phase: phase, shoppers: 500, buyers: 50)
            shop.add(1, phase: phase, shoppers: 500, buyers: 50)
        }
        let rate = try shop.report().metric(.conversionRate)
        #expect(rate.variants.map(\.posterior) == ["beta", "beta"])
    }

    @Test func `a variant added to none of the phases of another cannot be compared with it`() throws {
        var shop = try MeasuredShop(prices: [("control", 2000, 1), ("a", 2100, 0), ("b", 2200, 1)])
        try shop.reweigh([0, 1, 1])
        shop.add(0, phase: 0, shoppers: 100, buyers: 30)
        shop.add(2, phase: 0, shoppers: 100, buyers: 30)
        shop.add(1, phase: 1, shoppers: 100, buyers: 30)
        shop.add(2, phase: 1, shoppers: 100, buyers: 30)
        let comparisons = try shop.report().metric(.conversionRate).comparisons
        #expect(comparisons[0].difference == nil)
        #expect(comparisons[0].absent.contains(Absent("difference", .noCommonPhase)))
        #expect(comparisons[1].difference == 0)
    }

    @Test func `a shopper in a variant of weight zero is an alarm`() throws {
        var shop = try MeasuredShop(prices: [("control", 2000, 1), ("a", 2100, 1), ("b", 2200, 0)])
        shop.add(0, shoppers: 500, buyers: 50)
        shop.add(1, shoppers: 500, buyers: 50)
        #expect(try !shop.report().dataQuality.sampleRatio.alarm)
        shop.add(2, shoppers: 1, buyers: 0)
        let ratio = try shop.report().dataQuality.sampleRatio
        #expect(ratio.alarm)
        #expect(ratio.pValue == 0)
        #expect(ratio.alwaysValidPValue == 0)
    }
}

@Suite struct AnalysisQualityTests {
    @Test func `shoppers who saw two variants are counted apart`() throws {
        var shop = try MeasuredShop()
        shop.add(0, shoppers: 100, buyers: 10, excluded: 7)
        shop.add(1, shoppers: 100, buyers: 10)
        let report = try shop.report()
        #expect(report.dataQuality.multipleExposure == 7)
        #expect(report.metrics[0].variants.map(\.n) == [100, 100])
    }

    @Test func `maturity is the share of shoppers whose window has passed`() throws {
        var shop = try MeasuredShop()
        shop.add(0, day: 0, shoppers: 300, buyers: 10)
        shop.add(1, day: 1, shoppers: 100, buyers: 10)
        func maturity(_ seconds: Int64) throws -> Double? {
            shop.asOf = MeasuredShop.start.advanced(by: .seconds(seconds))
            return try shop.report().dataQuality.maturity
        }
        #expect(try maturity(86_400 * 15 - 1) == 0)
        #expect(try maturity(86_400 * 15) == 0.75)
        #expect(try maturity(86_400 * 16) == 1)
    }

    @Test func `missing costs give bounds and no estimate of profit`() throws {
        var shop = try MeasuredShop { $0.primaryMetric = "profit_per_visitor" }
        shop.add(0, shoppers: 1000, buyers: 100)
        shop.add(1, shoppers: 900, buyers: 60)
        shop.add(1, shoppers: 100, buyers: 40, cost: nil)
        let report = try shop.report()
        let profit = try report.metric(.profitPerVisitor)
        #expect(profit.variants[0].estimate == 150)
        #expect(profit.variants[1].estimate == nil)
        // 60 × 2,000 known; 40 × 2,500 at most and nothing at least.
        #expect(profit.variants[1].bounds == ConfidenceInterval(lower: 120, upper: 220, level: 1))
        #expect(profit.variants[1].coverage == 0.6)
        #expect(profit.variants[1].interval == nil)
        #expect(profit.variants[1].absent.contains(Absent("interval", .missingCost)))
        #expect(profit.comparisons[0].bounds == ConfidenceInterval(lower: -30, upper: 70, level: 1))
        #expect(report.dataQuality.costCoverage == 0.8)
        #expect(report.recommendation.action == .inconclusive)
        #expect(report.recommendation.rule == .costMissing)
        #expect(report.demand?.profitOptimal == nil)
    }

    @Test func `counts that contradict themselves are refused`() throws {
        var shop = try MeasuredShop()
        shop.cells[CellKey(variant: 9, phase: 0, day: 1)] = UnitSums()
        #expect(throws: AnalysisError.self) { try shop.report() }
        shop.cells = [CellKey(variant: 0, phase: 3, day: 1): UnitSums()]
        #expect(throws: AnalysisError.self) { try shop.report() }
        var impossible = UnitSums()
        impossible.units = 2
        impossible.converted = 3
        shop.cells = [CellKey(variant: 0, phase: 0, day: 1): impossible]
        #expect(throws: AnalysisError.self) { try shop.report() }
        impossible.converted = 1
        impossible.revenue = ExactSum(sum: 10, sumOfSquares: 1)
        shop.cells = [CellKey(variant: 0, phase: 0, day: 1): impossible]
        #expect(throws: AnalysisError.self) { try shop.report() }
    }
}
