internal import Crypto
internal import Experiments
internal import SQLite

/// A SQLite file as one end of a transfer.
final class SQLiteEnd: TransferEnd {
    private let database: Database
    /// What `open` began, and the columns of its rows.
    private var reading: (rows: Cursor, table: TransferTable)?

    private final class Cursor {
        let statement: Statement
        /// A statement that ended would begin anew when asked again.
        var hasEnded = false

        init(_ statement: consuming Statement) { self.statement = statement }
    }

    /// - Parameter isWritten: whether it is made or migrated; else it is only read, and must have the schema.
    init(path: String, isWritten: Bool) throws {
        database = try SQLiteStore.open(path, vfs: nil, isReader: !isWritten)
        if !isWritten { try Schema.migrator.verify(database) }
    }

    // MARK: Reading

    func beginReading() throws { try database.begin(.deferred) }

    func endReading() {
        reading = nil
        database.rollback()
    }

    func tenants() throws -> [TenantID] {
        let select = try database.prepare("SELECT tenant_id FROM tenants ORDER BY tenant_id")
        var tenants: [TenantID] = []
        while try select.step() { tenants.append(try select.identifier(0)) }
        return tenants
    }

    /// Where a table's rows are, with the names that its columns have there and what else is asked of them.
    private func place(of table: TransferTable) -> (name: String, columns: String, condition: String) {
        guard table.name == TransferTable.outcomes.name else { return (table.name, table.list, "") }
        let columns = table.columns.map { column in
            switch column.name {
            case "is_refund": "type = 'refund'"
            case "is_checkout": "type = 'checkout'"
            default: column.name
            }
        }
        return ("events", columns.joined(separator: ", "), " AND type IN ('conversion', 'refund', 'checkout')")
    }

    func counts(of tenant: TenantID) throws -> [Int64] {
        try TransferTable.all.map { table in
            let place = place(of: table)
            let select = try database.prepare(
                dynamic: "SELECT count(*) FROM \(place.name) WHERE tenant_id = ?\(place.condition)")
            try select.bind(tenant.bits)
            return try select.step() ? try select.int64(0) : 0
        }
    }

    func lastKey(of table: TransferTable, _ tenant: TenantID) throws -> RowBatch? {
        let place = place(of: table)
        let order = table.key.map { "\($0.name) DESC" }.joined(separator: ", ")
        let select = try database.prepare(
            dynamic: """
                SELECT \(table.keyWidth == 0 ? "1" : table.keyList) FROM \(place.name) WHERE tenant_id = ?\(place.condition)
                \(order.isEmpty ? "" : "ORDER BY \(order)") LIMIT 1
                """)
        try select.bind(tenant.bits)
        guard try select.step() else { return nil }
        var key = RowBatch(of: table.key)
        try key.addRow { try Self.take(select, table.key, &$0) }
        return key
    }

    func open(_ table: TransferTable, of tenant: TenantID, after key: RowBatch?) throws {
        reading = nil
        let place = place(of: table)
        let marks = table.key.map { _ in "?" }.joined(separator: ", ")
        let select = try database.prepare(
            dynamic: """
                SELECT \(place.columns) FROM \(place.name) WHERE tenant_id = ?\(place.condition)
                \(key == nil ? "" : "AND (\(table.keyList)) > (\(marks))")
                \(table.keyWidth == 0 ? "" : "ORDER BY \(table.keyList)")
                """)
        try tenant.bits.bind(to: select, at: 1)
        if let key { try Self.bind(key, 0, to: select, from: 2) }
        reading = (Cursor(select), table)
    }

    func next(_ most: Int) throws -> RowBatch {
        guard let (cursor, table) = reading else { preconditionFailure("rows are opened before they are read") }
        var rows = RowBatch(of: table.columns)
        while rows.count < most, !cursor.hasEnded {
            if try cursor.statement.step() {
                try rows.addRow { try Self.take(cursor.statement, table.columns[...], &$0) }
            } else {
                cursor.hasEnded = true
            }
        }
        return rows
    }

    private static func take(
        _ row: borrowing Statement, _ columns: ArraySlice<TransferTable.Column>, _ values: inout [RowBatch.Values]
    ) throws(SQLiteError) {
        for (place, column) in columns.enumerated() {
            let index = Int32(place)
            let isNull = column.isOptional && row.isNull(index)
            switch column.kind {
            case .integer, .small, .flag: values[place].append(integer: isNull ? nil : try row.int64(index))
            case .id: values[place].append(id: isNull ? nil : try row.uint128(index))
            case .text, .decimal: values[place].append(text: isNull ? nil : try row.string(index))
            case .bytes: values[place].append(bytes: isNull ? nil : try row.bytes(index))
            }
        }
    }

    private static func bind(
        _ rows: RowBatch, _ row: Int, to statement: borrowing Statement, from first: Int32
    ) throws(SQLiteError) {
        var index = first
        for values in rows.columns {
            switch values {
            case .integers(let list): try list[row].bind(to: statement, at: index)
            case .ids(let list): try list[row].bind(to: statement, at: index)
            case .texts(let list): try list[row].bind(to: statement, at: index)
            case .bytes(let list): try list[row].bind(to: statement, at: index)
            }
            index += 1
        }
    }

    // MARK: Writing

    func write(_ rows: RowBatch, to table: TransferTable, of tenant: TenantID) throws {
        // They came with the events. What did not is found missing when both ends are compared.
        if table.name == TransferTable.outcomes.name { return }
        let marks = table.columns.map { _ in ", ?" }.joined()
        let insert = try database.prepare(
            dynamic: "INSERT INTO \(table.name) (tenant_id, \(table.list)) VALUES (?\(marks))")
        try database.transaction { () throws(SQLiteError) in
            try tenant.bits.bind(to: insert, at: 1)
            for row in 0..<rows.count {
                try Self.bind(rows, row, to: insert, from: 2)
                try insert.run()
            }
        }
    }

    func record() throws -> TransferRecord? {
        let there = try database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'transfer'")
        guard try there.step() else { return nil }
        let select = try database.prepare(dynamic: "SELECT source, is_copied FROM transfer")
        guard try select.step() else { return nil }
        guard let source = Digest256(try select.bytes(0)) else { throw StoreError.corrupt("a digest has 32 bytes") }
        return TransferRecord(source: source, isCopied: try select.bool(1))
    }

    func put(_ record: TransferRecord) throws {
        try database.transaction { () throws(SQLiteError) in
            try database.execute(
                "CREATE TABLE IF NOT EXISTS transfer (source BLOB PRIMARY KEY, is_copied INTEGER NOT NULL) STRICT")
            let put = try database.prepare("INSERT OR REPLACE INTO transfer (source, is_copied) VALUES (?, ?)")
            try put.bind(record.source.bytes, record.isCopied)
            try put.run()
        }
    }

    // MARK: Counts

    func configuration() throws -> [TenantConfiguration] { try Configuration.all(database) }

    func recount(of experiment: ExperimentID, in snapshot: TenantSnapshot) throws -> UnitCounts {
        try Counts.recount(of: experiment, in: snapshot, database)
    }

    func close() { reading = nil }
}
