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
    private struct Queue {
        var jobs: [Job] = []
        var configuration: [ConfigurationTurns.Job] = []
        /// Whether the last turn found nobody there: then whoever waited for it too long waited for nobody.
        var isStranded = false
        /// Whether what is under way takes longer than a statement may: then nobody waits behind it.
        var isStuck = false
        /// When work last waited for its turn no longer than it should, or one turn took all that waited.
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

    private let transactions: PostgresTransactions
    private let loop: EventLoop
    private let author: String
    let changes: ConfigurationTurns
    /// Queues with work or a turn under way.
    private var queues: [TenantID: Queue] = [:]
    private var waiting = 0
    private var isClosed = false
    private var whenIdle: [CheckedContinuation<Void, Never>] = []

    /// Turns committed and jobs in them: the mean is the group-commit batch. From any thread.
    let turns = Atomic<Int>(0)
    let jobsCommitted = Atomic<Int>(0)

    /// What may wait in all; more is refused rather than kept.
    private static let mostWaiting = 100_000
    /// Shoppers and events of one turn: enough to be fast, few enough to be done well within a statement's time.
    private static let largestTurn = 4000
    /// How long a job may wait for its turn to begin: what comes faster than it is done is refused, not piled up.
    static let patience = Duration.seconds(1)
    /// The same once its queue stands: when for all of `patience` no work began within this time.
    private static let shortPatience = Duration.milliseconds(200)
    /// How long a turn may take before nobody is let wait behind it: beyond what the database allows a statement.
    private static let longestWork = Duration.milliseconds(2200)

    /// - Parameter author: what this store's notifications are signed with.
    init(_ transactions: PostgresTransactions, author: String) {
        self.transactions = transactions
        self.author = author
        loop = transactions.pool.loop
        changes = ConfigurationTurns(transactions, author: author)
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
    func add(_ job: ConfigurationTurns.Job) {
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
            let due = queues[tenant]?.configuration ?? []
            queues[tenant]?.configuration = []
            waiting -= due.count
            for job in due { await watched(tenant) { await changes.change(job) } }
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

    /// As many as one turn carries, nearly always all: however long those waited, they are served sooner so than by asking
    /// again. Where more waits than that, or the last turn found nobody, those that waited too long are told so.
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
        let isWhole = count == jobs.count
        queues[tenant]?.jobs = Array(jobs[count...])
        jobs.removeSubrange(count...)
        waiting -= jobs.count
        if isWhole, !isStranded {
            queues[tenant]?.lastQuick = now
            return jobs
        }
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

    /// - Parameter isLate: whether these turned out to be decided on an old configuration: then the newest is read first.
    private func turn(_ jobs: [Job], of tenant: TenantID, isLate: Bool = false) async {
        // While they waited this process itself may have changed it.
        let newest = jobs.lazy.compactMap(\.renewal).first?.newest()
        let jobs = jobs.map { $0.renewed(on: newest) }
        do {
            let outcome = try await transactions.decided { attempt in
                try await transactions.pool.withConnection { connection in
                    let session = PostgresSession(
                        connection: connection, configuration: transactions.pool.configuration)
                    return isLate
                        ? try await Self.onNewest(jobs, of: tenant, by: author, attempt: attempt, in: session)
                        : try await Self.once(jobs, of: tenant, by: author, attempt: attempt, in: session)
                }
            }
            turns.add(1, ordering: .relaxed)
            jobsCommitted.add(jobs.count, ordering: .relaxed)
            queues[tenant]?.isStranded = false
            var late: [Job] = []
            for (job, refusal) in zip(jobs, outcome) {
                if case .outdated = refusal, !isLate, job.renewal != nil {
                    late.append(job)
                } else {
                    job.finish(refusal)
                }
            }
            if !late.isEmpty { await turn(late, of: tenant, isLate: true) }
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
                for job in jobs { await turn([job], of: tenant, isLate: isLate) }
            } else {
                for job in jobs { job.finish(reason) }
            }
        }
    }
}
