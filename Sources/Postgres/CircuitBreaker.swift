public import EventLoop

/// Stops asking a server that fails, and lets one try through from time to time.
///
/// A value that reads no clock. Closed, it lets everything through; after a number of failures in a row it opens and
/// lets nothing through for a while; then it is half open: one try, whose outcome closes it or opens it again.
public struct CircuitBreaker: Sendable, Equatable {
    public enum State: Sendable, Equatable {
        case closed(failures: Int)
        case open(until: MonotonicInstant)
        /// One try is under way; it is given up for lost at `until`.
        case halfOpen(until: MonotonicInstant)
    }

    public private(set) var state = State.closed(failures: 0)
    private let threshold: Int
    private let pause: UInt64

    /// - Parameters:
    ///   - threshold: failures in a row that open it, at least 1.
    ///   - pause: how long it stays open.
    public init(threshold: Int = 5, pause: Duration = .seconds(1)) {
        precondition(threshold >= 1)
        self.threshold = threshold
        self.pause = pause.wholeNanoseconds
    }

    /// Whether somebody may try now. In half-open state the first who asks may.
    public mutating func admits(at now: MonotonicInstant) -> Bool {
        switch state {
        case .closed: return true
        case .open(let until), .halfOpen(let until):
            guard now >= until else { return false }
            state = .halfOpen(until: now.advanced(byNanoseconds: pause))
            return true
        }
    }

    /// Whether nothing is let through now.
    public func isOpen(at now: MonotonicInstant) -> Bool {
        switch state {
        case .closed: false
        case .open(let until): now < until
        case .halfOpen: true
        }
    }

    public mutating func succeeded() { state = .closed(failures: 0) }

    public mutating func failed(at now: MonotonicInstant) {
        switch state {
        case .closed(let failures) where failures + 1 < threshold: state = .closed(failures: failures + 1)
        case .open: break
        case .closed, .halfOpen: state = .open(until: now.advanced(byNanoseconds: pause))
        }
    }
}

/// How long to wait before the next try: twice as long each time up to a cap, and of that a random share between a
/// half and the whole, so that replicas do not come back all at once.
public struct Backoff: Sendable, Equatable {
    private let first: UInt64
    private let cap: UInt64
    private var next: UInt64

    public init(first: Duration = .milliseconds(50), cap: Duration = .seconds(2)) {
        self.first = max(1, first.wholeNanoseconds)
        self.cap = max(self.first, cap.wholeNanoseconds)
        next = self.first
    }

    /// Nanoseconds to wait now.
    public mutating func wait(using random: inout some RandomNumberGenerator) -> UInt64 {
        let whole = next
        next = min(cap, whole.multipliedReportingOverflow(by: 2).overflow ? cap : whole &* 2)
        return UInt64.random(in: whole / 2...whole, using: &random)
    }

    public mutating func reset() { next = first }
}
