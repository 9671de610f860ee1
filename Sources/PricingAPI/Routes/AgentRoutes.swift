internal import Experiments
internal import HTTPServer

extension PricingAPI {
    func readAgent(_ context: Context) throws(Problem) -> Response {
        context.representation(try context.member.snapshot.tenant.agentWire)
    }

    /// Says all settings of the agent anew.
    func setAgent(_ context: Context) async throws(Problem) -> Response {
        let settings = try context.read(AgentSettings.keys) { AgentSettings($0) }
        return try await setSettings(context, action: "agent.change", wire: { $0.agentWire }) { $0.agent = settings }
    }
}
