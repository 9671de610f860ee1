public import Experiments
internal import SQLite
internal import Synchronization

/// The embedded engine: one SQLite file in WAL mode with `synchronous=FULL`, one writer that commits in groups, and
/// readers beside it.
public final class SQLiteStore: Store {
    let writer: Writer
    let readers: Readers

    /// Opens the database, making or migrating it.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - readers: connections that read beside the writer.
    ///   - vfs: the virtual file system by name; nil for the operating system's.
    /// - Throws: `StoreError` when it cannot be opened or belongs to a newer program.
    public init(path: String, readers: Int = 2, vfs: String? = nil) throws(StoreError) {
        do {
            writer = Writer(try Self.open(path, vfs: vfs, isReader: false))
            self.readers = Readers(
                try (0..<max(1, readers)).map { _ in Reader(try Self.open(path, vfs: vfs, isReader: true)) })
        } catch {
            throw StoreError(error)
        }
    }

    /// Brings a database's schema up to date.
    ///
    /// - Returns: the names of the steps that were run; empty when it was.
    public static func migrate(path: String) throws(StoreError) -> [String] {
        do {
            return try Schema.migrator.migrate(Database(path: path))
        } catch {
            throw StoreError(error)
        }
    }

    static func open(_ path: String, vfs: String?, isReader: Bool) throws -> sending Database {
        var options = isReader ? DatabaseOptions.readOnly : DatabaseOptions()
        options.vfs = vfs
        options.pageBytes = 2048
        options.checkpointPages = 16_000
        options.cacheKiB = isReader ? 4000 : 64_000
        let database = try Database(path: path, options: options)
        if !isReader {
            // What is read from now on is told: it must be on the disk.
            try database.settle()
            _ = try Schema.migrator.migrate(database)
        }
        return database
    }

    /// Transactions committed, and jobs in them.
    public var groupCommits: (turns: Int, jobs: Int) {
        (writer.turns.load(ordering: .relaxed), writer.jobsCommitted.load(ordering: .relaxed))
    }

    public func load() async throws(StoreError) -> [TenantConfiguration] {
        try await readers.read { database in try Configuration.all(database) }
    }

    public func commit(
        _ commit: Commit, publish: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> Int {
        try await writer.write(isConfiguration: true, committed: publish) { session in try session.commit(commit) }
    }

    public func reply(in scope: ReplyScope, at now: Timestamp) async throws(StoreError) -> SavedReply? {
        try await readers.read { database in try Configuration.reply(in: scope, at: now, database) }
    }

    public func enrol(
        _ enrolments: [Enrolment], in snapshot: TenantSnapshot, renewal: Renewal<[Enrolment]>?
    ) async throws(StoreError) -> [Enrolled] {
        try await writer.write { session in
            try session.require(snapshot)
            return try enrolments.map { try session.enrol($0, in: snapshot) }
        }
    }

    public func standing(
        of subject: Subject, product: TenantKey, proposal: Proposal, listPrice: Money, in tenant: TenantID
    ) async throws(StoreError) -> Standing {
        try await readers.read { database in
            let subject = try Rows.canonical(subject, of: tenant, in: database)
            for candidate in proposal.candidates {
                if let unit = try Rows.unit(subject, in: candidate.experiment, of: tenant, database) {
                    let placement = Offer.Placement(experiment: candidate.experiment, variant: unit.variant)
                    return Standing(placement: placement, offer: nil)
                }
            }
            return Standing(
                placement: nil, offer: try Rows.offer(subject, product, nil, price: listPrice, of: tenant, database))
        }
    }

    public func offer(_ tail: UInt64, in tenant: TenantID) async throws(StoreError) -> Offer? {
        try await readers.read { database in try Rows.offer(tail: tail, of: tenant, database) }
    }

    public func ingest(
        _ events: [IncomingEvent], in snapshot: TenantSnapshot, at now: Timestamp, renewal: Renewal<[IncomingEvent]>?
    ) async throws(StoreError) -> [EventOutcome] {
        try await writer.write { session in
            try session.require(snapshot)
            return try session.ingest(events, in: snapshot, at: now)
        }
    }

    public func link(
        _ a: Subject, _ b: Subject, in snapshot: TenantSnapshot, audit: AuditDraft
    ) async throws(StoreError) -> [Subject] {
        try await writer.write { session in
            try session.require(snapshot)
            return try session.link(a, b, in: snapshot, audit: audit)
        }
    }

    public func measurements(
        of experiment: ExperimentID, in tenant: TenantID, asOf: Timestamp?
    ) async throws(StoreError) -> Measurements? {
        if let asOf {
            return try await readers.read { database in
                try Counts.recorded(of: experiment, in: tenant, asOf: asOf, database)
            }
        }
        return try await writer.write { session in
            // What this very turn counted belongs to the newest counts.
            try session.flush()
            return try Counts.record(of: experiment, in: tenant, session.database)
        }
    }

    public func newestCounts(
        of experiment: ExperimentID, in tenant: TenantID
    ) async throws(StoreError) -> Measurements? {
        try await readers.read { database in try Counts.newest(of: experiment, in: tenant, database) }
    }

    public func countsChangedAt(
        of experiment: ExperimentID, in tenant: TenantID
    ) async throws(StoreError) -> Timestamp? {
        try await readers.read { database in try Counts.changedAt(of: experiment, in: tenant, database) }
    }

    public func thinRecorded(of tenant: TenantID, before: Timestamp) async throws(StoreError) -> Int {
        try await writer.write { session in
            try Counts.thinRecorded(of: tenant, before: before, session.database)
        }
    }

    public func recount(
        of experiment: ExperimentID, in snapshot: TenantSnapshot
    ) async throws(StoreError) -> UnitCounts {
        try await readers.read { database in try Counts.recount(of: experiment, in: snapshot, database) }
    }

    public func units(
        of experiment: ExperimentID, in tenant: TenantID, after: Subject?, limit: Int
    ) async throws(StoreError) -> [UnitRow] {
        try await readers.read { database in
            try Counts.units(of: experiment, in: tenant, after: after, limit: limit, database)
        }
    }

    public func usage(of tenant: TenantID, on days: Range<Int32>) async throws(StoreError) -> UsageRecords {
        try await readers.read { database in try Rows.usage(of: tenant, on: days, database) }
    }

    public func audit(of tenant: TenantID, below: Int64?, limit: Int) async throws(StoreError) -> [AuditEntry] {
        try await readers.read { database in
            try Configuration.audit(of: tenant, below: below, limit: limit, database)
        }
    }

    public func decisions(
        of experiment: ExperimentID?, in tenant: TenantID, before: DecisionID?, limit: Int
    ) async throws(StoreError) -> [DecisionRecord] {
        try await readers.read { database in
            try Configuration.decisions(of: experiment, in: tenant, before: before, limit: limit, database)
        }
    }

    public func check() async throws(StoreError) {
        try await writer.write { _ in }
    }

    public func changedElsewhere() async throws(StoreError) -> Bool { try await writer.changedElsewhere() }

    public func close() async {
        await writer.close()
        await readers.close()
    }
}
