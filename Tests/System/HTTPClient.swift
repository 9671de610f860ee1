import Glibc
import JSON

/// A connection that asks and waits: the least that a client can be.
struct HTTPClient: ~Copyable {
    /// The server went away, or said what is not HTTP.
    struct Broken: Error {}

    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
    }

    private let descriptor: Int32
    private var unread: [UInt8] = []

    /// Connects to 127.0.0.1.
    init(port: Int) throws(Broken) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let outcome = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard outcome == 0 else { throw Broken() }
    }

    deinit { close(descriptor) }

    mutating func get(_ path: String, key: String? = nil) throws(Broken) -> Answer {
        try send(Self.request("GET", path, key: key, body: nil))
        return try receive()
    }

    mutating func post(_ path: String, key: String? = nil, _ body: JSONValue) throws(Broken) -> Answer {
        try send(Self.request("POST", path, key: key, body: body.serialized()))
        return try receive()
    }

    /// A request as it goes over the wire.
    static func request(_ method: String, _ path: String, key: String?, body: [UInt8]?) -> [UInt8] {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        if let key { head += "Authorization: Bearer \(key)\r\n" }
        if let body { head += "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n" }
        return Array((head + "\r\n").utf8) + (body ?? [])
    }

    func send(_ bytes: [UInt8]) throws(Broken) {
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes[start...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Broken() }
            start += count
        }
    }

    /// The next answer, with its body of known length or in chunks.
    mutating func receive() throws(Broken) -> Answer {
        var lines: [String] = []
        while true {
            let line = try line()
            if line.isEmpty { break }
            lines.append(line)
        }
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count > 1, words[0] == "HTTP/1.1", let status = Int(words[1]) else { throw Broken() }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
        }
        var body: [UInt8] = []
        if headers["transfer-encoding"] == "chunked" {
            while let size = Int(try line(), radix: 16), size > 0 {
                body += try take(size)
                _ = try line()
            }
            _ = try line()
        } else {
            body = try take(headers["content-length"].flatMap { Int($0) } ?? 0)
        }
        return Answer(status: status, headers: headers, body: body)
    }

    private mutating func line() throws(Broken) -> String {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread.removeFirst(end + 1) }
                return String(decoding: unread[..<end].dropLast(), as: UTF8.self)
            }
            try more()
        }
    }

    private mutating func take(_ count: Int) throws(Broken) -> [UInt8] {
        while unread.count < count { try more() }
        defer { unread.removeFirst(count) }
        return Array(unread[..<count])
    }

    private mutating func more() throws(Broken) {
        var part = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(descriptor, &part, part.count, 0)
        guard count > 0 else { throw Broken() }
        unread += part[..<count]
    }
}
