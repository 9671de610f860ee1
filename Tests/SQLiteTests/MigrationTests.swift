import SQLite
import Testing

private let first = Migration("shops", ["CREATE TABLE shops (id INTEGER PRIMARY KEY)"])
private let second = Migration(
    "prices", ["CREATE TABLE prices (id INTEGER PRIMARY KEY)", "INSERT INTO shops VALUES (1)"])

@Suite struct MigrationTests {
    @Test func `steps run once, in order, and later ones follow`() throws {
        let database = try inMemory()
        #expect(try Migrator([first]).migrate(database) == ["shops"])
        #expect(throws: MigrationError.missing("prices")) { try Migrator([first, second]).verify(database) }
        #expect(try Migrator([first, second]).migrate(database) == ["prices"])
        #expect(try Migrator([first, second]).migrate(database) == [])
        try Migrator([first, second]).verify(database)
        #expect(try integer(database, "SELECT count(*) FROM shops") == 1)
    }

    @Test func `a newer database is refused by an older program`() throws {
        let database = try inMemory()
        _ = try Migrator([first, second]).migrate(database)
        #expect(throws: MigrationError.unknown("prices")) { try Migrator([first]).migrate(database) }
    }

    @Test func `a step that was changed is refused`() throws {
        let database = try inMemory()
        _ = try Migrator([first]).migrate(database)
        let edited = Migration("shops", ["CREATE TABLE shops (id INTEGER PRIMARY KEY, name TEXT)"])
        #expect(throws: MigrationError.changed("shops")) { try Migrator([edited]).migrate(database) }
        let moved = Migration("shops", ["CREATE TABLE shops (id INTEGER PRIMARY KEY", ")"])
        #expect(throws: MigrationError.changed("shops")) { try Migrator([moved]).migrate(database) }
    }

    @Test func `steps in another order are refused`() throws {
        let database = try inMemory()
        _ = try Migrator([first, second]).migrate(database)
        #expect(throws: MigrationError.order(expected: "prices", found: "shops")) {
            try Migrator([second, first]).migrate(database)
        }
    }

    @Test func `a step that fails leaves no trace`() throws {
        let database = try inMemory()
        let broken = Migration("broken", ["CREATE TABLE half (a)", "CREATE TABLE half (a)"])
        let error = #expect(throws: MigrationError.self) { try Migrator([first, broken]).migrate(database) }
        guard case .failed("broken", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!database.isInTransaction)
        #expect(try integer(database, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'") == 0)
        #expect(try Migrator([first]).migrate(database) == [])
    }
}
