import Analysis
import Experiments
import Stats

/// What became of one experiment that was looked at every day.
struct Life: Sendable {
    /// The first call: ship (better) or stop (worse).
    var action: Recommendation.Action?
    var variant: String?
    var day = 0
    /// Whether on any day the posterior put 97.5% on one side: what a merchant who goes by the posterior alone would
    /// have called.
    var posteriorCalled = false
    var alarmed = false

    static func lived(_ kind: Kind, target: Int?, _ generator: inout Xoshiro256PlusPlus) throws -> Life {
        var life = Life()
        var counted = kind.truth.map { _ in Counted() }
        var arrivals: [Int64] = []
        for day in 1...Kind.days {
            let perDay =
                kind.perDay
                ?? {
                    let all = ((target ?? 0) + kind.truth.count - 1) / kind.truth.count
                    return all * day / Kind.days - all * (day - 1) / Kind.days
                }()
            for variant in kind.truth.indices { counted[variant].meet(perDay, kind.truth[variant], &generator) }
            arrivals.append(Int64(perDay))
            let input = try kind.input(counted, arrivals: arrivals, target: target, method: kind.method)
            let report = try Analyst.report(of: input)
            if report.dataQuality.sampleRatio.alarm { life.alarmed = true }
            for comparison in report.metrics[0].comparisons {
                if let better = comparison.probabilityBetter, better > 0.975 || better < 0.025 {
                    life.posteriorCalled = true
                }
            }
            let answer = report.recommendation
            if life.action == nil, answer.action == .ship || answer.action == .stop {
                (life.action, life.variant, life.day) = (answer.action, answer.variant, day)
            }
        }
        return life
    }
}

/// Repeats `body` on every core; 64 strands with generators of their own, so that the answer depends on the seed alone.
func simulate<T: Sendable>(
    _ runs: Int, seed: UInt64, _ body: @escaping @Sendable (inout Xoshiro256PlusPlus) throws -> T
) async throws -> [T] {
    let strands = 64
    return try await withThrowingTaskGroup(of: (Int, [T]).self) { group in
        var generator = Xoshiro256PlusPlus(seed: seed)
        for strand in 0..<strands {
            let own = generator
            generator.jump()
            let share = runs * (strand + 1) / strands - runs * strand / strands
            group.addTask {
                var generator = own
                return (strand, try (0..<share).map { _ in try body(&generator) })
            }
        }
        var parts: [(Int, [T])] = []
        for try await part in group { parts.append(part) }
        return parts.sorted { $0.0 < $1.0 }.flatMap(\.1)
    }
}
