/// A request to another server.
public struct HTTPRequest: Sendable {
    public var method: String
    /// `http` or `https`; nothing else is opened.
    public var url: String
    public var headers: [(name: String, value: String)]
    /// Sent where it is not empty, and always with POST, PUT and PATCH.
    public var body: [UInt8]
    /// How long it may take until there is a connection.
    public var connectTimeout: Duration
    /// How long all of it may take, the body's last byte included.
    public var timeout: Duration
    /// Bytes of a reply's body at most.
    public var largestBody: Int

    public init(
        _ method: String, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        connectTimeout: Duration = .seconds(2), timeout: Duration = .seconds(30), largestBody: Int = 8 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.connectTimeout = connectTimeout
        self.timeout = timeout
        self.largestBody = largestBody
    }

    /// Whether nothing in it can end a line of its head before we do.
    var isWellFormed: Bool {
        func isToken(_ text: String) -> Bool {
            !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }
        }
        func isLine(_ text: String) -> Bool { text.utf8.allSatisfy { $0 == 9 || ($0 >= 0x20 && $0 != 0x7f) } }
        return isToken(method) && isLine(url) && headers.allSatisfy { isToken($0.name) && isLine($0.value) }
    }
}

/// A whole reply.
public struct HTTPReply: Sendable {
    public let head: HTTPReplyHead
    public let body: [UInt8]

    public var status: Int { head.status }
    public func header(_ name: String) -> String? { head.header(name) }
}

/// What stands before a reply's body.
public struct HTTPReplyHead: Sendable {
    public internal(set) var status: Int
    /// In the order they came, names in lower case.
    public internal(set) var headers: [(name: String, value: String)] = []

    /// The first of this name, given in lower case.
    public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// Why there is no whole reply.
public enum HTTPClientError: Error, Sendable, Equatable {
    /// The address, the method or a header cannot be sent.
    case invalid(String)
    /// There was no connection: nothing was sent.
    case unreachable(String)
    /// The other side is not who it should be: nothing was sent.
    case untrusted(String)
    case timedOut
    /// The connection ended before the reply did.
    case cutOff(String)
    case tooLarge
    case canceled
}
