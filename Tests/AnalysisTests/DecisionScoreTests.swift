import Crypto
import Stats
import Testing

@testable import Analysis
@testable import Experiments

@Suite struct DecisionScoreTests {
    private static let decidedOn: Int32 = 3

    /// A shop whose `higher` converts as told on the first days, and the decision made from them.
    private static func decided(
        _ action: DecisionRecord.Action = .ship, higher buyers: Int64 = 300,
        configure: (inout ExperimentDraft) -> Void = { _ in }
    ) throws -> (shop: MeasuredShop, decision: DecisionRecord) {
        var shop = try MeasuredShop(configure: configure)
        for day in 0...decidedOn {
            shop.add(0, day: day, shoppers: 500, buyers: 50)
            shop.add(1, day: day, shoppers: 500, buyers: buyers / 4)
        }
        shop.asOf = MeasuredShop.start.advanced(by: .seconds(86_400 * Int64(decidedOn) + 3600))
        return (shop, try decision(action, in: shop))
    }

    private static func decision(
        _ action: DecisionRecord.Action, in shop: MeasuredShop, origin: DecisionRecord.Origin = .policy
    ) throws -> DecisionRecord {
        let variant = action.claims ? "higher" : nil
        return DecisionRecord(
            id: try #require(DecisionID("dec_00000000000070008000000000000001")), experiment: shop.experiment.id,
            action: action, variant: variant, origin: origin, takenBy: "test", reason: "", completes: false,
            at: shop.asOf,
            evidence: DecisionRecord.Evidence(
                try shop.report(), of: shop.measurements, for: action, on: variant, engineVersion: "1"))
    }

    private static func score(_ decision: DecisionRecord, in shop: MeasuredShop) throws -> DecisionScore {
        try DecisionScore(of: decision, by: shop.measurements, at: shop.asOf)
    }

    private static func later(
        _ shop: MeasuredShop, day: Int32 = 10, shoppers: Int64 = 4000, control: Int64 = 400, higher: Int64
    ) -> MeasuredShop {
        var shop = shop
        shop.add(0, day: day, shoppers: shoppers, buyers: control)
        shop.add(1, day: day, shoppers: shoppers, buyers: higher)
        shop.asOf = MeasuredShop.start.advanced(by: .seconds(86_400 * Int64(day) + 7200))
        return shop
    }

    @Test func `the evidence is the report's, to the last digit`() throws {
        let (shop, decision) = try Self.decided()
        let report = try shop.report()
        let evidence = decision.evidence
        let comparison = try #require(report.metrics.first?.comparisons.first)
        let finding = try #require(decision.finding)
        #expect(finding.difference == comparison.difference)
        #expect(finding.lower == comparison.confidenceSequence?.lower)
        #expect(finding.upper == comparison.confidenceSequence?.upper)
        #expect(finding.probabilityBetter == comparison.probabilityBetter)
        #expect(finding.expectedLoss == comparison.expectedLoss)
        #expect(finding.n == 4000 && evidence.units == 4000)
        #expect(evidence.metric == "revenue_per_visitor" && evidence.unit == "money")
        #expect(evidence.inputHash == report.inputHash.hex)
        #expect(evidence.advice.rule == "excludes_zero_in_favour" && evidence.advice.variant == "higher")
    }

    @Test func `who goes on is told how many shoppers and days that takes`() throws {
        var shop = try MeasuredShop()
        shop.add(0, shoppers: 100, buyers: 30)
        shop.add(1, shoppers: 100, buyers: 30)
        shop.asOf = MeasuredShop.start.advanced(by: .seconds(2 * 86_400))
        let advice = try Self.decision(.continue, in: shop).evidence.advice
        let more = try #require(advice.moreShoppers)
        // 200 shoppers in two days are 100 a day.
        #expect(advice.moreDays == (more + 99) / 100)
    }

    @Test(arguments: [(higher: 600, isRight: true), (higher: 200, isRight: false)])
    func `what was shipped is right if later shoppers are worth more at its price`(
        row: (higher: Int, isRight: Bool)
    ) throws {
        let (shop, decision) = try Self.decided()
        let after = Self.later(shop, higher: Int64(row.higher))
        guard case .scored(let outcome) = try Self.score(decision, in: after) else {
            Issue.record("not scored")
            return
        }
        #expect(outcome.basis == .laterShoppers)
        #expect(outcome.isRight == row.isRight && outcome.signHeld == row.isRight)
        // Only those who came after the day of the decision: 4,000 each, who bought at 2000 and at 2500.
        #expect(outcome.n == 8000)
        #expect(abs(outcome.difference - (Double(row.higher) * 2500 - 400 * 2000) / 4000) < 1e-9)
        #expect(outcome.isWithinInterval == (row.isRight ? true : false))
        #expect(outcome.maturity == 0)
    }

    @Test func `what was stopped is right if later shoppers are worth less at its price`() throws {
        let (shop, decision) = try Self.decided(.stop, higher: 80)
        #expect((decision.finding?.difference ?? 0) < 0)
        guard case .scored(let outcome) = try Self.score(decision, in: Self.later(shop, higher: 150)) else {
            Issue.record("not scored")
            return
        }
        #expect(outcome.isRight && outcome.signHeld)
    }

    @Test func `who shipped against the figures is judged by what was claimed, not by the figures`() throws {
        let (shop, decision) = try Self.decided(.ship, higher: 80)
        guard case .scored(let outcome) = try Self.score(decision, in: Self.later(shop, higher: 150)) else {
            Issue.record("not scored")
            return
        }
        #expect(outcome.signHeld && !outcome.isRight)
    }

    @Test func `a variant stopped for a guardrail is judged by the guardrail`() throws {
        let (shop, decision) = try Self.decided(.stop, higher: 0) { draft in
            draft.primaryMetric = "revenue_per_visitor"
            draft.guardrails = [("conversion_rate", 0.1)]
        }
        #expect(decision.evidence.advice.rule == "guardrail_broken")
        #expect(decision.evidence.metric == "conversion_rate" && decision.evidence.unit == "ratio")
        guard case .scored(let outcome) = try Self.score(decision, in: Self.later(shop, higher: 380)) else {
            Issue.record("not scored")
            return
        }
        // Worth more by revenue, and still fewer buy.
        #expect(outcome.isRight && abs(outcome.difference + 0.005) < 1e-9)
    }

    @Test func `nothing is scored by the shoppers it was decided from, nor by a handful`() throws {
        let (shop, decision) = try Self.decided()
        #expect(try Self.score(decision, in: shop) == .open(.tooFewShoppers))
        // More shoppers of the same day are no later ones.
        #expect(try Self.score(decision, in: Self.later(shop, day: 3, higher: 900)) == .open(.tooFewShoppers))
        // Nor are those who were stamped a little early, and counted before midnight.
        var late = shop
        late.asOf = MeasuredShop.start.advanced(by: .seconds(86_400 * 4 - 300))
        let atNight = try Self.decision(.ship, in: late)
        #expect(try Self.score(atNight, in: Self.later(late, day: 4, higher: 600)) == .open(.tooFewShoppers))
        let few = Self.later(shop, shoppers: 60, control: 6, higher: 9)
        #expect(try Self.score(decision, in: few) == .open(.tooFewShoppers))
    }

    @Test func `what claims nothing has no score, and what had no estimate neither`() throws {
        for action in [DecisionRecord.Action.continue, .inconclusive] {
            let (shop, decision) = try Self.decided(action)
            #expect(try Self.score(decision, in: Self.later(shop, higher: 600)) == .open(.noClaim))
        }
        let empty = try MeasuredShop()
        let decision = try Self.decision(.ship, in: empty)
        #expect(try Self.score(decision, in: Self.later(empty, higher: 600)) == .open(.noEstimate))
    }

    @Test func `later shoppers who are not split as planned judge nothing`() throws {
        let (shop, decision) = try Self.decided()
        var after = Self.later(shop, higher: 600)
        after.add(1, day: 10, shoppers: 2000, buyers: 300)
        #expect(try Self.score(decision, in: after) == .open(.sampleRatioAlarm))
    }

    @Test func `final counts judge once the experiment and every window are over, and say so`() throws {
        var (shop, decision) = try Self.decided()
        let end = shop.asOf.advanced(by: .seconds(60))
        shop.experiment = try shop.experiment.after(.complete, at: end)
        shop.asOf = end
        #expect(try Self.score(decision, in: shop) == .open(.tooFewShoppers))
        let over = end.advanced(by: shop.experiment.attributionWindow)
        guard case .scored(let outcome) = try DecisionScore(of: decision, by: shop.measurements, at: over) else {
            Issue.record("not scored")
            return
        }
        #expect(outcome.basis == .finalCounts && outcome.isRight && outcome.n == 4000)
    }

    @Test func `accuracy keeps policy, people and final counts apart, with Wilson's interval`() throws {
        let shop = try MeasuredShop()
        let policy = try Self.decision(.ship, in: shop)
        let person = try Self.decision(.stop, in: shop, origin: .person)
        func scored(_ isRight: Bool, _ basis: DecisionScore.Basis = .laterShoppers) -> DecisionScore {
            .scored(
                DecisionScore.Outcome(
                    basis: basis, asOf: shop.asOf, n: 1, difference: 1, maturity: nil, isRight: isRight,
                    signHeld: isRight, isWithinInterval: nil))
        }
        var scores = (0..<8).map { (policy, scored($0 < 7)) }
        scores += [(person, scored(false)), (person, scored(true)), (policy, scored(true, .finalCounts))]
        scores += [(policy, .open(.superseded)), (policy, .open(.superseded)), (person, .open(.noClaim))]
        let accuracy = DecisionAccuracy(scores)
        #expect(accuracy.decisions == 14)
        #expect(accuracy.all.scored == 10 && accuracy.all.right == 8)
        #expect(accuracy.policy.scored == 8 && accuracy.policy.right == 7)
        #expect(accuracy.person.share == 0.5)
        #expect(accuracy.finalCounts.scored == 1 && accuracy.finalCounts.share == 1)
        #expect(accuracy.open == [.superseded: 2, .noClaim: 1])
        // Wilson's score interval of 8 of 10, from its closed form.
        let interval = try #require(accuracy.all.interval)
        #expect(abs(interval.lower - 0.490162) < 1e-6 && abs(interval.upper - 0.943318) < 1e-6)
        #expect(DecisionAccuracy([]).all.share == nil && DecisionAccuracy([]).all.interval == nil)
    }
}

/// Scores of many experiments whose truth is known.
@Suite struct DecisionScoreCalibration {
    /// Whoever buys with probability `rate`, as a seed has it.
    private static func draw(_ shoppers: Int64, rate: Double, _ random: inout some RandomNumberGenerator) -> Int64 {
        (0..<shoppers).reduce(0) { sum, _ in Double.random(in: 0..<1, using: &random) < rate ? sum + 1 : sum }
    }

    /// A decision for whatever looked better, and the counts of those who came after it.
    private static func play(_ seed: UInt64, rates: (Double, Double)) throws -> (DecisionRecord, Measurements)? {
        var random = Xoshiro256PlusPlus(seed: seed)
        var shop = try MeasuredShop { $0.primaryMetric = "conversion_rate" }
        shop.add(0, day: 0, shoppers: 400, buyers: draw(400, rate: rates.0, &random))
        shop.add(1, day: 0, shoppers: 400, buyers: draw(400, rate: rates.1, &random))
        shop.asOf = MeasuredShop.start.advanced(by: .seconds(7200))
        let report = try shop.report()
        guard let difference = report.metrics.first?.comparisons.first?.difference, difference != 0 else { return nil }
        let action = difference > 0 ? DecisionRecord.Action.ship : .stop
        let decision = DecisionRecord(
            id: try #require(DecisionID("dec_00000000000070008000000000000001")), experiment: shop.experiment.id,
            action: action, variant: "higher", origin: .person, takenBy: "test", reason: "", completes: false,
            at: shop.asOf,
            evidence: DecisionRecord.Evidence(
                report, of: shop.measurements, for: action, on: "higher", engineVersion: "1"))
        shop.add(0, day: 1, shoppers: 1600, buyers: draw(1600, rate: rates.0, &random))
        shop.add(1, day: 1, shoppers: 1600, buyers: draw(1600, rate: rates.1, &random))
        shop.asOf = MeasuredShop.start.advanced(by: .seconds(86_400 * 2))
        return (decision, shop.measurements)
    }

    @Test func `where no price is better a decision is right half the time, not as often as all counts would say`()
        throws
    {
        var (scored, right, flattered) = (0, 0, 0)
        for seed in 1...200 as ClosedRange<UInt64> {
            guard let (decision, counts) = try Self.play(seed, rates: (0.1, 0.1)),
                case .scored(let outcome) = try DecisionScore(of: decision, by: counts, at: counts.asOf)
            else { continue }
            scored += 1
            if outcome.isRight { right += 1 }
            let all = try Analyst.report(of: counts).metrics.first?.comparisons.first?.difference ?? 0
            if (decision.action == .ship) == (all > 0) { flattered += 1 }
        }
        #expect(scored > 50)
        let share = Double(right) / Double(scored)
        #expect(abs(share - 0.5) < 3 * (0.25 / Double(scored)).squareRoot(), "\(right) of \(scored)")
        #expect(Double(flattered) / Double(scored) > share + 0.1, "\(flattered) of \(scored)")
    }

    @Test func `where one price is better nearly all decisions that can be judged are right`() throws {
        var (scored, right) = (0, 0)
        for seed in 1...60 as ClosedRange<UInt64> {
            guard let (decision, counts) = try Self.play(seed, rates: (0.1, 0.16)),
                case .scored(let outcome) = try DecisionScore(of: decision, by: counts, at: counts.asOf)
            else { continue }
            scored += 1
            if outcome.isRight { right += 1 }
        }
        #expect(scored > 40)
        #expect(Double(right) >= 0.95 * Double(scored), "\(right) of \(scored)")
    }
}
