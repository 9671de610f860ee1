/// What a responder reads out of a head, kept for as long as a connection sends that head.
public protocol HeadReading: AnyObject, Sendable {}

/// A request's line and headers: the bytes as they came, and where in them the parts stand. Nothing becomes a
/// string before somebody asks.
public struct RequestHead: Sendable {
    struct Field: Sendable {
        var nameStart: UInt16
        var nameEnd: UInt16
        var valueStart: UInt16
        var valueEnd: UInt16
    }

    /// The head from the request line to the empty line.
    var bytes: [UInt8] = []
    var fields: [Field] = []
    /// The target as sent, within `bytes`.
    var targetRange: Range<Int> = 0..<0
    /// The path within `bytes`, without query (and without scheme and authority), still percent-encoded.
    var pathRange: Range<Int> = 0..<0
    /// The query within `bytes`, nil without a question mark.
    var queryRange: Range<Int>?
    /// Whether path or query contain a percent sign.
    var isPercentEncoded = false

    /// What is asked.
    public internal(set) var method = HTTPMethod.get
    /// 1 for HTTP/1.1, 0 for HTTP/1.0.
    public internal(set) var minorVersion = 1
    /// Whether the client wants to keep the connection.
    public internal(set) var keepsAlive = true
    /// How the body comes.
    public internal(set) var framing = Framing.none
    /// Whether the client waits for `100 Continue` before it sends the body.
    public internal(set) var expectsContinue = false

    /// What the responder read out of this head when it came before on the connection; the connection puts it here.
    public var reading: (any HeadReading)?

    /// How the body of a request is delimited.
    public enum Framing: Sendable, Equatable {
        /// There is none.
        case none
        /// By `Content-Length`, in bytes; more than 0.
        case length(Int)
        /// By chunks, whose sum is known at their end.
        case chunked
    }

    init() {}

    /// The request target as sent.
    public var target: ArraySlice<UInt8> { bytes[targetRange] }

    /// The path as sent: percent-encoded, without query; begins with `/` (or is `*` in `OPTIONS *`).
    public var rawPath: ArraySlice<UInt8> { bytes[pathRange] }

    /// The path, percent-decoded as a whole. An encoded slash looks like a plain one here: to tell them apart take
    /// ``pathSegments``.
    public var path: String {
        isPercentEncoded
            ? String(decoding: PercentEncoding.decodedChecked(rawPath), as: UTF8.self)
            : String(decoding: rawPath, as: UTF8.self)
    }

    /// The segments between the path's slashes, each percent-decoded after the split: `/a/b%2Fc` is `["a", "b/c"]`,
    /// `/` is `[]`, `/a/` is `["a", ""]`.
    public var pathSegments: [String] {
        let path = rawPath.dropFirst()
        if path.isEmpty { return [] }
        return path.split(separator: ASCII.slash, omittingEmptySubsequences: false).map { segment in
            isPercentEncoded
                ? String(decoding: PercentEncoding.decodedChecked(segment), as: UTF8.self)
                : String(decoding: segment, as: UTF8.self)
        }
    }

    /// Whether the path as sent is exactly `path`; costs no allocation.
    public func pathIs(_ path: StaticString) -> Bool {
        let raw = rawPath
        guard raw.count == path.utf8CodeUnitCount else { return false }
        var expected = unsafe path.utf8Start
        for byte in raw {
            guard unsafe byte == expected.pointee else { return false }
            unsafe expected += 1
        }
        return true
    }

    /// The query as sent, without its question mark; nil where there is none.
    public var rawQuery: ArraySlice<UInt8>? { queryRange.map { bytes[$0] } }

    /// The query's `name=value` pairs, decoded, in order; a name without `=` has an empty value.
    public var queryItems: [(name: String, value: String)] {
        guard let query = rawQuery else { return [] }
        return PercentEncoding.formItems(query)
    }

    /// How many headers there are.
    public var headerCount: Int { fields.count }

    /// All headers in order, names as sent.
    public var headers: [(name: String, value: String)] {
        fields.map {
            (
                String(decoding: bytes[Int($0.nameStart)..<Int($0.nameEnd)], as: UTF8.self),
                String(decoding: value(of: $0), as: UTF8.self)
            )
        }
    }

    /// The value of the first header called `lowercaseName`, as bytes; costs no allocation.
    public func headerBytes(_ lowercaseName: StaticString) -> ArraySlice<UInt8>? {
        for field in fields where name(of: field, is: lowercaseName) { return value(of: field) }
        return nil
    }

    /// The value of the first header called `lowercaseName`.
    public func header(_ lowercaseName: StaticString) -> String? {
        headerBytes(lowercaseName).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The values of all headers called `lowercaseName`, in order.
    public func headers(named lowercaseName: StaticString) -> [String] {
        fields.filter { name(of: $0, is: lowercaseName) }.map { String(decoding: value(of: $0), as: UTF8.self) }
    }

    func name(of field: Field, is lowercaseName: StaticString) -> Bool {
        Int(field.nameEnd) - Int(field.nameStart) == lowercaseName.utf8CodeUnitCount
            && bytes[Int(field.nameStart)..<Int(field.nameEnd)].equalsIgnoringCase(lowercaseName)
    }

    func value(of field: Field) -> ArraySlice<UInt8> {
        bytes[Int(field.valueStart)..<Int(field.valueEnd)]
    }

    /// Forgets the request but keeps its room, where nobody else holds it.
    mutating func reset() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= 2048)
        fields.removeAll(keepingCapacity: true)
        targetRange = 0..<0
        pathRange = 0..<0
        queryRange = nil
        isPercentEncoded = false
        method = .get
        minorVersion = 1
        keepsAlive = true
        framing = .none
        expectsContinue = false
        reading = nil
    }
}
