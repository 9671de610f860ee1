/// Asks other servers, on libcurl: connections are kept and used again, HTTP/2 is spoken where the other side can, and
/// redirections are not followed. All transfers run on one thread of their own, which ends with the client.
public final class HTTPClient: Sendable {
    private let engine: Engine

    /// - Parameters:
    ///   - trust: the path of a file with certificates to trust, as PEM; nil for those of the system.
    ///   - mostConnections: open at one time; more requests wait for one.
    public init(userAgent: String = "cournot", trust: String? = nil, mostConnections: Int = 256)
        throws(HTTPClientError)
    {
        engine = try Engine(userAgent: userAgent, trust: trust, mostConnections: mostConnections)
    }

    deinit { engine.stop() }

    /// Asks, and waits for the whole reply.
    public func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPReply {
        let stream = try await open(request)
        var body: [UInt8] = []
        while let piece = try await stream.next() { body += piece }
        return HTTPReply(head: stream.head, body: body)
    }

    /// Asks, and waits for the reply's head; its body is read from the stream as it comes.
    public func open(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPStream {
        guard request.isWellFormed else { throw .invalid("A line break or a space stands where none may.") }
        let transfer = Transfer(request, engine)
        engine.begin(transfer)
        return HTTPStream(head: try await transfer.head(), transfer, of: self)
    }
}

/// A reply whose body is read as it comes. Whoever lets go of it before its end ends the transfer.
public final class HTTPStream: Sendable {
    public let head: HTTPReplyHead
    private let transfer: Transfer
    private let client: HTTPClient

    init(head: HTTPReplyHead, _ transfer: Transfer, of client: HTTPClient) {
        self.head = head
        self.transfer = transfer
        self.client = client
    }

    deinit { transfer.cancel() }

    /// What came since it was asked last, at least a byte; nil at the body's end. One reader at a time.
    public func next() async throws(HTTPClientError) -> [UInt8]? { try await transfer.next() }
}
