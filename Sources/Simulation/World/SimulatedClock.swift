internal import Experiments
internal import Synchronization

/// The wall clock of a world: moves when told to, in either direction.
final class SimulatedClock: WallClock {
    private struct Hands {
        var now: Timestamp
        var latest: Timestamp
    }

    private let hands: Mutex<Hands>

    init(_ start: Timestamp) { hands = Mutex(Hands(now: start, latest: start)) }

    func now() -> Timestamp { hands.withLock { $0.now } }

    /// Whether it never showed a later time than now.
    var isAtItsLatest: Bool { hands.withLock { $0.now == $0.latest } }

    func advance(milliseconds: Int64) {
        hands.withLock { hands in
            hands.now = Timestamp(milliseconds: hands.now.milliseconds + milliseconds)
            hands.latest = max(hands.latest, hands.now)
        }
    }
}
