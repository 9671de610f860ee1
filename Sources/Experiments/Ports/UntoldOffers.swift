internal import Synchronization

/// Spooled offers that nobody was told, or not yet: the store is not to have them, for whoever is counted was told a price.
///
/// It is this process's memory alone. What another that ended has left in the spool may have been told and is handed over.
final class UntoldOffers: Sendable {
    /// What became of an offer in the spool.
    enum Fate {
        /// Told, as far as anybody knows.
        case told
        /// The cache is being asked whether it may be.
        case open
        /// It may not, and could not be dropped.
        case refused
    }

    private struct State {
        var open: Set<UInt64> = []
        var refused: Set<UInt64> = []
        var refusals = 0
    }

    private let state = Mutex(State())

    /// Rises with each refusal: what was read from the spool before may hold what was dropped then.
    var refusals: Int { state.withLock { $0.refusals } }

    func fate(of tail: UInt64) -> Fate {
        state.withLock { state in
            state.open.contains(tail) ? .open : state.refused.contains(tail) ? .refused : .told
        }
    }

    /// Before they are spooled.
    func begin(_ tails: [UInt64]) { state.withLock { $0.open.formUnion(tails) } }

    /// Once it is decided which of those begun are told.
    ///
    /// - Parameters:
    ///   - refused: those that are not.
    ///   - areDropped: whether these are in the spool no more.
    func end(_ tails: [UInt64], refused: [UInt64], areDropped: Bool) {
        state.withLock { state in
            state.open.subtract(tails)
            if refused.isEmpty { return }
            state.refusals += 1
            if !areDropped { state.refused.formUnion(refused) }
        }
    }

    /// Once refused ones were dropped after all.
    func forget(_ refused: [UInt64]) { state.withLock { $0.refused.subtract(refused) } }
}
