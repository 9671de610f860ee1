internal import Experiments

/// What stands in Redis of a place: the mark its shopper had when it was looked up, and the offer, sealed for the place.
///
/// It holds while the shopper has that mark, so that whoever writes it need not look. Layout: the mark's length 1, the mark,
/// the seal; the script of `RedisAssignments.claim` reads the first two as well.
enum ToldOffer {
    static func value(_ entry: CacheEntry, in snapshot: TenantSnapshot) -> [UInt8] {
        let mark = LookedUp(ticket: entry.ticket).mark
        let seal = snapshot.seal.seal(entry.offer, for: entry.place, of: snapshot.tenant.id)
        var value: [UInt8] = []
        value.reserveCapacity(1 + mark.count + seal.count)
        value.append(UInt8(mark.count))
        value.append(contentsOf: mark)
        value.append(contentsOf: seal)
        return value
    }

    /// Nil for what was not written for this place, or before its shopper was forgotten.
    static func offer(
        _ value: [UInt8], for place: CachedPlace, mark: [UInt8], in snapshot: TenantSnapshot
    ) -> Offer? {
        guard let count = value.first, value.dropFirst().prefix(Int(count)).elementsEqual(mark) else { return nil }
        return snapshot.seal.open(Array(value.dropFirst(1 + mark.count)), for: place, of: snapshot.tenant.id)
    }
}

/// A place and its shopper as they were looked up. As a ticket: whether anything stood there, then the mark.
struct LookedUp {
    var isEmpty: Bool
    /// What the shopper has had since it was last forgotten; empty for nearly all.
    var mark: [UInt8]

    /// Its length is one byte of a value; ours have 13 at most.
    private static let longestMark = 32

    init(isEmpty: Bool, mark: [UInt8]) {
        self.isEmpty = isEmpty
        self.mark = Array(mark.prefix(Self.longestMark))
    }

    init(ticket: [UInt8]) { self.init(isEmpty: ticket.first != 1, mark: Array(ticket.dropFirst())) }

    var ticket: [UInt8] { [isEmpty ? 0 : 1] + mark }
}
