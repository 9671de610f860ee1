import Experiments
import PostgresSupport
import Storage
import Testing

extension ReplicaTests {
    /// What holds of a process that asks the store without a look at the cache, as all who come are new.
    @Suite struct PassedCache {
        @Test func `after a thousand strangers the store is asked at once, and the first who is known ends that`()
            async throws
        {
            try await Replicas.with { replicas in
                let told = try await replicas.first.quote("known")
                let second = replicas.second
                try await second.meetStrangers(999)
                #expect(try second.ways(of: ["known"]).store.isEmpty)
                try await second.meetStrangers(1, named: "last")
                let found = try second.ways(of: ["known", "stranger"]).store
                #expect(found.count == 2)
                let quotes = try await second.service.quotes(found, in: try second.snapshot).map { try $0.get() }
                #expect(quotes[0].id == told.id && quotes[0].price == told.price && quotes[0].reason == .sticky)
                #expect(quotes[1].reason == .split)
                // What was told without a look is there for others.
                try await second.finishKeeping()
                #expect(try await replicas.first.quote("stranger").id == quotes[1].id)
                #expect(replicas.first.service.told(by: "cache") == 1)
                #expect(try second.ways(of: ["another"]).store.isEmpty)
            }
        }

        @Test func `where not every shopper has the price of the hash the cache is asked`() async throws {
            try await Replicas.with { replicas in
                let second = replicas.second
                try await second.meetStrangers(1000)
                #expect(try second.ways(of: ["s-1"]).store.count == 1)
                try await second.reweigh([10, 90], replicas.experiment)
                #expect(try second.ways(of: ["s-1"]).store.isEmpty)
            }
        }

        @Test func `whom the store cannot be asked about is looked up in the cache`() async throws {
            try await Replicas.with { replicas in
                let told = try await replicas.first.quote("known")
                // Nor can it keep prices of its own.
                let other = try await replicas.second.replica(
                    on: replicas.second.service.store, cache: replicas.second.service.cache, seed: 3)
                try await other.meetStrangers(1000)
                try replicas.server.kill()
                let found = try other.ways(of: ["known", "stranger"]).store
                #expect(found.count == 2 && !other.service.isDegraded)
                let quotes = try await other.service.quotes(found, in: try other.snapshot).map { try $0.get() }
                #expect(quotes[0].id == told.id && other.service.told(by: "cache") == 1)
                #expect(quotes[1].reason == .fallback)
                try await replicas.findStoreAgain()
            }
        }

        @Test func `prices told without the store hold although weights changed before the store heard of them`()
            async throws
        {
            try await Replicas.with { replicas in
                let (first, second) = (replicas.first, replicas.second)
                _ = try await first.quote("known")
                try await second.meetStrangers(1000)
                try await replicas.loseStore()
                let names = (0..<20).map { "s-\($0)" }
                var told: [Quote] = []
                for name in names { told.append(try await first.quote(name)) }
                #expect(first.service.told(by: "spool") == 20)
                try await replicas.server.start()
                // The first process still does not know that the store is back, and hands nothing over.
                while second.service.isDegraded { try? await second.service.followOthers() }
                let stale = try second.snapshot
                let found = try second.ways(of: names).store
                #expect(found.count == 20)
                let other = try await second.replica(on: second.service.store, seed: 3)
                try await other.reweigh([1, 99], replicas.experiment)
                let heard = try await second.service.quotes(found, in: stale).map { try $0.get() }
                #expect(heard.map(\.id) == told.map(\.id) && heard.map(\.price) == told.map(\.price))
                #expect(Set(told.map(\.price)).count == 2)
            }
        }
    }
}

extension World {
    /// Tells prices to shoppers whom nobody knows.
    fileprivate func meetStrangers(_ count: Int, named name: String = "nobody") async throws {
        let requests = try (0..<count).map { number in
            QuoteRequest(
                shopper: try #require(TenantKey("\(name)-\(number)")), product: try #require(Self.sku))
        }
        for result in try await service.quotes(requests, in: try snapshot) {
            #expect(try result.get().reason == .split)
        }
    }

    /// Whom the store and whom the cache would be asked about.
    fileprivate func ways(of shoppers: [String]) throws -> (store: [UnknownPrice], cache: [UnknownPrice]) {
        var ways: (store: [UnknownPrice], cache: [UnknownPrice]) = ([], [])
        for shopper in shoppers {
            let request = QuoteRequest(
                shopper: try #require(TenantKey(shopper)), product: try #require(Self.sku))
            switch try service.find(request, in: try snapshot) {
            case .told: Issue.record("nobody was told here yet")
            case .asksCache(let unknown): ways.cache.append(unknown)
            case .asksStore(let unknown): ways.store.append(unknown)
            }
        }
        return ways
    }
}
