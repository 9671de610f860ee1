import Testing

@testable import Analysis
@testable import Experiments

@Suite struct AnalysisDecisionTests {
    typealias Candidate = Decision.Candidate

    static let better = Candidate(variant: 1, difference: 2, lower: 1, upper: 3)
    static let worse = Candidate(variant: 1, difference: -2, lower: -3, upper: -1)
    static let open = Candidate(variant: 1, difference: 1, lower: -1, upper: 3)
    static let unknown = Candidate(variant: 1)

    static func with(_ candidate: Candidate, _ change: (inout Candidate) -> Void) -> Candidate {
        var copy = candidate
        change(&copy)
        return copy
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var what: String
        var facts: Decision.Facts
        var decision: Decision
        var testDescription: String { what }
    }

    static func row(
        _ what: String, _ candidates: [Candidate], _ decision: Decision,
        _ change: (inout Decision.Facts) -> Void = { _ in }
    ) -> Row {
        var facts = Decision.Facts(units: 1000, required: 5000, candidates: candidates)
        change(&facts)
        return Row(what: what, facts: facts, decision: decision)
    }

    static let rows: [Row] = [
        row("nobody yet", [unknown], Decision(.continue, nil, .noShoppers)) { $0.units = 0 },
        row("alarm before all", [better], Decision(.inconclusive, nil, .sampleRatioAlarm)) { $0.alarm = true },
        row("a winner", [better], Decision(.ship, 1, .excludesZeroInFavour)),
        row(
            "the better of two winners", [better, with(better) { ($0.variant, $0.difference) = (2, 2.5) }],
            Decision(.ship, 2, .excludesZeroInFavour)),
        row(
            "a winner with too few conversions", [with(better) { $0.isReadable = false }],
            Decision(.continue, nil, .undecided)),
        row(
            "a winner whose guardrail is open", [with(better) { $0.guardrail = .open }],
            Decision(.continue, 1, .guardrailOpen)),
        row(
            "still open at the end", [with(better) { $0.guardrail = .open }],
            Decision(.inconclusive, 1, .guardrailOpen)
        ) { $0.hasEnded = true },
        row(
            "a winner that breaks a guardrail", [with(better) { $0.guardrail = .broken }],
            Decision(.stop, 1, .guardrailBroken)),
        row(
            "a sound winner beside a broken variant",
            [better, with(open) { ($0.variant, $0.guardrail) = (2, .broken) }],
            Decision(.ship, 1, .excludesZeroInFavour)),
        row(
            "harm beside hope", [open, with(open) { ($0.variant, $0.guardrail) = (2, .broken) }],
            Decision(.stop, 2, .guardrailBroken)),
        row("all worse", [worse], Decision(.stop, 1, .allWorse)),
        row(
            "one worse, one open", [worse, with(open) { $0.variant = 2 }], Decision(.continue, nil, .undecided)),
        row(
            "the worst of all worse", [worse, with(worse) { ($0.variant, $0.difference) = (2, -2.5) }],
            Decision(.stop, 2, .allWorse)),
        row("costs missing", [unknown], Decision(.inconclusive, nil, .costMissing)) { $0.costMissing = true },
        row(
            "harm though costs are missing", [with(unknown) { $0.guardrail = .broken }],
            Decision(.stop, 1, .guardrailBroken)
        ) { $0.costMissing = true },
        row("undecided", [open], Decision(.continue, nil, .undecided)),
        row("target reached", [open], Decision(.inconclusive, nil, .targetReached)) { $0.target = 1000 },
        row("target reached with a winner", [better], Decision(.ship, 1, .excludesZeroInFavour)) { $0.target = 1000 },
        row("ended", [open], Decision(.inconclusive, nil, .ended)) { $0.hasEnded = true },
        row("ended without a number", [unknown], Decision(.inconclusive, nil, .primaryAbsent)) {
            $0.hasEnded = true
        },
        row("precise and undecided", [open], Decision(.inconclusive, nil, .precisionReached)) { $0.required = 1000 },
        row("fixed, before its end", [better], Decision(.continue, nil, .beforeHorizon)) {
            $0.method = .fixed
            $0.target = 2000
        },
        row("fixed, at its end", [better], Decision(.ship, 1, .excludesZeroInFavour)) {
            $0.method = .fixed
            $0.target = 1000
        },
        row("fixed without a target, before its power", [worse], Decision(.continue, nil, .beforeHorizon)) {
            $0.method = .fixed
        },
        row("fixed, completed early", [worse], Decision(.stop, 1, .allWorse)) {
            $0.method = .fixed
            $0.hasEnded = true
        },
    ]

    @Test(arguments: rows)
    func `the first rule that applies decides`(_ row: Row) {
        #expect(Decision(row.facts) == row.decision)
    }

    @Test func `a clear winner is shipped with its price of being wrong`() throws {
        var shop = try MeasuredShop { $0.guardrails = [("conversion_rate", 0.3)] }
        shop.add(0, shoppers: 20_000, buyers: 2000)
        shop.add(1, shoppers: 20_000, buyers: 2000)
        let advice = try shop.report().recommendation
        #expect(advice.action == .ship)
        #expect(advice.variant == "higher")
        #expect(advice.sentence.contains("25.0% above"))
        let cost = try #require(advice.costOfBeingWrong)
        #expect(cost.choice == "higher")
        #expect(cost.metric == "revenue_per_visitor")
        #expect(cost.perThousandVisitors >= 0)
    }

    @Test(arguments: [
        (1000, true, "was to be read at 800 shoppers and is read at 1,000"), (800, false, nil), (600, false, nil),
        (600, true, "was to be read at 800 shoppers and is read at 600"), (1000, false, "is read at 1,000"),
    ])
    func `a verdict of one look says where the look was not taken as planned`(
        shoppers: Int64, hasEnded: Bool, expected: String?
    ) throws {
        var shop = try MeasuredShop {
            $0.method = "fixed"
            $0.targetSampleSize = 800
        }
        if hasEnded { shop.experiment = try shop.experiment.after(.complete, at: MeasuredShop.start) }
        for variant in 0..<2 { shop.add(variant, shoppers: shoppers / 2, buyers: shoppers / 20) }
        let advice = try shop.report().recommendation
        #expect(advice.sentence.contains("was to be read at") == (expected != nil), "\(advice.sentence)")
        if let expected { #expect(advice.sentence.contains(expected), "\(advice.sentence)") }
        #expect((advice.rule == .beforeHorizon) == (shoppers == 600 && !hasEnded))
        if hasEnded { #expect(!advice.sentence.contains("planned shoppers were counted")) }
    }

    @Test func `a draft is not told to keep going`() throws {
        var shop = try MeasuredShop()
        #expect(try shop.report().recommendation.sentence.hasPrefix("Keep going"))
        let draft = ExperimentDesign(shop.experiment)
        shop.experiment = Experiment(draft, id: shop.experiment.id, at: MeasuredShop.start)
        let advice = try shop.report().recommendation
        #expect(advice.rule == .noShoppers && advice.sentence.hasPrefix("Nothing to read yet"))
        #expect(advice.nextStep.hasPrefix("Start it"))
    }

    @Test func `a sentence never names an interval that contradicts the decision`() throws {
        // Seeded by hand: the difference excludes zero, the ratio to a control known less well does not.
        var contradicted = 0
        for buyers in stride(from: Int64(20), through: 90, by: 1) {
            var shop = try MeasuredShop(prices: [("control", 2000, 1), ("higher", 6000, 1)])
            shop.add(0, shoppers: 600, buyers: 30)
            shop.add(1, shoppers: 600, buyers: buyers)
            let report = try shop.report()
            let found = try #require(report.metrics[0].comparisons.first)
            let deciding = try #require(found.decidingInterval(.sequential))
            let relative = try #require(found.decidingRelativeInterval(.sequential))
            let said = try #require(report.recommendation.certainty)
            guard (deciding.lower > 0) != (relative.lower > 0) else {
                #expect(said.contains("between \(relative.lower.signedPercent())"))
                continue
            }
            contradicted += 1
            #expect(
                said.contains("between \(report.metrics[0].kind.difference(deciding.lower, in: report.currency)) and"))
        }
        #expect(contradicted > 0)
    }

    @Test func `a fall of a guardrail beyond its limit stops`() throws {
        var shop = try MeasuredShop(prices: [("control", 2000, 1), ("higher", 6000, 1)]) {
            $0.guardrails = [("conversion_rate", 0.2)]
        }
        shop.add(0, shoppers: 20_000, buyers: 2000)
        shop.add(1, shoppers: 20_000, buyers: 1000)
        let advice = try shop.report().recommendation
        #expect(advice.action == .stop)
        #expect(advice.rule == .guardrailBroken)
        #expect(advice.sentence.contains("50.0% below"))
    }

    @Test func `going on says how many more shoppers and more are never needed for a larger effect`() throws {
        func more(_ effect: Double) throws -> Int64 {
            var shop = try MeasuredShop { $0.minimumEffect = effect }
            shop.add(0, shoppers: 500, buyers: 50)
            shop.add(1, shoppers: 500, buyers: 42)
            let advice = try shop.report().recommendation
            #expect(advice.rule == .undecided)
            return try #require(advice.moreShoppers)
        }
        let counts = try [0.05, 0.1, 0.2].map(more)
        #expect(counts == counts.sorted(by: >))
    }

    @Test func `a fixed plan needs the shoppers of the textbook`() throws {
        var shop = try MeasuredShop(prices: [("control", 2000, 1), ("same", 2000, 1)]) {
            $0.method = "fixed"
            $0.primaryMetric = "conversion_rate"
            $0.minimumEffect = 0.1
        }
        shop.add(0, shoppers: 1000, buyers: 200)
        shop.add(1, shoppers: 1000, buyers: 200)
        // 2 (1.959964 + 0.841621)² · 0.16 · (1000/999) / 0.02² an arm, twice, less the 2,000 there are.
        #expect(try shop.report().recommendation.moreShoppers == 10_571)
    }
}
