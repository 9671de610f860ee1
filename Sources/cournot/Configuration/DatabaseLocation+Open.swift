internal import Experiments
internal import Storage

extension DatabaseLocation {
    /// Opens the store there, making or migrating it.
    func open() throws(StoreError) -> any Store {
        switch self {
        case .sqlite(let path): try SQLiteStore(path: path)
        }
    }

    /// The same for a command: its failure is a sentence.
    func openOrFail() throws(CommandFailure) -> any Store {
        do throws(StoreError) { return try open() } catch { throw CommandFailure("\(self): \(error.sentence)") }
    }
}
