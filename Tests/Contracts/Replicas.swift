import EventLoop
import Experiments
import Postgres
import PostgresSupport
import Redis
import RedisSupport
import Storage
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Two processes on one PostgreSQL and one Redis, each with a spool, as services of this process.
struct Replicas {
    let server: PostgresServer
    let redis: RedisServer
    /// Where both ask Redis.
    let loop: EventLoop
    let first: World
    let second: World
    let experiment: ExperimentID

    /// As `cournot serve` does four times a second.
    func follow() async {
        for world in [first, second] { try? await world.service.followOthers() }
        try? await Task.sleep(for: .milliseconds(5))
    }

    /// Until the store is known to be out of reach.
    func loseStore() async throws {
        try server.kill()
        while true {
            await follow()
            if first.service.isDegraded, second.service.isDegraded { return }
        }
    }

    /// Commits wait for a standby that is not there.
    func hangCommits() async throws { try await server.require(standby: "nobody") }

    func letCommitsPass() async throws { try await server.require(standby: "") }

    func findStoreAgain() async throws {
        try await server.start()
        while first.service.isDegraded || second.service.isDegraded { await follow() }
        await follow()
    }

    static func with(
        weights: [Int64] = [50, 50], _ body: (Replicas) async throws -> Void
    ) async throws {
        let server = try await PostgresServer()
        let redis = try RedisServer()
        let url = try await server.database()
        let loop = try EventLoop(label: "cache")
        try loop.start()
        var limits = RedisClient.Limits()
        limits.command = .seconds(20)
        let address = RedisAddress(place: .unix(path: redis.socket))
        var worlds: [World] = []
        var stores: [PostgresStore] = []
        let founder = try await PostgresStore.open(try PostgresConfiguration(url: url))
        var spools: [String] = []
        try await World.on(founder, .postgres, weights: weights) { world, experiment in
            for number in 1...2 {
                let clients = RedisClients()
                let cache = RedisAssignments(clients)
                clients.attach(try RedisClient(address, on: loop, limits: limits))
                let path = "\(server.directory)-spool-\(number)"
                spools.append(path)
                let store = try await PostgresStore.open(try PostgresConfiguration(url: url))
                stores.append(store)
                worlds.append(
                    try await world.replica(
                        on: store, cache: cache, spool: try FileSpool(path: path), seed: UInt64(number)))
            }
            let replicas = Replicas(
                server: server, redis: redis, loop: loop, first: worlds[0], second: worlds[1],
                experiment: experiment)
            await replicas.follow()
            try await body(replicas)
        }
        for store in stores + [founder] { await store.close() }
        await loop.stop()
        for path in spools { for suffix in ["", "-wal", "-shm"] { _ = unsafe unlink(path + suffix) } }
        try server.remove()
    }
}

extension PricingService {
    /// How many prices were told by one source: `cache`, `store` and so on.
    func told(by source: String) -> Int { tally.sources.first { $0.name == source }?.count ?? 0 }
}

extension World {
    /// Until the cache has what was told here: another process' question on another connection might overtake it.
    func finishKeeping() async throws {
        _ = await service.cache?.find(
            [CachedPlace(subject: Subject(high: 0, low: 0), product: try #require(Self.sku))], in: try snapshot)
    }
}

/// A spool that does something once it has kept what it was given.
struct BusySpool: Spool {
    let inner: any Spool
    let whenKept: @Sendable () async -> Void

    var isDurable: Bool { inner.isDurable }
    var count: Int { inner.count }

    func keep(_ offers: [SpooledOffer]) async throws(StoreError) -> [Int64] {
        let numbers = try await inner.keep(offers)
        await whenKept()
        return numbers
    }

    func waiting(limit: Int) async throws(StoreError) -> [(number: Int64, offer: SpooledOffer)] {
        try await inner.waiting(limit: limit)
    }

    func drop(_ numbers: [Int64]) async throws(StoreError) { try await inner.drop(numbers) }
}

/// A spool that lets nothing go for a while.
final class HoldingSpool: Spool {
    private let held = Mutex<(last: Int64, offers: [(number: Int64, offer: SpooledOffer)], isHolding: Bool)>(
        (0, [], true))

    var isDurable: Bool { true }
    var count: Int { held.withLock { $0.offers.count } }

    func letGo() { held.withLock { $0.isHolding = false } }

    func keep(_ offers: [SpooledOffer]) async throws(StoreError) -> [Int64] {
        held.withLock { held in
            offers.map { offer in
                held.last += 1
                held.offers.append((held.last, offer))
                return held.last
            }
        }
    }

    func waiting(limit: Int) async throws(StoreError) -> [(number: Int64, offer: SpooledOffer)] {
        held.withLock { Array($0.offers.prefix(limit)) }
    }

    func drop(_ numbers: [Int64]) async throws(StoreError) {
        let isHolding = held.withLock { held in
            if !held.isHolding { held.offers.removeAll { numbers.contains($0.number) } }
            return held.isHolding
        }
        if isHolding { throw .full }
    }
}
