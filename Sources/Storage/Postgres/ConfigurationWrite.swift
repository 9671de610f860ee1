internal import AgentRuntime
internal import Crypto
internal import Experiments
internal import Postgres

/// A change of configuration on its way: what was decided against, and what is to be written.
enum ConfigurationWrite {
    struct Decided {
        let writes: [PostgresCommand]
        let transaction: TransactionName
        /// The end of the audit chain once it is committed.
        let end: ChainEnd
    }

    /// Where a tenant's configuration and its audit chain stood.
    struct ChainEnd: Sendable {
        let version: Int
        let sequence: Int64
        let hash: [UInt8]

        /// After a change: its entry is the last.
        init(version: Int, _ entry: AuditEntry) {
            self.init(version: version, sequence: entry.sequence, hash: entry.hash)
        }

        init(version: Int, sequence: Int64, hash: [UInt8]) {
            self.version = version
            self.sequence = sequence
            self.hash = hash
        }
    }

    /// What a change finds in its way.
    struct Obstacle: Error {
        let error: StoreError
        /// What stands there instead of what was decided against.
        let end: ChainEnd?
    }

    /// Begins the transaction, alone on the tenant, and decides.
    ///
    /// - Parameter author: what notifications are signed with.
    /// - Throws: `Obstacle` among others; the transaction is then to be rolled back.
    static func begin(
        _ commit: Commit, by author: String, in session: PostgresSession
    ) async throws -> Decided {
        let owner = PostgresParameter.id(commit.tenant)
        var commands = [PostgresSession.begin]
        if let reply = commit.reply {
            // The reply may be the platform's, whose rows are under a tenant of their own.
            commands += [session.say(.tenant(reply.scope.tenant)), PostgresReads.reply(in: reply.scope, at: reply.at)]
        }
        commands += [
            session.say(.tenant(commit.tenant)), TransactionName.command, TurnLoad.lock(commit.tenant, isShared: false),
            PostgresCommand("SELECT version FROM tenants WHERE tenant_id = $1 FOR UPDATE", owner),
            PostgresCommand(
                "SELECT sequence, hash FROM audit WHERE tenant_id = $1 ORDER BY sequence DESC LIMIT 1", owner),
        ]
        let rows = try await session.connection.run(commands, within: session.limit())
        if let reply = commit.reply, let known = try PostgresReads.reply(rows[2], in: reply.scope) {
            throw Obstacle(error: .repeated(known), end: nil)
        }
        let (version, head) = (rows[rows.count - 2], rows[rows.count - 1])
        let current = version.count > 0 ? Int(try version.int8(0, 0)) : 0
        let last = head.count > 0 ? (sequence: try head.int8(0, 0), hash: try head.bytes(0, 1)) : nil
        if current != commit.expectedVersion {
            throw Obstacle(
                error: .outdated(current: current),
                end: last.map { ChainEnd(version: current, sequence: $0.sequence, hash: $0.hash) })
        }
        let entry = AuditEntry(commit.audit, after: last)
        return Decided(
            writes: try writes(commit, entry, by: author, in: session),
            transaction: try TransactionName(rows[rows.count - 4]), end: ChainEnd(version: current + 1, entry))
    }

    /// The same in two batches to be sent together, by who believes to know where the chain ends. Where it ends
    /// elsewhere, or the reply is known, the first fails by a division by zero, and nothing is done.
    static func atOnce(
        _ commit: Commit, after end: ChainEnd, by author: String, in session: PostgresSession
    ) throws -> (begin: [PostgresCommand], writes: [PostgresCommand], end: ChainEnd) {
        let owner = PostgresParameter.id(commit.tenant)
        let stands = PostgresCommand(
            """
            SELECT 1 / (count(*) FILTER (WHERE sequence = $3 AND hash = $4) * (SELECT count(*) FROM tenants
                WHERE tenant_id = $1 AND version = $2))
            FROM (SELECT sequence, hash FROM audit WHERE tenant_id = $1 ORDER BY sequence DESC LIMIT 1) AS last
            """, owner, .int8(Int64(end.version)), .int8(end.sequence), .bytes(end.hash))
        var begin = [PostgresSession.begin]
        if let reply = commit.reply {
            begin += [
                session.say(.tenant(reply.scope.tenant)),
                PostgresCommand(
                    "SELECT 1 / (1 - count(*)) FROM replies WHERE tenant_id = $1 AND scope = $2 AND at > $3",
                    .id(reply.scope.tenant), .bits(reply.scope.hash),
                    .int8(reply.at.milliseconds - SavedReply.kept)),
            ]
        }
        // Asked before the lock too: who comes too late need not wait for it.
        begin += [
            session.say(.tenant(commit.tenant)), stands, TurnLoad.lock(commit.tenant, isShared: false), stands,
        ]
        let entry = AuditEntry(commit.audit, after: (end.sequence, end.hash))
        return (
            begin, try writes(commit, entry, by: author, in: session), ChainEnd(version: end.version + 1, entry)
        )
    }

    private static func writes(
        _ commit: Commit, _ entry: AuditEntry, by author: String, in session: PostgresSession
    ) throws -> [PostgresCommand] {
        let owner = PostgresParameter.id(commit.tenant)
        var writes = try commit.changes.flatMap { try put($0, of: commit.tenant, at: commit.audit.at) }
        writes += [
            PostgresCommand(
                "UPDATE tenants SET version = $2 WHERE tenant_id = $1", owner, .int8(Int64(commit.expectedVersion) + 1)),
            TurnWrite.audit([entry], owner),
            PostgresCommand(
                "SELECT pg_notify('\(PostgresNews.channel)', $1)",
                .text(PostgresNews(author: author, tenant: commit.tenant).text)),
        ]
        if let reply = commit.reply { writes += [session.say(.tenant(reply.scope.tenant))] + save(reply) }
        return writes
    }

    private static func put(
        _ change: ConfigurationChange, of tenant: TenantID, at now: Timestamp
    ) throws -> [PostgresCommand] {
        let owner = PostgresParameter.id(tenant)
        switch change {
        case .tenant(let value):
            return [
                PostgresCommand(
                    """
                    INSERT INTO tenants (tenant_id, version, document) VALUES ($1, 0, $2)
                    ON CONFLICT (tenant_id) DO UPDATE SET document = excluded.document
                    """, owner, .text(try Documents.text(value)))
            ]
        case .product(let product):
            return [
                PostgresCommand(
                    """
                    INSERT INTO products (tenant_id, sku, document) VALUES ($1, $2, $3)
                    ON CONFLICT (tenant_id, sku) DO UPDATE SET document = excluded.document
                    """, owner, .text(product.sku.text), .text(try Documents.text(product))),
                PostgresCommand(
                    "DELETE FROM product_vectors WHERE tenant_id = $1 AND sku = $2 AND content <> $3", owner,
                    .text(product.sku.text), .bits(ProductVector.content(of: product))),
            ]
        case .productRemoved(let sku):
            return [
                PostgresCommand("DELETE FROM products WHERE tenant_id = $1 AND sku = $2", owner, .text(sku.text)),
                PostgresCommand(
                    "DELETE FROM product_vectors WHERE tenant_id = $1 AND sku = $2", owner, .text(sku.text)),
            ]
        case .experiment(let experiment):
            // What changes an experiment changes its report.
            return [
                PostgresCommand(
                    """
                    INSERT INTO experiments (tenant_id, experiment_id, document, changed_at) VALUES ($1, $2, $3, $4)
                    ON CONFLICT (tenant_id, experiment_id) DO UPDATE SET document = excluded.document
                    """, owner, .id(experiment.id), .text(try Documents.text(experiment)),
                    .time(experiment.createdAt)),
                TurnWrite.touch([experiment.id: now], owner),
            ]
        case .key(let key):
            return [
                PostgresCommand(
                    """
                    INSERT INTO api_keys (tenant_id, key_id, role, name, hash, created_at, expires_at, allowed,
                        origins)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                    ON CONFLICT (tenant_id, key_id) DO UPDATE SET role = excluded.role, name = excluded.name,
                        hash = excluded.hash, created_at = excluded.created_at, expires_at = excluded.expires_at,
                        allowed = excluded.allowed, origins = excluded.origins
                    """, owner, .id(key.id), .text(key.role.rawValue), .text(key.name), .bytes(key.hash.bytes),
                    .time(key.createdAt), .optionalInt8(key.expiresAt?.milliseconds),
                    .text(key.allowedAddresses.map(\.description).joined(separator: ",")),
                    .text(key.allowedOrigins.map(\.description).joined(separator: ",")))
            ]
        case .keyRemoved(let id):
            return [PostgresCommand("DELETE FROM api_keys WHERE tenant_id = $1 AND key_id = $2", owner, .id(id))]
        case .decision(let decision):
            return [
                PostgresCommand(
                    """
                    INSERT INTO decisions (tenant_id, decision_id, experiment_id, document) VALUES ($1, $2, $3, $4)
                    """, owner, .id(decision.id), .id(decision.experiment), .text(try Documents.text(decision)))
            ]
        }
    }

    /// Keeps a reply, and forgets those of the tenant that nobody may ask for any more.
    ///
    /// - Parameter isNew: whether one that is there still is a failure.
    static func save(_ reply: SavedReply, isNew: Bool = false) -> [PostgresCommand] {
        let owner = PostgresParameter.id(reply.scope.tenant)
        let replace =
            """
            ON CONFLICT (tenant_id, scope) DO UPDATE SET body_hash = excluded.body_hash, status = excluded.status,
                body = excluded.body, at = excluded.at
            """
        return [
            PostgresCommand(
                "DELETE FROM replies WHERE tenant_id = $1 AND at <= $2", owner,
                .int8(reply.at.milliseconds - SavedReply.kept)),
            PostgresCommand(
                """
                INSERT INTO replies (tenant_id, scope, body_hash, status, body, at) VALUES ($1, $2, $3, $4, $5, $6)
                \(isNew ? "" : replace)
                """, owner, .bits(reply.scope.hash), .bits(reply.bodyHash),
                .int4(Int32(clamping: reply.status)), .bytes(reply.sealedBody), .time(reply.at)),
        ]
    }
}
