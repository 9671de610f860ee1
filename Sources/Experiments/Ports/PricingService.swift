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
    /// The only shopper that the caller may act for: whoever calls in a session. Nil for keys themselves.
    public let shopper: TenantKey?

    public init(tenant: TenantID, key: APIKey, shopper: TenantKey? = nil) {
        self.tenant = tenant
        self.key = key
        self.shopper = shopper
    }

    /// A session has the role of a widget, whatever key it was made under.
    public var role: Role { shopper == nil ? key.role : .widget }

    /// What its requests are counted under: each session by itself.
    public var countedAs: APIKeyID {
        guard let shopper else { return key.id }
        var hash = SHA256()
        hash.update(Array(key.id.description.utf8) + [0])
        hash.update(Array(shopper.text.utf8))
        return APIKeyID(bits: Bits128(hash.finished()))
    }

    /// Whether the caller may act for a shopper.
    public func mayAct(for shopper: TenantKey) -> Bool { self.shopper == nil || self.shopper == shopper }

    /// Whether the caller may act for the shopper that is stored so.
    public func mayAct(for subject: Subject, in snapshot: TenantSnapshot) -> Bool {
        shopper.map { snapshot.subject(of: $0) == subject } ?? true
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
    let untold = UntoldOffers()
    let directory = Directory()
    let table: AssignmentTable
    let turnstile: Turnstile
    let cacheUse = CacheUse()
    private let refreshing = Refreshing()
    private let outage = Atomic(false)
    private let isProbing = Atomic(false)
    private let follows = Atomic<Int>(0)
    /// Where prices were found and what became of those spooled.
    public let tally = PriceTally()
    /// What tenants used over the doors of this process.
    public let usage: UsageTally

    /// - Parameters:
    ///   - tableCapacity: offers kept in memory, some 112 bytes each once used.
    ///   - namedTenants: tenants whose usage is counted by name; at least 0.
    public init(
        store: any Store, clock: any WallClock, identifiers: IdentifierSource, cache: (any AssignmentCache)? = nil,
        spool: (any Spool)? = nil, tableCapacity: Int = 131_072, namedTenants: Int = 50
    ) {
        usage = UsageTally(namedTenants: namedTenants)
        self.store = store
        self.clock = clock
        self.identifiers = identifiers
        self.cache = cache
        self.spool = spool
        turnstile = Turnstile(clock: clock)
        table = AssignmentTable(capacity: tableCapacity)
    }

    /// Reads every tenant's configuration. Call once, before anything else.
    public func load() async throws(StoreError) {
        directory.replaceAll(try await store.load().map { TenantSnapshot($0) })
    }

    /// Takes what other processes committed; of a store that lost what was known here before it was asked, what it has.
    public func refresh() async throws(StoreError) {
        let known = directory.versions
        let stored = try await store.versions()
        let lost = known.filter { tenant, version in stored[tenant].map { $0 < version } ?? false }
        let changed = stored.filter { (directory[$0.key]?.version ?? 0) < $0.value }
        if changed.isEmpty, lost.isEmpty { return }
        for configuration in try await store.load(Array(changed.keys) + Array(lost.keys)) {
            if let version = lost[configuration.tenant.id] {
                directory.goBack(to: configuration, from: version)
            } else {
                directory.put(configuration)
            }
        }
    }

    /// Takes what other processes did since this was last called; often, for until then they are not heard.
    ///
    /// - Parameter isLate: whether the last call failed: then configuration is compared, whatever was heard.
    public func followOthers(isLate: Bool = false) async throws(StoreError) {
        let hasChanged: Bool
        do {
            hasChanged = try await store.changedElsewhere()
        } catch {
            note(error)
            throw error
        }
        if hasChanged || isLate { try await refresh() }
        switch await store.changedShoppers() {
        case .none: break
        case .some(let joined):
            for (tenant, subjects) in joined {
                for subject in subjects { table.forget(subject) }
                // Whoever made them one may not have reached the cache.
                await cache?.forget(subjects, of: tenant)
            }
        // Nobody is made one with another before that is known of the tenant.
        case .all: if directory.all.contains(where: \.tenant.hasLinkedShoppers) { table.forgetAll() }
        }
        try await checkStore()
        do throws(StoreError) {
            try await drainSpool()
        } catch {
            note(error)
        }
    }

    /// Sees whether a shared store can be written to: now and then, and always while it could not.
    private func checkStore() async throws(StoreError) {
        let isDue = follows.add(1, ordering: .relaxed).oldValue % 5 == 0
        guard isDegraded || (store.isShared && isDue) else { return }
        do {
            try await store.check()
        } catch {
            note(error)
            throw error
        }
        noteAnswer()
    }

    /// Runs `body`, which asks the store, unless the store is known to be out of reach and somebody is trying already.
    func asking<Value>(_ body: () async throws(StoreError) -> Value) async throws(StoreError) -> Value {
        guard isDegraded else { return try await body() }
        guard !isProbing.exchange(true, ordering: .relaxed) else {
            throw .unreachable("the store was out of reach when last asked")
        }
        defer { isProbing.store(false, ordering: .relaxed) }
        return try await body()
    }

    /// Whether the store was out of reach when last asked.
    public var isDegraded: Bool { outage.load(ordering: .relaxed) }

    /// The store answered.
    func noteAnswer() {
        // Written by many, read by all: only when it changes.
        if isDegraded { outage.store(false, ordering: .relaxed) }
    }

    func note(_ error: StoreError) {
        switch error {
        case .unreachable, .uncertain: outage.store(true, ordering: .relaxed)
        case .full, .broken, .unavailable, .outdated, .repeated, .corrupt: break
        }
    }

    /// A snapshot of at least this version; nil when there is no such tenant. Where the store has lost the one that something
    /// was decided on, what it has.
    func newer(than snapshot: TenantSnapshot, atLeast version: Int) async throws(StoreError) -> TenantSnapshot? {
        let tenant = snapshot.tenant.id
        if version < snapshot.version { try await refresh() }
        // What somebody else began to read may be older still.
        for _ in 0..<2 {
            if let known = directory[tenant], known.version >= version { return known }
            try await refreshing.once(tenant) { () throws(StoreError) in
                if let newest = try await store.load([tenant]).first {
                    directory.put(newest)
                }
            }
        }
        return directory[tenant]
    }

    /// The newest snapshot of a tenant.
    public func snapshot(of tenant: TenantID) -> TenantSnapshot? { directory[tenant] }

    /// How many tenants there are.
    public var tenantCount: Int { directory.count }

    /// All tenants, in no order.
    public var tenants: [TenantID] { directory.all.map(\.tenant.id) }

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

    /// The shopper whose session this is; nil for what we did not seal, what has expired, and once the key that it was
    /// made under is gone. A key's addresses are those of who makes sessions, not of the shoppers.
    public func principal(session text: some Collection<UInt8>) -> (Principal, TenantSnapshot)? {
        let now = clock.now()
        guard let bytes = ShopperSession.bytes(of: text), let snapshot = directory[ShopperSession.tenant(of: bytes)],
            let session = snapshot.sessions?.open(bytes: bytes, at: now), let key = snapshot.keys[session.key],
            key.expiresAt.map({ now < $0 }) ?? true
        else { return nil }
        return (Principal(tenant: session.tenant, key: key, shopper: session.shopper), snapshot)
    }
}
