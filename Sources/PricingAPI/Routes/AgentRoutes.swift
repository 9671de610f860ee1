internal import Experiments
internal import HTTPServer

extension PricingAPI {
    func readAgent(_ context: Context) throws(Problem) -> Response {
        context.representation(try context.member.snapshot.tenant.agentWire)
    }

    /// Says all settings of the agent anew.
    func setAgent(_ context: Context) async throws(Problem) -> Response {
        let id = try context.member.snapshot.tenant.id
        let settings = try context.read(AgentSettings.keys) { AgentSettings($0) }
        return try await change(context, id) { snapshot, now throws(ChangeRefusal) in
            guard context.mayChange(snapshot.tenant.agentWire) else { throw .problem(.preconditionFailed) }
            var tenant = snapshot.tenant
            tenant.agent = settings
            return Decided(
                [.tenant(tenant)], action: "agent.change", target: id.description,
                answer: Outcome(status: 200, body: tenant.agentWire))
        }
    }
}
