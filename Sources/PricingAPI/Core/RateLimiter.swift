internal import EventLoop
internal import Experiments
internal import HTTPServer
internal import Synchronization

/// Admits requests: by what all processes count together where there is such a count and it can be told, else by this
/// process's share of the limit and the theoretical arrival times of its keys, one number for each that ever asked.
final class RateLimiter: Sendable {
    let limit: RateLimit
    private let share: RateLimit
    private let shared: (any SharedRateLimits)?
    private let arrivals = Mutex<[APIKeyID: UInt64]>([:])
    /// Sessions come and go: from so many on, those are forgotten that would be admitted anyway.
    private let pruneAt = 50_000

    /// - Parameter replicas: how many processes the limit is shared by, at least 1.
    init(_ limit: RateLimit, replicas: Int, shared: (any SharedRateLimits)?) {
        self.limit = limit
        share = RateLimit(perMinute: max(1, limit.perMinute / max(1, replicas))) ?? limit
        self.shared = shared
    }

    /// Whether others have to be asked.
    var isShared: Bool { shared != nil }

    /// By this process's share and count alone.
    ///
    /// - Parameter cost: how many requests it stands for.
    func admitHere(_ principal: Principal, cost: Int = 1, at now: MonotonicInstant) -> RateLimit.Verdict {
        arrivals.withLock { arrivals in
            if arrivals.count >= pruneAt {
                // Whose time has come again is as one who never asked.
                arrivals = arrivals.filter { $0.value > now.nanoseconds }
            }
            return share.decide(&arrivals[principal.countedAs, default: 0], cost: cost, at: now.nanoseconds)
        }
    }

    func admit(_ principal: Principal, cost: Int = 1, at now: MonotonicInstant) async -> RateLimit.Verdict {
        let verdict = await shared?.decide(limit, tenant: principal.tenant, key: principal.countedAs, cost: cost)
        guard let verdict else { return admitHere(principal, cost: cost, at: now) }
        // Counted here too, so that an outage of the common count gives no second allowance.
        if verdict.isAdmitted { _ = admitHere(principal, cost: cost, at: now) }
        return verdict
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
            "This key, or this session, may make \(limit.perMinute) requests a minute; the next is taken in \(verdict.retryAfter) s."
        )
        problem.headers = headers(verdict) + [("Retry-After", String(verdict.retryAfter))]
        return problem
    }
}
