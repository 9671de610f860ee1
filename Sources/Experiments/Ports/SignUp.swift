internal import Crypto

/// A new tenant with its first four keys: what `POST /tenants` and the command line make.
public struct SignUp: Sendable {
    public var tenant: Tenant
    /// Each key with its text, which is shown once.
    public let keys: [(key: APIKey, text: String)]

    /// - Parameter name: 1 to 200 characters; `PricingService.create` checks.
    public init(name: String, plan: String = "free", service: PricingService, at now: Timestamp) {
        tenant = Tenant(
            id: service.identifiers.next(at: now), name: name, plan: plan, createdAt: now,
            secrets: TenantSecrets(subjectKey: SecureRandom.bytes(32), sealKey: SecureRandom.bytes(32)))
        keys = [Role.merchant, .agent, .analyst, .widget].map { role in
            let text = APIKey.freshText()
            let key = APIKey(
                id: service.identifiers.next(at: now), role: role, name: "First \(role.rawValue) key",
                hash: SHA256.hash(text), createdAt: now)
            return (key, text)
        }
    }

    /// Makes it durable, with its line in the audit.
    public func commit(
        to service: PricingService, actor: String, requestID: String, reply: SavedReply? = nil
    ) async throws(ConfigurationError) {
        try await service.create(
            tenant, keys: keys.map(\.key), actor: actor, requestID: requestID, answer: (), reply: reply)
    }
}
