import Dispatch
import Experiments
import Postgres
import PostgresSupport
import Storage
import Synchronization
import Testing

/// How changes of configuration come through where several processes change one tenant.
@Suite struct PostgresConfigurationChanges {
    func stores(
        _ count: Int, options: String = ""
    ) async throws -> (stores: [PostgresStore], database: String) {
        let address = try await PostgresServer.shared().database(options: options)
        var configuration = try PostgresConfiguration(url: address)
        configuration.connections = 3
        var stores: [PostgresStore] = []
        for _ in 0..<count { stores.append(try await PostgresStore.open(configuration)) }
        return (stores, String(address.split(separator: "/")[2].prefix { $0 != "?" }))
    }

    /// What `body` costs a store.
    func cost(
        _ store: PostgresStore, _ body: () async throws -> Void
    ) async throws -> (commits: Int, trips: Int) {
        let before = store.configurationCommits
        try await body()
        let after = store.configurationCommits
        return (after.commits - before.commits, after.trips - before.trips)
    }

    @Test(arguments: ["", "&prepared=false"])
    func `a change is sent once, and twice where another replica was first`(options: String) async throws {
        let (stores, _) = try await stores(2, options: options)
        try await World.on(stores[0], .postgres) { first, experiment in
            let second = try await first.replica(on: stores[1])
            _ = try await second.raise("a")
            for round in 0..<3 {
                // Each is overtaken by what the other did since, of which it has not heard.
                #expect(try await cost(stores[0]) { _ = try await first.raise("b-\(round)") } == (1, 2))
                #expect(try await cost(stores[0]) { _ = try await first.raise("c-\(round)") } == (1, 1))
                #expect(try await cost(stores[1]) { try await second.reweigh([round + 1, 9], experiment) } == (1, 2))
                #expect(try await cost(stores[1]) { _ = try await second.raise("d-\(round)") } == (1, 1))
            }
            // What it was decided on anew is known from then on, and so is what it made.
            #expect(try second.price == 1000 + 1 + 9)
            #expect(try second.snapshot.experiments[experiment]?.variants.map(\.weight) == [3, 9])
            // Whoever is refused on what stands has changed nothing, and holds nothing up.
            try await first.put(sku: "taken", price: 1, cost: nil)
            await #expect(throws: ConfigurationError.notFound) {
                try await second.service.change(second.tenant, actor: "test", requestID: "r") {
                    snapshot, _ throws(ConfigurationError) -> Decided<Void> in
                    if snapshot.catalogue.values.contains(where: { $0.product.sku.text == "taken" }) {
                        throw .notFound
                    }
                    return Decided([], action: "test", target: "t", answer: ())
                }
            }
            #expect(try await cost(stores[0]) { _ = try await first.raise("e") } == (1, 1))
            _ = try await first.chain()
        }
        for store in stores { await store.close() }
    }

    @Test(arguments: ["", "&prepared=false"])
    func `what two replicas change at the same time is all made, in few commits`(options: String) async throws {
        let (stores, _) = try await stores(2, options: options)
        try await World.on(stores[0], .postgres) { first, _ in
            let second = try await first.replica(on: stores[1])
            let before = try first.snapshot.version
            let costs = stores.map(\.configurationCommits)
            let prices = try await withThrowingTaskGroup(of: Int64.self) { group in
                for number in 0..<200 {
                    let world = number % 2 == 0 ? first : second
                    group.addTask { try await world.raise("r-\(number)") }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(prices) == Set((1001...1200).map { Int64($0) }))
            for (store, before) in zip(stores, costs) {
                let commits = store.configurationCommits.commits - before.commits
                #expect(commits < 100, "those that waited went together")
            }
            let stored = try #require(try await stores[0].load([first.tenant]).first)
            #expect(stored.version == before + 200)
            #expect(try await first.chain().count { $0.draft.action == "product.raise" } == 200)
            for world in [first, second] {
                try await world.service.refresh()
                #expect(try world.price == 1200)
            }
        }
        for store in stores { await store.close() }
    }

    @Test(arguments: ["", "&prepared=false"])
    func `of changes that go together whoever repeats one is left out, and the others are made in the same transaction`(
        options: String
    ) async throws {
        let (stores, _) = try await stores(2, options: options)
        try await World.on(stores[0], .postgres) { first, _ in
            let second = try await first.replica(on: stores[1])
            _ = try await second.raise("a")
            let stale = try second.snapshot
            let told = try await first.raise("once", key: 5)
            // The platform's replies are under a tenant of their own.
            let platform = SavedReply(
                scope: ReplyScope(
                    tenant: TenantID(bits: Bits128(high: 0, low: 0)), hash: Bits128(high: 0, low: first.tenant.bits.low)
                ),
                bodyHash: Bits128(high: 0, low: 1), status: 201, sealedBody: [1], at: first.clock.now())
            func commit(_ version: Int, _ names: [(String, SavedReply?)]) throws -> Commit {
                Commit(
                    tenant: first.tenant, expectedVersion: version,
                    steps: try names.map { name, reply in
                        Commit.Step(
                            changes: [.product(try first.product(name, 7))], audit: first.audit(of: name), reply: reply)
                    })
            }
            let heard = Mutex<[SavedReply]>([])
            let again = try commit(stale.version + 1, [("x", nil), ("z", platform)])
            let original = try commit(
                stale.version, [("x", nil), ("y", first.reply(5, "other")), ("z", platform)])
            let cost = try await cost(stores[1]) {
                let version = try await stores[1].commit(
                    Commit(
                        tenant: first.tenant, expectedVersion: stale.version, steps: original.steps,
                        renewal: { newest, known in
                            heard.withLock { $0 = known }
                            return newest?.version == again.expectedVersion ? again : nil
                        })
                ) { _ in }
                #expect(version == stale.version + 3)
            }
            #expect(cost == (1, 2))
            #expect(heard.withLock(\.self).map(\.sealedBody) == [Array("\(told)".utf8)])
            #expect(try await stores[0].reply(in: platform.scope, at: first.clock.now()) == platform)
            #expect(try await first.chain().suffix(2).map(\.draft.target) == ["x", "z"])
            // A platform's reply that is known is found as well.
            await #expect(throws: StoreError.repeated(platform)) {
                try await stores[1].commit(try commit(stale.version + 3, [("w", platform)])) { _ in }
            }
        }
        for store in stores { await store.close() }
    }

    @Test func `a session that ends between the two round trips of a change costs neither it nor the tenant's lock`()
        async throws
    {
        let (stores, database) = try await stores(2)
        let server = try await PostgresServer.shared()
        try await World.on(stores[0], .postgres) { first, _ in
            let second = try await first.replica(on: stores[1])
            _ = try await second.raise("a")
            let stale = try second.snapshot
            _ = try await first.raise("b")
            let renewals = Atomic<Int>(0)
            @Sendable func commit(_ version: Int) -> Commit {
                Commit(
                    tenant: stale.tenant.id, expectedVersion: version,
                    steps: [Commit.Step(changes: [.tenant(stale.tenant)], audit: second.audit(of: "late"))],
                    renewal: { newest, _ in
                        renewals.add(1, ordering: .relaxed)
                        // The store waits for this: the sessions end while it holds the lock.
                        let isOver = DispatchSemaphore(value: 0)
                        Task.detached {
                            try await server.superuser { connection in
                                _ = try await connection.run(
                                    [
                                        PostgresCommand(
                                            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1",
                                            .text(database))
                                    ], within: .seconds(10))
                            }
                            isOver.signal()
                        }
                        isOver.wait()
                        return newest.map { commit($0.version) }
                    })
            }
            let version = try await stores[1].commit(commit(stale.version)) { _ in }
            #expect(version == stale.version + 2)
            #expect(renewals.load(ordering: .relaxed) == 1)
            try await first.service.refresh()
            _ = try await first.raise("c")
            #expect(try await first.chain().count { $0.draft.target == "late" } == 1)
        }
        for store in stores { await store.close() }
    }
}
