import AgentRuntime
import EventLoop
import Experiments
import Postgres
import PostgresSupport
import Storage
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// What is promised when the server goes: nothing acknowledged is lost, nothing counts twice, nobody waits for long.
@Suite(.serialized) struct PostgresFaults {
    /// Sends its events until each is taken, as a careful client does: each is said to be new once, unless it was said
    /// before that nobody knows.
    private func persist(_ world: World, _ numbers: Range<Int>) async throws {
        for number in numbers {
            let shopper = "s-\(number)"
            var price: Money?
            while price == nil {
                price = try await Self.price(world, shopper)
            }
            let sale = world.event("e-\(number)", "conversion", shopper) { $0.revenue = price }
            var outcome: EventOutcome?
            var isUncertain = false
            while outcome == nil {
                do {
                    outcome = try await world.send(sale)[0]
                } catch StoreError.unavailable, StoreError.unreachable {
                } catch StoreError.uncertain {
                    isUncertain = true
                }
            }
            #expect(outcome == .accepted || outcome == .duplicate && isUncertain)
            #expect(try await again(world, shopper) == price, "\(shopper) heard two prices")
        }
    }

    private func again(_ world: World, _ shopper: String) async throws -> Money {
        while true {
            if let price = try await Self.price(world, shopper) { return price }
        }
    }

    /// What the store says is the shopper's price; nil, after the moment that a careful client waits, while it says
    /// nothing.
    private static func price(_ world: World, _ shopper: String) async throws -> Money? {
        if let quote = try? await world.quote(shopper), quote.reason != .fallback { return quote.price }
        try await Task.sleep(for: .milliseconds(5))
        return nil
    }

    /// The counts, asked for until the server answers.
    private func counted(_ world: World, _ experiment: ExperimentID) async throws -> [Int: UnitSums] {
        while true {
            do {
                return try await world.sums(experiment)
            } catch StoreError.unavailable, StoreError.unreachable, StoreError.uncertain {}
        }
    }

    private func end(sessionsOf database: String, on server: PostgresServer) async throws {
        try await server.superuser { connection in
            _ = try await connection.run(
                [
                    PostgresCommand(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", .text(database))
                ], within: .seconds(5))
        }
    }

    @Test func `large batches, of which a part may be kept where sessions end, count once however often they are sent`()
        async throws
    {
        let server = try await PostgresServer.shared()
        let address = try await server.database()
        let name = String(address.split(separator: "/")[2].prefix { $0 != "?" })
        let store = try await PostgresStore.open(try PostgresConfiguration(url: address))
        try await World.on(store, .postgres) { world, experiment in
            for shopper in 0..<50 { _ = try await world.quote("s-\(shopper)") }
            world.clock.advance(by: .seconds(1))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<4 {
                    group.addTask {
                        for batch in 0..<4 {
                            let events = (0..<500).map { number in
                                world.event("e-\(client)-\(batch)-\(number)", "conversion", "s-\(number % 50)") {
                                    $0.order = "o-\(client)-\(batch)-\(number)"
                                }
                            }
                            var outcomes: [EventOutcome] = []
                            while outcomes.isEmpty {
                                do {
                                    outcomes = try await world.service.ingest(events, in: try world.snapshot)
                                } catch StoreError.unavailable, StoreError.unreachable, StoreError.uncertain {
                                    try await Task.sleep(for: .milliseconds(5))
                                }
                            }
                            #expect(outcomes.allSatisfy { $0 == .accepted || $0 == .duplicate })
                        }
                    }
                }
                group.addTask { for _ in 0..<20 { try await end(sessionsOf: name, on: server) } }
                try await group.waitForAll()
            }
            #expect(try await counted(world, experiment).values.map(\.orders).reduce(0, +) == 8000)
        }
        await store.close()
    }

    @Test func `sessions that the server ends in the midst of load cost neither a sale nor a second one`() async throws
    {
        let server = try await PostgresServer.shared()
        let address = try await server.database()
        let name = String(address.split(separator: "/")[2].prefix { $0 != "?" })
        let store = try await PostgresStore.open(try PostgresConfiguration(url: address))
        try await World.on(store, .postgres) { world, experiment in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<8 {
                    group.addTask { try await persist(world, client * 40..<client * 40 + 40) }
                }
                group.addTask { for _ in 0..<40 { try await end(sessionsOf: name, on: server) } }
                try await group.waitForAll()
            }
            let sums = try await counted(world, experiment)
            #expect(sums.values.map(\.units).reduce(0, +) == 320)
            #expect(sums.values.map(\.orders).reduce(0, +) == 320)
        }
        await store.close()
    }

    @Test(arguments: [true, false])
    func `where a session ends at COMMIT, the server is asked what became of it, and a sale is said to be new once`(
        isCommitted: Bool
    ) async throws {
        let server = try await PostgresServer()
        let address = try await server.database()
        let name = String(address.split(separator: "/")[2].prefix { $0 != "?" })
        var configuration = try PostgresConfiguration(url: address)
        configuration.statementTimeout = .seconds(30)
        let store = try await PostgresStore.open(configuration)
        try await World.on(store, .postgres) { world, experiment in
            _ = try await world.quote("s")
            if isCommitted {
                try await server.require(standby: "nobody")
                async let outcomes = world.send(world.event("e", "conversion", "s"))
                try await end(sessionWaitingFor: "SyncRep", on: server)
                try await server.require(standby: "")
                #expect(try await outcomes == [.accepted])
            } else {
                try await server.superuser(of: name) { connection in
                    try await holdSales(by: connection)
                    async let outcomes = world.send(world.event("e", "conversion", "s"))
                    try await end(sessionWaitingFor: "advisory", on: server)
                    _ = try await connection.run(
                        [PostgresCommand("SELECT pg_advisory_unlock(1)")], within: .seconds(10))
                    #expect(try await outcomes == [.accepted])
                }
            }
            #expect(try await world.sums(experiment).values.map(\.orders).reduce(0, +) == 1)
        }
        await store.close()
        try server.remove()
    }

    /// Until that session's lock goes, who keeps a sale waits for it at COMMIT.
    private func holdSales(by connection: PostgresConnection) async throws {
        for text in [
            """
            CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END'
            """,
            """
            CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON outcomes DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION wait()
            """, "SELECT pg_advisory_lock(1)",
        ] {
            _ = try await connection.run([PostgresCommand(text)], within: .seconds(10))
        }
    }

    @Test func `a sale that went down with the server is not taken for a later transaction that was given its number`()
        async throws
    {
        let server = try await PostgresServer()
        let address = try await server.database()
        let name = String(address.split(separator: "/")[2].prefix { $0 != "?" })
        let folder = try await server.pooler()
        var configuration = try PostgresConfiguration(
            url: "postgres://cournot@/\(name)?host=\(folder)&port=6432&connect_timeout=30")
        configuration.isPrepared = false
        configuration.statementTimeout = .seconds(30)
        let store = try await PostgresStore.open(configuration)
        try await World.on(store, .postgres) { world, experiment in
            _ = try await world.quote("s")
            let sale = world.event("e", "conversion", "s")
            var outcomes = try await server.superuser(of: name) { connection in
                try await holdSales(by: connection)
                async let first = world.send(sale)
                // Nothing of it has reached the log: the next transactions are given its number, before the store hears that it was
                // cut off.
                let lost = try await kill(
                    sessionWaitingFor: "advisory", by: connection,
                    after: { try server.hold(pooler: folder, true) })
                try await take(lost, on: server)
                try server.hold(pooler: folder, false)
                do {
                    return try await first
                } catch StoreError.uncertain {
                    return []
                }
            }
            while outcomes.isEmpty { outcomes = (try? await world.send(sale)) ?? [] }
            #expect(outcomes == [.accepted])
            #expect(try await counted(world, experiment).values.map(\.orders).reduce(0, +) == 1)
        }
        await store.close()
        try server.remove()
    }

    /// Kills a session's process, upon which PostgreSQL ends all others and starts again.
    ///
    /// - Returns: the number of its transaction.
    private func kill(
        sessionWaitingFor event: String, by connection: PostgresConnection, after begin: () throws -> Void
    ) async throws -> Int64 {
        let waiting = PostgresCommand(
            "SELECT pid::bigint, backend_xid::text::bigint FROM pg_stat_activity WHERE wait_event = $1", .text(event))
        while true {
            let rows = try await connection.run([waiting], within: .seconds(10))[0]
            guard rows.count > 0 else { continue }
            try begin()
            _ = Glibc.kill(pid_t(try rows.int8(0, 0)), SIGKILL)
            return try rows.int8(0, 1)
        }
    }

    /// Commits transactions until one was given this number.
    private func take(_ number: Int64, on server: PostgresServer) async throws {
        let next = PostgresCommand("SELECT pg_current_xact_id()::text::bigint")
        var taken: Int64?
        while (taken ?? 0) < number {
            taken = try? await server.superuser { connection in
                try await connection.run([next], within: .seconds(10))[0].int8(0, 0)
            }
        }
    }

    private func end(sessionWaitingFor event: String, on server: PostgresServer) async throws {
        let ending = PostgresCommand(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event = $1", .text(event))
        try await server.superuser { connection in
            while try await connection.run([ending], within: .seconds(10))[0].int8(0, 0) == 0 {}
        }
    }

    @Test func `a server that dies under load and comes back has all that was acknowledged, once`() async throws {
        let server = try await PostgresServer()
        let store = try await PostgresStore.open(try PostgresConfiguration(url: try await server.database()))
        try await World.on(store, .postgres) { world, experiment in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<4 {
                    group.addTask { try await persist(world, client * 50..<client * 50 + 50) }
                }
                group.addTask {
                    for _ in 0..<3 {
                        // Some of the load is done, some is under way.
                        _ = try? await world.service.store.audit(of: world.tenant, below: nil, limit: 1)
                        try server.kill()
                        try await server.start()
                    }
                }
                try await group.waitForAll()
            }
            let sums = try await counted(world, experiment)
            #expect(sums.values.map(\.units).reduce(0, +) == 200)
            #expect(sums.values.map(\.orders).reduce(0, +) == 200)
        }
        await store.close()
        try server.remove()
    }

    @Test func `while nobody answers, known shoppers hear their price and others the list price`() async throws {
        let server = try await PostgresServer()
        let store = try await PostgresStore.open(try PostgresConfiguration(url: try await server.database()))
        try await World.on(store, .postgres) { world, _ in
            let known = try await world.quote("known")
            try server.kill()
            #expect(try await world.quote("known").price == known.price)
            for _ in 0..<3 {
                // Until the connections are given up nobody knows; from then on it is known at once.
                let stranger = try? await world.quote("stranger")
                #expect(stranger.map { $0.reason == .fallback && $0.price == $0.listPrice } ?? true)
                await #expect(throws: StoreError.self) { try await store.check() }
            }
            #expect(try await world.quote("stranger").reason == .fallback)
            #expect(world.service.isDegraded)
            try await server.start()
            let price = try await again(world, "stranger")
            #expect(!world.service.isDegraded)
            #expect(try await world.quote("stranger").price == price)
            try await store.check()
        }
        await store.close()
        try server.remove()
    }

    /// Asks until the store is known to be gone.
    private func fallback(_ world: World, _ shopper: String) async -> Quote {
        while true {
            if let quote = try? await world.quote(shopper), quote.reason == .fallback { return quote }
        }
    }

    @Test func `what was told while nobody answered can be bought: by its token, and by its id once handed over`()
        async throws
    {
        let server = try await PostgresServer()
        let store = try await PostgresStore.open(try PostgresConfiguration(url: try await server.database()))
        try await World.on(store, .postgres) { world, _ in
            let other = try await world.replica(on: store, spool: try FileSpool(path: nil), seed: 13)
            for world in [world, other] { _ = try await world.quote("known") }
            try server.kill()
            let (lost, kept) = (await fallback(world, "a"), await fallback(other, "b"))
            try await server.start()
            while other.service.isDegraded || other.service.spool?.count != 0 {
                try? await other.service.followOthers()
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(try await world.service.quote(kept.id, in: try world.snapshot)?.price == kept.price)
            // Its process keeps no spool: the seal alone says that it was told.
            #expect(try await world.service.quote(lost.id, in: try world.snapshot) == nil)
            let service = try other.selling()
            for quote in [lost, kept] {
                let checkout = try await service.create(
                    CheckoutDraft(lines: [.init(quote: quote.token)]), in: try other.snapshot)
                #expect(checkout.lines[0].unitPrice == quote.price.amount && checkout.lines[0].quote == quote.id)
                let done = try await service.complete(
                    checkout.id, totalsHash: checkout.totalsHash, in: try other.snapshot)
                guard case .completed(_, let order) = done else {
                    Issue.record("not completed")
                    continue
                }
                #expect(order.totals.total == quote.price.amount)
            }
        }
        await store.close()
        try server.remove()
    }
}
