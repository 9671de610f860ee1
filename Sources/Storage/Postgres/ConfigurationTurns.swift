internal import EventLoop
internal import Experiments
internal import Postgres
internal import Synchronization

/// Changes of configuration, one at a time for each tenant: who calls sees to that. Loop only.
///
/// `@unchecked Sendable`: everything belongs to the loop's thread.
final class ConfigurationTurns: @unchecked Sendable {
    /// A change of configuration: a transaction of its own, after what shoppers do, which was decided on the
    /// configuration before it.
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
    /// Configurations that were read when a change turned out to be decided on an older one.
    private var unclaimed: [TenantID: TenantConfiguration] = [:]

    /// Called on the loop after a change of configuration was committed here.
    var onCommit: @Sendable () -> Void = {}

    /// Changes that took one round trip. From any thread.
    let atOnce = Atomic<Int>(0)

    /// How many chains' ends are remembered.
    private static let mostEnds = 10_000
    private static let mostUnclaimed = 8

    /// - Parameter author: what this store's notifications are signed with.
    init(_ transactions: PostgresTransactions, author: String) {
        self.transactions = transactions
        self.author = author
    }

    func change(_ job: Job) async {
        if loop.now > job.since.advanced(byNanoseconds: PostgresTurns.Queue.patience.wholeNanoseconds) {
            return job.finish(.failure(.unavailable("the database is too slow")))
        }
        do {
            let version = try await transactions.decided { _ in
                try await transactions.pool.withConnection { connection in
                    try await commit(
                        job.commit,
                        in: PostgresSession(connection: connection, configuration: transactions.pool.configuration))
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
            let isDone: Bool
            do {
                isDone = try await PostgresTransactions.committedAtOnce(
                    change.begin, change.writes, returning: change.end.version, in: session)
            } catch let doubt as PostgresTransactions.InDoubt {
                throw StoreError.uncertain("PostgreSQL: \(doubt.cause)")
            }
            if isDone {
                atOnce.add(1, ordering: .relaxed)
                note(change.end, of: commit.tenant)
                return change.end.version
            }
            let newest = try await PostgresReads.configuration(
                of: commit.tenant, otherThan: commit.expectedVersion, within: session.configuration.analyticsTimeout,
                session)
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
            try await PostgresTransactions.commit(
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

    /// A tenant's configuration, if it was read here and is at least of this version. Loop only.
    func claim(_ tenant: TenantID, atLeast version: Int) -> TenantConfiguration? {
        guard let found = unclaimed.removeValue(forKey: tenant), found.version >= version else { return nil }
        return found
    }

    /// Where a tenant's chain was seen to end; where that is no longer so, the next change takes a trip more. Loop only.
    func note(_ end: ConfigurationWrite.ChainEnd, of tenant: TenantID) {
        if ends.count >= Self.mostEnds { ends = [:] }
        ends[tenant] = end
    }
}
