internal import EventLoop

/// One server: a connection, made when first needed and again when lost, and a breaker.
///
/// `@unchecked Sendable`: belongs to its loop's thread.
final class RedisNode: @unchecked Sendable {
    let place: RedisAddress.Place
    /// In the order to be tried, asked for whenever a connection is made: what has a name may move.
    private let addresses: () -> [[UInt8]]
    private let greeting: [RedisCommand]
    private let loop: EventLoop
    private let limits: RedisClient.Limits
    private var connection: RedisConnection?
    private var breaker = CircuitBreaker()
    private var turn = 0
    private var isRetired = false

    /// Connects to nothing yet.
    init(
        _ place: RedisAddress.Place, at addresses: @escaping () -> [[UInt8]], greeting: [RedisCommand],
        on loop: EventLoop,
        limits: RedisClient.Limits
    ) {
        self.place = place
        self.addresses = addresses
        self.greeting = greeting
        self.loop = loop
        self.limits = limits
    }

    /// Whether it failed often enough not to be asked for now. Loop only.
    var isAvoided: Bool { breaker.isOpen(at: loop.now) }

    /// Sends a command; the completion runs on the loop. `unavailable` is said only of what was not sent. Loop only.
    ///
    /// - Parameter asking: says ASKING first.
    func submit(
        _ command: RedisCommand, asking: Bool = false, until deadline: MonotonicInstant,
        _ completion: @escaping RedisConnection.Completion
    ) {
        do throws(RedisError) {
            let connection = try live()
            guard connection.count < limits.mostWaiting else { throw .unavailable("too many commands wait") }
            if asking { connection.send(RedisCommand("ASKING"), until: deadline) { _ in } }
            connection.send(command, until: deadline) { [self] result in
                note(result)
                completion(result)
            }
            if loop.isEndingTurn { connection.flush() }
        } catch {
            completion(.failure(error))
        }
    }

    /// Writes what the turn gathered. Loop only.
    func flush() { connection?.flush() }

    /// Closes the connection; the next command makes another. Loop only.
    func disconnect() { connection?.close(.lost) }

    /// Closes the connection once nothing waits on it. Loop only.
    func retire() {
        isRetired = true
        closeIfIdle()
    }

    private func closeIfIdle() {
        if isRetired, connection?.count == 0 { disconnect() }
    }

    private func live() throws(RedisError) -> RedisConnection {
        if let connection, !breaker.isTripped { return connection }
        let now = MonotonicInstant.read()
        guard breaker.admits(at: now) else { throw .unavailable("Redis failed and is not asked for now") }
        if let connection { return connection }
        let addresses = addresses()
        guard !addresses.isEmpty else { throw .unavailable("no address") }
        let made: RedisConnection
        do throws(RedisError) {
            made = try RedisConnection(to: addresses[turn % addresses.count], on: loop) { [weak self] reason in
                self?.ended(reason)
            }
        } catch {
            turn &+= 1
            breaker.failed(at: now)
            throw error
        }
        connection = made
        let deadline = now.advanced(byNanoseconds: limits.command.wholeNanoseconds)
        for command in greeting {
            made.send(command, until: deadline) { [weak made] result in
                // Whoever is not let in has no use for the connection, and is as good as without a server.
                guard case .failure(let reason) = result else { return }
                if case .refused(let why) = reason { made?.close(.unavailable(why)) } else { made?.close(reason) }
            }
        }
        return made
    }

    private func ended(_ reason: RedisError) {
        connection = nil
        turn &+= 1
    }

    private func note(_ result: Result<RedisValue, RedisError>) {
        switch result {
        case .success, .failure(.refused): breaker.succeeded()
        case .failure: breaker.failed(at: loop.now)
        }
        closeIfIdle()
    }
}
