import EventLoop
import Experiments
import Glibc
import PostgresSupport
import Redis
import RedisSupport
import Storage
import Testing

extension ReplicaTests {
    /// What is told while the store is out of reach, or its commits hang, and what is kept of it.
    @Suite struct Outages {
        @Test func `without the store a new shopper hears one price from every process, and it is kept`() async throws {
            try await Replicas.with { replicas in
                // What was told before, so that Redis knows the configuration.
                let known = try await replicas.first.quote("known")
                try await replicas.loseStore()
                #expect(try await replicas.first.quote("known").id == known.id)
                #expect(try await replicas.second.quote("known").id == known.id)
                var told: [String: Quote] = [:]
                for number in 0..<40 {
                    let name = "new-\(number)"
                    async let one = replicas.first.quote(name)
                    async let two = replicas.second.quote(name)
                    let (first, second) = try await (one, two)
                    #expect(first.id == second.id && first.price == second.price && first.reason != .fallback)
                    told[name] = first
                }
                #expect(Set(told.values.compactMap(\.variant)).count == 2, "both variants are told")
                try await replicas.findStoreAgain()
                let replayed = [replicas.first, replicas.second].map(\.service.tally.replayed)
                #expect(replayed.map(\.count).reduce(0, +) == 40 && replayed.allSatisfy { $0.conflicts == 0 })
                // A process that remembers nothing hears it from the store alone.
                let fresh = try await replicas.first.replica(on: replicas.first.service.store)
                for (name, quote) in told {
                    let heard = try await fresh.quote(name)
                    #expect(heard.id == quote.id && heard.price == quote.price && heard.variant == quote.variant)
                }
                let sums = try await replicas.first.sums(replicas.experiment)
                #expect(sums.values.map(\.units).reduce(0, +) == 41)
            }
        }

        @Test func `a price told without the store to be shown later, and shown, is counted as shown`() async throws {
            try await Replicas.with { replicas in
                let first = replicas.first
                _ = try await first.quote("known")
                try await replicas.loseStore()
                let early = try await first.quote("stranger", expose: false)
                let shown = try await first.quote("stranger")
                #expect(early.state == .evaluated && shown.state == .quoted && early.price == shown.price)
                try await replicas.findStoreAgain()
                while first.service.spool?.count != 0 { await replicas.follow() }
                #expect(first.service.tally.replayed.conflicts == 0)
                let sale = first.event("e-1", "conversion", "stranger", after: .seconds(1)) { $0.order = "o-1" }
                #expect(try await first.send(sale) == [.accepted])
                #expect(try await first.sums(replicas.experiment).values.map(\.orders).reduce(0, +) == 1)
            }
        }

        @Test func `prices claimed together are each one's own, and the first one's where somebody was first`()
            async throws
        {
            try await Replicas.with { replicas in
                _ = try await replicas.first.quote("known")
                try await replicas.loseStore()
                let heard = try await replicas.second.quote("s-3")
                let sku = try #require(World.sku)
                let requests = try (0...10).map { number in
                    QuoteRequest(shopper: try #require(TenantKey("s-\(number % 10)")), product: sku)
                }
                let told = try await replicas.first.service.quotes(requests, in: try replicas.first.snapshot)
                    .map { try $0.get() }
                #expect(zip(requests, told).allSatisfy { $0.shopper == $1.shopper })
                #expect(told[3].id == heard.id && told[10].id == told[0].id && Set(told.map(\.id)).count == 10)
                try await replicas.findStoreAgain()
                let replayed = [replicas.first, replicas.second].map(\.service.tally.replayed)
                #expect(replayed.map(\.count).reduce(0, +) == 10 && replayed.allSatisfy { $0.conflicts == 0 })
            }
        }

        @Test func `a price that may have been claimed is kept, so that the store has it when others tell it`()
            async throws
        {
            try await Replicas.with { replicas in
                _ = try await replicas.first.quote("known")
                let loop = try EventLoop(label: "impatient")
                try loop.start()
                let address = RedisAddress(place: .unix(path: replicas.redis.socket))
                let clients = RedisClients()
                var limits = RedisClient.Limits()
                limits.command = .milliseconds(500)
                clients.attach(try RedisClient(address, on: loop, limits: limits))
                var patient = RedisClient.Limits()
                patient.command = .seconds(20)
                let other = try RedisClient(address, on: loop, limits: patient)
                // Redis does nothing else for longer than a claim is waited for, and then does what it was sent.
                let busy = """
                    local function now() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end
                    local began = now()
                    while now() < began + 1200 do end
                    """
                let path = "\(replicas.server.directory)-spool-3"
                let third = try await replicas.second.replica(
                    on: replicas.second.service.store, cache: RedisAssignments(clients),
                    spool: BusySpool(inner: try FileSpool(path: path)) {
                        other.submit(RedisCommand("EVAL", busy, "0")) { _ in }
                        _ = try? await Task.sleep(for: .milliseconds(20))
                    }, seed: 3)
                try await replicas.loseStore()
                while !third.service.isDegraded { try? await third.service.followOthers() }
                let told = try await third.quote("stranger")
                #expect(told.reason == .fallback && told.price == told.listPrice && third.service.spool?.count == 2)
                let heard = try await replicas.second.quote("stranger")
                #expect(heard.variant != nil && heard.reason == .sticky)
                try await replicas.findStoreAgain()
                while (third.service.spool?.count ?? 0) > 0 { try? await third.service.followOthers() }
                let fresh = try await replicas.first.replica(on: replicas.first.service.store)
                #expect(try await fresh.quote("stranger").id == heard.id)
                #expect(try await fresh.service.quote(told.id, in: try fresh.snapshot)?.price == told.price)
                #expect(third.service.tally.replayed.conflicts == 0)
                await loop.stop()
                for suffix in ["", "-wal", "-shm"] { _ = unsafe unlink(path + suffix) }
            }
        }

        @Test func `where the hash alone does not tell what a shopper was told, the list price is told`() async throws {
            try await Replicas.with { replicas in
                _ = try await replicas.first.quote("known")
                try await replicas.first.reweigh([10, 90], replicas.experiment)
                await replicas.follow()
                try await replicas.loseStore()
                let stranger = try await replicas.first.quote("stranger")
                #expect(stranger.reason == .fallback && stranger.price == stranger.listPrice && stranger.variant == nil)
                #expect(try await replicas.first.quote("stranger").id == stranger.id)
                try await replicas.findStoreAgain()
                // Kept, so that a sale at it is known; and no unit of the experiment.
                let kept = try await replicas.second.service.quote(stranger.id, in: try replicas.second.snapshot)
                #expect(kept?.price == stranger.price)
                #expect(try await replicas.first.sums(replicas.experiment).values.map(\.units).reduce(0, +) == 1)
            }
        }

        @Test func `a price whose commit hangs is told where the hash alone tells it, and is kept once`() async throws {
            try await Replicas.with { replicas in
                _ = try await replicas.first.quote("known")
                try await replicas.hangCommits()
                let told = try await replicas.first.quote("stranger")
                #expect(told.variant != nil)
                let heard = try await replicas.second.quote("stranger")
                #expect(heard.id == told.id && heard.price == told.price)
                try await replicas.letCommitsPass()
                while replicas.first.service.isDegraded || replicas.second.service.isDegraded {
                    await replicas.follow()
                }
                await replicas.follow()
                let replayed = [replicas.first, replicas.second].map(\.service.tally.replayed)
                #expect(replayed.map(\.count).reduce(0, +) == 1 && replayed.allSatisfy { $0.conflicts == 0 })
                let fresh = try await replicas.first.replica(on: replicas.first.service.store)
                #expect(try await fresh.quote("stranger").id == told.id)
                #expect(try await replicas.first.sums(replicas.experiment).values.map(\.units).reduce(0, +) == 2)
            }
        }

        @Test
        func `where a commit hangs and the hash alone does not tell, the list price is told under a quote of its own`()
            async throws
        {
            try await Replicas.with { replicas in
                _ = try await replicas.first.quote("known")
                try await replicas.first.reweigh([10, 90], replicas.experiment)
                await replicas.follow()
                try await replicas.hangCommits()
                let told = try await replicas.first.quote("stranger")
                #expect(told.reason == .fallback && told.price == told.listPrice && told.variant == nil)
                try await replicas.letCommitsPass()
                while replicas.first.service.isDegraded || replicas.second.service.isDegraded {
                    await replicas.follow()
                }
                await replicas.follow()
                // Whatever became of the commit, what was quoted stands, and the store's own price is another quote.
                let fresh = try await replicas.first.replica(on: replicas.first.service.store)
                let kept = try await fresh.service.quote(told.id, in: try fresh.snapshot)
                #expect(kept?.price == told.price && kept?.variant == nil)
                let due = try await fresh.quote("stranger")
                #expect(due.id != told.id && due.variant != nil)
            }
        }

        @Test func `who is told again without the store, by a process that does not know them, has both quotes kept`()
            async throws
        {
            try await Replicas.with { replicas in
                var told: [String: [Quote]] = [:]
                for number in 0..<20 { told["s-\(number)"] = [try await replicas.first.quote("s-\(number)")] }
                // The second has neither its memory nor Redis', only what says which configuration is the newest.
                let loop = try EventLoop(label: "flush")
                try loop.start()
                let client = try RedisClient(RedisAddress(place: .unix(path: replicas.redis.socket)), on: loop)
                for name in told.keys {
                    let snapshot = try replicas.first.snapshot
                    let subject = snapshot.subject(of: try #require(TenantKey(name))).hex
                    _ = try await client.send(RedisCommand("DEL", "{\(snapshot.tenant.id)}:told:\(subject):sku-1"))
                }
                await loop.stop()
                try await replicas.loseStore()
                for name in told.keys { told[name, default: []].append(try await replicas.second.quote(name)) }
                try await replicas.findStoreAgain()
                #expect([replicas.first, replicas.second].allSatisfy { $0.service.tally.replayed.conflicts == 0 })
                let fresh = try await replicas.first.replica(on: replicas.first.service.store)
                for (name, quotes) in told {
                    #expect(quotes.count == 2 && quotes[0].id != quotes[1].id && quotes[0].price == quotes[1].price)
                    for quote in quotes {
                        let kept = try await fresh.service.quote(quote.id, in: try fresh.snapshot)
                        #expect(kept?.price == quote.price && kept?.variant == quote.variant)
                    }
                    #expect(try await fresh.quote(name).id == quotes[0].id)
                }
                #expect(try await replicas.first.sums(replicas.experiment).values.map(\.units).reduce(0, +) == 20)
            }
        }

        @Test func `nothing is claimed on a configuration that another process knows to be old`() async throws {
            try await Replicas.with { replicas in
                _ = try await replicas.first.quote("known")
                // The first process changes something and tells of it; the second has not heard, and loses the store.
                try await replicas.first.put(sku: "sku-2", price: 500, cost: nil)
                _ = try await replicas.first.quote("another")
                try replicas.server.kill()
                while !replicas.second.service.isDegraded {
                    _ = try? await replicas.second.quote("stranger")
                }
                #expect(try await replicas.second.quote("stranger").reason == .fallback)
                try await replicas.findStoreAgain()
            }
        }

        @Test func `a price that was kept but not told, and handed over, is not what a told quote is found as`()
            async throws
        {
            try await Replicas.with { replicas in
                _ = try await replicas.first.quote("known")
                let spool = HoldingSpool()
                let third = try await replicas.second.replica(
                    on: replicas.second.service.store, cache: replicas.second.service.cache, spool: spool, seed: 3)
                // Redis knows of a newer configuration: it grants nothing.
                try await replicas.first.put(sku: "sku-2", price: 500, cost: nil)
                _ = try await replicas.first.quote("another")
                try replicas.server.kill()
                while !third.service.isDegraded { _ = try? await third.quote("stranger") }
                let told = try await third.quote("guest")
                #expect(told.reason == .fallback && told.price == told.listPrice && spool.count >= 2)
                spool.letGo()
                try await replicas.server.start()
                while third.service.isDegraded || spool.count > 0 {
                    try? await third.service.followOthers()
                    try? await Task.sleep(for: .milliseconds(5))
                }
                #expect(third.service.tally.replayed.conflicts == 0)
                let kept = try await third.service.quote(told.id, in: try third.snapshot)
                #expect(kept?.price == told.price && kept?.variant == nil)
                // Whom nobody told a price of the experiment, the experiment does not count.
                #expect(try await third.sums(replicas.experiment).values.map(\.units).reduce(0, +) == 2)
            }
        }
    }
}
