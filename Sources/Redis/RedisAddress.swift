internal import Glibc

/// Where Redis listens: `redis://[[user]:password@]host[:port][/database]` or `unix:PATH`, and for a Redis Cluster
/// `redis-cluster://[[user]:password@]host[:port],host[:port],…`, of which one that answers is enough.
public struct RedisAddress: Sendable, Equatable, CustomStringConvertible {
    public enum Place: Sendable, Hashable, CustomStringConvertible {
        case tcp(host: String, port: Int)
        case unix(path: String)

        /// `host:port` or `unix:path`.
        public var description: String {
            switch self {
            case .tcp(let host, let port): "\(host.contains(":") ? "[\(host)]" : host):\(port)"
            case .unix(let path): "unix:\(path)"
            }
        }
    }

    /// What is wrong with the text of an address.
    public struct Fault: Error, Equatable {
        public let detail: String
    }

    /// The server, or the nodes of a cluster that are asked for the others; never empty.
    public let places: [Place]
    /// Whether the keys are spread over a cluster's masters.
    public let isCluster: Bool
    let user: String?
    let password: String?
    /// 0 to 15, or as many as the server has; 0 in a cluster, which has no other.
    public let database: Int

    public init(place: Place, user: String? = nil, password: String? = nil, database: Int = 0) {
        places = [place]
        isCluster = false
        self.user = user
        self.password = password
        self.database = database
    }

    /// A cluster of which some nodes are known.
    ///
    /// - Parameter nodes: at least one.
    public init(cluster nodes: [Place], user: String? = nil, password: String? = nil) {
        precondition(!nodes.isEmpty, "a cluster is found by its nodes")
        places = nodes
        isCluster = true
        self.user = user
        self.password = password
        database = 0
    }

    /// The one server, or the first node.
    var place: Place { places[0] }

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
        let isCluster = text.hasPrefix("redis-cluster://")
        guard isCluster || text.hasPrefix("redis://") else {
            throw Fault(detail: "write redis://HOST:PORT, redis-cluster://HOST:PORT,HOST:PORT or unix:PATH")
        }
        var rest = text.dropFirst(isCluster ? 16 : 8)
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
        guard isCluster else {
            self.init(place: try Self.place(rest), user: user, password: password, database: database)
            return
        }
        guard database == 0 else { throw Fault(detail: "a cluster has no database but 0") }
        var nodes: [Place] = []
        for node in rest.split(separator: ",", omittingEmptySubsequences: false) { nodes.append(try Self.place(node)) }
        self.init(cluster: nodes, user: user, password: password)
    }

    /// Reads `HOST[:PORT]`.
    private static func place(_ text: Substring) throws(Fault) -> Place {
        var host = text
        var port = 6379
        if let colon = host.lastIndex(of: ":"), host.last != "]" {
            guard let number = Int(host[host.index(after: colon)...]), (1...65_535).contains(number) else {
                throw Fault(detail: "the port is a number from 1 to 65535")
            }
            port = number
            host = host[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { throw Fault(detail: "the host is missing") }
        guard !host.contains(",") else { throw Fault(detail: "several hosts are a cluster: redis-cluster://") }
        return .tcp(host: String(host), port: port)
    }

    /// Without the password.
    public var description: String {
        let secret = password == nil ? "" : (user ?? "") + ":***@"
        if case .unix = place { return "\(place)" }
        return (isCluster ? "redis-cluster://" : "redis://") + secret
            + places.map(\.description).joined(separator: ",") + (database == 0 ? "" : "/\(database)")
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
