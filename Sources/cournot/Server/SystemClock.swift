internal import Experiments
internal import ProcessIO

/// The machine's clock.
struct SystemClock: WallClock {
    func now() -> Timestamp { Timestamp(milliseconds: realTimeMilliseconds()) }
}
