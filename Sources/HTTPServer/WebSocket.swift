public import EventLoop
public import WebSocket

/// What stands behind a WebSocket on this side. Every call comes on the connection's loop, one at a time, and must not
/// block. An idle WebSocket has no task: what an endpoint has to wait for, it starts itself.
public protocol WebSocketEndpoint: AnyObject, Sendable {
    /// The handshake was granted; what is sent now follows it.
    func opened(_ socket: WebSocket)
    /// A whole message of the client's, UTF-8 checked.
    func received(_ text: [UInt8])
    /// Whether the client may still be here: asked at every look at an idle connection, twice a minute or so.
    func maySpeak() -> Bool
    /// The server is about to end: whoever has nothing left to say closes.
    func drains()
    /// The connection has gone, however that came; nothing follows.
    func closed()
}

/// One client's WebSocket, as its endpoint has it. Used on its loop alone.
public final class WebSocket: Sendable {
    private let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    /// Where the connection lives, and with it its endpoint.
    public var loop: EventLoop { connection.loop }

    /// Whether what is sent still goes out.
    public var isOpen: Bool { connection.phase == .upgraded && connection.socket?.channel.hasSentClose == false }

    /// Sends a text message. A client that does not read is cut off once a megabyte waits for it.
    public func send(_ text: [UInt8]) { connection.sendText(text) }

    /// Ends the conversation: says so, and gives the client a moment to say the same.
    public func close(_ code: CloseCode, reason: String = "") { connection.closeSocket(code, reason) }

    /// Waits until what was sent has left, where the client is far behind; false when the connection is gone.
    public func waitForRoom() async -> Bool {
        guard connection.phase == .upgraded else { return false }
        guard connection.isBehind else { return true }
        return await withCheckedContinuation { connection.waitForRoom($0) }
    }
}

/// What a connection keeps of its WebSocket.
final class SocketState {
    let channel: WebSocketChannel
    let endpoint: any WebSocketEndpoint
    var heardAt: MonotonicInstant
    /// When the wheel comes by next.
    var nextLook: MonotonicInstant
    var isPinged = false

    init(_ channel: WebSocketChannel, _ endpoint: any WebSocketEndpoint, at now: MonotonicInstant, idle: UInt64) {
        self.channel = channel
        self.endpoint = endpoint
        heardAt = now
        nextLook = now.advanced(byNanoseconds: idle)
    }
}
