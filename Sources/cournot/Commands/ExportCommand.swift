internal import Experiments
internal import JSON
internal import ProcessIO

/// `cournot export`
enum ExportCommand: Command {
    enum Option: String, CommandOption {
        case url, key, experiment, out, format, retries
        case trust = "ca-file"
        var takesValue: Bool { true }
    }

    static let words = ["export"]
    static let summary = "Fetch the rows of an experiment's shoppers into a file, and go on where that was cut"
    static let help = """
        Fetch one row a shopper of an experiment from a server into a file, and go on where that was cut.

        Usage: cournot export --url URL --experiment ID --out FILE [OPTIONS]

          --url URL         The server: http[s]://HOST[:PORT]; or the environment's COURNOT_URL
          --key KEY         A merchant's or analyst's key; or the environment's COURNOT_KEY, which other users of the
                            machine do not see
          --ca-file FILE    Certificates to trust, as PEM, instead of the system's
          --experiment ID   exp_…
          --out FILE        Written as FILE.part and named FILE when it is whole. A FILE that is there is not touched
          --format NAME     csv or ndjson (ndjson when FILE ends so, else csv)
          --retries N       How often in a row to try again without a new row, 0 to 100 (8)

        A broken connection, a server that is restarted or is busy is tried again, later each time. The same command
        again goes on with FILE.part: its last incomplete row is dropped and fetched anew. The file is byte for byte
        what one uncut answer would have been, as long as no shopper's row has changed in between.

        Each answer leaves a row in the tenant's audit: whose key it was, which experiment, when.

        Shoppers are named by pseudonyms that only the server can read, and that differ between experiments.

        Example:
          COURNOT_KEY=ck_… cournot export --url http://127.0.0.1:8080 --experiment exp_… --out units.csv

        """

    /// How long without a byte until a connection counts as broken.
    private static let patience = Duration.seconds(60)

    static func run(_ arguments: Arguments<Option>, stop: AsyncStream<Void>) async throws {
        var download = try request(arguments)
        let retries = try arguments.integer(.retries, in: 0...100, or: 8)
        var meter = ExportMeter(before: download.rows)
        var backoff = Pause()
        var failures = 0
        while true {
            let before = download.rows
            do throws(ExportDownload.Interruption) {
                try await download.run { rows, total in meter.show(rows: rows, of: total) }
                break
            } catch {
                meter.finish()
                switch error {
                case .refused(let message): throw CommandFailure(message)
                case .broken(let reason, let wait):
                    if download.rows > before {
                        failures = 0
                        backoff = Pause()
                    }
                    failures += 1
                    if failures > retries {
                        throw CommandFailure(
                            "\(reason); \(download.rows) rows are in \(download.partialPath), and the same command "
                                + "goes on with them")
                    }
                    let pause = max(backoff.next(), wait)
                    StandardStream.error.line("\(reason); trying again")
                    try await Task.sleep(for: pause)
                }
            }
        }
        try download.finish()
        meter.finish()
        StandardStream.output.write("\(download.rows) rows in \(download.path)\n")
    }

    private static func request(_ arguments: Arguments<Option>) throws -> ExportDownload {
        guard let url = arguments.text(.url) ?? Environment.value(of: "COURNOT_URL") else {
            throw UsageError("--url is missing")
        }
        let address: ServerAddress
        do throws(ServerAddress.Fault) { address = try ServerAddress(url) } catch {
            throw UsageError("--url: \(error.message)")
        }
        guard let key = arguments.text(.key) ?? Environment.value(of: "COURNOT_KEY") else {
            throw UsageError("--key is missing")
        }
        guard !key.isEmpty, key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw UsageError("--key: a key looks like ck_…")
        }
        let trust = arguments.text(.trust)
        if let trust {
            // Read once here, as libcurl does not tell a file that is missing from one that does not help.
            do throws(FileError) { _ = try InputFile(path: trust).rest(limit: 1 << 24) } catch {
                throw CommandFailure("\(trust): \(error.reason)")
            }
        }
        guard let experiment = ExperimentID(try arguments.required(.experiment)) else {
            throw UsageError("--experiment: an experiment's id looks like exp_ and 32 hexadecimal digits")
        }
        let path = try arguments.required(.out)
        let isCSV: Bool
        switch arguments.text(.format) {
        case nil: isCSV = !path.hasSuffix(".ndjson")
        case "csv": isCSV = true
        case "ndjson": isCSV = false
        case .some(let other): throw UsageError("--format is csv or ndjson, not \"\(other)\"")
        }
        let server = try ExportServer(address, key: key, trust: trust, patience: patience)
        return try ExportDownload(server: server, experiment: experiment, path: path, isCSV: isCSV)
    }
}

/// How long to wait before the next try: twice as long each time, up to ten seconds.
private struct Pause {
    private var duration = Duration.milliseconds(200)

    mutating func next() -> Duration {
        defer { duration = min(duration * 2, .seconds(10)) }
        return duration
    }
}
