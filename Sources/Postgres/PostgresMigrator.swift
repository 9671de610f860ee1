/// One step of a schema. Once released it never changes: a database remembers what it ran.
public struct PostgresMigration: Sendable {
    /// What the step does, unlike any other step's name.
    public let name: String
    /// The statements, run in order in one transaction.
    public let statements: [String]
    /// Whether it takes away what only older programs need. One that runs beside newer ones, as while replicas are replaced
    /// one by one, does not find it any more.
    public let isContraction: Bool

    public init(_ name: String, _ statements: [String], isContraction: Bool = false) {
        self.name = name
        self.statements = statements
        self.isContraction = isContraction
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

/// Why a schema cannot be brought up to date.
public enum PostgresMigrationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The database ran a step this program does not know: it belongs to a newer program.
    case unknown(String)
    /// The database ran a step of this name with other statements.
    case changed(String)
    /// A step failed, and left no trace.
    case failed(String, PostgresError)

    /// One sentence for the operator.
    public var description: String {
        switch self {
        case .unknown(let name): "the database has a migration '\(name)' that this program does not know; is it older?"
        case .changed(let name): "migration '\(name)' was changed after the database ran it"
        case .failed(let name, let error): "migration '\(name)' failed and was undone: \(error)"
        }
    }
}

/// The steps that make a schema, in order.
public struct PostgresMigrator: Sendable {
    public let migrations: [PostgresMigration]
    /// The advisory lock under which schemas change: any number of processes may start at once.
    public static let lock: Int64 = 0x636f_7572_6e6f_7401

    /// Steps in the order they are to run; later versions append to them.
    public init(_ migrations: [PostgresMigration]) {
        precondition(Set(migrations.map(\.name)).count == migrations.count, "two migrations have one name")
        self.migrations = migrations
    }

    private static let patience = Duration.seconds(600)

    /// Runs the steps the database lacks, each in a transaction of its own.
    ///
    /// - Parameter contracting: whether contractions are run too, as no older program uses the database. A new one gets them
    ///   at once.
    /// - Returns: the names of the steps that were run.
    /// - Throws: `PostgresMigrationError`, or `PostgresError` when the server is out of reach.
    public func migrate(_ connection: PostgresConnection, contracting: Bool = false) async throws -> [String] {
        var contracting = contracting
        var ran: [String] = []
        while let name = try await step(connection, &contracting) { ran.append(name) }
        return ran
    }

    /// Runs the first step the database lacks; nil when there is none.
    private func step(_ connection: PostgresConnection, _ contracting: inout Bool) async throws -> String? {
        do {
            let rows = try await connection.run(
                [
                    PostgresCommand("BEGIN"),
                    PostgresCommand("SELECT set_config('statement_timeout', '600s', true)"),
                    PostgresCommand("SELECT pg_advisory_xact_lock($1)", .int8(Self.lock)),
                    // Not `to_regclass`, which may remember what it found before the lock.
                    PostgresCommand(
                        """
                        SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'schema_migrations'
                            AND relnamespace = current_schema()::regnamespace)
                        """),
                ], within: Self.patience)
            var known: [(name: String, checksum: String)] = []
            if try rows[3].bool(0, 0) {
                let recorded = try await connection.run(
                    [PostgresCommand("SELECT name, checksum FROM schema_migrations ORDER BY position")],
                    within: Self.patience)[0]
                for row in 0..<recorded.count { known.append((try recorded.text(row, 0), try recorded.text(row, 1))) }
            } else {
                _ = try await connection.run(
                    [
                        PostgresCommand(
                            """
                            CREATE TABLE schema_migrations (
                                position integer PRIMARY KEY, name text NOT NULL UNIQUE, checksum text NOT NULL)
                            """)
                    ], within: Self.patience)
            }
            if known.isEmpty { contracting = true }
            guard let next = try missing(known, contracting) else {
                _ = try await connection.run([PostgresCommand("COMMIT")], within: Self.patience)
                return nil
            }
            do throws(PostgresError) {
                _ = try await connection.run(
                    next.statements.map { PostgresCommand($0) } + [
                        PostgresCommand(
                            "INSERT INTO schema_migrations (position, name, checksum) VALUES ($1, $2, $3)",
                            .int4(Int32(clamping: known.count)), .text(next.name), .text(next.checksum)),
                        PostgresCommand("COMMIT"),
                    ], within: Self.patience)
            } catch {
                throw PostgresMigrationError.failed(next.name, error)
            }
            return next.name
        } catch {
            _ = try? await connection.run([PostgresCommand("ROLLBACK")], within: .seconds(5))
            throw error
        }
    }

    private func missing(
        _ known: [(name: String, checksum: String)], _ contracting: Bool
    ) throws(PostgresMigrationError) -> PostgresMigration? {
        var left = migrations
        // Contractions are run when they may be, all others in order.
        for record in known {
            guard let place = left.firstIndex(where: { $0.name == record.name }) else {
                throw migrations.contains { $0.name == record.name } ? .changed(record.name) : .unknown(record.name)
            }
            let isNext = left[place].isContraction || left[..<place].allSatisfy(\.isContraction)
            guard isNext, left[place].checksum == record.checksum else { throw .changed(record.name) }
            left.remove(at: place)
        }
        return left.first { contracting || !$0.isContraction }
    }
}
