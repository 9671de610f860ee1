public import EventLoop

/// Redis as one loop sees it, be it one server or a cluster: a connection to each server, made when first needed and
/// again when lost, on which the commands of a turn leave together.
///
/// Nothing here waits long: a command has 50 ms, and a server that fails is not asked again for a while. Whoever asks
/// goes on without it; Redis is never the only copy of anything.
///
/// In a cluster a command goes to the master of its keys' slot, wherever that moves; keys of several slots in one
/// command are refused. While the cluster elects another master, its slots are an outage.
///
/// `@unchecked Sendable`: what is mutable belongs to the loop's thread.
public final class RedisClient: @unchecked Sendable {
    public struct Limits: Sendable {
        /// How long a command may take, connecting and following a cluster included.
        public var command = Duration.milliseconds(50)
        /// Commands that may wait for their replies from one server; one more is refused.
        public var mostWaiting = 10_000

        public init() {}
    }

    private enum Route {
        case server(RedisNode)
        case cluster(RedisCluster)
    }

    public let loop: EventLoop
    private let limits: Limits
    private let route: Route

    /// Resolves the address, which may take its time; connects to nothing yet.
    ///
    /// - Throws: ``RedisError/unavailable(_:)`` if no name leads anywhere.
    public init(_ address: RedisAddress, on loop: EventLoop, limits: Limits = Limits()) throws(RedisError) {
        self.loop = loop
        self.limits = limits
        if address.isCluster {
            route = .cluster(try RedisCluster(address, on: loop, limits: limits))
        } else {
            let addresses = try Socket.resolve(address.place)
            route = .server(
                RedisNode(address.place, at: { addresses }, greeting: address.greeting, on: loop, limits: limits))
        }
        loop.onTurnEnd { [weak self] in self?.flush() }
    }

    /// Sends a command and waits for its reply. From any thread; on the loop without leaving it.
    public nonisolated(nonsending) func send(_ command: RedisCommand) async throws(RedisError) -> RedisValue {
        // Unchecked, for this is on the way of quotes: every path of `submit` calls its closure once.
        let result: Result<RedisValue, RedisError> = unsafe await withUnsafeContinuation { continuation in
            submit(command) { unsafe continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// The same with a closure, which runs on the loop.
    public func submit(
        _ command: RedisCommand, _ completion: @escaping @Sendable (Result<RedisValue, RedisError>) -> Void
    ) {
        guard loop.isCurrent else { return loop.execute { [self] in submit(command, completion) } }
        let deadline = MonotonicInstant.read().advanced(byNanoseconds: limits.command.wholeNanoseconds)
        switch route {
        case .server(let node): node.submit(command, until: deadline, completion)
        case .cluster(let cluster): cluster.submit(command, until: deadline, completion)
        }
    }

    /// Closes the connections; the next command makes another.
    public func disconnect() {
        guard loop.isCurrent else { return loop.execute { [self] in disconnect() } }
        switch route {
        case .server(let node): node.disconnect()
        case .cluster(let cluster): cluster.disconnect()
        }
    }

    private func flush() {
        switch route {
        case .server(let node): node.flush()
        case .cluster(let cluster): cluster.flush()
        }
    }
}
