internal import Experiments
internal import Postgres

/// The replies to a commit's changes: whether any was given before, and how they are kept. They may be the platform's too,
/// whose rows are under a tenant of their own.
struct ChangeReplies {
    /// Those of one tenant.
    private struct Part {
        let tenant: TenantID
        let all: [SavedReply]
        /// What was kept until then counts no more.
        let since: Timestamp

        var parameters: [PostgresParameter] { [.id(tenant), .bits(all.map(\.scope.hash)), .time(since)] }
    }

    private let parts: [Part]
    /// Whose transaction it is.
    private let owner: TenantID

    var isEmpty: Bool { parts.isEmpty }
    let scopes: Set<ReplyScope>

    /// - Parameter known: of which nothing is asked any more.
    init(of commit: Commit, except known: Set<ReplyScope> = []) {
        let all = commit.steps.compactMap(\.reply).filter { !known.contains($0.scope) }
        owner = commit.tenant
        scopes = Set(all.map(\.scope))
        parts = Dictionary(grouping: all, by: \.scope.tenant)
            .sorted { $0.key < $1.key }.compactMap { tenant, replies in
                guard let newest = replies.lazy.map(\.at).max() else { return nil }
                return Part(tenant: tenant, all: replies, since: newest.advanced(by: .milliseconds(-SavedReply.kept)))
            }
    }

    /// Asks which of them are known.
    func questions(in session: PostgresSession) -> [PostgresCommand] {
        parts.flatMap { part in
            within(
                part, session,
                [
                    PostgresCommand(
                        ManyRows.find(
                            "scope, body_hash, status, body, at", in: "replies", key: "scope", "AND at > $3"),
                        part.parameters)
                ])
        }
    }

    /// What ``questions(in:)`` were answered with.
    func known(_ rows: ArraySlice<PostgresRows>) throws -> [SavedReply] {
        var rest = rows
        return try parts.flatMap { part in
            // Between two that say whose rows are meant, where they are another's.
            let answers = rest.prefix(part.tenant == owner ? 1 : 3)
            rest = rest.dropFirst(answers.count)
            return try answers.dropFirst(answers.count / 2).first.map {
                try PostgresReads.replies($0, of: part.tenant)
            } ?? []
        }
    }

    /// Divides by zero if one is known.
    func requirement(in session: PostgresSession) -> [PostgresCommand] {
        parts.flatMap { part in
            within(
                part, session,
                [
                    PostgresCommand(
                        """
                        SELECT 1 / (NOT EXISTS (
                            \(ManyRows.find("scope", in: "replies", key: "scope", "AND at > $3"))))::integer
                        """, part.parameters)
                ])
        }
    }

    /// Keeps them, and forgets those that nobody may ask for any more.
    func save(in session: PostgresSession) -> [PostgresCommand] {
        parts.flatMap { part in
            within(
                part, session,
                [Self.forget(until: part.since, of: part.tenant)] + part.all.map { Self.insert($0, isNew: false) })
        }
    }

    /// Commands on these rows, within a transaction of another tenant's or the same.
    private func within(
        _ part: Part, _ session: PostgresSession, _ commands: [PostgresCommand]
    ) -> [PostgresCommand] {
        if part.tenant == owner { return commands }
        return [session.say(.tenant(part.tenant))] + commands + [session.say(.tenant(owner))]
    }

    /// Keeps a reply, and forgets those of the tenant that nobody may ask for any more.
    ///
    /// - Parameter isNew: whether one that is there still is a failure.
    static func save(_ reply: SavedReply, isNew: Bool = false) -> [PostgresCommand] {
        [
            forget(until: reply.at.advanced(by: .milliseconds(-SavedReply.kept)), of: reply.scope.tenant),
            insert(reply, isNew: isNew),
        ]
    }

    private static func forget(until end: Timestamp, of tenant: TenantID) -> PostgresCommand {
        PostgresCommand("DELETE FROM replies WHERE tenant_id = $1 AND at <= $2", .id(tenant), .time(end))
    }

    private static func insert(_ reply: SavedReply, isNew: Bool) -> PostgresCommand {
        let replace =
            """
            ON CONFLICT (tenant_id, scope) DO UPDATE SET body_hash = excluded.body_hash, status = excluded.status,
                body = excluded.body, at = excluded.at
            """
        return PostgresCommand(
            """
            INSERT INTO replies (tenant_id, scope, body_hash, status, body, at) VALUES ($1, $2, $3, $4, $5, $6)
            \(isNew ? "" : replace)
            """, .id(reply.scope.tenant), .bits(reply.scope.hash), .bits(reply.bodyHash),
            .int4(Int32(clamping: reply.status)), .bytes(reply.sealedBody), .time(reply.at))
    }
}
