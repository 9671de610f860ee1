internal import Crypto
internal import Experiments

/// A tenant on its way into the store, with the text of its first keys, which nobody will see again.
struct NewTenant {
    struct Key {
        let role: Role
        /// `ck_…`
        let text: String
    }

    let tenant: Tenant
    let keys: [Key]
    private let stored: [APIKey]

    /// Draws the identifiers, the secrets and a key for each role a tenant has.
    init(named name: String, plan: String = "free", in service: PricingService) {
        let now = service.clock.now()
        tenant = Tenant(
            id: service.identifiers.next(at: now), name: name, plan: plan, createdAt: now,
            secrets: TenantSecrets(subjectKey: SecureRandom.bytes(32), sealKey: SecureRandom.bytes(32)))
        keys = [Role.merchant, .agent, .analyst, .widget].map { Key(role: $0, text: APIKey.freshText()) }
        stored = keys.map { key in
            APIKey(
                id: service.identifiers.next(at: now), role: key.role, name: "first \(key.role.rawValue) key",
                hash: SHA256.hash(key.text), createdAt: now)
        }
    }

    /// Makes it durable, with its line in the audit.
    func commit(to service: PricingService, actor: String) async throws(ConfigurationError) {
        try await service.create(tenant, keys: stored, actor: actor, requestID: "", answer: ())
    }

    /// The key of a role.
    func key(_ role: Role) -> String { keys.first { $0.role == role }?.text ?? "" }
}
