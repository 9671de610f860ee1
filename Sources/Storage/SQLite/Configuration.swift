internal import AgentRuntime
internal import Crypto
internal import Experiments
internal import SQLite

extension WriteSession {
    /// Commits changes of configuration, their audit rows and their replies. Returns the new version.
    func commit(_ commit: Commit) throws -> Int {
        for reply in commit.steps.compactMap(\.reply) {
            if let known = try Configuration.reply(in: reply.scope, at: reply.at, database) {
                throw StoreError.repeated(known)
            }
        }
        let current = try Rows.version(of: commit.tenant, in: database)
        if current != commit.expectedVersion { throw StoreError.outdated(current: current) }
        for step in commit.steps {
            for change in step.changes {
                try put(change, of: commit.tenant, version: commit.version, at: step.audit.at)
            }
            try append(step.audit, of: commit.tenant)
            if let reply = step.reply { try save(reply) }
        }
        let raise = try database.prepare("UPDATE tenants SET version = ? WHERE tenant_id = ?")
        try raise.bind(commit.version, commit.tenant.bits)
        try raise.run()
        return commit.version
    }

    private func put(_ change: ConfigurationChange, of tenant: TenantID, version: Int, at now: Timestamp) throws {
        switch change {
        case .tenant(let value):
            let put = try database.prepare(
                "INSERT OR REPLACE INTO tenants (tenant_id, version, document) VALUES (?, ?, ?)")
            try put.bind(tenant.bits, version, try Documents.text(value))
            try put.run()
        case .product(let product):
            let put = try database.prepare(
                "INSERT OR REPLACE INTO products (tenant_id, sku, document) VALUES (?, ?, ?)")
            try put.bind(tenant.bits, product.sku.text, try Documents.text(product))
            try put.run()
            let delete = try database.prepare(
                "DELETE FROM product_vectors WHERE tenant_id = ? AND sku = ? AND content <> ?")
            try delete.bind(tenant.bits, product.sku.text, ProductVector.content(of: product))
            try delete.run()
        case .productRemoved(let sku):
            let delete = try database.prepare("DELETE FROM products WHERE tenant_id = ? AND sku = ?")
            try delete.bind(tenant.bits, sku.text)
            try delete.run()
            let forget = try database.prepare("DELETE FROM product_vectors WHERE tenant_id = ? AND sku = ?")
            try forget.bind(tenant.bits, sku.text)
            try forget.run()
        case .experiment(let experiment):
            // What changes an experiment changes its report.
            let put = try database.prepare(
                """
                INSERT INTO experiments (tenant_id, experiment_id, document, changed_at) VALUES (?, ?, ?, ?)
                ON CONFLICT (tenant_id, experiment_id) DO UPDATE SET document = excluded.document
                """)
            try put.bind(
                tenant.bits, experiment.id.bits, try Documents.text(experiment), experiment.createdAt.milliseconds)
            try put.run()
            touch(tenant, experiment.id, at: now)
        case .key(let key):
            let put = try database.prepare(
                """
                INSERT OR REPLACE INTO api_keys (
                    tenant_id, key_id, role, name, hash, created_at, expires_at, allowed, origins)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
            try put.bind(
                tenant.bits, key.id.bits, key.role.rawValue, key.name, key.hash.bytes, key.createdAt.milliseconds,
                key.expiresAt?.milliseconds, key.allowedAddresses.map(\.description).joined(separator: ","),
                key.allowedOrigins.map(\.description).joined(separator: ","))
            try put.run()
        case .keyRemoved(let id):
            let delete = try database.prepare("DELETE FROM api_keys WHERE tenant_id = ? AND key_id = ?")
            try delete.bind(tenant.bits, id.bits)
            try delete.run()
        case .decision(let decision):
            let insert = try database.prepare(
                "INSERT INTO decisions (tenant_id, decision_id, experiment_id, document) VALUES (?, ?, ?, ?)")
            try insert.bind(
                tenant.bits, decision.id.bits, decision.experiment.bits, try Documents.text(decision))
            try insert.run()
        }
    }

    func append(_ draft: AuditDraft, of tenant: TenantID) throws {
        let select = try database.prepare(
            "SELECT sequence, hash FROM audit WHERE tenant_id = ? ORDER BY sequence DESC LIMIT 1")
        try select.bind(tenant.bits)
        let head = try select.step() ? (sequence: try select.int64(0), hash: try select.bytes(1)) : nil
        let entry = AuditEntry(draft, after: head)
        let insert = try database.prepare(
            """
            INSERT INTO audit (tenant_id, sequence, at, actor, action, target, request_id, previous, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        try insert.bind(
            tenant.bits, entry.sequence, draft.at.milliseconds, draft.actor, draft.action, draft.target,
            draft.requestID, entry.previous, entry.hash)
        try insert.run()
    }

    /// Keeps a reply, and forgets those of the tenant that nobody may ask for any more.
    func save(_ reply: SavedReply) throws {
        let forget = try database.prepare("DELETE FROM replies WHERE tenant_id = ? AND at <= ?")
        try forget.bind(reply.scope.tenant.bits, reply.at.milliseconds - SavedReply.kept)
        try forget.run()
        let insert = try database.prepare(
            """
            INSERT OR REPLACE INTO replies (tenant_id, scope, body_hash, status, body, at) VALUES (?, ?, ?, ?, ?, ?)
            """)
        try insert.bind(
            reply.scope.tenant.bits, reply.scope.hash, reply.bodyHash, reply.status, reply.sealedBody,
            reply.at.milliseconds)
        try insert.run()
    }
}

/// The read side of configuration.
enum Configuration {
    static func reply(in scope: ReplyScope, at now: Timestamp, _ database: Database) throws -> SavedReply? {
        let select = try database.prepare(
            "SELECT body_hash, status, body, at FROM replies WHERE tenant_id = ? AND scope = ? AND at > ?")
        try select.bind(scope.tenant.bits, scope.hash, now.milliseconds - SavedReply.kept)
        guard try select.step() else { return nil }
        return SavedReply(
            scope: scope, bodyHash: try select.bits(0), status: try select.int(1), sealedBody: try select.bytes(2),
            at: try select.timestamp(3))
    }

    static func all(_ database: Database) throws -> [TenantConfiguration] {
        var tenants: [TenantID: TenantConfiguration] = [:]
        let select = try database.prepare("SELECT tenant_id, version, document FROM tenants")
        while try select.step() {
            let id: TenantID = try select.identifier(0)
            tenants[id] = TenantConfiguration(
                tenant: try Documents.value(Tenant.self, from: try select.string(2)), version: try select.int(1),
                products: [], experiments: [], keys: [])
        }
        let products = try database.prepare("SELECT tenant_id, document FROM products")
        while try products.step() {
            tenants[try products.identifier(0)]?.products.append(
                try Documents.value(Product.self, from: try products.string(1)))
        }
        let experiments = try database.prepare("SELECT tenant_id, document FROM experiments")
        while try experiments.step() {
            tenants[try experiments.identifier(0)]?.experiments.append(
                try Documents.value(Experiment.self, from: try experiments.string(1)))
        }
        let keys = try database.prepare(
            "SELECT tenant_id, key_id, role, name, hash, created_at, expires_at, allowed, origins FROM api_keys")
        while try keys.step() {
            guard let role = Role(rawValue: try keys.string(2)), let hash = Digest256(try keys.bytes(4)) else {
                throw StoreError.corrupt("a stored key has no known role or no hash")
            }
            let allowed = try keys.string(7).split(separator: ",").map { text throws(StoreError) in
                guard let range = AddressRange(String(text)) else {
                    throw .corrupt("a stored key's address list reads \"\(text)\"")
                }
                return range
            }
            let origins = try keys.string(8).split(separator: ",").map { text throws(StoreError) in
                guard let origin = WebOrigin(String(text)) else {
                    throw .corrupt("a stored key's list of origins reads \"\(text)\"")
                }
                return origin
            }
            tenants[try keys.identifier(0)]?.keys.append(
                APIKey(
                    id: try keys.identifier(1), role: role, name: try keys.string(3), hash: hash,
                    createdAt: try keys.timestamp(5),
                    expiresAt: try keys.optionalInt64(6).map { Timestamp(milliseconds: $0) },
                    allowedAddresses: allowed, allowedOrigins: origins))
        }
        return Array(tenants.values)
    }

    static func decisions(
        of experiment: ExperimentID?, in tenant: TenantID, before: DecisionID?, limit: Int, _ database: Database
    ) throws -> [DecisionRecord] {
        let last = before?.bits ?? Bits128(high: .max, low: .max)
        let select =
            if experiment == nil {
                try database.prepare(
                    """
                    SELECT document FROM decisions WHERE tenant_id = ? AND decision_id < ?
                    ORDER BY decision_id DESC LIMIT ?
                    """)
            } else {
                try database.prepare(
                    """
                    SELECT document FROM decisions WHERE tenant_id = ? AND experiment_id = ? AND decision_id < ?
                    ORDER BY decision_id DESC LIMIT ?
                    """)
            }
        if let experiment {
            try select.bind(tenant.bits, experiment.bits, last, limit)
        } else {
            try select.bind(tenant.bits, last, limit)
        }
        var out: [DecisionRecord] = []
        while try select.step() { out.append(try Documents.value(DecisionRecord.self, from: try select.string(0))) }
        return out
    }

    static func audit(
        of tenant: TenantID, below: Int64?, limit: Int, _ database: Database
    ) throws -> [AuditEntry] {
        let select = try database.prepare(
            """
            SELECT sequence, at, actor, action, target, request_id, previous, hash FROM audit
            WHERE tenant_id = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?
            """)
        try select.bind(tenant.bits, below ?? .max, limit)
        var out: [AuditEntry] = []
        while try select.step() {
            let draft = AuditDraft(
                at: try select.timestamp(1), actor: try select.string(2), action: try select.string(3),
                target: try select.string(4), requestID: try select.string(5))
            out.append(
                AuditEntry(
                    sequence: try select.int64(0), draft: draft, previous: try select.bytes(6),
                    hash: try select.bytes(7)))
        }
        return out
    }
}
