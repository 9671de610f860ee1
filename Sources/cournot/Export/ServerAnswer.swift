internal import ProcessIO

/// The answer to a GET, read as it comes: its head at once, its body piece by piece.
struct ServerAnswer {
    let status: Int
    /// By lower-case names.
    let headers: [String: String]

    private let connection: Connection
    private var unread: [UInt8]
    private var framing: Framing

    private enum Framing {
        /// So many bytes are to come.
        case length(Int)
        /// So many bytes of the chunk under way; 0 between two.
        case chunk(Int)
        case over
    }

    /// Why an answer is none, or is not whole.
    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    /// Asks, and waits for the head.
    init(to path: String, key: String, at address: ServerAddress, patience: Int) throws(Broken) {
        do throws(Connection.Failure) {
            connection = try Connection(host: address.host, port: address.port, patience: patience)
            try connection.send(
                Array(
                    """
                    GET \(path) HTTP/1.1\r\nHost: \(address.authority)\r\nAuthorization: Bearer \(key)\r\n\
                    User-Agent: cournot/\(Version.current)\r\nConnection: close\r\n\r\n
                    """.utf8))
        } catch { throw Broken(description: error.description) }
        var reader = LineReader(connection: connection)
        let words = try reader.line().split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw Broken(description: "the answer is not HTTP")
        }
        self.status = status
        var headers: [String: String] = [:]
        while case let line = try reader.line(), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, headers.count < 100 else { throw Broken(description: "the answer is not HTTP") }
            headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        self.headers = headers
        unread = reader.unread
        if headers["transfer-encoding"]?.lowercased() == "chunked" {
            framing = .chunk(0)
        } else if let length = headers["content-length"].flatMap({ Int($0) }), length >= 0 {
            framing = length == 0 ? .over : .length(length)
        } else {
            throw Broken(description: "the answer does not say where it ends")
        }
    }

    /// The next bytes of the body; empty once it is whole.
    mutating func next() throws(Broken) -> [UInt8] {
        switch framing {
        case .over: return []
        case .length(let left):
            let bytes = try some(atMost: left)
            framing = bytes.count == left ? .over : .length(left - bytes.count)
            return bytes
        case .chunk(0):
            let size = try line().prefix { $0 != ";" }
            guard let count = Int(size, radix: 16), count >= 0 else { throw Broken(description: "a chunk has no size") }
            if count == 0 {
                framing = .over
                return []
            }
            framing = .chunk(count)
            return try next()
        case .chunk(let left):
            let bytes = try some(atMost: left)
            if bytes.count == left {
                guard try line().isEmpty else { throw Broken(description: "a chunk is longer than it said") }
            }
            framing = .chunk(left - bytes.count)
            return bytes
        }
    }

    /// All of a body that is short.
    mutating func rest(limit: Int) throws(Broken) -> [UInt8] {
        var all: [UInt8] = []
        while case let part = try next(), !part.isEmpty {
            all += part
            if all.count > limit { throw Broken(description: "the answer is too long") }
        }
        return all
    }

    private mutating func some(atMost limit: Int) throws(Broken) -> [UInt8] {
        if unread.isEmpty {
            do throws(Connection.Failure) { unread = try connection.receive() } catch {
                throw Broken(description: error.description)
            }
            if unread.isEmpty { throw Broken(description: "the connection was cut") }
        }
        let bytes = Array(unread.prefix(limit))
        unread.removeFirst(bytes.count)
        return bytes
    }

    private mutating func line() throws(Broken) -> String {
        var reader = LineReader(connection: connection, unread: unread)
        defer { unread = reader.unread }
        return try reader.line()
    }
}

/// Takes lines off a connection.
private struct LineReader {
    private static let longest = 16 << 10
    let connection: Connection
    var unread: [UInt8] = []

    mutating func line() throws(ServerAnswer.Broken) -> String {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                var line = unread[..<end]
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                defer { unread.removeFirst(end + 1) }
                return String(decoding: line, as: UTF8.self)
            }
            if unread.count > Self.longest { throw .init(description: "a line of the answer is too long") }
            let part: [UInt8]
            do throws(Connection.Failure) { part = try connection.receive() } catch {
                throw .init(description: error.description)
            }
            if part.isEmpty { throw .init(description: "the connection was cut") }
            unread += part
        }
    }
}
