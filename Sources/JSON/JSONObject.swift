/// The members of an object: keys differ, order is kept and counts for equality.
public struct JSONObject: Sendable, Equatable {
    /// A key and its value.
    public struct Member: Sendable, Equatable {
        /// The key.
        public let key: String
        /// The value.
        public var value: JSONValue

        /// Pairs `key` and `value`.
        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// The members, in order.
    public private(set) var members: [Member]

    /// An object without members.
    public init() {
        members = []
    }

    /// An object of `pairs`; a key given twice is a bug of the caller's.
    public init(_ pairs: [(String, JSONValue)]) {
        precondition(Set(pairs.map(\.0)).count == pairs.count, "a key is given twice")
        members = pairs.map { Member(key: $0.0, value: $0.1) }
    }

    /// Precondition: the keys of `members` differ.
    init(unique members: [Member]) {
        self.members = members
    }

    /// How many members there are.
    public var count: Int { members.count }
    /// Whether there are none.
    public var isEmpty: Bool { members.isEmpty }
    /// The keys, in order.
    public var keys: [String] { members.map(\.key) }

    /// The value of `key`. Setting keeps the place of a key that is there, appends one that is not;
    /// setting nil removes it (`JSONValue.null` is a value).
    public subscript(key: String) -> JSONValue? {
        get { members.first { $0.key == key }?.value }
        set {
            let place = members.firstIndex { $0.key == key }
            switch (place, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// RFC 7396, in time linear in both objects.
    mutating func merge(patch: JSONObject) {
        var places: [String: Int] = [:]
        for (place, member) in members.enumerated() { places[member.key] = place }
        var removed: Set<String> = []
        for change in patch.members {
            switch (places[change.key], change.value) {
            case (.some, .null): removed.insert(change.key)
            case (nil, .null): break
            case (let place?, let value): members[place].value = members[place].value.merging(patch: value)
            case (nil, let value):
                members.append(Member(key: change.key, value: JSONValue.null.merging(patch: value)))
            }
        }
        if !removed.isEmpty { members.removeAll { removed.contains($0.key) } }
    }
}
