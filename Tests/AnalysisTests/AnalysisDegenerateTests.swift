import Testing

@testable import Analysis
@testable import Experiments

@Suite struct AnalysisDegenerateTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var control: (shoppers: Int64, buyers: Int64)
        var higher: (shoppers: Int64, buyers: Int64)
        /// Of the revenue's confidence sequence; nil where there is one.
        var reason: Absence?
        var testDescription: String { "\(control) against \(higher)" }
    }

    @Test(arguments: [
        Case(control: (0, 0), higher: (0, 0), reason: .noUnits),
        Case(control: (5, 1), higher: (0, 0), reason: .noUnits),
        Case(control: (1, 0), higher: (1, 1), reason: .oneUnit),
        Case(control: (5, 0), higher: (1, 0), reason: .oneUnit),
        Case(control: (50, 0), higher: (50, 0), reason: .noConversions),
        Case(control: (50, 50), higher: (50, 50), reason: .zeroVariance),
        Case(control: (50, 0), higher: (50, 5), reason: nil),
        Case(control: (50, 5), higher: (50, 0), reason: nil),
        Case(control: (50, 50), higher: (50, 49), reason: nil),
        Case(control: (2, 1), higher: (2, 1), reason: nil),
    ])
    func `degenerate counts have an answer or a reason`(_ data: Case) throws {
        for method in ["sequential", "fixed"] {
            var shop = try MeasuredShop { $0.method = method }
            shop.add(0, shoppers: data.control.shoppers, buyers: data.control.buyers)
            shop.add(1, shoppers: data.higher.shoppers, buyers: data.higher.buyers)
            let report = try shop.report()
            for metric in report.metrics {
                for variant in metric.variants { check(variant) }
                for comparison in metric.comparisons { check(comparison) }
            }
            let revenue = try #require(try report.metric(.revenuePerVisitor).comparisons.first)
            #expect((revenue.confidenceSequence == nil) == (data.reason != nil))
            if let reason = data.reason {
                #expect(revenue.absent.contains(Absent("confidence_sequence", reason)))
                #expect(report.recommendation.action != .ship)
            }
        }
    }

    /// Each optional is a finite number, or its field is said to be absent.
    private func check(_ variant: VariantEstimate) {
        let absent = Set(variant.absent.map(\.field))
        #expect(absent.count == variant.absent.count)
        let fields: [(String, [Double]?)] = [
            ("estimate", variant.estimate.map { [$0] }),
            ("interval", variant.interval.map { [$0.lower, $0.upper] }),
            ("posterior_mean", variant.posteriorMean.map { [$0] }),
            ("credible_interval", variant.credibleInterval.map { [$0.lower, $0.upper] }),
            ("probability_best", variant.probabilityBest.map { [$0] }),
            ("expected_loss", variant.expectedLoss.map { [$0] }),
        ]
        check(fields, absent)
    }

    private func check(_ comparison: Comparison) {
        let absent = Set(comparison.absent.map(\.field))
        #expect(absent.count == comparison.absent.count)
        let sequence = comparison.confidenceSequence
        let relative = comparison.relativeConfidenceSequence
        let fields: [(String, [Double]?)] = [
            ("difference", comparison.difference.map { [$0] }),
            ("relative", comparison.relative.map { [$0] }),
            ("confidence_sequence", sequence.map { [$0.lower, $0.upper] }),
            ("relative_confidence_sequence", relative.map { [$0.lower, $0.upper] }),
            ("always_valid_p_value", comparison.alwaysValidPValue.map { [$0] }),
            ("fixed_horizon", comparison.fixedHorizon.map { [$0.statistic, $0.pValue] }),
            ("probability_better", comparison.probabilityBetter.map { [$0] }),
            ("expected_loss", comparison.expectedLoss.map { [$0] }),
        ]
        check(fields, absent)
    }

    private func check(_ fields: [(String, [Double]?)], _ absent: Set<String>) {
        for (name, values) in fields {
            #expect((values == nil) == absent.contains(name), "\(name)")
            for value in values ?? [] { #expect(value.isFinite, "\(name)") }
        }
    }

    @Test func `nobody has bought at the higher price and that is seen`() throws {
        var shop = try MeasuredShop()
        shop.add(0, shoppers: 3000, buyers: 300)
        shop.add(1, shoppers: 3000, buyers: 0)
        let report = try shop.report()
        #expect(report.recommendation.action == .stop)
        #expect(report.recommendation.variant == "higher")
        #expect(report.recommendation.rule == .allWorse)
    }
}
