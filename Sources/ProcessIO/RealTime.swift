internal import Glibc

/// Milliseconds since 1970-01-01T00:00:00Z, as the machine's clock of the wall has it.
public func realTimeMilliseconds() -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
