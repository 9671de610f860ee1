import Synchronization

/// Whether the cache is asked before the store. Who comes to a process that tells a shop's prices alone is in its memory or new, and of
/// the new the cache has nothing: after a thousand such in a row the store is asked at once. The first whom anybody knew
/// ends that.
final class CacheUse: Sendable {
    private let strangers = Atomic<Int>(0)

    /// So many that asking about as many again, after somebody known, is no burden.
    private static let enough = 1000

    var isWorthIt: Bool { strangers.load(ordering: .relaxed) < Self.enough }

    /// The cache had nothing of them.
    func noteStrangers(_ count: Int) {
        // Written by many, read by all: only while it changes something.
        if isWorthIt { strangers.add(count, ordering: .relaxed) }
    }

    /// Somebody was known, or the configuration is another.
    func startOver() {
        if strangers.load(ordering: .relaxed) > 0 { strangers.store(0, ordering: .relaxed) }
    }
}
