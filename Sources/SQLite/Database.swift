import CSQLite

/// One connection to one database file. It blocks, and belongs to one thread at a time.
///
/// After a failure of the disk nobody knows what SQLite's memory and the file have in common, and
/// after a failed fsync not even whether the last commit is durable. The connection is then
/// poisoned: it refuses to begin another transaction. Close it, open another, and ask the database
/// what it holds.
@safe public final class Database {
    /// Done once a process, before the first connection.
    private static let configured: Int32 = csqlite_configure()

    private let connection: OpaquePointer
    private var idle: [UInt: OpaquePointer] = unsafe [:]

    /// Whether a failure of the disk or a damaged file was met.
    public private(set) var isPoisoned = false

    /// Opens `path`, creating it unless it is only to be read.
    public init(path: String, options: DatabaseOptions = DatabaseOptions()) throws(SQLiteError) {
        _ = Self.configured
        guard !path.utf8.contains(0) else { throw SQLiteError(.cannotOpen, "a path cannot hold a zero byte") }
        let access = options.isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(path, &opened, flags, options.vfs)
        guard code == SQLITE_OK, let connection = unsafe opened else {
            let message = unsafe String(cString: opened == nil ? sqlite3_errstr(code) : sqlite3_errmsg(opened))
            unsafe sqlite3_close_v2(opened)
            throw SQLiteError(extendedCode: code, message: "\(message): \(path)", sql: nil)
        }
        unsafe self.connection = unsafe connection
        try configure(options)
    }

    deinit {
        unsafe idle.values.forEach { handle in _ = unsafe sqlite3_finalize(handle) }
        // Statements keep their database, so none is left; a backup would be waited for.
        unsafe sqlite3_close_v2(connection)
    }

    private func configure(_ options: DatabaseOptions) throws(SQLiteError) {
        let wait = options.busyTimeout.components
        let milliseconds = wait.seconds * 1_000 + wait.attoseconds / 1_000_000_000_000_000
        try check(unsafe sqlite3_busy_timeout(connection, Int32(clamping: milliseconds)), sql: nil)
        try check(unsafe csqlite_harden(connection), sql: nil)
        if options.locksExclusively { try execute("PRAGMA locking_mode = exclusive") }
        if options.journal != .unchanged {
            try execute("PRAGMA page_size = \(options.pageBytes)")
            let pragma = "PRAGMA journal_mode = \(options.journal.rawValue)"
            let mode = try prepare(dynamic: pragma)
            guard try mode.step(), try mode.string(0) == options.journal.rawValue else {
                throw SQLiteError(.other, "the journal mode is not available", sql: pragma)
            }
        }
        try execute("PRAGMA synchronous = \(options.synchronous.rawValue)")
        try execute("PRAGMA foreign_keys = \(options.enforcesForeignKeys ? "on" : "off")")
        try execute("PRAGMA wal_autocheckpoint = \(options.checkpointPages)")
        try execute("PRAGMA mmap_size = \(options.mappedBytes)")
        if let cacheKiB = options.cacheKiB { try execute("PRAGMA cache_size = -\(cacheKiB)") }
    }

    // MARK: Statements

    /// Runs one or more statements that need no values and give no rows.
    public func execute(_ sql: String) throws(SQLiteError) {
        try check(unsafe sqlite3_exec(connection, sql, nil, nil, nil), sql: sql)
    }

    /// A statement compiled once: the next `prepare` of the same literal finds it again.
    ///
    /// The statement goes back by itself, reset and empty, when its variable ends. Two at a time of
    /// the same literal are two statements.
    public func prepare(_ sql: StaticString) throws(SQLiteError) -> Statement {
        let key = unsafe UInt(bitPattern: sql.utf8Start)
        if let handle = unsafe idle.removeValue(forKey: key) {
            return unsafe Statement(handle: handle, database: self, key: key)
        }
        let handle = unsafe try compile(sql.description, flags: UInt32(SQLITE_PREPARE_PERSISTENT))
        return unsafe Statement(handle: handle, database: self, key: key)
    }

    /// A statement made of a string, compiled each time.
    public func prepare(dynamic sql: String) throws(SQLiteError) -> Statement {
        unsafe Statement(handle: try compile(sql, flags: 0), database: self, key: nil)
    }

    private func compile(_ sql: String, flags: UInt32) throws(SQLiteError) -> OpaquePointer {
        var handle: OpaquePointer?
        var isAlone = true
        let code = unsafe sql.withCString { text in
            var rest: UnsafePointer<CChar>?
            let code = unsafe sqlite3_prepare_v3(connection, text, -1, flags, &handle, &rest)
            isAlone =
                unsafe rest.map { unsafe String(cString: $0) }?.allSatisfy { $0.isWhitespace || $0 == ";" } ?? true
            return code
        }
        try check(code, sql: sql)
        guard let handle = unsafe handle else { throw SQLiteError(.other, "no statement in the text", sql: sql) }
        guard isAlone else {
            unsafe sqlite3_finalize(handle)
            throw SQLiteError(.other, "more than one statement in the text", sql: sql)
        }
        return unsafe handle
    }

    /// Takes a statement back; see `Statement.deinit`.
    func giveBack(_ handle: OpaquePointer, key: UInt) {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
        if let twin = unsafe idle.updateValue(handle, forKey: key) { unsafe sqlite3_finalize(twin) }
    }

    // MARK: What happened

    /// How many rows the last INSERT, UPDATE or DELETE touched.
    public var changes: Int { unsafe Int(sqlite3_changes64(connection)) }

    /// How many rows were touched since the connection was opened.
    public var totalChanges: Int { unsafe Int(sqlite3_total_changes64(connection)) }

    /// The row id of the last INSERT.
    public var lastInsertRowid: Int64 { unsafe sqlite3_last_insert_rowid(connection) }

    /// Whether a transaction is under way.
    public var isInTransaction: Bool { unsafe sqlite3_get_autocommit(connection) == 0 }

    /// What is wrong with the file; empty if nothing. Reads all of it.
    public func integrityCheck() throws(SQLiteError) -> [String] {
        var findings: [String] = []
        let check = try prepare(dynamic: "PRAGMA integrity_check")
        while try check.step() { findings.append(try check.string(0)) }
        return findings == ["ok"] ? [] : findings
    }

    /// Carries the log over into the database and empties it.
    ///
    /// - Throws: `busy` if a reader still needs the log.
    public func checkpoint() throws(SQLiteError) {
        let code = unsafe sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        try check(code, sql: nil)
    }

    /// Makes durable every commit that can be read, and begins the write-ahead log anew.
    ///
    /// A process that died between a write and its sync leaves commits that read back and that the power may still
    /// take. After a sync that failed it is worse: the system counts the pages as written, so that syncing again does
    /// nothing. Therefore the log is first written over itself, which makes its pages dirty again, then synced, and
    /// only then carried into the database. If another connection reads, or the disk is full, the log stays, durable.
    /// Not within a transaction; only with `Journal.wal`.
    public func settle() throws(SQLiteError) {
        try begin(.immediate)
        do throws(SQLiteError) {
            try check(unsafe csqlite_renew_log(connection), sql: nil)
        } catch {
            poison()
            rollback()
            throw error
        }
        rollback()
        let code = unsafe sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        // The log is durable by now; where there is no room or no turn to carry it over, it simply stays.
        if code & 0xff != SQLITE_BUSY, code & 0xff != SQLITE_FULL { try check(code, sql: nil) }
    }

    // MARK: Backup

    /// Writes a copy of the database, as of one moment, to a file that replaces what `path` holds.
    ///
    /// Writers on other connections make it start over; on this one they wait.
    public func backup(to path: String) throws(SQLiteError) {
        var options = DatabaseOptions()
        options.journal = .delete
        let copy = try Database(path: path, options: options)
        guard let backup = unsafe sqlite3_backup_init(copy.connection, "main", connection, "main") else {
            throw unsafe copy.failure(sqlite3_extended_errcode(copy.connection), sql: nil)
        }
        let step = unsafe sqlite3_backup_step(backup, -1)
        let finish = unsafe sqlite3_backup_finish(backup)
        if step != SQLITE_DONE { throw copy.failure(step, sql: nil) }
        try copy.check(finish, sql: nil)
    }

    // MARK: Errors

    func check(_ code: Int32, sql: String?) throws(SQLiteError) {
        if code != SQLITE_OK { throw failure(code, sql: sql) }
    }

    /// Notes that this connection's view of the file cannot be trusted any more.
    func poison() {
        isPoisoned = true
    }

    /// The error of `code`, just met. Poisons the connection if the disk failed.
    func failure(_ code: Int32, sql: String?) -> SQLiteError {
        let current = unsafe sqlite3_extended_errcode(connection)
        let message = unsafe String(cString: current == code ? sqlite3_errmsg(connection) : sqlite3_errstr(code))
        let error = SQLiteError(extendedCode: code, message: message, sql: sql)
        switch error.kind {
        case .io, .corrupt: isPoisoned = true
        default: break
        }
        return error
    }
}
