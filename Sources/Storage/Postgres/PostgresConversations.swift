internal import EventLoop
public import Experiments
internal import Postgres

extension PostgresStore {
    public func append(_ turn: ConversationTurn, in tenant: TenantID) async throws(StoreError) {
        try await alone { session in try await Conversations.append(turn, in: tenant, session) }
    }

    public func conversation(
        _ id: ConversationID, in tenant: TenantID
    ) async throws(StoreError) -> ConversationRecord? {
        try await read { session in
            let rows = try await session.once(
                .tenant(tenant),
                [
                    PostgresCommand(
                        """
                        SELECT \(Conversations.columns) FROM conversations
                        WHERE tenant_id = $1 AND conversation_id = $2
                        """, .id(tenant), .id(id))
                ])[0]
            return rows.count > 0 ? try Conversations.record(rows, 0) : nil
        }
    }

    public func versions(
        of ids: [ConversationID], in tenant: TenantID
    ) async throws(StoreError) -> [ConversationID: Int] {
        try await read { session in
            let rows = try await session.once(
                .tenant(tenant),
                [
                    PostgresCommand(
                        """
                        SELECT conversation_id, version FROM conversations
                        WHERE tenant_id = $1 AND conversation_id = ANY($2)
                        """, .id(tenant), .bits(ids.map(\.bits)))
                ])[0]
            var out: [ConversationID: Int] = [:]
            for row in 0..<rows.count { out[try rows.identifier(row, 0)] = Int(try rows.int8(row, 1)) }
            return out
        }
    }

    public func messages(
        of id: ConversationID, in tenant: TenantID, after: Int, limit: Int
    ) async throws(StoreError) -> [MessageRecord] {
        try await read { session in
            let rows = try await session.once(
                .tenant(tenant),
                [
                    PostgresCommand(
                        """
                        SELECT number, document FROM messages
                        WHERE tenant_id = $1 AND conversation_id = $2 AND number > $3 ORDER BY number LIMIT $4
                        """, .id(tenant), .id(id), .int8(Int64(after)), .int8(Int64(limit)))
                ])[0]
            return try (0..<rows.count).map {
                MessageRecord(number: Int(try rows.int8($0, 0)), document: try rows.text($0, 1))
            }
        }
    }

    public func conversations(
        in tenant: TenantID, state: String?, before: ConversationID?, limit: Int
    ) async throws(StoreError) -> [ConversationRecord] {
        try await read { session in
            let rows = try await session.once(
                .tenant(tenant),
                [
                    PostgresCommand(
                        """
                        SELECT \(Conversations.columns) FROM conversations
                        WHERE tenant_id = $1 AND conversation_id < $2 \(state == nil ? "" : "AND state = $4")
                        ORDER BY conversation_id DESC LIMIT $3
                        """,
                        [
                            .id(tenant), .bits(before?.bits ?? Bits128(high: .max, low: .max)), .int8(Int64(limit)),
                        ] + (state.map { [.text($0)] } ?? []))
                ])[0]
            return try (0..<rows.count).map { try Conversations.record(rows, $0) }
        }
    }

    public func eraseConversations(of subject: Subject, in tenant: TenantID) async throws(StoreError) -> Int {
        try await alone { session in try await Conversations.erase(subject, in: tenant, session) }
    }

    /// A transaction of its own, that reads before it decides what to write; may be tried again.
    func alone<Value: Sendable>(
        _ begin:
            @escaping @Sendable (PostgresSession) async throws -> (
                writes: [PostgresCommand], value: Value, transaction: TransactionName
            )
    ) async throws(StoreError) -> Value {
        do {
            return try await withTaskExecutorPreference(loop) { try await self.transactions.alone(begin) }
        } catch {
            throw StoreError(postgres: error)
        }
    }

    public func eraseConversations(
        silentSince time: Timestamp, limit: Int, in tenant: TenantID
    ) async throws(StoreError) -> Int {
        try await alone { session in
            try await Conversations.erase(silentSince: time, limit: limit, in: tenant, session)
        }
    }
}

private enum Conversations {
    static let columns = "conversation_id, subject, version, state, changed_at, document"

    static func record(_ rows: PostgresRows, _ row: Int) throws -> ConversationRecord {
        ConversationRecord(
            id: try rows.identifier(row, 0), subject: try rows.bits(row, 1), version: Int(try rows.int8(row, 2)),
            state: try rows.text(row, 3), changedAt: try rows.timestamp(row, 4), document: try rows.text(row, 5))
    }

    static func append(
        _ turn: ConversationTurn, in tenant: TenantID, _ session: PostgresSession
    ) async throws -> (writes: [PostgresCommand], value: Void, transaction: TransactionName) {
        let conversation = turn.conversation
        let (owner, id) = (PostgresParameter.id(tenant), PostgresParameter.id(conversation.id))
        var commands = [PostgresSession.begin, session.say(.tenant(tenant)), TransactionName.command]
        commands.append(
            PostgresCommand(
                "SELECT version FROM conversations WHERE tenant_id = $1 AND conversation_id = $2 FOR UPDATE", owner, id)
        )
        if let reply = turn.reply { commands.append(PostgresReads.reply(in: reply.scope, at: reply.at)) }
        let rows = try await session.connection.run(commands, within: session.limit())
        if let reply = turn.reply, let known = try PostgresReads.reply(rows[4], in: reply.scope) {
            throw StoreError.repeated(known)
        }
        let current = rows[3].count > 0 ? Int(try rows[3].int8(0, 0)) : 0
        guard conversation.version == current + 1 else { throw StoreError.outdated(current: current) }
        let values: [PostgresParameter] = [
            owner, id, .int8(Int64(conversation.version)), .text(conversation.state), .time(conversation.changedAt),
            .text(conversation.document),
        ]
        // The first of two that begin the same conversation at once is the one: the other breaks the key.
        var writes = [
            current == 0
                ? PostgresCommand(
                    """
                    INSERT INTO conversations (
                        tenant_id, conversation_id, version, state, changed_at, document, subject)
                    VALUES ($1, $2, $3, $4, $5, $6, $7)
                    """, values + [.bits(conversation.subject)])
                : PostgresCommand(
                    """
                    UPDATE conversations SET version = $3, state = $4, changed_at = $5, document = $6
                    WHERE tenant_id = $1 AND conversation_id = $2
                    """, values),
            PostgresCommand(
                """
                INSERT INTO messages (tenant_id, conversation_id, number, document)
                SELECT $1, $2, n.number, n.document FROM unnest($3, $4) AS n (number, document)
                """, owner, id, .int8s(turn.messages.map { Int64($0.number) }),
                .texts(turn.messages.map(\.document))),
        ]
        if let reply = turn.reply { writes += ChangeReplies.save(reply) }
        return (writes, (), try TransactionName(rows[2]))
    }

    static func erase(
        _ subject: Subject, in tenant: TenantID, _ session: PostgresSession
    ) async throws -> (writes: [PostgresCommand], value: Int, transaction: TransactionName) {
        try await erase(
            found: PostgresCommand(
                "SELECT conversation_id FROM conversations WHERE tenant_id = $1 AND subject = $2 FOR UPDATE",
                .id(tenant), .bits(subject)), in: tenant, session)
    }

    static func erase(
        silentSince time: Timestamp, limit: Int, in tenant: TenantID, _ session: PostgresSession
    ) async throws -> (writes: [PostgresCommand], value: Int, transaction: TransactionName) {
        try await erase(
            found: PostgresCommand(
                """
                SELECT conversation_id FROM conversations
                WHERE tenant_id = $1 AND conversation_id < $2 AND changed_at < $3
                ORDER BY conversation_id LIMIT $4 FOR UPDATE
                """, .id(tenant), .bits(ConversationID.first(at: time).bits), .time(time), .int8(Int64(limit))),
            in: tenant, session)
    }

    /// - Parameter found: those that go, locked, so that no turn adds a message to them.
    private static func erase(
        found: PostgresCommand, in tenant: TenantID, _ session: PostgresSession
    ) async throws -> (writes: [PostgresCommand], value: Int, transaction: TransactionName) {
        let owner = PostgresParameter.id(tenant)
        let rows = try await session.connection.run(
            [PostgresSession.begin, session.say(.tenant(tenant)), TransactionName.command, found],
            within: session.limit())
        let ids = try (0..<rows[3].count).map { try rows[3].bits($0, 0) }
        let writes = ["messages", "conversations"].map { table in
            PostgresCommand(
                "DELETE FROM \(table) WHERE tenant_id = $1 AND conversation_id = ANY($2)", owner, .bits(ids))
        }
        return (writes, ids.count, try TransactionName(rows[2]))
    }
}
