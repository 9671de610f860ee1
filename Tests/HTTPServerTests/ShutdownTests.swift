import HTTPServer
import Testing

@Suite struct ShutdownTests {
    @Test func `what is in flight is answered, idle connections end, and nobody new is let in`() async throws {
        let gate = Gate()
        try await withServer(gate: gate, limits: { $0.drain = .seconds(20) }) { server in
            let busy = try TestClient(port: server.port)
            busy.send(get("/gated") + get("/health"))
            let idle = try TestClient(port: server.port)
            idle.send(get("/health"))
            #expect(try idle.answer().status == 200)

            async let stopped: Void = server.shutdown()
            #expect(idle.readToEnd() == [])
            gate.open()
            let answer = try busy.answer()
            #expect(answer.text == "passed")
            #expect(answer.headers["connection"] == "close")
            #expect(busy.readToEnd() == [])
            await stopped
            #expect(server.metrics.openConnections == 0)
            #expect(throws: TestClient.Failure.self) { try TestClient(port: server.port) }
        }
    }

    @Test func `a request half sent when the server stops is still answered`() async throws {
        try await withServer(limits: { $0.drain = .seconds(20) }) { server in
            let client = try TestClient(port: server.port)
            client.send("POST /echo HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
            #expect(try client.answer().status == 100)
            async let stopped: Void = server.shutdown()
            client.send("body")
            #expect(try client.answer().text == "body")
            await stopped
        }
    }

    @Test func `what does not finish in time is cut`() async throws {
        try await withServer(limits: { $0.drain = .milliseconds(50) }) { server in
            let client = try TestClient(port: server.port)
            client.send(get("/gated"))
            let half = try TestClient(port: server.port)
            half.send("GET / HT")
            await server.shutdown()
            #expect(client.readToEnd() == [])
            #expect(half.readToEnd() == [])
        }
    }
}
