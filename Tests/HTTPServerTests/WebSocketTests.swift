import EventLoop
import HTTPServer
import Testing
import WebSocket

/// Says back what it hears, and tells a few things about itself.
final class EchoEndpoint: WebSocketEndpoint, @unchecked Sendable {
    private var socket: WebSocket?
    private let gate: Gate
    private let isWelcome: Bool

    init(gate: Gate, isWelcome: Bool) {
        self.gate = gate
        self.isWelcome = isWelcome
    }

    func opened(_ socket: WebSocket) {
        self.socket = socket
        socket.send(Array("hello".utf8))
    }

    func received(_ text: [UInt8]) {
        switch String(decoding: text, as: UTF8.self) {
        case "flood": for _ in 0..<1000 { socket?.send([UInt8](repeating: 65, count: 16_384)) }
        case "leave": socket?.close(.normal, reason: "as you wish")
        default: socket?.send(text)
        }
    }

    func maySpeak() -> Bool { isWelcome }

    func drains() { socket?.close(.goingAway, reason: "ends") }

    func closed() {
        socket = nil
        gate.open()
    }
}

@Suite struct WebSocketTests {
    private static let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    private static let asked = "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"

    private static func frame(_ opcode: UInt8, _ text: String = "") -> [UInt8] {
        // A mask of zeros is one like any other.
        [0x80 | opcode, 0x80 | UInt8(text.utf8.count), 0, 0, 0, 0] + Array(text.utf8)
    }

    /// A frame of the server's: its opcode and what it carries.
    private static func next(_ client: TestClient) throws -> (opcode: UInt8, payload: [UInt8]) {
        let head = try client.bytes(2)
        var count = Int(head[1])
        if count == 126 { count = try client.bytes(2).reduce(0) { $0 << 8 | Int($1) } }
        return (head[0] & 0x0f, try client.bytes(count))
    }

    private static func text(_ client: TestClient) throws -> String {
        String(decoding: try next(client).payload, as: UTF8.self)
    }

    private static func open(_ port: Int, _ path: String = "/socket", then bytes: [UInt8] = []) throws -> TestClient {
        let client = try TestClient(port: port)
        client.send(Array(get(path, asked + key).utf8) + bytes)
        let answer = try client.answer(toHead: true)
        #expect(answer.status == 101)
        #expect(answer.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(answer.headers["upgrade"] == "websocket" && answer.headers["connection"] == "Upgrade")
        #expect(answer.headers["content-length"] == nil)
        return client
    }

    private static func get(_ target: String, _ headers: String) -> String {
        "GET \(target) HTTP/1.1\r\nHost: test\r\n\(headers)\r\n"
    }

    @Test(arguments: ["/socket", "/socket-later"])
    func `frames sent with the handshake are heard, and both sides say goodbye`(path: String) async throws {
        let gate = Gate()
        try await withServer(gate: gate) { server in
            let client = try Self.open(server.port, path, then: Self.frame(1, "one") + Self.frame(9, "p"))
            #expect(try Self.text(client) == "hello")
            var heard: [UInt8: String] = [:]
            for _ in 0..<2 {
                let (opcode, payload) = try Self.next(client)
                heard[opcode] = String(decoding: payload, as: UTF8.self)
            }
            #expect(heard == [1: "one", 10: "p"])
            #expect(server.metrics.openSockets == 1)
            client.send(Self.frame(8, ""))
            #expect(try Self.next(client).opcode == 8)
            #expect(client.readToEnd() == [])
            await gate.pass()
            #expect(server.metrics.openSockets == 0)
        }
    }

    @Test func `the server closes first when asked to, and waits for the other side's word`() async throws {
        try await withServer { server in
            let client = try Self.open(server.port, then: Self.frame(1, "leave") + Self.frame(1, "late"))
            #expect(try Self.text(client) == "hello")
            let close = try Self.next(client)
            #expect(close.opcode == 8 && close.payload.prefix(2).elementsEqual([0x03, 0xe8]))
            client.send(Self.frame(8, ""))
            #expect(client.readToEnd() == [])
        }
    }

    @Test func `who breaks the rules reads why before the connection ends`() async throws {
        try await withServer { server in
            let client = try Self.open(server.port, then: [0x81, 1, 65])
            #expect(try Self.text(client) == "hello")
            let close = try Self.next(client)
            #expect(close.opcode == 8 && close.payload.prefix(2).elementsEqual([0x03, 0xea]))
            #expect(client.readToEnd() == [])
        }
    }

    @Test func `one who is silent is asked, and without an answer is gone; one who answers stays`() async throws {
        let gate = Gate()
        try await withServer(
            gate: gate,
            limits: {
                $0.socketIdle = .milliseconds(50)
                $0.pongTimeout = .milliseconds(400)
            }
        ) { server in
            let silent = try Self.open(server.port)
            #expect(try Self.text(silent) == "hello")
            #expect(try Self.next(silent).opcode == 9)
            let lively = try Self.open(server.port)
            #expect(try Self.text(lively) == "hello")
            for _ in 0..<12 {
                #expect(try Self.next(lively).opcode == 9)
                lively.send(Self.frame(10))
            }
            lively.send(Self.frame(1, "still here"))
            var heard = try Self.next(lively)
            while heard.opcode == 9 { heard = try Self.next(lively) }
            #expect(String(decoding: heard.payload, as: UTF8.self) == "still here")
            #expect(silent.readToEnd() == [])
        }
    }

    @Test func `one who is welcome no longer is told so at the next look`() async throws {
        try await withServer(limits: { $0.socketIdle = .milliseconds(50) }) { server in
            let client = try Self.open(server.port, "/socket-unwelcome")
            #expect(try Self.text(client) == "hello")
            let close = try Self.next(client)
            #expect(close.opcode == 8 && close.payload.prefix(2).elementsEqual([0x03, 0xf0]))
        }
    }

    @Test func `one who does not read what it asked for is cut off`() async throws {
        let gate = Gate()
        try await withServer(gate: gate) { server in
            let client = try TestClient(port: server.port)
            client.shrinkReceiveBuffer()
            client.send(Array(Self.get("/socket", Self.asked + Self.key).utf8) + Self.frame(1, "flood"))
            await gate.pass()
            #expect(server.metrics.openSockets == 0)
        }
    }

    @Test func `a server that ends says so, and does not wait for those who answer`() async throws {
        try await withServer(limits: { $0.drain = .seconds(20) }) { server in
            let client = try Self.open(server.port)
            #expect(try Self.text(client) == "hello")
            async let stopped: Void = server.shutdown()
            let close = try Self.next(client)
            #expect(close.opcode == 8 && close.payload.prefix(2).elementsEqual([0x03, 0xe9]))
            client.send(Self.frame(8, ""))
            #expect(client.readToEnd() == [])
            await stopped
            #expect(server.metrics.openConnections == 0)
        }
    }

    @Test func `a handshake that is none is refused with what is wrong`() async throws {
        try await withServer { server in
            let client = try TestClient(port: server.port)
            func ask(_ headers: String) throws -> TestClient.Answer {
                client.send(Self.get("/socket", headers))
                return try client.answer()
            }
            #expect(try ask("").status == 426)
            #expect(try ask(Self.key + "Upgrade: websocket\r\nConnection: Upgrade\r\n").text == "version")
            #expect(
                try ask(Self.key + Self.asked.replacing("13", with: "8")).text == "version")
            #expect(try ask(Self.asked).text.contains("Sec-WebSocket-Key"))
            #expect(try ask(Self.asked + Self.key + Self.key).text.contains("once"))
            #expect(try ask(Self.key + Self.asked.replacing("keep-alive, Upgrade", with: "keep-alive")).status == 400)
            #expect(try ask(Self.asked.replacing("websocket", with: "h2c") + Self.key).status == 426)
        }
    }
}
