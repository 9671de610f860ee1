/// What is known of a shopper or a request, by name, and what a condition is compared with: JSON
/// without a JSON library.
public enum AttributeValue: Sendable, Hashable {
    /// JSON's null; a missing attribute reads as this.
    case null
    /// True or false.
    case bool(Bool)
    /// A number, as JavaScript has them.
    case number(Double)
    /// Text.
    case string(String)
    /// An ordered list.
    case list([AttributeValue])
    /// Named values, without order.
    case object([String: AttributeValue])
}

/// Attributes by name, for example `["country": .string("DE"), "visits": .number(3)]`.
public typealias Attributes = [String: AttributeValue]

extension AttributeValue {
    /// The value at a dotted path already split, null where there is none. Lists are entered by
    /// position ("tags.0") and have a `length`, as in the reference SDK.
    func value(at path: [String]) -> AttributeValue {
        var current = self
        for name in path {
            switch current {
            case .object(let members):
                guard let member = members[name] else { return .null }
                current = member
            case .list(let elements):
                if name == "length" {
                    current = .number(Double(elements.count))
                } else if let index = Int(name), elements.indices.contains(index) {
                    current = elements[index]
                } else {
                    return .null
                }
            default:
                return .null
            }
        }
        return current
    }

    /// Equality of JSON texts: strings by their code points, where Swift's `==` takes canonically
    /// equivalent spellings for one; members in any order.
    func isSame(as other: AttributeValue) -> Bool {
        switch (self, other) {
        case (.list(let mine), .list(let theirs)):
            return mine.elementsEqual(theirs) { $0.isSame(as: $1) }
        case (.object(let mine), .object(let theirs)):
            return mine.count == theirs.count
                && mine.allSatisfy { name, value in theirs[name].map { value.isSame(as: $0) } ?? false }
        default:
            return isIdentical(to: other)
        }
    }

    /// JavaScript's `===`: same type, same value; lists and objects are never identical to another.
    func isIdentical(to other: AttributeValue) -> Bool {
        switch (self, other) {
        case (.null, .null): true
        case (.bool(let mine), .bool(let theirs)): mine == theirs
        case (.number(let mine), .number(let theirs)): mine == theirs
        case (.string(let mine), .string(let theirs)): mine.utf8.elementsEqual(theirs.utf8)
        default: false
        }
    }

    /// JavaScript's truth: everything but null, false, 0, NaN and the empty string.
    var isTruthy: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .number(let value): !(value == 0 || value.isNaN)
        case .string(let value): !value.isEmpty
        case .list, .object: true
        }
    }

    /// JavaScript's `typeof`, with null and array told apart: what `$type` compares.
    var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .list: "array"
        case .object: "object"
        }
    }

    /// JavaScript's conversion to a string, as in `value + ""`; also how an id that is a number is
    /// hashed.
    public var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let value): ScriptNumber.text(of: value)
        case .string(let value): value
        case .list(let elements): elements.map { $0 == .null ? "" : $0.text }.joined(separator: ",")
        case .object: "[object Object]"
        }
    }

    /// JavaScript's conversion to a number, as in `value * 1`: null is 0, what is no number is NaN.
    var numericValue: Double {
        switch self {
        case .null: 0
        case .bool(let value): value ? 1 : 0
        case .number(let value): value
        case .string(let value): ScriptNumber.value(of: value)
        case .list: ScriptNumber.value(of: text)
        case .object: .nan
        }
    }

    /// JavaScript's `<`, `>` and so on: two texts by UTF-16 code units, everything else as numbers;
    /// false whenever one side is no number.
    func compares(to other: AttributeValue, _ relation: Condition.Relation) -> Bool {
        if let mine = textIfPrimitive, let theirs = other.textIfPrimitive {
            if mine.utf16.elementsEqual(theirs.utf16) { return relation.holdsForEqual }
            return relation.holds(ascending: mine.utf16.lexicographicallyPrecedes(theirs.utf16))
        }
        let (mine, theirs) = (numericValue, other.numericValue)
        if mine.isNaN || theirs.isNaN { return false }
        if mine == theirs { return relation.holdsForEqual }
        return relation.holds(ascending: mine < theirs)
    }

    /// A string's, list's or object's primitive form is text; null, truth and numbers have none.
    private var textIfPrimitive: String? {
        switch self {
        case .string, .list, .object: text
        case .null, .bool, .number: nil
        }
    }
}
