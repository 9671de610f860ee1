import CSQLite

/// What SQLite refused, with its SQL but never with the values bound to it.
public struct SQLiteError: Error, Equatable, Sendable {
    /// What a caller can act on.
    public enum Kind: Equatable, Sendable {
        /// The disk, or the database's own limit, is full. What was committed is safe.
        case full
        /// The disk failed to do something. The connection is poisoned.
        case io(IOFailure)
        /// Another connection holds the lock, longer than the busy timeout.
        case busy
        /// The row contradicts the schema.
        case constraint(Constraint)
        /// The file is damaged, or no database.
        case corrupt
        /// The database, its file or its directory may only be read.
        case readOnly
        /// The file cannot be opened.
        case cannotOpen
        /// A column holds another type than was asked for.
        case type
        /// The connection is poisoned by an earlier failure: open another.
        case poisoned
        /// Something else; see `code`.
        case other
    }

    /// Which operation of the disk failed.
    public enum IOFailure: Equatable, Sendable {
        /// Reading.
        case read
        /// Writing.
        case write
        /// Making what was written durable: whether it is, nobody knows.
        case fsync
        /// Something else.
        case other
    }

    /// Which promise of the schema a row breaks.
    public enum Constraint: Equatable, Sendable {
        /// A `UNIQUE` or `PRIMARY KEY` value is taken.
        case unique
        /// A foreign key leads nowhere.
        case foreignKey
        /// A `CHECK` is false.
        case check
        /// A value is missing.
        case notNull
        /// Something else.
        case other
    }

    /// What a caller can act on.
    public let kind: Kind
    /// SQLite's result code, extended.
    public let extendedCode: Int32
    /// What SQLite says.
    public let message: String
    /// The statement, without the values bound to it.
    public let sql: String?

    /// SQLite's primary result code.
    public var code: Int32 { extendedCode & 0xFF }

    init(extendedCode: Int32, message: String, sql: String?) {
        self.kind = Kind(extendedCode)
        self.extendedCode = extendedCode
        self.message = message
        self.sql = sql
    }

    init(_ kind: Kind, _ message: String, sql: String? = nil) {
        self.kind = kind
        self.extendedCode = kind == .type ? SQLITE_MISMATCH : SQLITE_ERROR
        self.message = message
        self.sql = sql
    }
}

extension SQLiteError.Kind {
    init(_ extendedCode: Int32) {
        switch extendedCode & 0xFF {
        case SQLITE_FULL: self = .full
        case SQLITE_BUSY, SQLITE_LOCKED: self = .busy
        case SQLITE_CORRUPT, SQLITE_NOTADB: self = .corrupt
        case SQLITE_READONLY: self = .readOnly
        case SQLITE_CANTOPEN: self = .cannotOpen
        case SQLITE_MISMATCH: self = .type
        case SQLITE_IOERR: self = .io(SQLiteError.IOFailure(detail: extendedCode >> 8))
        case SQLITE_CONSTRAINT: self = .constraint(SQLiteError.Constraint(detail: extendedCode >> 8))
        default: self = .other
        }
    }
}

// SQLite's extended codes are macros with shifts, which Swift does not import: the numbers are
// those of https://www.sqlite.org/rescode.html.

extension SQLiteError.IOFailure {
    init(detail: Int32) {
        switch detail {
        case 1, 2: self = .read  // SQLITE_IOERR_READ, _SHORT_READ
        case 3: self = .write  // SQLITE_IOERR_WRITE
        case 4, 5: self = .fsync  // SQLITE_IOERR_FSYNC, _DIR_FSYNC
        default: self = .other
        }
    }
}

extension SQLiteError.Constraint {
    init(detail: Int32) {
        switch detail {
        case 6, 8, 10: self = .unique  // SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE, _ROWID
        case 3: self = .foreignKey
        case 1: self = .check
        case 5: self = .notNull
        default: self = .other
        }
    }
}

extension SQLiteError: CustomStringConvertible {
    /// One line for a log.
    public var description: String {
        let statement = sql.map { " [\($0)]" } ?? ""
        return "SQLite: \(message) (\(extendedCode))\(statement)"
    }
}
