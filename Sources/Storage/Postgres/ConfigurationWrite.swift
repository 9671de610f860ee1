internal import AgentRuntime
internal import Crypto
internal import Experiments
internal import Postgres

/// Changes of configuration on their way: what they find once they are alone on the tenant, and what is to be written.
enum ConfigurationWrite {
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

    /// What stands, to whoever has the configuration's lock.
    struct Standing {
        let version: Int
        /// Where the audit chain ends; nil where nothing ever happened.
        let end: ChainEnd?
        /// The configuration, where it was asked for and is of another version than the one decided against.
        let newest: TenantConfiguration?
        /// What of the commit was answered before.
        var known: [SavedReply]
    }

    /// What a transaction begins with, and how its answer is read.
    struct Beginning {
        let commands: [PostgresCommand]
        let standing: ([PostgresRows]) throws -> Standing
        /// Those asked about.
        let replies: ChangeReplies
        /// Which of the commands names the transaction.
        let name: Int
    }

    private static let savepoint = PostgresCommand("SAVEPOINT decided")
    /// Undoes what was sent with the beginning and refused there, if anything was; the locks stay.
    static let rollBack = PostgresCommand("ROLLBACK TO SAVEPOINT decided")

    /// Begins the transaction, alone on the tenant's configuration, and asks what stands: all in one flight, so that whoever turns out to be
    /// overtaken has what it decides on next, and nobody can come between. What is not to be decided anew here is not read.
    static func begin(_ commit: Commit, in session: PostgresSession) -> Beginning {
        var commands = [
            PostgresSession.begin, session.say(.tenant(commit.tenant)),
            TurnLoad.lockConfiguration(of: commit.tenant, isShared: false, in: session),
            TransactionName.command,
            PostgresReads.version(of: commit.tenant),
        ]
        let name = commands.count - 2
        let asked = commands.count
        commands +=
            commit.renewal == nil
            ? [PostgresReads.chainEnd(of: commit.tenant)]
            : PostgresReads.questions(about: commit.tenant, otherThan: commit.expectedVersion)
        let answers = asked..<commands.count
        let replies = ChangeReplies(of: commit)
        commands += replies.questions(in: session) + [savepoint]
        return Beginning(
            commands: commands,
            standing: { rows in
                let version = try PostgresReads.version(rows[name + 1])
                let end = rows[asked]
                return Standing(
                    version: version,
                    end: end.count > 0
                        ? ChainEnd(version: version, sequence: try end.int8(0, 0), hash: try end.bytes(0, 1)) : nil,
                    newest: answers.count > 1 ? try PostgresReads.standing(Array(rows[answers]))?.configuration : nil,
                    known: try replies.known(rows[answers.upperBound...]))
            },
            replies: replies, name: name)
    }

    /// Divides by zero unless the chain ends here, at the version decided against, and none of the replies is known.
    static func requirement(
        of commit: Commit, after end: ChainEnd, in session: PostgresSession
    ) -> [PostgresCommand] {
        ChangeReplies(of: commit).requirement(in: session) + [
            PostgresCommand(
                """
                SELECT 1 / (count(*) FILTER (WHERE sequence = $3 AND hash = $4) * (SELECT count(*) FROM tenants
                    WHERE tenant_id = $1 AND version = $2))
                FROM (SELECT sequence, hash FROM audit WHERE tenant_id = $1 ORDER BY sequence DESC LIMIT 1) AS last
                """, .id(commit.tenant), .int8(Int64(end.version)), .int8(end.sequence), .bytes(end.hash))
        ]
    }

    /// What is to be written, and where the chain ends then.
    ///
    /// - Parameters:
    ///   - end: where it ends now; nil for a tenant's first change.
    ///   - author: what notifications are signed with.
    static func writes(
        _ commit: Commit, after end: ChainEnd?, by author: String, in session: PostgresSession
    ) throws -> (commands: [PostgresCommand], end: ChainEnd) {
        let owner = PostgresParameter.id(commit.tenant)
        var entries: [AuditEntry] = []
        var last = end.map { (sequence: $0.sequence, hash: $0.hash) }
        // In the order in which turns write, which do not wait for this.
        var commands =
            lockShoppers(for: commit) + ChangeReplies(of: commit).save(in: session) + lockExperiments(of: commit)
        for step in commit.steps {
            commands += try step.changes.flatMap { try put($0, of: commit.tenant, at: step.audit.at) }
            let entry = AuditEntry(step.audit, after: last)
            entries.append(entry)
            last = (entry.sequence, entry.hash)
        }
        commands += [
            PostgresCommand(
                "UPDATE tenants SET version = $2 WHERE tenant_id = $1", owner, .int8(Int64(commit.version))),
            TurnWrite.audit(entries, owner),
            PostgresCommand(
                "SELECT pg_notify('\(PostgresNews.channel)', $1)",
                .text(PostgresNews(author: author, tenant: commit.tenant).text)),
        ]
        return (commands, ChainEnd(version: commit.version, sequence: last?.sequence ?? 0, hash: last?.hash ?? []))
    }

    /// Who changes the tenant itself may set a limit of use: turns that were decided without one end before.
    private static func lockShoppers(for commit: Commit) -> [PostgresCommand] {
        let isTenant = commit.steps.lazy.flatMap(\.changes).contains {
            if case .tenant = $0 { true } else { false }
        }
        return isTenant ? [TurnLoad.lockAllShoppers(of: commit.tenant)] : []
    }

    /// Where several are changed: in rising order, as turns touch them, whose plans are nested loops (`PostgresSession`).
    private static func lockExperiments(of commit: Commit) -> [PostgresCommand] {
        let changed = Set(
            commit.steps.lazy.flatMap(\.changes).compactMap { change in
                if case .experiment(let experiment) = change { experiment.id } else { nil }
            })
        if changed.count < 2 { return [] }
        return [
            PostgresCommand(
                ManyRows.find("experiment_id", in: "experiments", key: "experiment_id", then: "FOR UPDATE"),
                .id(commit.tenant), .bits(changed.sorted().map(\.bits)))
        ]
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
}
