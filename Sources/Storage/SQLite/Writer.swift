internal import Dispatch
internal import Experiments
internal import SQLite
internal import Synchronization

/// The one writer. All that arrived while the last transaction was written becomes the next one: group commit, so
/// that durability is paid for once a turn and not once a request.
///
/// `@unchecked`: the connection is touched only by closures on `queue`, which is serial.
final class Writer: @unchecked Sendable {
    /// One piece of work: runs in the turn's transaction, then is told how the transaction ended.
    struct Job: Sendable {
        let run: @Sendable (WriteSession) throws -> Void
        let finish: @Sendable (StoreError?) -> Void
        /// Called once its changes are durable, before any job of the turn is finished.
        var committed: @Sendable () -> Void = {}
        /// Whether it changes configuration. Such jobs run last in their turn: what shoppers do was decided on the
        /// configuration before it, and would have to be decided again.
        var isConfiguration = false
    }

    private struct Pending {
        var jobs: [Job] = []
        var isRunning = false
        var isClosed = false
    }

    private let queue = DispatchQueue(label: "cournot.sqlite.writer", qos: .userInitiated)
    private let pending = Mutex(Pending())
    private var database: Database?
    /// Why nothing can be written any more.
    private var failure: StoreError?
    private var lastDataVersion: Int64 = 0

    /// Turns committed and jobs in them: the mean is the group-commit batch.
    let turns = Atomic<Int>(0)
    let jobsCommitted = Atomic<Int>(0)

    init(_ database: consuming sending Database) {
        self.database = database
    }

    /// Runs `body` in a transaction of the writer and returns what it returned once that is durable.
    func write<Value: Sendable>(
        isConfiguration: Bool = false, committed: @escaping @Sendable (Value) -> Void = { _ in },
        _ body: @escaping @Sendable (WriteSession) throws -> Value
    ) async throws(StoreError) -> Value {
        let slot = Slot<Value>()
        let outcome: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            var job = Job(
                run: { session in slot.set(.success(try body(session))) },
                finish: { error in
                    if let error {
                        continuation.resume(returning: .failure(error))
                    } else {
                        continuation.resume(returning: slot.get() ?? .failure(.unavailable("the job did not run")))
                    }
                })
            job.isConfiguration = isConfiguration
            job.committed = {
                if case .success(let value)? = slot.get() { committed(value) }
            }
            enqueue(job)
        }
        return try outcome.get()
    }

    private func enqueue(_ job: Job) {
        enum Next { case start, wait, refuse }
        let next: Next = pending.withLock { pending in
            if pending.isClosed { return .refuse }
            pending.jobs.append(job)
            if pending.isRunning { return .wait }
            pending.isRunning = true
            return .start
        }
        switch next {
        case .start: queue.async { self.drain() }
        case .wait: break
        case .refuse: job.finish(.unavailable("the store is closed"))
        }
    }

    private func drain() {
        while true {
            let jobs = pending.withLock { pending in
                let jobs = pending.jobs
                pending.jobs = []
                if jobs.isEmpty { pending.isRunning = false }
                return jobs
            }
            if jobs.isEmpty { return }
            turn(jobs.filter { !$0.isConfiguration } + jobs.filter(\.isConfiguration))
        }
    }

    /// One transaction for all jobs. A job that refuses by itself (a typed `StoreError`) is left out; any other
    /// failure undoes the turn, and if it was one job's doing each is tried alone.
    private func turn(_ jobs: [Job]) {
        guard let database, failure == nil else {
            for job in jobs { job.finish(failure ?? .unavailable("the store is closed")) }
            return
        }
        var refusals: [Int: StoreError] = [:]
        var isJobsOwn = false
        do {
            try database.begin(.immediate)
            let session = WriteSession(database: database)
            for (index, job) in jobs.enumerated() {
                do {
                    try job.run(session)
                } catch let refusal as StoreError where refusal.leavesNoTrace {
                    refusals[index] = refusal
                } catch {
                    isJobsOwn = true
                    throw error
                }
            }
            try session.flush()
            try database.commit()
        } catch {
            undo(error, jobs: jobs, isJobsOwn: isJobsOwn)
            return
        }
        turns.add(1, ordering: .relaxed)
        jobsCommitted.add(jobs.count, ordering: .relaxed)
        for (index, job) in jobs.enumerated() where refusals[index] == nil { job.committed() }
        for (index, job) in jobs.enumerated() { job.finish(refusals[index]) }
    }

    /// - Parameter isJobsOwn: whether it was one of the jobs that failed: the others deserve to be tried without it.
    private func undo(_ error: any Error, jobs: [Job], isJobsOwn: Bool) {
        guard let database else { return }
        database.rollback()
        let reason = StoreError(error)
        if database.isPoisoned {
            // What the disk holds is not known: nothing more is written until the database is opened again.
            failure = reason
            for job in jobs { job.finish(reason) }
        } else if isJobsOwn, jobs.count > 1, reason != .full {
            for job in jobs { turn([job]) }
        } else {
            for job in jobs { job.finish(reason) }
        }
    }

    /// Whether another process committed since this was last asked.
    func changedElsewhere() async throws(StoreError) -> Bool {
        let outcome: Result<Bool, StoreError> = await withCheckedContinuation { continuation in
            queue.async {
                guard let database = self.database else {
                    return continuation.resume(returning: .failure(.unavailable("the store is closed")))
                }
                do {
                    let statement = try database.prepare("PRAGMA data_version")
                    let version = try statement.step() ? try statement.int64(0) : 0
                    defer { self.lastDataVersion = version }
                    continuation.resume(
                        returning: .success(self.lastDataVersion != 0 && version != self.lastDataVersion))
                } catch {
                    continuation.resume(returning: .failure(StoreError(error)))
                }
            }
        }
        return try outcome.get()
    }

    /// Finishes what is queued, then closes the connection.
    func close() async {
        pending.withLock { $0.isClosed = true }
        await withCheckedContinuation { continuation in
            queue.async {
                self.database = nil
                continuation.resume()
            }
        }
    }
}

extension StoreError {
    /// Whether a job that throws this has written nothing.
    fileprivate var leavesNoTrace: Bool {
        switch self {
        case .outdated, .repeated, .unavailable, .unreachable, .uncertain: true
        case .full, .broken, .corrupt: false
        }
    }

    init(_ error: any Error) {
        if let error = error as? StoreError {
            self = error
            return
        }
        guard let error = error as? SQLiteError else {
            self = .corrupt("\(error)")
            return
        }
        switch error.kind {
        case .full: self = .full
        case .io: self = .broken("the disk failed: \(error.message)")
        case .corrupt: self = .broken("the database file is damaged: \(error.message)")
        case .poisoned: self = .broken("the disk failed before")
        case .busy: self = .unavailable("another process holds the database")
        case .readOnly: self = .unavailable("the database may only be read")
        case .cannotOpen: self = .unavailable("the database cannot be opened: \(error.message)")
        case .type: self = .corrupt(error.message)
        case .constraint, .other: self = .corrupt(error.description)
        }
    }
}
