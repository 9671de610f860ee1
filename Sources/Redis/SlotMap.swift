/// Which node serves which slot, as one node of the cluster sees it.
struct SlotMap: Sendable {
    /// Every node, masters and replicas, each once.
    private(set) var places: [RedisAddress.Place] = []
    /// By the slot's number, an index in `places`; -1 where nobody serves it.
    private var owners = [Int32](repeating: -1, count: HashSlot.count)
    private(set) var masters: [RedisAddress.Place] = []

    /// Reads the reply to `CLUSTER SLOTS`: ranges, each with its master and then the replicas.
    ///
    /// - Parameter asked: who said it; a node without a host is at the same.
    init(_ reply: RedisValue, from asked: RedisAddress.Place) throws(RedisError) {
        guard let ranges = reply.elements else { throw Self.garbled }
        for range in ranges {
            guard let parts = range.elements, parts.count >= 3, let first = Self.slot(parts[0]),
                let last = Self.slot(parts[1]), first <= last
            else { throw Self.garbled }
            for (rank, node) in parts[2...].enumerated() {
                guard let place = try Self.place(node, from: asked) else { continue }
                let index = index(of: place)
                if rank == 0 {
                    for slot in first...last { owners[slot] = index }
                    if !masters.contains(place) { masters.append(place) }
                }
            }
        }
        guard !masters.isEmpty else { throw .unavailable("a node that serves no slots") }
    }

    func owner(of slot: HashSlot) -> RedisAddress.Place? {
        let index = Int(owners[slot.number])
        return index < 0 ? nil : places[index]
    }

    /// The same; without a slot any master will do, another for another turn.
    func owner(of slot: HashSlot?, turn: UInt) -> RedisAddress.Place? {
        if let slot { return owner(of: slot) }
        return masters.isEmpty ? nil : masters[Int(turn % UInt(masters.count))]
    }

    mutating func assign(_ slot: HashSlot, to place: RedisAddress.Place) {
        owners[slot.number] = index(of: place)
    }

    private mutating func index(of place: RedisAddress.Place) -> Int32 {
        if let index = places.firstIndex(of: place) { return Int32(truncatingIfNeeded: index) }
        places.append(place)
        return Int32(truncatingIfNeeded: places.count - 1)
    }

    private static var garbled: RedisError { .garbled("CLUSTER SLOTS") }

    private static func slot(_ value: RedisValue) -> Int? {
        value.integer.flatMap { Int(exactly: $0) }.flatMap { HashSlot($0) }?.number
    }

    /// Address, port, and what does not matter here. No address is the address that was asked.
    private static func place(
        _ value: RedisValue, from asked: RedisAddress.Place
    ) throws(RedisError) -> RedisAddress.Place? {
        guard let parts = value.elements, parts.count >= 2, let port = parts[1].integer.flatMap({ Int(exactly: $0) }),
            parts[0] == .null || parts[0].bytes != nil
        else { throw garbled }
        return asked.neighbour(host: parts[0].string ?? "", port: port)
    }
}
