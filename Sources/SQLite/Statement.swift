import CSQLite

/// A compiled statement, and the row it stands on.
///
///     let insert = try database.prepare("INSERT INTO quotes (id, price) VALUES (?, ?)")
///     try insert.bind(id, 1999)
///     try insert.run()
///
/// Parameters count from 1, columns from 0, as in SQLite. A statement of a literal goes back to its
/// database when it ends; any other is finalized.
@safe public struct Statement: ~Copyable {
    private let handle: OpaquePointer
    private let database: Database
    /// Where the database keeps it when nobody uses it.
    private let key: UInt?

    init(handle: OpaquePointer, database: Database, key: UInt?) {
        unsafe self.handle = unsafe handle
        self.database = database
        self.key = key
    }

    deinit {
        if let key {
            unsafe database.giveBack(handle, key: key)
        } else {
            unsafe sqlite3_finalize(handle)
        }
    }

    /// The statement's text, without values.
    public var sql: String {
        guard let text = unsafe sqlite3_sql(handle) else { return "" }
        return unsafe String(cString: text)
    }

    private func check(_ code: Int32) throws(SQLiteError) {
        if code != SQLITE_OK { throw database.failure(code, sql: sql) }
    }

    // MARK: Running

    /// Goes to the next row; false after the last.
    public func step() throws(SQLiteError) -> Bool {
        let code = unsafe sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE { return false }
        let error = database.failure(code, sql: sql)
        unsafe sqlite3_reset(handle)
        throw error
    }

    /// Runs the statement to its end, passing over rows, and makes it ready to run again; the values
    /// stay bound.
    public func run() throws(SQLiteError) {
        while try step() {}
        reset()
    }

    /// Calls `body` on each row, then makes the statement ready to run again.
    public func forEachRow(_ body: (borrowing Statement) throws(SQLiteError) -> Void) throws(SQLiteError) {
        defer { reset() }
        while try step() { try body(self) }
    }

    /// Makes the statement ready to run again; the values stay bound.
    public func reset() {
        // The code is that of the last step, which was told already.
        unsafe sqlite3_reset(handle)
    }

    // MARK: Values

    /// Binds values to the parameters, from the first.
    public func bind<each Value: SQLiteBindable>(_ values: repeat each Value) throws(SQLiteError) {
        var index: Int32 = 0
        for value in repeat each values {
            index += 1
            try value.bind(to: self, at: index)
        }
    }

    /// Binds an integer.
    public func bind(_ value: Int64, at index: Int32) throws(SQLiteError) {
        try check(unsafe sqlite3_bind_int64(handle, index, value))
    }

    /// Binds an integer.
    public func bind(_ value: Int, at index: Int32) throws(SQLiteError) {
        try bind(Int64(value), at: index)
    }

    /// Binds 1 or 0.
    public func bind(_ value: Bool, at index: Int32) throws(SQLiteError) {
        try bind(value ? 1 : 0 as Int64, at: index)
    }

    /// Binds a real number; SQLite makes NULL of NaN.
    public func bind(_ value: Double, at index: Int32) throws(SQLiteError) {
        try check(unsafe sqlite3_bind_double(handle, index, value))
    }

    /// Binds a text.
    public func bind(_ value: String, at index: Int32) throws(SQLiteError) {
        var value = value
        try check(value.withUTF8 { unsafe csqlite_bind_text(handle, index, $0.baseAddress, $0.count) })
    }

    /// Binds a blob.
    public func bind(_ value: [UInt8], at index: Int32) throws(SQLiteError) {
        try bind(value.span, at: index)
    }

    /// Binds a blob.
    public func bind(_ value: Span<UInt8>, at index: Int32) throws(SQLiteError) {
        try check(unsafe value.withUnsafeBytes { unsafe csqlite_bind_blob(handle, index, $0.baseAddress, $0.count) })
    }

    /// Binds a blob of 16 bytes, most significant first.
    public func bind(_ value: UInt128, at index: Int32) throws(SQLiteError) {
        try check(
            unsafe withUnsafeBytes(of: value.bigEndian) {
                unsafe csqlite_bind_blob(handle, index, $0.baseAddress, $0.count)
            })
    }

    /// Binds NULL.
    public func bindNull(at index: Int32) throws(SQLiteError) {
        try check(unsafe sqlite3_bind_null(handle, index))
    }

    // MARK: Columns

    /// Whether the column is NULL.
    public func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    private func expect(_ type: Int32, _ name: String, _ column: Int32) throws(SQLiteError) {
        let found = unsafe sqlite3_column_type(handle, column)
        if found != type {
            throw SQLiteError(.type, "column \(column) holds type \(found), not \(name)", sql: sql)
        }
    }

    /// The integer of a column; anything else, also NULL, is an error.
    public func int64(_ column: Int32) throws(SQLiteError) -> Int64 {
        try expect(SQLITE_INTEGER, "an integer", column)
        return unsafe sqlite3_column_int64(handle, column)
    }

    /// The integer of a column.
    public func int(_ column: Int32) throws(SQLiteError) -> Int {
        Int(try int64(column))
    }

    /// Whether the integer of a column is not zero.
    public func bool(_ column: Int32) throws(SQLiteError) -> Bool {
        try int64(column) != 0
    }

    /// The real number of a column.
    public func double(_ column: Int32) throws(SQLiteError) -> Double {
        try expect(SQLITE_FLOAT, "a real number", column)
        return unsafe sqlite3_column_double(handle, column)
    }

    /// The text of a column.
    public func string(_ column: Int32) throws(SQLiteError) -> String {
        try expect(SQLITE_TEXT, "a text", column)
        guard let text = unsafe sqlite3_column_text(handle, column) else { throw outOfMemory() }
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        return unsafe String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }

    /// The blob of a column.
    public func bytes(_ column: Int32) throws(SQLiteError) -> [UInt8] {
        try expect(SQLITE_BLOB, "a blob", column)
        // An empty blob has no address.
        guard let start = unsafe sqlite3_column_blob(handle, column) else { return [] }
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// The blob of 16 bytes of a column, most significant first.
    public func uint128(_ column: Int32) throws(SQLiteError) -> UInt128 {
        try expect(SQLITE_BLOB, "a blob", column)
        guard unsafe sqlite3_column_bytes(handle, column) == 16, let start = unsafe sqlite3_column_blob(handle, column)
        else { throw SQLiteError(.type, "column \(column) is not 16 bytes long", sql: sql) }
        return unsafe UInt128(bigEndian: start.loadUnaligned(as: UInt128.self))
    }

    /// As `int64`, with nil for NULL.
    public func int64OrNil(_ column: Int32) throws(SQLiteError) -> Int64? {
        isNull(column) ? nil : try int64(column)
    }

    /// As `double`, with nil for NULL.
    public func doubleOrNil(_ column: Int32) throws(SQLiteError) -> Double? {
        isNull(column) ? nil : try double(column)
    }

    /// As `string`, with nil for NULL.
    public func stringOrNil(_ column: Int32) throws(SQLiteError) -> String? {
        isNull(column) ? nil : try string(column)
    }

    /// As `bytes`, with nil for NULL.
    public func bytesOrNil(_ column: Int32) throws(SQLiteError) -> [UInt8]? {
        isNull(column) ? nil : try bytes(column)
    }

    /// As `uint128`, with nil for NULL.
    public func uint128OrNil(_ column: Int32) throws(SQLiteError) -> UInt128? {
        isNull(column) ? nil : try uint128(column)
    }

    private func outOfMemory() -> SQLiteError {
        SQLiteError(extendedCode: SQLITE_NOMEM, message: "out of memory", sql: sql)
    }
}
