internal import Crypto
internal import Synchronization

/// All of a tenant's configuration at one version, ready to answer from memory: the hot path fetches nothing.
///
/// The snapshot after a change shares with the one before it all that did not change.
public final class TenantSnapshot: Sendable {
    public let tenant: Tenant
    /// Rises by one with each committed change.
    public let version: Int
    public let keys: SharedMap<APIKeyID, APIKey>
    public let experiments: SharedMap<ExperimentID, Experiment>
    /// Products by key, each with the experiments that now hold prices for it.
    public let catalogue: SharedMap<TenantKey, CatalogueEntry>
    /// Experiments whose outcomes still count (running, paused, completed), by product, in order of creation.
    let counting: SharedMap<TenantKey, [Experiment]>
    /// Seals and opens this tenant's quotes.
    public let seal: QuoteSeal
    /// Makes and opens its shoppers' sessions; nil only if the tenant's secret is not one.
    public let sessions: SessionSeal?
    /// Where the tenant's usage is counted, once it was.
    let usage = AtomicLazyReference<UsageTally.Place>()
    private let subjects: HMACSHA256

    /// Names this snapshot within this process.
    let stamp = TenantSnapshot.stamps.add(1, ordering: .relaxed).newValue
    private static let stamps = Atomic<UInt64>(0)

    /// - Parameter old: the snapshot known so far, if any: what this process remembers of products that are still there
    ///   goes on to count, and what did not change is not worked out again.
    public init(_ configuration: TenantConfiguration, after old: TenantSnapshot? = nil) {
        tenant = configuration.tenant
        version = configuration.version
        keys = SharedMap(configuration.keys, by: \.id)
        experiments = SharedMap(configuration.experiments, by: \.id)
        let secrets = configuration.tenant.secrets
        let kept = old.flatMap { $0.tenant.secrets == secrets ? $0 : nil }
        seal = kept?.seal ?? QuoteSeal(key: secrets.sealKey)
        subjects = kept?.subjects ?? HMACSHA256(key: secrets.subjectKey)
        sessions = kept.map(\.sessions) ?? SessionSeal(configuration.tenant)
        var live: [TenantKey: [LiveExperiment]] = [:]
        var counting: [TenantKey: [Experiment]] = [:]
        for experiment in experiments.values.sorted(by: { $0.id < $1.id }) where experiment.countsOutcomes {
            for sku in experiment.products { counting[sku, default: []].append(experiment) }
            guard experiment.isLive else { continue }
            let one = LiveExperiment(experiment)
            for sku in experiment.products { live[sku, default: []].append(one) }
        }
        var places = SharedMap<TenantKey, [Experiment]>(minimumCapacity: counting.count)
        for (sku, experiments) in counting { places[sku] = experiments }
        self.counting = places
        var catalogue = SharedMap<TenantKey, CatalogueEntry>(minimumCapacity: configuration.products.count)
        for product in configuration.products {
            catalogue[product.sku] = CatalogueEntry(
                product: product, slot: old?.catalogue[product.sku]?.slot ?? CatalogueEntry.freshSlot(),
                live: live[product.sku] ?? [])
        }
        self.catalogue = catalogue
    }

    private init(after old: TenantSnapshot, _ changes: [ConfigurationChange], version: Int) {
        var next = Parts(old)
        for change in changes { next.apply(change) }
        self.version = version
        tenant = next.tenant
        keys = next.keys
        experiments = next.experiments
        catalogue = next.catalogue
        counting = next.counting
        let areSecretsKept = next.tenant.secrets == old.tenant.secrets
        seal = areSecretsKept ? old.seal : QuoteSeal(key: next.tenant.secrets.sealKey)
        sessions = areSecretsKept ? old.sessions : SessionSeal(next.tenant)
        subjects = areSecretsKept ? old.subjects : HMACSHA256(key: next.tenant.secrets.subjectKey)
    }

    /// What a change changes.
    private struct Parts {
        var tenant: Tenant
        var keys: SharedMap<APIKeyID, APIKey>
        var experiments: SharedMap<ExperimentID, Experiment>
        var catalogue: SharedMap<TenantKey, CatalogueEntry>
        var counting: SharedMap<TenantKey, [Experiment]>

        init(_ snapshot: TenantSnapshot) {
            tenant = snapshot.tenant
            keys = snapshot.keys
            experiments = snapshot.experiments
            catalogue = snapshot.catalogue
            counting = snapshot.counting
        }

        mutating func apply(_ change: ConfigurationChange) {
            switch change {
            case .tenant(let value): tenant = value
            case .product(let product):
                let known = catalogue[product.sku]
                // An experiment may hold prices for a product that was not there.
                let live = known?.live ?? (counting[product.sku] ?? []).filter(\.isLive).map { LiveExperiment($0) }
                catalogue[product.sku] = CatalogueEntry(
                    product: product, slot: known?.slot ?? CatalogueEntry.freshSlot(), live: live)
            case .productRemoved(let sku): catalogue[sku] = nil
            case .experiment(let experiment): put(experiment)
            case .key(let key): keys[key.id] = key
            case .keyRemoved(let id): keys[id] = nil
            case .decision: break
            }
        }

        private mutating func put(_ experiment: Experiment) {
            let products = Set(experiment.products)
            for sku in Set(experiments[experiment.id]?.products ?? []).subtracting(products) {
                seat(nil, nil, experiment.id, on: sku)
            }
            experiments[experiment.id] = experiment
            let live = experiment.isLive ? LiveExperiment(experiment) : nil
            for sku in products { seat(experiment.countsOutcomes ? experiment : nil, live, experiment.id, on: sku) }
        }

        /// Has a product know this experiment as it is now, in its place among the others, or not at all.
        private mutating func seat(
            _ counted: Experiment?, _ live: LiveExperiment?, _ id: ExperimentID, on sku: TenantKey
        ) {
            let others = counting[sku] ?? []
            let now =
                others.filter { $0.id < id } + (counted.map { [$0] } ?? []) + others.filter { $0.id > id }
            if !(now.isEmpty && others.isEmpty) { counting[sku] = now.isEmpty ? nil : now }
            guard let entry = catalogue[sku] else { return }
            let among =
                entry.live.filter { $0.experiment.id < id } + (live.map { [$0] } ?? [])
                + entry.live.filter { $0.experiment.id > id }
            if !(among.isEmpty && entry.live.isEmpty) {
                catalogue[sku] = CatalogueEntry(product: entry.product, slot: entry.slot, live: among)
            }
        }
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

    /// The snapshot after a committed change; costs what changed, however much there is.
    public func applying(_ changes: [ConfigurationChange], version: Int) -> TenantSnapshot {
        TenantSnapshot(after: self, changes, version: version)
    }

    public var configuration: TenantConfiguration {
        TenantConfiguration(
            tenant: tenant, version: version, products: catalogue.values.map(\.product),
            experiments: Array(experiments.values), keys: Array(keys.values))
    }
}

/// A product and the experiments that now hold prices for it. A class, for one is handed on with every price.
public final class CatalogueEntry: Sendable {
    public let product: Product
    /// Names the product within this process, for the assignment table.
    let slot: UInt64
    /// In order of creation.
    let live: [LiveExperiment]
    /// Whether one experiment takes every shopper, and its weights never changed: then any process that tells a shopper its price
    /// tells the same one.
    let takesAllByHash: Bool
    /// Whether what a shopper was told for another product says where it sits.
    let isSeatedByProducts: Bool

    init(product: Product, slot: UInt64, live: [LiveExperiment]) {
        self.product = product
        self.slot = slot
        self.live = live
        takesAllByHash = live.count == 1 && live.allSatisfy(\.takesAllByHash)
        isSeatedByProducts = live.contains {
            $0.experiment.mayHaveBeenToldByOtherWeights && $0.experiment.products.count > 1
        }
    }

    private static let slots = Atomic<UInt64>(0)
    static func freshSlot() -> UInt64 { slots.add(1, ordering: .relaxed).newValue }
}

extension TenantSnapshot {
    /// What a quote says of a variant: its name, nil where it has none any more, and what its price rests on.
    ///
    /// - Parameter entry: where the experiment is looked for first, since an experiment is much to copy.
    func variant(
        of placement: Offer.Placement, on entry: CatalogueEntry?
    ) -> (name: String?, basis: PriceDisclosure.Basis)? {
        func name(in variants: [Variant]) -> String? {
            variants.indices.contains(placement.variant) ? variants[placement.variant].name : nil
        }
        if let live = entry?.live.first(where: { $0.experiment.id == placement.experiment }) {
            return (name(in: live.experiment.variants), live.basis)
        }
        return experiments[placement.experiment].map { (name(in: $0.variants), $0.priceBasis) }
    }
}

/// A running or paused experiment with everything that deciding needs worked out.
final class LiveExperiment: Sendable {
    let experiment: Experiment
    /// When shoppers who have a price keep it.
    let honoured: Range<Timestamp>
    /// What its prices rest on.
    let basis: PriceDisclosure.Basis
    let variantSeed: Bucketing.Seed
    let holdoutSeed: Bucketing.Seed
    let namespace: Namespace?
    /// One allocation for each step of the ramp; one in all without a ramp.
    private let allocations: [(afterHours: Double, allocation: Allocation)]

    init(_ experiment: Experiment) {
        self.experiment = experiment
        honoured = experiment.honoured
        basis = experiment.priceBasis
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

    fileprivate var takesAllByHash: Bool {
        experiment.status == .running && experiment.phases.count == 1 && experiment.audience == nil && namespace == nil
            && experiment.holdout == 0 && experiment.coverage == 1 && experiment.ramp == nil
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
