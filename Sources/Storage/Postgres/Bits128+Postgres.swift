internal import Experiments
internal import Postgres

extension Bits128 {
    /// As a `uuid` column has it.
    var uuid: UInt128 { UInt128(high) << 64 | UInt128(low) }

    init(uuid: UInt128) {
        self.init(high: UInt64(truncatingIfNeeded: uuid >> 64), low: UInt64(truncatingIfNeeded: uuid))
    }

    /// As text that casts to `uuid`.
    var uuidText: String { hex }
}

extension PostgresParameter {
    static func id<Entity>(_ identifier: Identifier<Entity>) -> PostgresParameter { .uuid(identifier.bits.uuid) }
    static func bits(_ bits: Bits128) -> PostgresParameter { .uuid(bits.uuid) }
    static func bits(_ list: some Sequence<Bits128>) -> PostgresParameter { .uuids(list.map(\.uuid)) }
    static func time(_ timestamp: Timestamp) -> PostgresParameter { .int8(timestamp.milliseconds) }
}

extension PostgresRows {
    func bits(_ row: Int, _ column: Int) throws(PostgresError) -> Bits128 { Bits128(uuid: try uuid(row, column)) }

    func identifier<Entity>(_ row: Int, _ column: Int) throws(PostgresError) -> Identifier<Entity> {
        Identifier(bits: try bits(row, column))
    }

    func timestamp(_ row: Int, _ column: Int) throws(PostgresError) -> Timestamp {
        Timestamp(milliseconds: try int8(row, column))
    }

    func optionalTimestamp(_ row: Int, _ column: Int) throws(PostgresError) -> Timestamp? {
        try optionalInt8(row, column).map { Timestamp(milliseconds: $0) }
    }

    func int(_ row: Int, _ column: Int) throws(PostgresError) -> Int { Int(try int4(row, column)) }

    /// A sum of 128 bits, read as decimal text.
    func int128(_ row: Int, _ column: Int) throws -> Int128 {
        let text = try text(row, column)
        guard let value = Int128(text) else { throw StoreError.corrupt("a sum reads \"\(text.prefix(50))\"") }
        return value
    }

    func tenantKey(_ row: Int, _ column: Int) throws -> TenantKey {
        let text = try text(row, column)
        guard let key = TenantKey(text) else { throw StoreError.corrupt("a key reads \"\(text.prefix(50))\"") }
        return key
    }

    func optionalTenantKey(_ row: Int, _ column: Int) throws -> TenantKey? {
        isNull(row, column) ? nil : try tenantKey(row, column)
    }

    func currency(_ row: Int, _ column: Int) throws -> Currency {
        let text = try text(row, column)
        guard let currency = Currency(text) else { throw StoreError.corrupt("a currency reads \"\(text.prefix(50))\"") }
        return currency
    }
}

extension StoreError {
    /// What a failure of PostgreSQL means to whoever asked.
    init(postgres error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as PostgresError where error.isDiskFull: self = .full
        // One that hangs is as good as gone.
        case let error as PostgresError
        where error.kind == .unreachable || error.kind == .timeout || error.isShutdown:
            self = .unreachable("PostgreSQL: \(error)")
        case let error as PostgresError where error.isTransient || error.kind == .configuration:
            self = .unavailable("PostgreSQL: \(error)")
        case let error as PostgresError: self = .corrupt("PostgreSQL: \(error)")
        case let error as PostgresMigrationError:
            if case .failed(_, let cause) = error, cause.isTransient {
                self = .unavailable("\(error)")
            } else {
                self = .corrupt("\(error)")
            }
        default: self = .corrupt("\(error)")
        }
    }
}
