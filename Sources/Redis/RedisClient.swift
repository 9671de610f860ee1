public import EventLoop

/// A Redis server as one loop sees it: one connection, made when first needed and again when lost, on which the commands
/// of a turn leave together.
///
/// Nothing here waits long: a command has 50 ms, and a server that fails is not asked again for a while. Whoever asks
/// goes on without it; Redis is never the only copy of anything.
///
/// `@unchecked Sendable`: what is mutable belongs to the loop's thread.
public final class RedisClient: @unchecked Sendable {
    public struct Limits: Sendable {
        /// How long a command may take, connecting included.
        public var command = Duration.milliseconds(50)
        /// Commands that may wait for their replies; one more is refused.
        public var mostWaiting = 10_000

        public init() {}
    }

    private let addresses: [[UInt8]]
    private let greeting: [RedisCommand]
    public let loop: EventLoop
    private let limits: Limits
    private var connection: RedisConnection?
    private var breaker = CircuitBreaker()
    private var turn = 0

    /// Resolves the address, which may take its time; connects to nothing yet.
    public init(_ address: RedisAddress, on loop: EventLoop, limits: Limits = Limits()) throws(RedisError) {
        addresses = try Socket.resolve(address.place)
        greeting = address.greeting
        self.loop = loop
        self.limits = limits
        loop.onTurnEnd { [weak self] in self?.connection?.flush() }
    }

    /// Sends a command and waits for its reply. From any thread; on the loop without leaving it.
    public func send(_ command: RedisCommand) async throws(RedisError) -> RedisValue {
        let result: Result<RedisValue, RedisError> = await withCheckedContinuation { continuation in
            submit(command) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// The same with a closure, which runs on the loop.
    public func submit(
        _ command: RedisCommand, _ completion: @escaping @Sendable (Result<RedisValue, RedisError>) -> Void
    ) {
        guard loop.isCurrent else { return loop.execute { [self] in submit(command, completion) } }
        let now = MonotonicInstant.read()
        do throws(RedisError) {
            let connection = try live(at: now)
            guard connection.count < limits.mostWaiting else { throw .unavailable("too many commands wait") }
            let deadline = now.advanced(byNanoseconds: limits.command.wholeNanoseconds)
            connection.send(command, until: deadline) { [weak self] result in
                self?.note(result)
                completion(result)
            }
            if loop.isEndingTurn { connection.flush() }
        } catch {
            completion(.failure(error))
        }
    }

    /// Closes the connection; the next command makes another.
    public func disconnect() {
        guard loop.isCurrent else { return loop.execute { [self] in disconnect() } }
        connection?.close(.lost)
    }

    private func live(at now: MonotonicInstant) throws(RedisError) -> RedisConnection {
        guard breaker.admits(at: now) else { throw .unavailable("Redis failed and is not asked for now") }
        if let connection { return connection }
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
                // Whoever is not let in has no use for the connection.
                if case .failure(let reason) = result { made?.close(reason) }
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
    }
}
