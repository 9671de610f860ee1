internal import Crypto
internal import EventLoop
internal import Experiments
internal import Postgres

/// A PostgreSQL database as one end of a transfer: one connection, statements without names, nothing set for longer
/// than a transaction, so that a pooler may stand between. Loop only.
final class PostgresEnd: TransferEnd {
    private let connection: PostgresConnection
    private let session: PostgresSession
    /// Whether reading is under way, and what `open` began.
    private var isReading = false
    private var reading: TransferTable?
    /// Days of receipt that have a partition.
    private var days: Set<Int32> = []

    /// How long one answer may take: the first rows of a large table that has to be sorted, for instance.
    private static let patience = Duration.seconds(3600)
    private static let cursor = "cournot_transfer"

    /// - Parameter isWritten: whether its schema is made or migrated; else it must be there.
    init(_ configuration: PostgresConfiguration, isWritten: Bool, on loop: EventLoop) async throws {
        var configuration = configuration
        // Cursors of one name have rows of many shapes, which a prepared FETCH does not bear.
        configuration.isPrepared = false
        configuration.analyticsTimeout = Self.patience
        connection = PostgresConnection(loop: loop, configuration: configuration)
        session = PostgresSession(connection: connection, configuration: configuration)
        try await connection.connect()
        if isWritten {
            _ = try await PostgresSchema.migrator.migrate(connection)
            try await Partitions.make(from: loop.wallClockMilliseconds, connection)
        } else {
            try await requireSchema()
        }
    }

    private func requireSchema() async throws {
        let there = try await ask(
            """
            SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'schema_migrations'
                AND relnamespace = current_schema()::regnamespace)
            """)
        var known: [String] = []
        if try there.bool(0, 0) {
            let rows = try await ask("SELECT name FROM schema_migrations ORDER BY position")
            known = try (0..<rows.count).map { try rows.text($0, 0) }
        }
        let migrations = PostgresSchema.migrator.migrations
        if let lacking = migrations.first(where: { !$0.isContraction && !known.contains($0.name) }) {
            throw StoreError.corrupt("the database lacks migration '\(lacking.name)'")
        }
        if let foreign = known.first(where: { name in !migrations.contains { $0.name == name } }) {
            throw StoreError.corrupt("the database has a migration '\(foreign)' that this program does not know")
        }
    }

    // MARK: Transactions

    /// No limits of the server's, for a transfer takes as long as it takes; and what is written is durable, whatever
    /// is standard on that server.
    private static let limits =
        """
        set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true), \
        set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
            ELSE current_setting('synchronous_commit') END, true)
        """

    private func say(_ tenant: TenantID) -> PostgresCommand {
        PostgresCommand(
            "SELECT set_config('cournot.tenant', $1, true), set_config('cournot.scope', '', true), \(Self.limits)",
            .text(tenant.bits.uuidText))
    }

    /// For what belongs to no tenant, and for reading all tenants' configuration.
    private static let platform = PostgresCommand(
        "SELECT set_config('cournot.tenant', '', true), set_config('cournot.scope', 'platform', true), \(limits)")

    /// Commands in the transaction under way, or as one of their own. Returns what the last returned.
    private func ask(_ commands: [PostgresCommand]) async throws -> PostgresRows {
        guard let last = try await connection.run(commands, within: Self.patience).last else {
            preconditionFailure("something is asked")
        }
        return last
    }

    private func ask(_ sql: String) async throws -> PostgresRows { try await ask([PostgresCommand(sql)]) }

    func beginReading() async throws {
        _ = try await ask("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        isReading = true
    }

    func endReading() async throws {
        isReading = false
        reading = nil
        _ = try await ask("ROLLBACK")
    }

    // MARK: Reading

    func tenants() async throws -> [TenantID] {
        let rows = try await ask([
            Self.platform, PostgresCommand("SELECT tenant_id FROM tenants ORDER BY tenant_id"),
        ])
        return try (0..<rows.count).map { try rows.identifier($0, 0) }
    }

    /// Where a table's rows are. Raw events keep the id that a shopper had when they came; here they are read under
    /// the one the shopper goes by today.
    private func place(of table: TransferTable) -> String {
        guard table.name == TransferTable.events.name else { return table.name }
        let columns = table.columns.map {
            $0.name == "subject" ? "coalesce(i.canonical, e.subject) AS subject" : "e.\($0.name)"
        }
        return """
            (SELECT e.tenant_id, \(columns.joined(separator: ", ")) FROM events e LEFT JOIN identities i
                ON i.tenant_id = e.tenant_id AND i.subject = e.subject) AS events
            """
    }

    /// The same, without a look at whom nobody was made one with.
    private func place(of table: TransferTable, for tenant: TenantID) async throws -> String {
        guard table.name == TransferTable.events.name else { return table.name }
        let linked = try await ask([
            say(tenant), PostgresCommand("SELECT EXISTS (SELECT FROM identities WHERE tenant_id = $1)", .id(tenant)),
        ])
        return try linked.bool(0, 0) ? place(of: table) : table.name
    }

    func counts(of tenant: TenantID) async throws -> [Int64] {
        let columns = TransferTable.all.map { "(SELECT count(*) FROM \($0.name) WHERE tenant_id = $1)" }
        let rows = try await ask([
            say(tenant), PostgresCommand("SELECT " + columns.joined(separator: ", "), .id(tenant)),
        ])
        return try TransferTable.all.indices.map { try rows.int8(0, $0) }
    }

    func lastKey(of table: TransferTable, _ tenant: TenantID) async throws -> RowBatch? {
        let order = table.key.map { "\($0.name) DESC" }.joined(separator: ", ")
        let rows = try await ask([
            say(tenant),
            PostgresCommand(
                """
                SELECT \(table.keyWidth == 0 ? "1" : table.keyList) FROM \(table.name) WHERE tenant_id = $1
                \(order.isEmpty ? "" : "ORDER BY \(order)") LIMIT 1
                """, .id(tenant)),
        ])
        return try Self.batch(rows, table.key).lastKey(of: table)
    }

    func open(_ table: TransferTable, of tenant: TenantID, after key: RowBatch?) async throws {
        precondition(isReading, "rows are read within a snapshot")
        let close = reading == nil ? [] : [PostgresCommand("CLOSE \(Self.cursor)")]
        reading = nil
        let from = try await place(of: table, for: tenant)
        let columns = table.columns.map { $0.kind == .decimal ? "\($0.name)::text" : $0.name }
        let marks = table.key.indices.map { "$\($0 + 2)" }.joined(separator: ", ")
        let select = PostgresCommand(
            """
            DECLARE \(Self.cursor) NO SCROLL CURSOR FOR SELECT \(columns.joined(separator: ", ")) FROM \(from)
            WHERE tenant_id = $1 \(key == nil ? "" : "AND (\(table.keyList)) > (\(marks))")
            \(table.keyWidth == 0 ? "" : "ORDER BY \(table.keyList)")
            """, [.id(tenant)] + (key.map { Self.single($0, table.key) } ?? []))
        _ = try await ask(close + [say(tenant), select])
        reading = table
    }

    func next(_ most: Int) async throws -> RowBatch {
        guard let table = reading else { preconditionFailure("rows are opened before they are read") }
        return try Self.batch(try await ask("FETCH \(most) FROM \(Self.cursor)"), table.columns[...])
    }

    private static func batch(
        _ rows: PostgresRows, _ columns: ArraySlice<TransferTable.Column>
    ) throws -> RowBatch {
        var values: [RowBatch.Values] = []
        for (place, column) in columns.enumerated() {
            switch column.kind {
            case .integer: values.append(.integers(try list(rows, place, column) { try rows.int8($0, place) }))
            case .small: values.append(.integers(try list(rows, place, column) { Int64(try rows.int4($0, place)) }))
            case .flag: values.append(.integers(try list(rows, place, column) { try rows.bool($0, place) ? 1 : 0 }))
            case .id: values.append(.ids(try list(rows, place, column) { try rows.uuid($0, place) }))
            case .text, .decimal: values.append(.texts(try list(rows, place, column) { try rows.text($0, place) }))
            case .bytes: values.append(.bytes(try list(rows, place, column) { try rows.bytes($0, place) }))
            }
        }
        return RowBatch(values, count: rows.count)
    }

    private static func list<Value>(
        _ rows: PostgresRows, _ place: Int, _ column: TransferTable.Column,
        _ value: (Int) throws -> Value
    ) rethrows -> [Value?] {
        var list: [Value?] = []
        list.reserveCapacity(rows.count)
        for row in 0..<rows.count {
            list.append(column.isOptional && rows.isNull(row, place) ? nil : try value(row))
        }
        return list
    }

    /// One row's values, each as a parameter.
    private static func single(
        _ row: RowBatch, _ columns: ArraySlice<TransferTable.Column>
    ) -> [PostgresParameter] {
        zip(columns, row.columns).map { column, values in
            switch values {
            case .integers(let list): .optionalInt8(list[0])
            case .ids(let list): .uuid(list[0] ?? 0)
            case .texts(let list): .optionalText(list[0])
            case .bytes(let list): .bytes(list[0] ?? [])
            }
        }
    }

    // MARK: Writing

    func write(_ rows: RowBatch, to table: TransferTable, of tenant: TenantID) async throws {
        var names = table.columns.map(\.name)
        var values = table.columns.map { $0.kind == .decimal ? "n.\($0.name)::numeric" : "n.\($0.name)" }
        var parameters = zip(table.columns, rows.columns).map { Self.array($1, $0) }
        var given = names
        if table.name == TransferTable.events.name {
            let received = try (0..<rows.count).map { row in
                Timestamp(milliseconds: try rows.integer(row, table.columns.count - 1)).day
            }
            try await makePartitions(for: received)
            names.append("received_on")
            values.append("date '1970-01-01' + n.received_on")
            given.append("received_on")
            parameters.append(.int4s(received))
        }
        let marks = parameters.indices.map { "$\($0 + 2)" }.joined(separator: ", ")
        let insert = PostgresCommand(
            """
            INSERT INTO \(table.name) (tenant_id, \(names.joined(separator: ", ")))
            SELECT $1, \(values.joined(separator: ", ")) FROM unnest(\(marks)) AS n (\(given.joined(separator: ", ")))
            """, [.id(tenant)] + parameters)
        _ = try await ask([say(tenant), insert])
    }

    private static func array(_ values: RowBatch.Values, _ column: TransferTable.Column) -> PostgresParameter {
        switch values {
        case .integers(let list):
            switch column.kind {
            case .small: .int4s(list.map { Int32(clamping: $0 ?? 0) })
            case .flag: .bools(list.map { $0 != 0 })
            default: .optionalInt8s(list)
            }
        case .ids(let list): .optionalUUIDs(list)
        case .texts(let list): .optionalTexts(list)
        case .bytes(let list): .bytesArray(list.map { $0 ?? [] })
        }
    }

    /// Past days get partitions as they would have had.
    private func makePartitions(for received: [Int32]) async throws {
        for day in Set(received).subtracting(days).sorted() {
            try await Partitions.make(day: day, connection)
            days.insert(day)
        }
    }

    func record() async throws -> TransferRecord? {
        let there = try await ask(
            """
            SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'transfer'
                AND relnamespace = current_schema()::regnamespace)
            """)
        guard try there.bool(0, 0) else { return nil }
        let rows = try await ask("SELECT source, is_copied FROM transfer")
        guard rows.count > 0 else { return nil }
        guard let source = Digest256(try rows.bytes(0, 0)) else { throw StoreError.corrupt("a digest has 32 bytes") }
        return TransferRecord(source: source, isCopied: try rows.bool(0, 1))
    }

    func put(_ record: TransferRecord) async throws {
        _ = try await ask([
            PostgresCommand(
                "CREATE TABLE IF NOT EXISTS transfer (source bytea PRIMARY KEY, is_copied boolean NOT NULL)")
        ])
        _ = try await ask([
            PostgresCommand(
                """
                INSERT INTO transfer (source, is_copied) VALUES ($1, \(record.isCopied))
                ON CONFLICT (source) DO UPDATE SET is_copied = excluded.is_copied
                """, .bytes(record.source.bytes))
        ])
    }

    // MARK: Counts

    func configuration() async throws -> [TenantConfiguration] {
        try await PostgresReads.configurations(of: nil, session)
    }

    func recount(of experiment: ExperimentID, in snapshot: TenantSnapshot) async throws -> UnitCounts {
        try await PostgresReads.recount(of: experiment, in: snapshot, session)
    }

    func close() { connection.close() }
}
