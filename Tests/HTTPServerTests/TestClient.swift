import CLinux
import EventLoop
import Glibc
import HTTPServer

/// A client that sends exactly the bytes it is given and reads what comes, blocking. It gives up on a silent server
/// after 20 s, which is a failure and never a measurement.
///
/// `@unchecked Sendable`: one task may send while another reads; what was received belongs to the reader.
final class TestClient: @unchecked Sendable {
    private let descriptor: Int32
    private var received: [UInt8] = []

    struct Answer: Equatable {
        var status: Int
        /// Names in lower case.
        var headers: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    enum Failure: Error { case cannotConnect, notHTTP(String), ended }

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var wait = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let outcome = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard outcome == 0 else { throw Failure.cannotConnect }
    }

    deinit { close(descriptor) }

    /// Sends all, or as much as the server still takes.
    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    descriptor, buffer.baseAddress.map { unsafe $0 + sent }, buffer.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Tells the server that no more will come.
    func sendEnd() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Makes the kernel keep little of what the server sends. Call before anything is sent.
    func shrinkReceiveBuffer(to bytes: Int32 = 2048) {
        var size = bytes
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The next answer; interim ones (100) count as answers.
    func answer(toHead: Bool = false) throws -> Answer {
        let head = String(decoding: try take(through: Array("\r\n\r\n".utf8)), as: UTF8.self)
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: true)
        guard let first = lines.first, first.hasPrefix("HTTP/1.1 "), let status = Int(first.dropFirst(9).prefix(3))
        else {
            throw Failure.notHTTP(head)
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { throw Failure.notHTTP(head) }
            headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        if toHead || status == 100 || status == 204 || status == 304 {
            return Answer(status: status, headers: headers, body: [])
        }
        if let length = headers["content-length"].flatMap(Int.init) {
            return Answer(status: status, headers: headers, body: try take(length))
        }
        guard headers["transfer-encoding"] == "chunked" else {
            return Answer(status: status, headers: headers, body: readToEnd())
        }
        var body: [UInt8] = []
        while true {
            let line = String(decoding: try take(through: Array("\r\n".utf8)).dropLast(2), as: UTF8.self)
            guard let size = Int(line, radix: 16) else { throw Failure.notHTTP(line) }
            body += try take(size)
            guard try take(2) == Array("\r\n".utf8) else { throw Failure.notHTTP("chunk without end") }
            if size == 0 { return Answer(status: status, headers: headers, body: body) }
        }
    }

    /// All that comes until the server closes or resets; what is there already included.
    func readToEnd() -> [UInt8] {
        while receive() {}
        defer { received = [] }
        return received
    }

    /// So many bytes, whatever they are.
    func bytes(_ count: Int) throws -> [UInt8] { try take(count) }

    private func take(_ count: Int) throws -> [UInt8] {
        while received.count < count {
            guard receive() else { throw Failure.ended }
        }
        defer { received.removeFirst(count) }
        return Array(received.prefix(count))
    }

    private func take(through end: [UInt8]) throws -> [UInt8] {
        var searched = 0
        while true {
            while searched + end.count <= received.count {
                if received[searched..<(searched + end.count)].elementsEqual(end) {
                    return try take(searched + end.count)
                }
                searched += 1
            }
            guard receive() else { throw Failure.ended }
        }
    }

    private func receive() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let capacity = buffer.count
        let count = unsafe recv(descriptor, &buffer, capacity, 0)
        guard count > 0 else { return false }
        received += buffer[..<count]
        return true
    }
}
