public import Experiments
internal import SQLite

extension SQLiteStore {
    public func append(_ turn: ConversationTurn, in tenant: TenantID) async throws(StoreError) {
        try await writer.write { session in try session.append(turn, in: tenant) }
    }

    public func conversation(
        _ id: ConversationID, in tenant: TenantID
    ) async throws(StoreError) -> ConversationRecord? {
        try await readers.read { database in
            let select = try database.prepare(
                """
                SELECT conversation_id, subject, version, state, changed_at, document FROM conversations
                WHERE tenant_id = ? AND conversation_id = ?
                """)
            try select.bind(tenant.bits, id.bits)
            return try select.step() ? try Conversations.record(select) : nil
        }
    }

    public func versions(
        of ids: [ConversationID], in tenant: TenantID
    ) async throws(StoreError) -> [ConversationID: Int] {
        try await readers.read { database in
            let select = try database.prepare(
                "SELECT version FROM conversations WHERE tenant_id = ? AND conversation_id = ?")
            var out: [ConversationID: Int] = [:]
            for id in ids {
                try select.bind(tenant.bits, id.bits)
                if try select.step() { out[id] = try select.int(0) }
                select.reset()
            }
            return out
        }
    }

    public func messages(
        of id: ConversationID, in tenant: TenantID, after: Int, limit: Int
    ) async throws(StoreError) -> [MessageRecord] {
        try await readers.read { database in
            let select = try database.prepare(
                """
                SELECT number, document FROM messages
                WHERE tenant_id = ? AND conversation_id = ? AND number > ? ORDER BY number LIMIT ?
                """)
            try select.bind(tenant.bits, id.bits, after, limit)
            var out: [MessageRecord] = []
            while try select.step() {
                out.append(MessageRecord(number: try select.int(0), document: try select.string(1)))
            }
            return out
        }
    }

    public func conversations(
        in tenant: TenantID, state: String?, before: ConversationID?, limit: Int
    ) async throws(StoreError) -> [ConversationRecord] {
        try await readers.read { database in
            let last = before?.bits ?? Bits128(high: .max, low: .max)
            let select =
                if state == nil {
                    try database.prepare(
                        """
                        SELECT conversation_id, subject, version, state, changed_at, document FROM conversations
                        WHERE tenant_id = ? AND conversation_id < ? ORDER BY conversation_id DESC LIMIT ?
                        """)
                } else {
                    try database.prepare(
                        """
                        SELECT conversation_id, subject, version, state, changed_at, document FROM conversations
                        WHERE tenant_id = ? AND state = ? AND conversation_id < ?
                        ORDER BY conversation_id DESC LIMIT ?
                        """)
                }
            if let state {
                try select.bind(tenant.bits, state, last, limit)
            } else {
                try select.bind(tenant.bits, last, limit)
            }
            var out: [ConversationRecord] = []
            while try select.step() { out.append(try Conversations.record(select)) }
            return out
        }
    }

    public func eraseConversations(of subject: Subject, in tenant: TenantID) async throws(StoreError) -> Int {
        try await writer.write { session in
            let messages = try session.database.prepare(
                """
                DELETE FROM messages WHERE tenant_id = ? AND conversation_id IN (
                    SELECT conversation_id FROM conversations WHERE tenant_id = ? AND subject = ?)
                """)
            try messages.bind(tenant.bits, tenant.bits, subject)
            try messages.run()
            let conversations = try session.database.prepare(
                "DELETE FROM conversations WHERE tenant_id = ? AND subject = ?")
            try conversations.bind(tenant.bits, subject)
            try conversations.run()
            return session.database.changes
        }
    }

    public func eraseConversations(
        silentSince time: Timestamp, limit: Int, in tenant: TenantID
    ) async throws(StoreError) -> Int {
        try await writer.write { session in
            let silent = """
                SELECT conversation_id FROM conversations
                WHERE tenant_id = ? AND conversation_id < ? AND changed_at < ? ORDER BY conversation_id LIMIT ?
                """
            let first = ConversationID.first(at: time).bits
            // The conversations last: until they go, the same ones are meant.
            for table in ["messages", "conversations"] {
                let delete = try session.database.prepare(
                    dynamic: "DELETE FROM \(table) WHERE tenant_id = ? AND conversation_id IN (\(silent))")
                try delete.bind(tenant.bits, tenant.bits, first, time.milliseconds, limit)
                try delete.run()
            }
            return session.database.changes
        }
    }
}

private enum Conversations {
    static func record(_ row: borrowing Statement) throws -> ConversationRecord {
        ConversationRecord(
            id: try row.identifier(0), subject: try row.bits(1), version: try row.int(2), state: try row.string(3),
            changedAt: try row.timestamp(4), document: try row.string(5))
    }
}

extension WriteSession {
    fileprivate func append(_ turn: ConversationTurn, in tenant: TenantID) throws {
        if let reply = turn.reply, let known = try Configuration.reply(in: reply.scope, at: reply.at, database) {
            throw StoreError.repeated(known)
        }
        let conversation = turn.conversation
        let select = try database.prepare(
            "SELECT version FROM conversations WHERE tenant_id = ? AND conversation_id = ?")
        try select.bind(tenant.bits, conversation.id.bits)
        let current = try select.step() ? try select.int(0) : 0
        guard conversation.version == current + 1 else { throw StoreError.outdated(current: current) }
        let put = try database.prepare(
            """
            INSERT INTO conversations (tenant_id, conversation_id, subject, version, state, changed_at, document)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (tenant_id, conversation_id) DO UPDATE SET version = excluded.version,
                state = excluded.state, changed_at = excluded.changed_at, document = excluded.document
            """)
        try put.bind(
            tenant.bits, conversation.id.bits, conversation.subject, conversation.version, conversation.state,
            conversation.changedAt.milliseconds, conversation.document)
        try put.run()
        let insert = try database.prepare(
            "INSERT INTO messages (tenant_id, conversation_id, number, document) VALUES (?, ?, ?, ?)")
        for message in turn.messages {
            try insert.bind(tenant.bits, conversation.id.bits, message.number, message.document)
            try insert.run()
            insert.reset()
        }
        if let reply = turn.reply { try save(reply) }
    }
}
