internal import CLinux
internal import EventLoop
internal import Glibc
internal import Synchronization

/// A server that says what a test wrote down, one connection a request, and remembers what it was asked.
public final class ScriptedServer: Sendable {
    /// A request as it came.
    public struct Seen: Sendable {
        public let path: String
        /// Names in lower case.
        public let headers: [String: String]
        public let body: [UInt8]
        /// How many came before it.
        public let number: Int

        public var text: String { String(decoding: body, as: UTF8.self) }
    }

    public enum Step: Sendable {
        case say(String)
        /// Until the client has gone, or the server is let go.
        case stay
        /// Until `release` is called, once for each.
        case hold
    }

    public let port: Int
    private let listener: Int32
    private let seen = Mutex<[Seen]>([])
    /// A byte in it lets one reply go on.
    private let gate: (out: Int32, into: Int32)

    /// - Parameter reply: what is said to a request; after it the connection ends.
    public init(_ reply: @escaping @Sendable (Seen) -> [Step]) throws {
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw EventLoopError(call: "socketpair", code: errno)
        }
        gate = (ends[0], ends[1])
        listener = socket(AF_INET, kind, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let code = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe bind(listener, address, size) == 0, listen(listener, 64) == 0 else { return Int32(-1) }
                return unsafe getsockname(listener, address, &size)
            }
        }
        guard code == 0 else { throw EventLoopError(call: "bind", code: errno) }
        port = Int(UInt16(bigEndian: address.sin_port))
        // Threads of their own: what waits here must not hold up the runtime's.
        try Thread.spawn(label: "scripted") { [weak self] in
            while true {
                let connection = clinux_accept4(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
                guard connection >= 0 else { return }
                guard let server = self else {
                    close(connection)
                    return
                }
                try? Thread.spawn(label: "reply") { server.answer(connection, reply) }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        close(gate.into)
        close(gate.out)
    }

    /// Lets one reply that holds go on.
    public func release() {
        var byte: UInt8 = 1
        _ = unsafe write(gate.into, &byte, 1)
    }

    public var base: String { "http://127.0.0.1:\(port)" }

    /// What it was asked, in order.
    public var requests: [Seen] { seen.withLock { $0 } }

    private func answer(_ connection: Int32, _ reply: (Seen) -> [Step]) {
        defer { close(connection) }
        guard let request = read(connection) else { return }
        for step in reply(request) {
            switch step {
            case .say(let text):
                var rest = Array(text.utf8)[...]
                while !rest.isEmpty {
                    let count = unsafe rest.withUnsafeBytes {
                        unsafe send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                    }
                    guard count > 0 else { return }
                    rest = rest.dropFirst(count)
                }
            case .hold:
                var byte: UInt8 = 0
                guard unsafe Glibc.read(gate.out, &byte, 1) > 0 else { return }
            case .stay:
                var byte: UInt8 = 0
                while unsafe recv(connection, &byte, 1, 0) > 0 {}
            }
        }
    }

    private func read(_ connection: Int32) -> Seen? {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        var head: (end: Int, length: Int, lines: [String])?
        while head.map({ bytes.count < $0.end + $0.length }) ?? true {
            let count = unsafe recv(connection, &part, part.count, 0)
            guard count > 0 else { return nil }
            bytes += part[..<count]
            if head == nil, let end = Self.headEnd(bytes) {
                let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n").map(String.init)
                let length = lines.first { $0.lowercased().hasPrefix("content-length:") }?.split(separator: ":").last
                head = (end, length.flatMap { Int($0.drop { $0 == " " }) } ?? 0, lines)
            }
        }
        guard let head, let first = head.lines.first else { return nil }
        var headers: [String: String] = [:]
        for line in head.lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        }
        let body = Array(bytes[head.end...])
        return seen.withLock { seen in
            let request = Seen(
                path: first.split(separator: " ").dropFirst().first.map(String.init) ?? "", headers: headers,
                body: body,
                number: seen.count)
            seen.append(request)
            return request
        }
    }

    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        let mark = Array("\r\n\r\n".utf8)
        return bytes.indices.dropLast(3).first { bytes[$0] == mark[0] && bytes[$0..<($0 + 4)].elementsEqual(mark) }
            .map { $0 + 4 }
    }
}

extension ScriptedServer.Step {
    /// A stream of events with its head; its length is told, so that one cut short is seen to be.
    public static func events(_ text: String, cutting cut: Int = 0, headers: String = "") -> Self {
        .say(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: \(text.utf8.count)\r\n"
                + headers + "Connection: close\r\n\r\n"
                + String(decoding: Array(text.utf8).dropLast(cut), as: UTF8.self))
    }

    /// A whole answer of JSON.
    public static func json(_ status: Int, _ text: String, headers: String = "") -> Self {
        .say(
            "HTTP/1.1 \(status) Whatever\r\nContent-Type: application/json\r\nContent-Length: \(text.utf8.count)\r\n"
                + headers + "Connection: close\r\n\r\n" + text)
    }
}
