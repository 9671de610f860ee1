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

/// Lets so many do something at a time; whoever comes beside them is sent away.
final class Gate: Sendable {
    private let free: Mutex<Int>

    init(_ most: Int) { free = Mutex(most) }

    /// Does something; nil if as many as may are at it.
    func pass<Outcome>(_ body: () async -> Outcome) async -> Outcome? {
        let isLet = free.withLock { free in
            if free > 0 {
                free -= 1
                return true
            }
            return false
        }
        guard isLet else { return nil }
        defer { free.withLock { $0 += 1 } }
        return await body()
    }
}
