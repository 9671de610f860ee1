internal import EventLoop
public import WebSocket

/// Where a server listens and what it allows.
public struct HTTPServerConfiguration: Sendable {
    /// The address to listen on, numeric: `0.0.0.0`, `127.0.0.1`, `::`.
    public var host: String
    /// The port; 0 takes any that is free (``HTTPServer/port`` says which).
    public var port: Int
    /// Event loops, each a thread with a listener of its own. One a core.
    public var loops: Int
    /// Connections the kernel keeps for us before they are accepted, per loop.
    public var backlog: Int
    /// Open connections in all; more are answered 503.
    public var maxConnections: Int
    /// Sizes and times.
    public var limits: Limits

    /// A configuration; what is not said has a default for the open internet behind a proxy.
    public init(
        host: String = "127.0.0.1", port: Int = 0, loops: Int = 1, backlog: Int = 1024, maxConnections: Int = 16384,
        limits: Limits = Limits()
    ) {
        precondition((0...65535).contains(port) && loops > 0 && backlog > 0 && maxConnections > 0)
        self.host = host
        self.port = port
        self.loops = loops
        self.backlog = backlog
        self.maxConnections = maxConnections
        self.limits = limits
    }

    /// Sizes in bytes and times that a client must keep to.
    public struct Limits: Sendable {
        /// Request target, 414 beyond.
        public var uriBytes = 8192
        /// Request line and headers without the target, 431 beyond. Together with `uriBytes` under 60,000.
        public var headerBytes = 16384
        /// Header lines, 431 beyond.
        public var headerCount = 100
        /// Body, 413 beyond, where ``Responder/bodyLimit(for:)`` does not say otherwise.
        public var bodyBytes = 1 << 20
        /// From the first byte of a request, or the opening of the connection, to the end of its head.
        public var headerTimeout = Duration.seconds(10)
        /// What a body, or the reading of an answer, may take beyond `minimumBytesPerSecond`.
        public var bodyTimeout = Duration.seconds(15)
        /// The pace that a client must keep over a whole body or answer.
        public var minimumBytesPerSecond = 1024
        /// How long a connection may stay open between requests.
        public var idleTimeout = Duration.seconds(60)
        /// How long a shutdown waits for what is in flight.
        public var drain = Duration.seconds(30)
        /// Answers longer than this are compressed for those who accept it.
        public var gzipAbove = 1024
        /// Of the messages that come over a WebSocket.
        public var socket = WebSocketChannel.Limits()
        /// How long a WebSocket may be silent before its client is asked whether it is there.
        public var socketIdle = Duration.seconds(30)
        /// How long it then has to answer.
        public var pongTimeout = Duration.seconds(20)

        /// The defaults.
        public init() {}
    }
}

/// The limits in the units the connections count in.
struct ConnectionLimits: Sendable {
    let head: RequestParser.HeadLimits
    let bodyBytes: Int
    let headerTimeout: UInt64
    let bodyTimeout: UInt64
    let bytesPerSecond: UInt64
    let idleTimeout: UInt64
    let gzipAbove: Int
    let socket: WebSocketChannel.Limits
    let socketIdle: UInt64
    let pongTimeout: UInt64

    init(_ limits: HTTPServerConfiguration.Limits) {
        head = .init(targetBytes: limits.uriBytes, headerBytes: limits.headerBytes, fields: limits.headerCount)
        bodyBytes = limits.bodyBytes
        headerTimeout = limits.headerTimeout.wholeNanoseconds
        bodyTimeout = limits.bodyTimeout.wholeNanoseconds
        bytesPerSecond = UInt64(max(1, limits.minimumBytesPerSecond))
        idleTimeout = limits.idleTimeout.wholeNanoseconds
        gzipAbove = limits.gzipAbove
        socket = limits.socket
        socketIdle = limits.socketIdle.wholeNanoseconds
        pongTimeout = limits.pongTimeout.wholeNanoseconds
    }
}
