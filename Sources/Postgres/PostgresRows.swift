internal import CPostgres

/// What a statement returned: rows of binary values, by row and column from 0.
///
/// `@unchecked Sendable`: libpq's result is never changed once it is here.
@safe public final class PostgresRows: @unchecked Sendable {
    private let result: OpaquePointer
    /// How many rows there are.
    public let count: Int

    init(_ result: OpaquePointer) {
        unsafe self.result = result
        unsafe count = Int(PQntuples(result))
    }

    deinit { unsafe PQclear(result) }

    /// What was done, such as `COMMIT` or `INSERT 0 5`.
    public var commandTag: String { unsafe String(cString: PQcmdStatus(result)) }

    public func isNull(_ row: Int, _ column: Int) -> Bool {
        unsafe PQgetisnull(result, Int32(row), Int32(column)) != 0
    }

    public func int8(_ row: Int, _ column: Int) throws(PostgresError) -> Int64 {
        Int64(bigEndian: try integer(row, column))
    }

    public func int4(_ row: Int, _ column: Int) throws(PostgresError) -> Int32 {
        Int32(bigEndian: try integer(row, column))
    }

    public func bool(_ row: Int, _ column: Int) throws(PostgresError) -> Bool {
        let byte: UInt8 = try integer(row, column)
        return byte != 0
    }

    public func uuid(_ row: Int, _ column: Int) throws(PostgresError) -> UInt128 {
        UInt128(bigEndian: try integer(row, column))
    }

    public func text(_ row: Int, _ column: Int) throws(PostgresError) -> String {
        let value = unsafe try value(row, column)
        guard let text = unsafe String(validating: value, as: UTF8.self) else {
            throw PostgresError(.type, "column \(column) is not UTF-8")
        }
        return text
    }

    public func bytes(_ row: Int, _ column: Int) throws(PostgresError) -> [UInt8] {
        unsafe Array(try value(row, column))
    }

    public func optionalInt8(_ row: Int, _ column: Int) throws(PostgresError) -> Int64? {
        isNull(row, column) ? nil : try int8(row, column)
    }

    public func optionalText(_ row: Int, _ column: Int) throws(PostgresError) -> String? {
        isNull(row, column) ? nil : try text(row, column)
    }

    /// As it lies there: the most significant byte first.
    private func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ row: Int, _ column: Int
    ) throws(PostgresError) -> Value {
        let bytes = unsafe UnsafeRawBufferPointer(try value(row, column))
        guard bytes.count == MemoryLayout<Value>.size else {
            throw PostgresError(
                .type, "column \(column) has \(bytes.count) bytes where \(MemoryLayout<Value>.size) belong")
        }
        return unsafe bytes.loadUnaligned(as: Value.self)
    }

    private func value(_ row: Int, _ column: Int) throws(PostgresError) -> UnsafeBufferPointer<UInt8> {
        guard row >= 0, row < count, column >= 0, column < Int(unsafe PQnfields(result)) else {
            throw PostgresError(.type, "there is no row \(row) with a column \(column)")
        }
        guard !isNull(row, column), let start = unsafe PQgetvalue(result, Int32(row), Int32(column)) else {
            throw PostgresError(.type, "column \(column) is null")
        }
        let length = unsafe Int(PQgetlength(result, Int32(row), Int32(column)))
        return unsafe UnsafeBufferPointer(
            start: UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self), count: length)
    }
}
