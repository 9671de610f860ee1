import EventLoop
import Experiments
import Postgres
import PostgresSupport
import Storage
import Testing

/// What holds when several processes share one database.
@Suite struct PostgresReplicas {
    func stores(
        _ count: Int, options: String = ""
    ) async throws -> (stores: [PostgresStore], address: String) {
        let address = try await PostgresServer.shared().database(options: options)
        var configuration = try PostgresConfiguration(url: address)
        configuration.connections = 3
        let fixed = configuration
        // All at once: the schema is made by one of them, and none fails.
        let stores = try await withThrowingTaskGroup(of: PostgresStore.self) { group in
            for _ in 0..<count { group.addTask { try await PostgresStore.open(fixed) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        return (stores, address)
    }

    /// Does what may be refused for want of time until it is not, as a careful client does.
    private func persist<Value>(_ body: () async throws -> Value) async throws -> Value {
        while true {
            do {
                return try await body()
            } catch QuoteError.store(.unavailable) {
            } catch ConfigurationError.store(.unavailable) {
            } catch StoreError.unavailable {}
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func `ten that start at once make one schema`() async throws {
        let (stores, address) = try await stores(10)
        for store in stores { await store.close() }
        #expect(try await PostgresStore.migrate(try PostgresConfiguration(url: address)).isEmpty)
    }

    /// PostgreSQL may believe that a tenant has few rows, and then look through all of them for a few: it does of a young
    /// table, for as long as a plan is kept.
    @Test func `a batch of events reads what its shoppers did, not what all of a tenant's did`() async throws {
        let (stores, address) = try await stores(1)
        try await World.on(stores[0], .postgres) { world, _ in
            for batch in 0..<20 {
                let shoppers = (0..<50).map { "s-\(batch)-\($0)" }
                for shopper in shoppers { _ = try await world.quote(shopper) }
                let events = shoppers.map { world.event("e-\($0)", "conversion", $0, after: .seconds(1)) }
                let outcomes = try await world.service.ingest(events, in: try world.snapshot)
                #expect(outcomes.count == 50)
            }
        }
        // What its sessions counted is told when they end.
        await stores[0].close()
        let database = String(address.split(separator: "/")[2].prefix { $0 != "?" })
        let read = try await PostgresServer.shared().superuser(of: database) { connection in
            let rows = try await connection.run(
                [
                    PostgresCommand(
                        """
                        SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes
                        WHERE indexrelname IN ('outcomes_pkey', 'units_pkey')
                        """)
                ], within: .seconds(10))
            return try rows[0].int8(0, 0)
        }
        // Each unit once or twice; looked through, they are some ten thousand for each of the two.
        #expect(read > 500 && read < 5000, "\(read) entries read for 1,000 events")
    }

    @Test func `a shopper assigned by two at the same instant hears one price, whatever happens to the weights`()
        async throws
    {
        let (stores, _) = try await stores(2)
        try await World.on(stores[0], .postgres) { first, experiment in
            let second = try await first.replica(on: stores[1])
            let prices = try await withThrowingTaskGroup(of: (shopper: Int, price: Int64)?.self) { group in
                for world in [first, second] {
                    for number in 0..<300 {
                        group.addTask {
                            (number, try await persist { try await world.quote("s-\(number)").price.amount })
                        }
                    }
                }
                for weight in 1...20 {
                    group.addTask {
                        try await persist { try await first.reweigh([weight, 21 - weight], experiment) }
                        return nil
                    }
                }
                return try await group.reduce(into: [Int: Set<Int64>]()) { told, one in
                    if let one { told[one.shopper, default: []].insert(one.price) }
                }
            }
            #expect(prices.count == 300)
            #expect(prices.values.allSatisfy { $0.count == 1 })
            #expect(Set(prices.values.flatMap { $0 }).count == 2)
            #expect(try await first.sums(experiment).values.map(\.units).reduce(0, +) == 300)
        }
        for store in stores { await store.close() }
    }

    @Test(arguments: ["", "&prepared=false"])
    func `strangers are enrolled in one round trip, and whoever is none is found out and keeps what is known of them`(
        options: String
    ) async throws {
        let (stores, _) = try await stores(3, options: options)
        try await World.on(stores[0], .postgres) { first, experiment in
            // Whoever bought before is no stranger: what was spent goes with the first exposure.
            let bought = first.event("e-1", "conversion", "buyer") {
                $0.product = "sku-1"
                $0.revenue = World.usd.map { Money(amount: 1000, currency: $0) }
            }
            #expect(try await first.send(bought) == [.accepted])
            first.clock.advance(by: .seconds(60))
            let before = stores[0].commitsAtOnce
            _ = try await first.quote("buyer")
            #expect(stores[0].commitsAtOnce == before)

            var told: [String: Quote] = [:]
            for number in 0..<8 { told["s-\(number)"] = try await first.quote("s-\(number)") }
            // One turn was made the long way for the mistake of the buyer's.
            #expect(stores[0].commitsAtOnce == before + 7)

            // The same shoppers where nobody remembers them; and nobody asks again and again whether they are strangers.
            try await first.reweigh([1, 99], experiment)
            let second = try await first.replica(on: stores[1])
            for (name, quote) in told {
                let heard = try await second.quote(name)
                #expect(heard.id == quote.id && heard.price == quote.price && heard.reason == .sticky)
            }
            #expect(stores[1].commitsAtOnce == 0)
            // On an old configuration nobody is a stranger either: the newest weights decide.
            let third = try await first.replica(on: stores[2], seed: 13)
            try await first.reweigh([0, 100], experiment)
            for number in 0..<8 { #expect(try await third.quote("t-\(number)").price.amount == 2499) }

            let sums = try await first.sums(experiment)
            #expect(sums.values.map(\.units).reduce(0, +) == 17)
            let counts = try #require(try await stores[0].newestCounts(of: experiment, in: first.tenant)).counts
            #expect(counts == (try await first.service.store.recount(of: experiment, in: try first.snapshot)))
            let spent = counts.tallies.filter { $0.key.series == TallySeries.covariate }.values.map(\.sum).max()
            #expect(spent == 1000)
        }
        for store in stores { await store.close() }
    }

    @Test(arguments: ["", "&prepared=false"])
    func `whoever is decided on an old configuration is decided anew with all that the newest has to see`(
        options: String
    ) async throws {
        let (stores, _) = try await stores(3, options: options)
        try await World.on(stores[0], .postgres) { first, experiment in
            var byPrice: [Int64: String] = [:]
            for number in 0..<20 {
                let price = try await first.quote("s-\(number)").price.amount
                byPrice[price] = byPrice[price] ?? "s-\(number)"
            }
            let (low, high) = (try #require(byPrice[1999]), try #require(byPrice[2499]))
            let second = try await first.replica(on: stores[1])
            let third = try await first.replica(on: stores[2], seed: 13)
            // Of ids that are one shopper, and of a limit, neither has heard.
            let keys = try [low, high].map { try #require(TenantKey($0)) }
            #expect(
                try await first.service.link(keys[0], keys[1], in: try first.snapshot, actor: "test", requestID: "r"))
            let due = try await first.quote(low).price
            for name in [low, high] { #expect(try await second.quote(name).price == due) }
            try await first.service.change(first.tenant, actor: "test", requestID: "r") {
                snapshot, _ throws(ConfigurationError) in
                var tenant = snapshot.tenant
                tenant.usageLimit = 1
                return Decided([.tenant(tenant)], action: "tenant.put", target: "t", answer: ())
            }
            #expect(try await third.quote("new").reason == .usageLimit)
            let other = try #require((0..<20).map { "s-\($0)" }.first { $0 != low && $0 != high })
            let sale = second.event("e-1", "conversion", other, after: .seconds(1)) { $0.order = "o-1" }
            #expect(try await second.send(sale, sale) == [.accepted, .duplicate])
            let sums = try await first.sums(experiment)
            #expect(sums.values.map(\.orders).reduce(0, +) == 1)
        }
        for store in stores { await store.close() }
    }

    @Test func `of many products another process changed one, and changed it back`() async throws {
        let (stores, _) = try await stores(2)
        try await World.on(stores[0], .postgres) { first, _ in
            let usd = try #require(World.usd)
            let many = try (0..<300).map { number in
                Product(
                    sku: try #require(TenantKey("many-\(number)")), title: "Many",
                    listPrice: Money(amount: 1000 + Int64(number % 2), currency: usd))
            }
            try await first.service.change(first.tenant, actor: "test", requestID: "r") {
                _, _ throws(ConfigurationError) in
                Decided(many.map { .product($0) }, action: "product.import", target: "many", answer: ())
            }
            let second = try await first.replica(on: stores[1])
            for price: Int64 in [1500, 1000, 1700, 1500, 1000] {
                try await first.put(sku: "many-8", price: price, cost: nil)
                try await second.service.refresh()
                let (own, heard) = (try first.snapshot, try second.snapshot)
                #expect(heard.version == own.version)
                for product in many {
                    #expect(heard.catalogue[product.sku]?.product == own.catalogue[product.sku]?.product)
                }
                #expect(heard.catalogue[many[8].sku]?.product.listPrice.amount == price)
            }
        }
        for store in stores { await store.close() }
    }

    @Test func `all that came while a tenant waited for a connection is one transaction`() async throws {
        let server = try await PostgresServer.shared()
        let address = try await server.database()
        var configuration = try PostgresConfiguration(url: address)
        configuration.connections = 1
        let store = try await PostgresStore.open(configuration)
        try await World.on(store, .postgres) { world, _ in
            let before = store.groupCommits
            let name = String(address.split(separator: "/")[2].prefix { $0 != "?" })
            try await server.superuser(of: name) { connection in
                @Sendable func ask(_ statements: String...) async throws -> [PostgresRows] {
                    try await connection.run(statements.map { PostgresCommand($0) }, within: .seconds(5))
                }
                _ = try await ask("BEGIN", "LOCK TABLE audit")
                // Whoever reads what is locked has the only connection until it is not.
                async let reading = world.service.store.audit(of: world.tenant, below: nil, limit: 1)
                let waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'audit'::regclass"
                for _ in 0..<10_000 where try await ask(waiting)[0].count > 0 { break }
                try await withThrowingTaskGroup { group in
                    for number in 0..<20 { group.addTask { _ = try await world.quote("s-\(number)") } }
                    for _ in 0..<1000 where store.waitingJobs < 20 { try await Task.sleep(for: .milliseconds(1)) }
                    _ = try await ask("COMMIT")
                    try await group.waitForAll()
                }
                _ = try await reading
            }
            #expect(store.groupCommits.turns == before.turns + 1)
            #expect(store.groupCommits.jobs == before.jobs + 20)
            #expect(store.waitingJobs == 0)
        }
        await store.close()
    }

    @Test func `a replica that heard of another's change makes its own in one round trip`() async throws {
        let (stores, _) = try await stores(2)
        try await World.on(stores[0], .postgres) { first, experiment in
            let second = try await first.replica(on: stores[1])
            for weight in 1...3 {
                let before = (stores[0].commitsAtOnce, stores[1].commitsAtOnce)
                try await first.reweigh([weight, 9], experiment)
                try await second.service.refresh()
                try await second.reweigh([9, weight], experiment)
                try await first.service.refresh()
                #expect(stores[0].commitsAtOnce == before.0 + 1)
                #expect(stores[1].commitsAtOnce == before.1 + 1)
            }
            #expect(try first.snapshot.version == (try second.snapshot.version))
        }
        for store in stores { await store.close() }
    }

    @Test func `events sent to both at once, each several times, count once`() async throws {
        let (stores, _) = try await stores(2)
        try await World.on(stores[0], .postgres) { first, experiment in
            let second = try await first.replica(on: stores[1])
            for number in 0..<20 { _ = try await first.quote("s-\(number)") }
            let accepted = try await withThrowingTaskGroup(of: Int.self) { group in
                for round in 0..<6 {
                    let world = round % 2 == 0 ? first : second
                    for batch in 0..<10 {
                        group.addTask {
                            let events = (0..<30).map { place in
                                world.event("e-\(batch * 15 + place)", "conversion", "s-\(place % 20)") {
                                    $0.order = "o-\(batch * 15 + place)"
                                }
                            }
                            let outcomes = try await world.service.ingest(events, in: try world.snapshot)
                            #expect(outcomes.allSatisfy { $0 == .accepted || $0 == .duplicate })
                            return outcomes.count { $0 == .accepted }
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            let ids = 9 * 15 + 30
            #expect(accepted == ids)
            #expect(try await first.sums(experiment).values.map(\.converted).reduce(0, +) == 20)
        }
        for store in stores { await store.close() }
    }

    @Test(arguments: ["", "&prepared=false"])
    func `whom one makes one shopper the other no longer remembers as two`(options: String) async throws {
        let (stores, _) = try await stores(2, options: options)
        try await World.on(stores[0], .postgres) { first, _ in
            let second = try await first.replica(on: stores[1])
            var byPrice: [Int64: String] = [:]
            for number in 0..<40 {
                let shopper = "s-\(number)"
                let price = try await first.quote(shopper).price
                #expect(try await second.quote(shopper).price == price)
                byPrice[price.amount] = byPrice[price.amount] ?? shopper
            }
            let low = try #require(byPrice[1999])
            let high = try #require(byPrice[2499])
            let keys = try [low, high].map { try #require(TenantKey($0)) }
            try await second.service.followOthers()
            #expect(
                try await first.service.link(keys[0], keys[1], in: try first.snapshot, actor: "test", requestID: "r"))
            let due = try await first.quote(low).price
            var asked = 0
            while true {
                let heard = [try await second.quote(low).price, try await second.quote(high).price]
                if heard == [due, due] { break }
                try await second.service.followOthers()
                asked += 1
                try #require(asked < 100_000, "nothing was heard")
            }
            #expect(try await first.quote(high).price == due)
        }
        for store in stores { await store.close() }
    }

    @Test(arguments: ["", "&prepared=false"])
    func `what one commits the other is told of, and of its own it is not`(options: String) async throws {
        let (stores, _) = try await stores(2, options: options)
        try await World.on(stores[0], .postgres) { world, experiment in
            for store in stores { _ = try await store.changedElsewhere() }
            // Whoever began to listen a moment ago may have missed something, and says so once.
            for store in stores { while try await store.changedElsewhere() {} }
            try await world.act(.pause, experiment)
            var asked = 0
            while try await !stores[1].changedElsewhere() {
                asked += 1
                try #require(asked < 100_000, "nothing was heard")
            }
            #expect(try await !stores[1].changedElsewhere())
            #expect(try await !stores[0].changedElsewhere())
        }
        for store in stores { await store.close() }
    }

    @Test func `what is heard while versions are compared is not lost`() async throws {
        let (stores, address) = try await stores(1)
        try await World.on(stores[0], .postgres) { world, _ in
            let name = String(address.split(separator: "/")[2].prefix { $0 != "?" })
            let (news, heard) = AsyncStream.makeStream(of: Void.self)
            await stores[0].onNews { heard.yield() }
            try await PostgresServer.shared().superuser(of: name) { connection in
                _ = try await connection.run(
                    [PostgresCommand("BEGIN"), PostgresCommand("LOCK TABLE tenants")], within: .seconds(5))
                async let compared = stores[0].changedElsewhere()
                // Until that question waits for the table, and this session's notification after it was heard.
                let waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'tenants'::regclass"
                while try await connection.run([PostgresCommand(waiting)], within: .seconds(5))[0].count == 0 {}
                try await PostgresServer.shared().superuser(of: name) { other in
                    let text = "SELECT pg_notify('cournot_configuration', 'somebody \(world.tenant)')"
                    var iterator = news.makeAsyncIterator()
                    _ = try await other.run([PostgresCommand(text)], within: .seconds(5))
                    await iterator.next()
                }
                _ = try await connection.run([PostgresCommand("COMMIT")], within: .seconds(5))
                _ = try await compared
            }
            #expect(try await stores[0].changedElsewhere())
        }
        for store in stores { await store.close() }
    }

    @Test(arguments: ["", "&prepared=false"])
    func `whom nobody makes one with another is remembered`(options: String) async throws {
        let (stores, _) = try await stores(1, options: options)
        try await World.on(stores[0], .postgres) { world, _ in
            _ = try await world.quote("s-1")
            for _ in 0..<3 { try await world.service.followOthers() }
            let request = QuoteRequest(
                shopper: try #require(TenantKey("s-1")), product: try #require(World.sku))
            #expect(try world.service.quoteAtOnce(request, in: try world.snapshot) != nil)
        }
        for store in stores { await store.close() }
    }

    @Test func `through a pooler in transaction mode everything works, with statements that have no name`() async throws
    {
        let server = try await PostgresServer.shared()
        let address = try await server.database()
        let folder = try await server.pooler()
        var configuration = try PostgresConfiguration(
            url: address.replacing("host=\(server.directory)", with: "host=\(folder)&port=6432&prepared=false"))
        configuration.connections = 6
        let store = try await PostgresStore.open(configuration)
        try await World.on(store, .postgres) { world, experiment in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let quote = try await persist { try await world.quote("s-\(number)") }
                        let sale = world.event("e-\(number)", "conversion", "s-\(number)") {
                            $0.quote = quote.id.description
                        }
                        #expect(try await persist { try await world.send(sale, sale) } == [.accepted, .duplicate])
                    }
                }
                for weight in 1...10 {
                    group.addTask { try await persist { try await world.reweigh([weight, 10], experiment) } }
                }
                try await group.waitForAll()
            }
            let sums = try await world.sums(experiment)
            #expect(sums.values.map(\.units).reduce(0, +) == 100)
            #expect(sums.values.map(\.converted).reduce(0, +) == 100)
        }
        await store.close()
    }
}
