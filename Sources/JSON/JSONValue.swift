/// A JSON value as a tree, for what is kept, compared or changed; hot paths read `JSONNode`.
public enum JSONValue: Sendable, Equatable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// An integer that fits `Int64`.
    case integer(Int64)
    /// An integer above `Int64.max`.
    case unsigned(UInt64)
    /// A number with a fraction or an exponent; finite.
    case double(Double)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)

    /// Parses `bytes` as one JSON text.
    ///
    /// - Throws: `JSONError`; `duplicateKey` if an object says a key twice.
    public init(parsing bytes: [UInt8], maximumDepth: Int = 64) throws(JSONError) {
        try self.init(JSONDocument(parsing: bytes, maximumDepth: maximumDepth).root)
    }

    /// Copies `node` and all beneath it.
    ///
    /// - Parameter pointer: where the node stands in its document, for the error.
    /// - Throws: `JSONError.duplicateKey`.
    public init(_ node: JSONNode, at pointer: JSONPointer = JSONPointer()) throws(JSONError) {
        try node.requireUniqueKeys(at: pointer)
        self.init(copying: node)
    }

    /// Precondition: no object in `node` says a key twice.
    private init(copying node: JSONNode) {
        switch node.kind {
        case .null: self = .null
        case .bool: self = .bool(node.bool ?? false)
        case .integer: self = .integer(node.int64 ?? 0)
        case .unsigned: self = .unsigned(node.uint64 ?? 0)
        case .double: self = .double(node.double ?? 0)
        case .string: self = .string(node.string ?? "")
        case .array: self = .array((node.elements.map(Array.init) ?? []).map(JSONValue.init(copying:)))
        case .object:
            self = .object(
                JSONObject(
                    unique: (node.members.map(Array.init) ?? []).map {
                        JSONObject.Member(key: $0.key, value: JSONValue(copying: $0.value))
                    }))
        }
    }

    /// This value changed by `patch` as RFC 7396 (JSON Merge Patch) defines: null removes a member,
    /// objects are merged, all else replaces.
    public func merging(patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var result = JSONObject()
        if case .object(let own) = self { result = own }
        result.merge(patch: changes)
        return .object(result)
    }

    /// The value as compact JSON.
    public func serialized() -> [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }

    /// The value as JSON for people: two spaces a level, `": "` after a key, a newline at the end.
    public func pretty() -> [UInt8] {
        var writer = JSONWriter(layout: .pretty)
        writer.value(self)
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}

extension JSONValue {
    /// The value of member `key`; nil if there is none or this is not an object.
    public subscript(key: String) -> JSONValue? {
        if case .object(let object) = self { object[key] } else { nil }
    }

    /// The string, or nil.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The integer that fits `Int64`, or nil.
    public var int64: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The truth value, or nil.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The number as a double, integers too; nil if this is not a number.
    public var double: Double? {
        switch self {
        case .double(let value): value
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        default: nil
        }
    }

    /// The elements, or nil.
    public var array: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The object, or nil.
    public var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// `null`.
    public init(nilLiteral: ()) { self = .null }
    /// `true` or `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A double.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object; the keys differ.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
}
