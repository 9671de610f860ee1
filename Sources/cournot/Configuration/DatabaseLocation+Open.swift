internal import Experiments
internal import Postgres
internal import ProcessIO
internal import Storage

extension DatabaseLocation {
    /// Opens the store there, making or migrating it.
    ///
    /// - Parameter reading: a standby of it that analyses are read from.
    func open(reading: PostgresConfiguration? = nil) async throws(StoreError) -> any CompleteStore {
        switch self {
        case .sqlite(let path): try SQLiteStore(path: path)
        case .postgres(let configuration): try await PostgresStore.open(configuration, reading: reading)
        }
    }

    /// Sees that no other server runs on a file. Servers remember what shoppers were told, and two on one file would not
    /// hear of each other; commands may run beside one.
    func lockForServer() throws(CommandFailure) -> FileLock? {
        switch self {
        case .sqlite(let path):
            do throws(FileError) {
                return try FileLock(path: path + "-server")
            } catch {
                throw CommandFailure(
                    error.isHeldElsewhere ? "\(self): another server is running on this database" : "\(error)")
            }
        case .postgres: return nil
        }
    }

    /// The same for a command: its failure is a sentence.
    func openOrFail(reading: PostgresConfiguration? = nil) async throws(CommandFailure) -> any CompleteStore {
        do throws(StoreError) { return try await open(reading: reading) } catch {
            throw CommandFailure("\(self): \(error.sentence)")
        }
    }
}
