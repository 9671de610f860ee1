import Experiments
import Postgres
import PostgresSupport
import SQLite
import Testing

@testable import Storage

/// What a transfer finds that is not as it was, and that it leaves nothing out.
@Suite struct TransferCheckTests {
    @Test(arguments: [
        ("UPDATE units SET gross = gross + 1 WHERE subject = (SELECT max(subject::text)::uuid FROM units)", "units"),
        ("DELETE FROM event_ids WHERE id_hash = (SELECT max(id_hash::text)::uuid FROM event_ids)", "event_ids"),
        ("UPDATE outcomes SET quantity = quantity + 1", "outcomes"),
        ("UPDATE tallies SET squares = squares + 1", "tallies"),
        ("UPDATE audit SET actor = 'nobody' WHERE sequence = 3", "audit"),
        ("INSERT INTO products SELECT tenant_id, 'sku-0', document FROM products LIMIT 1", "products"),
    ])
    func `a row that was tampered with is found, and named`(harm: String, table: String) async throws {
        let (first, target) = (TransferPlace.sqlite(), try await TransferPlace.postgres())
        defer { first.remove() }
        try await LivedWorld.on(first) { _ in
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
        let (first, target) = (TransferPlace.sqlite(), try await TransferPlace.postgres())
        defer { first.remove() }
        try await LivedWorld.on(first) { original in
            try await first.run("UPDATE cells SET converted = converted + 1")
            let report = try await Transfer.run(from: first.location, to: target.location)
            #expect(report.firstDifference == nil)
            #expect(report.wrongCounts?.contains(original.experiment.description) == true)
            #expect(!report.isVerified)
        }
    }

    /// What no transfer carries, and why.
    private static let notCarried = [
        "schema_migrations": "each database's own record of its schema",
        "events.received_on": "the day of received_at, which is carried",
        "units.offer": "how PostgreSQL finds an offer that it wrote with a unit",
        "offers.by_unit": "the same",
    ]

    @Test func `every table and column of either schema is carried over, or named with the reason why not`()
        async throws
    {
        let (sqlite, postgres) = (TransferPlace.sqlite(), try await TransferPlace.postgres())
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
