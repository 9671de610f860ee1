import AgentRuntime
import Experiments
import SeedSupport
import Synchronization
import Testing

/// Payments on a provider's page, with its messages, on every engine.
@Suite struct PaymentContract {
    @Test(arguments: Engine.allCases)
    func `what can be paid is durable before the buyer hears of it, and paid it is one order`(engine: Engine)
        async throws
    {
        try await PageShop.with(engine) { shop in
            let (checkout, reference) = try await shop.begun("s-1")
            #expect(try await shop.world.checkouts.checkout(checkout.id, in: shop.world.tenant) == checkout)
            #expect(checkout.opening?.url == "https://pay.test/\(reference)")
            // Asked again before it is paid, it is the same page.
            guard case .pending(let again) = try await shop.complete(checkout) else {
                Issue.record("not pending")
                return
            }
            #expect(again == checkout && shop.provider.state.withLock { $0.made.count } == 1)
            shop.provider.pay(reference)
            let read = try await shop.service.read(checkout.id, in: try shop.world.snapshot)
            #expect(read.order?.payment.reference == "paid-\(reference)")
            #expect(try await shop.counted() == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `a hundred who complete at once pay one of what was made, and the rest is ended`(engine: Engine) async throws {
        try await PageShop.with(engine) { shop in
            shop.provider.state.withLock { $0.paysAtOnce = true }
            let checkout = try await shop.checkout("s-1")
            let orders = try await withThrowingTaskGroup(of: OrderID?.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        guard case .completed(_, let order) = try await shop.complete(checkout) else { return nil }
                        return order.id
                    }
                }
                return try await group.reduce(into: Set<OrderID>()) { if let id = $1 { $0.insert(id) } }
            }
            #expect(orders.count == 1 && shop.provider.paid.count == 1)
            #expect(try await shop.orders().map(\.id) == Array(orders))
            shop.provider.state.withLock { state in
                #expect(state.ended.count == state.made.count - 1)
            }
            #expect(try await shop.counted() == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `messages five times over, shuffled and days late, come to what each of them alone comes to`(engine: Engine)
        async throws
    {
        try await PageShop.with(engine) { shop in
            var messages: [ProviderMessage] = []
            var paid: Set<CheckoutID> = []
            for number in 0..<12 {
                let (checkout, reference) = try await shop.begun("s-\(number)")
                // Every third is never paid; what is told of it is told all the same.
                if number % 3 > 0 {
                    shop.provider.pay(reference)
                    paid.insert(checkout.id)
                }
                for other in [reference, "other-\(number)"] {
                    messages += Array(repeating: shop.message(checkout, other), count: 5)
                }
            }
            var random = Seeded(41)
            messages.shuffle(using: &random)
            for (place, message) in messages.enumerated() {
                if place == messages.count / 2 { shop.world.clock.advance(by: .seconds(3 * 86_400)) }
                _ = try await shop.service.heed(message, of: "page")
            }
            let orders = try await shop.orders()
            #expect(Set(orders.map(\.checkout)) == paid && orders.count == paid.count)
            #expect(try await shop.counted() == Int64(paid.count))
            #expect(shop.provider.state.withLock { $0.refunded.isEmpty })
            #expect(shop.alarms.heard.withLock { $0.isEmpty })
        }
    }

    @Test(arguments: Engine.allCases)
    func `what is paid beside what counts is given back once, however often it is told`(engine: Engine) async throws {
        try await PageShop.with(engine) { shop in
            // A first attempt is given up; its page stays open in the buyer's browser, and the provider lets it be paid.
            let (first, stray) = try await shop.begun("s-1")
            guard case .canceled = try await shop.service.cancel(first.id, in: try shop.world.snapshot).state else {
                Issue.record("not canceled")
                return
            }
            shop.provider.state.withLock { $0.ended = [] }
            shop.provider.pay(stray)
            for _ in 0..<5 { _ = try await shop.service.heed(shop.message(first, stray), of: "page") }
            let (second, reference) = try await shop.begun("s-2")
            shop.provider.pay(reference)
            _ = try await shop.service.heed(shop.message(second, reference), of: "page")
            // A second payment for the checkout that has its order.
            shop.provider.state.withLock { state in
                state.made["twin"] = .some(second.totals.charge)
            }
            for _ in 0..<5 { _ = try await shop.service.heed(shop.message(second, "twin"), of: "page") }
            #expect(try await shop.orders().map(\.checkout) == [second.id])
            #expect(
                shop.provider.state.withLock { $0.refunded } == [
                    "paid-\(stray)-back": first.totals.charge, "paid-twin-back": second.totals.charge,
                ])
            #expect(!shop.alarms.heard.withLock { $0.isEmpty })
            #expect(try await shop.counted() == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `a buyer who does not come back has an hour, and may then pay again`(engine: Engine) async throws {
        try await PageShop.with(engine) { shop in
            let (checkout, reference) = try await shop.begun("s-1")
            shop.world.clock.advance(by: .seconds(3600))
            try await shop.service.finish(shop.world.tenant)
            #expect(try await shop.service.read(checkout.id, in: try shop.world.snapshot).checkout.status == .paying)
            shop.world.clock.advance(by: .seconds(1))
            try await shop.service.finish(shop.world.tenant)
            #expect(shop.provider.state.withLock { $0.ended } == [reference])
            let after = try await shop.service.read(checkout.id, in: try shop.world.snapshot).checkout
            #expect(after.status == .expired && after.lastDecline == .abandoned, "its prices ended meanwhile")
            shop.provider.pay(reference)
            #expect(shop.provider.paid.isEmpty)
        }
    }

    @Test(arguments: Engine.allCases)
    func `where the provider does not answer nothing is begun, and what is under way is asked for again`(engine: Engine)
        async throws
    {
        try await PageShop.with(engine) { shop in
            let checkout = try await shop.checkout("s-1")
            shop.provider.state.withLock { $0.isMute = true }
            await #expect(throws: CheckoutError.providerUnreachable) { try await shop.complete(checkout) }
            shop.provider.state.withLock { $0.isMute = false }
            #expect(try await shop.service.read(checkout.id, in: try shop.world.snapshot).checkout.status == .open)
            let (paying, reference) = try await shop.begun("s-2")
            shop.provider.pay(reference)
            shop.provider.state.withLock { $0.isMute = true }
            _ = try await shop.service.heed(shop.message(paying, reference), of: "page")
            #expect(try await shop.orders().isEmpty)
            // A stray that cannot be looked at has to be told again.
            await #expect(throws: CheckoutError.providerUnreachable) {
                _ = try await shop.service.heed(shop.message(paying, "x", key: "another"), of: "page")
            }
            shop.provider.state.withLock { $0.isMute = false }
            try await shop.service.finish(shop.world.tenant)
            #expect(try await shop.orders().map(\.checkout) == [paying.id])
        }
    }
}
