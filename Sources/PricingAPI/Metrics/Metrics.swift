internal import Experiments
internal import HTTPServer
internal import Synchronization

/// A number that only rises.
final class Counter: Sendable {
    private let value = Atomic<Int>(0)
    var count: Int { value.load(ordering: .relaxed) }
    func add(_ count: Int = 1) { value.add(count, ordering: .relaxed) }
}

/// Requests of one route: how many by class of status, and how long they took.
final class RouteMetrics: Sendable {
    /// Upper bounds of the histogram's buckets, in nanoseconds.
    static let bounds: [UInt64] = [
        100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000,
        250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000,
    ]

    private let statuses = (0..<5).map { _ in Counter() }
    /// One more than bounds: the last takes the rest.
    private let buckets = (0...RouteMetrics.bounds.count).map { _ in Counter() }
    private let nanoseconds = Counter()

    func add(status: Int, nanoseconds elapsed: UInt64) {
        add(status: status)
        var bucket = 0
        while bucket < Self.bounds.count, elapsed > Self.bounds[bucket] { bucket += 1 }
        buckets[bucket].add()
        nanoseconds.add(Int(clamping: elapsed))
    }

    func add(status: Int) { statuses[min(max(status / 100, 1), 5) - 1].add() }

    /// By class, from 1xx.
    var byClass: [Int] { statuses.map(\.count) }
    var byBucket: [Int] { buckets.map(\.count) }
    var seconds: Double { Double(nanoseconds.count) / 1e9 }
}

/// What the API counts of itself. Labels are route patterns and words of ours: never a shopper or a SKU. What tenants use
/// is in the service's `UsageTally`.
final class Metrics: Sendable {
    /// What found no route, or was refused before one was looked for.
    let refused = RouteMetrics()
    let eventsAccepted = Counter()
    let eventsDuplicate = Counter()
    let eventsRejected = Counter()
    private let quotes = Quote.Reason.all.map { _ in Counter() }

    func count(_ reason: Quote.Reason) {
        if let place = Quote.Reason.all.firstIndex(of: reason) { quotes[place].add() }
    }

    /// - Returns: how many of them were accepted.
    func count(_ outcomes: [EventOutcome]) -> Int {
        var seen = (accepted: 0, duplicate: 0, rejected: 0)
        for outcome in outcomes {
            switch outcome {
            case .accepted: seen.accepted += 1
            case .duplicate: seen.duplicate += 1
            case .rejected: seen.rejected += 1
            }
        }
        eventsAccepted.add(seen.accepted)
        eventsDuplicate.add(seen.duplicate)
        eventsRejected.add(seen.rejected)
        return seen.accepted
    }

    var quotesByReason: [(reason: Quote.Reason, count: Int)] {
        zip(Quote.Reason.all, quotes).map { ($0, $1.count) }
    }
}

extension PricingAPI {
    /// A price is about to be told.
    func countTold(_ quote: Quote, in snapshot: TenantSnapshot) { countTold(quote.reason, in: snapshot) }

    func countTold(_ reason: Quote.Reason, in snapshot: TenantSnapshot) {
        metrics.count(reason)
        service.usage.count(quotes: 1, in: snapshot)
    }

    func count(_ outcomes: [EventOutcome], in snapshot: TenantSnapshot) {
        service.usage.count(events: metrics.count(outcomes), in: snapshot)
    }
}

extension Quote.Reason {
    static let all: [Quote.Reason] = [
        .sticky, .split, .noExperiment, .notInAudience, .holdout, .pausedIntake, .layerTaken, .usageLimit,
        .fallback,
    ]
}
