internal import Crypto
internal import EventLoop
internal import Experiments
internal import Postgres
internal import SQLite

/// Copies all that one engine keeps into another, and proves it.
///
/// Rows go tenant by tenant and table by table in the order of their keys, each batch in a transaction of the target.
/// Where an interrupted transfer has to go on is therefore the greatest key that the target has, and nothing else need
/// be remembered. The source is read as of one moment; tenants themselves are copied last, so that a server that is
/// started on an unfinished target serves nobody.
public struct Transfer {
    private let source: End
    private let target: End
    private let batchRows: Int
    private let progress: (TransferProgress) throws -> Void

    /// An engine, with which side it is: its failures say so.
    private struct End {
        let side: TransferSide
        let engine: any TransferEnd

        func callAsFunction<Value>(_ body: (any TransferEnd) async throws -> Value) async throws(TransferError) -> Value
        {
            do {
                return try await body(engine)
            } catch {
                throw Transfer.failure(of: side, error)
            }
        }
    }

    static func failure(of side: TransferSide, _ error: any Error) -> TransferError {
        switch error {
        case let error as TransferError: error
        case is PostgresError, is PostgresMigrationError: .failed(side, StoreError(postgres: error))
        default: .failed(side, StoreError(error))
        }
    }

    /// Copies what the target lacks, then compares both ends. Beginning again after an interruption goes on; beginning
    /// again after the end only compares.
    ///
    /// - Parameters:
    ///   - isCheckOnly: whether nothing is written and the ends are only compared.
    ///   - batchRows: the most rows in a transaction, at least 1; large rows go a tenth of it at once.
    ///   - progress: called after every batch; what it throws ends the transfer there.
    /// - Throws: `TransferError`, or what `progress` threw.
    public static func run(
        from source: TransferLocation, to target: TransferLocation, isCheckOnly: Bool = false, batchRows: Int = 4000,
        progress: @escaping (TransferProgress) throws -> Void = { _ in }
    ) async throws -> TransferReport {
        precondition(batchRows > 0, "a batch has rows")
        let loop: EventLoop
        do {
            loop = try EventLoop(label: "transfer")
            try loop.start()
        } catch {
            throw TransferError.refused("\(error)")
        }
        let outcome: Result<TransferReport, any Error>
        do {
            outcome = .success(
                try await withTaskExecutorPreference(loop) {
                    try await withEnd(.source, source, isWritten: false, on: loop) { source in
                        try await withEnd(.target, target, isWritten: !isCheckOnly, on: loop) { target in
                            try await Transfer(
                                source: source, target: target, batchRows: batchRows, progress: progress
                            ).run(isCheckOnly: isCheckOnly)
                        }
                    }
                })
        } catch {
            outcome = .failure(error)
        }
        await loop.stop()
        return try outcome.get()
    }

    private static func withEnd<Value>(
        _ side: TransferSide, _ location: TransferLocation, isWritten: Bool, on loop: EventLoop,
        _ body: (End) async throws -> Value
    ) async throws -> Value {
        let end = try await open(side, location, isWritten: isWritten, on: loop)
        do {
            let value = try await body(end)
            await end.engine.close()
            return value
        } catch {
            await end.engine.close()
            throw error
        }
    }

    private static func open(
        _ side: TransferSide, _ location: TransferLocation, isWritten: Bool, on loop: EventLoop
    ) async throws -> End {
        do {
            switch location {
            case .sqlite(let path): return End(side: side, engine: try SQLiteEnd(path: path, isWritten: isWritten))
            case .postgres(let configuration):
                return End(
                    side: side, engine: try await PostgresEnd(configuration, isWritten: isWritten, on: loop))
            }
        } catch {
            throw failure(of: side, error)
        }
    }

    // MARK: Copying

    private func run(isCheckOnly: Bool) async throws -> TransferReport {
        if let own = try await source({ try await $0.record() }), !own.isCopied {
            throw TransferError.refused("the source is itself the target of a transfer that has not come to its end")
        }
        try await source { try await $0.beginReading() }
        let tenants = try await self.tenants(of: source)
        var report = TransferReport()
        report.tenants = tenants.count - 1
        if !isCheckOnly {
            let digest = try await digest(of: tenants)
            var record = try await prepare(digest, tenants)
            if !record.isCopied {
                report.copied = try await copy(tenants)
                record.isCopied = true
                try await target { [record] in try await $0.put(record) }
            }
        }
        try await target { try await $0.beginReading() }
        let check = TransferCheck(batchRows: batchRows)
        try await check.compare(source.engine, target.engine, tenants, into: &report, progress)
        try await source { try await $0.endReading() }
        try await target { try await $0.endReading() }
        try await check.recount(target.engine, into: &report, progress)
        return report
    }

    /// Those of the source, and the platform, which has replies of its own under an id of zeros.
    private func tenants(of end: End) async throws -> [TenantID] {
        [TenantID(bits: Bits128(high: 0, low: 0))] + (try await end { try await $0.tenants() })
    }

    /// What tells one source from another: every tenant with its version and document. It changes when configuration
    /// does.
    private func digest(of tenants: [TenantID]) async throws -> Digest256 {
        var digest = SHA256()
        for tenant in tenants {
            for table in TransferTable.all where table.keyWidth == 0 {
                try await source { try await $0.open(table, of: tenant, after: nil) }
                let rows = try await source { try await $0.next(1) }
                var bytes: [UInt8] = []
                bytes.append(contentsOf: tenant.description.utf8)
                for row in 0..<rows.count { rows.encode(row, into: &bytes) }
                digest.update(bytes)
            }
        }
        return digest.finished()
    }

    /// Sees that the target is empty or a begun transfer of this source, and marks it as one.
    private func prepare(_ digest: Digest256, _ tenants: [TenantID]) async throws -> TransferRecord {
        if let record = try await target({ try await $0.record() }) {
            if record.source == digest { return record }
            throw TransferError.refused(
                "the target has a transfer from another source, or its source was changed since; take an empty target")
        }
        let known = try await target { try await $0.tenants() }
        var isEmpty = known.isEmpty
        for tenant in tenants where isEmpty {
            isEmpty = try await target { try await $0.counts(of: tenant) }.allSatisfy { $0 == 0 }
        }
        if !isEmpty { throw TransferError.refused("the target is not empty; take an empty one") }
        let record = TransferRecord(source: digest, isCopied: false)
        try await target { try await $0.put(record) }
        return record
    }

    /// Copies what the target lacks. Returns how many rows that was.
    private func copy(_ tenants: [TenantID]) async throws -> Int64 {
        var total: Int64 = 0
        var before: Int64 = 0
        for tenant in tenants {
            total += try await source { try await $0.counts(of: tenant) }.reduce(0, +)
            before += try await target { try await $0.counts(of: tenant) }.reduce(0, +)
        }
        var done = before
        // Tenants themselves come after all that is theirs.
        for tables in [TransferTable.all.filter { $0.keyWidth > 0 }, TransferTable.all.filter { $0.keyWidth == 0 }] {
            for tenant in tenants {
                for table in tables {
                    done += try await copy(table, of: tenant) { rows in
                        try progress(
                            TransferProgress(
                                phase: .copying, subject: table.name, done: done + rows, total: total, before: before))
                    }
                }
            }
        }
        return done - before
    }

    private func copy(
        _ table: TransferTable, of tenant: TenantID, _ progress: (Int64) throws -> Void
    ) async throws -> Int64 {
        let after = try await target { try await $0.lastKey(of: table, tenant) }
        if after != nil, table.keyWidth == 0 { return 0 }
        try await source { try await $0.open(table, of: tenant, after: after) }
        let most = table.rows(of: batchRows)
        var copied: Int64 = 0
        while true {
            let rows = try await source { try await $0.next(most) }
            if rows.count > 0 {
                try await target { try await $0.write(rows, to: table, of: tenant) }
                copied += Int64(rows.count)
                try progress(copied)
            }
            if rows.count < most { return copied }
        }
    }
}

extension TransferTable {
    /// How many rows go at once where `most` do of small ones.
    func rows(of most: Int) -> Int { isBulky ? max(1, most / 10) : most }
}
