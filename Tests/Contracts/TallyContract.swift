import Experiments
import SQLite
import Storage
import Testing

/// Distributions, covariates and segments are kept alike by every engine.
@Suite struct TallyContract {
    private func tallies(_ world: World, _ experiment: ExperimentID) async throws -> [TallyKey: Tally] {
        _ = try await world.sums(experiment)
        return try #require(
            try await world.service.store.measurements(of: experiment, in: world.tenant, asOf: nil)
        ).tallies
    }

    private func total(_ tallies: [TallyKey: Tally], _ series: Int32, _ place: Int32) -> Tally {
        tallies.reduce(Tally()) { $1.key.series == series && $1.key.place == place ? $0 + $1.value : $0 }
    }

    @Test(arguments: Engine.allCases)
    func `what a shopper had spent before the first exposure is frozen there`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            let usd = try #require(World.usd)
            func paid(_ id: String, _ amount: Int64, after: Duration = .zero) -> EventDraft {
                world.event(id, "conversion", "s-1", after: after) {
                    $0.revenue = Money(amount: amount, currency: usd)
                    $0.order = "o-\(id)"
                }
            }
            #expect(try await world.send(paid("e-1", 1200)) == [.accepted])
            let refund = world.event("e-2", "refund", "s-1", after: .seconds(1)) {
                $0.revenue = Money(amount: 200, currency: usd)
                $0.order = "o-e-1"
            }
            #expect(try await world.send(refund) == [.accepted])
            world.clock.advance(by: .seconds(60))
            _ = try await world.quote("s-1")
            _ = try await world.quote("s-2")
            // Heard of too late, and one that is an outcome.
            world.clock.advance(by: .seconds(60))
            #expect(try await world.send(paid("e-3", 5000, after: .seconds(-90))) == [.accepted])
            #expect(try await world.send(paid("e-4", 1999)) == [.accepted])
            let tallies = try await tallies(world, experiment)
            #expect(total(tallies, TallySeries.shoppers, 0) == Tally(units: 2, sum: 2))
            #expect(total(tallies, TallySeries.covariate, 0) == Tally(units: 2, sum: 1000, sumOfSquares: 1_000_000))
            #expect(total(tallies, TallySeries.covariate, 9) == Tally(sum: 1_999_000))
            #expect(
                total(tallies, TallySeries.revenue, ValueBucket.index(of: 1999))
                    == Tally(units: 1, sum: 1999, sumOfSquares: 1999 * 1999))
            let read = try await world.service.store.measurements(of: experiment, in: world.tenant, asOf: nil)
            let again = try await world.service.store.measurements(
                of: experiment, in: world.tenant, asOf: try #require(read?.asOf))
            #expect(again == read, "recorded counts keep their tallies")
        }
    }

    @Test(arguments: Engine.allCases)
    func `declared attributes are those told with the first quote`(engine: Engine) async throws {
        try await World.with(engine) { world, _ in
            try await world.put(sku: "sku-2", price: 1999, cost: 500)
            let experiment = try await world.experiment(weights: [1, 1], on: "sku-2") { draft in
                draft.covariate = "visits"
                draft.segments = [Segment(attribute: "device", values: ["mobile", "desktop"])]
            }
            try await world.act(.start, experiment)
            func quote(_ shopper: String, _ attributes: Attributes) async throws {
                let request = QuoteRequest(
                    shopper: try #require(TenantKey(shopper)), product: try #require(TenantKey("sku-2")),
                    attributes: attributes)
                _ = try await world.service.quote(request, in: try world.snapshot)
            }
            try await quote("s-1", ["device": .string("desktop"), "visits": .number(2.5)])
            try await quote("s-1", ["device": .string("mobile"), "visits": .number(99)])
            try await quote("s-2", ["device": .string("watch")])
            try await quote("s-3", [:])
            let tallies = try await tallies(world, experiment)
            #expect(total(tallies, TallySeries.covariate, 0) == Tally(units: 1, sum: 250, sumOfSquares: 62_500))
            let units = (0..<4).map { total(tallies, TallySeries.segments, $0 * 8).units }
            #expect(units == [0, 1, 1, 1], "mobile, desktop, other, not told")
            let stored = try await world.service.store.units(
                of: experiment, in: world.tenant, after: nil, limit: 10)
            #expect(stored.map(\.unit.traits.segmentCodes).sorted() == ["1", "2", "3"])
            #expect(stored.map(\.unit.isTallied) == [true, true, true])
        }
    }

    @Test func `shoppers whom an older engine exposed are counted, and stay out of the tallies whatever they do`()
        async throws
    {
        try await World.with(.sqlite) { world, experiment in
            let usd = try #require(World.usd)
            _ = try await world.quote("s-1")
            // As migration 0011 finds a shopper.
            let database = try Database(path: world.path)
            try database.execute("UPDATE units SET tallied = 0, covariate = NULL")
            try database.execute("DELETE FROM tallies")
            _ = try await world.quote("s-2")
            let sale = world.event("e-1", "conversion", "s-1", after: .seconds(1)) {
                $0.revenue = Money(amount: 1999, currency: usd)
                $0.order = "o-1"
            }
            #expect(try await world.send(sale) == [.accepted])
            let tallies = try await tallies(world, experiment)
            #expect(total(tallies, TallySeries.shoppers, 0) == Tally(units: 1, sum: 1))
            #expect(!tallies.keys.contains { $0.series == TallySeries.revenue })
            let sums = try await world.sums(experiment).values.reduce(UnitSums(), +)
            #expect(sums.units == 2 && sums.revenue.sum == 1999)
        }
    }

    @Test(arguments: Engine.allCases)
    func `a checkout that a shop tells of is counted once a shopper, where its price was told`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, experiment in
            let usd = try #require(World.usd)
            for shopper in ["s-1", "s-2", "s-3", "s-4"] { _ = try await world.quote(shopper) }
            // Told before its price was: it waits for that.
            #expect(try await world.send(world.event("c-0", "checkout", "s-5", after: .seconds(30))) == [.accepted])
            let batch = [
                world.event("c-1", "checkout", "s-1", after: .seconds(1)),
                world.event("c-2", "checkout", "s-1", after: .seconds(2)),
                world.event("c-3", "checkout", "s-2", after: .seconds(1)),
                world.event("c-3", "checkout", "s-2", after: .seconds(1)),
                world.event("c-4", "conversion", "s-2", after: .seconds(3)) {
                    $0.revenue = Money(amount: 1999, currency: usd)
                    $0.order = "o-1"
                },
                world.event("c-5", "conversion", "s-3", after: .seconds(3)),
                world.event("c-6", "checkout", "s-4", after: .seconds(-3600)),
                world.event("c-7", "checkout", "nobody") { $0.product = nil },
            ]
            let outcomes = try await world.service.ingest(batch, in: try world.snapshot)
            #expect(
                outcomes.prefix(7) == [.accepted, .accepted, .accepted, .duplicate] + [.accepted, .accepted, .accepted])
            guard case .rejected(let rejection)? = outcomes.last else {
                Issue.record("\(outcomes)")
                return
            }
            #expect(rejection.code == .invalid)
            var tallied = try await tallies(world, experiment)
            #expect(total(tallied, TallySeries.shoppers, 0) == Tally(units: 4, sum: 4))
            #expect(total(tallied, TallySeries.shoppers, 2) == Tally(units: 2, sum: 1), "s-1 and s-2, who bought")
            world.clock.advance(by: .seconds(20))
            _ = try await world.quote("s-5")
            let keys = try ["s-1", "s-3"].map { try #require(TenantKey($0)) }
            #expect(
                try await world.service.link(keys[0], keys[1], in: try world.snapshot, actor: "test", requestID: "r"))
            tallied = try await tallies(world, experiment)
            let sums = try await world.sums(experiment).values.reduce(UnitSums(), +)
            let begun = total(tallied, TallySeries.shoppers, 2)
            // Two who saw one price are one who began and bought; two who saw two left.
            #expect(begun == Tally(units: sums.excluded == 0 ? 3 : 2, sum: 1))
            let stored = try await world.service.store.units(of: experiment, in: world.tenant, after: nil, limit: 10)
            #expect(stored.filter { $0.unit.outcome.beganCheckout }.count == 3)
        }
    }

    @Test(arguments: Engine.allCases)
    func `a shopper begins checkouts up to a limit, and buys beyond it`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            _ = try await world.quote("s-1")
            let most = Event.mostCheckouts
            let batch = (0...most).map { world.event("c-\($0)", "checkout", "s-1", after: .seconds(1)) }
            let outcomes = try await world.service.ingest(batch, in: try world.snapshot)
            #expect(outcomes.prefix(most).allSatisfy { $0 == .accepted })
            #expect(outcomes.last == .rejected(.tooManyCheckouts))
            #expect(try await world.send(world.event("e-1", "conversion", "s-1", after: .seconds(2))) == [.accepted])
            let tallied = try await tallies(world, experiment)
            #expect(total(tallied, TallySeries.shoppers, 2) == Tally(units: 1))
        }
    }

    @Test func `of shoppers whom an older engine exposed no checkout is counted, and the funnel does not pretend`()
        async throws
    {
        try await World.with(.sqlite) { world, experiment in
            _ = try await world.quote("s-1")
            // As migration 0017 finds a shopper and its tally.
            let database = try Database(path: world.path)
            try database.execute("UPDATE units SET checkouts = 0")
            try database.execute("UPDATE tallies SET total = '0' WHERE series = 0 AND place = 0")
            _ = try await world.quote("s-2")
            for shopper in ["s-1", "s-2"] {
                let event = world.event("c-\(shopper)", "checkout", shopper, after: .seconds(1))
                #expect(try await world.send(event) == [.accepted])
            }
            let tallies = try await tallies(world, experiment)
            #expect(total(tallies, TallySeries.shoppers, 0) == Tally(units: 2, sum: 1))
            #expect(total(tallies, TallySeries.shoppers, 2) == Tally(units: 1, sum: 1))
        }
    }

    @Test(arguments: Engine.allCases)
    func `two ids that become one shopper are one in the tallies too`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            for shopper in ["s-1", "s-2", "s-3"] { _ = try await world.quote(shopper) }
            let keys = try ["s-1", "s-2"].map { try #require(TenantKey($0)) }
            #expect(
                try await world.service.link(keys[0], keys[1], in: try world.snapshot, actor: "test", requestID: "r"))
            let tallied = try await tallies(world, experiment)
            let sums = try await world.sums(experiment).values.map(\.units).reduce(0, +)
            #expect(total(tallied, TallySeries.shoppers, 0).units == sums)
        }
    }
}
