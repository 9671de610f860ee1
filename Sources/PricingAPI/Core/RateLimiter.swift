internal import EventLoop
internal import Experiments
internal import HTTPServer
internal import Synchronization

/// Admits requests: by what all processes count together where there is such a count and it can be told, else by this
/// process's share of the limit and what it admitted of each key. What it admitted by itself is owed to the common count,
/// and added to it with the key's next request, so that a count that now and then answers too late gives nothing away.
final class RateLimiter: Sendable {
    let limit: RateLimit
    private let share: RateLimit
    private let shared: (any SharedRateLimits)?
    private let counts = Mutex<[APIKeyID: Count]>([:])
    /// Sessions come and go: from so many on, those are forgotten that would be admitted anyway.
    private let pruneAt = 50_000

    /// Of one key: two theoretical arrival times.
    private struct Count {
        /// Of all that was admitted here, by this process's share.
        var arrival: UInt64 = 0
        /// Of what the common count does not know, by the whole limit: as it flows back there, it does here.
        var owed: UInt64 = 0
    }

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
        counts.withLock { counts in
            if counts.count >= pruneAt {
                // Whose time has come again is as one who never asked.
                counts = counts.filter { max($0.value.arrival, $0.value.owed) > now.nanoseconds }
            }
            return share.decide(
                &counts[principal.countedAs, default: Count()].arrival, cost: cost, at: now.nanoseconds)
        }
    }

    func admit(_ principal: Principal, cost: Int = 1, at now: MonotonicInstant) async -> RateLimit.Verdict {
        guard let shared else { return admitHere(principal, cost: cost, at: now) }
        let owed = takeOwed(by: principal, at: now)
        let common = await shared.decide(
            limit, tenant: principal.tenant, key: principal.countedAs, cost: cost + owed)
        guard let common else {
            let verdict = admitHere(principal, cost: cost, at: now)
            owe(owed + (verdict.isAdmitted ? cost : 0), by: principal, at: now)
            return verdict
        }
        if common.isAdmitted {
            // Counted here too, so that an outage of the common count gives no second allowance.
            _ = admitHere(principal, cost: cost, at: now)
        } else {
            owe(owed, by: principal, at: now)
        }
        return common
    }

    private func takeOwed(by principal: Principal, at now: MonotonicInstant) -> Int {
        counts.withLock { counts in
            guard let owed = counts[principal.countedAs]?.owed, owed > now.nanoseconds else { return 0 }
            counts[principal.countedAs]?.owed = 0
            return Int((owed - now.nanoseconds + limit.interval - 1) / limit.interval)
        }
    }

    private func owe(_ cost: Int, by principal: Principal, at now: MonotonicInstant) {
        guard cost > 0 else { return }
        counts.withLock { counts in
            let owed = max(counts[principal.countedAs]?.owed ?? 0, now.nanoseconds)
            counts[principal.countedAs, default: Count()].owed = owed + limit.interval * UInt64(cost)
        }
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
