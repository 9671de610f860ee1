internal import Experiments
internal import Postgres

/// A borrowed connection, with what every transaction on it begins with.
///
/// Nothing is set for longer than a transaction where a pooler may hand the connection on (`isPrepared` is false);
/// otherwise what is the same for all is set once, when the connection is made.
struct PostgresSession {
    let connection: PostgresConnection
    let configuration: PostgresConfiguration
    /// Whether no program of before the schema was contracted uses the database: ``PostgresSchema/isContracted``.
    var isContracted = false

    /// Whose rows a transaction may see.
    enum Scope {
        case tenant(TenantID)
        /// No rows, or every tenant's configuration to read.
        case platform
    }

    /// Plans that look rows up by their keys, whatever the statistics of a young table say: a plan that is made once and
    /// kept must be right for the table that will be.
    private static let settings: [(name: String, value: String)] = [
        ("plan_cache_mode", "force_generic_plan"), ("enable_seqscan", "off"), ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"), ("enable_material", "off"), ("enable_bitmapscan", "off"), ("jit", "off"),
        ("idle_in_transaction_session_timeout", "5000"),
        // Whoever gave a statement up must not go on holding, or waiting for, its locks.
        ("client_connection_check_interval", "250"),
    ]

    /// What a new connection is told.
    static func greeting(_ configuration: PostgresConfiguration) -> [PostgresCommand] {
        guard configuration.isPrepared else { return [] }
        return [
            PostgresCommand(
                "SELECT " + calls(configuration.statementTimeout, isLocal: false).joined(separator: ", "))
        ]
    }

    private static func calls(_ timeout: Duration, isLocal: Bool) -> [String] {
        // What is told must be durable, whatever is standard on that server; a stricter standard stays.
        let commit = "current_setting('synchronous_commit')"
        return (settings + [("statement_timeout", String(timeout.wholeMilliseconds))]).map {
            "set_config('\($0.name)', '\($0.value)', \(isLocal))"
        } + ["set_config('synchronous_commit', CASE \(commit) WHEN 'off' THEN 'on' ELSE \(commit) END, \(isLocal))"]
    }

    /// What later statements of a transaction see was committed before each of them, not before the first: what is
    /// read after a lock is what holds.
    static let begin = PostgresCommand("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")

    /// Says whose transaction it is, and under which limits.
    func say(_ scope: Scope, timeout: Duration? = nil) -> PostgresCommand {
        var calls: [String] = []
        if !configuration.isPrepared {
            calls = Self.calls(timeout ?? configuration.statementTimeout, isLocal: true)
        } else if let timeout {
            calls = ["set_config('statement_timeout', '\(timeout.wholeMilliseconds)', true)"]
        }
        switch scope {
        case .tenant(let id):
            return PostgresCommand(
                "SELECT " + (["set_config('cournot.tenant', $1, true)"] + calls).joined(separator: ", "),
                .text(id.bits.uuidText))
        case .platform:
            return PostgresCommand(
                "SELECT " + (["set_config('cournot.scope', 'platform', true)"] + calls).joined(separator: ", "))
        }
    }

    /// Commands as one transaction, in one round trip; returns what each returned.
    func once(
        _ scope: Scope, timeout: Duration? = nil, _ commands: [PostgresCommand]
    ) async throws(PostgresError) -> [PostgresRows] {
        let rows = try await connection.run([say(scope, timeout: timeout)] + commands, within: limit(timeout))
        return Array(rows.dropFirst())
    }

    /// How long an answer may take: what the server is allowed, and a network's share.
    func limit(_ timeout: Duration? = nil) -> Duration { (timeout ?? configuration.statementTimeout) + .seconds(1) }

    /// Undoes a transaction that failed; nobody waits for it. A connection that cannot even do that is of no more use,
    /// and neither is one to a server that became a standby: the next may lead to its successor.
    func rollback(after error: any Error) {
        guard connection.isOpen else { return }
        if (error as? PostgresError)?.isReadOnlyServer == true { return connection.close() }
        connection.post([PostgresCommand("ROLLBACK")], within: limit())
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
