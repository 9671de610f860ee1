import AgentRuntime
import Crypto
import Experiments
import Postgres
import PostgresSupport
import SQLite
import Synchronization
import Testing

@testable import Storage

#if canImport(Glibc)
    import Glibc
#endif

/// Everything one engine keeps, copied into another: nothing is lost, whatever interrupts it, and the copy behaves as
/// the original would have.
@Suite struct TransferTests {
    /// An empty database of an engine, with what a store on it is opened by.
    private struct Place {
        let location: TransferLocation
        /// Of a SQLite file; empty for PostgreSQL.
        var path = ""
        /// Of a PostgreSQL database; empty for SQLite.
        var address = ""

        static func sqlite() -> Place {
            let path = "/tmp/cournot-transfer-\(getpid())-\(counter.add(1, ordering: .relaxed).newValue).db"
            return Place(location: .sqlite(path: path), path: path)
        }

        static func postgres() async throws -> Place {
            let address = try await PostgresServer.shared().database()
            var configuration = try PostgresConfiguration(url: address)
            configuration.connections = 3
            return Place(location: .postgres(configuration), address: address)
        }

        func open() async throws -> any Store {
            switch location {
            case .sqlite(let path): try SQLiteStore(path: path)
            case .postgres(let configuration): try await PostgresStore.open(configuration)
            }
        }

        /// Runs SQL as whoever may do all: to do harm.
        func run(_ sql: String) async throws {
            if path.isEmpty {
                let name = String(address.split(separator: "/")[2].prefix { $0 != "?" })
                try await PostgresServer.shared().superuser(of: name) { connection in
                    _ = try await connection.run([PostgresCommand(sql)], within: .seconds(5))
                }
            } else {
                try SQLiteStore.open(path, vfs: nil, isReader: false).execute(sql)
            }
        }

        func remove() {
            Engine.remove(path)
        }

        private static let counter = Atomic<Int>(0)
    }

    private struct Cut: Error {}

    /// What was told and counted in a world, to be asked for again.
    private struct Told {
        var prices: [String: Money] = [:]
        var events: [EventDraft] = []
        var quotes: [QuoteID] = []
        var scope: ReplyScope?
        var report: Measurements?
        var asOf: Timestamp?
        var decision: DecisionRecord?
        var order: Order?
        var checkout: Checkout?
    }

    /// A world with something in every table.
    private func live(in world: World, _ experiment: ExperimentID) async throws -> Told {
        var told = Told()
        for number in 0..<60 {
            world.clock.advance(by: .seconds(3600))
            if number == 20 { try await world.reweigh([1, 3], experiment) }
            if number == 40 {
                let key = APIKey(
                    id: world.service.identifiers.next(at: world.clock.now()), role: .agent, name: "Größe \"1\"",
                    hash: SHA256.hash("key"), createdAt: world.clock.now(),
                    allowedAddresses: [try #require(AddressRange("10.0.0.0/8"))])
                let scope = ReplyScope(tenant: world.tenant, hash: Bits128(high: 7, low: 9))
                let reply = SavedReply(
                    scope: scope, bodyHash: Bits128(high: 1, low: 2), status: 201, sealedBody: [0, 1, 255],
                    at: world.clock.now())
                _ = try await world.service.store.commit(
                    Commit(
                        tenant: world.tenant, expectedVersion: try world.snapshot.version, changes: [.key(key)],
                        audit: AuditDraft(
                            at: world.clock.now(), actor: "test", action: "key.create", target: "k", requestID: "r"),
                        reply: reply)
                ) { _ in }
                try await world.service.refresh()
                told.scope = scope
            }
            let quote = try await world.quote("s-\(number)", expose: number % 7 != 0)
            told.quotes.append(quote.id)
            var events = [world.event("view-\(number)", "view", "s-\(number)")]
            if number % 2 == 0 {
                events.append(
                    world.event("sale-\(number)", "conversion", "s-\(number)", after: .seconds(1)) {
                        $0.quote = quote.id.description
                        $0.order = "o-\(number)"
                        $0.quantity = Int64(number % 3 + 1)
                    })
            }
            if number % 10 == 0 {
                events.append(
                    world.event("refund-\(number)", "refund", "s-\(number)", after: .seconds(2)) {
                        $0.order = "o-\(number)"
                        $0.revenue = World.usd.map { Money(amount: 100, currency: $0) }
                    })
            }
            world.clock.advance(by: .seconds(10))
            #expect(try await world.service.ingest(events, in: try world.snapshot).allSatisfy { $0 == .accepted })
            told.events += events
        }
        for pair in [(0, 1), (2, 3), (3, 4)] {
            let keys = try [pair.0, pair.1].map { try #require(TenantKey("s-\($0)")) }
            #expect(
                try await world.service.link(keys[0], keys[1], in: try world.snapshot, actor: "test", requestID: "r"))
        }
        try await world.put(sku: "sku-2", price: 100, cost: nil)
        for version in 0..<3 {
            try await world.service.store.append(
                ConversationContract.turn(Self.conversation, after: version), in: world.tenant)
        }
        let selling = try selling(in: world)
        for shopper in ["s-5", "s-6"] {
            let quote = try await world.quote(shopper)
            let made = try await selling.create(
                CheckoutDraft(lines: [.init(quote: quote.token, quantity: 3)], buyer: Buyer(name: "Größe \"1\"")),
                in: try world.snapshot)
            guard shopper == "s-5" else {
                told.checkout = made
                continue
            }
            guard
                case .completed(_, let order) = try await selling.complete(
                    made.id, totalsHash: made.totalsHash, in: try world.snapshot)
            else { continue }
            let part = Money(amount: 7, currency: order.totals.currency)
            told.order = try await selling.refund(order.id, amount: part, in: try world.snapshot).order
        }
        try await askModels(in: world, experiment)
        told.decision = try await DecisionContract.decide(.ship, on: experiment, in: world)
        for number in 0..<60 { told.prices["s-\(number)"] = try await world.quote("s-\(number)").price }
        let measured = try #require(
            try await world.service.store.measurements(of: experiment, in: world.tenant, asOf: nil))
        told.asOf = measured.asOf
        told.report = measured
        return told
    }

    private func askModels(in world: World, _ experiment: ExperimentID) async throws {
        let ledger = try #require(world.service.store as? any ModelLedger)
        let plenty = ModelCost(picodollars: 1_000_000)
        for number in 0..<3 {
            let now = world.clock.now()
            let asked = ModelReservation(
                id: world.service.identifiers.next(at: now), conversation: Self.conversation, model: "test/model",
                most: ModelCost(picodollars: 100), at: now)
            #expect(try await ledger.reserve(asked, ofDay: plenty, ofConversation: plenty, in: world.tenant))
            // The last stays unsettled.
            guard number < 2 else { break }
            let charge = ModelCharge(
                model: "test/model", usage: ModelUsage(input: 7, output: 2), cost: ModelCost(picodollars: 9),
                isAnswered: true)
            try await ledger.settle(asked, [charge], in: world.tenant)
        }
        let vectors = try #require(world.service.store as? any VectorStore)
        let sku = try #require(TenantKey("sku-1"))
        let product = try #require(try world.snapshot.catalogue[sku]?.product)
        try await vectors.keep(
            [ProductVector(sku: product.sku, content: ProductVector.content(of: product), bytes: [0, 1, 128, 255])],
            of: "größe/1", in: world.tenant)
        try await ledger.note(
            [ModelArm(experiment: experiment, variant: "control")], of: Self.conversation, in: world.tenant)
    }

    private static let conversation = ConversationID(bits: Bits128(high: 1 << 20, low: 1 << 63))

    private func selling(in world: World) throws -> CheckoutService {
        let store = try #require(world.service.store as? any CheckoutStore)
        return CheckoutService(
            pricing: world.service, store: store, providers: [TestProvider(ledger: store, clock: world.clock)])
    }

    /// The store there behaves as the one before did.
    private func check(_ place: Place, of world: World, _ experiment: ExperimentID, _ told: Told) async throws {
        let store = try await place.open()
        let copy = try await world.replica(on: store)
        let recorded = try await store.measurements(of: experiment, in: world.tenant, asOf: told.asOf)
        #expect(recorded == told.report)
        #expect(try await store.measurements(of: experiment, in: world.tenant, asOf: nil) == told.report)
        #expect(try await store.recount(of: experiment, in: try copy.snapshot) == told.report?.counts)
        for (shopper, price) in told.prices { #expect(try await copy.quote(shopper).price == price) }
        let again = try await copy.service.ingest(told.events, in: try copy.snapshot)
        #expect(again.count == told.events.count && again.allSatisfy { $0 == .duplicate })
        for quote in told.quotes { #expect(try await copy.service.quote(quote, in: try copy.snapshot) != nil) }
        let reply = try await store.reply(in: try #require(told.scope), at: world.clock.now())
        #expect(reply?.sealedBody == [0, 1, 255])
        let decisions = try await store.decisions(of: experiment, in: world.tenant, before: nil, limit: 10)
        #expect(decisions == [told.decision])
        let said = try await store.messages(of: Self.conversation, in: world.tenant, after: 0, limit: 10)
        #expect(said.map(\.number) == [1, 2, 3])
        #expect(try await store.conversation(Self.conversation, in: world.tenant)?.version == 3)
        let selling = try selling(in: copy)
        let (order, checkout) = (try #require(told.order), try #require(told.checkout))
        #expect(try await selling.order(order.id, in: try copy.snapshot) == order)
        #expect(try await selling.read(checkout.id, in: try copy.snapshot).checkout == checkout)
        let sale = copy.event("new-sale", "conversion", "s-1") { $0.order = "o-new" }
        #expect(try await copy.send(sale) == [.accepted])
        _ = try await copy.sums(experiment)
        await store.close()
    }

    /// A world on `first`, lived in and closed.
    private func made(on first: Place, _ body: (World, ExperimentID, Told) async throws -> Void) async throws {
        let store = try await first.open()
        try await World.on(store, first.path.isEmpty ? .postgres : .sqlite, path: first.path) { world, experiment in
            let told = try await live(in: world, experiment)
            await store.close()
            try await body(world, experiment, told)
        }
    }

    private func digests(_ report: TransferReport) -> [String: Digest256] {
        Dictionary(uniqueKeysWithValues: report.tables.map { ($0.name, $0.targetDigest) })
    }

    @Test func `there and back again every row is the same, and the copies behave as the original`() async throws {
        let places = [Place.sqlite(), try await Place.postgres(), Place.sqlite()]
        defer { for place in places { place.remove() } }
        try await made(on: places[0]) { world, experiment, told in
            let there = try await Transfer.run(from: places[0].location, to: places[1].location, batchRows: 7)
            #expect(there.isVerified, "\(there)")
            #expect(there.copied == there.tables.reduce(0) { $0 + $1.sourceRows })
            #expect(there.tables.allSatisfy { $0.sourceRows > 0 }, "every table has something: \(there.tables)")
            #expect(there.auditChains == 1 && there.recounted == 1)
            let back = try await Transfer.run(from: places[1].location, to: places[2].location)
            #expect(back.isVerified, "\(back)")
            #expect(digests(there) == digests(back))
            try await check(places[1], of: world, experiment, told)
            try await check(places[2], of: world, experiment, told)
        }
    }

    @Test func `what PostgreSQL was told itself arrives in SQLite as SQLite would have kept it`() async throws {
        let places = [try await Place.postgres(), Place.sqlite(), try await Place.postgres()]
        defer { for place in places { place.remove() } }
        try await made(on: places[0]) { world, experiment, told in
            let there = try await Transfer.run(from: places[0].location, to: places[1].location, batchRows: 11)
            #expect(there.isVerified, "\(there)")
            let across = try await Transfer.run(from: places[0].location, to: places[2].location)
            #expect(across.isVerified, "\(across)")
            #expect(digests(there) == digests(across))
            try await check(places[1], of: world, experiment, told)
            try await check(places[2], of: world, experiment, told)
        }
    }

    @Test(arguments: [true, false])
    func `cut off after any batch it goes on, and ends the same`(isToPostgres: Bool) async throws {
        let first = isToPostgres ? Place.sqlite() : try await Place.postgres()
        defer { first.remove() }
        try await made(on: first) { world, experiment, told in
            let target = isToPostgres ? try await Place.postgres() : Place.sqlite()
            defer { target.remove() }
            var cuts = 0
            var report: TransferReport?
            while report == nil {
                // One batch more is done before each cut.
                var batches = 0
                do {
                    report = try await Transfer.run(from: first.location, to: target.location, batchRows: 25) {
                        progress in
                        batches += 1
                        if progress.phase == .copying, batches > cuts % 3 { throw Cut() }
                    }
                } catch is Cut {
                    cuts += 1
                    let store = try await target.open()
                    #expect(try await store.load().isEmpty || cuts > 10, "an unfinished target has no tenants")
                    await store.close()
                }
                try #require(cuts < 1000)
            }
            #expect(cuts > 10)
            #expect(report?.isVerified == true, "\(String(describing: report))")
            #expect(report?.tables.map(\.sourceRows) == report?.tables.map(\.targetRows))
            // Once more is harmless, and copies nothing.
            let again = try await Transfer.run(from: first.location, to: target.location)
            #expect(again.isVerified && again.copied == 0)
            try await check(target, of: world, experiment, told)
        }
    }

    @Test(arguments: [
        ("UPDATE units SET gross = gross + 1 WHERE subject = (SELECT max(subject::text)::uuid FROM units)", "units"),
        ("DELETE FROM event_ids WHERE id_hash = (SELECT max(id_hash::text)::uuid FROM event_ids)", "event_ids"),
        ("UPDATE outcomes SET quantity = quantity + 1", "outcomes"),
        ("UPDATE tallies SET squares = squares + 1", "tallies"),
        ("UPDATE audit SET actor = 'nobody' WHERE sequence = 3", "audit"),
        ("INSERT INTO products SELECT tenant_id, 'sku-0', document FROM products LIMIT 1", "products"),
    ])
    func `a row that was tampered with is found, and named`(harm: String, table: String) async throws {
        let (first, target) = (Place.sqlite(), try await Place.postgres())
        defer { first.remove() }
        try await made(on: first) { _, _, _ in
            #expect(try await Transfer.run(from: first.location, to: target.location).isVerified)
            try await target.run(harm)
            let report = try await Transfer.run(from: first.location, to: target.location, isCheckOnly: true)
            #expect(!report.isVerified)
            #expect(report.tables.filter { !$0.isEqual }.map(\.name) == [table])
            let named = try #require(report.firstDifference)
            #expect(named.hasPrefix("\(table): ten_"), "\(named)")
            if table == "audit" {
                #expect(named.contains("sequence 3 is not the same"), "\(named)")
                #expect(report.brokenAudit?.contains("sequence 3") == true)
            }
            if table == "products" { #expect(named.hasSuffix("sku \"sku-0\" is on the target only"), "\(named)") }
            if table == "event_ids" { #expect(named.hasSuffix("is missing on the target"), "\(named)") }
            if table == "outcomes" || table == "tallies" { #expect(report.wrongCounts != nil) }
        }
    }

    @Test func `counts that both ends have wrong are found by counting anew`() async throws {
        let (first, target) = (Place.sqlite(), try await Place.postgres())
        defer { first.remove() }
        try await made(on: first) { _, experiment, _ in
            try await first.run("UPDATE cells SET converted = converted + 1")
            let report = try await Transfer.run(from: first.location, to: target.location)
            #expect(report.firstDifference == nil)
            #expect(report.wrongCounts?.contains(experiment.description) == true)
            #expect(!report.isVerified)
        }
    }

    @Test func `a target that holds anything else is refused and left as it is`() async throws {
        let (first, other, target) = (Place.sqlite(), Place.sqlite(), try await Place.postgres())
        defer { for place in [first, other] { place.remove() } }
        try await made(on: first) { _, _, _ in
            try await made(on: target) { _, _, _ in
                try await target.run("UPDATE tenants SET version = version + 1")
                await #expect(throws: TransferError.refused("the target is not empty; take an empty one")) {
                    try await Transfer.run(from: first.location, to: target.location)
                }
            }
            // Begun from one source, another is no continuation of it; and what is not complete is no source.
            var batches = 0
            await #expect(throws: Cut.self) {
                try await Transfer.run(from: first.location, to: other.location, batchRows: 25) { _ in
                    batches += 1
                    if batches == 3 { throw Cut() }
                }
            }
            await #expect(throws: TransferError.self) {
                try await Transfer.run(from: target.location, to: other.location)
            }
            let next = Place.sqlite()
            defer { next.remove() }
            await #expect(throws: TransferError.self) {
                try await Transfer.run(from: other.location, to: next.location)
            }
            #expect(try await Transfer.run(from: first.location, to: other.location).isVerified)
        }
    }

    @Test func `through a pooler in transaction mode it goes both ways`() async throws {
        let server = try await PostgresServer()
        let direct = try await server.database()
        let folder = try await server.pooler()
        let pooled = direct.replacing("host=\(server.directory)", with: "host=\(folder)&port=6432&prepared=false")
        let middle = TransferLocation.postgres(try PostgresConfiguration(url: pooled))
        let (first, last) = (Place.sqlite(), Place.sqlite())
        defer { for place in [first, last] { place.remove() } }
        try await made(on: first) { _, _, _ in
            let there = try await Transfer.run(from: first.location, to: middle, batchRows: 10)
            let back = try await Transfer.run(from: middle, to: last.location, batchRows: 10)
            #expect(there.isVerified && back.isVerified)
            #expect(digests(there) == digests(back))
        }
        try server.remove()
    }

    @Test func `a source that is not there or has no schema fails by its side`() async throws {
        let missing = Place.sqlite()
        let bare = try await Place.postgres()
        let target = Place.sqlite()
        defer { for place in [missing, target] { place.remove() } }
        for source in [missing, bare] {
            do {
                _ = try await Transfer.run(from: source.location, to: target.location)
                Issue.record("nothing was refused")
            } catch TransferError.failed(let side, _) {
                #expect(side == .source)
            }
        }
    }

    // MARK: Nothing is forgotten

    /// What no transfer carries, and why.
    private static let notCarried = [
        "schema_migrations": "each database's own record of its schema",
        "events.received_on": "the day of received_at, which is carried",
    ]

    @Test func `every table and column of either schema is carried over, or named with the reason why not`()
        async throws
    {
        let (sqlite, postgres) = (Place.sqlite(), try await Place.postgres())
        defer { sqlite.remove() }
        var schemas: [[String: Set<String>]] = []

        let file = try SQLiteStore.open(sqlite.path, vfs: nil, isReader: false)
        var found: [String: Set<String>] = [:]
        let columns = try file.prepare(
            dynamic: """
                SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
                WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
                """)
        while try columns.step() { found[try columns.string(0), default: []].insert(try columns.string(1)) }
        schemas.append(found)

        _ = try await PostgresStore.migrate(try PostgresConfiguration(url: postgres.address))
        let server = try await PostgresServer.shared()
        let listed = try await PostgresServer.connected(to: postgres.address, on: server.loop) { connection in
            let rows = try await connection.run(
                [
                    PostgresCommand(
                        """
                        SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                            AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
                        """)
                ], within: .seconds(5))[0]
            return try (0..<rows.count).map { [try rows.text($0, 0), try rows.text($0, 1)] }
        }
        schemas.append(Dictionary(grouping: listed) { $0[0] }.mapValues { Set($0.map { $0[1] }) })

        let carried = Dictionary(
            uniqueKeysWithValues: TransferTable.all.map { ($0.name, Set($0.columns.map(\.name)).union(["tenant_id"])) })
        for schema in schemas {
            #expect(schema.count >= 14)
            for (table, columns) in schema where Self.notCarried[table] == nil {
                let known = carried[table] ?? []
                for column in columns.subtracting(known) where Self.notCarried["\(table).\(column)"] == nil {
                    Issue.record("\(table).\(column) is not carried over")
                }
                #expect(known.subtracting(columns).isEmpty, "\(table)")
            }
        }
        // SQLite has outcomes among the events.
        #expect(Set(carried.keys).subtracting(schemas[0].keys) == ["outcomes"])
        #expect(Set(carried.keys).subtracting(schemas[1].keys).isEmpty)
    }
}
