/// Deadlines in four levels of 64 slots: placing one costs the same whether ten or a million wait.
///
/// A value: it reads no clock. Time is counted in ticks and moves only in ``takeDue(by:)``. A deadline stands in
/// level 0 if it differs from the present only in its lowest six bits, in level 1 if also in the next six, and so
/// on; when time reaches a slot of a higher level, what stands there is placed anew, nearer. Deadlines beyond the
/// wheel's horizon (2²⁴ ticks) wait in its last level and are placed anew as they come near.
struct TimerWheel<Payload> {
    /// Names one scheduled deadline; never used twice.
    struct ID: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct Entry {
        let number: UInt64
        let deadline: UInt64
    }

    private static var slotBits: UInt64 { 6 }
    private static var slotCount: Int { 64 }
    private static var levelCount: Int { 4 }

    private var slots: [[Entry]]
    /// One bit a slot that is not empty, one word a level.
    private var occupied: [UInt64]
    /// What still waits; an entry without payload was cancelled.
    private var payloads: [UInt64: (deadline: UInt64, payload: Payload)] = [:]
    private var lastNumber: UInt64 = 0
    /// Numbers of deadlines that have come due and were not taken yet, from `firstDue` on.
    private var due: [UInt64] = []
    private var firstDue = 0

    /// The present, in ticks.
    private(set) var now: UInt64

    init(now: UInt64) {
        self.now = now
        slots = Array(repeating: [], count: Self.levelCount * Self.slotCount)
        occupied = Array(repeating: 0, count: Self.levelCount)
    }

    /// Entries in the slots, cancelled ones included.
    private(set) var entriesKept = 0

    /// How many deadlines wait.
    var count: Int { payloads.count }

    /// Places a deadline. One that has passed is due at the next tick, never at once.
    mutating func schedule(at deadline: UInt64, _ payload: Payload) -> ID {
        lastNumber += 1
        payloads[lastNumber] = (deadline, payload)
        place(Entry(number: lastNumber, deadline: max(deadline, now &+ 1)))
        return ID(number: lastNumber)
    }

    /// Forgets a deadline; does nothing for one that has fired or was cancelled.
    mutating func cancel(_ id: ID) {
        guard payloads.removeValue(forKey: id.number) != nil else { return }
        // Entries of cancelled deadlines stay until their slot comes; too many of them and all are placed anew.
        if entriesKept > 2 * payloads.count + 1024 { sweep() }
    }

    /// The tick at which ``takeDue(by:)`` next has something to do, or nil if nothing waits.
    /// It may be earlier than the first deadline (entries that move to a nearer level), never later.
    var nextTick: UInt64? {
        for level in 0..<Self.levelCount where occupied[level] != 0 {
            let shift = Self.slotBits * UInt64(level)
            // The present slot comes last: only the last level wraps, and what stands at or before the present
            // there belongs to the next round.
            let first = (now >> shift &+ 1) & 63
            let bits = occupied[level]
            let ahead = first == 0 ? bits : bits >> first | bits << (64 - first)
            let slot = (UInt64(ahead.trailingZeroBitCount) + first) & 63
            let range = UInt64(64) << shift
            let tick = now & ~(range - 1) + slot << shift
            return tick <= now ? tick + range : tick
        }
        return nil
    }

    /// Moves time towards `target` and takes one deadline that has come due, earliest slot first; nil once time has
    /// arrived at `target` and nothing more is due. One at a time, so that what one does may cancel the next.
    mutating func takeDue(by target: UInt64) -> Payload? {
        while true {
            while firstDue < due.count {
                let number = due[firstDue]
                firstDue += 1
                if let waiting = payloads.removeValue(forKey: number) { return waiting.payload }
            }
            due.removeAll(keepingCapacity: true)
            firstDue = 0
            guard let tick = nextTick, tick <= target else { break }
            now = max(now, tick)
            for entry in takeSlot(at: tick) where payloads[entry.number] != nil {
                if entry.deadline <= now { due.append(entry.number) } else { place(entry) }
            }
        }
        now = max(now, target)
        return nil
    }

    private mutating func takeSlot(at tick: UInt64) -> [Entry] {
        for level in 0..<Self.levelCount where occupied[level] != 0 {
            let slot = Int(truncatingIfNeeded: (tick >> (Self.slotBits * UInt64(level))) & 63)
            var entries: [Entry] = []
            swap(&entries, &slots[level * Self.slotCount + slot])
            occupied[level] &= ~(1 << UInt64(slot))
            entriesKept -= entries.count
            return entries
        }
        return []
    }

    private mutating func place(_ entry: Entry) {
        let horizon = UInt64(1) << (Self.slotBits * UInt64(Self.levelCount))
        let seat = min(entry.deadline, now &+ (horizon - 1))
        let highest = 63 - ((seat ^ now) | 63).leadingZeroBitCount
        let level = min(highest / Int(Self.slotBits), Self.levelCount - 1)
        let slot = Int(truncatingIfNeeded: (seat >> (Self.slotBits * UInt64(level))) & 63)
        slots[level * Self.slotCount + slot].append(entry)
        occupied[level] |= 1 << UInt64(slot)
        entriesKept += 1
    }

    private mutating func sweep() {
        slots = Array(repeating: [], count: slots.count)
        occupied = Array(repeating: 0, count: occupied.count)
        entriesKept = 0
        let due = Set(due)
        for (number, waiting) in payloads where !due.contains(number) {
            place(Entry(number: number, deadline: max(waiting.deadline, now &+ 1)))
        }
    }
}
