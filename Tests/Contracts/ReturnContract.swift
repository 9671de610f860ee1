import AgentRuntime
import Experiments
import SeedSupport
import Synchronization
import Testing

/// What goes back at the provider without being asked for here: refunds made there, and disputes; on every engine.
@Suite struct ReturnContract {
    @Test(arguments: Engine.allCases)
    func `what went back at the provider is counted once, whenever and however often it is told`(engine: Engine)
        async throws
    {
        try await PageShop.with(engine) { shop in
            let (checkout, reference) = try await shop.begun("s-1")
            shop.provider.pay(reference)
            let total = checkout.totals.charge
            let payment = "paid-\(reference)"
            func returned(_ name: String, _ amount: Int64, _ kind: ProviderReturn.Kind) -> ProviderReturn {
                ProviderReturn(
                    reference: name, amount: Money(amount: amount, currency: total.currency), kind: kind)
            }
            // Told before anybody here knew that it was paid; then a little more goes back, and the bank decides.
            let histories: [[ProviderReturn]] = [
                [returned("re_1", 300, .refund)],
                [returned("re_1", 300, .refund), returned("dp_1", 500, .dispute(.open, reason: "fraudulent"))],
                [
                    returned("dp_2", 100, .dispute(.won, reason: nil)), returned("re_2", 200, .refund),
                    returned("re_1", 300, .refund), returned("dp_1", 500, .dispute(.lost, reason: "fraudulent")),
                ],
            ]
            let left = [total.amount - 300, total.amount - 300, total.amount - 1000]
            for (history, left) in zip(histories, left) {
                shop.provider.state.withLock { $0.returned[payment] = history }
                var messages = Array(repeating: shop.message(checkout, reference, key: "returned"), count: 5)
                messages += Array(repeating: shop.message(checkout, reference), count: 5)
                var random = Seeded(17)
                messages.shuffle(using: &random)
                for message in messages { _ = try await shop.service.heed(message, of: "page") }
                let order = try #require(try await shop.orders().first)
                #expect(order.refundable == left && order.refunded == total.amount - left)
                #expect(try await shop.revenue() == Int128(left))
            }
            let order = try #require(try await shop.orders().first)
            #expect(order.refunds.map(\.origin) == [.provider, .dispute, .provider])
            #expect(order.disputes?.map(\.status) == [.lost, .won])
            #expect(try await shop.counted() == 1)
            // Nothing was asked of the provider for it.
            #expect(shop.provider.state.withLock { $0.refunded.isEmpty })
            // The rest is paid back from here, and no more than was paid ever goes back.
            let snapshot = try shop.world.snapshot
            _ = try await shop.service.refund(order.id, amount: nil, in: snapshot)
            shop.provider.state.withLock { state in
                state.returned[payment, default: []].append(returned("re_3", total.amount, .refund))
            }
            _ = try await shop.service.heed(shop.message(checkout, reference, key: "returned"), of: "page")
            #expect(try await shop.orders().first?.refunded == total.amount)
            #expect(try await shop.revenue() == 0)
        }
    }

    /// What a provider knows of one payment, while it changes its mind.
    private struct Fickle {
        /// By name: what it takes, and whether it is a dispute.
        let parts: [(name: String, amount: Int64, isDispute: Bool)]
        var stands: [Int]
        let currency: Currency

        init(_ amounts: [Int64], _ currency: Currency) {
            parts = amounts.enumerated().map { ("\($1 % 2 == 0 ? "dp" : "re")_\($0)", $1, $1 % 2 == 0) }
            stands = Array(repeating: 0, count: amounts.count)
            self.currency = currency
        }

        /// 0: nothing yet (a dispute is open); 1: it went; 2: it came back.
        mutating func turn(using random: inout Seeded) {
            for place in stands.indices where Bool.random(using: &random) {
                stands[place] = stands[place] == 1 ? 2 : Int.random(in: 1...2, using: &random)
            }
        }

        var told: [ProviderReturn] {
            zip(parts, stands).compactMap { part, stand in
                let kind: ProviderReturn.Kind
                switch (part.isDispute, stand) {
                case (true, _): kind = .dispute([.open, .lost, .won][stand], reason: nil)
                case (false, 1): kind = .refund
                case (false, 2): kind = .undone(Decline(code: "expired_or_canceled_card", detail: "No such card."))
                case (false, _): return nil
                }
                return ProviderReturn(
                    reference: part.name, amount: Money(amount: part.amount, currency: currency), kind: kind)
            }
        }

        var gone: Int64 { zip(parts, stands).reduce(0) { $0 + ($1.1 == 1 ? $1.0.amount : 0) } }
        var disputes: [String: Dispute.Status] {
            zip(parts, stands).reduce(into: [:]) { disputes, pair in
                if pair.0.isDispute { disputes[pair.0.name] = [.open, .lost, .won][pair.1] }
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `disputes and refunds that turn count as they stand last, told five times, shuffled and days late`(
        engine: Engine
    ) async throws {
        try await PageShop.with(engine) { shop in
            var random = Seeded(53)
            for round in 0..<4 {
                let (checkout, reference) = try await shop.begun("s-\(round)")
                shop.provider.pay(reference)
                _ = try await shop.service.heed(shop.message(checkout, reference), of: "page")
                let before = try await shop.revenue()
                var provider = Fickle([301, 200, 97, 50, 402], checkout.totals.charge.currency)
                let message = shop.message(checkout, reference, key: "returned")
                for step in 0..<6 {
                    provider.turn(using: &random)
                    let told = provider.told.shuffled(using: &random)
                    shop.provider.state.withLock { $0.returned["paid-\(reference)"] = told }
                    // Of some turns nobody hears in time.
                    if step % 3 == 1 { continue }
                    if step == 4 { shop.world.clock.advance(by: .seconds(3 * 86_400)) }
                    let isLast = step == 5
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<(isLast ? 1 : 5) {
                            group.addTask { _ = try await shop.service.heed(message, of: "page") }
                        }
                        try await group.waitForAll()
                    }
                    let read = try await shop.service.read(checkout.id, in: try shop.world.snapshot)
                    let order = try #require(read.order)
                    #expect(order.refunded == provider.gone)
                    #expect(
                        Dictionary(
                            uniqueKeysWithValues: (order.disputes ?? []).map { ($0.reference, $0.status) })
                            == provider.disputes)
                    #expect(try await shop.revenue() == before - Int128(provider.gone))
                }
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `a refund that failed after it had succeeded counts no longer, and may be asked for again`(engine: Engine)
        async throws
    {
        try await PageShop.with(engine) { shop in
            let (checkout, reference) = try await shop.begun("s-1")
            shop.provider.pay(reference)
            _ = try await shop.service.heed(shop.message(checkout, reference), of: "page")
            let total = checkout.totals.charge
            let placed = try #require(try await shop.orders().first)
            let snapshot = try shop.world.snapshot
            let (_, refund) = try await shop.service.refund(placed.id, amount: total, in: snapshot)
            #expect(try await shop.revenue() == 0)
            let name = try #require(refund.reference)
            let decline = Decline(code: "lost_or_stolen_card", detail: "No such card.")
            shop.provider.state.withLock { state in
                state.returned["paid-\(reference)"] = [
                    ProviderReturn(reference: name, amount: total, kind: .undone(decline)),
                    ProviderReturn(reference: "another", amount: total, kind: .undone(decline)),
                ]
            }
            for _ in 0..<5 {
                _ = try await shop.service.heed(shop.message(checkout, reference, key: "returned"), of: "page")
            }
            let order = try #require(try await shop.orders().first)
            #expect(order.refunds.map(\.state) == [.failed(decline)] && order.refundable == total.amount)
            #expect(try await shop.revenue() == Int128(total.amount))
            #expect(shop.alarms.heard.withLock { $0.count } == 1)
            let (after, _) = try await shop.service.refund(placed.id, amount: nil, in: snapshot)
            #expect(after.refundable == 0 && after.refunds.count == 2)
            #expect(try await shop.revenue() == 0)
        }
    }

    @Test(arguments: Engine.allCases)
    func `what went back is told again where the provider does not answer, and other currencies count nothing`(
        engine: Engine
    ) async throws {
        try await PageShop.with(engine) { shop in
            let (checkout, reference) = try await shop.begun("s-1")
            shop.provider.pay(reference)
            _ = try await shop.service.heed(shop.message(checkout, reference), of: "page")
            let message = shop.message(checkout, reference, key: "returned")
            shop.provider.state.withLock { $0.isMute = true }
            await #expect(throws: CheckoutError.providerUnreachable) {
                _ = try await shop.service.heed(message, of: "page")
            }
            let other = try #require(Currency("JPY"))
            shop.provider.state.withLock { state in
                state.isMute = false
                state.returned["paid-\(reference)"] = [
                    ProviderReturn(reference: "re_1", amount: Money(amount: 300, currency: other), kind: .refund)
                ]
            }
            _ = try await shop.service.heed(message, of: "page")
            #expect(try await shop.orders().first?.refunds.isEmpty == true)
        }
    }
}
