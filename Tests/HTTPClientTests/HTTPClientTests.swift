import EventLoop
import HTTPServer
import Testing

@testable import HTTPClient

/// What the client is tried on.
private struct Far: Responder {
    let left: AsyncStream<Void>.Continuation
    /// Ends with the test.
    let silence: AsyncStream<Void>

    func respond(to request: Request, on loop: EventLoop) -> Reply {
        switch request.path {
        case "/echo":
            let said = request.header("x-said") ?? "nothing"
            let type = request.header("content-type") ?? "none"
            return .now(
                Response(
                    status: 201, headers: [("X-Heard", said), ("X-Type", type), ("X-Method", "\(request.method)")],
                    body: .bytes(request.body)))
        case "/empty": return .now(Response(status: 204))
        case "/large":
            return .now(Response(status: 200, contentType: "a/b", body: [UInt8](repeating: 7, count: 5 << 20)))
        case "/pieces":
            return .now(
                Response(
                    status: 200,
                    body: .stream { writer in
                        for number in 0..<100 { try await writer.write("data: \(number)\n\n") }
                    }))
        case "/cut":
            return .now(
                Response(
                    status: 200,
                    body: .stream { writer in
                        try await writer.write("half")
                        throw ConnectionClosed()
                    }))
        case "/endless":
            return .now(
                Response(
                    status: 200,
                    body: .stream { writer in
                        defer { left.finish() }
                        while true { try await writer.write([UInt8](repeating: 1, count: 32_768)) }
                    }))
        case "/silent":
            return .later {
                for await _ in silence {}
                return Response(status: 200)
            }
        case "/elsewhere": return .now(Response(status: 302, headers: [("Location", "/echo")]))
        default: return .now(Response(status: 404))
        }
    }
}

private func withFar(_ body: (String, AsyncStream<Void>) async throws -> Void) async throws {
    let (left, continuation) = AsyncStream<Void>.makeStream()
    let (silence, noise) = AsyncStream<Void>.makeStream()
    defer { noise.finish() }
    var limits = HTTPServerConfiguration.Limits()
    limits.drain = .milliseconds(50)
    let server = HTTPServer(
        configuration: HTTPServerConfiguration(loops: 1, maxConnections: 200, limits: limits),
        responder: Far(left: continuation, silence: silence))
    try server.start()
    do {
        try await body("http://127.0.0.1:\(server.port)", left)
    } catch {
        await server.shutdown()
        throw error
    }
    await server.shutdown()
}

@Suite struct HTTPClientTests {
    @Test func `a request goes out whole and its reply comes back whole`() async throws {
        try await withFar { base, _ in
            let client = try HTTPClient()
            for (method, body) in [("POST", "héllo"), ("PUT", ""), ("PATCH", "x"), ("DELETE", ""), ("GET", "")] {
                let reply = try await client.send(
                    HTTPRequest(
                        method, base + "/echo", headers: [("X-Said", "a:b; c"), ("Content-Type", "a/b")],
                        body: Array(body.utf8)))
                #expect(reply.status == 201)
                #expect(reply.header("x-heard") == "a:b; c")
                #expect(reply.header("x-type") == "a/b")
                #expect(reply.body == Array(body.utf8))
            }
            #expect(try await client.send(HTTPRequest("GET", base + "/empty")).status == 204)
            #expect(try await client.send(HTTPRequest("HEAD", base + "/absent")).status == 404)
            #expect(try await client.send(HTTPRequest("GET", base + "/elsewhere")).status == 302)
        }
    }

    @Test func `a hundred requests at once each hear their own reply`() async throws {
        try await withFar { base, _ in
            let client = try HTTPClient(mostConnections: 8)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let body = Array("\(number)".utf8)
                        return try await client.send(HTTPRequest("POST", base + "/echo", body: body)).body == body
                    }
                }
                for try await isOwn in group { #expect(isOwn) }
            }
        }
    }

    @Test func `a body is read as it comes, and one that nobody reads stops coming`() async throws {
        try await withFar { base, left in
            let client = try HTTPClient()
            var text: [UInt8] = []
            let pieces = try await client.open(HTTPRequest("GET", base + "/pieces"))
            while let piece = try await pieces.next() { text += piece }
            #expect(String(decoding: text, as: UTF8.self) == (0..<100).map { "data: \($0)\n\n" }.joined())

            var endless: HTTPStream? = try await client.open(
                HTTPRequest("GET", base + "/endless", largestBody: .max))
            var count = 0
            while count < 3 << 20, let piece = try await endless?.next() { count += piece.count }
            #expect(count >= 3 << 20)
            endless = nil
            // The other side learns that its reader is gone.
            for await _ in left {}
        }
    }

    @Test func `what goes wrong is told by its kind`() async throws {
        try await withFar { base, _ in
            let client = try HTTPClient()
            func failure(_ request: HTTPRequest) async -> HTTPClientError? {
                do throws(HTTPClientError) {
                    _ = try await client.send(request)
                    return nil
                } catch {
                    return error
                }
            }
            #expect(
                await failure(HTTPRequest("GET", base + "/large", timeout: .seconds(300), largestBody: 1 << 20))
                    == .tooLarge)
            #expect(await failure(HTTPRequest("GET", base + "/silent", timeout: .milliseconds(50))) == .timedOut)
            guard case .cutOff = await failure(HTTPRequest("GET", base + "/cut")) else {
                return #expect(Bool(false), "half a body is no reply")
            }
            // Nobody listens on port 1.
            guard case .unreachable = await failure(HTTPRequest("GET", "http://127.0.0.1:1/")) else {
                return #expect(Bool(false), "nobody listens there")
            }
            for url in ["file:///etc/passwd", "ftp://127.0.0.1/", "not an address", "http://a\r\nb/"] {
                guard case .invalid = await failure(HTTPRequest("GET", url)) else {
                    return #expect(Bool(false), "\(url) is not asked")
                }
            }
            for (name, value) in [("X", "a\r\nY: b"), ("X Y", "a"), ("", "a"), ("X:", "a")] {
                guard case .invalid = await failure(HTTPRequest("GET", base, headers: [(name, value)])) else {
                    return #expect(Bool(false), "\(name): \(value) is not sent")
                }
            }
        }
    }

    @Test func `whoever is cancelled waits no longer`() async throws {
        try await withFar { base, _ in
            let client = try HTTPClient()
            let waiting = Task { try await client.send(HTTPRequest("GET", base + "/silent", timeout: .seconds(50))) }
            waiting.cancel()
            await #expect(throws: HTTPClientError.canceled) { try await waiting.value }
        }
    }
}
