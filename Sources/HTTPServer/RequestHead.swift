/// What a responder reads out of a head, kept for as long as a connection sends that head.
public protocol HeadReading: AnyObject, Sendable {}

/// A request's line and headers: the bytes as they came, and where in them the parts stand. Nothing becomes a
/// string before somebody asks. An object, as it is handed on with the request, and comes again on its connection.
public final class RequestHead: Sendable {
    let parts: HeadParts

    /// What the responder read out of this head when it came before on the connection.
    public let reading: (any HeadReading)?

    init(_ parts: HeadParts, reading: (any HeadReading)? = nil) {
        self.parts = parts
        self.reading = reading
    }

    /// Before anything came.
    static let none = RequestHead(HeadParts())

    /// This head with what was read out of it, as a connection puts it there.
    public func with(_ reading: (any HeadReading)?) -> RequestHead { RequestHead(parts, reading: reading) }

    /// How the body of a request is delimited.
    public enum Framing: Sendable, Equatable {
        /// There is none.
        case none
        /// By `Content-Length`, in bytes; more than 0.
        case length(Int)
        /// By chunks, whose sum is known at their end.
        case chunked
    }

    /// What is asked.
    public var method: HTTPMethod { parts.method }
    /// 1 for HTTP/1.1, 0 for HTTP/1.0.
    public var minorVersion: Int { parts.minorVersion }
    /// Whether the client wants to keep the connection.
    public var keepsAlive: Bool { parts.keepsAlive }
    /// How the body comes.
    public var framing: Framing { parts.framing }
    /// Whether the client waits for `100 Continue` before it sends the body.
    public var expectsContinue: Bool { parts.expectsContinue }

    /// The request target as sent.
    public var target: ArraySlice<UInt8> { parts.target }

    /// The path as sent: percent-encoded, without query; begins with `/` (or is `*` in `OPTIONS *`).
    public var rawPath: ArraySlice<UInt8> { parts.rawPath }

    /// The path, percent-decoded as a whole. An encoded slash looks like a plain one here: to tell them apart take
    /// ``pathSegments``.
    public var path: String {
        parts.isPercentEncoded
            ? String(decoding: PercentEncoding.decodedChecked(rawPath), as: UTF8.self)
            : String(decoding: rawPath, as: UTF8.self)
    }

    /// The segments between the path's slashes, each percent-decoded after the split: `/a/b%2Fc` is `["a", "b/c"]`,
    /// `/` is `[]`, `/a/` is `["a", ""]`.
    public var pathSegments: [String] {
        let path = rawPath.dropFirst()
        if path.isEmpty { return [] }
        return path.split(separator: ASCII.slash, omittingEmptySubsequences: false).map { segment in
            parts.isPercentEncoded
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
    public var rawQuery: ArraySlice<UInt8>? { parts.rawQuery }

    /// The query's `name=value` pairs, decoded, in order; a name without `=` has an empty value.
    public var queryItems: [(name: String, value: String)] {
        guard let query = rawQuery else { return [] }
        return PercentEncoding.formItems(query)
    }

    /// How many headers there are.
    public var headerCount: Int { parts.fields.count }

    /// All headers in order, names as sent.
    public var headers: [(name: String, value: String)] {
        parts.fields.map {
            (
                String(decoding: parts.bytes[Int($0.nameStart)..<Int($0.nameEnd)], as: UTF8.self),
                String(decoding: parts.value(of: $0), as: UTF8.self)
            )
        }
    }

    /// The value of the first header called `lowercaseName`, as bytes; costs no allocation.
    public func headerBytes(_ lowercaseName: StaticString) -> ArraySlice<UInt8>? { parts.headerBytes(lowercaseName) }

    /// The value of the first header called `lowercaseName`.
    public func header(_ lowercaseName: StaticString) -> String? {
        headerBytes(lowercaseName).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The values of all headers called `lowercaseName`, in order.
    public func headers(named lowercaseName: StaticString) -> [String] {
        parts.fields.filter { parts.name(of: $0, is: lowercaseName) }.map {
            String(decoding: parts.value(of: $0), as: UTF8.self)
        }
    }
}

/// A head as it is made: found by ``HeadScan``, checked and filled in by its own checks.
struct HeadParts: Sendable {
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
    var method = HTTPMethod.get
    var minorVersion = 1
    var keepsAlive = true
    var framing = RequestHead.Framing.none
    var expectsContinue = false

    var target: ArraySlice<UInt8> { bytes[targetRange] }

    var rawPath: ArraySlice<UInt8> { bytes[pathRange] }

    var rawQuery: ArraySlice<UInt8>? { queryRange.map { bytes[$0] } }

    func headerBytes(_ lowercaseName: StaticString) -> ArraySlice<UInt8>? {
        for field in fields where name(of: field, is: lowercaseName) { return value(of: field) }
        return nil
    }

    func name(of field: Field, is lowercaseName: StaticString) -> Bool {
        Int(field.nameEnd) - Int(field.nameStart) == lowercaseName.utf8CodeUnitCount
            && bytes[Int(field.nameStart)..<Int(field.nameEnd)].equalsIgnoringCase(lowercaseName)
    }

    func value(of field: Field) -> ArraySlice<UInt8> {
        bytes[Int(field.valueStart)..<Int(field.valueEnd)]
    }
}
