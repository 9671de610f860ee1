public import AgentRuntime
public import Experiments

/// What models cost a tenant, as values.
struct MemoryModelCosts: Sendable {
    struct Call: Sendable {
        let reservation: ModelReservation
        let model: String
        let most: Int64
        /// Nil while it is set aside.
        let charge: ModelCharge?

        var sum: ModelCosts.Sum {
            var sum = ModelCosts.Sum()
            guard let charge else {
                sum.unknown = 1
                sum.unknownAtMost = ModelCost(picodollars: most)
                return sum
            }
            sum.calls = 1
            sum.estimated = charge.usage.isEstimate ? 1 : 0
            sum.cost = ModelCost(picodollars: StoredCost.kept(charge.cost))
            sum.usage = charge.usage
            return sum
        }
    }

    private(set) var calls: [ModelCallID: [Call]] = [:]
    private var budgets: [String: Int64] = [:]
    var arms: [ConversationID: Set<ModelArm>] = [:]

    mutating func reserve(_ reservation: ModelReservation, budgets limits: [ModelCost]) -> Bool {
        let most = StoredCost.kept(reservation.most)
        for (scope, budget) in zip(StoredCost.scopes(of: reservation), limits) {
            guard StoredCost.hasRoom(for: most, beside: budgets[scope] ?? 0, in: budget) else { return false }
        }
        for scope in StoredCost.scopes(of: reservation) { budgets[scope, default: 0] += most }
        calls[reservation.id] = [Call(reservation: reservation, model: reservation.model, most: most, charge: nil)]
        return true
    }

    mutating func settle(_ reservation: ModelReservation, _ charges: [ModelCharge]) {
        guard let begun = calls[reservation.id]?.first, begun.charge == nil else { return }
        calls[reservation.id] = charges.map {
            Call(reservation: reservation, model: $0.model, most: 0, charge: $0)
        }
        let spent = charges.reduce(-StoredCost.kept(reservation.most)) { $0 + StoredCost.kept($1.cost) }
        for scope in StoredCost.scopes(of: reservation) { budgets[scope, default: 0] += spent }
    }

    func costs(days: ClosedRange<Int32>, conversations: Int) -> ModelCosts {
        let asked = calls.values.joined().filter { days.contains($0.reservation.day) }
        struct DayKey: Hashable {
            let day: Int32
            let model: String
        }
        var byDay: [DayKey: ModelCosts.Sum] = [:]
        var byConversation: [ConversationID: ModelCosts.Sum] = [:]
        for call in asked {
            let key = DayKey(day: call.reservation.day, model: call.model)
            byDay[key] = (byDay[key] ?? ModelCosts.Sum()) + call.sum
            let conversation = call.reservation.conversation
            byConversation[conversation] = (byConversation[conversation] ?? ModelCosts.Sum()) + call.sum
        }
        var byArm: [ModelArm: (conversations: Int64, sum: ModelCosts.Sum)] = [:]
        for (conversation, sum) in byConversation {
            for arm in arms[conversation] ?? [] {
                let known = byArm[arm] ?? (0, ModelCosts.Sum())
                byArm[arm] = (known.conversations + 1, known.sum + sum)
            }
        }
        return ModelCosts(
            days: byDay.sorted { ($0.key.day, $0.key.model) < ($1.key.day, $1.key.model) }
                .map { ModelCosts.DayRow(day: $0.key.day, model: $0.key.model, sum: $0.value) },
            conversations: byConversation.sorted {
                $0.value.cost == $1.value.cost ? $0.key < $1.key : $0.value.cost > $1.value.cost
            }
            .prefix(conversations).map { ModelCosts.ConversationRow(conversation: $0.key, sum: $0.value) },
            arms: byArm.sorted {
                ($0.key.experiment, $0.key.variant) < ($1.key.experiment, $1.key.variant)
            }
            .map { ModelCosts.ArmRow(arm: $0.key, conversations: $0.value.conversations, sum: $0.value.sum) })
    }
}

extension MemoryStore: ModelLedger {
    public func reserve(
        _ reservation: ModelReservation, ofDay day: ModelCost, ofConversation conversation: ModelCost,
        in tenant: TenantID
    ) async throws(StoreError) -> Bool {
        try change { state in
            state.models[tenant, default: MemoryModelCosts()].reserve(reservation, budgets: [day, conversation])
        }
    }

    public func settle(
        _ reservation: ModelReservation, _ charges: [ModelCharge], in tenant: TenantID
    ) async throws(StoreError) {
        try change { state in state.models[tenant]?.settle(reservation, charges) }
    }

    public func note(
        _ arms: [ModelArm], of conversation: ConversationID, in tenant: TenantID
    ) async throws(StoreError) {
        try change { state in
            state.models[tenant, default: MemoryModelCosts()].arms[conversation, default: []].formUnion(arms)
        }
    }

    public func costs(
        of tenant: TenantID, from: Int32, through: Int32, conversations: Int
    ) async throws(StoreError) -> ModelCosts {
        try read { state in
            guard from <= through, let models = state.models[tenant] else {
                return ModelCosts(days: [], conversations: [], arms: [])
            }
            return models.costs(days: from...through, conversations: conversations)
        }
    }
}
