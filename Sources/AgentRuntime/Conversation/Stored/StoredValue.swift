internal import Experiments
internal import JSON

/// A value as it stands in a document of a conversation.
///
/// The form is that of the type's `Codable` conformance with sorted keys, byte by byte, which `StoredFormTests` holds. It
/// is read and written by hand because every message does both: Foundation's coders took a fifth of what a message costs.
protocol StoredValue {
    init(stored node: JSONNode) throws(StoredFault)
    func store(into writer: inout JSONWriter)
}

/// A value that is an object.
protocol StoredObject: StoredValue {
    /// Writes its members, in alphabetical order.
    func storeMembers(into writer: inout JSONWriter)
}

extension StoredObject {
    func store(into writer: inout JSONWriter) {
        writer.beginObject()
        storeMembers(into: &writer)
        writer.endObject()
    }
}

/// Why a stored document cannot be read.
struct StoredFault: Error {
    let detail: String

    init(_ detail: String) { self.detail = detail }
}

extension JSONNode {
    /// A member that has to be there.
    func value<Value: StoredValue>(_ name: StaticString) throws(StoredFault) -> Value {
        guard let value: Value = try optional(name) else { throw StoredFault("\(name) is missing") }
        return value
    }

    /// A member that may be missing, or null.
    func optional<Value: StoredValue>(_ name: StaticString) throws(StoredFault) -> Value? {
        guard let members else { throw StoredFault("\(name) is asked of what is no object") }
        for member in members where member.isNamed(name) {
            return member.value.isNull ? nil : try Value(stored: member.value)
        }
        return nil
    }
}

extension JSONWriter {
    /// A member; keys stand in alphabetical order.
    mutating func member(_ name: StaticString, _ value: some StoredValue) {
        key(name)
        value.store(into: &self)
    }

    /// A member that is left out where there is nothing.
    mutating func member(_ name: StaticString, _ value: (some StoredValue)?) {
        if let value { member(name, value) }
    }
}

// MARK: - Plain values

extension String: StoredValue {
    init(stored node: JSONNode) throws(StoredFault) {
        guard let text = node.string else { throw StoredFault("a text is none") }
        self = text
    }

    func store(into writer: inout JSONWriter) { writer.string(self) }
}

extension Bool: StoredValue {
    init(stored node: JSONNode) throws(StoredFault) {
        guard let flag = node.bool else { throw StoredFault("a yes or no is neither") }
        self = flag
    }

    func store(into writer: inout JSONWriter) { writer.bool(self) }
}

extension StoredValue where Self: FixedWidthInteger {
    init(stored node: JSONNode) throws(StoredFault) {
        guard let number = node.int64.flatMap({ Self(exactly: $0) }) ?? node.uint64.flatMap({ Self(exactly: $0) })
        else { throw StoredFault("a number is none, or out of range") }
        self = number
    }

    func store(into writer: inout JSONWriter) {
        if let small = Int64(exactly: self) { writer.int(small) } else { writer.int(UInt64(clamping: self)) }
    }
}

extension Int: StoredValue {}
extension Int64: StoredValue {}
extension UInt64: StoredValue {}
extension UInt8: StoredValue {}

extension StoredValue where Self: RawRepresentable, RawValue == String {
    init(stored node: JSONNode) throws(StoredFault) {
        let text = try String(stored: node)
        guard let value = Self(rawValue: text) else { throw StoredFault("\(Self.self) knows no \(text.prefix(40))") }
        self = value
    }

    func store(into writer: inout JSONWriter) { writer.string(rawValue) }
}

extension Array: StoredValue where Element: StoredValue {
    init(stored node: JSONNode) throws(StoredFault) {
        guard let elements = node.elements else { throw StoredFault("a list is none") }
        self = []
        for element in elements { append(try Element(stored: element)) }
    }

    func store(into writer: inout JSONWriter) {
        writer.beginArray()
        for element in self { element.store(into: &writer) }
        writer.endArray()
    }
}

extension Dictionary: StoredValue where Key == String, Value: StoredValue {
    init(stored node: JSONNode) throws(StoredFault) {
        guard let members = node.members else { throw StoredFault("names with values are none") }
        self = [:]
        for member in members { self[member.key] = try Value(stored: member.value) }
    }

    func store(into writer: inout JSONWriter) {
        writer.beginObject()
        for (name, value) in sorted(by: { $0.key < $1.key }) {
            writer.key(dynamic: name)
            value.store(into: &writer)
        }
        writer.endObject()
    }
}

// MARK: - Values of the domain

extension Identifier: StoredValue {
    init(stored node: JSONNode) throws(StoredFault) {
        let text = try String(stored: node)
        guard let id = Self(text) else { throw StoredFault("\(text.prefix(80)) is no identifier") }
        self = id
    }

    func store(into writer: inout JSONWriter) { writer.string(description) }
}

extension TenantKey: StoredValue {
    init(stored node: JSONNode) throws(StoredFault) {
        guard let key = TenantKey(try String(stored: node)) else { throw StoredFault("a key is none") }
        self = key
    }

    func store(into writer: inout JSONWriter) { writer.string(text) }
}

extension Timestamp: StoredValue {
    init(stored node: JSONNode) throws(StoredFault) { self.init(milliseconds: try Int64(stored: node)) }

    func store(into writer: inout JSONWriter) { writer.int(milliseconds) }
}

extension Money: StoredObject {
    init(stored node: JSONNode) throws(StoredFault) {
        let code: String = try node.value("currency")
        guard let currency = Currency(code) else { throw StoredFault("\(code.prefix(8)) is no currency") }
        self.init(amount: try node.value("amount"), currency: currency)
    }

    func storeMembers(into writer: inout JSONWriter) {
        writer.member("amount", amount)
        writer.member("currency", currency.code)
    }
}

extension AttributeValue: StoredValue {
    init(stored node: JSONNode) throws(StoredFault) {
        switch node.kind {
        case .null: self = .null
        case .bool: self = .bool(try Bool(stored: node))
        case .integer, .unsigned, .double:
            guard let number = node.double else { throw StoredFault("a number is none") }
            self = .number(number)
        case .string: self = .string(try String(stored: node))
        case .array: self = .list(try [AttributeValue](stored: node))
        case .object: self = .object(try [String: AttributeValue](stored: node))
        }
    }

    func store(into writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let flag): writer.bool(flag)
        case .number(let number): writer.double(number)
        case .string(let text): writer.string(text)
        case .list(let values): values.store(into: &writer)
        case .object(let members): members.store(into: &writer)
        }
    }
}

extension PriceDisclosure.Basis: StoredValue {}

extension PriceDisclosure: StoredObject {
    init(stored node: JSONNode) throws(StoredFault) {
        self.init(
            basis: try node.value("basis"), text: try node.value("text"), jurisdiction: try node.value("jurisdiction"))
    }

    func storeMembers(into writer: inout JSONWriter) {
        writer.member("basis", basis)
        writer.member("jurisdiction", jurisdiction)
        writer.member("text", text)
    }
}
