import AgentRuntime
import Crypto
import Experiments
import Storage
import Synchronization
import Testing

/// A provider that counts what it took, and can lose its voice.
private final class CountingProvider: PaymentProvider {
    struct State {
        var charged: [String: Money] = [:]
        var refunded: [String: Money] = [:]
        var asked = 0
        /// Answers are lost, though what was asked is done.
        var isMute = false
        /// Charges never arrive.
        var isGone = false
        var refusesRefunds = false
        /// What it takes in place of what is due.
        var takes: Money?
    }

    let name = "counting"
    let state = Mutex(State())

    func charge(_ request: ChargeRequest) async -> ChargeOutcome {
        state.withLock { state in
            state.asked += 1
            if state.isGone { return .unknown }
            if request.payment == "no" { return .declined(Decline(code: "no", detail: "No.")) }
            let amount = state.charged[request.key] ?? state.takes ?? request.amount
            state.charged[request.key] = amount
            return state.isMute ? .unknown : .paid(reference: "pay-\(request.key)", amount: amount)
        }
    }

    func find(_ request: ChargeRequest) async -> ChargeFinding {
        state.withLock { state in
            if state.isMute { return .known(.unknown) }
            let key = request.key
            return state.charged[key].map { .known(.paid(reference: "pay-\(key)", amount: $0)) } ?? .absent
        }
    }

    func refund(_ request: RefundRequest) async -> RefundOutcome {
        state.withLock { state in
            if state.refusesRefunds { return .refused(Decline(code: "no", detail: "No.")) }
            state.refunded[request.key] = request.amount
            return state.isMute ? .unknown : .succeeded(reference: "back-\(request.key)")
        }
    }
}

/// From quotes to orders, once, on every engine.
@Suite struct CheckoutContract {
    private func service(
        _ world: World, _ provider: (any PaymentProvider)? = nil, tax: TaxRule = .none,
        alarm: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> CheckoutService {
        let store = try store(of: world)
        return CheckoutService(
            pricing: world.service, store: store,
            providers: [provider ?? TestProvider(ledger: store, clock: world.clock)], tax: tax, alarm: alarm)
    }

    private func store(of world: World) throws -> any CheckoutStore {
        try #require(world.service.store as? any CheckoutStore)
    }

    private func checkout(
        _ shopper: String = "s-1", quantity: Int64 = 1, in world: World, _ service: CheckoutService
    ) async throws -> Checkout {
        let quote = try await world.quote(shopper)
        return try await service.create(
            CheckoutDraft(lines: [.init(quote: quote.id.description, quantity: quantity)]), in: try world.snapshot)
    }

    /// Orders, gross and refunds of all shoppers, from counts that agree with the events.
    private func counted(_ experiment: ExperimentID, in world: World) async throws -> (orders: Int64, revenue: Int128) {
        let sums = try await world.sums(experiment).values
        return (sums.reduce(0) { $0 + $1.orders }, sums.reduce(0) { $0 + $1.revenue.sum })
    }

    @Test(arguments: Engine.allCases)
    func `a hundred who complete one checkout at once are told of one order, paid once and counted once`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, experiment in
            let provider = CountingProvider()
            let service = try service(world, provider)
            let checkout = try await checkout(quantity: 3, in: world, service)
            let snapshot = try world.snapshot
            let orders = try await withThrowingTaskGroup(of: OrderID.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        let done = try await service.complete(
                            checkout.id, totalsHash: checkout.totalsHash, in: snapshot)
                        guard case .completed(_, let order) = done else { throw CheckoutError.notFound }
                        return order.id
                    }
                }
                return try await group.reduce(into: Set<OrderID>()) { $0.insert($1) }
            }
            #expect(orders.count == 1)
            #expect(provider.state.withLock { $0.charged } == [checkout.attemptKey: checkout.totals.charge])
            #expect(try await service.orders(before: nil, limit: 10, in: snapshot).map(\.id) == Array(orders))
            let counted = try await counted(experiment, in: world)
            #expect(counted.orders == 1 && counted.revenue == Int128(checkout.totals.total))
            let quote = try await world.service.quote(checkout.lines[0].quote, in: snapshot)
            #expect(quote?.state == .accepted)
        }
    }

    @Test(arguments: Engine.allCases)
    func `what is read is what was kept, and a stranger finds nothing`(engine: Engine) async throws {
        try await World.with(engine) { world, _ in
            let service = try service(world, tax: try #require(TaxRule(millionths: 77_500, isIncluded: false)))
            let store = try store(of: world)
            let quote = try await world.quote("s-1")
            let buyer = Buyer(name: "Größe “1” 🫖", email: "a@b.example", country: "DE")
            let made = try await service.create(
                CheckoutDraft(lines: [.init(quote: quote.token, quantity: 7)], buyer: buyer), in: try world.snapshot)
            #expect(try await store.checkout(made.id, in: world.tenant) == made)
            #expect(made.lines[0].unitPrice == quote.price.amount)
            let done = try await service.complete(made.id, totalsHash: made.totalsHash, in: try world.snapshot)
            guard case .completed(let completed, let order) = done else {
                Issue.record("not completed")
                return
            }
            #expect(try await store.checkout(made.id, in: world.tenant) == completed)
            #expect(try await store.order(order.id, in: world.tenant) == order)
            #expect(order.totals == made.totals && order.buyer == buyer && order.uncounted.isEmpty)
            #expect(order.payment.provider == "test")

            let stranger: TenantID = world.service.identifiers.next(at: world.clock.now())
            #expect(try await store.checkout(made.id, in: stranger) == nil)
            #expect(try await store.order(order.id, in: stranger) == nil)
            #expect(try await store.orders(in: stranger, before: nil, limit: 10).isEmpty)
            #expect(try await store.testPayment(made.attemptKey, in: stranger) == nil)
            #expect(try await store.testPayment(made.attemptKey, in: world.tenant)?.amount == made.totals.charge)
        }
    }

    /// Exclusive and inclusive, by the tenant's own rates: on every engine the settings are kept, and total, order, revenue
    /// and what refunds take of it agree.
    @Test(arguments: Engine.allCases, [true, false])
    func `what is charged is goods and tax, and what is counted is without the tax`(
        engine: Engine, isIncluded: Bool
    ) async throws {
        try await World.with(engine) { world, experiment in
            let store = try store(of: world)
            var tenant = try world.snapshot.tenant
            tenant.taxes = TaxSettings(
                isIncluded: isIncluded,
                rates: [.init(place: "US-NY", millionths: 88_750), .init(place: "DE", millionths: 190_000)], home: "DE")
            tenant.disclosure = DisclosureSettings(prices: .experiments, unknownPlace: "US-TX")
            let changed = tenant
            try await world.service.change(world.tenant, actor: "test", requestID: "r") {
                _, _ throws(ConfigurationError) in
                Decided([.tenant(changed)], action: "taxes.change", target: "t", answer: ())
            }
            #expect(try await world.service.store.load([world.tenant]).first?.tenant == tenant)
            let provider = CountingProvider()
            let service = CheckoutService(pricing: world.service, store: store, providers: [provider])
            let quote = try await world.quote("s-1")
            let checkout = try await service.create(
                CheckoutDraft(
                    lines: [.init(quote: quote.id.description, quantity: 3)],
                    buyer: Buyer(country: "US", region: "NY")), in: try world.snapshot)
            let goods = quote.price.amount * 3
            let rule = try #require(TaxRule(millionths: 88_750, isIncluded: isIncluded))
            #expect(checkout.totals.tax == rule.tax(on: goods) && checkout.totals.tax > 0)
            #expect(checkout.totals.total == (isIncluded ? goods : goods + checkout.totals.tax))
            #expect(checkout.lines[0].disclosure?.jurisdiction == "US-NY")
            #expect(try await store.checkout(checkout.id, in: world.tenant) == checkout)
            let done = try await service.complete(
                checkout.id, totalsHash: checkout.totalsHash, in: try world.snapshot)
            guard case .completed(_, let order) = done else {
                Issue.record("not completed")
                return
            }
            #expect(provider.state.withLock { $0.charged } == [checkout.attemptKey: checkout.totals.charge])
            #expect(try await store.order(order.id, in: world.tenant) == order)
            #expect(try await counted(experiment, in: world).revenue == Int128(checkout.totals.net))
            for amount in [1, 777, nil] as [Int64?] {
                _ = try await service.refund(
                    order.id, amount: amount.map { Money(amount: $0, currency: order.totals.currency) },
                    in: try world.snapshot)
            }
            let left = try await world.sums(experiment).values.reduce(Int128(0)) { $0 + $1.revenue.sum }
            #expect(left == 0)
        }
    }

    @Test(arguments: Engine.allCases)
    func `orders are listed newest first, page by page`(engine: Engine) async throws {
        try await World.with(engine) { world, _ in
            let service = try service(world)
            var placed: [OrderID] = []
            for number in 0..<5 {
                world.clock.advance(by: .seconds(1))
                let checkout = try await checkout("s-\(number)", in: world, service)
                let done = try await service.complete(
                    checkout.id, totalsHash: checkout.totalsHash, in: try world.snapshot)
                if case .completed(_, let order) = done { placed.insert(order.id, at: 0) }
            }
            #expect(placed.count == 5)
            let first = try await service.orders(before: nil, limit: 3, in: try world.snapshot)
            #expect(first.map(\.id) == Array(placed.prefix(3)))
            let rest = try await service.orders(before: first.last?.id, limit: 3, in: try world.snapshot)
            #expect(rest.map(\.id) == Array(placed.suffix(2)))
        }
    }

    @Test(arguments: Engine.allCases)
    func `what expired is refused, and a stopped experiment's price holds until it does`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            let service = try service(world)
            let honoured = try await checkout("s-1", in: world, service)
            let late = try await checkout("s-2", in: world, service)
            let quote = late.lines[0].quote
            try await world.act(.complete, experiment)
            world.clock.advance(by: .seconds(29 * 60))
            let done = try await service.complete(honoured.id, totalsHash: honoured.totalsHash, in: try world.snapshot)
            guard case .completed(_, let order) = done else {
                Issue.record("not completed")
                return
            }
            #expect(order.lines[0].unitPrice == honoured.lines[0].unitPrice)
            #expect(try await counted(experiment, in: world).orders == 1)
            world.clock.advance(by: .seconds(66))
            let expired = CheckoutError.expired(at: late.expiresAt)
            await #expect(throws: expired) {
                try await service.complete(late.id, totalsHash: late.totalsHash, in: try world.snapshot)
            }
            #expect(try await store(of: world).checkout(late.id, in: world.tenant)?.status == .expired)
            await #expect(throws: expired) { try await service.cancel(late.id, in: try world.snapshot) }
            await #expect(
                throws: CheckoutError.quotesExpired(
                    Faults([Fault("/lines/0/quote", "This quote expired; ask for the price again.")]))
            ) {
                try await service.create(CheckoutDraft(lines: [.init(quote: "\(quote)")]), in: try world.snapshot)
            }
            #expect(try await counted(experiment, in: world).orders == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `a crash after the charge leaves one order, whoever comes by first`(engine: Engine) async throws {
        for way in 0..<3 {
            try await World.with(engine) { world, experiment in
                let provider = CountingProvider()
                let service = try service(world, provider)
                let checkout = try await checkout(in: world, service)
                // The charge is made, and whoever asked for it dies before it hears.
                provider.state.withLock { $0.isMute = true }
                let first = try await service.complete(
                    checkout.id, totalsHash: checkout.totalsHash, in: try world.snapshot)
                guard case .pending = first else {
                    Issue.record("\(first)")
                    return
                }
                let left = try await store(of: world).unfinished(in: world.tenant, limit: 10)
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
                #expect(try await counted(experiment, in: world).orders == 1)
                let none = try await store(of: world).unfinished(in: world.tenant, limit: 10)
                #expect(none.checkouts.isEmpty && none.orders.isEmpty)
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `a crash before the charge lets the buyer try again under the same key`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            let provider = CountingProvider()
            provider.state.withLock { $0.isGone = true }
            let service = try service(world, provider)
            let checkout = try await checkout(in: world, service)
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
            #expect(try await counted(experiment, in: world).orders == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `what was declined may be tried again, and what was canceled may not`(engine: Engine) async throws {
        try await World.with(engine) { world, _ in
            let service = try service(world)
            let made = try await checkout(in: world, service)
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

            let other = try await checkout("s-2", in: world, service)
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
            let service = try service(world, provider, alarm: { _ in alarms.withLock { $0 += 1 } })
            let usd = try #require(World.usd)
            provider.state.withLock { $0.takes = Money(amount: 1, currency: usd) }
            let cheap = try await checkout(in: world, service)
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
            let late = try self.service(world, slow, alarm: { _ in alarms.withLock { $0 += 1 } })
            let checkout = try await checkout("s-2", in: world, late)
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
            #expect(try await counted(experiment, in: world).orders == 0)
        }
    }

    /// Passes on, and lets something happen before it does.
    private final class SlowProvider: PaymentProvider {
        let name = "counting"
        let inner: CountingProvider
        let meanwhile = Mutex<@Sendable () async -> Void>({})

        init(_ inner: CountingProvider) { self.inner = inner }

        func charge(_ request: ChargeRequest) async -> ChargeOutcome {
            await meanwhile.withLock { $0 }()
            return await inner.charge(request)
        }
        func find(_ request: ChargeRequest) async -> ChargeFinding { await inner.find(request) }
        func refund(_ request: RefundRequest) async -> RefundOutcome { await inner.refund(request) }
    }

    @Test(arguments: Engine.allCases)
    func `a checkout begun here is a stage of its shopper's way, whether it is paid or not`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, experiment in
            let service = try service(world)
            func tally(_ place: Int32) async throws -> Tally {
                _ = try await world.sums(experiment)
                let read = try await world.service.store.measurements(of: experiment, in: world.tenant, asOf: nil)
                return (read?.tallies ?? [:]).reduce(Tally()) {
                    $1.key.series == TallySeries.shoppers && $1.key.place == place ? $0 + $1.value : $0
                }
            }
            let first = try await checkout("s-1", in: world, service)
            _ = try await checkout("s-1", in: world, service)
            _ = try await checkout("s-2", in: world, service)
            // Who is only evaluated hears the price with the checkout.
            let quote = try await world.quote("s-3", expose: false)
            let draft = CheckoutDraft(lines: [.init(quote: quote.id.description)])
            _ = try await service.create(draft, in: try world.snapshot)
            _ = try await world.quote("s-4")
            #expect(try await tally(0) == Tally(units: 4, sum: 4))
            #expect(try await tally(2) == Tally(units: 3, sum: 3))
            _ = try await service.complete(first.id, totalsHash: first.totalsHash, in: try world.snapshot)
            #expect(try await tally(2) == Tally(units: 3, sum: 2))
        }
    }

    @Test(arguments: Engine.allCases)
    func `refunds at once never come to more than was paid, and the report counts each`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            let service = try service(world)
            let checkout = try await checkout(quantity: 10, in: world, service)
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
            #expect(try await counted(experiment, in: world).revenue == Int128(left))

            // The request that comes again goes on with the refund that it began.
            let name = Bits128(high: 5, low: 5)
            if left > 0 {
                let first = try await service.refund(order.id, amount: nil, request: name, in: snapshot)
                let second = try await service.refund(order.id, amount: nil, request: name, in: snapshot)
                #expect(first.refund == second.refund && first.refund.amount == left)
            }
            #expect(try await counted(experiment, in: world).revenue == 0)
            await #expect(throws: CheckoutError.self) { try await service.refund(order.id, amount: nil, in: snapshot) }
        }
    }

    @Test(arguments: Engine.allCases)
    func `a refund whose answer was lost is finished later, once`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            let provider = CountingProvider()
            let service = try service(world, provider)
            let checkout = try await checkout(in: world, service)
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
            #expect(try await store(of: world).unfinished(in: world.tenant, limit: 9).orders == [order.id])
            #expect(try await counted(experiment, in: world).revenue == Int128(order.totals.total))
            provider.state.withLock { $0.isMute = false }
            try await service.finish(world.tenant)
            try await service.finish(world.tenant)
            #expect(try await service.order(order.id, in: snapshot).isUnfinished == false)
            #expect(provider.state.withLock { $0.refunded.count } == 1)
            #expect(try await counted(experiment, in: world).revenue == 0)
        }
    }

    @Test(arguments: Engine.allCases)
    func `whoever is erased is forgotten under every id, and the books stay as they were`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            let service = try service(world)
            var made: [Checkout] = []
            for shopper in ["s-1", "s-2", "s-3"] {
                for isPaid in [true, false] {
                    let quote = try await world.quote(shopper)
                    let checkout = try await service.create(
                        CheckoutDraft(lines: [.init(quote: quote.token)], buyer: Buyer(name: shopper)),
                        in: try world.snapshot)
                    made.append(checkout)
                    guard isPaid else { continue }
                    _ = try await service.complete(
                        checkout.id, totalsHash: checkout.totalsHash, in: try world.snapshot)
                }
            }
            let keys = try ["s-1", "s-2"].map { try #require(TenantKey($0)) }
            _ = try await world.service.link(keys[0], keys[1], in: try world.snapshot, actor: "test", requestID: "r")
            let before = try await counted(experiment, in: world)
            #expect(try await service.eraseBuyer(keys[1], in: try world.snapshot) == 6)
            #expect(try await service.eraseBuyer(keys[0], in: try world.snapshot) == 0)
            for (number, checkout) in made.enumerated() {
                let (seen, order) = try await service.read(checkout.id, in: try world.snapshot)
                #expect((seen.buyer == nil) == (number < 4))
                #expect(seen.totals == checkout.totals && seen.totalsHash == checkout.totalsHash)
                #expect((order != nil) == number.isMultiple(of: 2))
                if let order { #expect((order.buyer == nil) == (number < 4)) }
            }
            // What is open can still be paid, and agrees to the same.
            _ = try await service.complete(made[1].id, totalsHash: made[1].totalsHash, in: try world.snapshot)
            let after = try await counted(experiment, in: world)
            #expect(after.revenue == before.revenue + Int128(made[1].totals.total))
            let stranger: TenantID = world.service.identifiers.next(at: world.clock.now())
            let nothing = try await store(of: world).purchases(of: made[0].subject, in: stranger)
            #expect(nothing.checkouts.isEmpty && nothing.orders.isEmpty)
        }
    }

    @Test(arguments: Engine.allCases)
    func `a price that was only evaluated is told by the checkout, so that its sale counts`(engine: Engine) async throws
    {
        try await World.with(engine) { world, experiment in
            let service = try service(world)
            let quote = try await world.quote("s-1", expose: false)
            #expect(quote.state == .evaluated)
            let checkout = try await service.create(
                CheckoutDraft(lines: [.init(quote: "\(quote.id)")]), in: try world.snapshot)
            #expect(try await world.service.quote(quote.id, in: try world.snapshot)?.state == .quoted)
            _ = try await service.complete(checkout.id, totalsHash: checkout.totalsHash, in: try world.snapshot)
            #expect(try await counted(experiment, in: world).orders == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `a step and the reply to it are one, and both are kept once`(engine: Engine) async throws {
        try await World.with(engine) { world, _ in
            let service = try service(world)
            let scope = ReplyScope(tenant: world.tenant, hash: Bits128(high: 7, low: 9))
            let reply = SavedReply(
                scope: scope, bodyHash: Bits128(high: 1, low: 2), status: 201, sealedBody: [0, 255],
                at: world.clock.now())
            let quote = try await world.quote("s-1")
            let draft = CheckoutDraft(lines: [.init(quote: "\(quote.id)")])
            let snapshot = try world.snapshot
            let outcomes = await withTaskGroup(of: Result<CheckoutID, CheckoutError>.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        do throws(CheckoutError) {
                            return .success(try await service.create(draft, in: snapshot) { _ in reply }.id)
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let made = outcomes.compactMap { try? $0.get() }
            #expect(made.count == 1)
            for case .failure(let error) in outcomes { #expect(error == .store(.repeated(reply))) }
            #expect(try await world.service.store.reply(in: scope, at: world.clock.now()) == reply)
            // What is behind what is stored is not kept.
            let store = try store(of: world)
            let first = try #require(made.first)
            let checkout = try #require(try await store.checkout(first, in: world.tenant))
            let next = try checkout.canceled(at: world.clock.now())
            func keep(_ checkout: Checkout) async throws -> CheckoutCommitted {
                try await store.commit(CheckoutCommit(checkout: checkout), in: snapshot, at: world.clock.now())
            }
            #expect(try await keep(checkout) == .stale)
            #expect(try await keep(next) == .kept(nil))
            #expect(try await keep(next) == .stale)
        }
    }

    @Test func `each line that cannot be sold is named, all at once`() async throws {
        try await World.with(.memory) { world, _ in
            let service = try service(world)
            let mine = try await world.quote("s-1")
            let other = try await world.quote("s-2")
            let draft = CheckoutDraft(
                lines: [
                    .init(quote: "\(mine.id)"), .init(quote: "quo_nothing"), .init(quote: mine.token),
                    .init(quote: "\(other.id)"), .init(quote: "\(other.id)", quantity: 0),
                ], buyer: Buyer(name: "", country: "Germany"), provider: "bank")
            do {
                _ = try await service.create(draft, in: try world.snapshot)
                Issue.record("it was made")
            } catch CheckoutError.invalid(let faults) {
                #expect(
                    faults.list.map(\.pointer) == [
                        "/buyer/name", "/buyer/country", "/provider", "/lines/1/quote", "/lines/2/quote",
                        "/lines/3/quote", "/lines/4/quote",
                    ])
            }
            let nobody = CheckoutService(pricing: world.service, store: try store(of: world), providers: [])
            await #expect(throws: CheckoutError.noProvider) {
                try await nobody.create(CheckoutDraft(lines: [.init(quote: "\(mine.id)")]), in: try world.snapshot)
            }
        }
    }
}
