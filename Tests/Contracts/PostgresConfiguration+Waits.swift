import Postgres
import PostgresSupport
@testable import Experiments
@testable import Storage
import Testing

/// Who waits for whom while the database takes its time.
extension PostgresConfigurationChanges {
    /// Runs `body` while another session has in a transaction what `statement` locks.
    private func holding(
        _ statement: PostgresCommand, in database: String,
        _ body: @Sendable (_ letGo: @Sendable () async throws -> Void) async throws -> Void
    ) async throws {
        try await PostgresServer.shared().superuser(of: database) { connection in
            _ = try await connection.run([PostgresCommand("BEGIN"), statement], within: .seconds(5))
            try await body { _ = try await connection.run([PostgresCommand("COMMIT")], within: .seconds(5)) }
        }
    }

    /// Waits until so many sessions of the database wait for a lock.
    private func untilWaiting(_ count: Int64, in database: String) async throws {
        try await PostgresServer.shared().superuser { connection in
            while true {
                let rows = try await connection.run(
                    [
                        PostgresCommand(
                            "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'",
                            .text(database))
                    ], within: .seconds(5))
                if try rows[0].int8(0, 0) >= count { return }
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }

    /// What a change of a tenant has alone.
    private func configuration(of tenant: TenantID) -> PostgresCommand {
        PostgresCommand(
            "SELECT pg_advisory_xact_lock($1, $2)", .int4(Int32(truncatingIfNeeded: tenant.bits.low)),
            .int4(Int32(TurnLoad.stripes) + 1))
    }

    @Test(.timeLimit(.minutes(5)), arguments: [true, false])
    func `a change waits for no shopper's turn, and a turn that began before it is kept as it was decided`(
        isKnown: Bool
    ) async throws {
        let (stores, database) = try await stores(2)
        try await World.on(stores[0], .postgres) { world, experiment in
            let other = try await world.replica(on: stores[1])
            // Of whom something is known is made the long way, in two trips.
            if isKnown { _ = try await other.quote("s", expose: false) }
            let version = try world.snapshot.version
            // What a turn touches, and a change does not.
            try await holding(PostgresCommand("LOCK TABLE offers"), in: database) { letGo in
                async let told = world.quote("s")
                try await untilWaiting(1, in: database)
                // Within the time of a statement, for which it would else wait.
                try await world.reweigh([0, 7], experiment)
                #expect(try world.snapshot.version == version + 1)
                try await letGo()
                let quote = try await told
                #expect(quote.reason == (isKnown ? .sticky : .split))
                try await other.service.refresh()
                let again = try await other.quote("s")
                #expect(again.price == quote.price && again.id == quote.id && again.reason == .sticky)
            }
            _ = try await world.chain()
            _ = try await world.sums(experiment)
        }
        for store in stores { await store.close() }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [true, false])
    func
        `a change goes beside turns of programs that share the tenant's lock once the schema is contracted, not before`(
            isContracted: Bool
        ) async throws
    {
        let (made, address) = try await PostgresReplicas().stores(1)
        for store in made { await store.close() }
        let database = String(address.split(separator: "/")[2].prefix { $0 != "?" })
        if !isContracted {
            _ = try await PostgresServer.shared().superuser(of: database) { connection in
                try await connection.run(
                    [PostgresCommand("DELETE FROM schema_migrations WHERE name LIKE '0023%'")], within: .seconds(5))
            }
        }
        let store = try await PostgresStore.open(try PostgresConfiguration(url: address))
        try await World.on(store, .postgres) { world, _ in
            try await holding(TurnLoad.lock(world.tenant, isShared: true), in: database) { letGo in
                async let raised = world.raise("beside")
                if !isContracted {
                    try await untilWaiting(1, in: database)
                    try await letGo()
                }
                #expect(try await raised == 1001)
            }
        }
        await store.close()
    }

    @Test(.timeLimit(.minutes(5))) func `a limit of use that is set counts whom turns under way assign without one`()
        async throws
    {
        let (stores, database) = try await stores(2)
        try await World.on(stores[0], .postgres) { world, _ in
            let other = try await world.replica(on: stores[1])
            try await holding(PostgresCommand("LOCK TABLE offers"), in: database) { letGo in
                async let told = world.quote("before")
                try await untilWaiting(1, in: database)
                async let limited: Void = other.limit(1)
                try await untilWaiting(2, in: database)
                try await letGo()
                #expect(try await told.reason == .split)
                try await limited
                #expect(try await other.quote("after").reason == .usageLimit)
            }
        }
        for store in stores { await store.close() }
    }

    @Test(.timeLimit(.minutes(5))) func `who links shoppers waits for all turns under way, and turns wait for it`()
        async throws
    {
        let (stores, database) = try await stores(3)
        try await World.on(stores[0], .postgres) { world, experiment in
            let others = try await [world.replica(on: stores[1]), world.replica(on: stores[2])]
            // That there are such at all is a change of its own.
            try await world.link("x", "y")
            for other in others { try await other.service.refresh() }
            let stripe = try world.stripe(of: "a")
            let apart = try (0..<100).map { "c-\($0)" }.filter { shopper in try world.stripe(of: shopper) != stripe }
            try await holding(PostgresCommand("LOCK TABLE offers"), in: database) { letGo in
                async let told = world.quote(apart[0])
                try await untilWaiting(1, in: database)
                async let linked: Void = others[0].link("a", "b")
                try await untilWaiting(2, in: database)
                async let next = others[1].quote("b")
                try await untilWaiting(3, in: database)
                try await letGo()
                _ = try await (told, linked)
                #expect(try await next.price == others[0].quote("a").price)
            }
            _ = try await world.chain()
            _ = try await world.sums(experiment)
        }
        for store in stores { await store.close() }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [false, true])
    func `who comes while a change waits for another replica's joins it, and is answered as before if it repeats`(
        isRepeated: Bool
    ) async throws {
        let (stores, database) = try await stores(2)
        try await World.on(stores[0], .postgres) { first, _ in
            let second = try await first.replica(on: stores[1])
            // A slow passage has the next insist.
            try await holding(configuration(of: first.tenant), in: database) { letGo in
                async let slow = first.raise("slow")
                try await untilWaiting(1, in: database)
                first.clock.advance(by: .milliseconds(400))
                try await letGo()
                _ = try await slow
            }
            let told = isRepeated ? try await second.raise("once", key: 5) : try await second.raise("other")
            let cost = try await cost(stores[0]) {
                try await holding(configuration(of: first.tenant), in: database) { letGo in
                    async let waits = first.raise("waits")
                    try await untilWaiting(1, in: database)
                    async let joins = first.raise("joins", key: 5)
                    while first.service.turnstile.waiting(of: first.tenant) == 0 {
                        try await Task.sleep(for: .milliseconds(1))
                    }
                    try await letGo()
                    #expect(try await waits == 1003)
                    do {
                        let price = try await joins
                        #expect(!isRepeated && price == 1004)
                    } catch ConfigurationError.store(.repeated(let reply)) {
                        #expect(isRepeated && reply.sealedBody == Array("\(told)".utf8))
                    }
                }
            }
            // The repetition is found in the second batch: it is asked for, and the others are sent once more.
            #expect(cost == (1, isRepeated ? 4 : 2))
            #expect(told == 1002)
            try await second.service.refresh()
            #expect(try second.price == (isRepeated ? 1003 : 1004))
            #expect(try await first.chain().count { $0.draft.action == "product.raise" } == (isRepeated ? 3 : 4))
        }
        for store in stores { await store.close() }
    }

    @Test(.timeLimit(.minutes(5))) func `quotes asked for while others are read are read together, on one connection`()
        async throws
    {
        let (stores, database) = try await stores(1)
        try await World.on(stores[0], .postgres) { world, _ in
            var quotes: [Quote] = []
            for shopper in 0..<20 { quotes.append(try await world.quote("s-\(shopper)")) }
            let tails = try quotes.map { try #require($0.id.tail) }
            let asked = tails + tails + [1, 2]
            try await holding(PostgresCommand("LOCK TABLE offers"), in: database) { letGo in
                async let found = withThrowingTaskGroup(of: (UInt64, Offer?).self) { group in
                    for tail in asked {
                        group.addTask { (tail, try await stores[0].offer(tail, in: world.tenant)) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                try await untilWaiting(1, in: database)
                // Of three connections two are free for others.
                for _ in 0..<2 { _ = try await stores[0].versions() }
                try await letGo()
                let offers = try await found
                #expect(offers.count == 42)
                for (tail, offer) in offers { #expect(offer?.tail == (tail > 2 ? tail : nil)) }
            }
        }
        for store in stores { await store.close() }
    }

    @Test(.timeLimit(.minutes(5))) func `of quotes read together one that cannot be read fails alone`() async throws {
        let (stores, database) = try await stores(1)
        try await World.on(stores[0], .postgres) { world, _ in
            let tails = try await [world.quote("a"), world.quote("b"), world.quote("c")].map {
                try #require($0.id.tail)
            }
            try await PostgresServer.shared().superuser(of: database) { connection in
                _ = try await connection.run(
                    [
                        PostgresCommand(
                            "UPDATE offers SET currency = '?' WHERE tail = $1", .int8(Int64(bitPattern: tails[1])))
                    ], within: .seconds(5))
            }
            try await holding(PostgresCommand("LOCK TABLE offers"), in: database) { letGo in
                async let first = stores[0].offer(tails[0], in: world.tenant)
                try await untilWaiting(1, in: database)
                async let spoilt = stores[0].offer(tails[1], in: world.tenant)
                async let last = stores[0].offer(tails[2], in: world.tenant)
                try await letGo()
                #expect(try await first?.tail == tails[0])
                #expect(try await last?.tail == tails[2])
                do {
                    _ = try await spoilt
                    Issue.record("a currency of one character was read")
                } catch StoreError.corrupt {}
            }
        }
        for store in stores { await store.close() }
    }
}

extension World {
    fileprivate func link(_ a: String, _ b: String) async throws {
        _ = try await service.link(
            try #require(TenantKey(a)), try #require(TenantKey(b)), in: try snapshot, actor: "test", requestID: "r")
    }

    fileprivate func stripe(of shopper: String) throws -> Int {
        TurnLoad.stripe(of: try snapshot.subject(of: try #require(TenantKey(shopper))))
    }
}
