internal import Experiments
internal import Synchronization

/// Answers to shoppers who were told their quote before and ask again: the same quote in the same window is the same
/// bytes, seal included, which take longer to make than all else that such a request needs.
///
/// A table of fixed size, eight-way set-associative, in stripes, each behind its own lock and made when first used. What
/// is asked for the second time while its set has not seen eight others is kept, and drives out the oldest of its set: so
/// that those who ask once drive out nobody, and cost a word. It decides nothing: who asks has found the offer in force,
/// and the key says what else the answer rests on.
final class RenderedQuotes: Sendable {
    private struct Answer {
        let key: HeldQuoteKey
        let isForShopper: Bool
        let bytes: [UInt8]
    }

    private final class Stripe: Sendable {
        struct State {
            /// Of each set, a part of the hash of each key: of the answers that are kept, and of those asked for once. Both
            /// in one line of the processor's cache.
            var tags: [UInt32] = []
            var answers: [Answer?] = []
            /// Of each set, where the next answer goes, and the next that is asked for once.
            var turns: [(kept: UInt8, seen: UInt8)] = []
        }
        let state = Mutex(State())
    }

    private static let ways = 8
    private static let setsPerStripe = 64
    private let stripes: [Stripe]

    /// - Parameter isOn: whether anything is kept; 32,768 answers of some 800 bytes then.
    init(isOn: Bool) {
        stripes = isOn ? (0..<64).map { _ in Stripe() } : []
    }

    /// The answer with this key, if it is kept.
    func find(_ key: HeldQuoteKey, isForShopper: Bool) -> [UInt8]? {
        if stripes.isEmpty { return nil }
        let (stripe, set, tag) = Self.place(of: key)
        return stripes[stripe].state.withLock { state in
            if state.tags.isEmpty { return nil }
            for way in 0..<Self.ways where state.tags[set * 2 * Self.ways + way] == tag {
                if let answer = state.answers[set * Self.ways + way], answer.isForShopper == isForShopper,
                    answer.key == key
                {
                    return answer.bytes
                }
            }
            return nil
        }
    }

    /// Keeps an answer that was not found, if it is asked for again.
    func keep(_ bytes: [UInt8], for key: HeldQuoteKey, isForShopper: Bool) {
        if stripes.isEmpty { return }
        let (stripe, set, tag) = Self.place(of: key)
        stripes[stripe].state.withLock { state in
            if state.tags.isEmpty {
                state.tags = [UInt32](repeating: 0, count: Self.setsPerStripe * 2 * Self.ways)
                state.answers = [Answer?](repeating: nil, count: Self.setsPerStripe * Self.ways)
                state.turns = [(kept: UInt8, seen: UInt8)](repeating: (0, 0), count: Self.setsPerStripe)
            }
            let kept = set * 2 * Self.ways
            let seen = kept + Self.ways
            guard let place = (seen..<(seen + Self.ways)).first(where: { state.tags[$0] == tag }) else {
                state.tags[seen + Int(state.turns[set].seen)] = tag
                state.turns[set].seen = (state.turns[set].seen + 1) % UInt8(Self.ways)
                return
            }
            state.tags[place] = 0
            let turn = Int(state.turns[set].kept)
            state.turns[set].kept = UInt8(truncatingIfNeeded: (turn + 1) % Self.ways)
            state.tags[kept + turn] = tag
            state.answers[set * Self.ways + turn] = Answer(key: key, isForShopper: isForShopper, bytes: bytes)
        }
    }

    private static func place(of key: HeldQuoteKey) -> (stripe: Int, set: Int, tag: UInt32) {
        let hash = key.hash
        return (Int(hash & 63), Int(hash >> 6 & 63), UInt32(truncatingIfNeeded: hash >> 32))
    }
}
