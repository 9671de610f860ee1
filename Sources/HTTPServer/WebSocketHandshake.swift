internal import WebSocket

/// A request that asks to speak WebSocket from here on (RFC 6455, 4.2.1), checked.
public struct WebSocketHandshake: Sendable {
    /// Why it cannot be granted.
    public enum Refusal: Error, Sendable, Equatable {
        /// Only version 13 is spoken: answer 426 with `Sec-WebSocket-Version: 13`.
        case version
        /// Something it must have is missing or wrong.
        case malformed(String)
    }

    /// The value of `Sec-WebSocket-Accept`.
    public let accept: String
    /// The subprotocols that the client offers, in its order.
    public let protocols: [String]

    /// Whether a request asks for WebSocket at all.
    public static func isAsked(by head: RequestHead) -> Bool {
        guard let upgrade = head.headerBytes("upgrade") else { return false }
        return upgrade.listElements.contains { $0.equalsIgnoringCase("websocket") }
    }

    /// The subprotocols offered in a head, whatever else it says.
    public static func protocols(offeredBy head: RequestHead) -> [String] {
        head.headers(named: "sec-websocket-protocol").flatMap { line in
            Array(line.utf8).listElements.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// - Throws: ``Refusal``.
    public init(_ head: RequestHead) throws(Refusal) {
        guard head.method == .get, head.minorVersion == 1, head.framing == .none else {
            throw .malformed("A WebSocket begins with a GET of HTTP/1.1 without a body.")
        }
        let options = head.headers(named: "connection").flatMap { Array(Array($0.utf8).listElements) }
        guard options.contains(where: { $0.equalsIgnoringCase("upgrade") }) else {
            throw .malformed("`Connection: Upgrade` is missing.")
        }
        guard head.headers(named: "sec-websocket-version") == ["13"] else { throw .version }
        let keys = head.headers(named: "sec-websocket-key")
        guard keys.count == 1, let accept = WebSocketKey.accept(Array(keys[0].utf8)) else {
            throw .malformed("`Sec-WebSocket-Key` is 16 bytes in Base64, once.")
        }
        self.accept = accept
        protocols = Self.protocols(offeredBy: head)
    }

    /// The answer that grants it.
    ///
    /// - Parameter subprotocol: one of those offered; nil for none.
    public func response(subprotocol: String?, _ endpoint: any WebSocketEndpoint) -> Response {
        var headers = [(name: "Sec-WebSocket-Accept", value: accept)]
        if let subprotocol { headers.append(("Sec-WebSocket-Protocol", subprotocol)) }
        return Response(status: 101, headers: headers, body: .webSocket(endpoint))
    }
}
