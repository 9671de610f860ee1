public import Experiments

extension PricingService {
    /// Keeps what a rehearsal came to with the tenant, so that whoever reads the agent's settings is told.
    public func keep(
        _ verdict: AgentVerdict, of tenant: TenantID, actor: String, requestID: String
    ) async throws(ConfigurationError) {
        try await change(tenant, actor: actor, requestID: requestID) { snapshot, _ throws(ConfigurationError) in
            var tenant = snapshot.tenant
            tenant.agentVerdict = verdict
            return Decided([.tenant(tenant)], action: "agent.test", target: tenant.id.description, answer: ())
        }
    }
}
