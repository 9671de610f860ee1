/// How many requests a key may make a minute: all of them at once, or evenly spread, or anything between.
///
/// The generic cell rate algorithm (ITU-T I.371, annex A, virtual scheduling): each request moves a key's *theoretical
/// arrival time* on by one interval, and conforms while that time is at most one minute ahead. One number a key, exact
/// under any arrival pattern, and nothing to sweep.
public struct RateLimit: Sendable, Equatable {
    /// Requests a minute, 1 to 60,000,000.
    public let perMinute: Int

    /// Nanoseconds between requests that come evenly.
    public var interval: UInt64 { Self.minute / UInt64(perMinute) }

    /// Nanoseconds that the theoretical arrival time may lie ahead: a minute, less what the interval was rounded by.
    public var window: UInt64 { interval * UInt64(perMinute) }

    private static let minute: UInt64 = 60_000_000_000

    /// What became of one request, and what the caller is told of its allowance.
    public struct Verdict: Sendable, Equatable {
        public let isAdmitted: Bool
        /// Requests that would be admitted right now after this one.
        public let remaining: Int
        /// Whole seconds, rounded up, until the whole allowance is there again.
        public let reset: Int
        /// Whole seconds, rounded up, until one more is admitted; 0 when this one was.
        public let retryAfter: Int
    }

    /// Nil for none or out of range.
    public init?(perMinute: Int) {
        guard (1...60_000_000).contains(perMinute) else { return nil }
        self.perMinute = perMinute
    }

    /// Decides one request.
    ///
    /// - Parameters:
    ///   - cost: how many requests it stands for, at least 1.
    ///   - arrival: the key's theoretical arrival time in nanoseconds, 0 for a key never seen; moved when admitted.
    ///   - now: nanoseconds of a clock that does not go back.
    public func decide(_ arrival: inout UInt64, cost: Int = 1, at now: UInt64) -> Verdict {
        let next = max(arrival, now) + interval * UInt64(cost)
        let ahead = next - now
        let isAdmitted = ahead <= window
        if isAdmitted { arrival = next }
        return verdict(isAdmitted, ahead: max(arrival, now) - now, lacking: isAdmitted ? 0 : ahead - window)
    }

    /// What a decision means to the caller, in nanoseconds.
    ///
    /// - Parameters:
    ///   - ahead: how far the theoretical arrival time lies ahead after the decision.
    ///   - lacking: how much too far it would lie, for what was refused.
    public func verdict(_ isAdmitted: Bool, ahead: UInt64, lacking: UInt64) -> Verdict {
        Verdict(
            isAdmitted: isAdmitted, remaining: ahead >= window ? 0 : Int((window - ahead) / interval),
            reset: seconds(ahead), retryAfter: seconds(lacking))
    }

    private func seconds(_ nanoseconds: UInt64) -> Int { Int((nanoseconds + 999_999_999) / 1_000_000_000) }
}
