internal import Experiments
internal import FaultDisk
internal import Storage
internal import Synchronization

/// A seeded world around the real engine: its disk, its clock, its processes, and the ledger they are held against.
///
/// Everything is done one after the other, and all chance is drawn from one seed: the same seed is the same world.
final class World {
    let findings: Findings
    let planted: PlantedBug?
    let clock: SimulatedClock
    var random: Randomness
    private let disk: FaultDisk
    private(set) var store: any Store
    private(set) var service: PricingService
    /// Another process on the same database, with a directory of its own that goes stale.
    private(set) var neighbour: PricingService
    private var generation = 0
    var books: [Books] = []

    // What later operations come back to.
    var shoppers: [[Shopper]] = []
    /// Those who were linked to another.
    var families: [[Shopper]] = []
    var given: [GivenQuote] = []
    var sent: [SentEvent] = []
    var delayed: [SentEvent] = []
    var requests: [DoneRequest] = []
    var transitionsTried: Set<String> = []
    private(set) var serial = 0

    struct Shopper {
        let id: String
        let channel: String
    }

    struct GivenQuote {
        let tenant: Int
        let shopper: String
        let quote: Quote
    }

    struct SentEvent {
        let tenant: Int
        let draft: EventDraft
    }

    struct DoneRequest {
        let tenant: Int
        let reply: SavedReply
    }

    /// The world cannot go on.
    struct Stuck: Error {}

    private static let disks = Atomic<Int>(0)

    init(seed: UInt64, findings: Findings, planted: PlantedBug?) async throws(StoreError) {
        self.findings = findings
        self.planted = planted
        random = Randomness(seed)
        clock = SimulatedClock(Timestamp(milliseconds: 1_790_000_000_000 + random.within(0...86_400_000)))
        disk = FaultDisk(name: "world-\(Self.disks.add(1, ordering: .relaxed).newValue)")
        store = try SQLiteStore(path: disk.path("cournot.db"), readers: 1, vfs: FaultDisk.vfs)
        service = PricingService(store: store, clock: clock, identifiers: IdentifierSource(random: random.fork()))
        neighbour = service
        try await start()
    }

    /// Starts the processes on the store as it is.
    private func start() async throws(StoreError) {
        generation += 1
        let reached: any Store = planted.map { FaultyStore(store, bug: $0, generation: generation) } ?? store
        let time: any WallClock = planted == .slowClock ? SlowClock(clock: clock) : clock
        service = PricingService(
            store: reached, clock: time, identifiers: IdentifierSource(random: random.fork()),
            tableCapacity: random.pick([512, 1024, 4096]))
        neighbour = PricingService(
            store: reached, clock: time, identifiers: IdentifierSource(random: random.fork()), tableCapacity: 512)
        try await service.load()
        try await neighbour.load()
    }

    func finish() async { await store.close() }

    var now: Int64 { clock.now().milliseconds }

    /// A name nobody else has.
    func fresh(_ prefix: String) -> String {
        serial += 1
        return "\(prefix)-\(serial)"
    }

    func snapshot(_ tenant: Int) throws(Stuck) -> TenantSnapshot {
        guard let snapshot = service.snapshot(of: books[tenant].tenant) else {
            findings.add(.durability, "tenant \(tenant) is gone")
            throw Stuck()
        }
        return snapshot
    }

    // MARK: Faults

    /// From the `count`-th write on the disk fails, in the middle of whatever is under way then.
    func armCrash(after count: Int) { disk.arm(after: UInt64(count)) }

    /// One of the next syncs fails, as on a dying disk.
    func armFailedSync(after count: Int) { disk.failSync(after: UInt64(count)) }

    /// Little room is left.
    func fillDisk() { disk.limit(bytes: disk.usedBytes + random.within(0...20_000)) }

    /// Does something until it is answered, through crashes and full disks, as a client would. Time stands still
    /// meanwhile, so that it does not matter to the ledger which attempt was the durable one.
    ///
    /// - Returns: the answer, and whether an attempt before it ended unknown.
    func insist<Value: Sendable>(
        _ attempt: () async throws(StoreError) -> Value
    ) async throws(Stuck) -> (value: Value, wasRetried: Bool) {
        var wasRetried = false
        for _ in 0..<6 {
            do throws(StoreError) {
                return (try await attempt(), wasRetried)
            } catch {
                findings.trace("fault \(error)")
                switch error {
                case .full:
                    disk.limit(bytes: nil)
                    findings.report.fullDisks += 1
                case .broken, .unavailable, .unreachable, .uncertain:
                    wasRetried = true
                    try await recover()
                case .outdated, .repeated, .corrupt:
                    findings.add(.durability, "the store answered \(error)")
                    throw Stuck()
                }
            }
        }
        findings.add(.durability, "the store does not get going again")
        throw Stuck()
    }

    /// The power fails, and comes back; sometimes it fails again while the database is being opened. Or only the
    /// process was lost, and what it wrote is still there, durable or not.
    func recover() async throws(Stuck) {
        findings.report.crashes += 1
        if random.perMille(300) { disk.kill() } else { disk.crash(seed: random.next()) }
        disk.limit(bytes: nil)
        await store.close()
        if random.perMille(200) { disk.arm(after: UInt64(random.below(12))) }
        do {
            try await reopen()
        } catch {
            findings.trace("crash while opening: \(error)")
            disk.crash(seed: random.next())
            await store.close()
            do {
                try await reopen()
            } catch {
                findings.add(.durability, "the database does not open after a crash: \(error)")
                throw Stuck()
            }
        }
        disk.disarm()
    }

    /// The process ends, in order or killed, and starts again on the same disk.
    func restart() async throws(Stuck) {
        findings.report.restarts += 1
        let isKilled = random.perMille(500)
        if isKilled { disk.kill() } else { disk.disarm() }
        await store.close()
        do {
            try await reopen()
        } catch {
            findings.add(.durability, "the database does not open again: \(error)")
            throw Stuck()
        }
    }

    /// Takes back what was armed and not met.
    func calm() {
        disk.disarm()
        disk.limit(bytes: nil)
    }

    private func reopen() async throws(StoreError) {
        store = try SQLiteStore(path: disk.path("cournot.db"), readers: 1, vfs: FaultDisk.vfs)
        try await start()
    }
}
