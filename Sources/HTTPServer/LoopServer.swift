internal import EventLoop
internal import Glibc
internal import Synchronization

/// The part of a server that lives on one loop: its listener, its connections, and what they share.
///
/// `@unchecked Sendable`: belongs to its loop's thread, except the counters, which are atomic.
@safe final class LoopServer: @unchecked Sendable {
    let loop: EventLoop
    let limits: ConnectionLimits
    let responder: any Responder
    let workers: WorkerPool
    let shared: SharedCounters
    /// Where input lands before it is parsed; every connection of the loop uses it in its turn.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 16)

    private(set) var isDraining = false
    private var listener: Listener?
    private var connections: [Int32: Connection] = [:]
    /// Whose output leaves at the end of the turn, each of which knows the next.
    private var firstDirty: Connection?
    private var lastDirty: Connection?
    private var drained: CheckedContinuation<Void, Never>?
    private var date: (second: Int64, line: [UInt8]) = (-1, [])
    private let maxConnections: Int

    let requests = Atomic<Int>(0)

    init(
        loop: EventLoop, configuration: HTTPServerConfiguration, responder: any Responder, workers: WorkerPool,
        shared: SharedCounters
    ) {
        self.loop = loop
        self.responder = responder
        self.workers = workers
        self.shared = shared
        limits = ConnectionLimits(configuration.limits)
        maxConnections = configuration.maxConnections
    }

    deinit {
        unsafe scratch.deallocate()
    }

    // MARK: Life

    /// Begins to accept on `socket`.
    func open(_ socket: Int32) {
        let listener = Listener(descriptor: socket, server: self)
        self.listener = listener
        loop.onTurnEnd { [self] in flush() }
        listener.open()
    }

    /// Stops accepting, lets what is in flight finish for `nanoseconds`, then closes what is left.
    func drain(nanoseconds: UInt64) async {
        await withCheckedContinuation { continuation in
            loop.execute { [self] in
                isDraining = true
                drained = continuation
                listener?.close()
                listener = nil
                for connection in connections.values { connection.drain() }
                _ = loop.schedule(at: loop.now.advanced(byNanoseconds: nanoseconds)) { [self] in
                    for connection in connections.values { connection.abort() }
                }
                finishIfDrained()
            }
        }
    }

    private func finishIfDrained() {
        guard isDraining, connections.isEmpty, let continuation = drained else { return }
        drained = nil
        continuation.resume()
    }

    // MARK: Connections

    /// Takes over an accepted socket.
    func accepted(_ descriptor: Int32, from address: RemoteAddress) {
        let open = shared.connections.add(1, ordering: .relaxed).newValue
        shared.accepted.add(1, ordering: .relaxed)
        let connection = Connection(descriptor: descriptor, remoteAddress: address, server: self)
        connections[descriptor] = connection
        do {
            try connection.open()
        } catch {
            connection.close()
            return
        }
        if open > maxConnections {
            shared.turnedAway.add(1, ordering: .relaxed)
            connection.refuse(
                responder.problem(
                    status: 503, code: "too_many_connections", detail: "The server has no room for another connection.")
            )
        }
    }

    func closed(_ connection: Connection) {
        connections[connection.descriptor] = nil
        shared.connections.subtract(1, ordering: .relaxed)
        listener?.descriptorWasFreed()
        finishIfDrained()
    }

    func addDirty(_ connection: Connection) {
        if let lastDirty { lastDirty.nextDirty = connection } else { firstDirty = connection }
        lastDirty = connection
        // Output that a hook makes after ours has run would else wait for the next event.
        if loop.isEndingTurn { loop.execute {} }
    }

    private func flush() {
        var next = firstDirty
        firstDirty = nil
        lastDirty = nil
        while let connection = next {
            next = connection.nextDirty
            connection.nextDirty = nil
            connection.isDirty = false
            connection.flush()
        }
    }

    // MARK: What connections ask

    func bodyLimit(for head: RequestHead) -> Int {
        let limit = responder.bodyLimit(for: head)
        return limit == .max ? limits.bodyBytes : limit
    }

    /// The `Date` line, made once a second.
    var dateLine: [UInt8] {
        let second = loop.wallClockMilliseconds / 1000
        if date.second != second {
            date = (second, Array("Date: \(HTTPDate.text(secondsSince1970: second))\r\n".utf8))
        }
        return date.line
    }

    func countRequest() {
        // Only this thread writes, so that no locked addition is needed.
        requests.store(requests.load(ordering: .relaxed) + 1, ordering: .relaxed)
    }

    /// A WebSocket has begun (1), or ended (-1).
    func countSocket(_ change: Int) { shared.sockets.add(change, ordering: .relaxed) }

    func countRefusal(_ reason: BadRequest) {
        shared.refusals.withLock { $0[reason, default: 0] += 1 }
    }
}

/// Counts that the loops of one server share.
final class SharedCounters: Sendable {
    let connections = Atomic<Int>(0)
    /// Of these, those that speak WebSocket.
    let sockets = Atomic<Int>(0)
    let accepted = Atomic<Int>(0)
    let turnedAway = Atomic<Int>(0)
    let refusals = Mutex<[BadRequest: Int]>([:])
}
