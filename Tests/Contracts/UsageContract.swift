import Experiments
import Postgres
import PostgresSupport
import Storage
import Testing

/// What a tenant used is recorded, and a limit of it holds to the last one.
@Suite struct UsageContract {
    @Test(arguments: Engine.allCases)
    func `a limit of 100 lets 100 of 64 at once in, and those keep their price`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            try await world.limit(100)
            let told = try await Self.ask(for: 160, of: [world])
            let assigned = told.filter { $0.value.variant != nil }
            #expect(assigned.count == 100)
            #expect(told.values.count { $0.reason == .usageLimit && $0.price == $0.listPrice } == 60)
            #expect(told.values.filter { $0.reason == .usageLimit }.allSatisfy { $0.experiment == experiment })
            #expect(try await world.used(.assignments) == 100)

            for (shopper, quote) in told {
                let again = try await world.quote(shopper)
                #expect(again.price == quote.price)
                #expect(again.reason == (quote.variant == nil ? .usageLimit : .sticky))
            }
            let request = QuoteRequest(
                shopper: try #require(TenantKey("nobody")), product: try #require(World.sku))
            #expect(try await world.service.peek(request, in: try world.snapshot).reason == .usageLimit)

            try await world.limit(101)
            let waiting = try #require(told.first { $0.value.variant == nil }?.key)
            #expect(try await world.quote(waiting).reason == .split)
            #expect(try await world.quote("late").reason == .usageLimit)
            // The clock stands in September 2026.
            world.clock.advance(by: .seconds(10 * 86_400))
            #expect(try await world.quote("late").reason == .split, "another month, in UTC")
            #expect(try await world.sums(experiment).values.map(\.units).reduce(0, +) == 102)
        }
    }

    @Test(arguments: Engine.allCases)
    func `an exposure assigns nobody beyond the limit, and may be sent again when there is room`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, _ in
            try await world.limit(1)
            let first = world.event("e-1", "exposure", "s-1")
            let second = world.event("e-2", "exposure", "s-2")
            #expect(try await world.send(first, second, first) == [.accepted, .rejected(.overUsageLimit), .duplicate])
            #expect(try await world.used(.events) == 1)
            try await world.limit(nil)
            #expect(try await world.send(second) == [.accepted])
            #expect(try await world.used(.assignments) == 2)
        }
    }

    @Test(arguments: Engine.allCases)
    func `use is recorded by type and day, each event once, whether there is a limit or not`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, _ in
            let day = world.clock.now().day
            for number in 0..<5 { _ = try await world.quote("s-\(number % 3)") }
            for _ in 0..<2 { _ = try await world.send(world.event("e-1", "view", "s-1")) }
            world.clock.advance(by: .seconds(86_400))
            _ = try await world.quote("s-4")
            // What is known already is no use of the day on which it comes again.
            #expect(try await world.send(world.event("e-1", "view", "s-1")) == [.duplicate])
            let used = try await world.service.store.usage(of: world.tenant, on: day..<day + 2)
            #expect(
                used.counts == [
                    .init(type: .assignments, day: day): 3, .init(type: .events, day: day): 1,
                    .init(type: .assignments, day: day + 1): 1,
                ])
            #expect(try await world.service.store.usage(of: world.tenant, on: day + 1..<day + 1).counts.isEmpty)
        }
    }

    @Test func `a limit of 1,000 lets 1,000 of 64 at once in, through two processes`() async throws {
        var configuration = try PostgresConfiguration(url: try await PostgresServer.shared().database())
        configuration.connections = 3
        let stores = [try await PostgresStore.open(configuration), try await PostgresStore.open(configuration)]
        try await World.on(stores[0], .postgres) { first, experiment in
            try await first.limit(1000)
            let second = try await first.replica(on: stores[1])
            let told = try await Self.ask(for: 1300, of: [first, second])
            #expect(told.values.count { $0.variant != nil } == 1000)
            #expect(try await second.used(.assignments) == 1000)
            #expect(try await first.sums(experiment).values.map(\.units).reduce(0, +) == 1000)
        }
        for store in stores { await store.close() }
    }

    /// Asks the price for so many shoppers, 64 at once, in turn of each of several processes.
    private static func ask(for shoppers: Int, of worlds: [World]) async throws -> [String: Quote] {
        try await withThrowingTaskGroup(of: [(String, Quote)].self) { group in
            for asker in 0..<64 {
                group.addTask {
                    var told: [(String, Quote)] = []
                    for number in stride(from: asker, to: shoppers, by: 64) {
                        let world = worlds[number % worlds.count]
                        told.append(("s-\(number)", try await persist { try await world.quote("s-\(number)") }))
                    }
                    return told
                }
            }
            return try await group.reduce(into: [:]) { all, told in
                for (shopper, quote) in told { all[shopper] = quote }
            }
        }
    }

    /// Asks again where a busy store had no time.
    private static func persist(_ body: () async throws -> Quote) async throws -> Quote {
        while true {
            do {
                return try await body()
            } catch QuoteError.store(.unavailable) {}
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

extension World {
    func limit(_ uses: Int?) async throws {
        try await service.change(tenant, actor: "test", requestID: "r") { snapshot, _ throws(ConfigurationError) in
            var tenant = snapshot.tenant
            tenant.usageLimit = uses
            return Decided([.tenant(tenant)], action: "tenant.change", target: "limit", answer: ())
        }
    }

    /// In the month under way.
    fileprivate func used(_ type: UsageType) async throws -> Int64 {
        let month = clock.now().monthDays
        return try await service.store.usage(of: tenant, on: month).used(type, on: month)
    }
}
