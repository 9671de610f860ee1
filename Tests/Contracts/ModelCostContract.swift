import AgentRuntime
import Experiments
import Storage
import Testing

/// What every engine owes the costs of models.
@Suite struct ModelCostContract {
    private static let model = "test/model"
    private static let plenty = ModelCost(picodollars: 1_000_000)

    private static func reservation(in world: World, _ conversation: ConversationID, most: Int64 = 100)
        -> ModelReservation
    {
        ModelReservation(
            id: world.service.identifiers.next(at: world.clock.now()), conversation: conversation, model: model,
            most: ModelCost(picodollars: most), at: world.clock.now())
    }

    private static func charge(_ cost: Int64, _ model: String = Self.model, isEstimate: Bool = false) -> ModelCharge {
        ModelCharge(
            model: model,
            usage: ModelUsage(
                input: 1, output: 2, cacheRead: 3, cacheWrite: 4, longCacheWrite: 5, isEstimate: isEstimate),
            cost: ModelCost(picodollars: cost), isAnswered: true)
    }

    private static func ledger(of world: World) throws -> any ModelLedger {
        try #require(world.service.store as? any ModelLedger)
    }

    @Test(arguments: Engine.allCases)
    func `what is set aside counts until it is settled, and then what was spent`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            let ledger = try Self.ledger(of: world)
            let tenant = world.tenant
            let talk: ConversationID = world.service.identifiers.next(at: world.clock.now())
            let other: ConversationID = world.service.identifiers.next(at: world.clock.now())
            let day = ModelCost(picodollars: 250)
            func reserve(_ one: ModelReservation, talk budget: Int64 = 1_000_000) async throws -> Bool {
                try await ledger.reserve(
                    one, ofDay: day, ofConversation: ModelCost(picodollars: budget), in: tenant)
            }
            let first = Self.reservation(in: world, talk)
            let second = Self.reservation(in: world, talk)
            #expect(try await reserve(first))
            #expect(try await reserve(second))
            // 200 of 250 are set aside.
            #expect(try await !reserve(Self.reservation(in: world, other)))
            #expect(try await !reserve(Self.reservation(in: world, talk, most: 1), talk: 200))
            var costs = try await ledger.costs(of: tenant, from: first.day, through: first.day, conversations: 10)
            #expect(costs.total.unknown == 2 && costs.total.unknownAtMost.picodollars == 200 && costs.total.calls == 0)
            try await ledger.settle(
                first, [Self.charge(7), Self.charge(3, "test/other", isEstimate: true)], in: tenant)
            // Said twice it is done once.
            try await ledger.settle(first, [Self.charge(7)], in: tenant)
            #expect(try await reserve(Self.reservation(in: world, other, most: 140)))
            #expect(try await !reserve(Self.reservation(in: world, other, most: 1)))
            try await ledger.settle(second, [], in: tenant)
            try await ledger.note(
                [ModelArm(experiment: experiment, variant: "control"), ModelArm(experiment: experiment, variant: "b")],
                of: talk, in: tenant)
            try await ledger.note([ModelArm(experiment: experiment, variant: "control")], of: talk, in: tenant)
            costs = try await ledger.costs(of: tenant, from: first.day - 1, through: first.day + 1, conversations: 10)
            #expect(costs.days.map(\.model) == [Self.model, "test/other"])
            #expect(costs.days.map(\.sum.cost.picodollars) == [7, 3])
            #expect(costs.days[1].sum.estimated == 1 && costs.days[1].sum.usage.longCacheWrite == 5)
            #expect(costs.total.calls == 2 && costs.total.cost.picodollars == 10 && costs.total.unknown == 1)
            #expect(costs.conversations.map(\.conversation) == [talk, other])
            #expect(costs.arms.map(\.arm.variant) == ["b", "control"])
            #expect(costs.arms.allSatisfy { $0.sum.cost.picodollars == 10 && $0.conversations == 1 })
            let none = try await ledger.costs(of: tenant, from: first.day + 1, through: first.day + 9, conversations: 9)
            #expect(none.days.isEmpty && none.conversations.isEmpty && none.arms.isEmpty)
            let nobody: TenantID = world.service.identifiers.next(at: world.clock.now())
            #expect(try await ledger.costs(of: nobody, from: 0, through: .max, conversations: 9).days.isEmpty)
        }
    }

    @Test(arguments: Engine.allCases)
    func `of many who ask at once no more are let through than the budget has room for`(engine: Engine) async throws {
        try await World.with(engine) { world, _ in
            let ledger = try Self.ledger(of: world)
            let tenant = world.tenant
            let asked = (0..<20).map { _ in
                Self.reservation(in: world, world.service.identifiers.next(at: world.clock.now()))
            }
            let admitted = try await withThrowingTaskGroup { group in
                for one in asked {
                    group.addTask {
                        try await ledger.reserve(
                            one, ofDay: ModelCost(picodollars: 750), ofConversation: Self.plenty, in: tenant)
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(admitted == 7)
        }
    }
}
