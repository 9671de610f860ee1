import Stats
import Testing

@testable import Analysis
@testable import Experiments

/// What stands beside the plain differences: adjusted for what was known before, and with the largest amounts pulled in.
@Suite struct BesideTests {
    /// Two arms whose shoppers spend more the more they had spent before.
    private func shop(
        method: String = "sequential", configure: (inout ExperimentDraft) -> Void = { _ in }
    ) throws -> (shop: MeasuredShop, data: [[(x: Double, y: Double)]]) {
        var shop = try MeasuredShop { draft in
            draft.method = method
            configure(&draft)
        }
        var random = Xoshiro256PlusPlus(seed: 3)
        var data: [[(x: Double, y: Double)]] = [[], []]
        for index in 0..<600 {
            let before = Int64(random.uniform() * 10_000)
            let noise = Int64(random.uniform() * 2000)
            let spent = index % 3 == 0 ? 0 : before / 2 + noise + Int64(index % 2) * 300
            shop.add(index % 2, spending: spent, covariate: before)
            data[index % 2].append((Double(before), Double(spent)))
        }
        return (shop, data)
    }

    @Test func `the adjusted difference is that of the data themselves, with less noise`() throws {
        let (shop, data) = try shop()
        let comparison = try shop.report().metric(.revenuePerVisitor).comparisons[0]
        let adjusted = try #require(comparison.adjusted)
        let expected = try Cuped(
            control: Cuped.Arm(covariate: data[0].map(\.x), outcome: data[0].map(\.y)),
            treatment: Cuped.Arm(covariate: data[1].map(\.x), outcome: data[1].map(\.y)))
        let effect = try expected.effect(.absolute)
        #expect(abs(adjusted.theta - expected.theta) < 1e-9)
        #expect(abs(adjusted.estimate.difference - effect.estimate) < 1e-6)
        #expect(abs(adjusted.estimate.standardError - effect.standardError) < 1e-6)
        #expect(abs(adjusted.varianceReduction - expected.varianceReduction) < 1e-9)
        #expect(adjusted.varianceReduction > 0.1)
        #expect(adjusted.covariate == "spent_before" && adjusted.withCovariate == 600)
        #expect(adjusted.estimate.fixedPValue == nil)
        let width = try #require(comparison.confidenceSequence)
        let narrower = try #require(adjusted.estimate.confidenceSequence)
        #expect(narrower.upper - narrower.lower < width.upper - width.lower)
    }

    @Test func `a plan of one look has a p-value of one look beside`() throws {
        let comparison = try shop(method: "fixed").shop.report().metric(.revenuePerVisitor).comparisons[0]
        #expect(comparison.adjusted?.estimate.fixedPValue != nil)
        #expect(comparison.adjusted?.estimate.fixedInterval != nil)
    }

    @Test func `a covariate that says nothing of anybody adjusts nothing, and the report says so`() throws {
        var shop = try MeasuredShop()
        for index in 0..<40 { shop.add(index % 2, spending: index % 5 == 0 ? 2000 : 0, covariate: 0) }
        let comparison = try shop.report().metric(.revenuePerVisitor).comparisons[0]
        #expect(comparison.adjusted == nil)
        #expect(comparison.absent.contains(Absent("adjusted", .constantCovariate)))
    }

    @Test func `shoppers without a covariate are compared among themselves`() throws {
        var (shop, _) = try shop()
        for index in 0..<200 { shop.add(index % 2, spending: index % 4 == 0 ? 2000 : 0) }
        let adjusted = try #require(try shop.report().metric(.revenuePerVisitor).comparisons[0].adjusted)
        #expect(adjusted.withCovariate == 600)
        #expect(adjusted.estimate.n == 800)
    }

    @Test func `one shopper who spends a fortune is pulled in, and the report says what it makes of the difference`()
        throws
    {
        var shop = try MeasuredShop { $0.winsorise = 0.99 }
        for index in 0..<400 { shop.add(index % 2, spending: index % 4 < 2 ? 2000 : 0) }
        shop.add(1, spending: 1_000_000)
        let comparison = try shop.report().metric(.revenuePerVisitor).comparisons[0]
        let winsorised = try #require(comparison.winsorised)
        #expect(winsorised.cap == 2000 && winsorised.share == 0.99)
        #expect(winsorised.cappedInControl == 0 && winsorised.cappedInVariant == 1)
        let n = 201.0
        let pulled = (1_000_000.0 - 2000) / n
        #expect(abs(winsorised.influence - pulled) < 1e-6)
        let plain = try #require(comparison.difference)
        #expect(abs(winsorised.estimate.difference - (plain - pulled)) < 1e-6)
        #expect(comparison.warnings.contains { $0.contains("One outlier of 1,000,000") })
    }

    @Test func `where some were counted before, what needs all of them is left out with the reason`() throws {
        var (shop, _) = try shop()
        shop.add(0, spending: 2000, isTallied: false)
        let report = try shop.report()
        let comparison = try report.metric(.revenuePerVisitor).comparisons[0]
        #expect(comparison.winsorised == nil)
        #expect(comparison.absent.contains(Absent("winsorised", .countedBefore)))
        let distribution = try #require(report.distribution)
        #expect(distribution.counted == 600 && distribution.shoppers == 601)
        #expect(distribution.warnings.contains { $0.hasPrefix("1 shoppers were first exposed before") })
    }

    @Test func `counts that no older engine could spread give no distribution`() throws {
        var shop = try MeasuredShop()
        shop.add(0, shoppers: 50, buyers: 5)
        shop.add(1, shoppers: 50, buyers: 5)
        let report = try shop.report()
        #expect(report.distribution == nil)
        #expect(
            try report.metric(.revenuePerVisitor).comparisons[0].absent.contains(Absent("winsorised", .noDistribution)))
    }

    @Test func `the distribution holds every shopper, and its quantiles are those of the amounts`() throws {
        let (shop, data) = try shop()
        let distribution = try #require(try shop.report().distribution)
        for (variant, units) in zip(distribution.variants, data) {
            #expect(variant.n == 300)
            #expect(variant.zeros + variant.counts.reduce(0, +) == variant.n)
            for quantile in variant.quantiles {
                let values = units.map(\.y).filter { quantile.population == .visitors || $0 > 0 }.sorted()
                let rank = max(1, Int((quantile.share * Double(values.count)).rounded(.up)))
                let exact = values[rank - 1]
                #expect(abs(quantile.value - exact) <= exact / 64)
                if let interval = quantile.interval {
                    #expect(interval.lower <= quantile.value && quantile.value <= interval.upper)
                }
            }
        }
        #expect(distribution.bins.count <= 31)
        #expect(zip(distribution.bins, distribution.bins.dropFirst()).allSatisfy { $0.upper < $1.lower })
        let median = distribution.differences.first { $0.population == .buyers && $0.share == 0.5 }
        #expect(median?.interval != nil)
    }
}

/// The primary metric within segments and phases.
@Suite struct PartsTests {
    private func shop() throws -> MeasuredShop {
        try MeasuredShop { draft in
            draft.segments = [Segment(attribute: "device", values: ["mobile", "desktop"])]
        }
    }

    @Test func `a segment holds its own shoppers, and all comparisons share the error rate`() throws {
        var shop = try shop()
        for index in 0..<800 {
            // Only on the desktop does the dearer price earn more.
            let isDesktop = index % 4 > 1
            let spends = index % 5 == 0
            shop.add(
                index % 2, spending: spends ? (isDesktop && index % 2 == 1 ? 9000 : 2000) : 0,
                segments: [isDesktop ? 1 : 0])
        }
        let report = try shop.report()
        let segment = try #require(report.segments.first)
        #expect(segment.attribute == "device" && segment.values.map(\.name) == ["mobile", "desktop"])
        #expect(segment.comparisons == 2)
        #expect(segment.values.flatMap(\.part.variants).map(\.n) == [200, 200, 200, 200])
        let differences = try segment.values.map { try #require($0.part.comparisons[0].estimate) }
        #expect(differences[0].difference == 0 && differences[1].difference == 1400)
        let test = try #require(segment.heterogeneity[0])
        #expect(test.pValue < 0.001 && test.degreesOfFreedom == 1)
        let shrunk = try segment.values.map { try #require($0.part.comparisons[0].shrunk) }
        #expect(shrunk[0] > 0 && shrunk[1] < 1400)
        #expect(!segment.warnings.contains { $0.hasPrefix("Nothing shows") })
    }

    @Test func `where segments do not differ the report says to go by all, and names what was not told`() throws {
        var shop = try shop()
        for index in 0..<600 {
            shop.add(index % 2, spending: index % 6 < 2 ? 2000 : 0, segments: [UInt8(index % 3 == 0 ? 3 : 0)])
        }
        shop.add(0, spending: 0, isTallied: false)
        let segment = try #require(try shop.report().segments.first)
        #expect(segment.values.map(\.name) == ["mobile", "not told"])
        #expect(segment.warnings.contains { $0.hasPrefix("Nothing shows") })
        #expect(segment.warnings.contains { $0.contains("33%") && $0.contains("not told") })
        #expect(segment.warnings.contains { $0.hasPrefix("1 shoppers were first exposed before segments") })
    }

    @Test func `a segment's own report judges as the whole report does where it lists the segment`() throws {
        var shop = try MeasuredShop { draft in
            draft.segments = [
                Segment(attribute: "device", values: ["mobile", "desktop"]),
                Segment(attribute: "region", values: ["north", "south"]),
            ]
            draft.targetSampleSize = 5000
        }
        for index in 0..<900 {
            let spends = index % 5 == 0 || (index % 3 == 0 && index % 2 == 1)
            shop.add(
                index % 2, spending: spends ? 2000 + Int64(index % 7) * 100 : 0, covariate: 5,
                segments: [UInt8(index % 3), UInt8(index % 4 / 2)])
        }
        shop.add(1, spending: 0, isTallied: false)
        let whole = try shop.report()
        for segment in whole.segments {
            for value in segment.values {
                let choice = SegmentChoice(attribute: segment.attribute, value: value.name)
                let own = try #require(try Analyst.report(of: shop.measurements, within: choice))
                #expect(own.segment == choice && own.recommendation.sentence.hasPrefix("Of shoppers whose “"))
                #expect(own.inputHash != whole.inputHash)
                let (listed, read) = (value.part, own.metrics[0])
                #expect(read.variants.map(\.n) == listed.variants.map(\.n))
                #expect(read.variants.map(\.estimate) == listed.variants.map(\.estimate))
                let (theirs, ours) = (try #require(listed.comparisons[0].estimate), read.comparisons[0])
                #expect(ours.difference == theirs.difference)
                #expect(ours.confidenceSequence == theirs.confidenceSequence)
                #expect(ours.relativeConfidenceSequence == theirs.relativeConfidenceSequence)
                #expect(ours.alwaysValidPValue == theirs.alwaysValidPValue && ours.comparisons == segment.comparisons)
                #expect(own.metrics.count == 4 && own.history == nil && own.segments.isEmpty && own.phases == nil)
                #expect(own.distribution == nil && ours.adjusted == nil && ours.winsorised == nil)
                #expect(own.funnel?.variants.map(\.told) == listed.variants.map(\.n))
                #expect(own.dataQuality.warnings.contains { $0.contains("5 comparisons of all segments") })
                #expect(own.dataQuality.warnings.contains { $0.hasPrefix("1 shoppers were first exposed") })
            }
        }
        #expect(whole.segments.flatMap(\.values).count == 5)
        let unknown = SegmentChoice(attribute: "device", value: "watch")
        #expect(try Analyst.report(of: shop.measurements, within: unknown) == nil)
        #expect(SegmentChoice("device:watch", of: shop.experiment.analysis) == nil)
        #expect(SegmentChoice("region:not told", of: shop.experiment.analysis)?.value == "not told")
    }

    @Test func `a segment where a cost is not known has no profit, and no bounds that nobody counted`() throws {
        var shop = try shop()
        for index in 0..<40 { shop.add(index % 2, spending: index % 4 == 0 ? 2000 : 0, segments: [0]) }
        var lacking = UnitOutcome()
        (lacking.orders, lacking.quantity, lacking.gross, lacking.lacksCost) = (1, 1, 2500, true)
        lacking.grossWithoutCost = 2500
        var counts = UnitCounts(cells: shop.cells, tallies: shop.tallies)
        counts.count(
            UnitState(
                variant: 1, phase: 0, assignedAt: MeasuredShop.start, exposedAt: MeasuredShop.start, outcome: lacking,
                isTallied: true, traits: UnitTraits(segments: [0])), times: 1)
        (shop.cells, shop.tallies) = (counts.cells, counts.tallies)
        let choice = SegmentChoice(attribute: "device", value: "mobile")
        let own = try #require(try Analyst.report(of: shop.measurements, within: choice))
        let profit = try own.metric(.profitPerVisitor)
        #expect(profit.variants[1].estimate == nil && profit.variants[1].bounds == nil)
        #expect(profit.variants[1].absent.contains { $0.reason == .missingCost })
        #expect(try own.metric(.revenuePerVisitor).comparisons[0].difference != nil)
        #expect(own.dataQuality.costCoverage == 10.0 / 11)
    }

    @Test func `phases stand apart, and together they do not suffer from the weights that changed`() throws {
        var shop = try MeasuredShop()
        // In the second phase everybody buys more, and most get the dearer price: pooled, it would look far better.
        shop.add(0, phase: 0, shoppers: 500, buyers: 50)
        shop.add(1, phase: 0, shoppers: 500, buyers: 40)
        try shop.reweigh([1, 4])
        shop.add(0, phase: 1, day: 1, shoppers: 200, buyers: 100)
        shop.add(1, phase: 1, day: 1, shoppers: 800, buyers: 320)
        let report = try shop.report()
        let phases = try #require(report.phases)
        #expect(phases.phases.map(\.weights) == [[1, 1], [1, 4]])
        let differences = try phases.phases.map { try #require($0.part.comparisons[0].estimate?.difference) }
        #expect(differences == [0, 0])
        #expect(try report.metric(.revenuePerVisitor).comparisons[0].difference == 0)
        #expect(phases.phases.map(\.sampleRatioPValue) == [1, 1])
        #expect(phases.heterogeneity[0]?.q == 0)
    }

    @Test func `an experiment whose weights never changed has no phases to tell apart`() throws {
        var shop = try MeasuredShop()
        shop.add(0, shoppers: 50, buyers: 5)
        shop.add(1, shoppers: 50, buyers: 5)
        #expect(try shop.report().phases == nil)
        #expect(try shop.report().segments == [])
    }
}
