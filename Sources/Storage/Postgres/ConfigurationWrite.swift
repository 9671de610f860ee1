internal import Crypto
internal import Experiments
internal import Postgres

/// A change of configuration on its way: what was decided against, and what is to be written.
enum ConfigurationWrite {
    struct Decided {
        let version: Int
        let writes: [PostgresCommand]
        let transaction: TransactionName
    }

    /// Begins the transaction, alone on the tenant, and decides.
    ///
    /// - Parameter author: what notifications are signed with.
    /// - Throws: `StoreError.outdated` and `.repeated` among others; the transaction is then to be rolled back.
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
            throw StoreError.repeated(known)
        }
        let (version, head) = (rows[rows.count - 2], rows[rows.count - 1])
        let current = version.count > 0 ? Int(try version.int8(0, 0)) : 0
        if current != commit.expectedVersion { throw StoreError.outdated(current: current) }

        let last = head.count > 0 ? (sequence: try head.int8(0, 0), hash: try head.bytes(0, 1)) : nil
        let entry = AuditEntry(commit.audit, after: last)
        var writes = try commit.changes.flatMap { try put($0, of: commit.tenant, at: commit.audit.at) }
        writes += [
            PostgresCommand(
                "UPDATE tenants SET version = $2 WHERE tenant_id = $1", owner, .int8(Int64(current) + 1)),
            TurnWrite.audit([entry], owner),
            PostgresCommand(
                "SELECT pg_notify('\(PostgresNews.channel)', $1)",
                .text(PostgresNews(author: author, tenant: commit.tenant).text)),
        ]
        if let reply = commit.reply { writes += [session.say(.tenant(reply.scope.tenant))] + save(reply) }
        return Decided(version: current + 1, writes: writes, transaction: try TransactionName(rows[rows.count - 4]))
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
                    """, owner, .text(product.sku.text), .text(try Documents.text(product)))
            ]
        case .productRemoved(let sku):
            return [
                PostgresCommand("DELETE FROM products WHERE tenant_id = $1 AND sku = $2", owner, .text(sku.text))
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
