internal import Crypto
internal import Experiments
internal import JSON
internal import ProcessIO
internal import Storage

/// `cournot transfer`
enum TransferCommand: Command {
    enum Option: String, CommandOption {
        case from, to, json
        case verifyOnly = "verify-only"
        case batchRows = "batch-rows"
        var takesValue: Bool { self != .json && self != .verifyOnly }
    }

    static let words = ["transfer"]
    static let summary = "Copy everything into another database, and prove it"
    static let help = """
        Copy everything into another database, on the same engine or another, and prove that nothing is lost.

        Usage: cournot transfer --from URL --to URL [--verify-only] [--batch-rows N] [--json]

          --from URL       What is copied: sqlite:PATH or postgres://…
          --to URL         Where to: an empty database, or one that an interrupted transfer of the same source left.
                           Its schema is made or migrated first
          --verify-only    Write nothing, only compare
          --batch-rows N   The most rows in a transaction, 1 to 100000 (4000)
          --json           {"verified":true,"copied":…,"tables":[{"name":…,"rows":…,"digest":…}],…}

        Stop the servers first. A SQLite file that a server runs on is refused. PostgreSQL is read as of one moment, but
        what is written to it afterwards is not copied, and a shopper told a price there may be told another here.

        The same command again goes on where an interrupted one stopped, however that was, and does nothing but compare
        when all is there. A target that is not complete has no tenants yet: a server on it serves nobody.

        At the end both are read whole and compared row by row, each audit chain is followed, and the sums of every
        running or completed experiment are made anew from the events that were copied. Exit code 1 when anything
        differs, with the first row that does.

        Example:
          cournot transfer --from sqlite:/var/lib/cournot/cournot.db --to postgres://cournot@db/cournot

        """

    static func run(_ arguments: Arguments<Option>, stop: AsyncStream<Void>) async throws {
        let source = try location(.from, arguments)
        let target = try location(.to, arguments)
        if source == target { throw UsageError("--from and --to are the same database") }
        let batchRows = try arguments.integer(.batchRows, in: 1...100_000, or: 4000)
        let locks = [try lock(source), try lock(target)]
        var meter = TransferMeter()
        let report: TransferReport
        do {
            report = try await Transfer.run(
                from: source.transfer, to: target.transfer, isCheckOnly: arguments.has(.verifyOnly),
                batchRows: batchRows
            ) { meter.show($0) }
        } catch let error as TransferError {
            meter.finish()
            switch error {
            case .refused(let sentence): throw CommandFailure(sentence)
            case .failed(.source, let cause): throw CommandFailure("\(source): \(cause.sentence)")
            case .failed(.target, let cause): throw CommandFailure("\(target): \(cause.sentence)")
            }
        }
        meter.finish()
        StandardStream.output.write(arguments.has(.json) ? json(report) : text(report))
        // Held until everything is compared.
        withExtendedLifetime(locks) {}
        if !report.isVerified {
            throw CommandFailure("the two databases differ: " + complaints(of: report).joined(separator: "; "))
        }
    }

    private static func location(
        _ option: Option, _ arguments: Arguments<Option>
    ) throws(UsageError) -> DatabaseLocation {
        let text = try arguments.required(option)
        do throws(DatabaseLocation.Fault) {
            return try DatabaseLocation(text)
        } catch {
            throw UsageError("\(option.spelling): \(error.detail)")
        }
    }

    private static func lock(_ database: DatabaseLocation) throws(CommandFailure) -> FileLock? {
        guard case .sqlite(let path) = database else { return nil }
        do throws(FileError) {
            return try FileLock(path: path + "-server")
        } catch {
            throw CommandFailure(
                error.isHeldElsewhere
                    ? "\(database): a server or another transfer is running on this database; stop it first"
                    : "\(error)")
        }
    }

    private static func complaints(of report: TransferReport) -> [String] {
        var complaints: [String] = []
        if let difference = report.firstDifference { complaints.append(difference) }
        if let broken = report.brokenAudit { complaints.append("the audit chain breaks at \(broken)") }
        if let wrong = report.wrongCounts {
            complaints.append("the events on the target do not make the counts of \(wrong)")
        }
        return complaints
    }

    // MARK: Output

    private static func text(_ report: TransferReport) -> [UInt8] {
        var text = "table".padded(to: 13) + "rows".leading(12) + "   " + "SHA-256 of the source".padded(to: 24)
        text += "SHA-256 of the target\n"
        for table in report.tables {
            let ends = [table.sourceDigest, table.targetDigest].map { String(Hex.encode($0.bytes).prefix(16)) }
            text += table.name.padded(to: 13) + String(table.sourceRows).leading(12) + "   " + ends[0].padded(to: 24)
            text += table.isEqual ? "equal\n" : "\(ends[1]), \(table.targetRows) rows\n"
        }
        text +=
            "\n\(report.copied) rows copied for \(report.tenants) tenants; \(report.auditChains) audit chains intact; "
        text += "the sums of \(report.recounted) experiments made anew from the events are equal"
        text += report.archived == 0 ? "\n" : " (\(report.archived) archived ones compared as rows)\n"
        return Array(text.utf8)
    }

    private static func json(_ report: TransferReport) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.field("verified", report.isVerified)
        json.field("copied", report.copied)
        json.field("tenants", Int64(report.tenants))
        json.field("audit_chains", Int64(report.auditChains))
        json.field("recounted", Int64(report.recounted))
        json.field("archived", Int64(report.archived))
        json.key("tables")
        json.beginArray()
        for table in report.tables {
            json.beginObject()
            json.field("name", table.name)
            json.field("rows", table.sourceRows)
            json.field("digest", Hex.encode(table.sourceDigest.bytes))
            json.field("target_rows", table.targetRows)
            json.field("target_digest", Hex.encode(table.targetDigest.bytes))
            json.endObject()
        }
        json.endArray()
        json.endObject()
        json.newline()
        return json.bytes
    }
}

extension DatabaseLocation {
    fileprivate var transfer: TransferLocation {
        switch self {
        case .sqlite(let path): .sqlite(path: path)
        case .postgres(let configuration): .postgres(configuration)
        }
    }
}
