/// Why bytes are not the JSON that was asked for.
///
/// Offsets count bytes from the start of what was handed to the parser.
public enum JSONError: Error, Equatable, Sendable {
    /// Nothing but white space.
    case empty
    /// More nested arrays and objects than `maximum`.
    case tooDeep(maximum: Int)
    /// A byte that cannot stand there in UTF-8.
    case invalidUTF8(offset: Int)
    /// A well-formed number beyond 64 bits, or beyond the range of a double.
    case numberOutOfRange(offset: Int)
    /// Not JSON (RFC 8259); `reason` says what was expected or found.
    case malformed(reason: String, offset: Int?)
    /// An object says `name` twice; `pointer` (RFC 6901) leads to that member.
    case duplicateKey(name: String, pointer: String)
    /// Four gigabytes or more.
    case tooLarge
    /// The parser found no memory.
    case outOfMemory
}

extension JSONError: CustomStringConvertible {
    /// One sentence a caller of an API can act on.
    public var description: String {
        switch self {
        case .empty: "the body is empty where JSON was expected"
        case .tooDeep(let maximum): "JSON is nested deeper than \(maximum) levels"
        case .invalidUTF8(let offset): "invalid UTF-8 at byte \(offset)"
        case .numberOutOfRange(let offset): "the number at byte \(offset) is out of range"
        case .malformed(let reason, let offset?): "malformed JSON at byte \(offset): \(reason)"
        case .malformed(let reason, nil): "malformed JSON: \(reason)"
        case .duplicateKey(let name, let pointer): "the key \"\(name)\" appears twice (\(pointer))"
        case .tooLarge: "JSON of four gigabytes or more is not read"
        case .outOfMemory: "no memory to parse JSON"
        }
    }
}
