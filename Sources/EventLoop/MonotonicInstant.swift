internal import CLinux
internal import Glibc

/// A moment on the clock that only runs forward: nanoseconds since the machine started, not a time of day.
public struct MonotonicInstant: Sendable, Comparable, Hashable {
    /// Nanoseconds since an arbitrary start, the same for the whole process.
    public let nanoseconds: UInt64

    /// An instant `nanoseconds` after the clock's start.
    @inlinable
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// Later than any instant that comes.
    public static let distantFuture = MonotonicInstant(nanoseconds: .max)

    /// Reads the clock. On a loop prefer ``EventLoop/now``, which costs nothing.
    public static func read() -> MonotonicInstant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
    }

    /// The instant `nanoseconds` later, or ``distantFuture`` where that cannot be said.
    @inlinable
    public func advanced(byNanoseconds nanoseconds: UInt64) -> MonotonicInstant {
        let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
        return overflow ? .distantFuture : MonotonicInstant(nanoseconds: sum)
    }

    /// Earlier instants come first.
    @inlinable
    public static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

extension Duration {
    /// Whole nanoseconds, 0 for a negative duration and `UInt64.max` for one beyond 584 years.
    public var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return .max }
        let (sum, overflowed) = whole.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
        return overflowed ? .max : sum
    }
}
