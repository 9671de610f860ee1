internal import CPostgres
public import EventLoop
internal import Glibc
internal import Synchronization

/// One connection, in libpq's pipeline mode, on one loop. Nothing here waits: what the socket has is taken when the
/// loop says so. (A host *name* is the exception: libpq looks it up with `getaddrinfo` while it connects. Give
/// connections a loop of their own.)
///
/// `@unchecked Sendable`: everything belongs to the loop's thread, asserted at every entry.
@safe public final class PostgresConnection: EventSource, @unchecked Sendable {
    private enum State {
        case idle, connecting, open, closed
    }

    /// One result that the server owes.
    private enum Expected {
        case prepare(sql: String)
        case rows
    }

    /// Commands up to a synchronisation point, and who waits for them.
    private struct Batch {
        var expected: [Expected]
        /// The next of `expected` that a result belongs to.
        var next = 0
        var rows: [PostgresRows] = []
        var failure: PostgresError?
        let timer: EventLoop.TimerID
        let done: @Sendable (Result<[PostgresRows], PostgresError>) -> Void
    }

    private let loop: EventLoop
    private let configuration: PostgresConfiguration
    private var state = State.idle
    private var connection: OpaquePointer?
    private var watched: Int32 = -1
    private var polling = PGRES_POLLING_WRITING
    private var connecting: (timer: EventLoop.TimerID, done: CheckedContinuation<PostgresError?, Never>)?
    /// In the order they were sent.
    private var batches: [Batch] = []
    private var isBlocked = false
    /// Names of the statements this connection has prepared, by their text.
    private var prepared: [String: String] = [:]
    private var lastName = 0
    private var whenLost: [@Sendable (PostgresError) -> Void] = []
    private var loss: PostgresError?

    /// Called with the payload of each notification. Set it before listening. Loop only.
    public var onNotification: (@Sendable (String) -> Void)?

    /// A connection that is not made yet.
    public init(loop: EventLoop, configuration: PostgresConfiguration) {
        self.loop = loop
        self.configuration = configuration
    }

    deinit {
        // Nobody can hold a connection that the loop watches: the loop holds it.
        unsafe PQfinish(connection)
    }

    /// Whether it can be used. Loop only.
    public var isOpen: Bool {
        assertCurrent()
        return state == .open
    }

    // MARK: Connecting

    /// Connects, within the connect time-out for each host.
    ///
    /// - Parameter attempt: counts tries; which host is asked first depends on it.
    public func connect(attempt: Int = 0) async throws(PostgresError) {
        assertCurrent()
        precondition(state == .idle, "a connection connects once")
        state = .connecting
        let failure: PostgresError? = await withCheckedContinuation { continuation in
            let wait = configuration.connectTimeout.wholeNanoseconds.multipliedReportingOverflow(
                by: UInt64(configuration.hostCount))
            let deadline = loop.now.advanced(byNanoseconds: wait.overflow ? .max : wait.partialValue)
            let timer = loop.schedule(at: deadline) { [weak self] in
                self?.fail(PostgresError(.unreachable, "the server did not let us in in time"))
            }
            connecting = (timer, continuation)
            begin(attempt: attempt)
        }
        if let failure { throw failure }
    }

    private func begin(attempt: Int) {
        let options = configuration.keywords(attempt: attempt)
        unsafe connection = options.map(\.keyword).withCStrings { keywords in
            unsafe options.map(\.value).withCStrings { values in unsafe PQconnectStartParams(keywords, values, 0) }
        }
        guard let connection = unsafe connection, unsafe PQstatus(connection) != CONNECTION_BAD else {
            return fail(lastError(.unreachable))
        }
        unsafe cpostgres_silence(connection)
        // "Behave as if PQconnectPoll last returned PGRES_POLLING_WRITING" (libpq, 34.1).
        polling = PGRES_POLLING_WRITING
        watchSocket()
    }

    /// libpq may close one socket and open another, under the same number even, with each step.
    private func watchSocket() {
        if watched >= 0 { loop.unwatch(watched) }
        watched = unsafe PQsocket(connection)
        guard watched >= 0 else { return fail(lastError(.unreachable)) }
        do {
            try loop.watch(watched, self)
        } catch {
            fail(PostgresError(.unreachable, "\(error)"))
        }
    }

    private func advanceConnecting() {
        polling = unsafe PQconnectPoll(connection)
        switch polling {
        case PGRES_POLLING_OK:
            guard let connection = unsafe connection, unsafe PQsetnonblocking(connection, 1) == 0,
                unsafe PQenterPipelineMode(connection) == 1
            else { return fail(lastError(.unreachable)) }
            state = .open
            watchSocket()
            finishConnecting(nil)
        case PGRES_POLLING_READING, PGRES_POLLING_WRITING: watchSocket()
        default: fail(lastError(.unreachable))
        }
    }

    private func finishConnecting(_ error: PostgresError?) {
        guard let waiting = connecting else { return }
        connecting = nil
        loop.cancel(waiting.timer)
        waiting.done.resume(returning: error)
    }

    // MARK: Commands

    /// Sends commands together and returns what each returned, once the server has done all of them.
    ///
    /// Without `BEGIN` they are one transaction. When one fails those after it are not done, and its error is thrown;
    /// a transaction begun before is then to be rolled back. Several batches may be under way: they are done in the
    /// order of sending.
    ///
    /// - Parameter within: how long the answer may take; then the connection is given up.
    public func run(
        _ commands: [PostgresCommand], within limit: Duration
    ) async throws(PostgresError) -> [PostgresRows] {
        let outcome: Result<[PostgresRows], PostgresError> = await withCheckedContinuation { continuation in
            send(commands, within: limit) { continuation.resume(returning: $0) }
        }
        return try outcome.get()
    }

    /// Sends two batches together, as two calls of ``run(_:within:)`` would one after the other: the second is on its
    /// way before the first is answered.
    public func run(
        _ first: [PostgresCommand], then second: [PostgresCommand], within limit: Duration
    ) async -> (first: Result<[PostgresRows], PostgresError>, second: Result<[PostgresRows], PostgresError>) {
        let outcome = Mutex<Result<[PostgresRows], PostgresError>>(
            .failure(PostgresError(.lost, "the connection was lost")))
        let last: Result<[PostgresRows], PostgresError> = await withCheckedContinuation { continuation in
            send(first, within: limit) { result in outcome.withLock { $0 = result } }
            send(second, within: limit) { continuation.resume(returning: $0) }
        }
        return (outcome.withLock { $0 }, last)
    }

    /// Sends commands that nobody waits for. The connection may be lent on meanwhile: what is sent later is done later.
    /// If they fail the connection is given up.
    public func post(_ commands: [PostgresCommand], within limit: Duration) {
        send(commands, within: limit) { [weak self] result in
            if case .failure(let error) = result { self?.fail(error) }
        }
    }

    /// - Parameter done: called once, on the loop.
    private func send(
        _ commands: [PostgresCommand], within limit: Duration,
        _ done: @escaping @Sendable (Result<[PostgresRows], PostgresError>) -> Void
    ) {
        assertCurrent()
        guard state == .open else {
            return done(.failure(loss ?? PostgresError(.unreachable, "the connection is not open")))
        }
        let timer = loop.schedule(at: loop.now.advanced(byNanoseconds: limit.wholeNanoseconds)) { [weak self] in
            self?.fail(PostgresError(.timeout, "the server did not answer in time"))
        }
        batches.append(Batch(expected: [], timer: timer, done: done))
        let place = batches.count - 1
        for command in commands {
            guard send(command, in: place) else { return fail(lastError(.lost)) }
        }
        guard unsafe PQpipelineSync(connection) == 1 else { return fail(lastError(.lost)) }
        flush()
    }

    private func send(_ command: PostgresCommand, in place: Int) -> Bool {
        var name: String?
        if configuration.isPrepared {
            if let known = prepared[command.sql] {
                name = known
            } else {
                lastName += 1
                let fresh = "c\(lastName)"
                let sent = unsafe command.types.withUnsafeBufferPointer { types in
                    unsafe PQsendPrepare(
                        connection, fresh, command.sql, Int32(command.types.count), types.baseAddress)
                }
                guard sent == 1 else { return false }
                prepared[command.sql] = fresh
                batches[place].expected.append(.prepare(sql: command.sql))
                name = fresh
            }
        }
        batches[place].expected.append(.rows)
        let count = Int32(command.types.count)
        let lengths = command.spans.map { max(0, $0.count) }
        let formats = [Int32](repeating: 1, count: command.types.count)
        let sent = unsafe command.buffer.withUnsafeBytes { bytes -> Int32 in
            let start = bytes.baseAddress
            let values = unsafe command.spans.map { span -> UnsafePointer<CChar>? in
                guard span.count >= 0, let start = unsafe start else { return nil }
                return unsafe (start + span.start).assumingMemoryBound(to: CChar.self)
            }
            if let name {
                return unsafe PQsendQueryPrepared(connection, name, count, values, lengths, formats, 1)
            }
            return unsafe command.types.withUnsafeBufferPointer { types in
                unsafe PQsendQueryParams(
                    connection, command.sql, count, types.baseAddress, values, lengths, formats, 1)
            }
        }
        return sent == 1
    }

    private func flush() {
        guard state == .open else { return }
        switch unsafe PQflush(connection) {
        case 0: isBlocked = false
        case 1: isBlocked = true
        default: fail(lastError(.lost))
        }
    }

    // MARK: What comes back

    public func becameReady(_ readiness: Readiness) {
        switch state {
        case .connecting:
            let wanted: Readiness = polling == PGRES_POLLING_READING ? .readable : .writable
            if !readiness.isDisjoint(with: [wanted, .gone, .peerClosed]) { advanceConnecting() }
        case .open:
            if isBlocked, readiness.contains(.writable) { flush() }
            if !readiness.isDisjoint(with: [.readable, .gone, .peerClosed]) { takeInput() }
        case .idle, .closed: break
        }
    }

    /// Takes all that the socket has: the loop says once that there is something, and libpq reads a piece at a time.
    private func takeInput() {
        repeat {
            guard unsafe PQconsumeInput(connection) == 1 else {
                // What the server said before it went is still to be heard.
                takeResults()
                return fail(lastError(.lost))
            }
            takeResults()
            takeNotifications()
            if state == .open, isBlocked { flush() }
        } while state == .open && hasMore
    }

    private var hasMore: Bool {
        var one = pollfd(fd: watched, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&one, 1, 0) == 1
    }

    private func takeResults() {
        while state == .open, !batches.isEmpty, unsafe PQisBusy(connection) == 0 {
            guard let result = unsafe PQgetResult(connection) else {
                // The end of one command's results.
                if batches[0].next < batches[0].expected.count { batches[0].next += 1 }
                if unsafe PQstatus(connection) == CONNECTION_BAD { return }
                continue
            }
            unsafe take(result)
        }
    }

    private func take(_ result: OpaquePointer) {
        let status = unsafe PQresultStatus(result)
        if status == PGRES_PIPELINE_SYNC {
            unsafe PQclear(result)
            finishBatch()
            return
        }
        let place = batches[0].next
        let expected = place < batches[0].expected.count ? batches[0].expected[place] : .rows
        switch status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
            if case .rows = expected {
                unsafe batches[0].rows.append(PostgresRows(result))
            } else {
                unsafe PQclear(result)
            }
        default:
            if case .prepare(let sql) = expected { prepared[sql] = nil }
            if batches[0].failure == nil, status != PGRES_PIPELINE_ABORTED {
                let state = unsafe cpostgres_sqlstate(result).map { unsafe String(cString: $0) }
                let message = unsafe cpostgres_message(result).map { unsafe String(cString: $0) }
                batches[0].failure = PostgresError(
                    state == nil ? .lost : .server, state: state, message ?? "libpq failed and gave no reason")
            }
            unsafe PQclear(result)
        }
    }

    private func finishBatch() {
        let batch = batches.removeFirst()
        loop.cancel(batch.timer)
        if let failure = batch.failure {
            batch.done(.failure(failure))
            // The session has ended, whether its end has been read yet or not.
            if failure.isShutdown { fail(failure) }
        } else {
            batch.done(.success(batch.rows))
        }
    }

    private func takeNotifications() {
        while state == .open, let notification = unsafe PQnotifies(connection) {
            let payload = unsafe String(cString: notification.pointee.extra)
            unsafe PQfreemem(notification)
            onNotification?(payload)
        }
    }

    // MARK: The end

    /// Calls `body` on the loop when the connection is lost or closed; at once if it is. Loop only.
    public func onLoss(_ body: @escaping @Sendable (PostgresError) -> Void) {
        assertCurrent()
        if let loss { body(loss) } else { whenLost.append(body) }
    }

    /// Lets go. What is under way fails. Loop only.
    public func close() {
        assertCurrent()
        fail(PostgresError(.unreachable, "the connection was closed"))
    }

    private func fail(_ error: PostgresError) {
        guard state != .closed else { return }
        let wasOpen = state == .open
        state = .closed
        loss = error
        if watched >= 0 { loop.unwatch(watched) }
        watched = -1
        unsafe PQfinish(connection)
        unsafe connection = nil
        finishConnecting(error)
        let pending = batches
        batches = []
        for batch in pending {
            loop.cancel(batch.timer)
            // A last word of the server says why; that the connection is gone says what it means.
            let last = batch.failure.map { PostgresError(.lost, state: $0.state, $0.message) }
            let kind: PostgresError.Kind = error.kind == .timeout ? .timeout : .lost
            batch.done(.failure(last ?? PostgresError(wasOpen ? kind : error.kind, error.message)))
        }
        let callbacks = whenLost
        whenLost = []
        onNotification = nil
        for callback in callbacks { callback(error) }
    }

    /// libpq's words, in one line.
    private func lastError(_ kind: PostgresError.Kind) -> PostgresError {
        guard let text = unsafe PQerrorMessage(connection) else { return PostgresError(kind, "out of memory") }
        let words = unsafe String(cString: text).split(whereSeparator: \.isNewline).joined(separator: "; ")
        return PostgresError(kind, words.isEmpty ? "the connection was lost" : words)
    }

    private func assertCurrent() {
        precondition(loop.isCurrent, "called off the event loop")
    }
}

extension [String] {
    /// The strings as C has them, ended by NULL, for the time of `body`.
    fileprivate func withCStrings<Value>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value
    ) -> Value {
        let copies = unsafe map { unsafe strdup($0) }
        defer { unsafe copies.forEach { unsafe free($0) } }
        let pointers = unsafe copies.map { unsafe UnsafePointer<CChar>($0) } + [nil]
        return unsafe pointers.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { preconditionFailure("an array of one is not empty") }
            return unsafe body(start)
        }
    }
}
