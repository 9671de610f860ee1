public import EventLoop
public import Synchronization

/// A fixed number of connections on one loop, each made again when it is lost.
///
/// `@unchecked Sendable`: everything belongs to the loop's thread, asserted at every entry.
public final class PostgresPool: @unchecked Sendable {
    private struct Waiting {
        let number: UInt64
        let spared: Int
        let timer: EventLoop.TimerID
        let done: CheckedContinuation<Result<PostgresConnection, PostgresError>, Never>
    }

    public let loop: EventLoop
    public let configuration: PostgresConfiguration
    /// What each new connection runs before it is lent.
    private let greeting: [PostgresCommand]
    private var breaker: CircuitBreaker
    private var idle: [PostgresConnection] = []
    private var all: [PostgresConnection] = [] {
        didSet { openConnections.store(all.count, ordering: .relaxed) }
    }
    /// Connections open now. From any thread.
    public let openConnections = Atomic<Int>(0)
    /// Connections asked for and not free in time, or not to be had. From any thread.
    public let refusals = Atomic<Int>(0)
    private var waiting: [Waiting] = []
    private var lastNumber: UInt64 = 0
    private var isClosed = false
    private var lastFailure = PostgresError(.unreachable, "not connected yet")

    /// How long a caller waits for a connection to be free; while there is none, as long as making one may take.
    private var patience: Duration {
        all.isEmpty ? max(.seconds(2), configuration.connectTimeout) : .seconds(2)
    }

    /// A pool that is not connected yet: call ``start()``.
    public init(
        loop: EventLoop, configuration: PostgresConfiguration, greeting: [PostgresCommand] = [],
        breaker: CircuitBreaker = CircuitBreaker()
    ) {
        self.loop = loop
        self.configuration = configuration
        self.greeting = greeting
        self.breaker = breaker
    }

    /// Connections that are open, and those lent. Loop only.
    public var counts: (open: Int, lent: Int) { (all.count, all.count - idle.count) }

    /// Whether the server fails, as far as is known: from the breaker's opening until a connection is made again, the
    /// pool's own tries included. Loop only.
    public var isBroken: Bool { breaker.isTripped }

    /// Begins to connect. Loop only.
    public func start() {
        assertCurrent()
        for slot in 0..<configuration.connections {
            Task(executorPreference: loop) { [self] in await keep(slot) }
        }
    }

    /// Keeps one connection: makes it, waits until it is lost, makes it again.
    private func keep(_ slot: Int) async {
        var backoff = Backoff()
        var random = SystemRandomNumberGenerator()
        var attempt = slot
        while !isClosed {
            if breaker.admits(at: loop.now) {
                let connection = PostgresConnection(loop: loop, configuration: configuration)
                do throws(PostgresError) {
                    try await connection.connect(attempt: attempt)
                    if !greeting.isEmpty { _ = try await connection.run(greeting, within: .seconds(2)) }
                    breaker.succeeded()
                    backoff.reset()
                    if isClosed {
                        connection.close()
                        return
                    }
                    all.append(connection)
                    lend(connection)
                    let loss = await withCheckedContinuation { continuation in
                        connection.onLoss { continuation.resume(returning: $0) }
                    }
                    all.removeAll { $0 === connection }
                    idle.removeAll { $0 === connection }
                    note(loss)
                } catch {
                    connection.close()
                    note(error)
                }
                attempt &+= 1
            }
            if isClosed { return }
            await loop.pause(nanoseconds: backoff.wait(using: &random))
        }
    }

    private func note(_ error: PostgresError) {
        lastFailure = error
        breaker.failed(at: loop.now)
        // Nobody waits for what cannot come.
        if all.isEmpty, isBroken { refuseWaiting() }
    }

    private func refuseWaiting() {
        let refused = waiting
        waiting = []
        for one in refused {
            loop.cancel(one.timer)
            one.done.resume(returning: .failure(unreachable))
        }
    }

    private var unreachable: PostgresError {
        PostgresError(.unreachable, state: lastFailure.state, lastFailure.message)
    }

    // MARK: Lending

    /// Lends a connection for the time of `body`: whichever is free, in the order of asking. A connection that comes
    /// back in the middle of a transaction must not: roll back first.
    ///
    /// - Parameter spared: how many others must stay free, for what is more urgent; less than there are.
    /// - Throws: `busy` when none is free in time, `unreachable` when the server fails.
    public func withConnection<Value>(
        sparing spared: Int = 0, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        assertCurrent()
        let connection = try await borrow(sparing: min(spared, configuration.connections - 1))
        defer { lend(connection) }
        return try await body(connection)
    }

    private func borrow(sparing spared: Int) async throws(PostgresError) -> PostgresConnection {
        if isClosed { throw PostgresError(.busy, "the pool is closed") }
        if idle.count > spared, let connection = idle.popLast() { return connection }
        if all.isEmpty, isBroken {
            refusals.add(1, ordering: .relaxed)
            throw unreachable
        }
        let outcome: Result<PostgresConnection, PostgresError> = await withCheckedContinuation { continuation in
            lastNumber += 1
            let number = lastNumber
            let deadline = loop.now.advanced(byNanoseconds: patience.wholeNanoseconds)
            let timer = loop.schedule(at: deadline) { [weak self] in self?.giveUp(number) }
            waiting.append(Waiting(number: number, spared: spared, timer: timer, done: continuation))
        }
        return try outcome.get()
    }

    private func giveUp(_ number: UInt64) {
        guard let place = waiting.firstIndex(where: { $0.number == number }) else { return }
        let one = waiting.remove(at: place)
        refusals.add(1, ordering: .relaxed)
        let error = all.isEmpty ? unreachable : PostgresError(.busy, "every connection is busy")
        one.done.resume(returning: .failure(error))
    }

    private func lend(_ connection: PostgresConnection) {
        guard connection.isOpen else { return }
        // Who spares none is the most urgent; among equals it is the order of asking.
        let urgent = waiting.indices.filter { waiting[$0].spared <= idle.count }.min {
            waiting[$0].spared < waiting[$1].spared
        }
        guard let urgent else { return idle.append(connection) }
        let next = waiting.remove(at: urgent)
        loop.cancel(next.timer)
        next.done.resume(returning: .success(connection))
    }

    /// Closes every connection; what is under way fails. Loop only.
    public func close() {
        assertCurrent()
        isClosed = true
        refuseWaiting()
        for connection in all { connection.close() }
    }

    private func assertCurrent() {
        precondition(loop.isCurrent, "called off the event loop")
    }
}
