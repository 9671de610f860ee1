/// Why the store could not do what was asked. Nothing of it has been kept, unless it is `broken` or `uncertain`: then nobody
/// knows. Of a batch of events a part may have been, whatever the error: sent again, it is a duplicate.
public enum StoreError: Error, Sendable, Equatable {
    /// No room on the disk.
    case full
    /// A write or its sync failed; the store refuses further writes until it is opened again.
    case broken(String)
    /// Busy or shutting down; try again.
    case unavailable(String)
    /// Out of reach, as is known without asking: others answer what they can without it.
    case unreachable(String)
    /// Sent, and no answer came: it may have been kept or not. The store is as good as out of reach.
    case uncertain(String)
    /// The configuration has moved on since it was read; decide again. Carries the version now in force.
    case outdated(current: Int)
    /// The same idempotency key was used before; here is what was answered.
    case repeated(SavedReply)
    /// What is stored cannot be read as what it should be.
    case corrupt(String)
}

extension StoreError {
    /// For the operator; not for whoever asked.
    public var sentence: String {
        switch self {
        case .full: "the disk is full"
        case .broken(let detail): "a write failed: \(detail)"
        case .unavailable(let detail), .unreachable(let detail), .uncertain(let detail): detail
        case .outdated: "somebody else changed the configuration at the same time; try again"
        case .repeated: "this was done before"
        case .corrupt(let detail): "what is stored cannot be read: \(detail)"
        }
    }
}

/// All of a tenant's configuration.
public struct TenantConfiguration: Sendable, Equatable {
    public var tenant: Tenant
    public var version: Int
    public var products: [Product]
    public var experiments: [Experiment]
    public var keys: [APIKey]

    public init(tenant: Tenant, version: Int, products: [Product], experiments: [Experiment], keys: [APIKey]) {
        self.tenant = tenant
        self.version = version
        self.products = products
        self.experiments = experiments
        self.keys = keys
    }
}

/// One row of configuration put or removed.
public enum ConfigurationChange: Sendable, Equatable {
    case tenant(Tenant)
    case product(Product)
    case productRemoved(TenantKey)
    case experiment(Experiment)
    case key(APIKey)
    case keyRemoved(APIKeyID)
    /// Kept by the store alone: no price depends on it, so no snapshot carries it.
    case decision(DecisionRecord)
}

extension TenantConfiguration {
    /// Puts and removes rows.
    public mutating func apply(_ changes: [ConfigurationChange]) {
        var products = Dictionary(self.products.map { ($0.sku, $0) }, uniquingKeysWith: { _, last in last })
        for change in changes {
            switch change {
            case .tenant(let tenant): self.tenant = tenant
            case .product(let product): products[product.sku] = product
            case .productRemoved(let sku): products[sku] = nil
            case .experiment(let experiment):
                experiments.removeAll { $0.id == experiment.id }
                experiments.append(experiment)
            case .key(let key):
                keys.removeAll { $0.id == key.id }
                keys.append(key)
            case .keyRemoved(let id): keys.removeAll { $0.id == id }
            case .decision: break
            }
        }
        self.products = Array(products.values)
    }
}

/// Changes of configuration, decided one after the other from one version of it on, and committed together or not at all.
public struct Commit: Sendable {
    /// A change with its audit row and the reply to be given again to whoever repeats the request.
    public struct Step: Sendable {
        public let changes: [ConfigurationChange]
        public let audit: AuditDraft
        public let reply: SavedReply?

        public init(changes: [ConfigurationChange], audit: AuditDraft, reply: SavedReply? = nil) {
            self.changes = changes
            self.audit = audit
            self.reply = reply
        }
    }

    /// Decides the same where something else stands than what was decided against: on the newest configuration, nil where
    /// it is still the same, and without what was answered before. Nil where then nothing is left to be done.
    public typealias Renewal =
        @Sendable (_ newest: TenantConfiguration?, _ known: [SavedReply]) -> Commit?

    public let tenant: TenantID
    /// The version the first decision was made against; 0 creates the tenant.
    public let expectedVersion: Int
    /// At least one; each makes a version.
    public let steps: [Step]
    /// For a store that can have it decided where it keeps it; nil for what its asker has to decide.
    public let renewal: Renewal?

    /// The version that there is once it is committed.
    public var version: Int { expectedVersion + steps.count }

    public init(tenant: TenantID, expectedVersion: Int, steps: [Step], renewal: Renewal? = nil) {
        self.tenant = tenant
        self.expectedVersion = expectedVersion
        self.steps = steps
        self.renewal = renewal
    }

    /// One change.
    public init(
        tenant: TenantID, expectedVersion: Int, changes: [ConfigurationChange], audit: AuditDraft,
        reply: SavedReply? = nil
    ) {
        self.init(
            tenant: tenant, expectedVersion: expectedVersion,
            steps: [Step(changes: changes, audit: audit, reply: reply)])
    }
}

/// Whose idempotency key it is: a key of one principal on one route.
public struct ReplyScope: Sendable, Hashable {
    /// The tenant asking; all zero bits for the platform.
    public let tenant: TenantID
    /// SHA-256 over principal, route and the client's key.
    public let hash: Bits128

    public init(tenant: TenantID, hash: Bits128) {
        self.tenant = tenant
        self.hash = hash
    }
}

/// An answer kept for 72 hours, to be given again byte for byte.
public struct SavedReply: Sendable, Equatable {
    public let scope: ReplyScope
    /// Of the request's body; another body under the same key is a mistake.
    public let bodyHash: Bits128
    public let status: Int
    /// Sealed under the caller's own key: it may show a secret that is shown once.
    public let sealedBody: [UInt8]
    public let at: Timestamp

    public static let kept: Int64 = 72 * 3600 * 1000

    public init(scope: ReplyScope, bodyHash: Bits128, status: Int, sealedBody: [UInt8], at: Timestamp) {
        self.scope = scope
        self.bodyHash = bodyHash
        self.status = status
        self.sealedBody = sealedBody
        self.at = at
    }
}

/// One shopper to be told one price.
public struct Enrolment: Sendable {
    public let subject: Subject
    public let product: TenantKey
    public let listPrice: Money
    public let proposal: Proposal
    public let expose: Bool
    public let at: Timestamp
    /// For a new offer; if it is taken the store takes the next.
    public let tail: UInt64
    /// What the shopper was told without the store, if this hands it over: its quotes are honoured whatever the store
    /// has, and beside that.
    public let told: Offer?

    public init(
        subject: Subject, product: TenantKey, listPrice: Money, proposal: Proposal, expose: Bool, at: Timestamp,
        tail: UInt64, told: Offer? = nil
    ) {
        self.subject = subject
        self.product = product
        self.listPrice = listPrice
        self.proposal = proposal
        self.expose = expose
        self.at = at
        self.tail = tail
        self.told = told
    }

    /// What is to be kept of what was told, for a shopper of this subject who is due `due`; nil where that is nothing
    /// but a new offer, or the one the store has.
    public func repeated(to subject: Subject, known: Offer?, due: Offer) -> Offer? {
        guard let told, !told.isSamePrice(as: due) || known.map({ $0.tail != told.tail }) ?? false else { return nil }
        return Offer(
            tail: told.tail, subject: subject, product: told.product, placement: told.placement, price: told.price,
            currency: told.currency, toldAt: told.toldAt, isExposed: told.isExposed, isRepeated: true)
    }
}

/// What is durable now.
public struct Enrolled: Sendable, Equatable {
    public let offer: Offer
    /// Whether this very enrolment assigned the shopper.
    public let isNew: Bool
    /// Whether the shopper goes by several ids: what is done under one changes what is due under the others.
    public let isShared: Bool
    /// Whether an experiment would have taken the shopper, and the tenant's use of the month is at its limit.
    public let isOverLimit: Bool

    public init(offer: Offer, isNew: Bool, isShared: Bool = false, isOverLimit: Bool = false) {
        self.offer = offer
        self.isNew = isNew
        self.isShared = isShared
        self.isOverLimit = isOverLimit
    }
}

/// What a shopper already has, as a peek sees it.
public struct Standing: Sendable, Equatable {
    /// The first of the candidates the shopper is in, with its variant.
    public let placement: Offer.Placement?
    /// The offer durable for what would be told now.
    public let offer: Offer?

    public init(placement: Offer.Placement?, offer: Offer?) {
        self.placement = placement
        self.offer = offer
    }
}

/// The state of an experiment's counts at one moment: all a report is made from.
public struct Measurements: Sendable, Equatable {
    public let experiment: Experiment
    /// When the counts or the experiment last changed; strictly rising.
    public let asOf: Timestamp
    public let cells: [CellKey: UnitSums]
    /// Distributions, covariates and segments; without those who were first exposed before they were kept.
    public let tallies: [TallyKey: Tally]

    public init(
        experiment: Experiment, asOf: Timestamp, cells: [CellKey: UnitSums], tallies: [TallyKey: Tally] = [:]
    ) {
        self.experiment = experiment
        self.asOf = asOf
        self.cells = cells
        self.tallies = tallies
    }

    public var counts: UnitCounts { UnitCounts(cells: cells, tallies: tallies) }
}

/// Where everything lives. Each call is one transaction; what it returns is durable.
public protocol Store: ConversationStore {
    /// Every tenant's configuration.
    func load() async throws(StoreError) -> [TenantConfiguration]

    /// Some tenants' configuration; those that are not there are left out.
    func load(_ tenants: [TenantID]) async throws(StoreError) -> [TenantConfiguration]

    /// The version of every tenant's configuration.
    func versions() async throws(StoreError) -> [TenantID: Int]

    /// Commits changes of configuration; returns the new version. Throws `outdated` when decided against an older
    /// version, `repeated` when an idempotency key of theirs is known, with the reply that says whose: then nothing was
    /// done. A store may have them decided on what stands instead, where `renewal` says how. `publish` is called with the
    /// new version once it is durable and before whoever asked is answered.
    func commit(
        _ commit: Commit, publish: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> Int

    /// The reply saved under a key within 72 hours before `now`.
    func reply(in scope: ReplyScope, at now: Timestamp) async throws(StoreError) -> SavedReply?

    /// Makes each price durable: finds the shopper's place or takes the proposed one, finds the offer or makes it,
    /// and counts the exposure. Nobody new is assigned beyond the tenant's limit of use, however many ask at once.
    /// Results in order. Throws `outdated` if the snapshot is not the newest version: then
    /// nothing was done. A store may have it decided on the newest instead, where `renewal` says how.
    func enrol(
        _ enrolments: [Enrolment], in snapshot: TenantSnapshot, renewal: Renewal<[Enrolment]>?
    ) async throws(StoreError) -> [Enrolled]

    /// What `enrol` would find. Writes nothing.
    func standing(
        of subject: Subject, product: TenantKey, proposal: Proposal, listPrice: Money, in tenant: TenantID
    ) async throws(StoreError) -> Standing

    /// The offer a quote's tail names.
    func offer(_ tail: UInt64, in tenant: TenantID) async throws(StoreError) -> Offer?

    /// Counts a batch of events exactly once each. Outcomes in order. Where it throws anything but `outdated` some may have
    /// been kept: sent again, those are duplicates. `renewal` as for `enrol`.
    func ingest(
        _ events: [IncomingEvent], in snapshot: TenantSnapshot, at now: Timestamp, renewal: Renewal<[IncomingEvent]>?
    ) async throws(StoreError) -> [EventOutcome]

    /// Makes two ids one shopper and keeps the audit row of it. Returns all ids of that shopper; none when they were
    /// one already, and then nothing is written.
    func link(
        _ a: Subject, _ b: Subject, in snapshot: TenantSnapshot, audit: AuditDraft
    ) async throws(StoreError) -> [Subject]

    /// The newest counts of an experiment, recorded so that they can be had again by their `asOf`; or those recorded
    /// under `asOf`. Nil when there are none.
    func measurements(
        of experiment: ExperimentID, in tenant: TenantID, asOf: Timestamp?
    ) async throws(StoreError) -> Measurements?

    /// The newest counts for those who only look: nothing is written, and nobody may ask for them again by their
    /// `asOf`. Nil when there are none.
    func newestCounts(of experiment: ExperimentID, in tenant: TenantID) async throws(StoreError) -> Measurements?

    /// When an experiment's counts last changed: what `newestCounts` would be as of, for far less. Nil when there are
    /// none.
    func countsChangedAt(of experiment: ExperimentID, in tenant: TenantID) async throws(StoreError) -> Timestamp?

    /// Of the counts recorded for each experiment of a tenant before a time, keeps the last of each day in UTC and
    /// those that a decision rests on, and forgets the others. Returns how many were forgotten.
    func thinRecorded(of tenant: TenantID, before: Timestamp) async throws(StoreError) -> Int

    /// The counts made anew from every shopper's events, for checking the running ones.
    func recount(of experiment: ExperimentID, in snapshot: TenantSnapshot) async throws(StoreError) -> UnitCounts

    /// Units of an experiment in order of subject, after one.
    func units(
        of experiment: ExperimentID, in tenant: TenantID, after: Subject?, limit: Int
    ) async throws(StoreError) -> [UnitRow]

    /// What a tenant used on some days.
    func usage(of tenant: TenantID, on days: Range<Int32>) async throws(StoreError) -> UsageRecords

    /// Audit rows, newest first, below a sequence number.
    func audit(of tenant: TenantID, below: Int64?, limit: Int) async throws(StoreError) -> [AuditEntry]

    /// Decisions, newest first, of one experiment or of all (nil), older than one.
    func decisions(
        of experiment: ExperimentID?, in tenant: TenantID, before: DecisionID?, limit: Int
    ) async throws(StoreError) -> [DecisionRecord]

    /// Succeeds when the store can write.
    func check() async throws(StoreError)

    /// Whether another process changed what is stored since this was last asked.
    func changedElsewhere() async throws(StoreError) -> Bool

    /// Whether other processes may enrol shoppers here at the same time.
    var isShared: Bool { get }

    /// Of whom another process made one shopper since this was last asked: what is remembered of them may be wrong.
    func changedShoppers() async -> ChangedShoppers

    /// Calls `hear` as soon as another process may have changed something, where that can be heard. From any thread.
    func onNews(_ hear: @escaping @Sendable () -> Void) async

    /// Finishes what is under way and lets go.
    func close() async
}

extension Store {
    // Where reading everything costs little.
    public func load(_ tenants: [TenantID]) async throws(StoreError) -> [TenantConfiguration] {
        let wanted = Set(tenants)
        return try await load().filter { wanted.contains($0.tenant.id) }
    }
    public func versions() async throws(StoreError) -> [TenantID: Int] {
        Dictionary(try await load().map { ($0.tenant.id, $0.version) }, uniquingKeysWith: { _, last in last })
    }

    // What belongs to one process alone.
    public var isShared: Bool { false }
    public func onNews(_ hear: @escaping @Sendable () -> Void) async {}
    public func changedShoppers() async -> ChangedShoppers { .none }
}

/// Shoppers of whom what is remembered may be wrong.
public enum ChangedShoppers: Sendable, Equatable {
    case none
    case some([TenantID: [Subject]])
    /// Nobody knows which.
    case all

    public mutating func formUnion(_ other: ChangedShoppers) {
        switch (self, other) {
        case (.all, _), (_, .none): break
        case (_, .all): self = .all
        case (.none, .some): self = other
        case (.some(let ours), .some(let theirs)): self = .some(ours.merging(theirs, uniquingKeysWith: +))
        }
    }
}

/// A unit with its shopper, for exports.
public struct UnitRow: Sendable, Equatable {
    public let subject: Subject
    public let unit: UnitState

    public init(subject: Subject, unit: UnitState) {
        self.subject = subject
        self.unit = unit
    }
}

extension Store {
    /// The same on this configuration or not at all.
    public func enrol(
        _ enrolments: [Enrolment], in snapshot: TenantSnapshot
    ) async throws(StoreError) -> [Enrolled] {
        try await enrol(enrolments, in: snapshot, renewal: nil)
    }

    /// The same on this configuration or not at all.
    public func ingest(
        _ events: [IncomingEvent], in snapshot: TenantSnapshot, at now: Timestamp
    ) async throws(StoreError) -> [EventOutcome] {
        try await ingest(events, in: snapshot, at: now, renewal: nil)
    }
}
