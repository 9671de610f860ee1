internal import EventLoop
internal import Experiments
internal import Postgres
internal import Synchronization

/// Group commit, a queue for each tenant: all that arrived while a tenant's last turn ran becomes its next, one
/// transaction of two round trips. Tenants do not wait for each other while there are connections.
///
/// A turn decides in memory, by the same rules as the memory engine, on what it loaded and locked; then it writes the
/// difference. So the database does a handful of statements a turn, however many shoppers it carries.
///
/// `@unchecked Sendable`: everything belongs to the loop's thread, but for what says otherwise.
final class PostgresTurns: @unchecked Sendable {
    /// One piece of work on a tenant's shoppers.
    struct Job: Sendable {
        let snapshot: TenantSnapshot
        let concern: Concern
        /// Decides; may run more than once, each time on what is then stored.
        let run: @Sendable (inout MemoryTenant) -> Void
        let finish: @Sendable (StoreError?) -> Void
        var since = MonotonicInstant.distantFuture
    }

    /// A change of configuration: a transaction of its own, after what shoppers do, which was decided on the
    /// configuration before it.
    struct ConfigurationJob: Sendable {
        let commit: Commit
        /// Called once it is durable, before any job decided later is finished.
        let publish: @Sendable (Int) -> Void
        let finish: @Sendable (Result<Int, StoreError>) -> Void
        var since = MonotonicInstant.distantFuture
    }

    private struct Queue {
        var jobs: [Job] = []
        var configuration: [ConfigurationJob] = []
        /// Whether the last turn found nobody there: then whoever waited for it too long waited for nobody.
        var isStranded = false
        /// Whether what is under way takes longer than a statement may: then nobody waits behind it.
        var isStuck = false
        /// When work last waited for its turn no longer than it should.
        var lastQuick: MonotonicInstant

        /// How long work may have waited: while a queue stands, what it holds has grown too old to be worth doing, and
        /// a little is served in time rather than everything late (Maurer 2015, "Fail at Scale", after Nichols &
        /// Jacobson 2012).
        mutating func patience(forWorkSince oldest: MonotonicInstant, at now: MonotonicInstant) -> Duration {
            let short = PostgresTurns.shortPatience
            if now <= oldest.advanced(byNanoseconds: short.wholeNanoseconds) { lastQuick = now }
            let standing = lastQuick.advanced(byNanoseconds: PostgresTurns.patience.wholeNanoseconds)
            return now > standing ? short : PostgresTurns.patience
        }
    }

    private let pool: PostgresPool
    private let loop: EventLoop
    private let author: String
    /// Queues with work or a turn under way.
    private var queues: [TenantID: Queue] = [:]
    private var waiting = 0
    /// Where audit chains ended when last seen.
    private var ends: [TenantID: ConfigurationWrite.ChainEnd] = [:]
    /// Configurations that were read when a change turned out to be decided on an older one.
    private var unclaimed: [TenantID: TenantConfiguration] = [:]
    private var isClosed = false
    private var whenIdle: [CheckedContinuation<Void, Never>] = []

    /// Called on the loop after a change of configuration was committed here.
    var onCommit: @Sendable () -> Void = {}
    /// Turns committed and jobs in them: the mean is the group-commit batch. From any thread.
    let turns = Atomic<Int>(0)
    let jobsCommitted = Atomic<Int>(0)

    /// What may wait in all; more is refused rather than kept.
    private static let mostWaiting = 100_000
    /// Shoppers and events of one turn: enough to be fast, few enough to be done well within a statement's time.
    private static let largestTurn = 4000
    /// How long a job may wait for its turn to begin: what comes faster than it is done is refused, not piled up.
    private static let patience = Duration.seconds(1)
    /// The same once its queue stands: when for all of `patience` no work began within this time.
    private static let shortPatience = Duration.milliseconds(200)
    /// How long a turn may take before nobody is let wait behind it: beyond what the database allows a statement.
    private static let longestWork = Duration.milliseconds(2200)
    /// How long a server is asked what became of a transaction.
    private static let patienceForFate = Duration.seconds(1)
    /// How many chains' ends are remembered.
    private static let mostEnds = 10_000
    private static let mostUnclaimed = 8
    /// How often a turn is tried, and until when after its beginning another try is begun.
    private static let attempts = 5
    private static let lastTry = Duration.seconds(1)

    /// - Parameter author: what this store's notifications are signed with.
    init(pool: PostgresPool, author: String) {
        self.pool = pool
        self.author = author
        loop = pool.loop
    }

    /// From any thread.
    func add(_ job: Job) {
        loop.execute { [self] in
            guard admit(job.finish), moves(job.snapshot.tenant.id, else: { job.finish($0) }) else { return }
            var job = job
            job.since = loop.now
            enqueue(job.snapshot.tenant.id) { $0.jobs.append(job) }
        }
    }

    /// From any thread.
    func add(_ job: ConfigurationJob) {
        loop.execute { [self] in
            guard admit({ job.finish(.failure($0 ?? .unavailable("the store is busy"))) }),
                moves(job.commit.tenant, else: { job.finish(.failure($0)) })
            else { return }
            var job = job
            job.since = loop.now
            enqueue(job.commit.tenant) { $0.configuration.append(job) }
        }
    }

    private func admit(_ refuse: (StoreError?) -> Void) -> Bool {
        if isClosed { refuse(.unavailable("the store is closed")) }
        if !isClosed, waiting >= Self.mostWaiting { refuse(.unavailable("too much waits for the database")) }
        return !isClosed && waiting < Self.mostWaiting
    }

    /// Whether the tenant's queue moves; where it does not the job is refused.
    private func moves(_ tenant: TenantID, else refuse: (StoreError) -> Void) -> Bool {
        guard queues[tenant]?.isStuck == true else { return true }
        refuse(Self.silent)
        return false
    }

    private static let silent = StoreError.unreachable("PostgreSQL does not answer")

    private func enqueue(_ tenant: TenantID, _ put: (inout Queue) -> Void) {
        waiting += 1
        if queues[tenant] != nil {
            put(&queues[tenant, default: Queue(lastQuick: loop.now)])
            return
        }
        var queue = Queue(lastQuick: loop.now)
        put(&queue)
        queues[tenant] = queue
        Task(executorPreference: loop) { [self] in await drain(tenant) }
    }

    private func drain(_ tenant: TenantID) async {
        while let queue = queues[tenant], !(queue.jobs.isEmpty && queue.configuration.isEmpty) {
            let jobs = takeJobs(of: tenant)
            if !jobs.isEmpty { await watched(tenant) { await turn(jobs, of: tenant) } }
            let changes = queues[tenant]?.configuration ?? []
            queues[tenant]?.configuration = []
            waiting -= changes.count
            for job in changes { await watched(tenant) { await change(job) } }
        }
        queues[tenant] = nil
        guard queues.isEmpty else { return }
        for continuation in whenIdle { continuation.resume() }
        whenIdle = []
    }

    /// Does what is next; if that takes longer than a statement may, whoever waits behind it is told that nobody answers.
    private func watched(_ tenant: TenantID, _ work: () async -> Void) async {
        let deadline = loop.now.advanced(byNanoseconds: Self.longestWork.wholeNanoseconds)
        let timer = loop.schedule(at: deadline) { [self] in
            guard var queue = queues[tenant] else { return }
            let (jobs, changes) = (queue.jobs, queue.configuration)
            queue.isStuck = true
            queue.jobs = []
            queue.configuration = []
            queues[tenant] = queue
            waiting -= jobs.count + changes.count
            for job in jobs { job.finish(Self.silent) }
            for job in changes { job.finish(.failure(Self.silent)) }
        }
        await work()
        loop.cancel(timer)
        queues[tenant]?.isStuck = false
    }

    /// As many as one turn carries; those that waited too long are told so.
    private func takeJobs(of tenant: TenantID) -> [Job] {
        guard var jobs = queues[tenant]?.jobs, let oldest = jobs.first?.since else { return [] }
        let now = loop.now
        let patience = queues[tenant]?.patience(forWorkSince: oldest, at: now) ?? Self.patience
        queues[tenant]?.jobs = []
        let isStranded = queues[tenant]?.isStranded ?? false
        var size = 0
        var count = 0
        while count < jobs.count, count == 0 || size + jobs[count].concern.size <= Self.largestTurn {
            size += jobs[count].concern.size
            count += 1
        }
        queues[tenant]?.jobs = Array(jobs[count...])
        jobs.removeSubrange(count...)
        waiting -= jobs.count
        return jobs.filter { job in
            let isLate = now > job.since.advanced(byNanoseconds: patience.wholeNanoseconds)
            if isLate {
                job.finish(
                    isStranded ? Self.silent : .unavailable("the database is too slow"))
            }
            return !isLate
        }
    }

    /// Waits until nothing is queued, then takes nothing more.
    func finish() async {
        isClosed = true
        if queues.isEmpty { return }
        await withCheckedContinuation { whenIdle.append($0) }
    }

    // MARK: A turn

    private func turn(_ jobs: [Job], of tenant: TenantID) async {
        do {
            let refusals = try await decided { attempt, progress in
                try await self.pool.withConnection { connection in
                    try await Self.once(
                        jobs, of: tenant, by: self.author, attempt: attempt, progress,
                        in: PostgresSession(connection: connection, configuration: self.pool.configuration))
                }
            }
            turns.add(1, ordering: .relaxed)
            jobsCommitted.add(jobs.count, ordering: .relaxed)
            queues[tenant]?.isStranded = false
            for (index, job) in jobs.enumerated() { job.finish(refusals[index]) }
        } catch {
            var reason = StoreError(postgres: error)
            if (error as? PostgresError)?.isStatementTimeout == true {
                // Nothing of it was kept, and what takes seconds is as good as gone.
                reason = .unreachable("PostgreSQL: \(error)")
            }
            switch reason {
            case .unreachable, .uncertain: queues[tenant]?.isStranded = true
            case .full, .broken, .unavailable, .outdated, .repeated, .corrupt: break
            }
            if jobs.count > 1, case .corrupt = reason {
                // One job's doing, perhaps: each is tried alone.
                for job in jobs { await turn([job], of: tenant) }
            } else {
                for job in jobs { job.finish(reason) }
            }
        }
    }

    /// How far a transaction came.
    final class Progress {
        /// What it is called; nil before it began.
        var transaction: TransactionName?
        /// Whether `COMMIT` was sent: from here on a lost connection says nothing.
        var isCommitting = false
    }

    /// Runs `body` until it is done or cannot be: conflicts and lost connections are tried again. If the connection is
    /// lost after `COMMIT` was sent, the server is asked what became of the transaction.
    private func decided<Value>(
        _ body: (_ attempt: Int, Progress) async throws -> (Value)
    ) async throws -> Value where Value: Sendable {
        var attempt = 0
        let end = loop.now.advanced(byNanoseconds: Self.lastTry.wholeNanoseconds)
        while true {
            let progress = Progress()
            do {
                return try await body(attempt, progress)
            } catch let failure as Committing<Value> {
                switch await fate(of: failure.transaction) {
                case .committed: return failure.value
                case .unknown:
                    throw StoreError.uncertain("PostgreSQL: \(failure.cause)")
                case .aborted: break
                }
            } catch let error as PostgresError {
                let mayPass = error.isConflict || error.isUniqueViolation || error.kind == .lost || error.isShutdown
                guard mayPass, attempt + 1 < Self.attempts, loop.now < end else { throw error }
            }
            attempt += 1
        }
    }

    /// `COMMIT` was sent and no answer came.
    private struct Committing<Value: Sendable>: Error {
        let value: Value
        let transaction: TransactionName
        let cause: PostgresError
    }

    private enum Fate { case committed, aborted, unknown }

    /// Asks what became of a transaction, until the server knows.
    private func fate(of name: TransactionName) async -> Fate {
        let end = loop.now.advanced(byNanoseconds: Self.patienceForFate.wholeNanoseconds)
        repeat {
            do {
                let rows = try await pool.withConnection { connection in
                    try await PostgresSession(connection: connection, configuration: pool.configuration)
                        .once(
                            .platform,
                            [
                                PostgresCommand(
                                    """
                                    SELECT CASE WHEN left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) = $2
                                        THEN pg_xact_status($1::xid8) ELSE 'aborted' END
                                    """, .text(name.id), .text(name.timeline))
                            ])
                }
                switch try rows[0].optionalText(0, 0) {
                case "committed": return .committed
                case "aborted": return .aborted
                case "in progress": break
                // Too long ago to be known.
                default: return .unknown
                }
            } catch let error as PostgresError where error.isTransient {
                if pool.isBroken { return .unknown }
            } catch {
                return .unknown
            }
            await withCheckedContinuation { continuation in
                _ = loop.schedule(at: loop.now.advanced(byNanoseconds: 50_000_000)) { continuation.resume() }
            }
        } while loop.now < end
        return .unknown
    }

    /// One transaction for all jobs. Returns why each was refused, nil for those that were not.
    private static func once(
        _ jobs: [Job], of tenant: TenantID, by author: String, attempt: Int, _ progress: Progress,
        in session: PostgresSession
    ) async throws -> [StoreError?] {
        var concern = Concern()
        for job in jobs { concern.formUnion(job.concern) }
        do {
            // Where a job is refused for its snapshot's version, what that one says of links does not count either.
            let hasLinks = !concern.linked.isEmpty || jobs.contains { $0.snapshot.tenant.hasLinkedShoppers }
            let loaded = try await TurnLoad.begin(
                concern, of: tenant, hasLinks: hasLinks, attempt: attempt, in: session)
            var state = MemoryTenant(loaded.part, of: jobs[0].snapshot.tenant)
            var refusals: [StoreError?] = []
            for job in jobs {
                guard job.snapshot.version == loaded.version else {
                    refusals.append(.outdated(current: loaded.version))
                    continue
                }
                job.run(&state)
                refusals.append(nil)
            }
            let writes = try TurnWrite.commands(
                state, state.journal ?? Journal(), claimed: loaded.claimed, of: tenant, author: author)
            try await commit(writes, named: loaded.transaction, returning: refusals, in: session)
            return refusals
        } catch {
            session.rollback(after: error)
            throw error
        }
    }

    private static func commit<Value: Sendable>(
        _ writes: [PostgresCommand], named transaction: TransactionName, returning value: Value,
        in session: PostgresSession
    ) async throws {
        do {
            let rows = try await session.connection.run(
                writes + [PostgresCommand("COMMIT")], within: session.limit())
            guard rows.last?.commandTag == "COMMIT" else {
                throw PostgresError(.server, state: "25P02", "the transaction was rolled back")
            }
        } catch let error as PostgresError where error.leavesDoubt {
            throw Committing(value: value, transaction: transaction, cause: error)
        }
    }

    // MARK: Beside the turns

    /// A transaction of its own for what concerns no price.
    ///
    /// - Parameter begin: begins the transaction and decides what is written; may run more than once.
    func alone<Value: Sendable>(
        _ begin:
            @escaping @Sendable (PostgresSession) async throws -> (
                writes: [PostgresCommand], value: Value, transaction: TransactionName
            )
    ) async throws -> Value {
        if isClosed { throw StoreError.unavailable("the store is closed") }
        return try await decided { _, _ in
            try await self.pool.withConnection { connection in
                let session = PostgresSession(connection: connection, configuration: self.pool.configuration)
                do {
                    let begun = try await begin(session)
                    try await Self.commit(
                        begun.writes, named: begun.transaction, returning: begun.value, in: session)
                    return begun.value
                } catch {
                    session.rollback(after: error)
                    throw error
                }
            }
        }
    }

    // MARK: Configuration

    private func change(_ job: ConfigurationJob) async {
        if loop.now > job.since.advanced(byNanoseconds: Self.patience.wholeNanoseconds) {
            return job.finish(.failure(.unavailable("the database is too slow")))
        }
        do {
            let version = try await decided { _, _ in
                try await self.pool.withConnection { connection in
                    try await self.commit(
                        job.commit, in: PostgresSession(connection: connection, configuration: self.pool.configuration))
                }
            }
            onCommit()
            job.publish(version)
            job.finish(.success(version))
        } catch {
            job.finish(.failure(StoreError(postgres: error)))
        }
    }

    /// In one trip where the end of the audit chain is known, as it is to whoever made the last change; else, and where
    /// somebody else changed something, in two.
    private func commit(_ commit: Commit, in session: PostgresSession) async throws -> Int {
        if let end = ends[commit.tenant], end.version == commit.expectedVersion {
            let change = try ConfigurationWrite.atOnce(commit, after: end, by: author, in: session)
            ends[commit.tenant] = nil
            if try await committedAtOnce(change.begin, change.writes, returning: change.end.version, in: session) {
                note(change.end, of: commit.tenant)
                return change.end.version
            }
            let newest = try await PostgresReads.configuration(
                of: commit.tenant, otherThan: commit.expectedVersion, session)
            if let newest {
                note(newest.end, of: commit.tenant)
                // Whoever decided on an older one asks for this next.
                if unclaimed.count >= Self.mostUnclaimed { unclaimed = [:] }
                unclaimed[commit.tenant] = newest.configuration
                throw StoreError.outdated(current: newest.end.version)
            }
        }
        do {
            let decided = try await ConfigurationWrite.begin(commit, by: author, in: session)
            try await Self.commit(
                decided.writes, named: decided.transaction, returning: decided.end.version, in: session)
            note(decided.end, of: commit.tenant)
            return decided.end.version
        } catch let obstacle as ConfigurationWrite.Obstacle {
            session.rollback(after: obstacle)
            if let end = obstacle.end { note(end, of: commit.tenant) }
            throw obstacle.error
        } catch {
            session.rollback(after: error)
            throw error
        }
    }

    /// False, and nothing done, where something stands that was not expected.
    private func committedAtOnce(
        _ begin: [PostgresCommand], _ writes: [PostgresCommand], returning version: Int, in session: PostgresSession
    ) async throws -> Bool {
        let outcome = await session.connection.run(
            begin, then: writes + [PostgresCommand("COMMIT")], within: session.limit())
        let begun: [PostgresRows]
        do throws(PostgresError) {
            begun = try outcome.first.get()
        } catch {
            session.rollback(after: error)
            if error.isDivisionByZero { return false }
            // What was sent along may have been done.
            if error.leavesDoubt { throw StoreError.uncertain("PostgreSQL: \(error)") }
            throw error
        }
        do throws(PostgresError) {
            guard try outcome.second.get().last?.commandTag == "COMMIT" else {
                throw PostgresError(.server, state: "25P02", "the transaction was rolled back")
            }
            return true
        } catch {
            session.rollback(after: error)
            guard error.leavesDoubt else { throw error }
            throw Committing(value: version, transaction: try TransactionName(begun[begun.count - 4]), cause: error)
        }
    }

    /// A tenant's configuration, if it was read here and is at least of this version. Loop only.
    func claim(_ tenant: TenantID, atLeast version: Int) -> TenantConfiguration? {
        guard let found = unclaimed.removeValue(forKey: tenant), found.version >= version else { return nil }
        return found
    }

    private func note(_ end: ConfigurationWrite.ChainEnd, of tenant: TenantID) {
        if ends.count >= Self.mostEnds { ends = [:] }
        ends[tenant] = end
    }
}

extension PostgresError {
    /// Whether nobody can say from this alone what became of what was sent.
    fileprivate var leavesDoubt: Bool { kind == .lost || kind == .timeout || isShutdown }
}
