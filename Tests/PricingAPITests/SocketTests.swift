import Experiments
import Glibc
import HTTPServer
import PricingAPI
import Testing

/// The second road: the same API behind the real server, asked over a connection.
@Suite struct SocketTests {
    @Test func `an export is streamed, and HEAD, limits and keep-alive hold over a connection`() async throws {
        let world = try await World()
        let shop = try await world.tenant()
        let id = try await shop.running()
        for n in 0..<5 { _ = try await shop.quote("s-\(n)") }
        let server = HTTPServer(configuration: .init(), responder: world.api)
        try server.start()
        let port = server.port
        let key = shop.merchant
        func ask(_ text: String) -> String { Connection.exchange(port: port, text) }
        let auth = "Host: t\r\nAuthorization: Bearer \(key)\r\nConnection: close\r\n"

        let csv = ask("GET /api/v1/experiments/\(id)/export HTTP/1.1\r\n\(auth)\r\n")
        #expect(csv.hasPrefix("HTTP/1.1 200 "))
        #expect(csv.contains("unit,variant,phase,"))
        #expect(csv.split(separator: ",USD,").count == 6)
        let lines = ask("GET /api/v1/experiments/\(id)/export?format=ndjson HTTP/1.1\r\n\(auth)\r\n")
        #expect(lines.split(separator: "{\"unit\":").count == 6)

        let head = ask("HEAD /health HTTP/1.1\r\n\(auth)\r\n")
        #expect(head.hasPrefix("HTTP/1.1 200 "))
        #expect(head.hasSuffix("\r\n\r\n"))
        let large = ask("POST /api/v1/quotes HTTP/1.1\r\n\(auth)Content-Length: 1048577\r\n\r\n")
        #expect(large.hasPrefix("HTTP/1.1 413 "))
        #expect(large.contains("application/problem+json"))
        #expect(large.contains("\"request_id\":\"req_"))

        let body = #"{"shopper":"s-1","product":"sku-1"}"#
        let asked =
            "POST /api/v1/quotes HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer \(key)\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let both = ask(asked + asked + "GET /health HTTP/1.1\r\n\(auth)\r\n")
        #expect(both.split(separator: "HTTP/1.1 200 ").count == 3)
        #expect(both.split(separator: "\"reason\":\"sticky\"").count == 3)
        await server.shutdown()
    }
}

/// A client of one connection: sends, then reads to the end.
private enum Connection {
    static func exchange(port: Int, _ text: String) -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return "" }
        let bytes = Array(text.utf8)
        guard unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            return ""
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { break }
            answer += buffer[..<count]
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
