import AgentRuntime
import Crypto
import Experiments
import Testing

/// A world with something in every table, and what was told in it.
struct LivedWorld {
    let world: World
    let experiment: ExperimentID
    let told: Told

    /// What was told and counted, to be asked for again.
    struct Told {
        var prices: [String: Money] = [:]
        var events: [EventDraft] = []
        var quotes: [QuoteID] = []
        var scope: ReplyScope?
        var report: Measurements?
        var asOf: Timestamp?
        var decision: DecisionRecord?
        var order: Order?
        var checkout: Checkout?
    }

    private static let conversation = ConversationID(bits: Bits128(high: 1 << 20, low: 1 << 63))

    /// A world on `first`, lived in and closed.
    static func on(_ first: TransferPlace, _ body: (LivedWorld) async throws -> Void) async throws {
        let store = try await first.open()
        try await World.on(store, first.path.isEmpty ? .postgres : .sqlite, path: first.path) { world, experiment in
            let told = try await live(in: world, experiment)
            await store.close()
            try await body(LivedWorld(world: world, experiment: experiment, told: told))
        }
    }

    /// A world with something in every table.
    private static func live(in world: World, _ experiment: ExperimentID) async throws -> Told {
        var told = Told()
        for number in 0..<60 {
            world.clock.advance(by: .seconds(3600))
            if number == 20 { try await world.reweigh([1, 3], experiment) }
            if number == 40 {
                let key = APIKey(
                    id: world.service.identifiers.next(at: world.clock.now()), role: .agent, name: "Größe \"1\"",
                    hash: SHA256.hash("key"), createdAt: world.clock.now(),
                    allowedAddresses: [try #require(AddressRange("10.0.0.0/8"))])
                let scope = ReplyScope(tenant: world.tenant, hash: Bits128(high: 7, low: 9))
                let reply = SavedReply(
                    scope: scope, bodyHash: Bits128(high: 1, low: 2), status: 201, sealedBody: [0, 1, 255],
                    at: world.clock.now())
                _ = try await world.service.store.commit(
                    Commit(
                        tenant: world.tenant, expectedVersion: try world.snapshot.version, changes: [.key(key)],
                        audit: AuditDraft(
                            at: world.clock.now(), actor: "test", action: "key.create", target: "k", requestID: "r"),
                        reply: reply)
                ) { _ in }
                try await world.service.refresh()
                told.scope = scope
            }
            let quote = try await world.quote("s-\(number)", expose: number % 7 != 0)
            told.quotes.append(quote.id)
            var events = [world.event("view-\(number)", "view", "s-\(number)")]
            if number % 2 == 0 {
                events.append(
                    world.event("sale-\(number)", "conversion", "s-\(number)", after: .seconds(1)) {
                        $0.quote = quote.id.description
                        $0.order = "o-\(number)"
                        $0.quantity = Int64(number % 3 + 1)
                    })
            }
            if number % 10 == 0 {
                events.append(
                    world.event("refund-\(number)", "refund", "s-\(number)", after: .seconds(2)) {
                        $0.order = "o-\(number)"
                        $0.revenue = World.usd.map { Money(amount: 100, currency: $0) }
                    })
            }
            world.clock.advance(by: .seconds(10))
            #expect(try await world.service.ingest(events, in: try world.snapshot).allSatisfy { $0 == .accepted })
            told.events += events
        }
        for pair in [(0, 1), (2, 3), (3, 4)] {
            let keys = try [pair.0, pair.1].map { try #require(TenantKey("s-\($0)")) }
            #expect(
                try await world.service.link(keys[0], keys[1], in: try world.snapshot, actor: "test", requestID: "r"))
        }
        try await world.put(sku: "sku-2", price: 100, cost: nil)
        for version in 0..<3 {
            try await world.service.store.append(
                ConversationContract.turn(conversation, after: version), in: world.tenant)
        }
        let selling = try world.selling()
        for shopper in ["s-5", "s-6"] {
            let quote = try await world.quote(shopper)
            let made = try await selling.create(
                CheckoutDraft(lines: [.init(quote: quote.token, quantity: 3)], buyer: Buyer(name: "Größe \"1\"")),
                in: try world.snapshot)
            guard shopper == "s-5" else {
                told.checkout = made
                continue
            }
            guard
                case .completed(_, let order) = try await selling.complete(
                    made.id, totalsHash: made.totalsHash, in: try world.snapshot)
            else { continue }
            let part = Money(amount: 7, currency: order.totals.currency)
            told.order = try await selling.refund(order.id, amount: part, in: try world.snapshot).order
        }
        try await askModels(in: world, experiment)
        told.decision = try await DecisionContract.decide(.ship, on: experiment, in: world)
        for number in 0..<60 { told.prices["s-\(number)"] = try await world.quote("s-\(number)").price }
        let measured = try #require(
            try await world.service.store.measurements(of: experiment, in: world.tenant, asOf: nil))
        told.asOf = measured.asOf
        told.report = measured
        return told
    }

    private static func askModels(in world: World, _ experiment: ExperimentID) async throws {
        let ledger = try #require(world.service.store as? any ModelLedger)
        let plenty = ModelCost(picodollars: 1_000_000)
        for number in 0..<3 {
            let now = world.clock.now()
            let asked = ModelReservation(
                id: world.service.identifiers.next(at: now), conversation: conversation, model: "test/model",
                most: ModelCost(picodollars: 100), at: now)
            #expect(try await ledger.reserve(asked, ofDay: plenty, ofConversation: plenty, in: world.tenant))
            // The last stays unsettled.
            guard number < 2 else { break }
            let charge = ModelCharge(
                model: "test/model", usage: ModelUsage(input: 7, output: 2), cost: ModelCost(picodollars: 9),
                isAnswered: true)
            try await ledger.settle(asked, [charge], in: world.tenant)
        }
        let vectors = try #require(world.service.store as? any VectorStore)
        let sku = try #require(TenantKey("sku-1"))
        let product = try #require(try world.snapshot.catalogue[sku]?.product)
        try await vectors.keep(
            [ProductVector(sku: product.sku, content: ProductVector.content(of: product), bytes: [0, 1, 128, 255])],
            of: "größe/1", in: world.tenant)
        try await ledger.note(
            [ModelArm(experiment: experiment, variant: "control")], of: conversation, in: world.tenant)
    }

    /// The store there behaves as the one before did.
    func check(_ place: TransferPlace) async throws {
        let store = try await place.open()
        let copy = try await world.replica(on: store)
        let recorded = try await store.measurements(of: experiment, in: world.tenant, asOf: told.asOf)
        #expect(recorded == told.report)
        #expect(try await store.measurements(of: experiment, in: world.tenant, asOf: nil) == told.report)
        #expect(try await store.recount(of: experiment, in: try copy.snapshot) == told.report?.counts)
        for (shopper, price) in told.prices { #expect(try await copy.quote(shopper).price == price) }
        let again = try await copy.service.ingest(told.events, in: try copy.snapshot)
        #expect(again.count == told.events.count && again.allSatisfy { $0 == .duplicate })
        for quote in told.quotes { #expect(try await copy.service.quote(quote, in: try copy.snapshot) != nil) }
        let reply = try await store.reply(in: try #require(told.scope), at: world.clock.now())
        #expect(reply?.sealedBody == [0, 1, 255])
        let decisions = try await store.decisions(of: experiment, in: world.tenant, before: nil, limit: 10)
        #expect(decisions == [told.decision])
        let said = try await store.messages(of: Self.conversation, in: world.tenant, after: 0, limit: 10)
        #expect(said.map(\.number) == [1, 2, 3])
        #expect(try await store.conversation(Self.conversation, in: world.tenant)?.version == 3)
        let selling = try copy.selling()
        let (order, checkout) = (try #require(told.order), try #require(told.checkout))
        #expect(try await selling.order(order.id, in: try copy.snapshot) == order)
        #expect(try await selling.read(checkout.id, in: try copy.snapshot).checkout == checkout)
        let sale = copy.event("new-sale", "conversion", "s-1") { $0.order = "o-new" }
        #expect(try await copy.send(sale) == [.accepted])
        _ = try await copy.sums(experiment)
        await store.close()
    }
}
