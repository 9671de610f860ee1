/// A whole request.
@dynamicMemberLookup
public struct Request: Sendable {
    /// Line and headers.
    public let head: RequestHead
    /// The body, empty where there is none.
    public let body: [UInt8]
    /// Who sent it, as the kernel says; a proxy's address where one stands in front.
    public let remoteAddress: RemoteAddress

    /// A request, as a connection or a test makes it.
    public init(head: RequestHead, body: [UInt8], remoteAddress: RemoteAddress) {
        self.head = head
        self.body = body
        self.remoteAddress = remoteAddress
    }

    /// Reads a part of the head: `request.method`, `request.path`, `request.queryItems`.
    public subscript<Value>(dynamicMember path: KeyPath<RequestHead, Value>) -> Value {
        head[keyPath: path]
    }

    /// What is asked.
    public var method: HTTPMethod { head.method }

    /// The percent-decoded path; see ``RequestHead/path``.
    public var path: String { head.path }

    /// The value of the first header called `lowercaseName`.
    public func header(_ lowercaseName: StaticString) -> String? { head.header(lowercaseName) }

    /// The value of the first header called `lowercaseName`, without allocation.
    public func headerBytes(_ lowercaseName: StaticString) -> ArraySlice<UInt8>? { head.headerBytes(lowercaseName) }

    /// Whether the path as sent is exactly `path`; costs no allocation.
    public func pathIs(_ path: StaticString) -> Bool { head.pathIs(path) }

    /// A request from its text, for tests of what answers requests: parsed as a connection would.
    ///
    /// - Parameter text: a whole request, with its empty line.
    /// - Throws: why the server would refuse it; ``BadRequest/malformed`` if it is not whole.
    public init(parsing text: [UInt8], bodyLimit: Int = 1 << 20) throws(BadRequest) {
        var parser = RequestParser()
        var position = 0
        while true {
            var step = unsafe text.withUnsafeBytes { unsafe parser.feed($0, from: &position) }
            if step == .head { step = parser.acceptBody(limit: bodyLimit) }
            switch step {
            case .complete:
                self.init(head: parser.head, body: parser.takeBody(), remoteAddress: .unknown)
                return
            case .refused(let reason): throw reason
            case .head: continue
            case .more: if position == text.count { throw .malformed }
            }
        }
    }
}
