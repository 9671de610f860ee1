internal import Synchronization

/// Keys that somebody in this process is asking for right now: whoever comes second does not ask beside them.
final class InFlight: Sendable {
    private let keys = Mutex<Set<String>>([])

    /// Does something under a key; nil if somebody else does.
    func alone<Outcome>(_ key: String, _ body: () async -> Outcome) async -> Outcome? {
        guard keys.withLock({ $0.insert(key).inserted }) else { return nil }
        defer { keys.withLock { _ = $0.remove(key) } }
        return await body()
    }
}
