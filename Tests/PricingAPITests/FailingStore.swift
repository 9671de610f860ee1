import Experiments
import Storage
import Synchronization

/// A store that answers until it is told to fail, and then fails at everything; one that can be slow to say what it has
/// committed, late once, or unable to read what it has of some.
final class FailingStore: Store {
    private let inner = MemoryStore()
    private let error = Mutex<StoreError?>(nil)

    /// Of each enrolment that came this far, of how many.
    let asked = Mutex<[Int]>([])
    /// Whether the next enrolment finds that the configuration moved on.
    let isLate = Mutex(false)
    /// Of whom what is stored cannot be read.
    let unreadable = Mutex<Set<Subject>>([])

    private let held = Mutex<[CheckedContinuation<Void, Never>]?>(nil)

    /// From now on enrolments are committed at once and told only when they are let go.
    func hold() { held.withLock { $0 = [] } }

    /// How many wait to be told.
    var waiting: Int { held.withLock { $0?.count ?? 0 } }

    /// Tells those who wait; whoever comes from now on is told at once.
    func letGo() {
        let waiting = held.withLock { held in
            defer { held = nil }
            return held ?? []
        }
        for continuation in waiting { continuation.resume() }
    }

    private func waitWhileHeld() async {
        await withCheckedContinuation { continuation in
            let isHeld = held.withLock { held in
                held?.append(continuation)
                return held != nil
            }
            if !isHeld { continuation.resume() }
        }
    }

    func fail(with error: StoreError?) { self.error.withLock { $0 = error } }

    /// As a full disk can be, and a database whose commits hang.
    private var canBeRead: Bool {
        switch error.withLock({ $0 }) {
        case nil, .full, .uncertain: true
        default: false
        }
    }

    private func stand() throws(StoreError) {
        if let error = error.withLock({ $0 }) { throw error }
    }

    func load() async throws(StoreError) -> [TenantConfiguration] {
        try stand()
        return try await inner.load()
    }

    func commit(_ commit: Commit, publish: @escaping @Sendable (Int) -> Void) async throws(StoreError) -> Int {
        try stand()
        return try await inner.commit(commit, publish: publish)
    }

    func reply(in scope: ReplyScope, at now: Timestamp) async throws(StoreError) -> SavedReply? {
        try stand()
        return try await inner.reply(in: scope, at: now)
    }

    func enrol(
        _ enrolments: [Enrolment], in snapshot: TenantSnapshot, renewal: Renewal<[Enrolment]>?
    ) async throws(StoreError) -> [Enrolled] {
        try stand()
        asked.withLock { $0.append(enrolments.count) }
        let wasLate = isLate.withLock { isLate in
            defer { isLate = false }
            return isLate
        }
        if wasLate { throw .outdated(current: snapshot.version) }
        if unreadable.withLock({ !$0.isDisjoint(with: enrolments.map(\.subject)) }) { throw .corrupt("a row") }
        let enrolled = try await inner.enrol(enrolments, in: snapshot, renewal: renewal)
        await waitWhileHeld()
        return enrolled
    }

    func standing(
        of subject: Subject, product: TenantKey, proposal: Proposal, listPrice: Money, in tenant: TenantID
    ) async throws(StoreError) -> Standing {
        try stand()
        return try await inner.standing(
            of: subject, product: product, proposal: proposal, listPrice: listPrice, in: tenant)
    }

    func offer(_ tail: UInt64, in tenant: TenantID) async throws(StoreError) -> Offer? {
        try stand()
        return try await inner.offer(tail, in: tenant)
    }

    func ingest(
        _ events: [IncomingEvent], in snapshot: TenantSnapshot, at now: Timestamp, renewal: Renewal<[IncomingEvent]>?
    ) async throws(StoreError) -> [EventOutcome] {
        try stand()
        return try await inner.ingest(events, in: snapshot, at: now, renewal: renewal)
    }

    func link(
        _ a: Subject, _ b: Subject, in snapshot: TenantSnapshot, audit: AuditDraft
    ) async throws(StoreError) -> [Subject] {
        try stand()
        return try await inner.link(a, b, in: snapshot, audit: audit)
    }

    func measurements(
        of experiment: ExperimentID, in tenant: TenantID, asOf: Timestamp?
    ) async throws(StoreError) -> Measurements? {
        try stand()
        return try await inner.measurements(of: experiment, in: tenant, asOf: asOf)
    }

    func newestCounts(
        of experiment: ExperimentID, in tenant: TenantID
    ) async throws(StoreError) -> Measurements? {
        if !canBeRead { try stand() }
        return try await inner.newestCounts(of: experiment, in: tenant)
    }

    func countsChangedAt(of experiment: ExperimentID, in tenant: TenantID) async throws(StoreError) -> Timestamp? {
        if !canBeRead { try stand() }
        return try await inner.countsChangedAt(of: experiment, in: tenant)
    }

    func thinRecorded(of tenant: TenantID, before: Timestamp) async throws(StoreError) -> Int {
        try stand()
        return try await inner.thinRecorded(of: tenant, before: before)
    }

    func recount(
        of experiment: ExperimentID, in snapshot: TenantSnapshot
    ) async throws(StoreError) -> UnitCounts {
        try stand()
        return try await inner.recount(of: experiment, in: snapshot)
    }

    func units(
        of experiment: ExperimentID, in tenant: TenantID, after: Subject?, limit: Int
    ) async throws(StoreError) -> [UnitRow] {
        try stand()
        return try await inner.units(of: experiment, in: tenant, after: after, limit: limit)
    }

    func usage(of tenant: TenantID, on days: Range<Int32>) async throws(StoreError) -> UsageRecords {
        try stand()
        return try await inner.usage(of: tenant, on: days)
    }

    func audit(of tenant: TenantID, below: Int64?, limit: Int) async throws(StoreError) -> [AuditEntry] {
        try stand()
        return try await inner.audit(of: tenant, below: below, limit: limit)
    }

    func decisions(
        of experiment: ExperimentID?, in tenant: TenantID, before: DecisionID?, limit: Int
    ) async throws(StoreError) -> [DecisionRecord] {
        try stand()
        return try await inner.decisions(of: experiment, in: tenant, before: before, limit: limit)
    }

    // MARK: Conversations

    func append(_ turn: ConversationTurn, in tenant: TenantID) async throws(StoreError) {
        try stand()
        try await inner.append(turn, in: tenant)
    }

    func conversation(_ id: ConversationID, in tenant: TenantID) async throws(StoreError) -> ConversationRecord? {
        try stand()
        return try await inner.conversation(id, in: tenant)
    }

    func eraseConversations(
        silentSince time: Timestamp, limit: Int, in tenant: TenantID
    ) async throws(StoreError) -> Int {
        try stand()
        return try await inner.eraseConversations(silentSince: time, limit: limit, in: tenant)
    }

    func versions(
        of ids: [ConversationID], in tenant: TenantID
    ) async throws(StoreError) -> [ConversationID: Int] {
        try stand()
        return try await inner.versions(of: ids, in: tenant)
    }

    func messages(
        of id: ConversationID, in tenant: TenantID, after: Int, limit: Int
    ) async throws(StoreError) -> [MessageRecord] {
        try stand()
        return try await inner.messages(of: id, in: tenant, after: after, limit: limit)
    }

    func conversations(
        in tenant: TenantID, state: String?, before: ConversationID?, limit: Int
    ) async throws(StoreError) -> [ConversationRecord] {
        try stand()
        return try await inner.conversations(in: tenant, state: state, before: before, limit: limit)
    }

    func eraseConversations(of subject: Subject, in tenant: TenantID) async throws(StoreError) -> Int {
        try stand()
        return try await inner.eraseConversations(of: subject, in: tenant)
    }

    func check() async throws(StoreError) { try stand() }

    func changedElsewhere() async throws(StoreError) -> Bool { false }

    func close() async {}
}
