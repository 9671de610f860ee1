internal import Glibc
/// A value inside a `JSONDocument`: cheap to copy, safe to keep, read on demand.
public struct JSONNode: Sendable {
    /// What it is a part of.
    public let document: JSONDocument
    let index: Int

    /// What a value is. Numbers written without fraction and exponent are integers and exact.
    public enum Kind: Sendable {
        /// `null`.
        case null
        /// `true` or `false`.
        case bool
        /// An integer that fits `Int64`.
        case integer
        /// An integer above `Int64.max` that fits `UInt64`.
        case unsigned
        /// A number with a fraction or an exponent, `5.0` among them.
        case double
        /// A string.
        case string
        /// An array.
        case array
        /// An object.
        case object
    }

    /// Where it stands in its document; never 0. See ``JSONDocument/subscript(place:)``.
    public var place: Int { index }

    private var letter: UInt8 { document.letter(at: index) }
    private var word: UInt64 { document.tape[index + 1] }

    /// The index after this value.
    var end: Int { document.end(of: index) }

    /// What this value is.
    public var kind: Kind {
        switch letter {
        case UInt8(ascii: "n"): .null
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "l"): .integer
        case UInt8(ascii: "u"): .unsigned
        case UInt8(ascii: "d"): .double
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "["): .array
        default: .object
        }
    }

    /// Whether this is `null`.
    public var isNull: Bool { letter == UInt8(ascii: "n") }

    /// The truth value, or nil if this is not one.
    public var bool: Bool? {
        switch letter {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: nil
        }
    }

    /// The integer, exact; nil for anything else, also for `5.0` and for what is above `Int64.max`.
    public var int64: Int64? {
        letter == UInt8(ascii: "l") ? Int64(bitPattern: word) : nil
    }

    /// The integer if it is not negative, exact; nil for anything else.
    public var uint64: UInt64? {
        switch letter {
        case UInt8(ascii: "u"): word
        case UInt8(ascii: "l"): UInt64(exactly: Int64(bitPattern: word))
        default: nil
        }
    }

    /// The number as a double: the nearest one, if it is an integer beyond 2⁵³. Always finite.
    public var double: Double? {
        switch letter {
        case UInt8(ascii: "d"): Double(bitPattern: word)
        case UInt8(ascii: "l"): Double(Int64(bitPattern: word))
        case UInt8(ascii: "u"): Double(word)
        default: nil
        }
    }

    /// The string, or nil if this is not one.
    public var string: String? {
        guard letter == UInt8(ascii: "\"") else { return nil }
        let range = document.stringRange(at: index)
        return unsafe document.strings.withUnsafeBufferPointer { strings in
            unsafe String(decoding: UnsafeBufferPointer(rebasing: strings[range]), as: UTF8.self)
        }
    }

    /// The string's bytes, unescaped, without making a `String`; nil if this is not one.
    public var utf8: ArraySlice<UInt8>? {
        letter == UInt8(ascii: "\"") ? stringBytes : nil
    }

    /// Precondition: this is a string.
    var stringBytes: ArraySlice<UInt8> { document.strings[document.stringRange(at: index)] }

    /// Whether this is the string `text`, decided on bytes.
    public func isString(_ text: StaticString) -> Bool {
        guard let utf8 else { return false }
        return text.matches(utf8)
    }

    /// The elements, or nil if this is not an array.
    public var elements: JSONElements? {
        letter == UInt8(ascii: "[") ? JSONElements(array: self) : nil
    }

    /// The members as written, or nil if this is not an object.
    public var members: JSONMembers? {
        letter == UInt8(ascii: "{") ? JSONMembers(object: self) : nil
    }

    /// The value of the first member called `key`; nil if there is none or this is not an object.
    ///
    /// Looks at the members one by one: to read more than a few, iterate over `members`.
    public subscript(key: String) -> JSONNode? {
        guard let members else { return nil }
        for member in members where member.keyUTF8.elementsEqual(key.utf8) {
            return member.value
        }
        return nil
    }

    /// The element at `position`, from zero; nil if there is none or this is not an array.
    public subscript(position: Int) -> JSONNode? {
        guard position >= 0, let elements else { return nil }
        return elements.dropFirst(position).first { _ in true }
    }

    /// A key this object has twice, or nil. Looks at this object alone, not at those inside.
    public var firstDuplicateKey: String? {
        guard let members else { return nil }
        var few: [ArraySlice<UInt8>] = []
        var many: Set<ArraySlice<UInt8>> = []
        for member in members {
            let key = member.keyUTF8
            // Most objects are small, and there comparing lengths beats hashing.
            if few.count < 16 {
                if few.contains(key) { return member.key }
                few.append(key)
            } else {
                if many.isEmpty { many.formUnion(few) }
                if !many.insert(key).inserted { return member.key }
            }
        }
        return nil
    }

    /// Refuses a value in which any object, at any depth, says a key twice.
    ///
    /// - Parameter pointer: where this value stands in its document, for the error.
    /// - Throws: `JSONError.duplicateKey`.
    public func requireUniqueKeys(at pointer: JSONPointer = JSONPointer()) throws(JSONError) {
        if let elements {
            var position = 0
            for element in elements {
                if element.isContainer { try element.requireUniqueKeys(at: pointer.appending(position)) }
                position += 1
            }
        } else if let members {
            if let name = firstDuplicateKey {
                throw .duplicateKey(name: name, pointer: pointer.appending(name).description)
            }
            for member in members where member.value.isContainer {
                try member.value.requireUniqueKeys(at: pointer.appending(member.key))
            }
        }
    }

    private var isContainer: Bool { letter == UInt8(ascii: "[") || letter == UInt8(ascii: "{") }
}

/// The elements of an array, in order.
public struct JSONElements: Sequence, Sendable {
    let array: JSONNode

    /// Begins at the first element.
    public func makeIterator() -> Iterator {
        Iterator(document: array.document, index: array.index + 1, end: array.end - 1)
    }

    /// Walks the elements.
    public struct Iterator: IteratorProtocol, Sendable {
        let document: JSONDocument
        var index: Int
        let end: Int

        /// The next element, nil after the last.
        public mutating func next() -> JSONNode? {
            guard index < end else { return nil }
            let node = JSONNode(document: document, index: index)
            index = node.end
            return node
        }
    }
}

/// The members of an object, in the order they were written.
public struct JSONMembers: Sequence, Sendable {
    let object: JSONNode

    /// Begins at the first member.
    public func makeIterator() -> Iterator {
        Iterator(elements: JSONElements(array: object).makeIterator())
    }

    /// Walks the members.
    public struct Iterator: IteratorProtocol, Sendable {
        var elements: JSONElements.Iterator

        /// The next member, nil after the last.
        public mutating func next() -> JSONMember? {
            guard let name = elements.next(), let value = elements.next() else { return nil }
            return JSONMember(name: name, value: value)
        }
    }
}

/// A key and its value.
public struct JSONMember: Sendable {
    let name: JSONNode
    /// The member's value.
    public let value: JSONNode

    /// The key.
    public var key: String { String(decoding: keyUTF8, as: UTF8.self) }
    /// The key's bytes, without making a `String`.
    public var keyUTF8: ArraySlice<UInt8> { name.stringBytes }
    /// Whether the key is `text`, decided on bytes.
    public func isNamed(_ text: StaticString) -> Bool { name.document.isString(text, at: name.index) }
}

extension StaticString {
    /// Whether these are the bytes of this text.
    public func matches(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count == utf8CodeUnitCount else { return false }
        return unsafe bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return true }
            return unsafe memcmp(start, utf8Start, bytes.count) == 0
        }
    }

    /// Whether both are of the same bytes; neither is a single scalar.
    public func hasSameBytes(as other: StaticString) -> Bool {
        guard utf8CodeUnitCount == other.utf8CodeUnitCount else { return false }
        return unsafe memcmp(utf8Start, other.utf8Start, utf8CodeUnitCount) == 0
    }
}
