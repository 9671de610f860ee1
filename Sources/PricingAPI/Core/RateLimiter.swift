internal import EventLoop
internal import Experiments
internal import HTTPServer
internal import Synchronization

/// The theoretical arrival times of this process's keys: one number for each key that was ever admitted, so no more than
/// there are keys.
final class RateLimiter: Sendable {
    let limit: RateLimit
    private let arrivals = Mutex<[APIKeyID: UInt64]>([:])

    init(_ limit: RateLimit) { self.limit = limit }

    func admit(_ key: APIKeyID, at now: MonotonicInstant) -> RateLimit.Verdict {
        arrivals.withLock { limit.decide(&$0[key, default: 0], at: now.nanoseconds) }
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
