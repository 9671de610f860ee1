import SeedSupport
import Testing

@testable import Experiments

struct AssignmentPropertyTests {
    /// Twenty weight vectors: even, lopsided, with an empty variant, with many.
    static let weightVectors: [[Int]] = [
        [1, 1], [9, 1], [99, 1], [1, 3], [50, 50], [333, 667], [1, 1, 1], [1, 2, 3], [70, 20, 10], [10, 0, 10],
        [98, 1, 1], [1, 1, 1, 1], [40, 30, 20, 10], [5, 5, 5, 85], [7, 11, 13, 17], [1, 1, 1, 1, 1], [3, 1, 4, 1, 5],
        [1, 2, 3, 4, 5, 6], [10, 10, 10, 10, 10, 10, 40], [13, 17, 19, 23, 29, 31, 37, 41],
    ]

    static let shoppers = (0..<100_000).map { "shopper-\($0)" }
    static let places = shoppers.map { Bucketing.hash(seed: "exp_places", value: $0, version: .v2) }

    @Test(arguments: weightVectors)
    func `an SDK given the weights as fractions reaches the same variant for every id`(weights: [Int]) throws {
        let sum = Double(weights.reduce(0, +))
        for coverage in [1, 0.35] {
            // The specification's pseudocode, on its own: cumulative sums of the fractions.
            var ranges: [(Double, Double)] = []
            var cumulative = 0.0
            for weight in weights {
                ranges.append((cumulative, cumulative + coverage * (Double(weight) / sum)))
                cumulative += Double(weight) / sum
            }
            let allocation = try Allocation(weights: weights, coverage: coverage)
            let differences = Self.places.count { place in
                allocation.variant(at: place) != ranges.firstIndex { place >= $0.0 && place < $0.1 }
            }
            #expect(differences == 0)
        }
    }

    @Test(arguments: weightVectors)
    func `observed shares fit the weights`(weights: [Int]) throws {
        let sum = Double(weights.reduce(0, +))
        let allocation = try Allocation(weights: weights)
        var counts = [Int](repeating: 0, count: weights.count)
        for place in Self.places {
            guard let variant = allocation.variant(at: place) else {
                Issue.record("nobody has \(place)")
                return
            }
            counts[variant] += 1
        }
        var statistic = 0.0
        for (count, weight) in zip(counts, weights) {
            let expected = Double(Self.shoppers.count) * Double(weight) / sum
            guard weight > 0 else {
                #expect(count == 0)
                continue
            }
            statistic += (Double(count) - expected) * (Double(count) - expected) / expected
        }
        // χ² quantiles at 1 − 0.0001 for 1, 2, … degrees of freedom (R: qchisq(1e-4, df, lower = FALSE)).
        let quantiles = [15.137, 18.421, 21.108, 23.513, 25.745, 27.856, 29.878]
        #expect(statistic < quantiles[weights.count { $0 > 0 } - 2])
    }

    /// I3: at most ½ Σ|Δw| and half a percentage point.
    private func bound(_ old: [Int], _ new: [Int]) -> Double {
        let (before, after) = (Double(old.reduce(0, +)), Double(new.reduce(0, +)))
        return zip(old, new).map { abs(Double($0) / before - Double($1) / after) }.reduce(0, +) / 2 + 0.005
    }

    private func moved(_ old: Allocation, _ new: Allocation) -> Double {
        let movers = Self.places.count { old.variant(at: $0) != new.variant(at: $0) }
        return Double(movers) / Double(Self.shoppers.count)
    }

    @Test func `changed weights of two variants move the least mass`() throws {
        for (old, new) in [
            ([50, 50], [60, 40]), ([1, 1], [1, 99]), ([1, 99], [99, 1]), ([1, 2], [2, 1]), ([1, 0], [1, 1]),
        ] {
            let share = try moved(Allocation(weights: old), Allocation(weights: new))
            #expect(share <= bound(old, new), "\(old) to \(new)")
        }
    }

    @Test func `reweighting moves the least mass of any number of variants`() throws {
        var random = SplitMix(7)
        for count in 2...8 {
            var weights = (0..<count).map { _ in Int.random(in: 1...100, using: &random) }
            var allocation = try Allocation(weights: weights)
            for _ in 0..<4 {
                let next = (0..<count).map { _ in Int.random(in: 0...100, using: &random) + 1 }
                let reweighted = try allocation.reweighted(next)
                #expect(moved(allocation, reweighted) <= bound(weights, next), "\(weights) to \(next)")
                // Not one bucket more than the shares demand, and the shares of a fresh allocation.
                let (before, after) = (owners(in: allocation), owners(in: reweighted))
                let (had, has) = (shares(of: before), shares(of: after))
                let change = (0...count).map { abs(had[$0, default: 0] - has[$0, default: 0]) }.reduce(0, +)
                #expect(zip(before, after).count { $0 != $1 } == change / 2)
                #expect(has == shares(of: owners(in: try Allocation(weights: next))))
                (weights, allocation) = (next, reweighted)
                #expect(try Allocation(slices: allocation.slices, variants: count) == allocation)
            }
        }
    }

    private func owners(in allocation: Allocation) -> [Int] {
        (0..<10_000).map { allocation.variant(at: Double($0) / 10_000) ?? allocation.variants }
    }

    private func shares(of owners: [Int]) -> [Int: Int] {
        owners.reduce(into: [:]) { counts, owner in counts[owner, default: 0] += 1 }
    }

    /// Why ``Allocation/reweighted(_:coverage:)`` exists: an inner boundary moves by the sum of the
    /// changes before it.
    @Test func `fresh cumulative ranges of three variants move more than they need`() throws {
        let share = try moved(Allocation(weights: [1, 1, 1]), Allocation(weights: [2, 1, 1]))
        #expect(share > bound([1, 1, 1], [2, 1, 1]))
        let minimal = try moved(Allocation(weights: [1, 1, 1]), Allocation(weights: [1, 1, 1]).reweighted([2, 1, 1]))
        #expect(minimal <= bound([1, 1, 1], [2, 1, 1]))
    }

    @Test func `raising the coverage enrols shoppers and moves none`() throws {
        for weights in Self.weightVectors {
            let (narrow, wide) = try (
                Allocation(weights: weights, coverage: 0.2), Allocation(weights: weights, coverage: 0.7)
            )
            let reweighted = try narrow.reweighted(weights, coverage: 0.7)
            for bucket in 0..<10_000 {
                guard let variant = narrow.variant(at: Double(bucket) / 10_000) else { continue }
                if wide.variant(at: Double(bucket) / 10_000) != variant
                    || reweighted.variant(at: Double(bucket) / 10_000) != variant
                {
                    Issue.record("bucket \(bucket) moved under \(weights)")
                }
            }
        }
    }

    @Test func `what is no allocation is refused`() {
        #expect(throws: AllocationFault.noVariants) { try Allocation(weights: []) }
        #expect(throws: AllocationFault.negativeWeight(index: 1)) { try Allocation(weights: [1, -1]) }
        #expect(throws: AllocationFault.noPositiveWeight) { try Allocation(weights: [0, 0]) }
        #expect(throws: AllocationFault.sumTooLarge) { try Allocation(weights: [.max, 1]) }
        for coverage in [-0.1, 1.1, .nan, .infinity] {
            #expect(throws: AllocationFault.coverageOutOfBounds) {
                try Allocation(weights: [1, 1], coverage: coverage)
            }
        }
        #expect(throws: AllocationFault.variantCountChanged(from: 2, to: 3)) {
            try Allocation(weights: [1, 1]).reweighted([1, 1, 1])
        }
        for slice in [
            Allocation.Slice(BucketRange(0, 1), variant: 2), Allocation.Slice(BucketRange(-1, 1), variant: 0),
            Allocation.Slice(BucketRange(0, .nan), variant: 0), Allocation.Slice(BucketRange(0, 1), variant: -1),
        ] {
            #expect(throws: AllocationFault.malformedSlice(index: 0)) { try Allocation(slices: [slice], variants: 2) }
        }
    }

    @Test func `nobody is in two experiments of one layer`() {
        let first = Namespace("prices", from: 0, to: 0.5)
        let second = Namespace("prices", from: 0.5, to: 1)
        for shopper in Self.shoppers.prefix(20_000) where first.contains(shopper) == second.contains(shopper) {
            Issue.record("\(shopper) is in both or in none")
        }
    }

    @Test func `a remembered shopper stays when everything else has changed`() throws {
        let nobody = try Condition(parsing: .object(["country": .string("XX")]))
        let plan = AssignmentPlan(
            variants: ["control", "higher"], seed: Bucketing.Seed("exp_1", version: .v2),
            allocation: try Allocation(weights: [1, 0], coverage: 0), audience: nobody,
            layers: [Namespace("prices", from: 0, to: 0)], holdout: Namespace("all", from: 0, to: 1), intake: .paused)
        let memory = [StickyAssignment(variant: "higher")]
        #expect(
            plan.assignment(of: "shopper-1", memory: memory) == .variant(1, at: 0.8171, isRemembered: true))
        #expect(plan.assignment(of: "shopper-1") == .excluded(.intakePaused))
    }

    @Test func `each reason to be left out is told`() throws {
        func reason(
            variants: [String] = ["a", "b"], coverage: Double = 1, layers: [Namespace] = [],
            rule: StickyRule = .default,
            holdout: Namespace? = nil, intake: AssignmentPlan.Intake = .open, unit: String = "u",
            memory: [StickyAssignment] = []
        ) throws -> AssignmentOutcome {
            AssignmentPlan(
                variants: variants, seed: Bucketing.Seed("s", version: .v2),
                allocation: try Allocation(weights: [1, 1], coverage: coverage),
                audience: try Condition(parsing: .object(["$nor": .list([.object(["vip": .bool(true)])])])),
                layers: layers, holdout: holdout, stickiness: rule, intake: intake
            ).assignment(of: unit, attributes: coverage == 0.5 ? ["vip": .bool(true)] : [:], memory: memory)
        }
        #expect(try reason(intake: .closed, memory: [StickyAssignment(variant: "a")]) == .excluded(.closed))
        #expect(try reason(intake: .paused) == .excluded(.intakePaused))
        #expect(try reason(holdout: Namespace(seed: "holdout", ranges: [BucketRange(0, 1)])) == .excluded(.heldOut))
        #expect(try reason(variants: ["a"]) == .excluded(.nothingToCompare))
        #expect(try reason(unit: "") == .excluded(.noUnit))
        #expect(try reason(coverage: 0) == .excluded(.notCovered))
        #expect(try reason(coverage: 0.5) == .excluded(.outsideAudience))
        #expect(try reason(layers: [Namespace("l", from: 0, to: 0)]) == .excluded(.outsideLayer))
        let raised = StickyRule(version: 2, minimumVersion: 2)
        let old = [StickyAssignment(variant: "a", version: 1)]
        #expect(try reason(rule: raised, memory: old) == .excluded(.blockedByVersion))
        // A variant that was removed is as good as forgotten.
        guard case .variant(_, _, isRemembered: false) = try reason(memory: [StickyAssignment(variant: "gone")]) else {
            Issue.record("a removed variant was kept to")
            return
        }
    }
}
