import AgentRuntime
import Experiments
import Synchronization
import Testing

/// What a merchant pays back, once, on every engine.
@Suite struct RefundContract {
    @Test(arguments: Engine.allCases)
    func `refunds at once never come to more than was paid, and the report counts each`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            let service = try world.selling()
            let checkout = try await world.checkout(quantity: 10, with: service)
            let snapshot = try world.snapshot
            let done = try await service.complete(checkout.id, totalsHash: checkout.totalsHash, in: snapshot)
            guard case .completed(_, let order) = done else {
                Issue.record("\(done)")
                return
            }
            let part = Money(amount: order.totals.total / 8, currency: order.totals.currency)
            let made = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<24 {
                    group.addTask { (try? await service.refund(order.id, amount: part, in: snapshot)) != nil }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(made == 8)
            let after = try await service.order(order.id, in: snapshot)
            #expect(after.refunds.count == 8 && after.refunded == 8 * part.amount && !after.isUnfinished)
            let left = order.totals.total - 8 * part.amount
            #expect(try await world.counted(experiment).revenue == Int128(left))

            // The request that comes again goes on with the refund that it began.
            let name = Bits128(high: 5, low: 5)
            if left > 0 {
                let first = try await service.refund(order.id, amount: nil, request: name, in: snapshot)
                let second = try await service.refund(order.id, amount: nil, request: name, in: snapshot)
                #expect(first.refund == second.refund && first.refund.amount == left)
            }
            #expect(try await world.counted(experiment).revenue == 0)
            await #expect(throws: CheckoutError.self) { try await service.refund(order.id, amount: nil, in: snapshot) }
        }
    }

    @Test(arguments: Engine.allCases)
    func `a refund whose answer was lost is finished later, once`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            let provider = CountingProvider()
            let service = try world.selling(by: provider)
            let checkout = try await world.checkout(with: service)
            let snapshot = try world.snapshot
            guard
                case .completed(_, let order) = try await service.complete(
                    checkout.id, totalsHash: checkout.totalsHash, in: snapshot)
            else {
                Issue.record("not completed")
                return
            }
            provider.state.withLock { $0.isMute = true }
            let asked = try await service.refund(order.id, amount: nil, in: snapshot)
            #expect(asked.refund.state == .pending && asked.order.refundable == 0)
            #expect(try await world.checkouts.unfinished(in: world.tenant, limit: 9).orders == [order.id])
            #expect(try await world.counted(experiment).revenue == Int128(order.totals.total))
            provider.state.withLock { $0.isMute = false }
            try await service.finish(world.tenant)
            try await service.finish(world.tenant)
            #expect(try await service.order(order.id, in: snapshot).isUnfinished == false)
            #expect(provider.state.withLock { $0.refunded.count } == 1)
            #expect(try await world.counted(experiment).revenue == 0)
        }
    }
}
