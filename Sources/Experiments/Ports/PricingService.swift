public import Crypto
internal import Synchronization

/// A clock of the wall. Time enters the domain here and nowhere else.
public protocol WallClock: Sendable {
    func now() -> Timestamp
}

/// Who is calling, as a key says.
public struct Principal: Sendable, Equatable {
    public let tenant: TenantID
    public let key: APIKey

    public init(tenant: TenantID, key: APIKey) {
        self.tenant = tenant
        self.key = key
    }
}

/// Prices, events and configuration for every door of the house.
///
/// The rule it keeps: **durable before told**. A price leaves here only when the offer behind it is committed, or was
/// found committed.
public final class PricingService: Sendable {
    public let store: any Store
    public let clock: any WallClock
    public let identifiers: IdentifierSource
    /// Where processes find what others told; nil for a process by itself.
    public let cache: (any AssignmentCache)?
    /// What keeps new shoppers' prices while the store is out of reach; nil where nothing would.
    public let spool: (any Spool)?
    let directory = Directory()
    let table: AssignmentTable
    private let outage = Atomic(false)
    /// Where prices were found and what became of those spooled.
    public let tally = PriceTally()

    /// - Parameter tableCapacity: offers kept in memory, some 112 bytes each once used.
    public init(
        store: any Store, clock: any WallClock, identifiers: IdentifierSource, cache: (any AssignmentCache)? = nil,
        spool: (any Spool)? = nil, tableCapacity: Int = 131_072
    ) {
        self.store = store
        self.clock = clock
        self.identifiers = identifiers
        self.cache = cache
        self.spool = spool
        table = AssignmentTable(capacity: tableCapacity)
    }

    /// Reads every tenant's configuration. Call once, before anything else.
    public func load() async throws(StoreError) {
        directory.replaceAll(try await store.load().map(TenantSnapshot.init))
    }

    /// Takes what other processes committed.
    public func refresh() async throws(StoreError) {
        let changed = try await store.versions().filter { (directory[$0.key]?.version ?? 0) < $0.value }
        if changed.isEmpty { return }
        for configuration in try await store.load(Array(changed.keys)) {
            directory.put(TenantSnapshot(configuration))
        }
    }

    /// Takes what other processes did since this was last called; often, for until then they are not heard.
    ///
    /// - Parameter isLate: whether something may have been missed.
    public func followOthers(isLate: Bool = false) async throws(StoreError) {
        let hasChanged: Bool
        do {
            hasChanged = try await store.changedElsewhere()
        } catch {
            note(error)
            throw error
        }
        if isLate {
            table.forgetAll()
        } else {
            switch await store.changedShoppers() {
            case .none: break
            case .some(let joined):
                for (tenant, subjects) in joined {
                    for subject in subjects { table.forget(subject) }
                    // Whoever made them one may not have reached the cache.
                    await cache?.forget(subjects, of: tenant)
                }
            case .all: table.forgetAll()
            }
        }
        if hasChanged || isLate { try await refresh() }
        if isDegraded {
            try await store.check()
            noteAnswer()
        }
        do throws(StoreError) {
            try await drainSpool()
        } catch {
            note(error)
        }
    }

    /// Whether the store was out of reach when last asked.
    public var isDegraded: Bool { outage.load(ordering: .relaxed) }

    /// The store answered.
    func noteAnswer() {
        // Written by many, read by all: only when it changes.
        if isDegraded { outage.store(false, ordering: .relaxed) }
    }

    func note(_ error: StoreError) {
        if case .unreachable = error { outage.store(true, ordering: .relaxed) }
    }

    /// A snapshot of at least this version; nil when there is no such tenant.
    func newer(than snapshot: TenantSnapshot, atLeast version: Int) async throws(StoreError) -> TenantSnapshot? {
        if let known = directory[snapshot.tenant.id], known.version >= version { return known }
        for configuration in try await store.load([snapshot.tenant.id]) { directory.put(TenantSnapshot(configuration)) }
        return directory[snapshot.tenant.id]
    }

    /// The newest snapshot of a tenant.
    public func snapshot(of tenant: TenantID) -> TenantSnapshot? { directory[tenant] }

    /// How many tenants there are.
    public var tenantCount: Int { directory.count }

    /// Whether a key with this hash was given to anybody and not taken back.
    public func hasKey(_ hash: Digest256) -> Bool { directory.find(hash) != nil }

    /// The bearer of a key; nil when there is no such key or it is not usable now from here.
    ///
    /// - Parameter address: asked for only when the key is bound to addresses.
    public func principal(
        keyHash: Digest256, from address: @autoclosure () -> String
    ) -> (Principal, TenantSnapshot)? {
        guard let (snapshot, key) = directory.find(keyHash) else { return nil }
        guard key.isUsable(at: clock.now(), from: address()) else { return nil }
        return (Principal(tenant: snapshot.tenant.id, key: key), snapshot)
    }
}
