internal import Postgres

/// Where everything is kept.
enum DatabaseLocation: Equatable, CustomStringConvertible {
    case sqlite(path: String)
    case postgres(PostgresConfiguration)

    /// Why a database's address is not one.
    struct Fault: Error {
        let detail: String
    }

    /// Reads `sqlite:PATH`, where the path may be relative, or `postgres://…` as libpq knows it.
    init(_ text: String) throws(Fault) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch parts[0] {
        case "postgres", "postgresql":
            do throws(PostgresError) {
                self = .postgres(try PostgresConfiguration(url: text))
            } catch {
                throw Fault(detail: error.message)
            }
        case "sqlite" where parts.count == 2:
            // What follows two slashes is a host in any URL, and a file in some; nobody needs to guess which.
            if parts[1].hasPrefix("//") { throw Fault(detail: "write sqlite:PATH, without slashes before the path") }
            if parts[1].isEmpty { throw Fault(detail: "the path after sqlite: is missing") }
            self = .sqlite(path: parts[1])
        default:
            throw Fault(detail: "not an address of a database; write sqlite:PATH or postgres://user@host/database")
        }
    }

    /// Never with a password.
    var description: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgres(let configuration): configuration.description
        }
    }
}
