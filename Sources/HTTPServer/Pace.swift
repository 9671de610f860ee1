internal import EventLoop

/// A transfer that must keep a minimum pace: it is late once the time passed exceeds a grace and what the bytes
/// moved so far justify. Trickling bytes buys only the time those bytes are worth.
struct Pace {
    private let start: MonotonicInstant
    private var bytes: UInt64 = 0

    init(start: MonotonicInstant) {
        self.start = start
    }

    /// Counts bytes that were moved.
    mutating func moved(_ count: Int) {
        bytes &+= UInt64(clamping: count)
    }

    /// When the transfer is late, if not another byte moves.
    func deadline(grace nanoseconds: UInt64, bytesPerSecond: UInt64) -> MonotonicInstant {
        let earned = bytes.multipliedReportingOverflow(by: 1_000_000_000 / max(1, bytesPerSecond))
        return start.advanced(byNanoseconds: nanoseconds)
            .advanced(byNanoseconds: earned.overflow ? .max : earned.partialValue)
    }
}
