import Crypto
import SeedSupport
import Testing

@testable import Experiments

private let start = Timestamp(milliseconds: 1_790_000_000_000)

/// A tenant whose configuration is changed at random.
private struct ChangingTenant {
    var random: Seeded
    var configuration: TenantConfiguration
    private let design: Experiment

    init(seed: UInt64) throws {
        random = Seeded(seed)
        let usd = try #require(Currency("USD"))
        let tenant = Tenant(
            id: TenantID(bits: Bits128(high: 1, low: seed)), name: "Changing", createdAt: start,
            secrets: TenantSecrets(
                subjectKey: [UInt8](repeating: 1, count: 32), sealKey: [UInt8](repeating: 2, count: 32)))
        configuration = TenantConfiguration(tenant: tenant, version: 1, products: [], experiments: [], keys: [])
        let sku = try #require(TenantKey("sku-0"))
        let product = Product(sku: sku, title: "A product", listPrice: Money(amount: 1000, currency: usd))
        var draft = ExperimentDraft()
        draft.name = "An experiment"
        draft.products = ["sku-0"]
        draft.variants = [.init(name: "control", price: 1000), .init(name: "higher", price: 1200)]
        design = Experiment(
            try ExperimentDesign(validating: draft) { $0 == sku ? product : nil },
            id: ExperimentID(bits: Bits128(high: 0, low: 0)), at: start)
    }

    mutating func change() throws -> ConfigurationChange {
        let sku = try #require(TenantKey("sku-\(Int.random(in: 0..<40, using: &random))"))
        let number = UInt64.random(in: 1...30, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return .productRemoved(sku)
        case 1...3:
            let price = Money(amount: .random(in: 1...5000, using: &random), currency: design.currency)
            return .product(Product(sku: sku, title: "A product", listPrice: price))
        case 4: return .keyRemoved(APIKeyID(bits: Bits128(high: 7, low: number)))
        case 5:
            return .key(
                APIKey(
                    id: APIKeyID(bits: Bits128(high: 7, low: number)), role: .agent, name: "A key",
                    hash: SHA256.hash([UInt8(number), .random(in: 0...255, using: &random)]), createdAt: start))
        case 6:
            var tenant = configuration.tenant
            tenant.name = "Changed \(number)"
            return .tenant(tenant)
        default: return .experiment(try experiment(number))
        }
    }

    /// In any state and on any products, as no merchant could make it.
    private mutating func experiment(_ number: UInt64) throws -> Experiment {
        var one = try experiment(named: ExperimentID(bits: Bits128(high: 9, low: number)))
        one.status = Experiment.Status.allCases.randomElement(using: &random) ?? .draft
        let skus = (0..<Int.random(in: 1...4, using: &random)).map { _ in Int.random(in: 0..<40, using: &random) }
        one.products = try Set(skus).sorted().map { try #require(TenantKey("sku-\($0)")) }
        return one
    }

    private func experiment(named id: ExperimentID) throws -> Experiment {
        let variants = design.variants
        let sku = try #require(design.products.first)
        let product = Product(
            sku: sku, title: "A product", listPrice: Money(amount: 1000, currency: design.currency))
        var draft = ExperimentDraft()
        draft.name = design.name
        draft.products = [sku.text]
        draft.variants = variants.map { .init(name: $0.name, price: $0.price) }
        return Experiment(try ExperimentDesign(validating: draft) { $0 == sku ? product : nil }, id: id, at: start)
    }
}

/// All that answers depend on, but for the products' slots, which are the process's own.
private struct Content: Equatable {
    struct Entry: Equatable {
        let sku: TenantKey
        let product: Product
        let live: [Experiment]
    }

    struct Counted: Equatable {
        let sku: TenantKey
        let experiments: [ExperimentID]
    }

    let tenant: Tenant
    let version: Int
    let shopper: Subject?
    let keys: [APIKey]
    let experiments: [Experiment]
    let catalogue: [Entry]
    let counting: [Counted]

    init(_ snapshot: TenantSnapshot) {
        tenant = snapshot.tenant
        version = snapshot.version
        shopper = TenantKey("a shopper").map { snapshot.subject(of: $0) }
        keys = snapshot.keys.values.sorted { $0.id < $1.id }
        experiments = snapshot.experiments.values.sorted { $0.id < $1.id }
        catalogue = snapshot.catalogue.sorted { $0.key < $1.key }.map { sku, entry in
            Entry(sku: sku, product: entry.product, live: entry.live.map(\.experiment))
        }
        counting = snapshot.counting.sorted { $0.key < $1.key }.map { Counted(sku: $0, experiments: $1.map(\.id)) }
    }
}

@Suite struct SnapshotTests {
    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `a snapshot that was changed is what one made anew would be`(seed: UInt64) throws {
        var tenant = try ChangingTenant(seed: seed)
        var snapshot = TenantSnapshot(tenant.configuration)
        for version in 2...80 {
            let changes = try (0..<Int.random(in: 1...3, using: &tenant.random)).map { _ in try tenant.change() }
            let before = snapshot
            let old = Content(before)
            snapshot = before.applying(changes, version: version)
            tenant.configuration.version = version
            tenant.configuration.apply(changes)
            #expect(Content(snapshot) == Content(TenantSnapshot(tenant.configuration)))
            #expect(Content(before) == old, "who still answers from the old one sees nothing of the change")
            for (sku, entry) in snapshot.catalogue where !changes.contains(.productRemoved(sku)) {
                guard let known = before.catalogue[sku] else { continue }
                #expect(known.slot == entry.slot, "what is remembered of its shoppers stays")
            }
            // As another process reads it that knew the one before.
            let read = TenantSnapshot(tenant.configuration, after: before)
            #expect(Content(read) == Content(snapshot))
            for (sku, entry) in read.catalogue {
                guard let known = before.catalogue[sku] else { continue }
                #expect(known.slot == entry.slot, "a change made elsewhere has nobody forgotten")
            }
        }
    }

    @Test func `copies of a shared map change apart, and hold what a dictionary would`() {
        var random = Seeded(7)
        var map = SharedMap<Int, Int>()
        var dictionary: [Int: Int] = [:]
        var kept: [(map: SharedMap<Int, Int>, dictionary: [Int: Int])] = []
        for step in 0..<10_000 {
            let key = Int.random(in: 0..<1500, using: &random)
            let value = Bool.random(using: &random) || step < 3000 ? step : nil
            map[key] = value
            dictionary[key] = value
            if step % 2500 == 0 { kept.append((map, dictionary)) }
        }
        kept.append((map, dictionary))
        for (map, dictionary) in kept {
            #expect(map.count == dictionary.count && map.isEmpty == dictionary.isEmpty)
            #expect(Dictionary(uniqueKeysWithValues: map.map { ($0.key, $0.value) }) == dictionary)
            #expect((0..<1500).allSatisfy { map[$0] == dictionary[$0] })
        }
    }
}
