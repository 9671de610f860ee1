import Dispatch
import EventLoop
import HTTPServer

/// Answers a little of everything.
struct TestResponder: Responder {
    let gate: Gate
    /// What "/page" gives.
    static let page = SharedBody(large(300_000) + Array("the end".utf8))

    func bodyLimit(for head: RequestHead) -> Int {
        head.pathIs("/small") ? 10 : .max
    }

    private final class Noted: HeadReading {
        let target: String
        init(_ target: String) { self.target = target }
    }

    func reading(of head: RequestHead) -> (any HeadReading)? { Noted(String(decoding: head.target, as: UTF8.self)) }

    func respond(to request: Request, on loop: EventLoop) -> Reply {
        switch request.path {
        case "/read":
            let noted = request.head.reading as? Noted
            return .now(Response(status: 200, contentType: "text/plain", body: Array((noted?.target ?? "-").utf8)))
        case "/health" where request.method == .get || request.method == .head:
            return .now(Response(status: 200, contentType: "application/json", body: Array(#"{"status":"ok"}"#.utf8)))
        case "/health":
            return .now(Response(status: 405, headers: [("Allow", "GET, HEAD")]))
        case "/echo", "/small":
            return .now(Response(status: 200, contentType: "application/octet-stream", body: request.body))
        case "/later":
            return .later {
                await Task.yield()
                let isOnLoop = loop.isCurrent
                return Response(status: 200, contentType: "text/plain", body: Array("\(isOnLoop)".utf8) + request.body)
            }
        case "/elsewhere":
            // Resumed from a thread outside the pool, whose threads the tests' clients block.
            return .later {
                await withCheckedContinuation { continuation in
                    DispatchQueue.global().async { continuation.resume() }
                }
                return Response(status: 200, contentType: "a/b", body: [1])
            }
        case "/gated":
            return .later {
                await gate.pass()
                return Response(status: 200, contentType: "text/plain", body: Array("passed".utf8))
            }
        case "/large":
            return .now(Response(status: 200, contentType: "application/json", body: Self.large(20_000)))
        case "/huge":
            return .now(Response(status: 200, contentType: "text/csv; charset=utf-8", body: Self.large(300_000)))
        case "/page":
            return .now(Response(status: 200, headers: [("Content-Type", "text/html")], body: .shared(Self.page)))
        case "/picture":
            return .now(Response(status: 200, contentType: "image/png", body: Self.large(20_000)))
        case "/nothing":
            return .now(Response(status: 204))
        case "/last":
            return .now(Response(status: 200, headers: [("Connection", "close")]))
        case "/injected":
            let value = request.queryItems.first?.value ?? ""
            return .now(Response(status: 200, headers: [("X-Echo", value), ("Content-Length", "7")]))
        case "/stream":
            return .now(
                Response(
                    status: 200, headers: [("Content-Type", "application/x-ndjson")],
                    body: .stream { writer in
                        for number in 0..<1000 { try await writer.write("line \(number)\n") }
                    }))
        case "/endless":
            return .now(
                Response(
                    status: 200,
                    body: .stream { writer in
                        let piece = [UInt8](repeating: 0x2e, count: 32_768)
                        do {
                            while true { try await writer.write(piece) }
                        } catch {
                            gate.open()
                            throw error
                        }
                    }))
        case "/cut":
            return .now(
                Response(
                    status: 200,
                    body: .stream { writer in
                        try await writer.write("half")
                        throw ConnectionClosed()
                    }))
        case "/socket":
            return .now(Self.grant(request, EchoEndpoint(gate: gate, isWelcome: true)))
        case "/socket-unwelcome":
            return .now(Self.grant(request, EchoEndpoint(gate: gate, isWelcome: false)))
        case "/socket-later":
            return .later {
                await Task.yield()
                return Self.grant(request, EchoEndpoint(gate: gate, isWelcome: true))
            }
        default:
            return .now(Response(status: 404, contentType: "text/plain", body: Array("absent".utf8)))
        }
    }

    private static func grant(_ request: Request, _ endpoint: any WebSocketEndpoint) -> Response {
        guard WebSocketHandshake.isAsked(by: request.head) else { return Response(status: 426) }
        do throws(WebSocketHandshake.Refusal) {
            return try WebSocketHandshake(request.head).response(subprotocol: nil, endpoint)
        } catch {
            let text = if case .malformed(let detail) = error { detail } else { "version" }
            return Response(status: 400, contentType: "text/plain", body: Array(text.utf8))
        }
    }

    /// Text that compresses.
    static func large(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(ascii: "a") + UInt8($0 / 7 % 26) }
    }
}

/// Holds whoever passes until it is opened; stays open.
final class Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func open() { continuation.finish() }

    func pass() async {
        for await _ in stream {}
    }
}

/// Runs a server for the time of `body`, which runs on threads of its own: clients block, and must not hold up the
/// concurrency runtime's few.
func withServer(
    loops: Int = 1, maxConnections: Int = 100, gate: Gate = Gate(),
    limits change: (inout HTTPServerConfiguration.Limits) -> Void = { _ in },
    _ body: (HTTPServer) async throws -> Void
) async throws {
    var limits = HTTPServerConfiguration.Limits()
    limits.drain = .milliseconds(300)
    change(&limits)
    let configuration = HTTPServerConfiguration(loops: loops, maxConnections: maxConnections, limits: limits)
    let server = HTTPServer(configuration: configuration, responder: TestResponder(gate: gate))
    try server.start()
    let threads = try WorkerPool(threads: 3, label: "test-client")
    defer { threads.stop() }
    do {
        try await withTaskExecutorPreference(threads) { try await body(server) }
    } catch {
        await server.shutdown()
        throw error
    }
    await server.shutdown()
}

/// A request without body.
func get(_ target: String, method: String = "GET", _ headers: String = "") -> String {
    "\(method) \(target) HTTP/1.1\r\nHost: test\r\n\(headers)\r\n"
}
