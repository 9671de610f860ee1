/// Why PostgreSQL did not do what was asked.
public struct PostgresError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it was: what a caller acts on.
    public enum Kind: Sendable, Equatable {
        /// The server refused, with a code (``PostgresError/state``). The transaction is to be rolled back.
        case server
        /// The connection was lost. What was under way may or may not have happened.
        case lost
        /// No connection could be had: nothing was sent.
        case unreachable
        /// No connection was free in time: nothing was sent.
        case busy
        /// No answer in time; the connection was given up, so this is a kind of loss.
        case timeout
        /// A value is not of the type that was asked for.
        case type
        /// The address or an option of it is wrong.
        case configuration
    }

    public let kind: Kind
    /// The five characters of SQLSTATE, where the server said them.
    public let state: String?
    /// The server's or libpq's words, without the values of any row.
    public let message: String

    public init(_ kind: Kind, state: String? = nil, _ message: String) {
        self.kind = kind
        self.state = state
        self.message = message
    }

    /// One sentence for the operator.
    public var description: String { state.map { "\(message) (SQLSTATE \($0))" } ?? message }

    /// Whether trying the same again may succeed by itself: serialization failures and deadlocks (class 40).
    public var isConflict: Bool { kind == .server && state?.hasPrefix("40") == true }

    /// A key that is there already.
    public var isUniqueViolation: Bool { kind == .server && state == "23505" }

    /// The server only reads: it is a standby, or became one.
    public var isReadOnlyServer: Bool { kind == .server && state == "25006" }

    /// No room on the server's disk.
    public var isDiskFull: Bool { state == "53100" }

    /// A statement took longer than the server lets it.
    public var isStatementTimeout: Bool { kind == .server && state == "57014" }

    /// The server ends, or begins and takes nobody yet, or has thrown this session out. What was sent with `COMMIT` may or
    /// may not have happened; anything before it was rolled back.
    public var isShutdown: Bool { kind == .server && ["57P01", "57P02", "57P03"].contains(state) }

    /// What a statement that asks whether something holds is failed with where it does not.
    /// A row is not where the new partition would have it.
    public var isCheckViolation: Bool { kind == .server && state == "23514" }

    public var isDivisionByZero: Bool { kind == .server && state == "22012" }

    /// Whether the trouble is the server's present state and not what was asked: too many connections or out of
    /// memory (class 53), shut down or cancelled (57), a system error (58), a connection exception (08), a lock that
    /// was not to be had (55P03), a transaction idle for too long (25P03), a standby that only reads (25006).
    public var isTransient: Bool {
        switch kind {
        case .lost, .unreachable, .busy, .timeout: return true
        case .type, .configuration: return false
        case .server:
            guard let state else { return false }
            if isDiskFull { return false }
            return ["08", "40", "53", "57", "58"].contains { state.hasPrefix($0) }
                || ["55P03", "25P03", "25006"].contains(state)
        }
    }
}
