import Experiments
import Storage
import Synchronization
import Testing

@Suite struct StoreContract {
    @Test(arguments: Engine.allCases)
    func `a shopper hears the same price before and after the weights change and the process restarts`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, experiment in
            var told: [String: Money] = [:]
            for index in 0..<200 { told["s-\(index)"] = try await world.quote("s-\(index)").price }
            #expect(Set(told.values).count == 2)
            try await world.reweigh([1, 99], experiment)
            let restarted = PricingService(
                store: world.service.store, clock: world.clock, identifiers: world.service.identifiers)
            try await restarted.load()
            for (shopper, price) in told {
                #expect(try await world.quote(shopper).price == price)
                let request = QuoteRequest(
                    shopper: try #require(TenantKey(shopper)), product: try #require(World.sku))
                let again = try await restarted.quote(request, in: try #require(restarted.snapshot(of: world.tenant)))
                #expect(again.price == price)
                #expect(again.reason == .sticky)
            }
            var higher = 0
            for index in 0..<200 where try await world.quote("new-\(index)").price.amount == 2499 { higher += 1 }
            #expect(higher > 180, "new shoppers follow the new weights")
            let sums = try await world.sums(experiment)
            #expect(sums.values.map(\.units).reduce(0, +) == 400)
        }
    }

    @Test(arguments: Engine.allCases)
    func `the same live quote is given again, and renewed at the same price`(engine: Engine) async throws {
        try await World.with(engine) { world, _ in
            let first = try await world.quote("s-1")
            world.clock.advance(by: .seconds(60))
            let again = try await world.quote("s-1")
            #expect(again.id == first.id)
            #expect(again.token == first.token)
            #expect(first.reason == .split && again.reason == .sticky)
            world.clock.advance(by: .seconds(3600))
            let later = try await world.quote("s-1")
            #expect(later.id != first.id)
            #expect(later.price == first.price)
            let read = try #require(try await world.service.quote(first.id, in: try world.snapshot))
            #expect(read.state == .expired)
            #expect(read.price == first.price)
        }
    }

    /// A spool of one process' memory.
    private final class HeldSpool: Spool {
        private let held: Mutex<[SpooledOffer]>

        init(_ offers: [SpooledOffer]) { held = Mutex(offers) }

        var isDurable: Bool { true }
        var count: Int { held.withLock { $0.count } }

        func keep(_ offers: [SpooledOffer]) async throws(StoreError) -> [Int64] { throw .full }

        func waiting(limit: Int) async throws(StoreError) -> [(number: Int64, offer: SpooledOffer)] {
            held.withLock { $0.enumerated().map { (Int64($0.offset), $0.element) } }
        }

        func drop(_ numbers: [Int64]) async throws(StoreError) { held.withLock { $0 = [] } }
    }

    @Test(arguments: Engine.allCases)
    func `what was told without the store stands beside what the store has, however often it is handed over`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, experiment in
            let standing = try await world.quote("s-1")
            let due = standing.variant == "control" ? 0 : 1
            let subject = try world.snapshot.subject(of: try #require(TenantKey("s-1")))
            func told(_ tail: UInt64, _ variant: Int) throws -> Offer {
                Offer(
                    tail: tail, subject: subject, product: try #require(World.sku),
                    placement: Offer.Placement(experiment: experiment, variant: variant),
                    price: 1999 + 500 * Int64(variant), currency: standing.price.currency, toldAt: world.clock.now(),
                    isExposed: true)
            }
            func handOver(_ offers: [Offer], conflicts: Int) async throws {
                for _ in 0..<2 {
                    let spool = HeldSpool(offers.map { SpooledOffer(tenant: world.tenant, offer: $0, phase: 0) })
                    let replica = try await world.replica(on: world.service.store, spool: spool)
                    try await replica.service.followOthers()
                    #expect(spool.count == 0)
                    #expect(replica.service.tally.replayed == (offers.count, conflicts))
                }
                for offer in offers {
                    let kept = try #require(try await world.service.store.offer(offer.tail, in: world.tenant))
                    #expect(kept.isSamePrice(as: offer) && kept.isRepeated && kept.toldAt == offer.toldAt)
                }
            }
            let again = try told(77, due)
            try await handOver([again], conflicts: 0)
            let fresh = try await world.replica(on: world.service.store)
            #expect(try await fresh.quote("s-1").id == standing.id)
            // A sale at the quote that was told again counts as any other.
            let quote = QuoteID(tail: 77, issuedAt: world.clock.now())
            let sale = world.event("e-1", "conversion", "s-1", after: .seconds(5)) {
                $0.quote = quote.description
                $0.order = "o-1"
            }
            #expect(try await fresh.send(sale) == [.accepted])
            let sums = try await world.sums(experiment).values
            #expect(sums.map(\.orders).reduce(0, +) == 1 && sums.map(\.excluded).reduce(0, +) == 0)
            // The other variant's price, which nobody should ever have told: who heard both leaves the analysis.
            try await handOver([again, try told(78, 1 - due)], conflicts: 1)
            #expect(try await fresh.quote("s-1").id == standing.id)
            let left = try await world.sums(experiment).values
            #expect(left.map(\.units).reduce(0, +) == 0 && left.map(\.excluded).reduce(0, +) == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `each event counts once, whatever is sent again and in whatever order`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            let quote = try await world.quote("s-1")
            let sale = world.event("e-1", "conversion", "s-1", after: .seconds(5)) {
                $0.quote = quote.id.description
                $0.order = "o-1"
            }
            let refund = world.event("e-2", "refund", "s-1", after: .seconds(9)) {
                $0.order = "o-1"
                $0.revenue = Money(amount: 100, currency: quote.price.currency)
            }
            #expect(try await world.send(refund, sale, sale) == [.accepted, .accepted, .duplicate])
            #expect(try await world.send(sale) == [.duplicate])
            let sums = try await world.sums(experiment)
            let cell = try #require(sums.values.first { $0.converted == 1 })
            #expect(cell.units == 1 && cell.orders == 1)
            #expect(cell.revenue.sum == Int128(quote.price.amount - 100))
            #expect(cell.profit.sum == Int128(quote.price.amount - 100 - 500))
            let read = try #require(try await world.service.quote(quote.id, in: try world.snapshot))
            #expect(read.state == .accepted)
        }
    }

    @Test(arguments: Engine.allCases)
    func `a large batch has each outcome in its event's place, and of an id that comes twice the first counts`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, experiment in
            for shopper in 0..<60 { _ = try await world.quote("s-\(shopper)") }
            world.clock.advance(by: .seconds(1))
            let batch = (0..<600).map { number in
                world.event("e-\(number)", "conversion", "s-\(number % 60)") {
                    $0.order = "o-\(number)"
                    if number % 7 == 3 { $0.product = "unknown" }
                    if number % 50 == 49 { $0.shopper = nil }
                }
            }
            let outcomes = try await world.service.ingest(batch, in: try world.snapshot)
            for (number, outcome) in outcomes.enumerated() {
                let isRight = number % 7 != 3 && number % 50 != 49
                #expect((outcome == .accepted) == isRight, "event \(number)")
            }
            let accepted = outcomes.count { $0 == .accepted }
            #expect(try await world.sums(experiment).values.map(\.orders).reduce(0, +) == Int64(accepted))
            let again = try await world.service.ingest(batch, in: try world.snapshot)
            #expect(again.count { $0 == .duplicate } == accepted)

            // Other shoppers' events under ids of the batch's first half.
            let twice = (0..<600).map { number in
                world.event("f-\(number % 300)", "conversion", number < 300 ? "s-1" : "s-\(number % 60)") {
                    $0.order = "p-\(number)"
                }
            }
            let told = try await world.service.ingest(twice, in: try world.snapshot)
            #expect(told == (0..<600).map { $0 < 300 ? .accepted : .duplicate })
            let sums = try await world.sums(experiment)
            #expect(sums.values.map(\.orders).reduce(0, +) == Int64(accepted + 300))
        }
    }

    @Test(arguments: Engine.allCases)
    func `an outcome that comes before its exposure waits for it, and one stamped before does not count`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, experiment in
            let quote = try await world.quote("s-1", expose: false)
            #expect(quote.state == .evaluated)
            let early = world.event("early", "conversion", "s-1", after: .seconds(-3600)) { $0.order = "o-0" }
            let sale = world.event("sale", "conversion", "s-1", after: .seconds(20)) { $0.order = "o-1" }
            #expect(try await world.send(early, sale) == [.accepted, .accepted])
            #expect(try await world.sums(experiment).isEmpty)
            let exposure = world.event("seen", "exposure", "s-1", after: .seconds(10)) {
                $0.quote = quote.id.description
            }
            #expect(try await world.send(exposure) == [.accepted])
            let sums = try await world.sums(experiment)
            #expect(sums.values.map(\.units).reduce(0, +) == 1)
            #expect(sums.values.map(\.orders).reduce(0, +) == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `a rejected event may come again mended, and a known id is a duplicate whatever it says`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, _ in
            _ = try await world.quote("s-1")
            let wrong = world.event("e-1", "conversion", "s-1") {
                $0.quote = "quo_" + String(repeating: "0", count: 32)
            }
            guard case .rejected(let rejection) = try await world.send(wrong)[0] else {
                Issue.record("an unknown quote was taken")
                return
            }
            #expect(rejection.code == .quoteNotFound)
            let mended = world.event("e-1", "conversion", "s-1", after: .seconds(1))
            #expect(try await world.send(mended) == [.accepted])
            world.clock.advance(by: .seconds(10 * 86_400))
            #expect(try await world.send(mended) == [.duplicate], "out of range by now, and known")
            #expect(try await world.send(wrong) == [.duplicate])
        }
    }

    @Test(arguments: Engine.allCases)
    func `two ids made one keep the first price, and leave the analysis if they saw both`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, experiment in
            var byPrice: [Int64: [String]] = [:]
            for index in 0..<40 {
                byPrice[try await world.quote("s-\(index)").price.amount, default: []].append("s-\(index)")
                world.clock.advance(by: .seconds(1))
            }
            let low = try #require(byPrice[1999])
            let high = try #require(byPrice[2499])
            let keys = try [low[0], high[0], low[1]].map { try #require(TenantKey($0)) }
            let first = try #require(
                [low[0], high[0]].min { (Int($0.dropFirst(2)) ?? 0) < (Int($1.dropFirst(2)) ?? 0) })
            let firstPrice = try await world.quote(first).price
            #expect(
                try await world.service.link(keys[0], keys[1], in: try world.snapshot, actor: "test", requestID: "r"))
            #expect(
                try await !world.service.link(keys[1], keys[0], in: try world.snapshot, actor: "test", requestID: "r"))
            #expect(try await world.quote(low[0]).price == firstPrice)
            #expect(try await world.quote(high[0]).price == firstPrice)
            #expect(
                try await world.service.link(keys[0], keys[2], in: try world.snapshot, actor: "test", requestID: "r"))
            let sums = try await world.sums(experiment)
            #expect(sums.values.map(\.excluded).reduce(0, +) == 1)
            #expect(sums.values.map(\.units).reduce(0, +) == 37)
        }
    }

    @Test(arguments: Engine.allCases)
    func `paused intake keeps known prices, and a completed experiment gives the list price`(
        engine: Engine
    ) async throws {
        try await World.with(engine, weights: [0, 1]) { world, experiment in
            #expect(try await world.quote("known").price.amount == 2499)
            try await world.act(.pause, experiment)
            #expect(try await world.quote("known").price.amount == 2499)
            let newcomer = try await world.quote("new")
            #expect(newcomer.price.amount == 1999 && newcomer.reason == .pausedIntake)
            try await world.act(.resume, experiment)
            #expect(try await world.quote("new").price.amount == 2499)
            try await world.act(.complete, experiment)
            let after = try await world.quote("known")
            #expect(after.price.amount == 1999 && after.reason == .noExperiment)
        }
    }

    @Test(arguments: Engine.allCases)
    func `a report asked again with its time reads the same counts`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            _ = try await world.quote("s-1")
            let store = world.service.store
            let first = try #require(try await store.measurements(of: experiment, in: world.tenant, asOf: nil))
            _ = try await world.quote("s-2")
            let second = try #require(try await store.measurements(of: experiment, in: world.tenant, asOf: nil))
            #expect(second.asOf > first.asOf)
            #expect(try await store.measurements(of: experiment, in: world.tenant, asOf: first.asOf) == first)
            #expect(try await store.measurements(of: experiment, in: world.tenant, asOf: second.asOf) == second)
        }
    }

    @Test(arguments: Engine.allCases)
    func `whoever only looks reads the same counts and leaves no record of it`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            _ = try await world.quote("s-1")
            let store = world.service.store
            let looked = try #require(try await store.newestCounts(of: experiment, in: world.tenant))
            #expect(try await store.countsChangedAt(of: experiment, in: world.tenant) == looked.asOf)
            #expect(try await store.measurements(of: experiment, in: world.tenant, asOf: looked.asOf) == nil)
            #expect(try await store.measurements(of: experiment, in: world.tenant, asOf: nil) == looked)
            #expect(try await store.measurements(of: experiment, in: world.tenant, asOf: looked.asOf) == looked)
            let stranger = world.service.identifiers.next(at: world.clock.now()) as TenantID
            #expect(try await store.newestCounts(of: experiment, in: stranger) == nil)
            #expect(try await store.countsChangedAt(of: experiment, in: stranger) == nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `old records are thinned to the last of each day and those decided by, and the young are all kept`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, experiment in
            let store = world.service.store
            var recorded: [Timestamp] = []
            for shopper in 0..<6 {
                _ = try await world.quote("s-\(shopper)")
                recorded.append(
                    try #require(try await store.measurements(of: experiment, in: world.tenant, asOf: nil)).asOf)
                if shopper == 2 {
                    let decision = try await DecisionContract.decide(.continue, on: experiment, in: world)
                    #expect(decision.evidence.asOf == recorded[2])
                }
                world.clock.advance(by: .seconds(shopper % 2 == 0 ? 60 : 86_400))
            }
            let days = Dictionary(grouping: recorded, by: \.day).values.map(\.count)
            #expect(days == [2, 2, 2])
            // The third day is cut in two: what is young stands for no old one.
            #expect(try await store.thinRecorded(of: world.tenant, before: recorded[5]) == 1)
            var kept: [Bool] = []
            for asOf in recorded {
                kept.append(try await store.measurements(of: experiment, in: world.tenant, asOf: asOf)?.asOf == asOf)
            }
            #expect(kept == [false, true, true, true, true, true])
            #expect(try await store.thinRecorded(of: world.tenant, before: recorded[5]) == 0)
        }
    }

    @Test(arguments: Engine.allCases)
    func `every change has one audit row, and the chain shows any row that was altered`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            try await world.act(.pause, experiment)
            let rows = try await world.service.store.audit(of: world.tenant, below: nil, limit: 100)
            #expect(rows.map(\.sequence) == [5, 4, 3, 2, 1])
            #expect(rows.allSatisfy { $0.isIntact })
            for (newer, older) in zip(rows, rows.dropFirst()) { #expect(newer.previous == older.hash) }
            let forged = AuditEntry(
                sequence: rows[0].sequence,
                draft: AuditDraft(
                    at: rows[0].draft.at, actor: "someone else", action: rows[0].draft.action,
                    target: rows[0].draft.target, requestID: rows[0].draft.requestID),
                previous: rows[0].previous, hash: rows[0].hash)
            #expect(!forged.isIntact)
        }
    }

    @Test(arguments: Engine.allCases)
    func `of many changes at once none is lost`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            let before = try world.snapshot.version
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<50 {
                    group.addTask { try await world.reweigh([index + 1, 99], experiment) }
                    group.addTask { _ = try await world.quote("s-\(index)") }
                }
                try await group.waitForAll()
            }
            #expect(try world.snapshot.version == before + 50)
            #expect(try world.snapshot.experiments[experiment]?.version == 52)
            #expect(try await world.sums(experiment).values.map(\.units).reduce(0, +) == 50)
        }
    }
}
