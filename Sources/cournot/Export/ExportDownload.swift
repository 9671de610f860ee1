internal import Experiments
internal import JSON
internal import ProcessIO

/// An export on its way into a file. Each run goes on after the last whole row there is.
struct ExportDownload {
    let path: String
    var partialPath: String { path + ".part" }
    /// Rows in the file.
    var rows: Int { partial.rows }

    private let address: ServerAddress
    private let key: String
    private let experiment: ExperimentID
    private let isCSV: Bool
    private let file: AppendedFile
    private let lock: FileLock
    private var partial: PartialExport

    /// Why a run ended before the export was whole.
    enum Interruption: Error {
        /// Another run may do: why, and how long to wait at least.
        case broken(String, wait: Duration)
        case refused(String)
    }

    /// Looks at what an earlier command left.
    init(
        address: ServerAddress, key: String, experiment: ExperimentID, path: String, isCSV: Bool
    ) throws(CommandFailure) {
        self.address = address
        self.key = key
        self.experiment = experiment
        self.path = path
        self.isCSV = isCSV
        if AppendedFile.exists(path) { throw CommandFailure("\(path) is there already; remove it first") }
        partial = PartialExport(isCSV: isCSV)
        do throws(FileError) {
            lock = try FileLock(path: path + ".part")
            file = try AppendedFile(path: path + ".part")
            while case let part = try file.next(), !part.isEmpty { partial.read(part) }
        } catch {
            throw CommandFailure(
                error.isHeldElsewhere ? "\(path).part: another export is writing it" : error.description)
        }
        guard partial.isExport else {
            throw CommandFailure("\(path).part is not what an export in this format left; remove it first")
        }
    }

    /// Asks for what is missing and writes it as it comes.
    ///
    /// - Parameter progress: told the rows there are, and about how many there will be.
    mutating func run(patience: Int, progress: (Int, Int) -> Void) throws(Interruption) {
        do throws(FileError) {
            try file.cut(to: partial.length)
        } catch { throw .refused(error.description) }
        // What was read of an incomplete row is forgotten with it.
        partial.forgetIncompleteRow()
        var target = "/api/v1/experiments/\(experiment)/export?format=\(isCSV ? "csv" : "ndjson")"
        if let unit = partial.unit {
            target += "&after=\(unit)"
        } else {
            partial = PartialExport(isCSV: isCSV)
            do throws(FileError) { try file.cut(to: 0) } catch { throw .refused(error.description) }
        }
        do {
            var answer = try ServerAnswer(to: target, key: key, at: address, patience: patience)
            if answer.status != 200 { throw try Self.interruption(&answer) }
            let total = rows + (answer.headers["cournot-units-left"].flatMap { Int($0) } ?? 0)
            while case let part = try answer.next(), !part.isEmpty {
                do throws(FileError) { try file.write(part) } catch { throw Interruption.refused(error.description) }
                partial.read(part)
                progress(rows, total)
            }
        } catch let error as Interruption {
            throw error
        } catch {
            throw .broken("\(error)", wait: .zero)
        }
        guard partial.isWhole else { throw .broken("the answer ended within a row", wait: .zero) }
    }

    /// Gives the file its name.
    func finish() throws(CommandFailure) {
        do throws(FileError) { try file.finish(as: path) } catch { throw CommandFailure(error.description) }
        withExtendedLifetime(lock) {}
    }

    private static func interruption(_ answer: inout ServerAnswer) throws(ServerAnswer.Broken) -> Interruption {
        let body = try answer.rest(limit: 1 << 20)
        let detail = (try? JSONValue(parsing: body))?["detail"]?.string ?? "no reason given"
        let message = "the server says \(answer.status): \(detail)"
        guard answer.status == 429 || answer.status >= 500 else { return .refused(message) }
        let seconds = answer.headers["retry-after"].flatMap { Int($0) } ?? 0
        return .broken(message, wait: .seconds(min(max(0, seconds), 60)))
    }
}
