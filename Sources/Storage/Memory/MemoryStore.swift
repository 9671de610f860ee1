public import Experiments
internal import Synchronization

/// The store as a model: everything in one value behind one lock, and counts made from the shoppers whenever they
/// are asked for. Slow, lost with the process, and plain enough to be believed: other engines are compared with it.
public final class MemoryStore: Store {
    struct State {
        var tenants: [TenantID: MemoryTenant] = [:]
        var replies: [ReplyScope: SavedReply] = [:]
        var conversations: [TenantID: [ConversationID: MemoryConversation]] = [:]
        var models: [TenantID: MemoryModelCosts] = [:]
        var isClosed = false

        /// Refuses what was answered already.
        func requireNew(_ reply: SavedReply?) throws(StoreError) {
            guard let reply, let known = replies[reply.scope],
                known.at.milliseconds > reply.at.milliseconds - SavedReply.kept
            else { return }
            throw .repeated(known)
        }
    }

    private let state = Mutex(State())

    /// An empty store.
    public init() {}

    public func load() async throws(StoreError) -> [TenantConfiguration] {
        try read { state in state.tenants.values.map(\.configuration) }
    }

    public func commit(
        _ commit: Commit, publish: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> Int {
        try change { state throws(StoreError) in
            for step in commit.steps { try state.requireNew(step.reply) }
            let current = state.tenants[commit.tenant]?.configuration.version ?? 0
            guard current == commit.expectedVersion else { throw .outdated(current: current) }
            if state.tenants[commit.tenant] == nil {
                guard case .tenant(let tenant)? = commit.steps.first?.changes.first else {
                    throw .corrupt("the first change of a tenant makes it")
                }
                state.tenants[commit.tenant] = MemoryTenant(tenant)
            }
            for (index, step) in commit.steps.enumerated() {
                state.tenants[commit.tenant]?.apply(step.changes, version: current + index + 1, audit: step.audit)
                if let reply = step.reply { state.replies[reply.scope] = reply }
            }
            publish(commit.version)
            return commit.version
        }
    }

    public func reply(in scope: ReplyScope, at now: Timestamp) async throws(StoreError) -> SavedReply? {
        try read { state in
            guard let known = state.replies[scope] ?? state.tenants[scope.tenant]?.sales.replies[scope.hash],
                known.at.milliseconds > now.milliseconds - SavedReply.kept
            else { return nil }
            return known
        }
    }

    public func enrol(
        _ enrolments: [Enrolment], in snapshot: TenantSnapshot, renewal: Renewal<[Enrolment]>?
    ) async throws(StoreError) -> [Enrolled] {
        try change(snapshot) { tenant in enrolments.map { tenant.enrol($0, in: snapshot) } }
    }

    public func standing(
        of subject: Subject, product: TenantKey, proposal: Proposal, listPrice: Money, in tenant: TenantID
    ) async throws(StoreError) -> Standing {
        try read { state in
            guard let tenant = state.tenants[tenant] else { return Standing(placement: nil, offer: nil) }
            let subject = tenant.canonical(subject)
            for candidate in proposal.candidates {
                if let unit = tenant.units[candidate.experiment]?[subject] {
                    return Standing(
                        placement: Offer.Placement(experiment: candidate.experiment, variant: unit.variant),
                        offer: nil)
                }
            }
            return Standing(
                placement: nil, offer: tenant.offers.offer(to: subject, product, placement: nil, price: listPrice))
        }
    }

    public func offer(_ tail: UInt64, in tenant: TenantID) async throws(StoreError) -> Offer? {
        try read { state in state.tenants[tenant]?.offer(tail) }
    }

    public func ingest(
        _ events: [IncomingEvent], in snapshot: TenantSnapshot, at now: Timestamp, renewal: Renewal<[IncomingEvent]>?
    ) async throws(StoreError) -> [EventOutcome] {
        try change(snapshot) { tenant in tenant.ingest(events, in: snapshot, at: now) }
    }

    public func link(
        _ a: Subject, _ b: Subject, in snapshot: TenantSnapshot, audit: AuditDraft
    ) async throws(StoreError) -> [Subject] {
        try change(snapshot) { tenant in tenant.link(a, b, in: snapshot, audit: audit) }
    }

    public func measurements(
        of experiment: ExperimentID, in tenant: TenantID, asOf: Timestamp?
    ) async throws(StoreError) -> Measurements? {
        try change { state in
            if let asOf {
                return state.tenants[tenant]?.recorded[experiment]?.last { $0.asOf == asOf }
            }
            return state.tenants[tenant]?.record(experiment)
        }
    }

    public func newestCounts(
        of experiment: ExperimentID, in tenant: TenantID
    ) async throws(StoreError) -> Measurements? {
        try read { state in state.tenants[tenant]?.counts(of: experiment) }
    }

    public func countsChangedAt(
        of experiment: ExperimentID, in tenant: TenantID
    ) async throws(StoreError) -> Timestamp? {
        try read { state in state.tenants[tenant]?.changedAt[experiment] }
    }

    public func thinRecorded(of tenant: TenantID, before: Timestamp) async throws(StoreError) -> Int {
        try change { state in state.tenants[tenant]?.thinRecorded(before: before) ?? 0 }
    }

    public func recount(
        of experiment: ExperimentID, in snapshot: TenantSnapshot
    ) async throws(StoreError) -> UnitCounts {
        try read { state in
            guard let rules = snapshot.experiments[experiment], let tenant = state.tenants[snapshot.tenant.id] else {
                return UnitCounts()
            }
            return tenant.recount(of: rules)
        }
    }

    public func units(
        of experiment: ExperimentID, in tenant: TenantID, after: Subject?, limit: Int
    ) async throws(StoreError) -> [UnitRow] {
        try read { state in
            let units = state.tenants[tenant]?.units[experiment] ?? [:]
            let subjects = units.keys.filter { subject in after.map { subject > $0 } ?? true }.sorted()
            return subjects.prefix(limit).compactMap { subject in
                units[subject].map { UnitRow(subject: subject, unit: $0) }
            }
        }
    }

    public func usage(of tenant: TenantID, on days: Range<Int32>) async throws(StoreError) -> UsageRecords {
        try read { state in
            UsageRecords((state.tenants[tenant]?.usage?.counts ?? [:]).filter { days.contains($0.key.day) })
        }
    }

    public func audit(of tenant: TenantID, below: Int64?, limit: Int) async throws(StoreError) -> [AuditEntry] {
        try read { state in
            let entries = state.tenants[tenant]?.audit ?? []
            return Array(entries.reversed().filter { $0.sequence < below ?? .max }.prefix(limit))
        }
    }

    public func decisions(
        of experiment: ExperimentID?, in tenant: TenantID, before: DecisionID?, limit: Int
    ) async throws(StoreError) -> [DecisionRecord] {
        try read { state in
            let all = state.tenants[tenant]?.decisions.values.sorted { $0.id > $1.id } ?? []
            let asked = all.filter { one in
                (experiment.map { one.experiment == $0 } ?? true) && (before.map { one.id < $0 } ?? true)
            }
            return Array(asked.prefix(limit))
        }
    }

    // MARK: Conversations

    public func append(_ turn: ConversationTurn, in tenant: TenantID) async throws(StoreError) {
        try change { state throws(StoreError) in
            try state.requireNew(turn.reply)
            let id = turn.conversation.id
            let current = state.conversations[tenant]?[id]?.record.version ?? 0
            guard turn.conversation.version == current + 1 else { throw .outdated(current: current) }
            let said = state.conversations[tenant]?[id]?.messages ?? []
            state.conversations[tenant, default: [:]][id] = MemoryConversation(
                record: turn.conversation, messages: said + turn.messages)
            if let reply = turn.reply { state.replies[reply.scope] = reply }
        }
    }

    public func conversation(
        _ id: ConversationID, in tenant: TenantID
    ) async throws(StoreError) -> ConversationRecord? {
        try read { state in state.conversations[tenant]?[id]?.record }
    }

    public func versions(
        of ids: [ConversationID], in tenant: TenantID
    ) async throws(StoreError) -> [ConversationID: Int] {
        try read { state in
            let known = state.conversations[tenant] ?? [:]
            return Dictionary(ids.compactMap { id in known[id].map { (id, $0.record.version) } }) { first, _ in first }
        }
    }

    public func messages(
        of id: ConversationID, in tenant: TenantID, after: Int, limit: Int
    ) async throws(StoreError) -> [MessageRecord] {
        try read { state in
            Array((state.conversations[tenant]?[id]?.messages ?? []).filter { $0.number > after }.prefix(limit))
        }
    }

    public func conversations(
        in tenant: TenantID, state wanted: String?, before: ConversationID?, limit: Int
    ) async throws(StoreError) -> [ConversationRecord] {
        try read { state in
            let asked = (state.conversations[tenant] ?? [:]).values.map(\.record).filter { one in
                (wanted.map { one.state == $0 } ?? true) && (before.map { one.id < $0 } ?? true)
            }
            return Array(asked.sorted { $0.id > $1.id }.prefix(limit))
        }
    }

    public func eraseConversations(of subject: Subject, in tenant: TenantID) async throws(StoreError) -> Int {
        try change { state in
            let ids = (state.conversations[tenant] ?? [:]).filter { $0.value.record.subject == subject }.keys
            for id in ids { state.conversations[tenant]?[id] = nil }
            return ids.count
        }
    }

    public func eraseConversations(
        silentSince time: Timestamp, limit: Int, in tenant: TenantID
    ) async throws(StoreError) -> Int {
        try change { state in
            let silent = (state.conversations[tenant] ?? [:]).values.map(\.record).filter { one in
                one.id < .first(at: time) && one.changedAt < time
            }
            let ids = silent.map(\.id).sorted().prefix(limit)
            for id in ids { state.conversations[tenant]?[id] = nil }
            return ids.count
        }
    }

    public func check() async throws(StoreError) { try change { _ in } }

    /// Nobody else can reach it.
    public func changedElsewhere() async throws(StoreError) -> Bool { try read { _ in false } }

    public func close() async { state.withLock { $0.isClosed = true } }

    // MARK: One lock

    func read<Value>(_ body: (State) -> Value) throws(StoreError) -> Value {
        try state.withLock { state throws(StoreError) in
            if state.isClosed { throw .unavailable("the store is closed") }
            return body(state)
        }
    }

    func change<Value>(
        _ body: (inout State) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        try state.withLock { state throws(StoreError) in
            if state.isClosed { throw .unavailable("the store is closed") }
            return try body(&state)
        }
    }

    /// Changes a tenant, unless the decision was made against an older configuration.
    func change<Value>(
        _ snapshot: TenantSnapshot, _ body: (inout MemoryTenant) -> Value
    ) throws(StoreError) -> Value {
        try change { state throws(StoreError) in
            guard var tenant = state.tenants[snapshot.tenant.id] else { throw .outdated(current: 0) }
            guard tenant.configuration.version == snapshot.version else {
                throw .outdated(current: tenant.configuration.version)
            }
            // Taken out while it changes, so that its dictionaries are not copied.
            state.tenants[snapshot.tenant.id] = nil
            defer { state.tenants[snapshot.tenant.id] = tenant }
            return body(&tenant)
        }
    }
}

/// A conversation with what was said in it.
struct MemoryConversation: Sendable {
    var record: ConversationRecord
    var messages: [MessageRecord]
}
