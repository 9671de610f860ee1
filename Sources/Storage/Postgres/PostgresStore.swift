internal import EventLoop
public import Experiments
internal import Postgres
internal import Synchronization

/// The engine of many replicas: PostgreSQL 15 or later, asked by a loop of its own.
///
/// Any number of processes may use one database at once; each may die at any moment. What holds them together are
/// advisory locks within transactions (`TurnLoad`) and the keys of the tables.
public final class PostgresStore: Store {
    let loop: EventLoop
    let pool: PostgresPool
    /// Of a standby that analyses are read from; nil where there is none.
    let standby: PostgresPool?
    let transactions: PostgresTransactions
    let turns: PostgresTurns
    private let offerReads: OfferReads
    let watch: PostgresWatch
    let configuration: PostgresConfiguration

    init(_ configuration: PostgresConfiguration, reading: PostgresConfiguration?, on loop: EventLoop) {
        self.configuration = configuration
        standby = reading.map {
            PostgresPool(loop: loop, configuration: $0, greeting: PostgresSession.greeting($0))
        }
        self.loop = loop
        pool = PostgresPool(
            loop: loop, configuration: configuration, greeting: PostgresSession.greeting(configuration))
        watch = PostgresWatch(pool: pool)
        transactions = PostgresTransactions(pool)
        offerReads = OfferReads(on: loop)
        turns = PostgresTurns(transactions, author: watch.own)
    }

    /// Transactions committed, and jobs in them.
    public var groupCommits: (turns: Int, jobs: Int) {
        (turns.turns.load(ordering: .relaxed), turns.jobsCommitted.load(ordering: .relaxed))
    }

    /// Transactions that took one round trip, as nothing of their shoppers or of the configuration had to be read.
    public var commitsAtOnce: Int {
        turns.turnsAtOnce.load(ordering: .relaxed) + turns.changes.atOnce.load(ordering: .relaxed)
    }

    /// Commits of changes of configuration, and the round trips that they took.
    public var configurationCommits: (commits: Int, trips: Int) {
        (turns.changes.commits.load(ordering: .relaxed), turns.changes.trips.load(ordering: .relaxed))
    }

    /// Jobs whose turn has not begun.
    public var waitingJobs: Int { turns.waiting }

    /// Connections of the pool: those open now, and how often none was to be had.
    public var connections: (open: Int, refusals: Int) {
        (pool.openConnections.load(ordering: .relaxed), pool.refusals.load(ordering: .relaxed))
    }

    // MARK: Reading

    /// Runs `body` on the loop with a connection. What only reads is tried once more when its connection was lost.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) async throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await withTaskExecutorPreference(loop) {
                do {
                    return try await self.lend(self.pool, body)
                } catch let error as PostgresError where error.kind == .lost || error.isConflict {
                    return try await self.lend(self.pool, body)
                }
            }
        } catch {
            throw StoreError(postgres: error)
        }
    }

    /// The same on the standby, if there is one and it answers.
    private func analyse<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) async throws -> Value
    ) async throws(StoreError) -> Value {
        if let standby {
            let outcome: Result<Value, any Error> = await withTaskExecutorPreference(loop) {
                do {
                    return .success(try await self.lend(standby, body))
                } catch {
                    return .failure(error)
                }
            }
            if case .success(let value) = outcome { return value }
        }
        return try await read(body)
    }

    private func lend<Value: Sendable>(
        _ pool: PostgresPool, _ body: @escaping @Sendable (PostgresSession) async throws -> Value
    ) async throws -> Value {
        try await pool.withConnection(sparing: pool === self.pool ? transactions.reserve : 0) { connection in
            try await body(PostgresSession(connection: connection, configuration: pool.configuration))
        }
    }

    public func load() async throws(StoreError) -> [TenantConfiguration] {
        try await read { session in try await PostgresReads.configurations(of: nil, session) }
    }

    public func load(_ tenants: [TenantID]) async throws(StoreError) -> [TenantConfiguration] {
        let (changes, loop) = (turns.changes, loop)
        return try await read { session in
            let timeout = session.configuration.analyticsTimeout
            // One, nearly always. Whoever knows where its audit ends makes the next change in one trip.
            if tenants.count == 1, let tenant = tenants.first,
                let found = try await PostgresReads.configuration(of: tenant, otherThan: 0, within: timeout, session)
            {
                loop.execute { changes.note(found.end, of: tenant) }
                return [found.configuration]
            }
            return try await PostgresReads.configurations(of: tenants, session)
        }
    }

    public func versions() async throws(StoreError) -> [TenantID: Int] {
        try await read { session in try await PostgresReads.versions(session) }
    }

    public func reply(in scope: ReplyScope, at now: Timestamp) async throws(StoreError) -> SavedReply? {
        try await read { session in
            let rows = try await session.once(.tenant(scope.tenant), [PostgresReads.reply(in: scope, at: now)])
            return try PostgresReads.reply(rows[0], in: scope)
        }
    }

    public func standing(
        of subject: Subject, product: TenantKey, proposal: Proposal, listPrice: Money, in tenant: TenantID
    ) async throws(StoreError) -> Standing {
        try await read { session in
            try await PostgresReads.standing(
                of: subject, product: product, proposal: proposal, listPrice: listPrice, in: tenant, session)
        }
    }

    public func offer(_ tail: UInt64, in tenant: TenantID) async throws(StoreError) -> Offer? {
        try await offerReads.offer(tail, in: tenant) { [self] tails, tenant in
            do throws(StoreError) {
                return .success(try await read { try await PostgresReads.offers(tails, in: tenant, $0) })
            } catch {
                return .failure(error)
            }
        }
    }

    public func measurements(
        of experiment: ExperimentID, in tenant: TenantID, asOf: Timestamp?
    ) async throws(StoreError) -> Measurements? {
        try await read { session in
            if let asOf {
                return try await PostgresReads.recorded(of: experiment, in: tenant, asOf: asOf, session)
            }
            return try await PostgresReads.record(of: experiment, in: tenant, session)
        }
    }

    public func newestCounts(
        of experiment: ExperimentID, in tenant: TenantID
    ) async throws(StoreError) -> Measurements? {
        try await read { session in try await PostgresReads.newest(of: experiment, in: tenant, session)?.0 }
    }

    public func countsChangedAt(
        of experiment: ExperimentID, in tenant: TenantID
    ) async throws(StoreError) -> Timestamp? {
        try await read { session in try await PostgresReads.changedAt(of: experiment, in: tenant, session) }
    }

    public func thinRecorded(of tenant: TenantID, before: Timestamp) async throws(StoreError) -> Int {
        try await read { session in try await PostgresReads.thinRecorded(of: tenant, before: before, session) }
    }

    public func recount(
        of experiment: ExperimentID, in snapshot: TenantSnapshot
    ) async throws(StoreError) -> UnitCounts {
        try await analyse { session in try await PostgresReads.recount(of: experiment, in: snapshot, session) }
    }

    public func units(
        of experiment: ExperimentID, in tenant: TenantID, after: Subject?, limit: Int
    ) async throws(StoreError) -> [UnitRow] {
        try await analyse { session in
            try await PostgresReads.units(of: experiment, in: tenant, after: after, limit: limit, session)
        }
    }

    public func usage(of tenant: TenantID, on days: Range<Int32>) async throws(StoreError) -> UsageRecords {
        try await read { session in
            try PostgresReads.usage(
                try await session.once(.tenant(tenant), [PostgresReads.usage(of: tenant, on: days)])[0])
        }
    }

    public func audit(of tenant: TenantID, below: Int64?, limit: Int) async throws(StoreError) -> [AuditEntry] {
        try await read { session in
            try await PostgresReads.audit(of: tenant, below: below, limit: limit, session)
        }
    }

    public func decisions(
        of experiment: ExperimentID?, in tenant: TenantID, before: DecisionID?, limit: Int
    ) async throws(StoreError) -> [DecisionRecord] {
        try await read { session in
            try await PostgresReads.decisions(of: experiment, in: tenant, before: before, limit: limit, session)
        }
    }

    /// Writes a record to the log that stands for nothing, and syncs it.
    public func check() async throws(StoreError) {
        try await read { session in
            _ = try await session.once(
                .platform, [PostgresCommand("SELECT pg_logical_emit_message(true, 'cournot', 'check')")])
        }
    }

    public func changedElsewhere() async throws(StoreError) -> Bool {
        do {
            return try await withTaskExecutorPreference(loop) { try await self.watch.changedElsewhere() }
        } catch {
            throw StoreError(postgres: error)
        }
    }

    public var isShared: Bool { true }

    public func changedShoppers() async -> ChangedShoppers {
        await withTaskExecutorPreference(loop) { self.watch.changedShoppers() }
    }

    public func onNews(_ hear: @escaping @Sendable () -> Void) async {
        await withTaskExecutorPreference(loop) { self.watch.onNews = hear }
    }

    // MARK: Writing

    public func commit(
        _ commit: Commit, publish: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> Int {
        let outcome: Result<Int, StoreError> = await withCheckedContinuation { continuation in
            turns.add(
                ConfigurationTurns.Job(
                    commit: commit, publish: publish, finish: { continuation.resume(returning: $0) }))
        }
        return try outcome.get()
    }

    /// Has a job done in its tenant's next turn; returns what it decided once that is durable.
    func write<Value: Sendable>(
        _ snapshot: TenantSnapshot, _ concern: Concern, _ body: @escaping @Sendable (inout MemoryTenant) -> Value
    ) async throws(StoreError) -> Value {
        let slot = Slot<Value>()
        return try await done(slot) { finish in
            PostgresTurns.Job(
                snapshot: snapshot, concern: concern, run: { slot.set(.success(body(&$0))) }, finish: finish,
                since: .read())
        }
    }

    /// The same for what is decided anew where the configuration moved on.
    private func write<Decision: Sendable, Value: Sendable>(
        _ decision: Decision, in snapshot: TenantSnapshot, _ renewal: Renewal<Decision>?, lane: Int = 0,
        concern: @escaping @Sendable (Decision, TenantSnapshot) -> Concern,
        _ body: @escaping @Sendable (Decision, TenantSnapshot, inout MemoryTenant) -> Value
    ) async throws(StoreError) -> Value {
        let slot = Slot<Value>()
        return try await done(slot) { finish in
            @Sendable func job(
                _ decision: Decision, _ snapshot: TenantSnapshot, _ since: MonotonicInstant
            ) -> PostgresTurns.Job {
                PostgresTurns.Job(
                    snapshot: snapshot, concern: concern(decision, snapshot),
                    run: { slot.set(.success(body(decision, snapshot, &$0))) }, finish: finish,
                    renewal: renewal.map { renewal in
                        PostgresTurns.JobRenewal(
                            newest: { renewal.newest }, known: { renewal.known($0) },
                            job: { newest, since in renewal.decide(on: newest).map { job($0, newest, since) } })
                    },
                    since: since, lane: lane)
            }
            return job(decision, snapshot, .read())
        }
    }

    private func done<Value: Sendable>(
        _ slot: Slot<Value>, _ job: (_ finish: @escaping @Sendable (StoreError?) -> Void) -> PostgresTurns.Job
    ) async throws(StoreError) -> Value {
        let outcome: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            turns.add(
                job { error in
                    if let error {
                        continuation.resume(returning: .failure(error))
                    } else {
                        continuation.resume(returning: slot.get() ?? .failure(.unavailable("the job did not run")))
                    }
                })
        }
        return try outcome.get()
    }

    public func enrol(
        _ enrolments: [Enrolment], in snapshot: TenantSnapshot, renewal: Renewal<[Enrolment]>?
    ) async throws(StoreError) -> [Enrolled] {
        try await write(enrolments, in: snapshot, renewal, concern: { Concern($0, of: $1.tenant) }) {
            enrolments, snapshot, tenant in
            enrolments.map { tenant.enrol($0, in: snapshot) }
        }
    }

    public func ingest(
        _ events: [IncomingEvent], in snapshot: TenantSnapshot, at now: Timestamp, renewal: Renewal<[IncomingEvent]>?
    ) async throws(StoreError) -> [EventOutcome] {
        let lanes = EventLanes(events)
        @Sendable func part(_ lane: Int) async -> Result<[EventOutcome], StoreError> {
            do throws(StoreError) {
                return .success(
                    try await write(
                        events, in: snapshot, renewal, lane: lane,
                        concern: { Concern(lanes.part(lane, of: $0), of: $1.tenant, at: now) }
                    ) { events, snapshot, tenant in
                        tenant.ingest(lanes.part(lane, of: events), in: snapshot, at: now)
                    })
            } catch {
                return .failure(error)
            }
        }
        if lanes.places.count == 1 { return try await part(0).get() }
        let parts = await withTaskGroup { group in
            for lane in lanes.places.indices { group.addTask { (lane: lane, outcomes: await part(lane)) } }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.lane < $1.lane }.map(\.outcomes)
        }
        do throws(StoreError) {
            var outcomes: [[EventOutcome]] = []
            for part in parts { outcomes.append(try part.get()) }
            return lanes.joined(outcomes)
        } catch {
            guard case .outdated = error else { throw error }
            // Who decides anew would find its own events known, where another part was kept.
            throw .unavailable("the configuration changes faster than it can be read")
        }
    }

    public func link(
        _ a: Subject, _ b: Subject, in snapshot: TenantSnapshot, audit: AuditDraft
    ) async throws(StoreError) -> [Subject] {
        try await write(snapshot, Concern(linking: a, b)) { tenant in
            tenant.link(a, b, in: snapshot, audit: audit)
        }
    }

    // MARK: The end

    public func close() async {
        await withTaskExecutorPreference(loop) {
            await self.turns.finish()
            self.watch.close()
            self.pool.close()
            self.standby?.close()
        }
        await loop.stop()
    }
}
