import AgentRuntime
import Experiments
import Synchronization
import Testing

/// From quotes to orders, once, on every engine.
@Suite struct CheckoutContract {
    @Test(arguments: Engine.allCases)
    func `a hundred who complete one checkout at once are told of one order, paid once and counted once`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, experiment in
            let provider = CountingProvider()
            let service = try world.selling(by: provider)
            let checkout = try await world.checkout(quantity: 3, with: service)
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
            let counted = try await world.counted(experiment)
            #expect(counted.orders == 1 && counted.revenue == Int128(checkout.totals.total))
            let quote = try await world.service.quote(checkout.lines[0].quote, in: snapshot)
            #expect(quote?.state == .accepted)
        }
    }

    @Test(arguments: Engine.allCases)
    func `a token says what was told, whether the store has heard of it or not`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            let snapshot = try world.snapshot
            let usd = try #require(World.usd)
            let now = world.clock.now()
            func sealed(_ tail: UInt64, _ placement: Offer.Placement?, _ price: Int64) throws -> SealedQuote {
                SealedQuote(
                    tenant: world.tenant, quote: QuoteID(tail: tail, issuedAt: now),
                    subject: snapshot.subject(of: try #require(TenantKey("s-\(tail)"))),
                    product: try #require(World.sku), placement: placement, price: Money(amount: price, currency: usd),
                    maximumQuantity: 10, expiresAt: now.advanced(by: .seconds(1800)))
            }
            let service = try world.selling()
            let told = [
                try sealed(77, nil, 4242),
                try sealed(78, Offer.Placement(experiment: experiment, variant: 1), 2499),
            ]
            for sealed in told {
                let checkout = try await service.create(
                    CheckoutDraft(lines: [.init(quote: snapshot.seal.seal(sealed))]), in: snapshot)
                #expect(checkout.lines[0].unitPrice == sealed.price.amount)
                let done = try await service.complete(checkout.id, totalsHash: checkout.totalsHash, in: snapshot)
                guard case .completed(_, let order) = done else {
                    Issue.record("not completed")
                    continue
                }
                #expect(order.totals.total == sealed.price.amount && order.uncounted.isEmpty)
            }
            // Whoever was told an experiment's price is in it, with that price from now on.
            #expect(try await world.quote("s-78").price.amount == 2499)
            #expect(try await world.sums(experiment).values.map(\.units).reduce(0, +) == 1)
            #expect(try await world.counted(experiment).orders == 1)
            // Sealed by somebody else: nobody told it.
            let forged = QuoteSeal(key: [UInt8](repeating: 9, count: 32)).seal(try sealed(79, nil, 1))
            await #expect(
                throws: CheckoutError.invalid(Faults([Fault("/lines/0/quote", "There is no such quote.")]))
            ) { try await service.create(CheckoutDraft(lines: [.init(quote: forged)]), in: snapshot) }
        }
    }

    @Test(arguments: Engine.allCases)
    func `what is read is what was kept, and a stranger finds nothing`(engine: Engine) async throws {
        try await World.with(engine) { world, _ in
            let service = try world.selling(tax: try #require(TaxRule(millionths: 77_500, isIncluded: false)))
            let store = try world.checkouts
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
            let service = try world.selling(by: provider)
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
            #expect(try await world.checkouts.checkout(checkout.id, in: world.tenant) == checkout)
            let done = try await service.complete(
                checkout.id, totalsHash: checkout.totalsHash, in: try world.snapshot)
            guard case .completed(_, let order) = done else {
                Issue.record("not completed")
                return
            }
            #expect(provider.state.withLock { $0.charged } == [checkout.attemptKey: checkout.totals.charge])
            #expect(try await world.checkouts.order(order.id, in: world.tenant) == order)
            #expect(try await world.counted(experiment).revenue == Int128(checkout.totals.net))
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
            let service = try world.selling()
            var placed: [OrderID] = []
            for number in 0..<5 {
                world.clock.advance(by: .seconds(1))
                let checkout = try await world.checkout("s-\(number)", with: service)
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
            let service = try world.selling()
            let honoured = try await world.checkout("s-1", with: service)
            let late = try await world.checkout("s-2", with: service)
            let quote = late.lines[0].quote
            try await world.act(.complete, experiment)
            world.clock.advance(by: .seconds(29 * 60))
            let done = try await service.complete(honoured.id, totalsHash: honoured.totalsHash, in: try world.snapshot)
            guard case .completed(_, let order) = done else {
                Issue.record("not completed")
                return
            }
            #expect(order.lines[0].unitPrice == honoured.lines[0].unitPrice)
            #expect(try await world.counted(experiment).orders == 1)
            world.clock.advance(by: .seconds(66))
            let expired = CheckoutError.expired(at: late.expiresAt)
            await #expect(throws: expired) {
                try await service.complete(late.id, totalsHash: late.totalsHash, in: try world.snapshot)
            }
            #expect(try await world.checkouts.checkout(late.id, in: world.tenant)?.status == .expired)
            await #expect(throws: expired) { try await service.cancel(late.id, in: try world.snapshot) }
            await #expect(
                throws: CheckoutError.quotesExpired(
                    Faults([Fault("/lines/0/quote", "This quote expired; ask for the price again.")]))
            ) {
                try await service.create(CheckoutDraft(lines: [.init(quote: "\(quote)")]), in: try world.snapshot)
            }
            #expect(try await world.counted(experiment).orders == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `a checkout begun here is a stage of its shopper's way, whether it is paid or not`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, experiment in
            let service = try world.selling()
            func tally(_ place: Int32) async throws -> Tally {
                _ = try await world.sums(experiment)
                let read = try await world.service.store.measurements(of: experiment, in: world.tenant, asOf: nil)
                return (read?.tallies ?? [:]).reduce(Tally()) {
                    $1.key.series == TallySeries.shoppers && $1.key.place == place ? $0 + $1.value : $0
                }
            }
            let first = try await world.checkout("s-1", with: service)
            _ = try await world.checkout("s-1", with: service)
            _ = try await world.checkout("s-2", with: service)
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
    func `a price that was only evaluated is told by the checkout, so that its sale counts`(engine: Engine) async throws
    {
        try await World.with(engine) { world, experiment in
            let service = try world.selling()
            let quote = try await world.quote("s-1", expose: false)
            #expect(quote.state == .evaluated)
            let checkout = try await service.create(
                CheckoutDraft(lines: [.init(quote: "\(quote.id)")]), in: try world.snapshot)
            #expect(try await world.service.quote(quote.id, in: try world.snapshot)?.state == .quoted)
            _ = try await service.complete(checkout.id, totalsHash: checkout.totalsHash, in: try world.snapshot)
            #expect(try await world.counted(experiment).orders == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `a step and the reply to it are one, and both are kept once`(engine: Engine) async throws {
        try await World.with(engine) { world, _ in
            let service = try world.selling()
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
            let store = try world.checkouts
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

    @Test(arguments: Engine.allCases)
    func `whoever is erased is forgotten under every id, and the books stay as they were`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            let service = try world.selling()
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
            let before = try await world.counted(experiment)
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
            let after = try await world.counted(experiment)
            #expect(after.revenue == before.revenue + Int128(made[1].totals.total))
            let stranger: TenantID = world.service.identifiers.next(at: world.clock.now())
            let nothing = try await world.checkouts.purchases(of: made[0].subject, in: stranger)
            #expect(nothing.checkouts.isEmpty && nothing.orders.isEmpty)
        }
    }

    @Test func `each line that cannot be sold is named, all at once`() async throws {
        try await World.with(.memory) { world, _ in
            let service = try world.selling()
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
            let nobody = CheckoutService(pricing: world.service, store: try world.checkouts, providers: [])
            await #expect(throws: CheckoutError.noProvider) {
                try await nobody.create(CheckoutDraft(lines: [.init(quote: "\(mine.id)")]), in: try world.snapshot)
            }
        }
    }
}
