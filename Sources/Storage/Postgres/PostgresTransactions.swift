internal import EventLoop
internal import Experiments
internal import Postgres
internal import Synchronization

/// Transactions with a known end: done, not done, or said to be uncertain. Loop only.
struct PostgresTransactions {
    let pool: PostgresPool
    /// Whether the schema is known to be contracted. From any thread.
    let contraction = Contraction()
    private var loop: EventLoop { pool.loop }

    /// How long a server is asked what became of a transaction.
    private static let patienceForFate = Duration.seconds(1)
    /// How often a transaction is tried, and until when after its beginning another try is begun.
    private static let attempts = 5
    private static let lastTry = Duration.seconds(1)

    init(_ pool: PostgresPool) { self.pool = pool }

    final class Contraction: Sendable {
        private let isKnown = Atomic<Bool>(false)

        var isDone: Bool { isKnown.load(ordering: .relaxed) }

        func note() { isKnown.store(true, ordering: .relaxed) }
    }

    func session(on connection: PostgresConnection) -> PostgresSession {
        PostgresSession(
            connection: connection, configuration: pool.configuration, isContracted: contraction.isDone)
    }

    /// Connections that only turns and changes of configuration may take: where the database hangs, what waits for it
    /// beside them must not leave shoppers without.
    var reserve: Int { pool.configuration.connections / 4 }

    /// Runs `body` until it is done or cannot be: conflicts and lost connections are tried again. If the connection is
    /// lost after `COMMIT` was sent, the server is asked what became of the transaction.
    func decided<Value>(
        _ body: (_ attempt: Int) async throws -> Value
    ) async throws -> Value where Value: Sendable {
        var isInDoubt = false
        do {
            return try await tried(body, &isInDoubt)
        } catch  where isInDoubt {
            throw StoreError.uncertain("PostgreSQL: \(error)")
        }
    }

    private func tried<Value>(
        _ body: (_ attempt: Int) async throws -> Value, _ isInDoubt: inout Bool
    ) async throws -> Value where Value: Sendable {
        var attempt = 0
        let end = loop.now.advanced(byNanoseconds: Self.lastTry.wholeNanoseconds)
        while true {
            do {
                return try await body(attempt)
            } catch let failure as Committing<Value> {
                switch await fate(of: failure.transaction) {
                case .committed: return failure.value
                case .unknown:
                    throw StoreError.uncertain("PostgreSQL: \(failure.cause)")
                case .aborted:
                    guard attempt + 1 < Self.attempts, loop.now < end else { throw failure.cause }
                }
            } catch let doubt as InDoubt {
                isInDoubt = true
                guard doubt.cause.kind != .timeout, attempt + 1 < Self.attempts, loop.now < end else {
                    throw doubt.cause
                }
            } catch let error as PostgresError {
                let mayPass = error.isConflict || error.isUniqueViolation || error.kind == .lost || error.isShutdown
                guard mayPass, attempt + 1 < Self.attempts, loop.now < end else { throw error }
            }
            attempt += 1
        }
    }

    /// `COMMIT` was sent and no answer came.
    struct Committing<Value: Sendable>: Error {
        let value: Value
        let transaction: TransactionName
        let cause: PostgresError
    }

    /// All was sent in one flight, and nobody knows how far it came; not even what to ask for. Who makes the same again
    /// finds what is there.
    struct InDoubt: Error {
        let cause: PostgresError
    }

    private enum Fate { case committed, aborted, unknown }

    /// Asks what became of a transaction, until the server knows.
    private func fate(of name: TransactionName) async -> Fate {
        let end = loop.now.advanced(byNanoseconds: Self.patienceForFate.wholeNanoseconds)
        repeat {
            do {
                let rows = try await pool.withConnection { connection in
                    try await PostgresSession(connection: connection, configuration: pool.configuration)
                        .once(.platform, [name.question])
                }
                // A number given again after a recovery is one whose first owner was not committed.
                switch (try rows[0].optionalText(0, 0), try rows[0].bool(0, 1)) {
                case ("aborted", _): return .aborted
                case ("committed", true): return .committed
                case ("in progress", true): break
                // Too long ago to be known; another server's by now: a standby that has it, or has not; or perhaps another's.
                default: return .unknown
                }
            } catch let error as PostgresError where error.isTransient {
                if pool.isBroken { return .unknown }
            } catch {
                return .unknown
            }
            await loop.pause(nanoseconds: 50_000_000)
        } while loop.now < end
        return .unknown
    }

    static func commit<Value: Sendable>(
        _ writes: [PostgresCommand], named transaction: TransactionName, returning value: Value,
        in session: PostgresSession
    ) async throws {
        do {
            let rows = try await session.connection.run(
                writes + [PostgresCommand("COMMIT")], within: session.limit())
            guard rows.last?.commandTag == "COMMIT" else {
                throw PostgresError(.server, state: "25P02", "the transaction was rolled back")
            }
        } catch let error as PostgresError where error.leavesDoubt {
            throw Committing(value: value, transaction: transaction, cause: error)
        }
    }

    /// Sends a transaction whole, in two batches of one flight: the first begins it, says what it takes for granted, and
    /// ends with what names it, so that a lost connection can be asked about.
    ///
    /// - Returns: false, and nothing is done, where something stands that was not expected: a statement that divides by
    ///   zero unless what it asks for holds, or a key that was to be free.
    static func committedAtOnce<Value: Sendable>(
        _ begin: [PostgresCommand], _ writes: [PostgresCommand], returning value: Value, in session: PostgresSession
    ) async throws -> Bool {
        do {
            let outcome = try await inOneFlight(
                begin + [TransactionName.command], named: begin.count, writes, returning: value, in: session)
            guard let refusal = outcome.refusal else { return true }
            throw refusal
        } catch {
            session.rollback(after: error)
            if let error = error as? PostgresError, error.isDivisionByZero || error.isUniqueViolation { return false }
            throw error
        }
    }

    /// Sends a transaction whole as ``committedAtOnce(_:_:returning:in:)`` does, for who goes on where it is refused: if the
    /// second batch divides by zero, the transaction stands with all its locks, and is to be rolled back to a savepoint
    /// that the first batch made.
    ///
    /// - Parameter name: which command of the first batch names the transaction.
    /// - Returns: what the first batch was answered with, and whether all is committed.
    static func committedOrBegun<Value: Sendable>(
        _ begin: [PostgresCommand], named name: Int, _ writes: [PostgresCommand], returning value: Value,
        in session: PostgresSession
    ) async throws -> (begun: [PostgresRows], isDone: Bool) {
        do {
            let outcome = try await inOneFlight(begin, named: name, writes, returning: value, in: session)
            guard let refusal = outcome.refusal else { return (outcome.begun, true) }
            guard refusal.isDivisionByZero else { throw refusal }
            return (outcome.begun, false)
        } catch {
            session.rollback(after: error)
            throw error
        }
    }

    /// - Returns: what the first batch was answered with, and why the second was refused; nil where it was committed.
    private static func inOneFlight<Value: Sendable>(
        _ begin: [PostgresCommand], named place: Int, _ writes: [PostgresCommand], returning value: Value,
        in session: PostgresSession
    ) async throws -> (begun: [PostgresRows], refusal: PostgresError?) {
        let outcome = await session.connection.run(
            begin, then: writes + [PostgresCommand("COMMIT")], within: session.limit())
        let begun: [PostgresRows]
        do throws(PostgresError) {
            begun = try outcome.first.get()
        } catch {
            throw error.leavesDoubt ? InDoubt(cause: error) : error
        }
        do throws(PostgresError) {
            guard try outcome.second.get().last?.commandTag == "COMMIT" else {
                throw PostgresError(.server, state: "25P02", "the transaction was rolled back")
            }
            return (begun, nil)
        } catch {
            guard error.leavesDoubt else { return (begun, error) }
            throw Committing(value: value, transaction: try TransactionName(begun[place]), cause: error)
        }
    }

    /// A transaction of its own for what concerns no price.
    ///
    /// - Parameter begin: begins the transaction and decides what is written; may run more than once.
    func alone<Value: Sendable>(
        _ begin:
            @escaping @Sendable (PostgresSession) async throws -> (
                writes: [PostgresCommand], value: Value, transaction: TransactionName
            )
    ) async throws -> Value {
        try await decided { _ in
            try await pool.withConnection(sparing: reserve) { connection in
                let session = session(on: connection)
                do {
                    let begun = try await begin(session)
                    try await Self.commit(
                        begun.writes, named: begun.transaction, returning: begun.value, in: session)
                    return begun.value
                } catch {
                    session.rollback(after: error)
                    throw error
                }
            }
        }
    }
}

extension PostgresError {
    /// Whether nobody can say from this alone what became of what was sent.
    var leavesDoubt: Bool { kind == .lost || kind == .timeout || isShutdown }
}
