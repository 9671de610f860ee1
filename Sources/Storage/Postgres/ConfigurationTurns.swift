internal import EventLoop
internal import Experiments
internal import Postgres
internal import Synchronization

/// Changes of configuration, one at a time for each tenant: who calls sees to that. Loop only.
///
/// `@unchecked Sendable`: everything belongs to the loop's thread.
final class ConfigurationTurns: @unchecked Sendable {
    /// Changes of configuration: a transaction of their own.
    struct Job: Sendable {
        let commit: Commit
        /// Called once it is durable, before any job decided later is finished.
        let publish: @Sendable (Int) -> Void
        let finish: @Sendable (Result<Int, StoreError>) -> Void
        var since = MonotonicInstant.distantFuture
    }

    private let transactions: PostgresTransactions
    private let author: String
    private var loop: EventLoop { transactions.pool.loop }
    /// Where audit chains ended when last seen.
    private var ends: [TenantID: ConfigurationWrite.ChainEnd] = [:]

    /// Called on the loop after changes of configuration were committed here, with how many.
    var onCommit: @Sendable (Int) -> Void = { _ in }

    /// Commits of changes, those of them that took one round trip, and how many they took in all. From any thread.
    let commits = Atomic<Int>(0)
    let atOnce = Atomic<Int>(0)
    let trips = Atomic<Int>(0)

    /// How many chains' ends are remembered.
    private static let mostEnds = 10_000
    /// How long a change may wait for the turn before it: as long as a statement may take.
    private static let patience = Duration.seconds(2)

    /// - Parameter author: what this store's notifications are signed with.
    init(_ transactions: PostgresTransactions, author: String) {
        self.transactions = transactions
        self.author = author
    }

    func change(_ job: Job) async {
        if loop.now > job.since.advanced(byNanoseconds: Self.patience.wholeNanoseconds) {
            return job.finish(.failure(.unavailable("the database is too slow")))
        }
        var latest = job.commit
        do {
            let committed = try await transactions.decided { _ in
                try await transactions.pool.withConnection { connection in
                    try await commit(&latest, in: transactions.session(on: connection))
                }
            }
            commits.add(1, ordering: .relaxed)
            onCommit(committed.steps)
            job.publish(committed.end.version)
            job.finish(.success(committed.end.version))
        } catch {
            job.finish(.failure(StoreError(postgres: error)))
        }
    }

    private struct Committed: Sendable {
        let end: ConfigurationWrite.ChainEnd
        let steps: Int
    }

    /// In one trip where the end of the audit chain is known, as it is to whoever made the last change; else, and where
    /// somebody else changed something, in two, between which the lock is held; in four where somebody who joined then turns
    /// out to repeat what was answered before. A commit without `renewal` that was overtaken is not decided here: it lets go.
    ///
    /// - Parameter latest: the commit as it was last decided.
    private func commit(_ latest: inout Commit, in session: PostgresSession) async throws -> Committed {
        let tenant = latest.tenant
        let beginning = ConfigurationWrite.begin(latest, in: session)
        let rows: [PostgresRows]
        if let end = ends.removeValue(forKey: tenant), end.version == latest.expectedVersion {
            let writes = try ConfigurationWrite.writes(latest, after: end, by: author, in: session)
            let committed = Committed(end: writes.end, steps: latest.steps.count)
            trips.add(1, ordering: .relaxed)
            let outcome: (begun: [PostgresRows], isDone: Bool)
            do {
                outcome = try await PostgresTransactions.committedOrBegun(
                    beginning.commands, named: beginning.name,
                    ConfigurationWrite.requirement(of: latest, after: end, in: session) + writes.commands,
                    returning: committed, in: session)
            } catch let doubt as PostgresTransactions.InDoubt {
                throw StoreError.uncertain("PostgreSQL: \(doubt.cause)")
            }
            if outcome.isDone {
                atOnce.add(1, ordering: .relaxed)
                note(committed.end, of: tenant)
                return committed
            }
            rows = outcome.begun
        } else {
            trips.add(1, ordering: .relaxed)
            do {
                rows = try await session.connection.run(beginning.commands, within: session.limit())
            } catch {
                session.rollback(after: error)
                throw error
            }
        }
        do {
            return try await commit(&latest, onceBegun: beginning, rows, in: session)
        } catch {
            session.rollback(after: error)
            throw error
        }
    }

    /// Decides on what stands and commits. Whoever joins then may have been answered before: found out with the writes, it is
    /// asked for and all decided once more. Nobody joins who is decided again on the same, so that this is once at most.
    private func commit(
        _ latest: inout Commit, onceBegun beginning: ConfigurationWrite.Beginning, _ rows: [PostgresRows],
        in session: PostgresSession
    ) async throws -> Committed {
        let name = try TransactionName(rows[beginning.name])
        var standing = try beginning.standing(rows)
        var asked = beginning.replies.scopes
        while true {
            try decide(&latest, on: standing)
            let unasked = ChangeReplies(of: latest, except: asked)
            let writes = try ConfigurationWrite.writes(latest, after: standing.end, by: author, in: session)
            let committed = Committed(end: writes.end, steps: latest.steps.count)
            trips.add(1, ordering: .relaxed)
            do {
                try await PostgresTransactions.commit(
                    [ConfigurationWrite.rollBack] + unasked.requirement(in: session) + writes.commands, named: name,
                    returning: committed, in: session)
                note(committed.end, of: latest.tenant)
                return committed
            } catch let error as PostgresError where error.isDivisionByZero && !unasked.isEmpty {
                trips.add(1, ordering: .relaxed)
                let answers = try await session.connection.run(
                    [ConfigurationWrite.rollBack] + unasked.questions(in: session), within: session.limit())
                standing.known = try unasked.known(answers.dropFirst())
                asked.formUnion(unasked.scopes)
            }
        }
    }

    /// Has a commit decided anew where something else stands than what it was decided against.
    private func decide(_ latest: inout Commit, on standing: ConfigurationWrite.Standing) throws(StoreError) {
        let isOutdated = standing.version != latest.expectedVersion
        if !isOutdated, standing.known.isEmpty { return }
        let renewed = latest.renewal?(isOutdated ? standing.newest : nil, standing.known)
        guard let renewed, renewed.expectedVersion == standing.version else {
            if let end = standing.end { note(end, of: latest.tenant) }
            if let known = standing.known.first { throw .repeated(known) }
            throw .outdated(current: standing.version)
        }
        latest = renewed
    }

    /// Where a tenant's chain was seen to end; where that is no longer so, the next change takes a trip more. Loop only.
    func note(_ end: ConfigurationWrite.ChainEnd, of tenant: TenantID) {
        if let known = ends[tenant], known.version > end.version { return }
        if ends.count >= Self.mostEnds { ends = [:] }
        ends[tenant] = end
    }
}
