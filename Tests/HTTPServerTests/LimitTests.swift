import Glibc
import HTTPServer
import Testing

/// What hostile, slow or too many clients get.
@Suite struct LimitTests {
    @Test func `a hostile stream gets its status and the end of its connection, and others are served`() async throws {
        try await withServer { server in
            let steady = try TestClient(port: server.port)
            for vector in HostileVector.all {
                let client = try TestClient(port: server.port)
                client.send(vector.bytes)
                let answer = try client.answer()
                #expect(answer.status == vector.status, "\(vector)")
                #expect(answer.headers["connection"] == "close", "\(vector)")
                #expect(answer.headers["content-type"] == "application/problem+json", "\(vector)")
                #expect(answer.text.contains(#""status":\#(vector.status),"#), "\(vector)")
                #expect(client.readToEnd() == [], "\(vector)")
                steady.send(get("/health"))
                #expect(try steady.answer().status == 200)
            }
            #expect(server.metrics.badRequests.values.reduce(0, +) == HostileVector.all.count)
        }
    }

    @Test func `nothing after a refused request is answered`() async throws {
        try await withServer { server in
            let client = try TestClient(port: server.port)
            client.send(get("/health") + "GET / HTTP/1.1\r\n\r\n" + get("/health"))
            #expect(try client.answer().status == 200)
            #expect(try client.answer().status == 400)
            #expect(client.readToEnd() == [])
        }
    }

    @Test func `a client that sends on after a refusal still reads why`() async throws {
        try await withServer { server in
            let client = try TestClient(port: server.port)
            client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 3000000\r\n\r\n")
            client.send([UInt8](repeating: 0, count: 3_000_000))
            client.sendEnd()
            #expect(try client.answer().status == 413)
        }
    }

    @Test func `routes may allow more or less`() async throws {
        try await withServer(limits: { $0.bodyBytes = 20 }) { server in
            func status(_ path: String, _ length: Int) throws -> Int {
                let client = try TestClient(port: server.port)
                client.send("POST \(path) HTTP/1.1\r\nHost: t\r\nContent-Length: \(length)\r\n\r\n")
                client.send([UInt8](repeating: 0, count: length))
                return try client.answer().status
            }
            let statuses = [
                try status("/small", 10), try status("/small", 11), try status("/echo", 20), try status("/echo", 21),
            ]
            #expect(statuses == [200, 413, 200, 413])
        }
    }

    @Test func `a head that does not end is answered 408`() async throws {
        try await withServer(limits: { $0.headerTimeout = .milliseconds(50) }) { server in
            let client = try TestClient(port: server.port)
            client.send("GET /health HTTP/1.1\r\nHost: t\r\n")
            #expect(try client.answer().status == 408)
            #expect(client.readToEnd() == [])
            #expect(server.metrics.badRequests == [.headTooSlow: 1])
        }
    }

    @Test func `a connection that never speaks is closed without a word`() async throws {
        try await withServer(limits: { $0.headerTimeout = .milliseconds(50) }) { server in
            let client = try TestClient(port: server.port)
            #expect(client.readToEnd() == [])
            #expect(server.metrics.badRequests == [:])
        }
    }

    @Test func `a body that does not come is answered 408`() async throws {
        try await withServer(limits: { $0.bodyTimeout = .milliseconds(50) }) { server in
            let client = try TestClient(port: server.port)
            client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nhalf")
            #expect(try client.answer().status == 408)
            #expect(server.metrics.badRequests == [.bodyTooSlow: 1])
        }
    }

    @Test func `an idle connection is closed`() async throws {
        try await withServer(limits: { $0.idleTimeout = .milliseconds(50) }) { server in
            let client = try TestClient(port: server.port)
            client.send(get("/health"))
            #expect(try client.answer().status == 200)
            #expect(client.readToEnd() == [])
        }
    }

    @Test func `a connection whose answer takes long is not idle`() async throws {
        let gate = Gate()
        try await withServer(
            gate: gate,
            limits: {
                $0.idleTimeout = .milliseconds(20)
                $0.headerTimeout = .milliseconds(20)
                $0.bodyTimeout = .milliseconds(20)
            }
        ) { server in
            let client = try TestClient(port: server.port)
            client.send(get("/gated"))
            let idler = try TestClient(port: server.port)
            #expect(idler.readToEnd() == [])
            gate.open()
            #expect(try client.answer().text == "passed")
        }
    }

    @Test func `a client that does not read its answer is cut off`() async throws {
        let gate = Gate()
        try await withServer(gate: gate, limits: { $0.bodyTimeout = .milliseconds(50) }) { server in
            let client = try TestClient(port: server.port)
            client.shrinkReceiveBuffer()
            client.send(get("/endless"))
            // The stream's writer fails once the server has given the client up; it opens the gate then.
            await gate.pass()
            withExtendedLifetime(client) {}
        }
    }

    @Test func `too many connections are turned away with 503`() async throws {
        try await withServer(maxConnections: 2) { server in
            let first = try TestClient(port: server.port)
            first.send(get("/health"))
            #expect(try first.answer().status == 200)
            var second: TestClient? = try TestClient(port: server.port)
            second?.send(get("/health"))
            #expect(try second?.answer().status == 200)
            let third = try TestClient(port: server.port)
            let answer = try third.answer()
            #expect(answer.status == 503)
            #expect(answer.headers["connection"] == "close")
            #expect(third.readToEnd() == [])
            #expect(server.metrics.turnedAwayConnections == 1)
            // Room again once one has left; when the server notices is its own affair.
            second = nil
            while server.metrics.openConnections > 1 { await Task.yield() }
            let fourth = try TestClient(port: server.port)
            fourth.send(get("/health"))
            #expect(try fourth.answer().status == 200)
        }
    }
}
