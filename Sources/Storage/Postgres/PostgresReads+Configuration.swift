internal import Crypto
internal import Experiments
internal import Postgres

/// Tenants' configuration, whole.
extension PostgresReads {
    static func versions(_ session: PostgresSession) async throws -> [TenantID: Int] {
        let rows = try await session.once(.platform, [PostgresCommand("SELECT tenant_id, version FROM tenants")])[0]
        var versions: [TenantID: Int] = [:]
        for row in 0..<rows.count { versions[try rows.identifier(row, 0)] = Int(try rows.int8(row, 1)) }
        return versions
    }

    /// The version first: what is read after it may be newer, and is then read once more.
    private static let configurationQueries = [
        "SELECT tenant_id, version, document FROM tenants", "SELECT tenant_id, document FROM products",
        "SELECT tenant_id, document FROM experiments",
        "SELECT tenant_id, key_id, role, name, hash, created_at, expires_at, allowed, origins FROM api_keys",
    ]

    /// - Parameter tenants: nil for every tenant.
    static func configurations(
        of tenants: [TenantID]?, _ session: PostgresSession
    ) async throws -> [TenantConfiguration] {
        let rows = try await session.once(
            .platform, timeout: session.configuration.analyticsTimeout,
            configurationQueries.map { query in
                tenants.map { PostgresCommand(query + " WHERE tenant_id = ANY($1)", .bits($0.map(\.bits))) }
                    ?? PostgresCommand(query)
            })
        return try configurations(rows, isAnew: tenants != nil)
    }

    /// A tenant's configuration and the end of its audit chain, if it is of another version than `version`; nil too where
    /// it was changed while it was read.
    static func configuration(
        of tenant: TenantID, otherThan version: Int, within timeout: Duration? = nil, _ session: PostgresSession
    ) async throws -> StandingConfiguration? {
        try standing(
            await session.once(.tenant(tenant), timeout: timeout, questions(about: tenant, otherThan: version)))
    }

    /// What asks for that, in a transaction that is the tenant's.
    static func questions(about tenant: TenantID, otherThan version: Int) -> [PostgresCommand] {
        let owner = PostgresParameter.id(tenant)
        return [chainEnd(of: tenant)]
            + configurationQueries.map { query in
                PostgresCommand(
                    query + """
                         WHERE tenant_id = $1
                            AND EXISTS (SELECT FROM tenants t WHERE t.tenant_id = $1 AND t.version <> $2)
                        """, owner, .int8(Int64(version)))
            } + [self.version(of: tenant)]
    }

    static func version(of tenant: TenantID) -> PostgresCommand {
        PostgresCommand("SELECT version FROM tenants WHERE tenant_id = $1", .id(tenant))
    }

    /// What that was answered with; 0 where there is no such tenant.
    static func version(_ rows: PostgresRows?) throws -> Int {
        guard let rows, rows.count > 0 else { return 0 }
        return Int(try rows.int8(0, 0))
    }

    /// Asks where the tenant's audit chain ends.
    static func chainEnd(of tenant: TenantID) -> PostgresCommand {
        PostgresCommand(
            "SELECT sequence, hash FROM audit WHERE tenant_id = $1 ORDER BY sequence DESC LIMIT 1", .id(tenant))
    }

    /// - Parameter rows: what the questions were answered with.
    static func standing(_ rows: [PostgresRows]) throws -> StandingConfiguration? {
        guard let found = try configurations(Array(rows.dropFirst().dropLast()), isAnew: true).first,
            let end = rows.first, end.count > 0
        else { return nil }
        // Each statement saw what was committed before it.
        guard try version(rows.last) == found.version else { return nil }
        return (
            found,
            ConfigurationWrite.ChainEnd(
                version: found.version, sequence: try end.int8(0, 0), hash: try end.bytes(0, 1))
        )
    }

    typealias StandingConfiguration = (configuration: TenantConfiguration, end: ConfigurationWrite.ChainEnd)

    private static let products = KnownDocuments<Product>()
    private static let experiments = KnownDocuments<Experiment>()
    /// Of fewer documents none is kept: they are decoded in no time.
    private static let fewestKept = 256

    /// - Parameters:
    ///   - rows: what the four queries returned.
    ///   - isAnew: whether tenants are read again, as something changed, and most of their documents did not.
    private static func configurations(_ rows: [PostgresRows], isAnew: Bool) throws -> [TenantConfiguration] {
        func value<Value>(_ text: String, of rows: PostgresRows, _ known: KnownDocuments<Value>) throws -> Value {
            isAnew && rows.count >= fewestKept
                ? try known.value(from: text) : try Documents.value(Value.self, from: text)
        }
        var tenants: [TenantID: TenantConfiguration] = [:]
        for row in 0..<rows[0].count {
            tenants[try rows[0].identifier(row, 0)] = TenantConfiguration(
                tenant: try Documents.value(Tenant.self, from: try rows[0].text(row, 2)),
                version: Int(try rows[0].int8(row, 1)), products: [], experiments: [], keys: [])
        }
        for row in 0..<rows[1].count {
            tenants[try rows[1].identifier(row, 0)]?.products.append(
                try value(try rows[1].text(row, 1), of: rows[1], products))
        }
        for row in 0..<rows[2].count {
            tenants[try rows[2].identifier(row, 0)]?.experiments.append(
                try value(try rows[2].text(row, 1), of: rows[2], experiments))
        }
        for row in 0..<rows[3].count {
            tenants[try rows[3].identifier(row, 0)]?.keys.append(try key(rows[3], row))
        }
        return Array(tenants.values)
    }

    private static func key(_ rows: PostgresRows, _ row: Int) throws -> APIKey {
        guard let role = Role(rawValue: try rows.text(row, 2)), let hash = Digest256(try rows.bytes(row, 4)) else {
            throw StoreError.corrupt("a stored key has no known role or no hash")
        }
        let allowed = try rows.text(row, 7).split(separator: ",").map { text throws(StoreError) in
            guard let range = AddressRange(String(text)) else {
                throw .corrupt("a stored key's address list reads \"\(text)\"")
            }
            return range
        }
        let origins = try rows.text(row, 8).split(separator: ",").map { text throws(StoreError) in
            guard let origin = WebOrigin(String(text)) else {
                throw .corrupt("a stored key's list of origins reads \"\(text)\"")
            }
            return origin
        }
        return APIKey(
            id: try rows.identifier(row, 1), role: role, name: try rows.text(row, 3), hash: hash,
            createdAt: try rows.timestamp(row, 5), expiresAt: try rows.optionalTimestamp(row, 6),
            allowedAddresses: allowed, allowedOrigins: origins)
    }
}
