public import Experiments
public import SQLite

extension Bits128: SQLiteBindable {
    /// A BLOB of 16 bytes, most significant first.
    public func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(UInt128(high) << 64 | UInt128(low), at: index)
    }
}

extension Statement {
    func bits(_ column: Int32) throws(SQLiteError) -> Bits128 {
        let value = try uint128(column)
        return Bits128(high: UInt64(truncatingIfNeeded: value >> 64), low: UInt64(truncatingIfNeeded: value))
    }

    func identifier<Entity>(_ column: Int32) throws(SQLiteError) -> Identifier<Entity> {
        Identifier(bits: try bits(column))
    }

    func timestamp(_ column: Int32) throws(SQLiteError) -> Timestamp {
        Timestamp(milliseconds: try int64(column))
    }

    func optionalInt64(_ column: Int32) throws(SQLiteError) -> Int64? {
        isNull(column) ? nil : try int64(column)
    }

    func optionalString(_ column: Int32) throws(SQLiteError) -> String? {
        isNull(column) ? nil : try string(column)
    }

    /// A sum of 128 bits, kept as decimal text.
    func int128(_ column: Int32) throws -> Int128 {
        let text = try string(column)
        guard let value = Int128(text) else { throw StoreError.corrupt("a sum reads \"\(text.prefix(50))\"") }
        return value
    }

    func tenantKey(_ column: Int32) throws -> TenantKey {
        let text = try string(column)
        guard let key = TenantKey(text) else { throw StoreError.corrupt("a key reads \"\(text.prefix(50))\"") }
        return key
    }

    func currency(_ column: Int32) throws -> Currency {
        let text = try string(column)
        guard let currency = Currency(text) else { throw StoreError.corrupt("a currency reads \"\(text.prefix(50))\"") }
        return currency
    }
}
