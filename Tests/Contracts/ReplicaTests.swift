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
            let subjects = try (0..<20).map { snapshot.subject(of: try #require(TenantKey("kept-\($0)"))) }
            func look(_ product: TenantKey) async throws -> [CachedOffer] {
                let places = subjects.map { CachedPlace(subject: $0, product: product) }
                return try #require(await cache.find(places, in: snapshot))
            }
            func entries(_ product: TenantKey, _ found: [CachedOffer], from price: Int64) -> [CacheEntry] {
                zip(subjects, found).enumerated().map { number, one in
                    let offer = Offer(
                        tail: UInt64(number), subject: one.0, product: product, placement: nil,
                        price: price + Int64(number), currency: usd, toldAt: now, isExposed: true)
                    return CacheEntry(
                        offer: offer, place: CachedPlace(subject: one.0, product: product), ticket: one.1.ticket)
                }
            }
            let others = entries(other, try await look(other), from: 5000)
            cache.keep(others, in: snapshot)
            let found = try await look(sku)
            #expect(found.allSatisfy { $0.offer == nil })
            let forgotten = [7, 12, 19]
            await cache.forget(forgotten.map { subjects[$0] }, of: snapshot.tenant.id)
            let kept = entries(sku, found, from: 1000)
            cache.keep(kept, in: snapshot)
            // As another process would that found nothing either: the first one's stays.
            cache.keep(entries(sku, found, from: 9000), in: snapshot)
            let told = (sku: try await look(sku), other: try await look(other))
            for number in subjects.indices {
                let isForgotten = forgotten.contains(number)
                #expect(told.sku[number].offer == (isForgotten ? nil : kept[number].offer), "\(number)")
                #expect(told.other[number].offer == (isForgotten ? nil : others[number].offer), "\(number)")
            }
            // Whoever saw what stood there replaces it, and what no longer holds too.
            let newer = entries(sku, told.sku, from: 2000)
            cache.keep(newer, in: snapshot)
            #expect(try await look(sku).map(\.offer) == newer.map(\.offer))
            // Of whoever was forgotten and had nothing, what is kept first does not hold yet; whoever finds that learns why.
            let last = try #require(TenantKey("last"))
            await cache.forget(subjects, of: snapshot.tenant.id)
            for expected in [nil, 3000] as [Int64?] {
                cache.keep(entries(last, try await look(last), from: 3000), in: snapshot)
                #expect(try await look(last)[0].offer?.price == expected)
            }
        }
    }

    @Test
    func `a place is claimed over what was kept before its shopper was forgotten, and not with a ticket of before`()
        async throws
    {
        try await Replicas.with { replicas in
            _ = try await replicas.first.quote("known")
            let cache = try #require(replicas.second.service.cache)
            let (snapshot, usd) = (try replicas.first.snapshot, try #require(World.usd))
            let place = CachedPlace(
                subject: snapshot.subject(of: try #require(TenantKey("claimed"))), product: try #require(World.sku))
            func ticket() async throws -> [UInt8] {
                try #require(await cache.find([place], in: snapshot)?.first).ticket
            }
            func entry(_ price: Int64, _ ticket: [UInt8]) -> CacheEntry {
                let offer = Offer(
                    tail: UInt64(price), subject: place.subject, product: place.product, placement: nil, price: price,
                    currency: usd, toldAt: replicas.first.clock.now(), isExposed: true)
                return CacheEntry(offer: offer, place: place, ticket: ticket)
            }
            func claim(_ price: Int64, _ ticket: [UInt8]) async -> CacheClaim? {
                await cache.claim([entry(price, ticket)], in: snapshot).first
            }
            let old = try await ticket()
            #expect(await claim(1000, old) == .granted)
            #expect(await claim(2000, old) == .taken(entry(1000, old).offer))
            await cache.forget([place.subject], of: snapshot.tenant.id)
            #expect(await claim(3000, old) == .refused)
            let new = try await ticket()
            #expect(await claim(4000, new) == .granted)
            #expect(await claim(5000, new) == .taken(entry(4000, new).offer))
        }
    }

    @Test func `an experiment that takes a shopper has it, whatever Redis has of that id from one that goes after it`()
        async throws
    {
        try await Replicas.with { replicas in
            let first = replicas.first
            for sku in ["sku-2", "sku-3"] { try await first.put(sku: sku, price: 1999, cost: nil) }
            for part in [0.0, 0.5] {
                let id = try await first.experiment(weights: [50, 50], on: "sku-2") {
                    if part == 0 { $0.products = ["sku-2", "sku-3"] }
                    for index in 0..<2 { $0.variants?[index].price = (part == 0 ? 1500 : 1600) + Int64(index) }
                    $0.layer = Layer(name: "layer", from: part, to: part + 0.5)
                }
                try await first.act(.start, id)
            }
            await replicas.follow()
            func told(_ shopper: String, _ sku: String, _ world: World) async throws -> Int64 {
                let request = QuoteRequest(
                    shopper: try #require(TenantKey(shopper)), product: try #require(TenantKey(sku)), expose: true)
                let quote: Quote = try await world.service.quote(request, in: try world.snapshot)
                return quote.price.amount / 100 * 100
            }
            // Of two ids that are one shopper the hash puts one into either part.
            var ids: [Int64: String] = [:]
            for number in 0..<40 where ids.count < 2 {
                let shopper = "s-\(number)"
                let request = QuoteRequest(
                    shopper: try #require(TenantKey(shopper)), product: try #require(TenantKey("sku-2")), expose: false)
                let peeked = try await first.service.peek(request, in: try first.snapshot)
                let part = peeked.price.amount / 100 * 100
                ids[part] = ids[part] ?? shopper
            }
            let (earlier, later) = (try #require(ids[1500]), try #require(ids[1600]))
            let keys = try [later, earlier].map { try #require(TenantKey($0)) }
            _ = try await first.service.link(keys[0], keys[1], in: try first.snapshot, actor: "test", requestID: "r")
            await replicas.follow()
            #expect(try await told(later, "sku-2", first) == 1600)
            // Linked lately, it is kept by whoever finds what does not hold.
            for world in [first, replicas.second] { #expect(try await told(earlier, "sku-2", world) == 1600) }
            let place = CachedPlace(
                subject: try first.snapshot.subject(of: keys[1]), product: try #require(TenantKey("sku-2")))
            let cache = try #require(replicas.second.service.cache)
            let snapshot = try first.snapshot
            #expect(await cache.find([place], in: snapshot)?.first?.offer != nil)
            #expect(try await told(earlier, "sku-3", first) == 1500)
            let fresh = try await first.replica(
                on: replicas.second.service.store, cache: replicas.second.service.cache)
            #expect(try await told(earlier, "sku-2", fresh) == 1500)
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
                try await replicas.first.finishKeeping()
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
            try await replicas.first.finishKeeping()
            let loop = try EventLoop(label: "vandal")
            try loop.start()
            var limits = RedisClient.Limits()
            limits.command = .seconds(20)
            let vandal = try RedisClient(
                RedisAddress(place: .unix(path: replicas.redis.socket)), on: loop, limits: limits)
            func key(_ shopper: String) throws -> String {
                "{\(snapshot.tenant.id)}:told:\(snapshot.subject(of: try #require(TenantKey(shopper))).hex):sku-1"
            }
            let sealed = try #require(try await vandal.send(RedisCommand("GET", try key("other"))).bytes)
            var flipped = try #require(try await vandal.send(RedisCommand("GET", try key("victim"))).bytes)
            flipped[20] ^= 1
            for value in [
                sealed, flipped, [], [0], [5, 0], [UInt8](repeating: 255, count: 80), Array("garbage".utf8),
            ] {
                _ = try await vandal.send(
                    RedisCommand([Array("SET".utf8), Array(try key("victim").utf8), value]))
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
            try await replicas.first.finishKeeping()
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
