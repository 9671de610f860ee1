internal import Crypto
internal import Synchronization

/// All of a tenant's configuration at one version, ready to answer from memory: the hot path fetches nothing.
public final class TenantSnapshot: Sendable {
    public let tenant: Tenant
    /// Rises by one with each committed change.
    public let version: Int
    public let keys: [APIKeyID: APIKey]
    public let experiments: [ExperimentID: Experiment]
    /// Products by key, each with the experiments that now hold prices for it.
    public let catalogue: [TenantKey: CatalogueEntry]
    /// Experiments whose outcomes still count (running, paused, completed), by product.
    let counting: [TenantKey: [Experiment]]
    /// Seals and opens this tenant's quotes.
    public let seal: QuoteSeal
    /// Where the tenant's usage is counted, once it was.
    let usage = AtomicLazyReference<UsageTally.Place>()
    private let subjects: HMACSHA256

    public convenience init(_ configuration: TenantConfiguration) {
        self.init(configuration, entries: [:])
    }

    private init(_ configuration: TenantConfiguration, entries: [TenantKey: CatalogueEntry]) {
        tenant = configuration.tenant
        version = configuration.version
        keys = Dictionary(configuration.keys.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
        experiments = Dictionary(configuration.experiments.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
        seal = QuoteSeal(key: configuration.tenant.secrets.sealKey)
        subjects = HMACSHA256(key: configuration.tenant.secrets.subjectKey)
        var live: [TenantKey: [LiveExperiment]] = [:]
        for experiment in configuration.experiments.sorted(by: { $0.id < $1.id })
        where experiment.status == .running || experiment.status == .paused {
            let one = LiveExperiment(experiment)
            for sku in experiment.products { live[sku, default: []].append(one) }
        }
        var catalogue: [TenantKey: CatalogueEntry] = [:]
        catalogue.reserveCapacity(configuration.products.count)
        for product in configuration.products {
            let slot = entries[product.sku]?.slot ?? CatalogueEntry.freshSlot()
            catalogue[product.sku] = CatalogueEntry(product: product, slot: slot, live: live[product.sku] ?? [])
        }
        self.catalogue = catalogue
        var counting: [TenantKey: [Experiment]] = [:]
        for experiment in configuration.experiments where experiment.countsOutcomes {
            for sku in experiment.products { counting[sku, default: []].append(experiment) }
        }
        self.counting = counting
    }

    /// The experiments an outcome may belong to.
    public func experiments(concerned event: OutcomeEvent) -> [Experiment] {
        if let id = event.experiment {
            guard let experiment = experiments[id], experiment.countsOutcomes else { return [] }
            return [experiment]
        }
        return event.product.flatMap { counting[$0] } ?? []
    }

    /// The shopper as it is stored.
    public func subject(of shopper: TenantKey) -> Subject {
        Bits128(subjects.authenticationCode(for: shopper.text))
    }

    /// The snapshot after a committed change.
    public func applying(_ changes: [ConfigurationChange], version: Int) -> TenantSnapshot {
        var next = configuration
        next.version = version
        next.apply(changes)
        return TenantSnapshot(next, entries: catalogue)
    }

    public var configuration: TenantConfiguration {
        TenantConfiguration(
            tenant: tenant, version: version, products: catalogue.values.map(\.product),
            experiments: Array(experiments.values), keys: Array(keys.values))
    }
}

/// A product and the experiments that now hold prices for it.
public struct CatalogueEntry: Sendable {
    public let product: Product
    /// Names the product within this process, for the assignment table.
    let slot: UInt64
    /// In order of creation.
    let live: [LiveExperiment]

    private static let slots = Atomic<UInt64>(0)
    static func freshSlot() -> UInt64 { slots.add(1, ordering: .relaxed).newValue }
}

/// A running or paused experiment with everything that deciding needs worked out.
final class LiveExperiment: Sendable {
    let experiment: Experiment
    let variantSeed: Bucketing.Seed
    let holdoutSeed: Bucketing.Seed
    let namespace: Namespace?
    /// One allocation for each step of the ramp; one in all without a ramp.
    private let allocations: [(afterHours: Double, allocation: Allocation)]

    init(_ experiment: Experiment) {
        self.experiment = experiment
        variantSeed = Bucketing.Seed(experiment.id.description, version: .v2)
        holdoutSeed = Bucketing.Seed("holdout:" + experiment.id.description, version: .v2)
        namespace = experiment.layer.map { Namespace($0.name, from: $0.from, to: $0.to) }
        let weights = experiment.variants.map(\.weight)
        let steps = experiment.ramp?.steps.map { ($0.afterHours, $0.coverage) } ?? [(-.infinity, 1)]
        allocations = steps.compactMap { hours, share in
            guard let allocation = try? Allocation(weights: weights, coverage: experiment.coverage * share) else {
                return nil
            }
            return (hours, allocation)
        }
    }

    /// Which part of [0, 1) belongs to which variant now; nil before the ramp's first step.
    func allocation(at now: Timestamp) -> Allocation? {
        // A ramp climbs from the first shopper, who comes no earlier than the experiment was told to begin.
        let start = max(experiment.startedAt ?? now, experiment.startsAt ?? .distantPast)
        let hours = Double(now.milliseconds - start.milliseconds) / 3_600_000
        return allocations.last(where: { $0.afterHours <= hours })?.allocation
    }

    /// The variant this shopper falls to now; nil outside the coverage.
    func variant(for shopper: TenantKey, at now: Timestamp) -> Int? {
        allocation(at: now)?.variant(at: variantSeed.unit(of: shopper.text))
    }
}
