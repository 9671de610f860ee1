internal import Synchronization

/// Where prices that memory did not have were found, and what became of those told without the store. Counts since the start.
public final class PriceTally: Sendable {
    private let cache = Atomic<Int>(0)
    private let store = Atomic<Int>(0)
    private let fallback = Atomic<Int>(0)
    private let spooled = Atomic<Int>(0)
    private let taken = Atomic<Int>(0)
    private let conflicts = Atomic<Int>(0)

    enum Source { case cache, store, fallback, spooled }

    func count(_ source: Source, _ number: Int = 1) {
        switch source {
        case .cache: cache.add(number, ordering: .relaxed)
        case .store: store.add(number, ordering: .relaxed)
        case .fallback: fallback.add(number, ordering: .relaxed)
        case .spooled: spooled.add(number, ordering: .relaxed)
        }
    }

    /// The store took over what was told without it, or had told the shopper otherwise.
    func countTaken(_ number: Int, conflicts found: Int) {
        taken.add(number, ordering: .relaxed)
        conflicts.add(found, ordering: .relaxed)
    }

    /// Prices that memory did not have, by where they were found.
    public var sources: [(name: String, count: Int)] {
        [
            ("cache", cache.load(ordering: .relaxed)), ("store", store.load(ordering: .relaxed)),
            ("fallback", fallback.load(ordering: .relaxed)), ("spool", spooled.load(ordering: .relaxed)),
        ]
    }

    /// Spooled prices that the store took over, and how many of them it had told otherwise before: each of those is a
    /// promise that was not kept.
    public var replayed: (count: Int, conflicts: Int) {
        (taken.load(ordering: .relaxed), conflicts.load(ordering: .relaxed))
    }
}
