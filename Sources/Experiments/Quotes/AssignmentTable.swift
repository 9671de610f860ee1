internal import Synchronization

/// What this process knows to be durable of shoppers it has met: a table of fixed size, so that it neither grows nor
/// stalls. A miss costs a question to the store and nothing else.
///
/// Eight-way set-associative: each (subject, product) has one set of eight places, filled in turn. All of a subject's
/// lie in eight sets side by side, so that a subject is forgotten in one glance: half of each place's subject stands in
/// an array of its own too, a set's in one line of the processor's cache. Sets are spread over stripes, each behind its
/// own lock and made when first used.
final class AssignmentTable: Sendable {
    private static let ways = 8
    private let stripes: [Stripe]
    private let setsPerStripe: Int

    /// - Parameter capacity: how many offers are kept; rounded up to a whole number of sets.
    init(capacity: Int) {
        let stripeCount = 64
        setsPerStripe = max(1, capacity / (stripeCount * Self.ways))
        stripes = (0..<stripeCount).map { _ in Stripe() }
    }

    func find(_ subject: Subject, product slot: UInt64) -> Entry? {
        let place = place(of: subject, slot)
        return stripes[place.stripe].state.withLock { state in
            guard !state.entries.isEmpty, let index = state.index(of: subject, slot, inSet: place.set) else {
                return nil
            }
            return state.entries[index]
        }
    }

    /// The state of a place before the store is asked about it. If anybody wrote there before the answer came, neither
    /// of the two is remembered: the later to arrive need not be the newer, and the store is asked once more.
    struct Ticket: Sendable, Equatable {
        fileprivate let generation: UInt32
    }

    func ticket(_ subject: Subject, product slot: UInt64) -> Ticket {
        let place = place(of: subject, slot)
        return stripes[place.stripe].state.withLock { state in
            state.make(sets: setsPerStripe)
            return Ticket(generation: state.generation[place.set])
        }
    }

    /// Remembers what the store said; or forgets what is there, if something was written or forgotten since the ticket
    /// was taken.
    func insert(_ entry: Entry, _ ticket: Ticket) {
        let place = place(of: entry.subject, entry.slot)
        stripes[place.stripe].state.withLock { state in
            state.make(sets: setsPerStripe)
            let isUndisturbed = state.generation[place.set] == ticket.generation
            state.generation[place.set] &+= 1
            if let index = state.index(of: entry.subject, entry.slot, inSet: place.set) {
                state.put(isUndisturbed ? entry : .none, at: index)
            } else if isUndisturbed {
                let turn = state.next[place.set]
                state.next[place.set] = (turn + 1) % UInt8(Self.ways)
                state.put(entry, at: place.set * Self.ways + Int(turn))
            }
        }
    }

    /// Forgets all that a subject was told, but for one product.
    func forget(_ subject: Subject, exceptProduct kept: UInt64? = nil) {
        let first = place(of: subject, 0)
        let spared = kept.map { place(of: subject, $0).set }
        stripes[first.stripe].state.withLock { state in
            state.make(sets: setsPerStripe)
            for offset in 0..<min(Self.neighbours, setsPerStripe) {
                let set = (first.base + offset) % setsPerStripe
                // What is on its way to the product that is kept may still arrive.
                if set != spared { state.generation[set] &+= 1 }
                let start = set * Self.ways
                for index in start..<(start + Self.ways)
                where state.halves[index] == subject.high && state.entries[index].subject == subject
                    && state.entries[index].slot != kept
                {
                    state.put(.none, at: index)
                }
            }
        }
    }

    /// Forgets everybody.
    func forgetAll() {
        for stripe in stripes {
            stripe.state.withLock { state in
                state.entries = []
                state.halves = []
                for set in state.generation.indices { state.generation[set] &+= 1 }
            }
        }
    }

    /// How many sets a subject's products are spread over.
    private static let neighbours = 8

    private func place(of subject: Subject, _ slot: UInt64) -> (stripe: Int, set: Int, base: Int) {
        // The subject is the output of a keyed hash: its bits are as good as random. The odd constant is 2^64 / φ.
        let base = Int((subject.low & 0x3ff_ffff_ffff_ffff) % UInt64(setsPerStripe))
        let offset = Int((slot &* 0x9e37_79b9_7f4a_7c15) >> 61)
        return (Int(subject.low >> 58), (base + offset) % setsPerStripe, base)
    }

    /// An offer, packed without references.
    struct Entry: Sendable, Equatable {
        /// The subject that asks; the offer may belong to the one it is linked to.
        let subject: Subject
        let slot: UInt64
        let owner: Subject
        let tail: UInt64
        let experiment: Bits128
        let price: Int64
        let toldAt: Int64
        let currency: UInt32
        let variant: Int16
        let isExposed: Bool

        static let none = Entry(
            subject: Bits128(high: 0, low: 0), slot: .max, owner: Bits128(high: 0, low: 0), tail: 0,
            experiment: Bits128(high: 0, low: 0), price: 0, toldAt: 0, currency: 0, variant: -1, isExposed: false)

        func matches(_ subject: Subject, _ slot: UInt64) -> Bool { self.slot == slot && self.subject == subject }
    }

    private final class Stripe: Sendable {
        struct State {
            var entries: [Entry] = []
            /// Of each entry, the upper half of its subject.
            var halves: [UInt64] = []
            /// Where each set puts its next newcomer.
            var next: [UInt8] = []
            /// Counted up with each change of a set.
            var generation: [UInt32] = []

            mutating func make(sets: Int) {
                guard entries.isEmpty else { return }
                entries = [Entry](repeating: .none, count: sets * AssignmentTable.ways)
                halves = [UInt64](repeating: Entry.none.subject.high, count: entries.count)
                next = [UInt8](repeating: 0, count: sets)
                if generation.isEmpty { generation = [UInt32](repeating: 0, count: sets) }
            }

            func index(of subject: Subject, _ slot: UInt64, inSet set: Int) -> Int? {
                let start = set * AssignmentTable.ways
                for index in start..<(start + AssignmentTable.ways)
                where entries[index].matches(subject, slot) { return index }
                return nil
            }

            mutating func put(_ entry: Entry, at index: Int) {
                entries[index] = entry
                halves[index] = entry.subject.high
            }
        }
        let state = Mutex(State())
    }
}

extension AssignmentTable.Entry {
    init(_ offer: Offer, asked subject: Subject, slot: UInt64) {
        self.init(
            subject: subject, slot: slot, owner: offer.subject, tail: offer.tail,
            experiment: offer.placement?.experiment.bits ?? Bits128(high: 0, low: 0), price: offer.price,
            toldAt: offer.toldAt.milliseconds, currency: offer.currency.packed,
            variant: Int16(clamping: offer.placement?.variant ?? -1), isExposed: offer.isExposed)
    }

    func offer(of product: TenantKey, in currency: Currency) -> Offer {
        Offer(
            tail: tail, subject: owner, product: product,
            placement: variant >= 0
                ? Offer.Placement(experiment: ExperimentID(bits: experiment), variant: Int(variant)) : nil,
            price: price, currency: currency, toldAt: Timestamp(milliseconds: toldAt), isExposed: isExposed)
    }
}
