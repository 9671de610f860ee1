internal import Crypto
public import Experiments

/// A small shop with a running experiment of three prices.
public struct DemoShop: Sendable {
    /// Keys made for this run, by role.
    public struct Keys: Sendable {
        public let merchant: String
        public let agent: String
        public let analyst: String
    }

    public let tenant: TenantID
    public let experiment: ExperimentID
    /// The product under test.
    public let product: TenantKey
    public let keys: Keys
    /// How its simulated shoppers decide.
    public let demand: Demand
    /// The prices under test, by variant, in minor units.
    public let prices: [(variant: String, price: Int64)]

    public static let name = "Demo shop"

    /// Opens the shop that a database keeps from an earlier run, or makes it. Either way it gets new keys: those of
    /// earlier runs were never stored.
    ///
    /// - Parameter service: loaded.
    public static func open(in service: PricingService) async throws(ConfigurationError) -> DemoShop {
        let tenant: TenantID
        do {
            let known = try await service.store.load().filter { $0.tenant.name == name }
            if let newest = known.map(\.tenant.id).max() {
                tenant = newest
            } else {
                tenant = try await create(in: service)
            }
        } catch let error as StoreError {
            throw .store(error)
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw .store(.unavailable("\(error)"))
        }
        let keys = try await issueKeys(to: tenant, in: service)
        let experiment = try await runningExperiment(of: tenant, in: service)
        return DemoShop(
            tenant: tenant, experiment: experiment.id, product: experiment.products[0], keys: keys,
            demand: Assortment.demand, prices: experiment.variants.map { ($0.name, $0.offered) })
    }

    private static func create(in service: PricingService) async throws(ConfigurationError) -> TenantID {
        let now = service.clock.now()
        var tenant = Tenant(
            id: service.identifiers.next(at: now), name: name, createdAt: now,
            secrets: TenantSecrets(subjectKey: SecureRandom.bytes(32), sealKey: SecureRandom.bytes(32)))
        tenant.agent = AgentSettings(name: "Ember & Ash")
        try await service.create(tenant, keys: [], actor: "demo", requestID: "", answer: ())
        return tenant.id
    }

    private static func issueKeys(
        to tenant: TenantID, in service: PricingService
    ) async throws(ConfigurationError) -> Keys {
        let keys = Keys(merchant: APIKey.freshText(), agent: APIKey.freshText(), analyst: APIKey.freshText())
        let texts: [(Role, String)] = [(.merchant, keys.merchant), (.agent, keys.agent), (.analyst, keys.analyst)]
        _ = try await service.change(tenant, actor: "demo", requestID: "") { (_, now) in
            let changes = texts.map { role, text in
                ConfigurationChange.key(
                    APIKey(
                        id: service.identifiers.next(at: now), role: role, name: "demo \(role.rawValue)",
                        hash: SHA256.hash(text), createdAt: now))
            }
            return Decided(changes, action: "key.create", target: tenant.description, answer: ())
        }
        return keys
    }

    /// The newest running experiment on the product under test; one is started where there is none.
    private static func runningExperiment(
        of tenant: TenantID, in service: PricingService
    ) async throws(ConfigurationError) -> Experiment {
        let id: ExperimentID = service.identifiers.next(at: service.clock.now())
        let sku = Assortment.items[0].sku
        let stocked = try await service.change(tenant, actor: "demo", requestID: "") {
            (snapshot, now) throws(ConfigurationError) in
            let running = snapshot.experiments.values.filter {
                $0.status == .running && $0.products.map(\.text) == [sku]
            }
            if let newest = running.max(by: { $0.id < $1.id }) {
                return Decided([], action: "demo.open", target: newest.id.description, answer: newest)
            }
            let products = try Assortment.items.map { (item) throws(ConfigurationError) in try product(item) }
            let draft = try draft(id: id, among: products, at: now)
            return Decided(
                products.map { .product($0) } + [.experiment(draft)], action: "experiment.create",
                target: id.description, answer: draft)
        }
        if stocked.status == .running { return stocked }
        return try await service.change(tenant, actor: "demo", requestID: "") {
            (snapshot, now) throws(ConfigurationError) in
            let started = try snapshot.after(.start, on: stocked.id, at: now)
            return Decided(
                [.experiment(started)], action: "experiment.start", target: started.id.description, answer: started)
        }
    }

    private static func product(_ item: Assortment.Item) throws(ConfigurationError) -> Product {
        guard let sku = TenantKey(item.sku), let currency = Currency("USD") else { throw .notFound }
        return Product(
            sku: sku, title: item.title, description: item.description,
            listPrice: Money(amount: item.price, currency: currency), unitCost: item.cost)
    }

    private static func draft(
        id: ExperimentID, among products: [Product], at now: Timestamp
    ) throws(ConfigurationError) -> Experiment {
        var draft = ExperimentDraft()
        draft.name = "What is a kilo of Ember worth?"
        draft.hypothesis = "Some who pay 19 would pay 24, and enough of them to make up for those who would not."
        draft.products = [Assortment.items[0].sku]
        draft.currency = "USD"
        draft.variants = Assortment.variants.map { variant in
            .init(name: variant.name, price: variant.price, currency: "USD", weight: 1)
        }
        draft.primaryMetric = Metric.profitPerVisitor.rawValue
        do throws(Faults) {
            let design = try ExperimentDesign(
                validating: draft, product: { sku in products.first { $0.sku == sku } })
            return Experiment(design, id: id, at: now)
        } catch {
            throw .invalid(error)
        }
    }
}
