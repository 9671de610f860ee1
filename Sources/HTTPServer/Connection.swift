internal import CLinux
internal import EventLoop
internal import Glibc

/// One client's connection: moves bytes between the socket and ``RequestParser``, asks the responder, and writes
/// answers in the order of the requests, one request at a time.
///
/// Memory of an idle connection is this object: what is read lands in the loop's buffer, and what is written leaves
/// at the end of the turn.
///
/// `@unchecked Sendable`: belongs to its loop's thread, asserted at every entry.
final class Connection: EventSource, @unchecked Sendable {
    enum Phase {
        /// Reads requests. → any other
        case receiving
        /// A request is being answered; nothing is read meanwhile. → `receiving`, `streaming`, `upgraded`, `closing`, `closed`
        case awaiting
        /// An answer is being written by its closure. → `receiving`, `closing`, `closed`
        case streaming
        /// Speaks WebSocket. → `closing`, `closed`
        case upgraded
        /// Closes once the output has left. → `lingering`, `closed`
        case closing
        /// Has sent all and reads what still comes, so that the kernel does not reset the connection before the
        /// client has read our answer. → `closed`
        case lingering
        case closed
    }

    /// What the client is being waited for.
    enum Watch {
        case nothing
        case idle(until: MonotonicInstant)
        case head(until: MonotonicInstant)
        case body(Pace)
        case output(Pace)
        case socket(until: MonotonicInstant)
        case linger(until: MonotonicInstant)
    }

    let loop: EventLoop
    let server: LoopServer
    let descriptor: Int32
    let remoteAddress: RemoteAddress

    var phase = Phase.receiving
    var parser: RequestParser
    /// Input that cannot be parsed before the present request is answered.
    var pending: [UInt8] = []
    /// The kernel has, or may have, input that we did not read.
    var isReadable = false
    /// The kernel said that the other side has ended; that end is still to be read.
    var endIsComing = false
    var hasReadEnd = false
    var isParsing = false
    var isReadScheduled = false
    /// Answers wait for a client that does not read them; requests wait with them.
    var isHeldBack = false
    /// Whether a request came to its end on this connection.
    var hasAnswered = false
    var lingersBeforeClose = false
    var lingered = 0

    var output: [UInt8] = []
    var outputStart = 0
    /// What follows ``output``: the rest of an answer that is too large to be copied. Until it has left nothing is
    /// answered, so that nothing has to follow it.
    var body: [UInt8] = []
    var bodyStart = 0
    var isDirty = false
    /// The one behind it of those whose output leaves at the end of the turn.
    var nextDirty: Connection?
    var writer: ResponseWriter?
    var streamIsChunked = false
    var streamKeepsAlive = false
    var waitingForRoom: [CheckedContinuation<Bool, Never>] = []
    var socket: SocketState?

    var watch: Watch
    private var timer: EventLoop.TimerID?
    private var timerDeadline = MonotonicInstant.distantFuture

    /// Beyond this many unsent bytes, streams wait and pipelined requests are not answered.
    static let outputHighWater = 128 * 1024
    /// How much is read from a client that should have stopped sending, and for how long.
    static let lingerBytes = 4 << 20
    static let lingerNanoseconds: UInt64 = 1_000_000_000

    var unsentBytes: Int { output.count - outputStart + body.count - bodyStart }

    init(descriptor: Int32, remoteAddress: RemoteAddress, server: LoopServer) {
        self.descriptor = descriptor
        self.remoteAddress = remoteAddress
        self.server = server
        loop = server.loop
        parser = RequestParser(limits: server.limits.head)
        watch = .head(until: server.loop.now.advanced(byNanoseconds: server.limits.headerTimeout))
    }

    func open() throws(EventLoopError) {
        try loop.watch(descriptor, self)
        arm()
    }

    func becameReady(_ readiness: Readiness) {
        assert(loop.isCurrent)
        if !readiness.isDisjoint(with: .gone) {
            close()
            return
        }
        if readiness.contains(.writable), unsentBytes > 0 { flush() }
        if !readiness.isDisjoint(with: [.readable, .peerClosed]) {
            isReadable = true
            if readiness.contains(.peerClosed) { endIsComing = true }
            readInput()
        }
    }

    // MARK: Closing

    /// Closes now, whatever is unsent.
    func close() {
        guard phase != .closed else { return }
        phase = .closed
        if let timer { loop.cancel(timer) }
        timer = nil
        loop.unwatch(descriptor)
        Glibc.close(descriptor)
        output = []
        outputStart = 0
        body = []
        bodyStart = 0
        pending = []
        let waiting = waitingForRoom
        waitingForRoom = []
        for continuation in waiting { continuation.resume(returning: false) }
        endSocket()
        server.closed(self)
    }

    /// Closes so that the other side sees that the answer was cut: a reset instead of an orderly end.
    func abort() {
        var setting = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &setting, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    /// Closes once what is to be sent has been.
    func closeAfterOutput(lingering: Bool) {
        guard phase != .closed else { return }
        phase = .closing
        lingersBeforeClose = lingering && !hasReadEnd
        markDirty()
    }

    func finishClosing() {
        guard lingersBeforeClose, Glibc.shutdown(descriptor, Int32(SHUT_WR)) == 0 else {
            close()
            return
        }
        phase = .lingering
        watch = .linger(until: loop.now.advanced(byNanoseconds: Self.lingerNanoseconds))
        arm()
        isReadable = true
        loop.execute { [self] in readInput() }
    }

    /// No more requests after the present one, and none if there is none: the server is shutting down.
    func drain() {
        if phase == .upgraded { socket?.endpoint.drains() }
        guard phase == .receiving else { return }
        if isReadable { readInput() }
        guard phase == .receiving, parser.isBetweenRequests, pending.isEmpty else { return }
        closeAfterOutput(lingering: false)
    }

    // MARK: Time

    private var deadline: MonotonicInstant {
        let limits = server.limits
        return switch watch {
        case .nothing: .distantFuture
        case .idle(let until), .head(let until), .socket(let until), .linger(let until): until
        case .body(let pace), .output(let pace):
            pace.deadline(grace: limits.bodyTimeout, bytesPerSecond: limits.bytesPerSecond)
        }
    }

    /// Makes sure that the wheel comes by no later than the deadline. Deadlines that move away cost nothing: the
    /// wheel comes by, finds it too early, and is told to come again.
    func arm() {
        let deadline = deadline
        guard deadline < timerDeadline else { return }
        if let timer { loop.cancel(timer) }
        timerDeadline = deadline
        // Closing cancels the timer, so that this strong reference ends; a weak one would make every use of the
        // connection pay for it.
        timer = loop.schedule(at: deadline) { [self] in timerFired() }
    }

    private func timerFired() {
        timer = nil
        timerDeadline = .distantFuture
        guard phase != .closed else { return }
        guard loop.now >= deadline else {
            arm()
            return
        }
        switch watch {
        case .nothing: break
        case .idle, .linger, .output: close()
        case .head:
            if parser.isBetweenRequests { close() } else { refuse(.headTooSlow) }
        case .body: refuse(.bodyTooSlow)
        case .socket: lookAtSocket()
        }
    }

    /// Sets what is waited for from what the connection is doing now.
    func settle() {
        switch phase {
        case .closed, .closing, .lingering: return
        case .awaiting, .streaming:
            if case .output = watch, unsentBytes > 0 { return }
            watch = .nothing
        case .upgraded:
            guard let socket else { return }
            if case .output = watch, unsentBytes > 0 { return }
            watch = .socket(until: socket.nextLook)
        case .receiving:
            if case .output = watch, unsentBytes > 0 { return }
            if parser.isBetweenRequests {
                // A new connection has until its first head is whole; between requests there is more time.
                if case .head = watch, !hasAnswered { break }
                watch = .idle(until: loop.now.advanced(byNanoseconds: server.limits.idleTimeout))
            } else if parser.isInBody {
                if case .body = watch { break }
                watch = .body(Pace(start: loop.now))
            } else {
                if case .head = watch { break }
                watch = .head(until: loop.now.advanced(byNanoseconds: server.limits.headerTimeout))
            }
        }
        arm()
    }

    /// Changes what is to be sent. It is changed beside the object and put back: each use of a property that anything
    /// changes in place is checked at run time against all other uses, also where it is only read.
    func put(_ change: (inout [UInt8]) -> Void) {
        var bytes: [UInt8] = []
        swap(&bytes, &output)
        change(&bytes)
        swap(&bytes, &output)
    }

    func markDirty() {
        guard !isDirty else { return }
        isDirty = true
        server.addDirty(self)
    }
}
