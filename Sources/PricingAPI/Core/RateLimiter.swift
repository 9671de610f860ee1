internal import EventLoop
internal import Experiments
internal import HTTPServer
internal import Synchronization

/// The theoretical arrival times of this process's keys: one number for each key that ever asked.
final class RateLimiter: Sendable {
    let limit: RateLimit
    private let arrivals = Mutex<[APIKeyID: UInt64]>([:])

    init(_ limit: RateLimit) { self.limit = limit }

    /// - Parameter cost: how many requests it stands for.
    func admit(_ key: APIKeyID, cost: Int = 1, at now: MonotonicInstant) -> RateLimit.Verdict {
        arrivals.withLock { limit.decide(&$0[key, default: 0], cost: cost, at: now.nanoseconds) }
    }

    /// `RateLimit-Limit`, `-Remaining` and `-Reset`, as callers of this API know them.
    func headers(_ verdict: RateLimit.Verdict) -> [(name: String, value: String)] {
        [
            ("RateLimit-Limit", String(limit.perMinute)), ("RateLimit-Remaining", String(verdict.remaining)),
            ("RateLimit-Reset", String(verdict.reset)),
        ]
    }

    func problem(_ verdict: RateLimit.Verdict) -> Problem {
        var problem = Problem(
            429, "rate_limited",
            "This key may make \(limit.perMinute) requests a minute; the next is taken in \(verdict.retryAfter) s.")
        problem.headers = headers(verdict) + [("Retry-After", String(verdict.retryAfter))]
        return problem
    }
}
