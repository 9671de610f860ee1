internal import Experiments
internal import HTTPClient
internal import ProcessIO

/// An export on its way into a file. Each run goes on after the last whole row there is.
struct ExportDownload {
    let path: String
    var partialPath: String { path + ".part" }
    /// Rows in the file.
    var rows: Int { partial.rows }

    private let server: ExportServer
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
        server: ExportServer, experiment: ExperimentID, path: String, isCSV: Bool
    ) throws(CommandFailure) {
        self.server = server
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
    mutating func run(progress: (Int, Int) -> Void) async throws(Interruption) {
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
        let answer = try await server.open(target)
        if partial.unit != nil {
            guard let columns = partial.columnsHash, answer.head.header("cournot-columns") == columns else {
                throw .refused(
                    "\(partialPath) was begun when rows had other columns than the server's have; remove it to begin anew"
                )
            }
        }
        let total = rows + (answer.head.header("cournot-units-left").flatMap { Int($0) } ?? 0)
        while let part = try await server.next(of: answer) {
            do throws(FileError) { try file.write(part) } catch { throw .refused(error.description) }
            partial.read(part)
            progress(rows, total)
        }
        guard partial.isWhole else { throw .broken("the answer ended within a row", wait: .zero) }
    }

    /// Gives the file its name.
    func finish() throws(CommandFailure) {
        do throws(FileError) { try file.finish(as: path) } catch { throw CommandFailure(error.description) }
        withExtendedLifetime(lock) {}
    }
}
