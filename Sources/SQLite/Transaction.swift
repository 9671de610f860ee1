extension Database {
    /// How a transaction takes its lock.
    public enum TransactionKind: String, Sendable {
        /// Reads at first, and may be refused (`busy`) when it begins to write.
        case deferred
        /// Writes from the start.
        case immediate
    }

    /// Begins a transaction.
    ///
    /// - Throws: `poisoned` if the disk failed this connection before.
    public func begin(_ kind: TransactionKind = .immediate) throws(SQLiteError) {
        if isPoisoned { throw SQLiteError(.poisoned, "the disk failed this connection: open another") }
        switch kind {
        case .deferred: try prepare("BEGIN DEFERRED").run()
        case .immediate: try prepare("BEGIN IMMEDIATE").run()
        }
    }

    /// Makes the transaction durable, or throws; then it is rolled back.
    ///
    /// After an `io` error it is not known whether the transaction survives: the connection is
    /// poisoned, and only another one can tell.
    public func commit() throws(SQLiteError) {
        do throws(SQLiteError) {
            try prepare("COMMIT").run()
        } catch {
            rollback()
            throw error
        }
    }

    /// Forgets the transaction under way, if there is one.
    ///
    /// SQLite may have rolled back by itself (disk full, failures of the disk). A rollback that
    /// fails poisons the connection, which is told by `isPoisoned`.
    public func rollback() {
        guard isInTransaction else { return }
        do throws(SQLiteError) {
            try prepare("ROLLBACK").run()
        } catch {
            poison()
        }
    }

    /// Runs `body` in a transaction: all of it is durable when this returns, none when it throws.
    public func transaction<Result>(
        _ kind: TransactionKind = .immediate, _ body: () throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        try begin(kind)
        let result: Result
        do throws(SQLiteError) {
            result = try body()
        } catch {
            rollback()
            throw error
        }
        try commit()
        return result
    }

    /// Runs `body` inside the transaction under way; when it throws, what it did is undone and the
    /// transaction goes on.
    ///
    /// After errors that end the whole transaction (full, io) there is nothing to go on with:
    /// `isInTransaction` tells.
    public func savepoint<Result>(_ body: () throws(SQLiteError) -> Result) throws(SQLiteError) -> Result {
        precondition(isInTransaction, "a savepoint stands inside a transaction")
        try prepare("SAVEPOINT inner").run()
        do throws(SQLiteError) {
            let result = try body()
            try prepare("RELEASE inner").run()
            return result
        } catch {
            try undoSavepoint()
            throw error
        }
    }

    private func undoSavepoint() throws(SQLiteError) {
        guard isInTransaction else { return }
        try prepare("ROLLBACK TO inner").run()
        try prepare("RELEASE inner").run()
    }
}
