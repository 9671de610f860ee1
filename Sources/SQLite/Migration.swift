/// One step of a schema. Once released it never changes: a database remembers what it ran.
public struct Migration: Sendable {
    /// What the step does, unlike any other step's name.
    public let name: String
    /// The statements, run in order in one transaction.
    public let statements: [String]

    /// A step.
    public init(_ name: String, _ statements: [String]) {
        self.name = name
        self.statements = statements
    }

    /// Tells texts apart: FNV-1a of the statements' bytes, each ended by a zero.
    var checksum: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for statement in statements {
            for byte in statement.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = hash &* 0x100_0000_01B3
        }
        return String(hash, radix: 16)
    }
}

/// Why a database's schema cannot be brought up to date.
public enum MigrationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The database ran a step this program does not know: it belongs to a newer program.
    case unknown(String)
    /// The database ran a step of this name with other statements.
    case changed(String)
    /// The database ran `found` where this program has `expected`.
    case order(expected: String, found: String)
    /// The database, which may only be read, lacks a step.
    case missing(String)
    /// A step failed, and left no trace.
    case failed(String, SQLiteError)
    /// The record of steps could not be read.
    case unreadable(SQLiteError)

    /// One sentence for the operator.
    public var description: String {
        switch self {
        case .unknown(let name): "the database has a migration '\(name)' that this program does not know; is it older?"
        case .changed(let name): "migration '\(name)' was changed after the database ran it"
        case .order(let expected, let found): "the database ran migration '\(found)' where '\(expected)' belongs"
        case .missing(let name): "the database lacks migration '\(name)'"
        case .failed(let name, let error): "migration '\(name)' failed and was undone: \(error)"
        case .unreadable(let error): "the record of migrations cannot be read: \(error)"
        }
    }
}

/// The steps that make a schema, in order.
public struct Migrator: Sendable {
    private let migrations: [Migration]

    /// Steps in the order they are to run; later versions append to them.
    public init(_ migrations: [Migration]) {
        precondition(Set(migrations.map(\.name)).count == migrations.count, "two migrations have one name")
        self.migrations = migrations
    }

    /// Runs the steps the database lacks, each in a transaction of its own.
    ///
    /// Two processes may do this at once: a step is run by one of them.
    /// - Returns: the names of the steps that were run.
    public func migrate(_ database: Database) throws(MigrationError) -> [String] {
        do throws(SQLiteError) {
            try database.execute(
                """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, checksum TEXT NOT NULL) STRICT
                """)
        } catch {
            throw .unreadable(error)
        }
        var ran: [String] = []
        while let migration = try next(in: database) {
            do throws(SQLiteError) {
                try database.begin()
            } catch {
                throw .failed(migration.name, error)
            }
            // Another process may have run it in between: under the lock the record is final.
            let upcoming: Migration?
            do throws(MigrationError) {
                upcoming = try next(in: database)
            } catch {
                database.rollback()
                throw error
            }
            guard let upcoming, upcoming.name == migration.name else {
                database.rollback()
                continue
            }
            do throws(SQLiteError) {
                try run(migration, in: database)
                try database.commit()
            } catch {
                database.rollback()
                throw .failed(migration.name, error)
            }
            ran.append(migration.name)
        }
        return ran
    }

    /// Refuses a database whose schema is not exactly this one.
    public func verify(_ database: Database) throws(MigrationError) {
        if let migration = try next(in: database) { throw .missing(migration.name) }
    }

    private func run(_ migration: Migration, in database: Database) throws(SQLiteError) {
        for statement in migration.statements { try database.execute(statement) }
        let record = try database.prepare("INSERT INTO schema_migrations (name, checksum) VALUES (?, ?)")
        try record.bind(migration.name, migration.checksum)
        try record.run()
    }

    /// The first step the database lacks, after comparing those it ran.
    private func next(in database: Database) throws(MigrationError) -> Migration? {
        let recorded: [(name: String, checksum: String)]
        do throws(SQLiteError) {
            recorded = try records(in: database)
        } catch {
            throw .unreadable(error)
        }
        for (position, record) in recorded.enumerated() {
            guard let known = migrations.first(where: { $0.name == record.name }) else { throw .unknown(record.name) }
            guard migrations[position].name == record.name else {
                throw .order(expected: migrations[position].name, found: record.name)
            }
            guard known.checksum == record.checksum else { throw .changed(record.name) }
        }
        return recorded.count < migrations.count ? migrations[recorded.count] : nil
    }

    private func records(in database: Database) throws(SQLiteError) -> [(name: String, checksum: String)] {
        var records: [(name: String, checksum: String)] = []
        let select = try database.prepare("SELECT name, checksum FROM schema_migrations ORDER BY position")
        while try select.step() { records.append((try select.string(0), try select.string(1))) }
        return records
    }
}
