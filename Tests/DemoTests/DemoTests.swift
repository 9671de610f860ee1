import Crypto
import Demo
import Experiments
import Storage
import Testing

struct DemoTests {
    private struct FixedClock: WallClock {
        func now() -> Timestamp { Timestamp(milliseconds: 1_800_000_000_000) }
    }

    private func service() async throws -> PricingService {
        let service = PricingService(
            store: MemoryStore(), clock: FixedClock(), identifiers: IdentifierSource(random: SystemRandom()))
        try await service.load()
        return service
    }

    @Test func `the shop runs an experiment of three prices with known costs`() async throws {
        let service = try await service()
        let shop = try await DemoShop.open(in: service)
        let snapshot = try #require(service.snapshot(of: shop.tenant))
        let experiment = try #require(snapshot.experiments[shop.experiment])
        #expect(experiment.status == .running)
        #expect(experiment.variants.count == 3)
        #expect(snapshot.catalogue.count >= 4)
        #expect(snapshot.catalogue.values.allSatisfy { $0.product.unitCost != nil })
        for (text, role) in [
            (shop.keys.merchant, Role.merchant), (shop.keys.agent, .agent), (shop.keys.analyst, .analyst),
        ] {
            let found = service.principal(keyHash: SHA256.hash(text), from: "127.0.0.1")
            #expect(found?.0.key.role == role)
        }
    }

    @Test func `opened again it is the same shop with new keys`() async throws {
        let service = try await service()
        let first = try await DemoShop.open(in: service)
        let second = try await DemoShop.open(in: service)
        #expect(first.tenant == second.tenant)
        #expect(first.experiment == second.experiment)
        #expect(first.keys.agent != second.keys.agent)
    }

    @Test func `an experiment that was completed is followed by a new one`() async throws {
        let service = try await service()
        let first = try await DemoShop.open(in: service)
        try await service.change(first.tenant, actor: "test", requestID: "") {
            (snapshot, now) throws(ConfigurationError) in
            let completed = try snapshot.after(.complete, on: first.experiment, at: now)
            return Decided([.experiment(completed)], action: "experiment.complete", target: "", answer: ())
        }
        let second = try await DemoShop.open(in: service)
        #expect(second.experiment != first.experiment)
        #expect(service.snapshot(of: first.tenant)?.experiments[second.experiment]?.status == .running)
    }

    @Test func `shoppers buy as their demand says, keep their prices, and are counted once`() async throws {
        let service = try await service()
        let shop = try await DemoShop.open(in: service)
        var shoppers = SimulatedShoppers(of: shop, seed: 7, run: "a")
        for _ in 0..<60 { try await shoppers.visit(100, in: service) }
        let tally = shoppers.tally
        #expect(tally.shoppers == 6000)
        #expect(tally.returns > 300)
        #expect(tally.retries > 60)
        #expect(tally.changedPrices == 0)
        #expect(tally.countedTwice == 0)

        let counts = try #require(
            try await service.store.measurements(of: shop.experiment, in: shop.tenant, asOf: nil))
        let cells = Dictionary(grouping: counts.cells, by: \.key.variant)
        for (index, variant) in counts.experiment.variants.enumerated() {
            let sums = (cells[index] ?? []).map(\.value)
            let n = sums.reduce(0) { $0 + $1.units }
            let buyers = sums.reduce(0) { $0 + $1.converted }
            // Six standard errors: a wrong demand is off by more, a right one never by as much.
            let rate = shop.demand.conversionRate(at: variant.offered)
            let error = (rate * (1 - rate) / Double(n)).squareRoot()
            #expect(abs(Double(buyers) / Double(n) - rate) < 6 * error)
        }
    }

    @Test func `demand falls, and its best price is better than its neighbours`() throws {
        let demand = Demand(intercept: 1.254, slope: -0.11, unitCost: 14)
        #expect(demand.conversionRate(at: 1900) > demand.conversionRate(at: 2400))
        let best = try #require(demand.optimalPrice)
        let cents = Int64((best * 100).rounded())
        #expect(demand.profitPerVisitor(at: cents) > demand.profitPerVisitor(at: cents - 50))
        #expect(demand.profitPerVisitor(at: cents) > demand.profitPerVisitor(at: cents + 50))
    }
}
