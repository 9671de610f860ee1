internal import CPostgres

/// Which server, as whom, and how it is asked.
public struct PostgresConfiguration: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// libpq's keywords and values, the password among them.
    private let options: [(keyword: String, value: String)]
    /// How many hosts are named.
    let hostCount: Int

    /// Whether statements are prepared once a connection. False where a pooler in transaction mode stands between.
    public var isPrepared = true
    /// How many connections a pool keeps.
    public var connections = 8
    /// How long one host may take to let us in.
    public var connectTimeout: Duration = .seconds(2)
    /// How long a statement may take on the server.
    public var statementTimeout: Duration = .seconds(2)
    /// The same for those that read much: exports, counts made anew.
    public var analyticsTimeout: Duration = .seconds(60)

    /// Reads a `postgres://` or `postgresql://` address, as libpq does: several hosts and `target_session_attrs`,
    /// `sslmode` and the rest pass through. Two options are ours: `prepared=false` for a pooler in transaction mode,
    /// and `connections=N` (1 to 200); `connect_timeout=SECONDS` (1 to 600, 2 unless given) is for each host, as libpq's.
    ///
    /// - Throws: `PostgresError` of kind `configuration`; its text never repeats the address.
    public init(url: String) throws(PostgresError) {
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
            throw PostgresError(.configuration, "an address of PostgreSQL begins with postgres://")
        }
        let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var query: [Substring] = []
        for pair in parts.count == 2 ? parts[1].split(separator: "&") : [] {
            let (name, value) = Self.split(pair)
            switch name {
            case "prepared":
                guard value == "true" || value == "false" else {
                    throw PostgresError(.configuration, "prepared is true or false")
                }
                isPrepared = value == "true"
            case "connections":
                guard let count = Int(value), (1...200).contains(count) else {
                    throw PostgresError(.configuration, "connections is a number from 1 to 200")
                }
                connections = count
            case "connect_timeout":
                guard let seconds = Int64(value), (1...600).contains(seconds) else {
                    throw PostgresError(.configuration, "connect_timeout is a number of seconds from 1 to 600")
                }
                connectTimeout = .seconds(seconds)
            default: query.append(pair)
            }
        }
        let bare = parts[0] + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
        var found: [(keyword: String, value: String)] = []
        guard let list = unsafe PQconninfoParse(String(bare), nil) else {
            throw PostgresError(
                .configuration, "not an address libpq can read; write postgres://user:password@host:port/database")
        }
        defer { unsafe PQconninfoFree(list) }
        var entry = unsafe list
        while let keyword = unsafe entry.pointee.keyword {
            if let value = unsafe entry.pointee.val {
                unsafe found.append((String(cString: keyword), String(cString: value)))
            }
            unsafe entry += 1
        }
        // libpq reads the port only when it connects.
        for option in found where option.keyword == "port" {
            let ports = option.value.split(separator: ",", omittingEmptySubsequences: false)
            guard ports.allSatisfy({ $0.isEmpty || UInt16($0).map { $0 > 0 } == true }) else {
                throw PostgresError(.configuration, "a port is a number from 1 to 65535")
            }
        }
        options = found
        let hosts = found.first { $0.keyword == "hostaddr" } ?? found.first { $0.keyword == "host" }
        hostCount = (hosts?.value.split(separator: ",", omittingEmptySubsequences: false).count).map { max(1, $0) } ?? 1
    }

    private static func split(_ pair: Substring) -> (name: Substring, value: Substring) {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (parts[0], parts.count == 2 ? parts[1] : "")
    }

    /// What libpq is given for an attempt: later attempts begin with later hosts, so that one that swallows packets
    /// does not keep us from the next.
    func keywords(attempt: Int) -> [(keyword: String, value: String)] {
        var out = options.map { option in
            guard ["host", "hostaddr", "port"].contains(option.keyword) else { return option }
            let list = option.value.split(separator: ",", omittingEmptySubsequences: false)
            guard list.count == hostCount, hostCount > 1 else { return option }
            let shift = attempt % hostCount
            return (option.keyword, (list[shift...] + list[..<shift]).joined(separator: ","))
        }
        let given = Set(out.map(\.keyword))
        for (keyword, value) in Self.standard where !given.contains(keyword) { out.append((keyword, value)) }
        return out
    }

    /// What is in force unless the address says otherwise. A peer that fell silent is noticed within five seconds.
    private static let standard = [
        ("application_name", "cournot"), ("client_encoding", "UTF8"), ("tcp_user_timeout", "5000"),
        ("keepalives_idle", "5"), ("keepalives_interval", "1"), ("keepalives_count", "4"),
    ]

    private func value(_ keyword: String) -> String? { options.first { $0.keyword == keyword }?.value }

    public static func == (a: Self, b: Self) -> Bool {
        a.options.elementsEqual(b.options, by: ==) && a.isPrepared == b.isPrepared && a.connections == b.connections
            && a.connectTimeout == b.connectTimeout && a.statementTimeout == b.statementTimeout
            && a.analyticsTimeout == b.analyticsTimeout
    }

    /// The address without its password, for people.
    public var description: String {
        var text = "postgres://"
        if let user = value("user") { text += user + (value("password") == nil ? "" : ":***") + "@" }
        let hosts = (value("host") ?? value("hostaddr") ?? "").split(separator: ",", omittingEmptySubsequences: false)
        let ports = (value("port") ?? "").split(separator: ",", omittingEmptySubsequences: false)
        text += hosts.enumerated().map { index, host in
            let port = ports.count > 1 ? (index < ports.count ? ports[index] : "") : ports.first ?? ""
            return String(host.hasPrefix("/") ? "" : host) + (port.isEmpty || host.hasPrefix("/") ? "" : ":" + port)
        }.joined(separator: ",")
        if let database = value("dbname") { text += "/" + database }
        if !isPrepared { text += "?prepared=false" }
        return text
    }

    /// Without its password.
    public var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
