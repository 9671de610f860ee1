internal import EventLoop
internal import Experiments
internal import Postgres

/// What is done in a turn, and the transaction that does it.
extension PostgresTurns {
    /// One piece of work on a tenant's shoppers. An object, as it is handed on several times before it is done.
    final class Job: Sendable {
        let lane: Lane
        let snapshot: TenantSnapshot
        let concern: Concern
        /// Decides; may run more than once, each time on what is then stored.
        let run: @Sendable (inout MemoryTenant) -> Void
        let finish: @Sendable (StoreError?) -> Void
        /// How it becomes a job on a newer configuration; nil for what its asker has to decide.
        let renewal: JobRenewal?
        /// When it began to wait.
        let since: MonotonicInstant

        init(
            snapshot: TenantSnapshot, concern: Concern, run: @escaping @Sendable (inout MemoryTenant) -> Void,
            finish: @escaping @Sendable (StoreError?) -> Void, renewal: JobRenewal? = nil, since: MonotonicInstant,
            lane: Int = 0
        ) {
            self.lane = Lane(tenant: snapshot.tenant.id, kind: .shoppers(lane))
            self.snapshot = snapshot
            self.concern = concern
            self.run = run
            self.finish = finish
            self.renewal = renewal
            self.since = since
        }

        /// As it is on this configuration, if that is newer and it can be.
        func renewed(on newest: TenantSnapshot?) -> Job {
            guard let newest, newest.version > snapshot.version else { return self }
            return renewal?.job(newest, since) ?? self
        }
    }

    struct JobRenewal: Sendable {
        /// The newest configuration known here.
        let newest: @Sendable () -> TenantSnapshot?
        /// Makes a newer one known.
        let known: @Sendable (TenantConfiguration) -> TenantSnapshot?
        let job: @Sendable (TenantSnapshot, _ since: MonotonicInstant) -> Job?
    }

    /// What ``once(_:of:by:attempt:isBegun:asksNewest:in:)`` does, on the newest configuration, read within the
    /// transaction: nobody changes it until that ends. For who was late before: changes wait for this.
    static func onNewest(
        _ jobs: [Job], of tenant: TenantID, by author: String, attempt: Int, in session: PostgresSession
    ) async throws -> [StoreError?] {
        let newest: TenantSnapshot?
        do {
            let begin = [
                PostgresSession.begin, session.say(.tenant(tenant)),
                TurnLoad.lockConfiguration(of: tenant, isShared: true, in: session),
            ]
            let known = jobs.map(\.snapshot.version).max() ?? 0
            let rows = try await session.connection.run(
                begin + PostgresReads.questions(about: tenant, otherThan: known), within: session.limit())
            let found = try PostgresReads.standing(Array(rows.dropFirst(begin.count)))
            newest = found.flatMap { found in jobs.lazy.compactMap(\.renewal).first?.known(found.configuration) }
        } catch {
            session.rollback(after: error)
            throw error
        }
        return try await once(
            jobs.map { $0.renewed(on: newest) }, of: tenant, by: author, attempt: attempt, isBegun: true, in: session
        ).refusals
    }

    /// The transaction in one trip, for shoppers of whom the store has nothing: whom neither this process nor the cache
    /// knows, nobody knows, nearly always. The jobs are decided on nothing, and the database refuses the whole where
    /// something of what was taken for granted does not hold.
    ///
    /// - Returns: false where that is so, and then nothing was done.
    static func onceForStrangers(
        _ jobs: [Job], of tenant: TenantID, by author: String, in session: PostgresSession
    ) async throws -> Bool {
        let snapshot = jobs[0].snapshot
        let subjects = jobs.reduce(into: Set()) { $0.formUnion($1.concern.subjects) }
        var state = MemoryTenant(WorkingSet(), of: snapshot.tenant, strangers: subjects.count)
        for job in jobs { job.run(&state) }
        let writes = try TurnWrite.commands(
            state, state.journal ?? Journal(), claimed: [], of: tenant, author: author,
            byUnit: session.isContracted)
        return try await PostgresTransactions.committedAtOnce(
            TurnLoad.beginWithStrangers(subjects, of: tenant, version: snapshot.version, in: session), writes,
            returning: [StoreError?](repeating: nil, count: jobs.count), in: session)
    }

    /// Whether these may be jobs for strangers: all decided on one configuration.
    static func mayBeForStrangers(_ jobs: [Job]) -> Bool {
        jobs.allSatisfy { $0.concern.mayBeOfStrangers && $0.snapshot.version == jobs[0].snapshot.version }
    }

    /// Whether jobs were decided on an old configuration, and who made the newer one.
    enum Lateness { case none, byThisProcess, byAnother }

    /// One transaction for all jobs, in two trips; in three where the configuration turns out to have moved on.
    ///
    /// They are decided on what the transaction found in force. Who changes it while the transaction lasts does not wait for
    /// it, and comes after it.
    ///
    /// - Parameters:
    ///   - isBegun: whether the transaction has begun, and nobody changes the configuration until it ends.
    ///   - asksNewest: whether the configuration is likely to have moved on: then it is read at once, and two trips do.
    /// - Returns: why each was refused, nil for those that were not; whether the configuration had moved on, and where it
    ///   was read, the end of its audit chain.
    static func once(
        _ given: [Job], of tenant: TenantID, by author: String, attempt: Int, isBegun: Bool = false,
        asksNewest: Bool = false, in session: PostgresSession
    ) async throws -> (refusals: [StoreError?], lateness: Lateness, end: ConfigurationWrite.ChainEnd?) {
        var concern = Concern()
        for job in given { concern.formUnion(job.concern) }
        do {
            // Where a job is refused for its snapshot's version, what that one says of links does not count either.
            let hasLinks = !concern.linked.isEmpty || given.contains { $0.snapshot.tenant.hasLinkedShoppers }
            let known = given.map(\.snapshot.version).max() ?? 0
            let loaded = try await TurnLoad.begin(
                concern, of: tenant, hasLinks: hasLinks, attempt: attempt, isBegun: isBegun,
                otherThan: asksNewest ? known : nil, in: session)
            var (jobs, version, lateness) = (given, loaded.version, Lateness.none)
            if !isBegun, jobs.contains(where: { $0.snapshot.version != version }) {
                let newest: TenantSnapshot?
                (newest, version, lateness) = try await self.newest(for: jobs, of: tenant, loaded, in: session)
                jobs = jobs.map { job in
                    let renewed = job.renewed(on: newest)
                    // What nobody loaded is loaded in another transaction.
                    let isSeen =
                        concern.covers(renewed.concern) && (hasLinks || !renewed.snapshot.tenant.hasLinkedShoppers)
                    return isSeen ? renewed : job
                }
            }
            var state = MemoryTenant(
                loaded.part, of: (jobs.first { $0.snapshot.version == version } ?? jobs[0]).snapshot.tenant)
            var refusals: [StoreError?] = []
            for job in jobs {
                guard job.snapshot.version == version else {
                    refusals.append(.outdated(current: version))
                    continue
                }
                job.run(&state)
                refusals.append(nil)
            }
            let writes = try TurnWrite.commands(
                state, state.journal ?? Journal(), claimed: loaded.claimed, of: tenant, author: author,
                byUnit: session.isContracted)
            try await PostgresTransactions.commit(writes, named: loaded.transaction, returning: refusals, in: session)
            return (refusals, lateness, loaded.newest?.end)
        } catch {
            session.rollback(after: error)
            throw error
        }
    }

    /// The configuration in force, for jobs of which some were decided on another, in a transaction that has loaded; with the
    /// version on which they are to be decided, and who made it.
    private static func newest(
        for jobs: [Job], of tenant: TenantID, _ loaded: TurnLoad.Loaded, in session: PostgresSession
    ) async throws -> (snapshot: TenantSnapshot?, version: Int, lateness: Lateness) {
        let renewal = jobs.lazy.compactMap(\.renewal).first
        let own = renewal?.newest()
        let lateness = (own?.version ?? 0) < loaded.version ? Lateness.byAnother : .byThisProcess
        guard let renewal, own?.version != loaded.version else { return (own, loaded.version, lateness) }
        guard let found = try await newest(of: tenant, loaded, in: session) else {
            return (nil, loaded.version, lateness)
        }
        return (renewal.known(found), found.version, lateness)
    }

    /// The newest configuration, in a transaction that has loaded; nil where it is changed at this moment.
    private static func newest(
        of tenant: TenantID, _ loaded: TurnLoad.Loaded, in session: PostgresSession
    ) async throws -> TenantConfiguration? {
        if let newest = loaded.newest { return newest.configuration }
        let rows = try await session.connection.run(
            PostgresReads.questions(about: tenant, otherThan: 0), within: session.limit())
        return try PostgresReads.standing(rows)?.configuration
    }
}
