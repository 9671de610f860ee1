import Experiments
import Postgres
import PostgresSupport
import SQLite
import Synchronization

@testable import Storage

#if canImport(Glibc)
    import Glibc
#endif

/// An empty database of an engine, with what a store on it is opened by.
struct TransferPlace {
    let location: TransferLocation
    /// Of a SQLite file; empty for PostgreSQL.
    var path = ""
    /// Of a PostgreSQL database; empty for SQLite.
    var address = ""

    static func sqlite() -> TransferPlace {
        let path = "/tmp/cournot-transfer-\(getpid())-\(counter.add(1, ordering: .relaxed).newValue).db"
        return TransferPlace(location: .sqlite(path: path), path: path)
    }

    static func postgres() async throws -> TransferPlace {
        let address = try await PostgresServer.shared().database()
        var configuration = try PostgresConfiguration(url: address)
        configuration.connections = 3
        return TransferPlace(location: .postgres(configuration), address: address)
    }

    func open() async throws -> any Store {
        switch location {
        case .sqlite(let path): try SQLiteStore(path: path)
        case .postgres(let configuration): try await PostgresStore.open(configuration)
        }
    }

    /// Runs SQL as whoever may do all: to do harm.
    func run(_ sql: String) async throws {
        if path.isEmpty {
            let name = String(address.split(separator: "/")[2].prefix { $0 != "?" })
            try await PostgresServer.shared().superuser(of: name) { connection in
                _ = try await connection.run([PostgresCommand(sql)], within: .seconds(5))
            }
        } else {
            try SQLiteStore.open(path, vfs: nil, isReader: false).execute(sql)
        }
    }

    func remove() {
        Engine.remove(path)
    }

    private static let counter = Atomic<Int>(0)
}
