internal import Crypto
internal import Experiments

/// Compares two ends row by row, and the target's events with the source's counts.
final class TransferCheck {
    private let batchRows: Int
    /// The running counts that both ends were found to have, for those whose ends are equal.
    private var counts: [TenantID: [ExperimentID: UnitCounts]] = [:]

    init(batchRows: Int) { self.batchRows = batchRows }

    // MARK: Rows

    /// Reads every row of both, and notes digests and the first difference in `report`.
    func compare(
        _ source: any TransferEnd, _ target: any TransferEnd, _ tenants: [TenantID],
        into report: inout TransferReport, _ progress: (TransferProgress) throws -> Void
    ) async throws {
        let platform = tenants.prefix(1)
        let known = try await failing(.target) { try await target.tenants() }
        let all = platform + Set(tenants.dropFirst()).union(known).sorted()
        var total: Int64 = 0
        for tenant in all { total += try await failing(.source) { try await source.counts(of: tenant) }.reduce(0, +) }
        var done: Int64 = 0
        for table in TransferTable.all {
            var digests = (source: SHA256(), target: SHA256())
            var one = TransferReport.Table(name: table.name)
            for tenant in all {
                var audit = AuditCheck()
                try await failing(.source) { try await source.open(table, of: tenant, after: nil) }
                try await failing(.target) { try await target.open(table, of: tenant, after: nil) }
                let most = table.rows(of: batchRows)
                while true {
                    let ours = try await failing(.source) { try await source.next(most) }
                    let theirs = try await failing(.target) { try await target.next(most) }
                    if report.firstDifference == nil,
                        let difference = Self.difference(ours, theirs, table, tenant)
                    {
                        report.firstDifference = difference
                    }
                    Self.digest(ours, tenant, &digests.source)
                    Self.digest(theirs, tenant, &digests.target)
                    one.sourceRows += Int64(ours.count)
                    one.targetRows += Int64(theirs.count)
                    done += Int64(ours.count)
                    if table.name == TransferTable.audit.name {
                        try await failing(.target) { try audit.take(theirs) }
                    }
                    if table.name == TransferTable.cells.name {
                        try await failing(.target) { try note(theirs, of: tenant) }
                    }
                    if table.name == TransferTable.tallies.name {
                        try await failing(.target) { try noteTallies(theirs, of: tenant) }
                    }
                    try progress(
                        TransferProgress(
                            phase: .checking, subject: table.name, done: done, total: total, before: 0))
                    if ours.count < most, theirs.count < most { break }
                }
                if table.name == TransferTable.audit.name {
                    if let broken = audit.broken {
                        report.brokenAudit = report.brokenAudit ?? "\(tenant), sequence \(broken)"
                    } else if audit.count > 0 {
                        report.auditChains += 1
                    }
                }
            }
            one.sourceDigest = digests.source.finished()
            one.targetDigest = digests.target.finished()
            report.tables.append(one)
        }
    }

    private static func digest(_ rows: RowBatch, _ tenant: TenantID, _ digest: inout SHA256) {
        var bytes: [UInt8] = []
        for row in 0..<rows.count {
            tenant.bits.appendHex(to: &bytes)
            rows.encode(row, into: &bytes)
        }
        if !bytes.isEmpty { digest.update(bytes) }
    }

    /// The first row that is not the same, said for people.
    private static func difference(
        _ ours: RowBatch, _ theirs: RowBatch, _ table: TransferTable, _ tenant: TenantID
    ) -> String? {
        var mine: [UInt8] = []
        var its: [UInt8] = []
        for row in 0..<max(ours.count, theirs.count) {
            let place: (rows: RowBatch, what: String)
            if row >= theirs.count {
                place = (ours, "is missing on the target")
            } else if row >= ours.count {
                place = (theirs, "is on the target only")
            } else {
                mine.removeAll(keepingCapacity: true)
                its.removeAll(keepingCapacity: true)
                ours.encode(row, into: &mine)
                theirs.encode(row, into: &its)
                if mine == its { continue }
                if ours.isKey(row, before: theirs, row, width: table.keyWidth) {
                    place = (ours, "is missing on the target")
                } else if theirs.isKey(row, before: ours, row, width: table.keyWidth) {
                    place = (theirs, "is on the target only")
                } else {
                    place = (ours, "is not the same on both")
                }
            }
            let key = place.rows.describe(row, table.key)
            return "\(table.name): \(tenant)\(key.isEmpty ? "" : ", ")\(key) \(place.what)"
        }
        return nil
    }

    private func failing<Value>(
        _ side: TransferSide, _ body: () async throws -> Value
    ) async throws(TransferError) -> Value {
        do { return try await body() } catch { throw Transfer.failure(of: side, error) }
    }

    // MARK: Counts

    private func note(_ rows: RowBatch, of tenant: TenantID) throws(StoreError) {
        for row in 0..<rows.count {
            var sums = UnitSums()
            sums.units = try rows.integer(row, 4)
            sums.excluded = try rows.integer(row, 5)
            sums.converted = try rows.integer(row, 6)
            sums.orders = try rows.integer(row, 7)
            sums.quantity = try Self.sum(rows, row, 8)
            sums.revenue = try Self.sum(rows, row, 10)
            sums.profit = try Self.sum(rows, row, 12)
            sums.unitsWithoutCost = try rows.integer(row, 14)
            sums.profitAtMost = try Self.decimal(rows, row, 15)
            sums.profitAtLeast = try Self.decimal(rows, row, 16)
            if sums == UnitSums() { continue }
            let experiment = ExperimentID(bits: Bits128(uuid: try rows.id(row, 0)))
            let key = CellKey(
                variant: Int(try rows.integer(row, 1)), phase: Int(try rows.integer(row, 2)),
                day: Int32(clamping: try rows.integer(row, 3)))
            counts[tenant, default: [:]][experiment, default: UnitCounts()].cells[key] = sums
        }
    }

    private func noteTallies(_ rows: RowBatch, of tenant: TenantID) throws(StoreError) {
        for row in 0..<rows.count {
            let tally = Tally(
                units: try rows.integer(row, 5), sum: try Self.decimal(rows, row, 6),
                sumOfSquares: try Self.decimal(rows, row, 7))
            if tally == Tally() { continue }
            let experiment = ExperimentID(bits: Bits128(uuid: try rows.id(row, 0)))
            let key = TallyKey(
                variant: Int(try rows.integer(row, 1)), phase: Int(try rows.integer(row, 2)),
                series: Int32(clamping: try rows.integer(row, 3)), place: Int32(clamping: try rows.integer(row, 4)))
            counts[tenant, default: [:]][experiment, default: UnitCounts()].tallies[key] = tally
        }
    }

    private static func sum(_ rows: RowBatch, _ row: Int, _ column: Int) throws(StoreError) -> ExactSum {
        ExactSum(sum: try decimal(rows, row, column), sumOfSquares: try decimal(rows, row, column + 1))
    }

    private static func decimal(_ rows: RowBatch, _ row: Int, _ column: Int) throws(StoreError) -> Int128 {
        let text = try rows.text(row, column)
        guard let value = Int128(text) else { throw .corrupt("a sum reads \"\(text.prefix(50))\"") }
        return value
    }

    /// Makes every count anew from the target's events and compares n, sums and sums of squares, to the last digit.
    func recount(
        _ target: any TransferEnd, into report: inout TransferReport, _ progress: (TransferProgress) throws -> Void
    ) async throws {
        let configurations = try await failing(.target) { try await target.configuration() }.sorted {
            $0.tenant.id < $1.tenant.id
        }
        let total = configurations.reduce(0) { $0 + Int64($1.experiments.count) }
        var done: Int64 = 0
        for configuration in configurations {
            let tenant = configuration.tenant.id
            let snapshot = TenantSnapshot(configuration)
            for experiment in configuration.experiments.sorted(by: { $0.id < $1.id }) {
                done += 1
                if experiment.countsOutcomes {
                    let anew = try await failing(.target) {
                        try await target.recount(of: experiment.id, in: snapshot)
                    }
                    if anew.withoutZeros == counts[tenant]?[experiment.id] ?? UnitCounts() {
                        report.recounted += 1
                    } else if report.wrongCounts == nil {
                        report.wrongCounts = "\(tenant), \(experiment.id)"
                    }
                } else if experiment.startedAt != nil {
                    report.archived += 1
                }
                try progress(
                    TransferProgress(
                        phase: .recounting, subject: experiment.id.description, done: done, total: total, before: 0))
            }
        }
    }
}

/// Follows a tenant's audit chain.
private struct AuditCheck {
    private var head: (sequence: Int64, hash: [UInt8])?
    private(set) var count = 0
    /// The first row that does not follow from the one before.
    private(set) var broken: Int64?

    mutating func take(_ rows: RowBatch) throws(StoreError) {
        for row in 0..<rows.count {
            let draft = AuditDraft(
                at: Timestamp(milliseconds: try rows.integer(row, 1)), actor: try rows.text(row, 2),
                action: try rows.text(row, 3), target: try rows.text(row, 4), requestID: try rows.text(row, 5))
            let expected = AuditEntry(draft, after: head)
            let sequence = try rows.integer(row, 0)
            let (previous, hash) = (try rows.bytes(row, 6), try rows.bytes(row, 7))
            if (sequence, previous, hash) != (expected.sequence, expected.previous, expected.hash) {
                broken = broken ?? sequence
            }
            head = (sequence, hash)
            count += 1
        }
    }
}
