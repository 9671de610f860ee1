import Dispatch
import EventLoop
import Experiments
import Glibc
import HTTPServer
import JSON
import SeedSupport
import Testing

@testable import PricingAPI

/// Conversations over a WebSocket, on a real connection.
@Suite struct ConversationSocketTests {
    private struct Chat {
        let shop: Shop
        let server: HTTPServer
        let id: String
        let greeting: String

        var path: String { "/api/v1/conversations/\(id)/stream" }

        func socket(after: String? = nil, key: String? = nil) throws -> ChatClient {
            let client = try ChatClient(port: server.port)
            let answer = try client.open(
                path + (after.map { "?after=\($0)" } ?? ""), "Authorization: Bearer \(key ?? shop.agent)\r\n")
            try #require(answer.hasPrefix("HTTP/1.1 101 "), "\(answer)")
            return client
        }

        func post(_ text: String, once: String? = nil) async throws -> Told {
            try await shop.world.call(
                "POST", "/api/v1/conversations/\(id)/messages", key: shop.agent, #"{"text":"\#(text)"}"#,
                headers: once.map { [("Idempotency-Key", $0)] } ?? [])
        }
    }

    private func chatting(
        _ change: (inout APIConfiguration) -> Void = { _ in }, _ body: (Chat) async throws -> Void
    ) async throws {
        let world = try await World(change)
        let shop = try await world.tenant()
        _ = try await shop.running()
        let told = try await world.call("PUT", "/api/v1/agent", key: shop.merchant, #"{"messages_per_minute":600}"#)
        try #require(told.status == 200)
        let begun = try await world.call("POST", "/api/v1/conversations", key: shop.agent, #"{"shopper":"ada"}"#)
        // Machines that run tests are slow; nobody here is sent away for that.
        var limits = HTTPServerConfiguration.Limits()
        limits.headerTimeout = .seconds(600)
        limits.socketIdle = .seconds(600)
        let server = HTTPServer(
            configuration: HTTPServerConfiguration(loops: 1, maxConnections: 100, limits: limits), responder: world.api)
        try server.start()
        try await body(
            Chat(
                shop: shop, server: server, id: try #require(begun["id"]?.string),
                greeting: try #require(begun["message", "id"]?.string)))
        world.api.beginDraining()
        await server.shutdown()
    }

    @Test func `what is said is answered under its name, and every message is told once and in order`() async throws {
        try await chatting { chat in
            let socket = try chat.socket()
            #expect(try await socket.message()["id"]?.string == chat.greeting)
            socket.say("How much is the mug?", as: "a")
            let own = try await socket.next()
            #expect(own["to"] == nil && own["message"]?["role"] == "shopper")
            let answer = try await socket.next()
            #expect(answer["type"] == "message" && answer["to"] == "a" && answer["message"]?["role"] == "agent")
            let quote = try await chat.shop.quote("ada")
            #expect(answer["message"]?["amounts"]?.array?.first?["quote"] == quote["id"])
            // What is said elsewhere is heard here.
            let elsewhere = try await chat.post("thanks")
            #expect(try await socket.message()["role"] == "shopper")
            #expect(try await socket.message()["id"] == elsewhere["id"])
            let all = try await chat.shop.world.call(
                "GET", "/api/v1/conversations/\(chat.id)/messages", key: chat.shop.agent)
            #expect(all["data"]?.array?.count == 5)
            // And whoever comes back goes on after the message it names.
            let last = try #require(answer["message"]?["id"]?.string)
            let again = try chat.socket(after: last)
            #expect(try await again.message()["text"] == "thanks")
            #expect(try await again.message()["id"] == elsewhere["id"])
            socket.close()
            again.close()
            #expect(try await socket.closed() == 1000)
        }
    }

    @Test func `a message repeated under its name is answered once, by whichever door it comes`() async throws {
        try await chatting { chat in
            let socket = try chat.socket(after: chat.greeting)
            socket.say("mug", as: "once")
            _ = try await socket.next()
            let answer = try await socket.next()
            socket.say("mug", as: "once")
            let repeated = try await socket.next()
            #expect(repeated["to"] == "once" && repeated["message"]?["id"] == answer["message"]?["id"])
            let posted = try await chat.post("mug", once: "once")
            #expect(posted.header("idempotent-replayed") == "true" && posted["id"] == answer["message"]?["id"])
            socket.say("something else", as: "once")
            #expect(try await socket.next()["problem"]?["code"] == "idempotency_mismatch")
        }
    }

    @Test func `what is no message is told so under its place, and too much of it ends the socket`() async throws {
        try await chatting { chat in
            let socket = try chat.socket(after: chat.greeting)
            for (text, code) in [
                ("{", "malformed_json"), ("[]", "invalid"), (#"{"type":"message"}"#, "invalid"),
                (#"{"type":"shout","text":"x"}"#, "invalid"), (#"{"type":"message","text":" "}"#, "invalid"),
                (#"{"type":"message","text":"x","price":1}"#, "invalid"),
                (#"{"type":"message","text":"x","id":"ä"}"#, "invalid"),
            ] {
                socket.send(text)
                let told = try await socket.next()
                #expect(told["type"] == "error" && told["to"] == nil)
                #expect(told["problem"]?["code"]?.string?.hasPrefix(code.prefix(7)) == true, "\(text): \(told)")
            }
            for _ in 0..<13 {
                socket.send("x")
                _ = try await socket.next()
            }
            #expect(try await socket.closed() == 1008)
        }
    }

    @Test func `the allowance of a conversation holds here too`() async throws {
        try await chatting { chat in
            let told = try await chat.shop.world.call(
                "PUT", "/api/v1/agent", key: chat.shop.merchant, #"{"messages_per_minute":1}"#)
            #expect(told.status == 200)
            let socket = try chat.socket(after: chat.greeting)
            var refused: JSONValue?
            for number in 0..<4 where refused == nil {
                socket.say("mug", as: "\(number)")
                var event = try await socket.next()
                while event["to"] == nil { event = try await socket.next() }
                if event["type"] == "error" { refused = event["problem"] }
            }
            #expect(refused?["status"] == 429 && refused?["code"] == "rate_limited")
        }
    }

    @Test func `a browser's session comes as a subprotocol, from its own pages, into its own conversation`()
        async throws
    {
        try await chatting { chat in
            let opened = try await chat.shop.world.call(
                "POST", "/api/v1/sessions", key: chat.shop.widget, "{}", headers: [("Origin", "http://test")])
            let session = try #require(opened["session"]?.string)
            let begun = try await chat.shop.world.call(
                "POST", "/api/v1/conversations", key: session, "{}", headers: [("Origin", "http://test")])
            let path = "/api/v1/conversations/\(begun["id"]?.string ?? "")/stream"
            var held: [ChatClient] = []
            func open(_ path: String, _ more: String) throws -> String {
                let client = try ChatClient(port: chat.server.port)
                held.append(client)
                return try client.open(path, more)
            }
            let offered = "Sec-WebSocket-Protocol: cournot.chat.v1, cournot.bearer.\(session)\r\n"
            let granted = try open(path, "Origin: http://test\r\n" + offered)
            #expect(granted.hasPrefix("HTTP/1.1 101 "))
            #expect(granted.contains("Sec-WebSocket-Protocol: cournot.chat.v1\r\n"))
            #expect(!granted.contains(session))
            #expect(try open(path, "Origin: https://evil.example\r\n" + offered).contains("origin_refused"))
            #expect(try open(chat.path, "Origin: http://test\r\n" + offered).hasPrefix("HTTP/1.1 404 "))
            #expect(try open(path, "Origin: http://test\r\n").hasPrefix("HTTP/1.1 401 "))
            #expect(
                try open(path, "Sec-WebSocket-Protocol: chat, cournot.bearer.\(session)\r\n").contains(
                    "websocket_protocol"))
            // Three in all for a session, as for its streams.
            for _ in 0..<2 { #expect(try open(path, offered).hasPrefix("HTTP/1.1 101 ")) }
            #expect(try open(path, offered).contains("too_many_streams"))
            // Whoever loses its key hears nothing more.
            let keys = try await chat.shop.get("/keys")["data"]?.array ?? []
            let key = try #require(keys.first { $0["role"] == "widget" }?["id"]?.string)
            #expect(try await chat.shop.delete("/keys/\(key)").status == 204)
            held[0].say("hello", as: "x")
            var events: [JSONValue] = []
            while let event = try? await held[0].next() { events.append(event) }
            #expect(events.last?["problem"]?["status"] == 401)
            #expect(try await held[0].closed() == 1008)
        }
    }

    @Test func `a server that ends answers what was asked and says goodbye`() async throws {
        try await chatting { chat in
            let socket = try chat.socket(after: chat.greeting)
            socket.say("mug", as: "last")
            _ = try await socket.next()
            #expect(try await socket.next()["to"] == "last")
            async let stopped: Void = chat.server.shutdown()
            #expect(try await socket.closed() == 1001)
            await stopped
        }
    }

    @Test func `a handshake of another version, or of none, says what is spoken`() async throws {
        try await chatting { chat in
            let told = try await chat.shop.world.call(
                "GET", chat.path, key: chat.shop.agent,
                headers: [
                    ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "8"),
                    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
                ])
            #expect(told.status == 426 && told.header("sec-websocket-version") == "13")
            let none = try await chat.shop.world.call(
                "GET", chat.path, key: chat.shop.agent,
                headers: [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13")])
            #expect(none.status == 400 && none["code"] == "websocket_malformed")
        }
    }

    @Test func `what another process keeps is heard at the next look`() async throws {
        try await chatting({ $0.live.look = .milliseconds(5) }) { chat in
            let other = PricingService(
                store: chat.shop.world.store, clock: chat.shop.world.clock,
                identifiers: IdentifierSource(random: Seeded(11)), tableCapacity: 64)
            try await other.load()
            let api = PricingAPI(service: other, configuration: APIConfiguration(version: "2"))
            let looks = Task { await chat.shop.world.api.followConversationsElsewhere() }
            let socket = try chat.socket(after: chat.greeting)
            let body = #"{"text":"mug"}"#
            let request = try Request(
                parsing: Array(
                    ("POST /api/v1/conversations/\(chat.id)/messages HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
                        + "Authorization: Bearer \(chat.shop.agent)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                        .utf8))
            if case .later(let work) = api.respond(to: request, on: chat.shop.world.loop) {
                #expect(await work().status == 200)
            }
            #expect(try await socket.message()["text"] == "mug")
            #expect(try await socket.message()["role"] == "agent")
            looks.cancel()
        }
    }
}

/// A client of one WebSocket, which blocks on threads of its own.
private final class ChatClient: @unchecked Sendable {
    private let queue = DispatchQueue(label: "chat client")
    private let descriptor: Int32
    private var received: [UInt8] = []
    private var closeCode: Int?

    struct Ended: Error {}

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var wait = timeval(tv_sec: 200, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Ended() }
    }

    deinit { Glibc.close(descriptor) }

    /// The answer's head, and of a refusal its body.
    func open(_ path: String, _ headers: String) throws -> String {
        write(
            Array(
                ("GET \(path) HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\(headers)\r\n").utf8
            ))
        while true {
            if let end = received.firstRange(of: Array("\r\n\r\n".utf8)) {
                let head = String(decoding: received[..<end.upperBound], as: UTF8.self)
                received.removeFirst(end.upperBound)
                if head.hasPrefix("HTTP/1.1 101 ") { return head }
                while !received.contains(UInt8(ascii: "}")) { try receive() }
                return head + String(decoding: received, as: UTF8.self)
            }
            try receive()
        }
    }

    func say(_ text: String, as name: String) { send(#"{"type":"message","id":"\#(name)","text":"\#(text)"}"#) }

    func send(_ text: String) { write(frame(1, Array(text.utf8))) }

    func close() { write(frame(8, [0x03, 0xe8])) }

    /// The next event; pings are passed over.
    func next() async throws -> JSONValue {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try self.take() }) }
        }
    }

    func message() async throws -> JSONValue {
        let event = try await next()
        guard let message = event["message"] else { throw Ended() }
        return message
    }

    /// The code that the server closed with, once it has.
    func closed() async throws -> Int? {
        while closeCode == nil { if (try? await next()) == nil { break } }
        return closeCode
    }

    private func take() throws -> JSONValue {
        while true {
            while received.count < 2 { try receive() }
            var start = 2
            var count = Int(received[1])
            if count == 126 {
                while received.count < 4 { try receive() }
                count = Int(received[2]) << 8 | Int(received[3])
                start = 4
            }
            while received.count < start + count { try receive() }
            let opcode = received[0] & 0x0f
            let payload = Array(received[start..<(start + count)])
            received.removeFirst(start + count)
            if opcode == 8 {
                closeCode = payload.prefix(2).reduce(0) { $0 << 8 | Int($1) }
                write(frame(8, Array(payload.prefix(2))))
                throw Ended()
            }
            if opcode == 1 { return try JSONValue(parsing: payload) }
        }
    }

    private func frame(_ opcode: UInt8, _ payload: [UInt8]) -> [UInt8] {
        precondition(payload.count < 126)
        return [0x80 | opcode, 0x80 | UInt8(payload.count), 1, 2, 3, 4]
            + payload.enumerated().map { $1 ^ UInt8($0 % 4 + 1) }
    }

    private func write(_ bytes: [UInt8]) {
        _ = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private func receive() throws {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { throw Ended() }
        received += buffer[..<count]
    }
}
