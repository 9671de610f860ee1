import EventLoop
import Experiments
import PostgresSupport
import Storage
import Testing

extension ReplicaTests {
    /// What one process tells without the store while another changes the weights. The first is cut off from PostgreSQL alone, the
    /// second from nothing.
    @Suite struct Reweighed {
        @Test
        func `whoever was looked for before a claim, and decided after the weights changed, hears what was claimed`()
            async throws
        {
            try await Replicas.with { replicas in
                let second = replicas.second
                _ = try await replicas.first.quote("known")
                let stale = try second.snapshot
                let names = (0..<20).map { "s-\($0)" }
                var missed: [UnknownPrice] = []
                for name in names { missed.append(try await replicas.lookedFor(name)) }
                let told = try await replicas.toldByFirstAlone(names)
                try await replicas.withoutCache().reweigh([1, 99], replicas.experiment)
                let heard = try await second.service.quotes(missed, in: stale).map { try $0.get() }
                #expect(heard.map(\.id) == told.map(\.id) && heard.map(\.price) == told.map(\.price))
                #expect(Set(told.map(\.price)).count == 2)
                try await replicas.agree(on: told)
            }
        }

        @Test func `whoever was looked for on the newest weights is nobody's who does not know them`() async throws {
            try await Replicas.with { replicas in
                let (first, second) = (replicas.first, replicas.second)
                _ = try await first.quote("known")
                try await replicas.withoutCache().reweigh([1, 99], replicas.experiment)
                try await second.service.refresh()
                #expect(try second.snapshot.version > (try first.snapshot.version))
                let missed = [try await replicas.lookedFor("stranger")]
                let told = try await replicas.toldByFirstAlone(["stranger"])
                #expect(told.map(\.reason) == [.fallback])
                let heard = try await second.service.quotes(missed, in: try second.snapshot).map { try $0.get() }
                #expect(heard.map(\.reason) == [.split])
                try await replicas.agree(on: heard)
            }
        }

        @Test(arguments: [false, true])
        func `an exposure seats a shopper where it was told its price`(isStale: Bool) async throws {
            try await Replicas.with { replicas in
                let second = replicas.second
                _ = try await replicas.first.quote("known")
                let old = try second.snapshot
                let names = (0..<20).map { "s-\($0)" }
                let told = try await replicas.toldByFirstAlone(names)
                try await replicas.withoutCache().reweigh([1, 99], replicas.experiment)
                try await second.service.refresh()
                let exposures = names.enumerated().map { number, name in
                    second.event("e-\(number)", "exposure", name) {
                        if number % 2 == 0 {
                            $0.product = nil
                            $0.experiment = replicas.experiment.description
                        }
                    }
                }
                let outcomes = try await second.service.ingest(
                    exposures, in: isStale ? old : try second.snapshot)
                #expect(outcomes.allSatisfy { $0 == .accepted })
                try await replicas.agree(on: told)
            }
        }

        @Test func `what was told to be shown later is the price when it is shown`() async throws {
            try await Replicas.with { replicas in
                let second = replicas.second
                _ = try await replicas.first.quote("known")
                let names = (0..<20).map { "s-\($0)" }
                let told = try await replicas.toldByFirstAlone(names, isShown: false)
                try await replicas.withoutCache().reweigh([1, 99], replicas.experiment)
                try await second.service.refresh()
                let shown = try await second.quotes(names, of: "sku-1")
                #expect(shown.map(\.price) == told.map(\.price) && Set(told.map(\.price)).count == 2)
                #expect(shown.allSatisfy { $0.state == .quoted })
                try await replicas.agree(on: told)
            }
        }

        @Test func `of an experiment on several products a shopper hears one variant`() async throws {
            try await Replicas.with { replicas in
                let second = replicas.second
                let founder = try await replicas.withoutCache()
                for sku in ["sku-2", "sku-3"] { try await founder.put(sku: sku, price: 1999, cost: nil) }
                let experiment = try await founder.experiment(weights: [50, 50], on: "sku-2") {
                    $0.products = ["sku-2", "sku-3"]
                }
                try await founder.act(.start, experiment)
                for world in [replicas.first, second] { try await world.service.refresh() }
                _ = try await replicas.first.quote("known")
                let names = (0..<20).map { "s-\($0)" }
                let told = try await replicas.toldByFirstAlone(names, of: "sku-2")
                try await founder.reweigh([1, 99], experiment)
                try await second.service.refresh()
                let heard = try await second.quotes(names, of: "sku-3")
                #expect(heard.map(\.variant) == told.map(\.variant) && Set(told.map(\.variant)).count == 2)
                try await replicas.agree(on: told)
            }
        }
    }
}

extension Replicas {
    /// One that changes configuration and has neither cache nor spool.
    fileprivate func withoutCache() async throws -> World {
        try await second.replica(on: second.service.store, seed: 3)
    }

    /// Of whom the second process found nothing in the cache, and is about to ask the store.
    fileprivate func lookedFor(_ shopper: String) async throws -> UnknownPrice {
        let (service, snapshot) = (second.service, try second.snapshot)
        let request = QuoteRequest(shopper: try #require(TenantKey(shopper)), product: try #require(World.sku))
        guard case .asksCache(let unknown) = try service.find(request, in: snapshot) else {
            throw Surprise("the cache is to be asked about \(shopper)")
        }
        let found = await withCheckedContinuation { continuation in
            loop.execute { service.askCache(unknown, in: snapshot) { continuation.resume(returning: $0) } }
        }
        guard case .asksStore(let missed) = found else { throw Surprise("nobody told \(shopper) a price yet") }
        return missed
    }

    /// Prices that the first process tells while the store is away. When this returns the second is back on it; the first does
    /// not know yet that it could be.
    fileprivate func toldByFirstAlone(
        _ shoppers: [String], of sku: String = "sku-1", isShown: Bool = true
    ) async throws -> [Quote] {
        try server.kill()
        while !first.service.isDegraded || !second.service.isDegraded {
            for world in [first, second] { try? await world.service.followOthers() }
        }
        let told = try await first.quotes(shoppers, of: sku, isShown: isShown)
        try await server.start()
        while second.service.isDegraded { try? await second.service.followOthers() }
        return told
    }

    /// Holds what was told to what a process hears that remembers nothing and has no cache, once all is handed over.
    fileprivate func agree(on told: [Quote]) async throws {
        while first.service.isDegraded || second.service.isDegraded { await follow() }
        while first.service.spool?.count != 0 { await follow() }
        #expect(first.service.tally.replayed.conflicts == 0)
        let fresh = try await withoutCache()
        for quote in told {
            let heard = try await fresh.quotes([try #require(quote.shopper).text], of: quote.product.text)
            #expect(heard.map(\.price) == [quote.price] && heard.map(\.variant) == [quote.variant])
        }
    }

    private struct Surprise: Error {
        let what: String
        init(_ what: String) { self.what = what }
    }
}

extension World {
    fileprivate func quotes(_ shoppers: [String], of sku: String, isShown: Bool = true) async throws -> [Quote] {
        let requests = try shoppers.map {
            QuoteRequest(
                shopper: try #require(TenantKey($0)), product: try #require(TenantKey(sku)), expose: isShown)
        }
        return try await service.quotes(requests, in: try snapshot).map { try $0.get() }
    }
}
