import AgentRuntime
import Crypto
import Experiments
import Storage
import Synchronization
import Testing

/// A provider that makes something which can be paid once, keeps no keys of requests, and loses answers.
private final class PageProvider: PaymentProvider {
    struct State {
        /// What was made, by name: nil until it is paid.
        var made: [String: Money?] = [:]
        var ended: Set<String> = []
        /// What is due, by name.
        var due: [String: Money] = [:]
        var refunded: [String: Money] = [:]
        /// What went back, or is contested, without having been asked for, by payment.
        var returned: [String: [ProviderReturn]] = [:]
        var isMute = false
        /// Whether what is made is paid as soon as it is asked for, as with a card that is known.
        var paysAtOnce = false
    }

    let name = "page"
    let state = Mutex(State())

    func open(_ request: ChargeRequest) async -> OpeningOutcome {
        state.withLock { state in
            let reference = "page-\(state.made.count)-\(request.key)"
            state.made[reference] = .some(nil)
            state.due[reference] = request.amount
            return state.isMute
                ? .unknown : .opened(PaymentOpening(reference: reference, url: "https://pay.test/\(reference)"))
        }
    }

    func charge(_ request: ChargeRequest) async -> ChargeOutcome {
        guard let reference = request.opening?.reference else { return .unknown }
        if state.withLock({ $0.paysAtOnce }) { pay(reference) }
        if case .known(let outcome) = await find(request) { return outcome }
        return .unknown
    }

    func find(_ request: ChargeRequest) async -> ChargeFinding {
        state.withLock { state in
            guard let reference = request.opening?.reference else { return .absent }
            if state.isMute { return .known(.unknown) }
            if let amount = state.made[reference] ?? nil {
                return .known(.paid(reference: "paid-\(reference)", amount: amount))
            }
            if state.ended.contains(reference) { return .known(.declined(.abandoned)) }
            return .known(.waiting(url: "https://pay.test/\(reference)"))
        }
    }

    func withdraw(_ request: ChargeRequest) async -> ChargeOutcome {
        if let reference = request.opening?.reference {
            state.withLock { state in
                if state.made[reference] == .some(nil) { _ = state.ended.insert(reference) }
            }
        }
        if case .known(let outcome) = await find(request) { return outcome }
        return .unknown
    }

    func refund(_ request: RefundRequest) async -> RefundOutcome {
        state.withLock { state in
            if state.isMute { return .unknown }
            state.refunded[request.key] = request.amount
            return .succeeded(reference: "back-\(request.key)")
        }
    }

    func returns(
        of payment: String, opening: PaymentOpening?, disputes: [String]
    ) async -> [ProviderReturn]? {
        let told = state.withLock { $0.isMute ? nil : $0.returned[payment] ?? [] }
        // An answer takes its time: what it says may have turned when it is kept.
        await Task.yield()
        return told
    }

    func hear(_ message: ProviderMessage) async -> ProviderHint {
        let words = String(decoding: message.body, as: UTF8.self).split(separator: " ").map(String.init)
        guard words.count == 4, let tenant = TenantID(words[0]), let checkout = CheckoutID(words[1]) else {
            return .nothing
        }
        if words[2] == "returned" { return .returned(tenant: tenant, checkout: checkout) }
        return .payment(tenant: tenant, checkout: checkout, key: words[2], reference: words[3])
    }

    /// The buyer pays.
    func pay(_ reference: String, _ amount: Money? = nil) {
        state.withLock { state in
            guard state.made[reference] == .some(nil), !state.ended.contains(reference) else { return }
            state.made[reference] = .some(amount ?? state.due[reference])
        }
    }

    var paid: [String] { state.withLock { $0.made.filter { $0.value != nil }.map(\.key) } }
}

/// Payments on a provider's page, with its messages, on every engine.
@Suite struct PaymentContract {
    private struct Shop {
        let world: World
        let experiment: ExperimentID
        let service: CheckoutService
        let provider: PageProvider
        let alarms: Alarms

        func checkout(_ shopper: String) async throws -> Checkout {
            let quote = try await world.quote(shopper)
            return try await service.create(
                CheckoutDraft(lines: [.init(quote: quote.id.description)]), in: try world.snapshot)
        }

        func complete(_ checkout: Checkout) async throws -> Completion {
            try await service.complete(checkout.id, totalsHash: checkout.totalsHash, in: try world.snapshot)
        }

        /// Begins to pay.
        func begun(_ shopper: String) async throws -> (checkout: Checkout, reference: String) {
            let made = try await checkout(shopper)
            guard case .pending(let paying) = try await complete(made), let opening = paying.opening else {
                throw CheckoutError.notFound
            }
            return (paying, opening.reference)
        }

        func message(_ checkout: Checkout, _ reference: String, key: String? = nil) -> ProviderMessage {
            ProviderMessage(
                headers: [],
                body: Array("\(world.tenant) \(checkout.id) \(key ?? checkout.attemptKey) \(reference)".utf8),
                receivedAt: world.clock.now())
        }

        func orders() async throws -> [Order] {
            try await service.orders(before: nil, limit: 100, in: try world.snapshot)
        }

        func counted() async throws -> Int64 {
            try await world.sums(experiment).values.reduce(0) { $0 + $1.orders }
        }
    }

    private final class Alarms: Sendable {
        let heard = Mutex<[String]>([])
    }

    private func with(_ engine: Engine, _ body: (Shop) async throws -> Void) async throws {
        try await World.with(engine) { world, experiment in
            let (provider, alarms) = (PageProvider(), Alarms())
            let store = try #require(world.service.store as? any CheckoutStore)
            let service = CheckoutService(pricing: world.service, store: store, providers: [provider]) { sentence in
                alarms.heard.withLock { $0.append(sentence) }
            }
            try await body(
                Shop(world: world, experiment: experiment, service: service, provider: provider, alarms: alarms))
        }
    }

    @Test(arguments: Engine.allCases)
    func `what can be paid is durable before the buyer hears of it, and paid it is one order`(engine: Engine)
        async throws
    {
        try await with(engine) { shop in
            let (checkout, reference) = try await shop.begun("s-1")
            let store = try #require(shop.world.service.store as? any CheckoutStore)
            #expect(try await store.checkout(checkout.id, in: shop.world.tenant) == checkout)
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
        try await with(engine) { shop in
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
        try await with(engine) { shop in
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
        try await with(engine) { shop in
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
        try await with(engine) { shop in
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
        try await with(engine) { shop in
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

    /// What the world counts as paid, less what went back.
    private func revenue(_ shop: Shop) async throws -> Int128 {
        try await shop.world.sums(shop.experiment).values.reduce(0) { $0 + $1.revenue.sum }
    }

    @Test(arguments: Engine.allCases)
    func `what went back at the provider is counted once, whenever and however often it is told`(engine: Engine)
        async throws
    {
        try await with(engine) { shop in
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
                #expect(try await revenue(shop) == Int128(left))
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
            #expect(try await revenue(shop) == 0)
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
        try await with(engine) { shop in
            var random = Seeded(53)
            for round in 0..<4 {
                let (checkout, reference) = try await shop.begun("s-\(round)")
                shop.provider.pay(reference)
                _ = try await shop.service.heed(shop.message(checkout, reference), of: "page")
                let before = try await revenue(shop)
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
                    #expect(try await revenue(shop) == before - Int128(provider.gone))
                }
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `a refund that failed after it had succeeded counts no longer, and may be asked for again`(engine: Engine)
        async throws
    {
        try await with(engine) { shop in
            let (checkout, reference) = try await shop.begun("s-1")
            shop.provider.pay(reference)
            _ = try await shop.service.heed(shop.message(checkout, reference), of: "page")
            let total = checkout.totals.charge
            let placed = try #require(try await shop.orders().first)
            let snapshot = try shop.world.snapshot
            let (_, refund) = try await shop.service.refund(placed.id, amount: total, in: snapshot)
            #expect(try await revenue(shop) == 0)
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
            #expect(try await revenue(shop) == Int128(total.amount))
            #expect(shop.alarms.heard.withLock { $0.count } == 1)
            let (after, _) = try await shop.service.refund(placed.id, amount: nil, in: snapshot)
            #expect(after.refundable == 0 && after.refunds.count == 2)
            #expect(try await revenue(shop) == 0)
        }
    }

    @Test(arguments: Engine.allCases)
    func `what went back is told again where the provider does not answer, and other currencies count nothing`(
        engine: Engine
    ) async throws {
        try await with(engine) { shop in
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
