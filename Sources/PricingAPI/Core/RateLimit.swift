/// How many requests a key may make a minute: all of them at once, or evenly spread, or anything between.
///
/// The generic cell rate algorithm (ITU-T I.371, annex A, virtual scheduling): each request moves a key's *theoretical
/// arrival time* on by one interval, and conforms while that time is at most one minute ahead. One number a key, exact
/// under any arrival pattern, and nothing to sweep.
struct RateLimit: Sendable, Equatable {
    /// Requests a minute, 1 to 60,000,000.
    let perMinute: Int

    /// Nanoseconds between requests that come evenly.
    private var interval: UInt64 { Self.minute / UInt64(perMinute) }

    private static let minute: UInt64 = 60_000_000_000

    /// What became of one request, and what the caller is told of its allowance.
    struct Verdict: Sendable, Equatable {
        let isAdmitted: Bool
        /// Requests that would be admitted right now after this one.
        let remaining: Int
        /// Whole seconds, rounded up, until the whole allowance is there again.
        let reset: Int
        /// Whole seconds, rounded up, until one more is admitted; 0 when this one was.
        let retryAfter: Int
    }

    /// Nil for none or out of range.
    init?(perMinute: Int) {
        guard (1...60_000_000).contains(perMinute) else { return nil }
        self.perMinute = perMinute
    }

    /// Decides one request.
    ///
    /// - Parameters:
    ///   - cost: how many requests it stands for, at least 1.
    ///   - arrival: the key's theoretical arrival time in nanoseconds, 0 for a key never seen; moved when admitted.
    ///   - now: nanoseconds of a clock that does not go back.
    func decide(_ arrival: inout UInt64, cost: Int = 1, at now: UInt64) -> Verdict {
        let window = interval * UInt64(perMinute)
        let next = max(arrival, now) + interval * UInt64(cost)
        let ahead = next - now
        if ahead > window {
            return Verdict(
                isAdmitted: false, remaining: remaining(arrival, now, window), reset: seconds(max(arrival, now) - now),
                retryAfter: seconds(ahead - window))
        }
        arrival = next
        return Verdict(
            isAdmitted: true, remaining: Int((window - ahead) / interval), reset: seconds(ahead), retryAfter: 0)
    }

    private func remaining(_ arrival: UInt64, _ now: UInt64, _ window: UInt64) -> Int {
        let ahead = max(arrival, now) - now
        return ahead >= window ? 0 : Int((window - ahead) / interval)
    }

    private func seconds(_ nanoseconds: UInt64) -> Int { Int((nanoseconds + 999_999_999) / 1_000_000_000) }
}
