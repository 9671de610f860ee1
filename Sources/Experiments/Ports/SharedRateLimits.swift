/// Counts requests for all processes of an installation together.
public protocol SharedRateLimits: Sendable {
    /// Decides one request of a key; nil when it cannot be told now: then a process counts by itself.
    func decide(
        _ limit: RateLimit, tenant: TenantID, key: APIKeyID, cost: Int
    ) async -> RateLimit.Verdict?
}
