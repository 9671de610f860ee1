internal import EventLoop
internal import Experiments
internal import Postgres
internal import Synchronization

/// Group commit, a queue for each lane of a tenant: all that arrived while a lane's last turn ran becomes its next, one
/// transaction: of two round trips, of one where all its shoppers are taken for strangers. Lanes do not wait for each
/// other while there are connections.
///
/// A turn decides in memory, by the same rules as the memory engine, on what it loaded and locked; then it writes the
/// difference. So the database does a handful of statements a turn, however many shoppers it carries. A turn takes what
/// waits when it has a connection and not before, so that it carries the more, the more tenants there are at once.
final class PostgresTurns: Sendable {
    private struct State {
        /// Queues with work or a turn under way.
        var queues: [Lane: Queue] = [:]
        /// Of tenants whose shoppers were taken for strangers and were none.
        var cautions: [TenantID: Caution] = [:]
        /// Of tenants whose configuration others changed lately, for how many turns the newest is read beside all else.
        var restless: [TenantID: Int] = [:]
        var waiting = 0
        var isClosed = false
        var whenIdle: [CheckedContinuation<Void, Never>] = []
    }

    private let transactions: PostgresTransactions
    private let loop: EventLoop
    private let author: String
    let changes: ConfigurationTurns
    /// Under a lock: who adds to a queue whose turn is under way need not wake the loop for it.
    private let state = Mutex(State())

    /// Turns committed and jobs in them: the mean is the group-commit batch. From any thread.
    let turns = Atomic<Int>(0)
    let jobsCommitted = Atomic<Int>(0)
    /// Turns that took one round trip.
    let turnsAtOnce = Atomic<Int>(0)

    /// Jobs whose turn has not begun. From any thread.
    var waiting: Int { state.withLock(\.waiting) }

    /// What may wait in all; more is refused rather than kept.
    private static let mostWaiting = 100_000
    private static let mostCautions = 10_000
    private static let restlessTurns = 8
    /// How long a turn may take before nobody is let wait behind it: beyond what the database allows a statement.
    private static let longestWork = Duration.milliseconds(2200)
    private static let silent = StoreError.unreachable("PostgreSQL does not answer")

    /// - Parameter author: what this store's notifications are signed with.
    init(_ transactions: PostgresTransactions, author: String) {
        self.transactions = transactions
        self.author = author
        loop = transactions.pool.loop
        changes = ConfigurationTurns(transactions, author: author)
    }

    /// From any thread.
    func add(_ job: Job) {
        let refusal = enqueue(job.lane, at: job.since) { $0.jobs.append(job) }
        if let refusal { job.finish(refusal) }
    }

    /// From any thread.
    func add(_ job: ConfigurationTurns.Job) {
        var job = job
        job.since = .read()
        let refusal = enqueue(Lane(tenant: job.commit.tenant, kind: .configuration), at: job.since) { [job] in
            $0.configuration.append(job)
        }
        if let refusal { job.finish(.failure(refusal)) }
    }

    /// Returns why the job is refused, if it is.
    private func enqueue(
        _ lane: Lane, at now: MonotonicInstant, _ put: (inout Queue) -> Void
    ) -> StoreError? {
        let (refusal, isFirst) = state.withLock { state -> (StoreError?, Bool) in
            if state.isClosed { return (.unavailable("the store is closed"), false) }
            if state.waiting >= Self.mostWaiting { return (.unavailable("too much waits for the database"), false) }
            if state.queues[lane]?.isStuck == true { return (Self.silent, false) }
            state.waiting += 1
            let isFirst = state.queues[lane] == nil
            put(&state.queues[lane, default: Queue(at: now)])
            return (nil, isFirst)
        }
        if isFirst { Task(executorPreference: loop) { [self] in await drain(lane) } }
        return refusal
    }

    /// Turns and changes, until nothing waits.
    private func drain(_ lane: Lane) async {
        while true {
            if with(lane, { !$0.jobs.isEmpty }) == true { await watched(lane) { await turn(in: lane) } }
            let due = with(lane) { queue in queue.takeChanges() } ?? []
            state.withLock { $0.waiting -= due.count }
            for job in due { await watched(lane) { await changes.change(job) } }
            let idle = state.withLock { state -> [CheckedContinuation<Void, Never>]? in
                guard let queue = state.queues[lane], queue.jobs.isEmpty, queue.configuration.isEmpty else {
                    return nil
                }
                state.queues[lane] = nil
                defer { if state.queues.isEmpty { state.whenIdle = [] } }
                return state.queues.isEmpty ? state.whenIdle : []
            }
            guard let idle else { continue }
            for continuation in idle { continuation.resume() }
            return
        }
    }

    private func with<Value: Sendable>(_ lane: Lane, _ body: (inout Queue) -> Value) -> Value? {
        state.withLock { state in
            guard var queue = state.queues.removeValue(forKey: lane) else { return nil }
            defer { state.queues[lane] = queue }
            return body(&queue)
        }
    }

    /// Does what is next; if that takes longer than a statement may, whoever waits behind it is told that nobody answers.
    private func watched(_ lane: Lane, _ work: () async -> Void) async {
        let deadline = loop.now.advanced(byNanoseconds: Self.longestWork.wholeNanoseconds)
        let timer = loop.schedule(at: deadline) { [self] in
            let (jobs, changes) = state.withLock { state -> ([Job], [ConfigurationTurns.Job]) in
                guard let queue = state.queues[lane] else { return ([], []) }
                state.queues[lane]?.isStuck = true
                state.queues[lane]?.jobs = []
                state.queues[lane]?.configuration = []
                state.waiting -= queue.jobs.count + queue.configuration.count
                return (queue.jobs, queue.configuration)
            }
            for job in jobs { job.finish(Self.silent) }
            for job in changes { job.finish(.failure(Self.silent)) }
        }
        await work()
        loop.cancel(timer)
        with(lane) { $0.isStuck = false }
    }

    /// The next turn's; those that waited too long for it are told so.
    private func takeJobs(in lane: Lane) -> [Job] {
        let now = loop.now
        let taken = state.withLock { state -> (jobs: [Job], expired: [Job], isStranded: Bool)? in
            guard let (jobs, expired) = state.queues[lane]?.takeTurn(at: now) else { return nil }
            state.waiting -= jobs.count + expired.count
            return (jobs, expired, state.queues[lane]?.isStranded ?? false)
        }
        guard let taken else { return [] }
        for job in taken.expired {
            job.finish(taken.isStranded ? Self.silent : .unavailable("the database is too slow"))
        }
        return taken.jobs
    }

    /// Waits until nothing is queued, then takes nothing more.
    func finish() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isClosed = true
                if !state.queues.isEmpty { state.whenIdle.append(continuation) }
                return state.queues.isEmpty
            }
            if isIdle { continuation.resume() }
        }
    }

    private func mayTakeForStrangers(_ tenant: TenantID) -> Bool {
        state.withLock { $0.cautions[tenant]?.allows() ?? true }
    }

    private func noteStrangers(of tenant: TenantID, isRight: Bool) {
        state.withLock { state in
            var caution = state.cautions[tenant] ?? Caution()
            caution.note(isRight: isRight)
            if state.cautions.count >= Self.mostCautions { state.cautions = [:] }
            state.cautions[tenant] = caution.isNone ? nil : caution
        }
    }

    // MARK: A turn

    /// - Parameters:
    ///   - given: whose turn it is: all that wait, once there is a connection for them, unless given.
    ///   - isLate: whether these turned out to be decided on an old configuration: then the newest is read first.
    private func turn(in lane: Lane, _ given: [Job]? = nil, isLate: Bool = false) async {
        var taken = given
        do {
            let outcome = try await transactions.decided { attempt in
                try await transactions.pool.withConnection { connection in
                    let jobs = taken ?? takeJobs(in: lane)
                    taken = jobs
                    return try await refusals(
                        of: jobs, of: lane.tenant, attempt: attempt, isLate: isLate,
                        in: transactions.session(on: connection))
                }
            }
            let jobs = taken ?? []
            if jobs.isEmpty { return }
            turns.add(1, ordering: .relaxed)
            jobsCommitted.add(jobs.count, ordering: .relaxed)
            with(lane) { $0.isStranded = false }
            var late: [Job] = []
            var done: [(job: Job, refusal: StoreError?)] = []
            for (job, refusal) in zip(jobs, outcome) {
                if case .outdated = refusal, !isLate, job.renewal != nil {
                    late.append(job)
                } else {
                    done.append((job, refusal))
                }
            }
            // Queued behind this task, which goes on without waiting: the next turn is sent first, so that the database works while
            // these are answered.
            loop.execute { [done] in for one in done { one.job.finish(one.refusal) } }
            if !late.isEmpty { await turn(in: lane, late, isLate: true) }
        } catch {
            let jobs = taken ?? takeJobs(in: lane)
            var reason = StoreError(postgres: error)
            if (error as? PostgresError)?.isStatementTimeout == true {
                // Nothing of it was kept, and what takes seconds is as good as gone.
                reason = .unreachable("PostgreSQL: \(error)")
            }
            switch reason {
            case .unreachable, .uncertain: with(lane) { $0.isStranded = true }
            case .full, .broken, .unavailable, .outdated, .repeated, .corrupt: break
            }
            if jobs.count > 1, case .corrupt = reason {
                // One job's doing, perhaps: each is tried alone.
                for job in jobs { await turn(in: lane, [job], isLate: isLate) }
            } else {
                for job in jobs { job.finish(reason) }
            }
        }
    }

    /// Why each job was refused, nil for those that were not; throws where nothing was done.
    private func refusals(
        of jobs: [Job], of tenant: TenantID, attempt: Int, isLate: Bool, in session: PostgresSession
    ) async throws -> [StoreError?] {
        if jobs.isEmpty { return [] }
        // While they waited this process itself may have changed it.
        let newest = jobs.lazy.compactMap(\.renewal).first?.newest()
        let jobs = jobs.map { $0.renewed(on: newest) }
        if isLate {
            return try await Self.onNewest(jobs, of: tenant, by: author, attempt: attempt, in: session)
        }
        let isRestless = state.withLock { $0.restless[tenant] != nil }
        let areStrangers =
            attempt == 0 && !isRestless && Self.mayBeForStrangers(jobs) && mayTakeForStrangers(tenant)
        if areStrangers, try await Self.onceForStrangers(jobs, of: tenant, by: author, in: session) {
            noteStrangers(of: tenant, isRight: true)
            turnsAtOnce.add(1, ordering: .relaxed)
            return [StoreError?](repeating: nil, count: jobs.count)
        }
        let (refusals, lateness, end) = try await Self.once(
            jobs, of: tenant, by: author, attempt: attempt, asksNewest: areStrangers || isRestless, in: session)
        // An old configuration says nothing of who they are.
        if areStrangers, lateness == .none { noteStrangers(of: tenant, isRight: false) }
        if let end { changes.note(end, of: tenant) }
        noteRest(of: tenant, after: lateness)
        return refusals
    }

    /// Where another process changed what a turn was decided on it may well do so again.
    private func noteRest(of tenant: TenantID, after lateness: Lateness) {
        state.withLock { state in
            if lateness == .byAnother {
                if state.restless.count >= Self.mostCautions { state.restless = [:] }
                state.restless[tenant] = Self.restlessTurns
            } else if let left = state.restless[tenant] {
                state.restless[tenant] = left > 1 ? left - 1 : nil
            }
        }
    }
}
