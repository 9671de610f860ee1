internal import Postgres

/// What a transaction is known by afterwards, to learn whether it was committed.
struct TransactionName: Sendable, Equatable {
    private var id = ""
    /// Of the server that gave the id: after a failover ids say nothing of each other.
    private var timeline = ""
    /// Since when the server counts its work, which it does from the beginning wherever it recovers from a crash
    /// (`pgstat_discard_stats`). A transaction whose log had not been written is forgotten there, and its id given again.
    private var life = ""

    private static let here = (
        timeline: "left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)",
        life: "extract(epoch FROM pg_stat_get_bgwriter_stat_reset_time())::text"
    )

    static let command = PostgresCommand("SELECT pg_current_xact_id()::text, \(here.timeline), \(here.life)")

    /// Of a transaction that has none yet.
    init() {}

    init(_ rows: PostgresRows) throws(PostgresError) {
        id = try rows.text(0, 0)
        timeline = try rows.text(0, 1)
        life = try rows.text(0, 2)
    }

    /// What became of it, null where this server cannot know; and whether the server has not recovered since.
    var question: PostgresCommand {
        PostgresCommand(
            """
            SELECT CASE WHEN \(Self.here.timeline) = $2 THEN pg_xact_status($1::xid8) END, \(Self.here.life) = $3
            """, .text(id), .text(timeline), .text(life))
    }
}
