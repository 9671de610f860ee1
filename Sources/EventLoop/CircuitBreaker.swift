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

    /// Whether the last tries failed and none has succeeded since, whoever is let through now.
    public var isTripped: Bool {
        if case .closed = state { false } else { true }
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
