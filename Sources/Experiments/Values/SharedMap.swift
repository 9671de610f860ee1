/// A dictionary whose copies share what they have in common: a copy with one entry changed costs some dozens of entries
/// and a reference for each further few dozen, where a copied `Dictionary` costs all of them.
///
/// Entries lie in parts by their hash, arrays that are copied when they are written to. A lookup hashes its key
/// once and compares it with the one entry of that hash. In no order.
public struct SharedMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    @usableFromInline struct Part: Sendable {
        @usableFromInline var hashes: [Int] = []
        @usableFromInline var keys: [Key] = []
        @usableFromInline var values: [Value] = []

        /// An empty part.
        @usableFromInline init() {}

        @inlinable func place(of key: Key, _ hash: Int) -> Int? {
            for place in hashes.indices where hashes[place] == hash && keys[place] == key { return place }
            return nil
        }
    }

    /// As many as a power of two.
    @usableFromInline var parts: [Part]
    /// How many entries there are.
    public private(set) var count = 0

    /// Entries a part has when there are more of them: enough that few references are copied, few enough to be looked
    /// through.
    private static var fullPart: Int { 32 }

    /// An empty map.
    ///
    /// - Parameter minimumCapacity: entries for which there is room at once.
    public init(minimumCapacity: Int = 0) {
        var count = 1
        while count * Self.fullPart < minimumCapacity { count *= 2 }
        parts = [Part](repeating: Part(), count: count)
    }

    /// Of two values for one key, the last.
    public init(_ values: some Collection<Value>, by key: (Value) -> Key) {
        self.init(minimumCapacity: values.count)
        for value in values { self[key(value)] = value }
    }

    public var isEmpty: Bool { count == 0 }

    public subscript(key: Key) -> Value? {
        @inlinable get {
            let hash = key.hashValue
            let part = hash & (parts.count - 1)
            // Each is looked at where it stands: a part that is handed on counts three references.
            for place in parts[part].hashes.indices
            where parts[part].hashes[place] == hash && parts[part].keys[place] == key {
                return parts[part].values[place]
            }
            return nil
        }
        set {
            let hash = key.hashValue
            let index = hash & (parts.count - 1)
            let place = parts[index].place(of: key, hash)
            switch (place, newValue) {
            case (nil, nil): return
            case (let place?, let value?): parts[index].values[place] = value
            case (let place?, nil):
                parts[index].hashes.remove(at: place)
                parts[index].keys.remove(at: place)
                parts[index].values.remove(at: place)
                count -= 1
            case (nil, let value?):
                parts[index].hashes.append(hash)
                parts[index].keys.append(key)
                parts[index].values.append(value)
                count += 1
                if count > parts.count * Self.fullPart { divide() }
            }
        }
    }

    /// Twice as many parts.
    private mutating func divide() {
        var larger = [Part](repeating: Part(), count: parts.count * 2)
        for part in parts {
            for place in part.hashes.indices {
                let index = part.hashes[place] & (larger.count - 1)
                larger[index].hashes.append(part.hashes[place])
                larger[index].keys.append(part.keys[place])
                larger[index].values.append(part.values[place])
            }
        }
        parts = larger
    }
}

extension SharedMap: Collection {
    /// Where an entry lies, in a map that did not change since.
    public struct Index: Comparable, Sendable {
        fileprivate var part: Int
        fileprivate var place: Int

        public static func < (a: Self, b: Self) -> Bool { (a.part, a.place) < (b.part, b.place) }
    }

    public var startIndex: Index { settled(Index(part: 0, place: 0)) }

    public var endIndex: Index { Index(part: parts.count, place: 0) }

    public func index(after index: Index) -> Index { settled(Index(part: index.part, place: index.place + 1)) }

    public subscript(position: Index) -> (key: Key, value: Value) {
        (parts[position.part].keys[position.place], parts[position.part].values[position.place])
    }

    /// The next place that has an entry.
    private func settled(_ index: Index) -> Index {
        var index = index
        while index.part < parts.count, index.place >= parts[index.part].keys.count {
            index = Index(part: index.part + 1, place: 0)
        }
        return index
    }

    /// Each key, in no order; no value is copied for it.
    @inlinable public var keys: [Key] { parts.flatMap(\.keys) }

    /// Each value, in no order.
    public var values: some Collection<Value> { lazy.map(\.value) }
}
