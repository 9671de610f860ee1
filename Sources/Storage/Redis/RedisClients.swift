internal import EventLoop
public import Redis
internal import Synchronization

/// A client for each loop that asks, so that what a turn asks leaves together and nobody waits for another loop.
public final class RedisClients: Sendable {
    private let clients = Mutex<[(loop: EventLoop, client: RedisClient)]>([])

    public init() {}

    /// Takes a client for those who ask on its loop.
    public func attach(_ client: RedisClient) { clients.withLock { $0.append((client.loop, client)) } }

    /// The caller's own loop's, else any; nil until there is one.
    var current: RedisClient? {
        clients.withLock { clients in (clients.first { $0.loop.isCurrent } ?? clients.first)?.client }
    }
}
