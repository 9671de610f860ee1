import EventLoop
import Experiments
import Postgres
import PostgresSupport
import Redis
import RedisSupport
import Storage
import Testing

/// What holds of a price when several processes may tell it.
@Suite(.serialized) struct ReplicaTests {
    @Test func `on the cache's own loop a hit is told from its callback, and a miss is asked of the store`()
        async throws
    {
        try await Replicas.with { replicas in
            let told = try await replicas.first.quote("s-1")
            let (service, snapshot) = (replicas.second.service, try replicas.second.snapshot)
            var missed: [(name: String, price: UnknownPrice)] = []
            for (shopper, isKnown) in [("s-1", true), ("s-2", false), ("s-3", false)] {
                let request = QuoteRequest(
                    shopper: try #require(TenantKey(shopper)), product: try #require(World.sku))
                guard case .asksCache(let unknown) = try service.find(request, in: snapshot) else {
                    Issue.record("nothing is known here yet")
                    continue
                }
                let found = await withTaskExecutorPreference(replicas.loop) {
                    await withCheckedContinuation { continuation in
                        service.askCache(unknown, in: snapshot) { continuation.resume(returning: $0) }
                    }
                }
                switch found {
                case .told(let known):
                    let quote = known.quote
                    #expect(isKnown && quote.id == told.id && quote.price == told.price)
                case .asksCache: Issue.record("the cache was asked already")
                case .asksStore(let unknown):
                    #expect(!isKnown)
                    missed.append((shopper, unknown))
                }
            }
            #expect(missed.count == 2)
            for ((name, _), result) in zip(missed, await service.quotes(missed.map(\.price), in: snapshot)) {
                let quote = try result.get()
                let again = try await replicas.first.quote(name)
                #expect(again.id == quote.id && again.price == quote.price)
            }
        }
    }

    @Test func `many are kept at once, each for its place, without whoever was forgotten since`() async throws {
        try await Replicas.with { replicas in
            let clients = RedisClients()
            var limits = RedisClient.Limits()
            limits.command = .seconds(20)
            let address = RedisAddress(place: .unix(path: replicas.redis.socket))
            clients.attach(try RedisClient(address, on: replicas.loop, limits: limits))
            let (cache, snapshot) = (RedisAssignments(clients), try replicas.first.snapshot)
            let (sku, other) = (try #require(World.sku), try #require(TenantKey("other")))
            let (usd, now) = (try #require(World.usd), replicas.first.clock.now())
            // More than one script takes.
            let subjects = try (0..<150).map { snapshot.subject(of: try #require(TenantKey("kept-\($0)"))) }
            func places(_ product: TenantKey) -> [CachedPlace] {
                subjects.map { CachedPlace(subject: $0, product: product) }
            }
            func entries(_ product: TenantKey, _ found: [CachedOffer], replacing: Bool) -> [CacheEntry] {
                zip(places(product), found).enumerated().map { number, one in
                    let offer = Offer(
                        tail: UInt64(number), subject: one.0.subject, product: product, placement: nil,
                        price: Int64(1000 + number), currency: usd, toldAt: now, isExposed: true)
                    return CacheEntry(offer: offer, place: one.0, ticket: one.1.ticket, replacesOthers: replacing)
                }
            }
            cache.keep(
                entries(other, try #require(await cache.find(places(other), in: snapshot)), replacing: false),
                in: snapshot)
            let found = try #require(await cache.find(places(sku), in: snapshot))
            #expect(found.allSatisfy { $0.offer == nil })
            let forgotten = [7, 64, 149]
            await cache.forget(forgotten.map { subjects[$0] }, of: snapshot.tenant.id)
            let kept = entries(sku, found, replacing: false).enumerated().map { number, entry in
                CacheEntry(
                    offer: entry.offer, place: entry.place, ticket: entry.ticket, replacesOthers: number % 2 == 0)
            }
            cache.keep(kept, in: snapshot)
            let told = try #require(await cache.find(places(sku), in: snapshot))
            let others = try #require(await cache.find(places(other), in: snapshot))
            for number in subjects.indices {
                let isForgotten = forgotten.contains(number)
                #expect(told[number].offer == (isForgotten ? nil : kept[number].offer), "\(number)")
                #expect((others[number].offer == nil) == (isForgotten || number % 2 == 0), "\(number)")
            }
        }
    }

    @Test func `what was decided on an old configuration is decided anew on the one in force, where it is kept`()
        async throws
    {
        try await Replicas.with { replicas in
            let old = try replicas.second.snapshot
            try await replicas.first.reweigh([90, 10], replicas.experiment)
            #expect(try replicas.second.snapshot === old, "nobody told the second of it yet")
            let event = replicas.second.event("e-1", "viewed", "late-0")
            async let outcomes = replicas.second.send(event)
            for number in 0..<20 { _ = try await replicas.second.quote("late-\(number)") }
            #expect(try await outcomes == [.accepted])
            #expect(try replicas.second.snapshot.version == replicas.first.snapshot.version)
            let units = try await replicas.first.service.store.units(
                of: replicas.experiment, in: replicas.first.tenant, after: nil, limit: 100)
            #expect(units.count >= 20 && units.allSatisfy { $0.unit.phase == 1 })
        }
    }

    @Test func `what one process told, another finds in Redis as the same quote`() async throws {
        try await Replicas.with { replicas in
            for number in 0..<50 {
                let told = try await replicas.first.quote("s-\(number)")
                let heard = try await replicas.second.quote("s-\(number)")
                #expect(heard.id == told.id && heard.price == told.price && heard.token == told.token)
                #expect(heard.reason == .sticky)
            }
            #expect(replicas.second.service.told(by: "cache") == 50 && replicas.second.service.told(by: "store") == 0)
        }
    }

    @Test func `what stands in Redis and was not sealed for its place is a miss`() async throws {
        try await Replicas.with { replicas in
            let snapshot = try replicas.first.snapshot
            let told = try await replicas.first.quote("victim")
            let other = try await replicas.first.quote("other")
            let loop = try EventLoop(label: "vandal")
            try loop.start()
            var limits = RedisClient.Limits()
            limits.command = .seconds(20)
            let vandal = try RedisClient(
                RedisAddress(place: .unix(path: replicas.redis.socket)), on: loop, limits: limits)
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
                let fresh = try await replicas.first.replica(
                    on: replicas.second.service.store, cache: replicas.second.service.cache)
                let heard = try await fresh.quote("victim")
                #expect(heard.id == told.id && heard.price == told.price)
            }
            #expect(try await replicas.second.quote("other").id == other.id)
            await loop.stop()
        }
    }

    @Test func `an id that became another's is not answered from Redis as before`() async throws {
        try await Replicas.with(weights: [50, 50]) { replicas in
            // Two shoppers with different prices, heard by both processes' cache.
            var pair: (first: Quote, second: Quote)?
            for number in 0..<64 where pair == nil {
                let a = try await replicas.first.quote("a-\(number)")
                let b = try await replicas.first.quote("b-\(number)")
                if a.price != b.price { pair = (a, b) }
            }
            let (a, b) = try #require(pair)
            let names = (try #require(a.shopper), try #require(b.shopper))
            _ = try await replicas.first.service.link(
                names.0, names.1, in: try replicas.first.snapshot, actor: "test", requestID: "r")
            await replicas.follow()
            let heard = (
                try await replicas.second.quote(names.0.text), try await replicas.second.quote(names.1.text)
            )
            #expect(heard.0.price == heard.1.price && heard.0.price == a.price)
        }
    }

    @Test func `Redis flushed or gone changes no price`() async throws {
        try await Replicas.with { replicas in
            var told: [String: QuoteID] = [:]
            for number in 0..<20 { told["s-\(number)"] = try await replicas.first.quote("s-\(number)").id }
            let loop = try EventLoop(label: "flush")
            try loop.start()
            let client = try RedisClient(RedisAddress(place: .unix(path: replicas.redis.socket)), on: loop)
            _ = try await client.send(RedisCommand("FLUSHALL"))
            for (name, id) in told { #expect(try await replicas.second.quote(name).id == id) }
            replicas.redis.crash()
            let fresh = try await replicas.first.replica(
                on: replicas.second.service.store, cache: replicas.second.service.cache)
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
        try await Replicas.with { replicas in
            let store = replicas.second.service.store
            let versions = try await store.versions()
            #expect(versions[replicas.first.tenant] == (try replicas.first.snapshot.version))
            #expect(try await store.load([]).isEmpty)
            #expect(try await store.load([replicas.first.tenant]).map(\.tenant.id) == [replicas.first.tenant])
            let before = try replicas.second.snapshot
            try await replicas.second.service.refresh()
            #expect(try replicas.second.snapshot === before)
            try await replicas.first.put(sku: "sku-3", price: 100, cost: nil)
            try await replicas.second.service.refresh()
            #expect(try replicas.second.snapshot.version == before.version + 1)
        }
    }
}
