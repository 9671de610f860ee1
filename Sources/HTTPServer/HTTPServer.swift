public import EventLoop
internal import Glibc
internal import Synchronization

/// An HTTP/1.1 server: one event loop a core, each with its own listener on the same port.
///
/// ```swift
/// let server = HTTPServer(configuration: .init(port: 8080, loops: 2), responder: api)
/// try server.start()
/// …
/// await server.shutdown()
/// ```
public final class HTTPServer: Sendable {
    private struct Running {
        var loops: [EventLoop] = []
        var servers: [LoopServer] = []
        var workers: WorkerPool?
        var port = 0
        var isShutDown = false
    }

    private let configuration: HTTPServerConfiguration
    private let responder: any Responder
    private let running = Mutex(Running())
    private let counters = SharedCounters()

    /// A server that does not listen yet.
    public init(configuration: HTTPServerConfiguration, responder: any Responder) {
        self.configuration = configuration
        self.responder = responder
    }

    /// Starts the loops and listens. Returns once connections are accepted. A server is started once.
    ///
    /// - Throws: ``HTTPServerError`` when the address cannot be listened on; nothing is left running then.
    public func start() throws(HTTPServerError) {
        // A client that is gone must be an error of one write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        try ListeningSocket.probe(host: configuration.host, port: configuration.port)
        var sockets: [Int32] = []
        do {
            var port = configuration.port
            for _ in 0..<configuration.loops {
                let socket = try ListeningSocket.make(
                    host: configuration.host, port: port, backlog: configuration.backlog)
                sockets.append(socket.descriptor)
                port = socket.port
            }
            try start(on: sockets, port: port)
        } catch {
            for socket in sockets { close(socket) }
            throw error
        }
    }

    private func start(on sockets: [Int32], port: Int) throws(HTTPServerError) {
        var loops: [EventLoop] = []
        let workers: WorkerPool
        do {
            workers = try WorkerPool(threads: 1, label: "http-worker")
            for number in sockets.indices {
                let loop = try EventLoop(label: "http-\(number)")
                try loop.start()
                loops.append(loop)
            }
        } catch {
            throw .system(call: error.call, code: error.code)
        }
        let servers = loops.map {
            LoopServer(
                loop: $0, configuration: configuration, responder: responder, workers: workers, shared: counters)
        }
        running.withLock { running in
            precondition(running.servers.isEmpty, "a server is started once")
            running.loops = loops
            running.servers = servers
            running.workers = workers
            running.port = port
        }
        for (server, socket) in zip(servers, sockets) {
            server.loop.execute { server.open(socket) }
        }
    }

    /// The port listened on; 0 before ``start()``.
    public var port: Int { running.withLock { $0.port } }

    /// The loops, in the order of their numbers; empty before ``start()``. For those who want a hook on each.
    public var loops: [EventLoop] { running.withLock { $0.loops } }

    /// Stops listening, answers what was asked (with `Connection: close`), closes idle connections, waits for the
    /// rest up to the configured time, and ends the loops. Called again it returns at once.
    public func shutdown() async {
        let (servers, workers): ([LoopServer], WorkerPool?) = running.withLock { running in
            if running.isShutDown { return ([], nil) }
            running.isShutDown = true
            return (running.servers, running.workers)
        }
        let nanoseconds = configuration.limits.drain.wholeNanoseconds
        await withTaskGroup { group in
            for server in servers {
                group.addTask { await server.drain(nanoseconds: nanoseconds) }
            }
        }
        for server in servers { await server.loop.stop() }
        workers?.stop()
    }

    /// What the server has seen since it started.
    public var metrics: HTTPServerMetrics {
        HTTPServerMetrics(
            openConnections: counters.connections.load(ordering: .relaxed),
            openSockets: counters.sockets.load(ordering: .relaxed),
            acceptedConnections: counters.accepted.load(ordering: .relaxed),
            turnedAwayConnections: counters.turnedAway.load(ordering: .relaxed),
            requests: running.withLock { $0.servers }.reduce(0) { $0 + $1.requests.load(ordering: .relaxed) },
            badRequests: counters.refusals.withLock { $0 })
    }
}

/// Counts of a server.
public struct HTTPServerMetrics: Sendable {
    /// Connections open now.
    public let openConnections: Int
    /// Of these, those that speak WebSocket.
    public let openSockets: Int
    /// Connections accepted since the start.
    public let acceptedConnections: Int
    /// Of these, those answered 503 because there were too many.
    public let turnedAwayConnections: Int
    /// Requests handed to the responder.
    public let requests: Int
    /// Requests that the server refused by itself, by reason.
    public let badRequests: [BadRequest: Int]
}

/// Why a server cannot start.
public enum HTTPServerError: Error, Equatable, CustomStringConvertible {
    /// The host is not a numeric address.
    case addressInvalid(String)
    /// Somebody else listens there.
    case addressInUse
    /// The kernel refused something.
    case system(call: String, code: Int32)

    /// One sentence for a person.
    public var description: String {
        switch self {
        case .addressInvalid(let host): "\(host) is not a numeric IPv4 or IPv6 address"
        case .addressInUse: "the address is already in use"
        case .system(let call, let code): EventLoopError(call: call, code: code).description
        }
    }
}
