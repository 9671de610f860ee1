import Crypto
import Experiments
import Postgres
import PostgresSupport
import SeedSupport
import Storage
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// The engines that every contract is checked against.
enum Engine: String, CaseIterable, CustomTestStringConvertible {
    case memory, sqlite, postgres

    var testDescription: String { rawValue }

    /// An empty store, and what takes its files away afterwards.
    func open() async throws -> (store: any Store, path: String) {
        switch self {
        case .memory: return (MemoryStore(), "")
        case .sqlite:
            let path = "/tmp/cournot-contract-\(getpid())-\(Scratch.next()).db"
            return (try SQLiteStore(path: path), path)
        case .postgres:
            var configuration = try PostgresConfiguration(url: try await PostgresServer.shared().database())
            // Many tests share one server.
            configuration.connections = 3
            return (try await PostgresStore.open(configuration), "")
        }
    }

    static func remove(_ path: String) {
        guard !path.isEmpty else { return }
        for suffix in ["", "-wal", "-shm"] { _ = unsafe unlink(path + suffix) }
    }
}

private enum Scratch {
    private static let counter = Atomic<Int>(0)
    static func next() -> Int { counter.add(1, ordering: .relaxed).newValue }
}

/// A clock that moves when told to.
final class ManualClock: WallClock {
    private let time: Mutex<Timestamp>

    init(_ start: Timestamp = Timestamp(milliseconds: 1_790_000_000_000)) { time = Mutex(start) }

    func now() -> Timestamp { time.withLock { $0 } }

    func advance(by duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }
}

/// A service on an engine with one tenant, one product and one running experiment.
struct World {
    let service: PricingService
    let clock: ManualClock
    let tenant: TenantID
    let path: String
    let engine: Engine

    static let usd = Currency("USD")
    static let sku = TenantKey("sku-1")

    static func with(
        _ engine: Engine, weights: [Int64] = [50, 50], unitCost: Int64? = 500,
        _ body: (World, ExperimentID) async throws -> Void
    ) async throws {
        let (store, path) = try await engine.open()
        defer { Engine.remove(path) }
        try await on(store, engine, path: path, weights: weights, unitCost: unitCost, body)
        await store.close()
    }

    /// On a store that the caller opened, and closes.
    static func on(
        _ store: any Store, _ engine: Engine, path: String = "", weights: [Int64] = [50, 50], unitCost: Int64? = 500,
        _ body: (World, ExperimentID) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        let service = PricingService(store: store, clock: clock, identifiers: IdentifierSource(random: Seeded(7)))
        try await service.load()
        let tenant = Tenant(
            id: service.identifiers.next(at: clock.now()), name: "Contract", createdAt: clock.now(),
            secrets: TenantSecrets(
                subjectKey: [UInt8](repeating: 1, count: 32), sealKey: [UInt8](repeating: 2, count: 32)))
        try await service.create(tenant, keys: [], actor: "test", requestID: "r-0", answer: ())
        let world = World(service: service, clock: clock, tenant: tenant.id, path: path, engine: engine)
        try await world.put(sku: "sku-1", price: 1999, cost: unitCost)
        let experiment = try await world.experiment(weights: weights)
        try await world.act(.start, experiment)
        try await body(world, experiment)
    }

    /// The same world as another process sees it, through a store of its own.
    func replica(
        on store: any Store, cache: (any AssignmentCache)? = nil, spool: (any Spool)? = nil, seed: UInt64 = 11
    ) async throws -> World {
        let service = PricingService(
            store: store, clock: clock, identifiers: IdentifierSource(random: Seeded(seed)), cache: cache,
            spool: spool)
        try await service.load()
        return World(service: service, clock: clock, tenant: tenant, path: path, engine: engine)
    }

    var snapshot: TenantSnapshot {
        get throws { try #require(service.snapshot(of: tenant)) }
    }

    func put(sku: String, price: Int64, cost: Int64?) async throws {
        let product = Product(
            sku: try #require(TenantKey(sku)), title: sku,
            listPrice: Money(amount: price, currency: try #require(Self.usd)), unitCost: cost)
        try await service.change(tenant, actor: "test", requestID: "r") { _, _ throws(ConfigurationError) in
            Decided([.product(product)], action: "product.put", target: sku, answer: ())
        }
    }

    func experiment(
        weights: [Int64], on sku: String = "sku-1", configure: (inout ExperimentDraft) -> Void = { _ in }
    ) async throws -> ExperimentID {
        var draft = ExperimentDraft()
        draft.name = "Spring price"
        draft.products = [sku]
        draft.variants = weights.enumerated().map { index, weight in
            ExperimentDraft.VariantDraft(
                name: index == 0 ? "control" : "higher-\(index)", price: 1999 + 500 * Int64(index), weight: weight)
        }
        configure(&draft)
        let id: ExperimentID = service.identifiers.next(at: clock.now())
        let finished = draft
        try await service.change(tenant, actor: "test", requestID: "r") {
            snapshot, now throws(ConfigurationError) -> Decided<Void> in
            let design: ExperimentDesign
            do throws(Faults) {
                design = try ExperimentDesign(validating: finished, product: { snapshot.catalogue[$0]?.product })
            } catch {
                throw .invalid(error)
            }
            return Decided(
                [.experiment(Experiment(design, id: id, at: now))], action: "experiment.create",
                target: id.description, answer: ())
        }
        return id
    }

    func act(_ action: ExperimentAction, _ id: ExperimentID) async throws {
        try await service.change(tenant, actor: "test", requestID: "r") { snapshot, now throws(ConfigurationError) in
            let next = try snapshot.after(action, on: id, at: now)
            return Decided(
                [.experiment(next)], action: "experiment.\(action.rawValue)", target: id.description, answer: ())
        }
    }

    func reweigh(_ weights: [Int], _ id: ExperimentID) async throws {
        try await service.change(tenant, actor: "test", requestID: "r") {
            snapshot, now throws(ConfigurationError) -> Decided<Void> in
            guard let experiment = snapshot.experiments[id] else { throw .notFound }
            var design = experiment.design
            for (index, weight) in weights.enumerated() { design.variants[index].weight = weight }
            let next: Experiment
            do throws(ExperimentError) {
                next = try experiment.revised(by: design, at: now)
            } catch {
                throw .experiment(error)
            }
            return Decided([.experiment(next)], action: "experiment.change", target: id.description, answer: ())
        }
    }

    func quote(_ shopper: String, expose: Bool = true) async throws -> Quote {
        let request = QuoteRequest(
            shopper: try #require(TenantKey(shopper)), product: try #require(Self.sku), expose: expose)
        return try await service.quote(request, in: try snapshot)
    }

    func event(
        _ id: String, _ type: String, _ shopper: String, after: Duration = .zero,
        _ change: (inout EventDraft) -> Void = { _ in }
    ) -> EventDraft {
        var draft = EventDraft()
        draft.id = id
        draft.type = type
        draft.shopper = shopper
        draft.timestamp = clock.now().advanced(by: after)
        draft.product = "sku-1"
        change(&draft)
        return draft
    }

    func send(_ events: EventDraft...) async throws -> [EventOutcome] {
        try await service.ingest(events, in: try snapshot)
    }

    /// The sums over all cells, by variant, checked against a count made anew from the events.
    func sums(_ id: ExperimentID) async throws -> [Int: UnitSums] {
        let measured = try #require(
            try await service.store.measurements(of: id, in: tenant, asOf: nil))
        let recounted = try await service.store.recount(of: id, in: try snapshot)
        #expect(measured.counts == recounted, "the running counts are those made anew from the events")
        return measured.cells.reduce(into: [:]) {
            $0[$1.key.variant, default: UnitSums()] = $0[$1.key.variant, default: UnitSums()] + $1.value
        }
    }
}
