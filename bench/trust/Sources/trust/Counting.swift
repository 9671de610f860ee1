import Analysis
import Crypto
import Experiments
import Glibc
import Stats

/// An experiment whose shoppers are counted as a server counts them, day by day.
struct CountedDays {
    static let window = 14
    private static let firstDay: Int32 = 20_000
    private static let start = Timestamp(milliseconds: Int64(firstDay) * 86_400_000)

    var experiment: CountedExperiment
    var counts = UnitCounts()
    private(set) var day: Int32 = 0

    init(_ metric: Metric, variants: Int, plan: AnalysisPlan, target: Int?) throws {
        guard let currency = Currency("USD") else { preconditionFailure("USD is a currency") }
        experiment = CountedExperiment(
            subject: "simulated", name: "simulated", status: .running, plan: plan, currency: currency,
            variants: (0..<variants).map { .init(name: "v\($0)", price: 4000 + Int64($0), weight: 1) }, control: 0,
            phases: [.init(startedAt: Self.start, weights: (0..<variants).map { _ in 1 })], primaryMetric: metric,
            targetSampleSize: target, attributionDays: Self.window)
    }

    /// A moment of the day under way.
    var now: Timestamp { Self.start.advanced(by: .seconds(86_400 * Int(day) + 3600)) }

    /// Adds shoppers of whom some bought one item for one price.
    mutating func meet(_ n: Int, buyers: Int, variant: Int) {
        let price = Int128(experiment.variants[variant].price ?? 0)
        let bought = Int128(buyers)
        var sums = UnitSums()
        sums.units = Int64(n)
        sums.converted = Int64(buyers)
        sums.orders = Int64(buyers)
        sums.quantity = ExactSum(sum: bought, sumOfSquares: bought)
        sums.revenue = ExactSum(sum: bought * price, sumOfSquares: bought * price * price)
        sums.profit = sums.revenue
        let key = CellKey(variant: variant, phase: experiment.phases.count - 1, day: Self.firstDay + day)
        counts.cells[key] = (counts.cells[key] ?? UnitSums()) + sums
    }

    /// Ends the day; its report is that of the moment at which the windows of its shoppers are over.
    mutating func report() throws -> Report {
        experiment.asOf = Self.start.advanced(by: .seconds(86_400 * (Int(day) + Self.window + 2)))
        day += 1
        return try Analyst.report(of: experiment.input(counts, hash: SHA256.hash([])))
    }
}

extension Life {
    /// The first call of a report that calls.
    mutating func take(_ report: Report, day: Int) {
        let answer = report.recommendation
        if report.dataQuality.sampleRatio.alarm { alarmed = true }
        for comparison in report.metrics[0].comparisons {
            if let better = comparison.probabilityBetter, better > 0.975 || better < 0.025 { posteriorCalled = true }
        }
        guard action == nil, answer.action == .ship || answer.action == .stop else { return }
        (action, variant, self.day) = (answer.action, answer.variant, day)
    }
}

/// Conversion of variants under a plan of looks, or with weights that follow what is learned.
struct Learned: Sendable {
    var name: String
    var plan: AnalysisPlan
    /// By variant, control first.
    var rates: [Double]
    /// Shoppers in all variants.
    var target: Int
    var seed: UInt64

    func lived(_ generator: inout Xoshiro256PlusPlus) throws -> Life {
        var life = Life()
        var days = try CountedDays(.conversionRate, variants: rates.count, plan: plan, target: target)
        for day in 1...Kind.days {
            let newcomers = target * day / Kind.days - target * (day - 1) / Kind.days
            let weights = days.experiment.phases.last?.weights ?? []
            var (left, share) = (newcomers, weights.reduce(0, +))
            for (variant, rate) in rates.enumerated() {
                let n =
                    variant == rates.count - 1
                    ? left : generator.binomial(trials: left, probability: Double(weights[variant]) / Double(share))
                days.meet(n, buyers: generator.binomial(trials: n, probability: rate), variant: variant)
                (left, share) = (left - n, share - weights[variant])
            }
            let report = try days.report()
            life.take(report, day: day)
            if let bandit = plan.bandit, let next = try Reallocation.weights(after: report, by: bandit) {
                days.experiment.phases.append(.init(startedAt: days.now, weights: next))
            }
        }
        return life
    }
}

/// What became of the readings beside the plain one. None of them decides; each promises its error rate at every look.
struct BesideLife: Sendable {
    var called = false
    /// Whether the interval ever left zero out.
    var adjusted = false
    var winsorised = false
    var segment = false
    var quantile = false

    /// Log-normal spend that past spend foretells, of shoppers in two kinds of segment; no variant differs.
    static func lived(_ generator: inout Xoshiro256PlusPlus) throws -> BesideLife {
        var life = BesideLife()
        let plan = AnalysisPlan(
            winsorise: 0.99,
            segments: [
                Segment(attribute: "device", values: ["mobile", "desktop"]),
                Segment(attribute: "region", values: ["north", "south", "west"]),
            ])
        var days = try CountedDays(.revenuePerVisitor, variants: 2, plan: plan, target: nil)
        for _ in 1...Kind.days {
            for variant in 0..<2 {
                for _ in 0..<100 { days.counts.count(shopper(variant, days.now, &generator), times: 1) }
            }
            let report = try days.report()
            let comparison = report.metrics[0].comparisons[0]
            if report.recommendation.action == .ship || report.recommendation.action == .stop { life.called = true }
            if excludesZero(comparison.adjusted?.estimate.confidenceSequence) { life.adjusted = true }
            if excludesZero(comparison.winsorised?.estimate.confidenceSequence) { life.winsorised = true }
            let parts = report.segments.flatMap { $0.values.flatMap(\.part.comparisons) }
            if parts.contains(where: { excludesZero($0.estimate?.confidenceSequence) }) { life.segment = true }
            if (report.distribution?.differences ?? []).contains(where: { excludesZero($0.interval) }) {
                life.quantile = true
            }
        }
        return life
    }

    private static func excludesZero(_ interval: ConfidenceInterval?) -> Bool {
        interval.map { $0.lower > 0 || $0.upper < 0 } ?? false
    }

    private static func shopper(_ variant: Int, _ now: Timestamp, _ generator: inout Xoshiro256PlusPlus) -> UnitState {
        // Half had bought before, and those buy more often and spend more.
        let wealth = generator.normal()
        let isKnown = generator.uniform() < 0.5
        var outcome = UnitOutcome()
        if generator.uniform() < (isKnown ? 0.15 : 0.05) {
            let paid = Int64((3000 * exp(0.7 * wealth + 0.7 * generator.normal())).rounded())
            (outcome.orders, outcome.quantity, outcome.gross) = (1, 1, paid)
        }
        let before = isKnown ? Int64((6000 * exp(0.7 * wealth + 0.5 * generator.normal())).rounded()) : 0
        let segments = [UInt8(generator.uniform() * 2), UInt8(generator.uniform() * 3)]
        return UnitState(
            variant: variant, phase: 0, assignedAt: now, exposedAt: now, outcome: outcome, isTallied: true,
            traits: UnitTraits(covariate: before, segments: segments))
    }
}
