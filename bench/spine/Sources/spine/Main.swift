// Measures the service and its store in one process: returning shoppers, new shoppers, signatures, event batches.
// Usage: spine [database path, or postgres://…] [how many new shoppers at once] [batches of 1,000 events]
import Crypto
import Experiments
import FoundationEssentials
import Glibc
import Postgres
import Storage

struct SystemClock: WallClock {
    func now() -> Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}

struct Ready {
    let service: PricingService
    let tenant: TenantID
    let sku: TenantKey
    var snapshot: TenantSnapshot { service.snapshot(of: tenant).unsafelyUnwrapped }
}

func prepare(path: String) async throws -> Ready {
    let store: any Store =
        path.hasPrefix("postgres")
        ? try await PostgresStore.open(try PostgresConfiguration(url: path)) : try SQLiteStore(path: path)
    let service = PricingService(
        store: store, clock: SystemClock(), identifiers: IdentifierSource(random: SystemRandom()))
    try await service.load()
    let now = service.clock.now()
    let tenant = Tenant(
        id: service.identifiers.next(at: now), name: "Bench", createdAt: now,
        secrets: TenantSecrets(subjectKey: SecureRandom.bytes(32), sealKey: SecureRandom.bytes(32)))
    try await service.create(tenant, keys: [], actor: "bench", requestID: "bench", answer: ())
    guard let sku = TenantKey("sku-1"), let usd = Currency("USD") else { fatalError("constants") }
    let product = Product(sku: sku, title: "One", listPrice: Money(amount: 1999, currency: usd), unitCost: 500)
    try await service.change(tenant.id, actor: "bench", requestID: "bench") { _, _ throws(ConfigurationError) in
        Decided([.product(product)], action: "product.put", target: "sku-1", answer: ())
    }
    var draft = ExperimentDraft()
    draft.name = "Bench"
    draft.products = ["sku-1"]
    draft.variants = [.init(name: "control", price: 1999), .init(name: "higher", price: 2499)]
    let design = try ExperimentDesign(validating: draft) { $0 == sku ? product : nil }
    let experiment = try Experiment(design, id: service.identifiers.next(at: now), at: now).after(.start, at: now)
    try await service.change(tenant.id, actor: "bench", requestID: "bench") { _, _ throws(ConfigurationError) in
        Decided([.experiment(experiment)], action: "experiment.start", target: experiment.id.description, answer: ())
    }
    return Ready(service: service, tenant: tenant.id, sku: sku)
}

/// Repeats what is refused because the store is too slow, as it is on a busy machine, until it is done.
func persist<Value>(_ body: () async throws -> Value) async throws -> Value {
    while true {
        do {
            return try await body()
        } catch QuoteError.store(.unavailable), QuoteError.store(.unreachable) {
        } catch StoreError.unavailable, StoreError.unreachable {}
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// Runs `body` and prints its rate, and the processor time of the whole process for each: a busy machine changes the
/// first more than the second.
func measured(
    _ what: String, _ count: Int, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Void
) async rethrows {
    let before = processorSeconds()
    let start = ContinuousClock.now
    try await body()
    let duration = ContinuousClock.now - start
    let used = processorSeconds() - before
    let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    let each = (used / Double(count) * 1e8).rounded() / 100
    print("\(what): \(Int(Double(count) / seconds))/s, \(each) µs of processor time each")
}

func processorSeconds() -> Double {
    var usage = rusage()
    unsafe getrusage(0, &usage)  // RUSAGE_SELF, which C has as an enumerator
    let micro = [usage.ru_utime, usage.ru_stime].map { Double($0.tv_sec) * 1e6 + Double($0.tv_usec) }
    return (micro[0] + micro[1]) / 1e6
}

/// The tenant with so many products, each under an experiment of its own that runs.
func manyExperiments(_ count: Int, like snapshot: TenantSnapshot) throws -> TenantSnapshot {
    var configuration = snapshot.configuration
    guard let product = configuration.products.first else { return snapshot }
    let now = snapshot.tenant.createdAt
    let identifiers = IdentifierSource(random: SystemRandom())
    for number in 0..<count {
        guard let sku = TenantKey("many-\(number)") else { continue }
        let own = Product(sku: sku, title: product.title, listPrice: product.listPrice)
        var draft = ExperimentDraft()
        draft.name = "Many \(number)"
        draft.products = [sku.text]
        draft.variants = [.init(name: "control", price: 1999), .init(name: "higher", price: 2499)]
        let design = try ExperimentDesign(validating: draft) { $0 == sku ? own : nil }
        configuration.products.append(own)
        configuration.experiments.append(
            try Experiment(design, id: identifiers.next(at: now), at: now).after(.start, at: now))
    }
    return TenantSnapshot(configuration)
}

@main
enum Bench {
    static func main() async throws {
        let path = CommandLine.arguments.dropFirst().first ?? "/tmp/cournot-bench-spine.db"
        for suffix in path.hasPrefix("postgres") ? [] : ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
        let ready = try await prepare(path: path)
        let newcomers = 100_000
        let lanes = CommandLine.arguments.dropFirst(2).first.flatMap(Int.init) ?? 64

        var waits: [Duration] = []
        try await measured("new shoppers, \(lanes) at once", newcomers) {
            try await withThrowingTaskGroup(of: [Duration].self) { group in
                for lane in 0..<lanes {
                    group.addTask {
                        var waits: [Duration] = []
                        for index in stride(from: lane, to: newcomers, by: lanes) {
                            guard let shopper = TenantKey("shopper-\(index)") else { continue }
                            let asked = ContinuousClock.now
                            _ = try await persist {
                                try await ready.service.quote(
                                    QuoteRequest(shopper: shopper, product: ready.sku), in: ready.snapshot)
                            }
                            waits.append(ContinuousClock.now - asked)
                        }
                        return waits
                    }
                }
                for try await lane in group { waits += lane }
            }
        }
        waits.sort()
        print("new shoppers waited: p50 \(waits[waits.count / 2]), p99 \(waits[waits.count * 99 / 100])")

        let keys = (0..<20_000).compactMap { TenantKey("shopper-\($0)") }
        var found = 0
        let snapshot = ready.snapshot
        await measured("returning shoppers", 5 * keys.count) {
            for _ in 0..<5 {
                for key in keys {
                    if let quote = try? ready.service.quoteAtOnce(
                        QuoteRequest(shopper: key, product: ready.sku), in: snapshot)
                    {
                        found &+= quote.token.utf8.count > 0 ? 1 : 0
                    }
                }
            }
        }
        print("returning shoppers found in memory: \(found) of \(5 * keys.count)")

        for count in [10, 10_000] {
            let large = try manyExperiments(count, like: snapshot)
            guard let one = large.experiments.values.first else { continue }
            let rounds = count > 1000 ? 200 : 2000
            await measured("snapshots after a change, of \(count) experiments", rounds) {
                var next = large
                for version in 0..<rounds { next = next.applying([.experiment(one)], version: version) }
            }
            await measured("snapshots made anew, of \(count) experiments", rounds / 20) {
                for _ in 0..<rounds / 20 { found &+= TenantSnapshot(large.configuration).version }
            }
        }

        let key = ES256.PrivateKey.derive(from: SecureRandom.secret(), info: "bench")
        let claims = [UInt8](repeating: UInt8(ascii: "c"), count: 600)
        var texts: [String] = []
        await measured("signed quotes", 20_000) {
            for _ in 0..<20_000 { texts.append(JWS.compact(claims, signedBy: key)) }
        }
        await measured("signed quotes checked", 5000) {
            for text in texts.prefix(5000) {
                found &+= (try? JWS(compact: text, checkedBy: key.publicKey)) != nil ? 1 : 0
            }
        }

        let batches = CommandLine.arguments.dropFirst(3).first.flatMap(Int.init) ?? 100
        let producers = 4
        try await measured("events in batches of 1,000 from 4 producers", batches * 1000) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for producer in 0..<producers {
                    group.addTask {
                        for number in stride(from: producer, to: batches, by: producers) {
                            var drafts: [EventDraft] = []
                            for index in 0..<1000 {
                                var draft = EventDraft()
                                draft.id = "event-\(number)-\(index)"
                                draft.type = "conversion"
                                draft.shopper = "shopper-\((number * 1000 + index) % newcomers)"
                                draft.timestamp = ready.service.clock.now()
                                draft.product = "sku-1"
                                draft.order = "order-\(number)-\(index)"
                                drafts.append(draft)
                            }
                            let batch = drafts
                            _ = try await persist {
                                try await ready.service.ingest(batch, in: ready.snapshot)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
