internal import Glibc

/// Where a Redis server listens: `redis://[[user]:password@]host[:port][/database]` or `unix:PATH`.
public struct RedisAddress: Sendable, Equatable, CustomStringConvertible {
    public enum Place: Sendable, Equatable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    /// What is wrong with the text of an address.
    public struct Fault: Error, Equatable {
        public let detail: String
    }

    public let place: Place
    let user: String?
    let password: String?
    /// 0 to 15, or as many as the server has.
    public let database: Int

    public init(place: Place, user: String? = nil, password: String? = nil, database: Int = 0) {
        self.place = place
        self.user = user
        self.password = password
        self.database = database
    }

    public init(_ text: String) throws(Fault) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            // sun_path has 108 bytes with its zero.
            guard !path.isEmpty, path.utf8.count < 108, !path.utf8.contains(0) else {
                throw Fault(detail: "the path after unix: has 1 to 107 bytes")
            }
            self.init(place: .unix(path: path))
            return
        }
        guard text.hasPrefix("redis://") else { throw Fault(detail: "write redis://HOST:PORT or unix:PATH") }
        var rest = text.dropFirst(8)
        var user: String?
        var password: String?
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = parts[0].isEmpty ? nil : String(parts[0])
            password = parts.count > 1 ? String(parts[1]) : nil
            rest = rest[rest.index(after: at)...]
        }
        var database = 0
        if let slash = rest.firstIndex(of: "/") {
            let name = rest[rest.index(after: slash)...]
            guard name.isEmpty || (Int(name).map { (0...10_000).contains($0) } ?? false) else {
                throw Fault(detail: "the database is a number")
            }
            database = Int(name) ?? 0
            rest = rest[..<slash]
        }
        var port = 6379
        if let colon = rest.lastIndex(of: ":"), rest.last != "]" {
            guard let number = Int(rest[rest.index(after: colon)...]), (1...65_535).contains(number) else {
                throw Fault(detail: "the port is a number from 1 to 65535")
            }
            port = number
            rest = rest[..<colon]
        }
        if rest.hasPrefix("["), rest.hasSuffix("]") { rest = rest.dropFirst().dropLast() }
        guard !rest.isEmpty else { throw Fault(detail: "the host is missing") }
        self.init(place: .tcp(host: String(rest), port: port), user: user, password: password, database: database)
    }

    /// Without the password.
    public var description: String {
        let secret = password == nil ? "" : (user ?? "") + ":***@"
        switch place {
        case .tcp(let host, let port):
            return "redis://\(secret)\(host.contains(":") ? "[\(host)]" : host):\(port)"
                + (database == 0 ? "" : "/\(database)")
        case .unix(let path): return "unix:\(path)"
        }
    }

    /// What a connection says first.
    var greeting: [RedisCommand] {
        var commands: [RedisCommand] = []
        if let password {
            commands.append(RedisCommand((["AUTH"] + [user].compactMap { $0 } + [password]).map { Array($0.utf8) }))
        }
        if database != 0 { commands.append(RedisCommand("SELECT", String(database))) }
        return commands
    }
}
