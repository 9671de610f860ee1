import AgentRuntime
import Experiments
import Synchronization
import Testing

/// What is left of a checkout when somebody dies or changes their mind half-way, on every engine.
@Suite struct CheckoutRecoveryContract {
    @Test(arguments: Engine.allCases)
    func `a crash after the charge leaves one order, whoever comes by first`(engine: Engine) async throws {
        for way in 0..<3 {
            try await World.with(engine) { world, experiment in
                let provider = CountingProvider()
                let service = try world.selling(by: provider)
                let checkout = try await world.checkout(with: service)
                // The charge is made, and whoever asked for it dies before it hears.
                provider.state.withLock { $0.isMute = true }
                let first = try await service.complete(
                    checkout.id, totalsHash: checkout.totalsHash, in: try world.snapshot)
                guard case .pending = first else {
                    Issue.record("\(first)")
                    return
                }
                let left = try await world.checkouts.unfinished(in: world.tenant, limit: 10)
                #expect(left.checkouts == [checkout.id] && left.orders.isEmpty)
                await #expect(throws: CheckoutError.wrongState(.paying, action: "be canceled")) {
                    try await service.cancel(checkout.id, in: try world.snapshot)
                }
                world.clock.advance(by: .seconds(3 * 3600))
                provider.state.withLock { $0.isMute = false }
                switch way {
                case 0: try await service.finish(world.tenant)
                case 1: _ = try await service.read(checkout.id, in: try world.snapshot)
                default:
                    _ = try await service.complete(
                        checkout.id, totalsHash: checkout.totalsHash, in: try world.snapshot)
                }
                let order = try #require(try await service.read(checkout.id, in: try world.snapshot).order)
                #expect(order.placedAt < order.lines[0].expiresAt, "it was agreed to in time")
                #expect(provider.state.withLock { $0.charged.count } == 1)
                #expect(try await service.orders(before: nil, limit: 10, in: try world.snapshot) == [order])
                #expect(try await world.counted(experiment).orders == 1)
                let none = try await world.checkouts.unfinished(in: world.tenant, limit: 10)
                #expect(none.checkouts.isEmpty && none.orders.isEmpty)
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `a crash before the charge lets the buyer try again under the same key`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            let provider = CountingProvider()
            provider.state.withLock { $0.isGone = true }
            let service = try world.selling(by: provider)
            let checkout = try await world.checkout(with: service)
            _ = try await service.complete(checkout.id, totalsHash: checkout.totalsHash, in: try world.snapshot)
            provider.state.withLock { $0.isGone = false }
            // Somebody may be on the way: nothing is let go at once.
            try await service.finish(world.tenant)
            #expect(try await service.read(checkout.id, in: try world.snapshot).checkout.status == .paying)
            world.clock.advance(by: .seconds(61))
            try await service.finish(world.tenant)
            #expect(try await service.read(checkout.id, in: try world.snapshot).checkout.status == .open)
            #expect(provider.state.withLock { $0.charged.isEmpty })
            let done = try await service.complete(
                checkout.id, totalsHash: checkout.totalsHash, in: try world.snapshot)
            guard case .completed = done else {
                Issue.record("\(done)")
                return
            }
            #expect(provider.state.withLock { Array($0.charged.keys) } == [checkout.attemptKey])
            #expect(try await world.counted(experiment).orders == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `what was declined may be tried again, and what was canceled may not`(engine: Engine) async throws {
        try await World.with(engine) { world, _ in
            let service = try world.selling()
            let made = try await world.checkout(with: service)
            let no = try await service.complete(
                made.id, totalsHash: made.totalsHash, payment: PaymentChoice(token: "tok_declined"),
                in: try world.snapshot)
            guard case .declined(let open, let decline) = no else {
                Issue.record("\(no)")
                return
            }
            #expect(decline.code == "card_declined" && open.status == .open && open.attempt == 2)
            let unsure = try await service.complete(
                made.id, totalsHash: made.totalsHash, payment: PaymentChoice(token: "tok_unknown"),
                in: try world.snapshot)
            guard case .pending = unsure else {
                Issue.record("\(unsure)")
                return
            }
            #expect(try await service.read(made.id, in: try world.snapshot).order != nil)
            await #expect(throws: CheckoutError.wrongState(.completed, action: "be canceled")) {
                try await service.cancel(made.id, in: try world.snapshot)
            }
            await #expect(throws: CheckoutError.totalsChanged) {
                try await service.complete(made.id, totalsHash: "", in: try world.snapshot)
            }

            let other = try await world.checkout("s-2", with: service)
            #expect(try await service.cancel(other.id, in: try world.snapshot).status == .canceled)
            #expect(try await service.cancel(other.id, in: try world.snapshot).status == .canceled)
            await #expect(throws: CheckoutError.wrongState(.canceled, action: "be paid")) {
                try await service.complete(other.id, totalsHash: other.totalsHash, in: try world.snapshot)
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `money that comes for what has ended, or as another amount, goes back`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            let provider = CountingProvider()
            let alarms = Mutex(0)
            let service = try world.selling(by: provider, alarm: { _ in alarms.withLock { $0 += 1 } })
            let usd = try #require(World.usd)
            provider.state.withLock { $0.takes = Money(amount: 1, currency: usd) }
            let cheap = try await world.checkout(with: service)
            let told = try await service.complete(cheap.id, totalsHash: cheap.totalsHash, in: try world.snapshot)
            guard case .declined(let open, let decline) = told else {
                Issue.record("\(told)")
                return
            }
            #expect(decline.code == "amount_mismatch" && open.attemptKey != cheap.attemptKey)
            #expect(
                provider.state.withLock { $0.refunded } == [cheap.attemptKey + "-back": Money(amount: 1, currency: usd)]
            )
            #expect(alarms.withLock { $0 } == 1)
            provider.state.withLock { $0.takes = nil }

            // One who was given up is let go and canceled, and then turns out to have paid.
            let slow = SlowProvider(provider)
            let late = try world.selling(by: slow, alarm: { _ in alarms.withLock { $0 += 1 } })
            let checkout = try await world.checkout("s-2", with: late)
            let snapshot = try world.snapshot
            slow.meanwhile.withLock {
                $0 = {
                    world.clock.advance(by: .seconds(61))
                    _ = try? await late.cancel(checkout.id, in: snapshot)
                }
            }
            await #expect(throws: CheckoutError.wrongState(.canceled, action: "be completed")) {
                try await late.complete(checkout.id, totalsHash: checkout.totalsHash, in: snapshot)
            }
            #expect(
                provider.state.withLock { $0.refunded[checkout.attemptKey + "-back"] } == checkout.totals.charge)
            #expect(alarms.withLock { $0 } == 2)
            #expect(try await world.counted(experiment).orders == 0)
        }
    }
}
