import EventLoop
import Postgres
import PostgresSupport
import Testing

@Suite struct MigratorTests {
    private static let shops = PostgresMigration("shops", ["CREATE TABLE shops (name text)"])
    private static let prices = PostgresMigration("prices", ["CREATE TABLE prices (price bigint)"])
    private static let noShops = PostgresMigration("no shops", ["DROP TABLE shops"], isContraction: true)
    private static let taxes = PostgresMigration("taxes", ["CREATE TABLE taxes (rate bigint)"])

    /// A program of those steps, on a database of its own.
    private func onDatabase(
        _ body: @escaping @Sendable (_ run: ([PostgresMigration], Bool) async throws -> [String]) async throws -> Void
    ) async throws {
        let server = try await PostgresServer.shared()
        let address = try await server.database()
        try await PostgresServer.connected(to: address, on: server.loop) { connection in
            try await body { steps, contracting in
                try await PostgresMigrator(steps).migrate(connection, contracting: contracting)
            }
        }
    }

    @Test func `what older programs need is taken away when none runs any more, whatever came after it meanwhile`()
        async throws
    {
        try await onDatabase { run async throws in
            #expect(try await run([Self.shops], false) == ["shops"])
            // The first of a newer version, beside one of the older.
            #expect(try await run([Self.shops, Self.prices, Self.noShops], false) == ["prices"])
            #expect(try await run([Self.shops, Self.prices, Self.noShops, Self.taxes], false) == ["taxes"])
            #expect(try await run([Self.shops, Self.prices, Self.noShops, Self.taxes], true) == ["no shops"])
            #expect(try await run([Self.shops, Self.prices, Self.noShops, Self.taxes], true) == [])
            await #expect(throws: PostgresMigrationError.unknown("taxes")) {
                try await run([Self.shops, Self.prices, Self.noShops], false)
            }
            await #expect(throws: PostgresMigrationError.changed("prices")) {
                try await run([Self.shops, Self.taxes, Self.prices, Self.noShops], false)
            }
        }
    }

    @Test func `a new database has nothing that only older programs need`() async throws {
        try await onDatabase { run async throws in
            #expect(try await run([Self.shops, Self.prices, Self.noShops], false) == ["shops", "prices", "no shops"])
        }
    }

    @Test func `a step that was changed after it was run, or that this program does not know, is refused`()
        async throws
    {
        try await onDatabase { run async throws in
            _ = try await run([Self.shops, Self.prices], false)
            let edited = PostgresMigration("shops", ["CREATE TABLE shops (name text, town text)"])
            await #expect(throws: PostgresMigrationError.changed("shops")) {
                try await run([edited, Self.prices], false)
            }
            await #expect(throws: PostgresMigrationError.changed("shops")) {
                try await run([Self.prices, Self.shops], false)
            }
            await #expect(throws: PostgresMigrationError.unknown("prices")) { try await run([Self.shops], false) }
            #expect(try await run([Self.shops, Self.prices], false) == [])
        }
    }
}
