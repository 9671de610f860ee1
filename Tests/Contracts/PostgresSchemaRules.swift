import Experiments
import Postgres
import PostgresSupport
import Storage
import Testing

/// What the schema promises, read from the catalogue of a database that has it: what Citus asks of tables that are
/// distributed by tenant, and that no tenant's rows can be reached in another's name.
@Suite struct PostgresSchemaRules {
    /// Tables of no tenant.
    private static let global: Set = ["schema_migrations"]

    private func withSchema(_ body: (String, PostgresServer) async throws -> Void) async throws {
        let server = try await PostgresServer.shared()
        let address = try await server.database()
        let store = try await PostgresStore.open(try PostgresConfiguration(url: address))
        try await body(address, server)
        await store.close()
    }

    private func texts(_ sql: String, at address: String, _ server: PostgresServer) async throws -> [[String]] {
        try await PostgresServer.connected(to: address, on: server.loop) { connection in
            let rows = try await connection.run([PostgresCommand(sql)], within: .seconds(5))[0]
            return try (0..<rows.count).map { row in [try rows.text(row, 0), try rows.text(row, 1)] }
        }
    }

    @Test func `every key and index begins with the tenant`() async throws {
        try await withSchema { address, server in
            let indexes = try await texts(
                """
                SELECT t.relname::text, a.attname::text FROM pg_index i
                    JOIN pg_class t ON t.oid = i.indrelid
                    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
                WHERE t.relnamespace = 'public'::regnamespace
                """, at: address, server)
            #expect(indexes.count > 20)
            for index in indexes where !Self.global.contains(index[0]) { #expect(index[1] == "tenant_id", "\(index)") }
            let tables = try await texts(
                """
                SELECT c.relname::text, coalesce((SELECT string_agg(a.attname::text, ',') FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND a.attnotnull AND a.attnum = 1), '')
                FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
                """, at: address, server)
            #expect(tables.count > 14)
            for table in tables where !Self.global.contains(table[0]) { #expect(table[1] == "tenant_id", "\(table)") }
        }
    }

    @Test func `there are no triggers, foreign keys, sequences, rules or exclusion constraints`() async throws {
        try await withSchema { address, server in
            let found = try await texts(
                """
                SELECT 'trigger', tgname::text FROM pg_trigger WHERE NOT tgisinternal
                UNION ALL SELECT 'constraint', conname::text FROM pg_constraint
                    WHERE contype IN ('f', 'x') AND connamespace = 'public'::regnamespace
                UNION ALL SELECT 'sequence', relname::text FROM pg_class
                    WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace
                UNION ALL SELECT 'rule', rulename::text FROM pg_rules WHERE schemaname = 'public'
                """, at: address, server)
            #expect(found.isEmpty, "\(found)")
        }
    }

    @Test func `the walls are up on every table, and hold against statements that ask for too much`() async throws {
        try await withSchema { address, server in
            let open = try await texts(
                """
                SELECT relname::text, relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
                    AND relkind IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity)
                """, at: address, server)
            #expect(open.map { $0[0] } == ["schema_migrations"])
            try await PostgresServer.connected(to: address, on: server.loop) { connection in
                func asked(_ tenant: Int, _ sql: String) async throws -> PostgresRows {
                    let who = String(repeating: "0", count: 31) + "\(tenant)"
                    return try await connection.run(
                        [
                            PostgresCommand("SELECT set_config('cournot.tenant', $1, true)", .text(who)),
                            PostgresCommand(sql),
                        ], within: .seconds(5))[1]
                }
                for tenant in 1...2 {
                    _ = try await asked(
                        tenant,
                        "INSERT INTO event_ids VALUES (current_setting('cournot.tenant')::uuid, gen_random_uuid())")
                }
                #expect(try await asked(1, "SELECT * FROM event_ids").count == 1)
                #expect(
                    try await asked(1, "DELETE FROM event_ids WHERE tenant_id::text LIKE '%2' RETURNING 1").count == 0)
                #expect(try await asked(2, "SELECT * FROM event_ids").count == 1)
                await #expect(throws: PostgresError.self) {
                    try await asked(
                        1, "INSERT INTO event_ids VALUES (right(repeat('0', 31) || '2', 32)::uuid, gen_random_uuid())")
                }
                let nobody = try await connection.run([PostgresCommand("SELECT * FROM event_ids")], within: .seconds(5))
                #expect(nobody[0].count == 0)
            }
        }
    }

    @Test func `an event lies in the partition of the day it came`() async throws {
        let server = try await PostgresServer.shared()
        let address = try await server.database()
        let store = try await PostgresStore.open(try PostgresConfiguration(url: address))
        try await World.on(store, .postgres) { world, _ in
            _ = try await world.quote("s-1")
            // The test's clock stands on a day for which there is no partition: nothing is lost.
            #expect(try await world.send(world.event("e-1", "view", "s-1")) == [.accepted])
            let kept = try await server.superuser(of: String(address.split(separator: "/")[2].prefix { $0 != "?" })) {
                try await $0.run(
                    [
                        PostgresCommand("SELECT tableoid::regclass::text, received_on::text FROM events"),
                        PostgresCommand("SELECT count(*) FROM pg_inherits WHERE inhparent = 'events'::regclass"),
                    ], within: .seconds(5))
            }
            #expect(kept[0].count == 1)
            #expect(try kept[0].text(0, 0) == "events_default")
            #expect(try kept[0].text(0, 1) == "2026-09-21")
            #expect(try kept[1].int8(0, 0) == 9, "today, seven days ahead, and the default")
        }
        await store.close()
    }

    @Test func `a day whose events lie in the default partition keeps no other day from its own`() async throws {
        let server = try await PostgresServer.shared()
        let address = try await server.database()
        let configuration = try PostgresConfiguration(url: address)
        let store = try await PostgresStore.open(configuration)
        try await World.on(store, .postgres) { world, _ in
            let outcomes = try await world.send(world.event("e-1", "view", "s-1"))
            #expect(outcomes == [.accepted])
        }
        await store.close()
        let name = String(address.split(separator: "/")[2].prefix { $0 != "?" })
        /// The days ahead that have a partition; today's events are made to lie in the default one, and the others gone.
        @Sendable func partitions(after commands: [String]) async throws -> [String] {
            try await server.superuser(of: name) { connection in
                _ = try await connection.run(commands.map { PostgresCommand($0) }, within: .seconds(5))
                let rows = try await connection.run(
                    [
                        PostgresCommand(
                            """
                            SELECT inhrelid::regclass::text FROM pg_inherits
                            WHERE inhparent = 'events'::regclass ORDER BY 1
                            """)
                    ], within: .seconds(5))[0]
                return try (0..<rows.count).map { try rows.text($0, 0) }
            }
        }
        let all = try await partitions(after: [])
        let days = all.filter { $0 != "events_default" }
        _ = try await partitions(
            after: days.map { "DROP TABLE \($0)" } + [
                "UPDATE events SET received_on = to_date('\(days[0].suffix(8))', 'YYYYMMDD')"
            ])
        await (try await PostgresStore.open(configuration)).close()
        #expect(try await partitions(after: []) == all.filter { $0 != days[0] })
    }
}
