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
@Suite(.serialized) struct ReplicaTests {
    private struct Setting {
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
        func hangCommits() async throws { try await require(standby: "nobody") }

        func letCommitsPass() async throws { try await require(standby: "") }

        /// When a new session knows it, the postmaster has told the others before. Whether commits wait is the
        /// checkpointer's to say, which reads settings before it does what it is asked for next.
        private func require(standby: String) async throws {
            try await server.superuser { connection in
                for text in ["ALTER SYSTEM SET synchronous_standby_names = '\(standby)'", "SELECT pg_reload_conf()"] {
                    _ = try await connection.run([PostgresCommand(text)], within: .seconds(10))
                }
            }
            var told: String?
            while told != standby {
                told = try await server.superuser { connection in
                    let show = PostgresCommand("SHOW synchronous_standby_names")
                    return try await connection.run([show], within: .seconds(10)).first?.text(0, 0)
                }
            }
            try await server.superuser { connection in
                _ = try await connection.run([PostgresCommand("CHECKPOINT")], within: .seconds(30))
            }
        }

        func findStoreAgain() async throws {
            try await server.start()
            while first.service.isDegraded || second.service.isDegraded { await follow() }
            await follow()
        }
    }

    private func withReplicas(
        weights: [Int64] = [50, 50], _ body: (Setting) async throws -> Void
    ) async throws {
        let server = try await PostgresServer()
        let redis = try RedisServer()
        let url = try await server.database()
        let loop = try EventLoop(label: "cache")
        try loop.start()
        var limits = RedisClient.Limits()
        limits.command = .seconds(20)
        let address = RedisAddress(place: .unix(path: redis.socket))
        var replicas: [World] = []
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
                replicas.append(
                    try await world.replica(
                        on: store, cache: cache, spool: try FileSpool(path: path), seed: UInt64(number)))
            }
            let setting = Setting(
                server: server, redis: redis, loop: loop, first: replicas[0], second: replicas[1],
                experiment: experiment)
            await setting.follow()
            try await body(setting)
        }
        for store in stores + [founder] { await store.close() }
        await loop.stop()
        for path in spools { for suffix in ["", "-wal", "-shm"] { _ = unsafe unlink(path + suffix) } }
        try server.remove()
    }

    private func count(_ service: PricingService, _ source: String) -> Int {
        service.tally.sources.first { $0.name == source }?.count ?? 0
    }

    @Test func `on the cache's own loop a hit is told from its callback, and a miss is asked of the store`()
        async throws
    {
        try await withReplicas { setting in
            let told = try await setting.first.quote("s-1")
            let (service, snapshot) = (setting.second.service, try setting.second.snapshot)
            for (shopper, isKnown) in [("s-1", true), ("s-2", false)] {
                let request = QuoteRequest(
                    shopper: try #require(TenantKey(shopper)), product: try #require(World.sku))
                guard case .asksCache(let unknown) = try service.find(request, in: snapshot) else {
                    Issue.record("nothing is known here yet")
                    continue
                }
                let found = await withTaskExecutorPreference(setting.loop) {
                    await withCheckedContinuation { continuation in
                        service.askCache(unknown, in: snapshot) { continuation.resume(returning: $0) }
                    }
                }
                switch found {
                case .told(let quote): #expect(isKnown && quote.id == told.id && quote.price == told.price)
                case .asksCache: Issue.record("the cache was asked already")
                case .asksStore(let unknown):
                    #expect(!isKnown)
                    let quote = try await service.quote(unknown, in: snapshot)
                    let again = try await setting.first.quote(shopper)
                    #expect(again.id == quote.id && again.price == quote.price)
                }
            }
        }
    }

    @Test func `what was decided on an old configuration is decided anew on the one in force, where it is kept`()
        async throws
    {
        try await withReplicas { setting in
            let old = try setting.second.snapshot
            try await setting.first.reweigh([90, 10], setting.experiment)
            #expect(try setting.second.snapshot === old, "nobody told the second of it yet")
            let event = setting.second.event("e-1", "viewed", "late-0")
            async let outcomes = setting.second.send(event)
            for number in 0..<20 { _ = try await setting.second.quote("late-\(number)") }
            #expect(try await outcomes == [.accepted])
            #expect(try setting.second.snapshot.version == setting.first.snapshot.version)
            let units = try await setting.first.service.store.units(
                of: setting.experiment, in: setting.first.tenant, after: nil, limit: 100)
            #expect(units.count >= 20 && units.allSatisfy { $0.unit.phase == 1 })
        }
    }

    @Test func `what one process told, another finds in Redis as the same quote`() async throws {
        try await withReplicas { setting in
            for number in 0..<50 {
                let told = try await setting.first.quote("s-\(number)")
                let heard = try await setting.second.quote("s-\(number)")
                #expect(heard.id == told.id && heard.price == told.price && heard.token == told.token)
                #expect(heard.reason == .sticky)
            }
            #expect(count(setting.second.service, "cache") == 50 && count(setting.second.service, "store") == 0)
        }
    }

    @Test func `what stands in Redis and was not sealed for its place is a miss`() async throws {
        try await withReplicas { setting in
            let snapshot = try setting.first.snapshot
            let told = try await setting.first.quote("victim")
            let other = try await setting.first.quote("other")
            let loop = try EventLoop(label: "vandal")
            try loop.start()
            var limits = RedisClient.Limits()
            limits.command = .seconds(20)
            let vandal = try RedisClient(
                RedisAddress(place: .unix(path: setting.redis.socket)), on: loop, limits: limits)
            func key(_ shopper: String) throws -> String {
                "{\(snapshot.tenant.id)}:offers:\(snapshot.subject(of: try #require(TenantKey(shopper))).hex)"
            }
            let sealed = try #require(
                try await vandal.send(RedisCommand("HGET", try key("other"), "sku-1")).bytes)
            var flipped = sealed
            flipped[20] ^= 1
            for value in [sealed, flipped, [], [UInt8](repeating: 255, count: 79), Array("garbage".utf8)] {
                _ = try await vandal.send(
                    RedisCommand([Array("HSET".utf8), Array(try key("victim").utf8), Array("sku-1".utf8), value]))
                // A process that has nothing in memory.
                let fresh = try await setting.first.replica(
                    on: setting.second.service.store, cache: setting.second.service.cache)
                let heard = try await fresh.quote("victim")
                #expect(heard.id == told.id && heard.price == told.price)
            }
            #expect(try await setting.second.quote("other").id == other.id)
            await loop.stop()
        }
    }

    @Test func `an id that became another's is not answered from Redis as before`() async throws {
        try await withReplicas(weights: [50, 50]) { setting in
            // Two shoppers with different prices, heard by both processes' cache.
            var pair: (first: Quote, second: Quote)?
            for number in 0..<64 where pair == nil {
                let a = try await setting.first.quote("a-\(number)")
                let b = try await setting.first.quote("b-\(number)")
                if a.price != b.price { pair = (a, b) }
            }
            let (a, b) = try #require(pair)
            let names = (try #require(a.shopper), try #require(b.shopper))
            _ = try await setting.first.service.link(
                names.0, names.1, in: try setting.first.snapshot, actor: "test", requestID: "r")
            await setting.follow()
            let heard = (
                try await setting.second.quote(names.0.text), try await setting.second.quote(names.1.text)
            )
            #expect(heard.0.price == heard.1.price && heard.0.price == a.price)
        }
    }

    @Test func `without the store a new shopper hears one price from every process, and it is kept`() async throws {
        try await withReplicas { setting in
            // What was told before, so that Redis knows the configuration.
            let known = try await setting.first.quote("known")
            try await setting.loseStore()
            #expect(try await setting.first.quote("known").id == known.id)
            #expect(try await setting.second.quote("known").id == known.id)
            var told: [String: Quote] = [:]
            for number in 0..<40 {
                let name = "new-\(number)"
                async let one = setting.first.quote(name)
                async let two = setting.second.quote(name)
                let (first, second) = try await (one, two)
                #expect(first.id == second.id && first.price == second.price && first.reason != .fallback)
                told[name] = first
            }
            #expect(Set(told.values.compactMap(\.variant)).count == 2, "both variants are told")
            try await setting.findStoreAgain()
            let replayed = [setting.first, setting.second].map(\.service.tally.replayed)
            #expect(replayed.map(\.count).reduce(0, +) == 40 && replayed.allSatisfy { $0.conflicts == 0 })
            // A process that remembers nothing hears it from the store alone.
            let fresh = try await setting.first.replica(on: setting.first.service.store)
            for (name, quote) in told {
                let heard = try await fresh.quote(name)
                #expect(heard.id == quote.id && heard.price == quote.price && heard.variant == quote.variant)
            }
            let sums = try await setting.first.sums(setting.experiment)
            #expect(sums.values.map(\.units).reduce(0, +) == 41)
        }
    }

    @Test func `where the hash alone does not tell what a shopper was told, the list price is told`() async throws {
        try await withReplicas { setting in
            _ = try await setting.first.quote("known")
            try await setting.first.reweigh([10, 90], setting.experiment)
            await setting.follow()
            try await setting.loseStore()
            let stranger = try await setting.first.quote("stranger")
            #expect(stranger.reason == .fallback && stranger.price == stranger.listPrice && stranger.variant == nil)
            #expect(try await setting.first.quote("stranger").id == stranger.id)
            try await setting.findStoreAgain()
            // Kept, so that a sale at it is known; and no unit of the experiment.
            let kept = try await setting.second.service.quote(stranger.id, in: try setting.second.snapshot)
            #expect(kept?.price == stranger.price)
            #expect(try await setting.first.sums(setting.experiment).values.map(\.units).reduce(0, +) == 1)
        }
    }

    @Test func `a price whose commit hangs is told where the hash alone tells it, and is kept once`() async throws {
        try await withReplicas { setting in
            _ = try await setting.first.quote("known")
            try await setting.hangCommits()
            let told = try await setting.first.quote("stranger")
            #expect(told.variant != nil)
            let heard = try await setting.second.quote("stranger")
            #expect(heard.id == told.id && heard.price == told.price)
            try await setting.letCommitsPass()
            while setting.first.service.isDegraded || setting.second.service.isDegraded { await setting.follow() }
            await setting.follow()
            let replayed = [setting.first, setting.second].map(\.service.tally.replayed)
            #expect(replayed.map(\.count).reduce(0, +) == 1 && replayed.allSatisfy { $0.conflicts == 0 })
            let fresh = try await setting.first.replica(on: setting.first.service.store)
            #expect(try await fresh.quote("stranger").id == told.id)
            #expect(try await setting.first.sums(setting.experiment).values.map(\.units).reduce(0, +) == 2)
        }
    }

    @Test
    func `where a commit hangs and the hash alone does not tell, the list price is told under a quote of its own`()
        async throws
    {
        try await withReplicas { setting in
            _ = try await setting.first.quote("known")
            try await setting.first.reweigh([10, 90], setting.experiment)
            await setting.follow()
            try await setting.hangCommits()
            let told = try await setting.first.quote("stranger")
            #expect(told.reason == .fallback && told.price == told.listPrice && told.variant == nil)
            try await setting.letCommitsPass()
            while setting.first.service.isDegraded || setting.second.service.isDegraded { await setting.follow() }
            await setting.follow()
            // Whatever became of the commit, what was quoted stands, and the store's own price is another quote.
            let fresh = try await setting.first.replica(on: setting.first.service.store)
            let kept = try await fresh.service.quote(told.id, in: try fresh.snapshot)
            #expect(kept?.price == told.price && kept?.variant == nil)
            let due = try await fresh.quote("stranger")
            #expect(due.id != told.id && due.variant != nil)
        }
    }

    @Test func `who is told again without the store, by a process that does not know them, has both quotes kept`()
        async throws
    {
        try await withReplicas { setting in
            var told: [String: [Quote]] = [:]
            for number in 0..<20 { told["s-\(number)"] = [try await setting.first.quote("s-\(number)")] }
            // The second has neither its memory nor Redis', only what says which configuration is the newest.
            let loop = try EventLoop(label: "flush")
            try loop.start()
            let client = try RedisClient(RedisAddress(place: .unix(path: setting.redis.socket)), on: loop)
            for name in told.keys {
                let snapshot = try setting.first.snapshot
                let subject = snapshot.subject(of: try #require(TenantKey(name))).hex
                _ = try await client.send(RedisCommand("DEL", "{\(snapshot.tenant.id)}:offers:\(subject)"))
            }
            await loop.stop()
            try await setting.loseStore()
            for name in told.keys { told[name, default: []].append(try await setting.second.quote(name)) }
            try await setting.findStoreAgain()
            #expect([setting.first, setting.second].allSatisfy { $0.service.tally.replayed.conflicts == 0 })
            let fresh = try await setting.first.replica(on: setting.first.service.store)
            for (name, quotes) in told {
                #expect(quotes.count == 2 && quotes[0].id != quotes[1].id && quotes[0].price == quotes[1].price)
                for quote in quotes {
                    let kept = try await fresh.service.quote(quote.id, in: try fresh.snapshot)
                    #expect(kept?.price == quote.price && kept?.variant == quote.variant)
                }
                #expect(try await fresh.quote(name).id == quotes[0].id)
            }
            #expect(try await setting.first.sums(setting.experiment).values.map(\.units).reduce(0, +) == 20)
        }
    }

    @Test func `nothing is claimed on a configuration that another process knows to be old`() async throws {
        try await withReplicas { setting in
            _ = try await setting.first.quote("known")
            // The first process changes something and tells of it; the second has not heard, and loses the store.
            try await setting.first.put(sku: "sku-2", price: 500, cost: nil)
            _ = try await setting.first.quote("another")
            try setting.server.kill()
            while !setting.second.service.isDegraded {
                _ = try? await setting.second.quote("stranger")
            }
            #expect(try await setting.second.quote("stranger").reason == .fallback)
            try await setting.findStoreAgain()
        }
    }

    /// A spool that lets nothing go for a while.
    private final class HoldingSpool: Spool {
        private let held = Mutex<(last: Int64, offers: [(number: Int64, offer: SpooledOffer)], isHolding: Bool)>(
            (0, [], true))

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

    @Test func `a price that was kept but not told, and handed over, is not what a told quote is found as`()
        async throws
    {
        try await withReplicas { setting in
            _ = try await setting.first.quote("known")
            let spool = HoldingSpool()
            let third = try await setting.second.replica(
                on: setting.second.service.store, cache: setting.second.service.cache, spool: spool, seed: 3)
            // Redis knows of a newer configuration: it grants nothing.
            try await setting.first.put(sku: "sku-2", price: 500, cost: nil)
            _ = try await setting.first.quote("another")
            try setting.server.kill()
            while !third.service.isDegraded { _ = try? await third.quote("stranger") }
            let told = try await third.quote("guest")
            #expect(told.reason == .fallback && told.price == told.listPrice && spool.count >= 2)
            spool.letGo()
            try await setting.server.start()
            while third.service.isDegraded || spool.count > 0 {
                try? await third.service.followOthers()
                try? await Task.sleep(for: .milliseconds(5))
            }
            #expect(third.service.tally.replayed.conflicts == 0)
            let kept = try await third.service.quote(told.id, in: try third.snapshot)
            #expect(kept?.price == told.price && kept?.variant == nil)
            // Whom nobody told a price of the experiment, the experiment does not count.
            #expect(try await third.sums(setting.experiment).values.map(\.units).reduce(0, +) == 2)
        }
    }

    @Test func `Redis flushed or gone changes no price`() async throws {
        try await withReplicas { setting in
            var told: [String: QuoteID] = [:]
            for number in 0..<20 { told["s-\(number)"] = try await setting.first.quote("s-\(number)").id }
            let loop = try EventLoop(label: "flush")
            try loop.start()
            let client = try RedisClient(RedisAddress(place: .unix(path: setting.redis.socket)), on: loop)
            _ = try await client.send(RedisCommand("FLUSHALL"))
            for (name, id) in told { #expect(try await setting.second.quote(name).id == id) }
            setting.redis.crash()
            let fresh = try await setting.first.replica(
                on: setting.second.service.store, cache: setting.second.service.cache)
            for (name, id) in told { #expect(try await fresh.quote(name).id == id) }
            await loop.stop()
        }
    }

    @Test func `analyses are read from the standby, and from the primary while it does not answer`() async throws {
        let server = try await PostgresServer.shared()
        let url = try await server.database()
        let elsewhere = try await server.database()
        // A database with the schema and nothing in it shows which of the two was read.
        _ = try await PostgresStore.migrate(try PostgresConfiguration(url: elsewhere))
        let store = try await PostgresStore.open(
            try PostgresConfiguration(url: url), reading: try PostgresConfiguration(url: elsewhere))
        try await World.on(store, .postgres) { world, experiment in
            _ = try await world.quote("s-1")
            #expect(try await store.units(of: experiment, in: world.tenant, after: nil, limit: 10).isEmpty)
        }
        await store.close()
        let alone = try await PostgresStore.open(
            try PostgresConfiguration(url: try await server.database()),
            reading: try PostgresConfiguration(url: "postgres://cournot@/none?host=/nowhere"))
        try await World.on(alone, .postgres) { world, experiment in
            _ = try await world.quote("s-1")
            #expect(try await alone.units(of: experiment, in: world.tenant, after: nil, limit: 10).count == 1)
        }
        await alone.close()
    }

    @Test func `a process reads anew what changed and nothing else`() async throws {
        try await withReplicas { setting in
            let store = setting.second.service.store
            let versions = try await store.versions()
            #expect(versions[setting.first.tenant] == (try setting.first.snapshot.version))
            #expect(try await store.load([]).isEmpty)
            #expect(try await store.load([setting.first.tenant]).map(\.tenant.id) == [setting.first.tenant])
            let before = try setting.second.snapshot
            try await setting.second.service.refresh()
            #expect(try setting.second.snapshot === before)
            try await setting.first.put(sku: "sku-3", price: 100, cost: nil)
            try await setting.second.service.refresh()
            #expect(try setting.second.snapshot.version == before.version + 1)
        }
    }
}
