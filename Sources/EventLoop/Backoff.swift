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
