internal import AgentRuntime
internal import Experiments
internal import HTTPServer

extension PricingAPI {
    /// What language models cost on a day, or from one through another, in UTC; today where none is named.
    func modelCosts(_ context: Context) async throws(Problem) -> Response {
        let tenant = try context.member.snapshot.tenant.id
        let day = try context.day("day")
        let from = try context.day("from")
        let through = try context.day("through")
        if day != nil, from != nil || through != nil {
            throw .parameter("`day` is one day: it does not go with others.")
        }
        let today = service.clock.now().day
        let first = day ?? from ?? through ?? today
        let last = day ?? through ?? max(first, today)
        try Context.check(from: first, through: last)
        var costs = ModelCosts(days: [], conversations: [], arms: [])
        if let ledger = configuration.modelCosts ?? configuration.model?.ledger {
            do throws(StoreError) {
                costs = try await ledger.costs(
                    of: tenant, from: first, through: last, conversations: Self.mostCostConversations)
            } catch {
                throw Problem(error)
            }
        }
        return Response(
            status: 200, contentType: "application/json", body: costs.wire(from: first, through: last))
    }

    private static let mostCostConversations = 100
}
