/// An answer. Framing, `Date`, `Connection` and compression are the server's business: `Content-Length`,
/// `Transfer-Encoding` and `Date` among the headers are left out, `Connection: close` is obeyed.
public struct Response: Sendable {
    /// The status, 200…599.
    public var status: Int
    /// Header lines in order. Control characters in values (a line break that came from outside) become spaces.
    public var headers: [(name: String, value: String)]
    /// Header lines made beforehand, each with its CR LF, written as they are. Answers that carry their
    /// `Content-Type` here are never compressed.
    public var rawHeaders: [UInt8]
    /// What follows the headers.
    public var body: ResponseBody
    /// Why it is what it is, in a sentence for whoever keeps the log; never sent.
    public var remark: String?

    /// An answer of its parts.
    public init(
        status: Int, headers: [(name: String, value: String)] = [], rawHeaders: [UInt8] = [],
        body: ResponseBody = .empty
    ) {
        self.status = status
        self.headers = headers
        self.rawHeaders = rawHeaders
        self.body = body
    }

    /// An answer with a body of bytes and its type.
    public init(status: Int, contentType: String, body: [UInt8]) {
        self.init(status: status, headers: [("Content-Type", contentType)], body: .bytes(body))
    }
}

/// What an answer carries.
public enum ResponseBody: Sendable {
    /// Nothing; its length is said to be 0.
    case empty
    /// All of it.
    case bytes([UInt8])
    /// All of it, which others get as well.
    case shared(SharedBody)
    /// What the closure writes, as it writes it; chunked for HTTP/1.1. It runs on the connection's loop. If it
    /// throws, the connection is cut, so that the client sees the answer is not whole. Not run for HEAD.
    case stream(@Sendable (ResponseWriter) async throws -> Void)
    /// A WebSocket from here on, as ``WebSocketHandshake`` grants it.
    case webSocket(any WebSocketEndpoint)
}
