import Dispatch
import EventLoop
import Glibc
import HTTPServer
import Testing

/// The server over real sockets.
@Suite struct ServerTests {
    @Test func `a connection is kept for the next request`() async throws {
        try await withServer { server in
            let client = try TestClient(port: server.port)
            for _ in 0..<3 {
                client.send(get("/health"))
                let answer = try client.answer()
                #expect(answer.status == 200)
                #expect(answer.text == #"{"status":"ok"}"#)
                #expect(answer.headers["content-type"] == "application/json")
                #expect(answer.headers["date"]?.hasSuffix(" GMT") == true)
                #expect(answer.headers["connection"] == nil)
            }
            #expect(server.metrics.requests == 3)
            #expect(server.metrics.acceptedConnections == 1)
            #expect(server.metrics.openConnections == 1)
        }
    }

    @Test func `what a responder read out of a head comes with that head again and with no other`() async throws {
        try await withServer { server in
            let client = try TestClient(port: server.port)
            func told(_ target: String) throws -> String {
                client.send(get(target))
                return try client.answer().text
            }
            #expect(try ["/read", "/read", "/read"].map(told) == ["-", "/read", "/read"])
            #expect(try ["/read?b", "/read?b", "/read"].map(told) == ["-", "/read?b", "-"])
            let other = try TestClient(port: server.port)
            other.send(get("/read"))
            #expect(try other.answer().text == "-")
        }
    }

    @Test func `a connection is closed when the client or the answer says so, and for HTTP 1.0`() async throws {
        try await withServer { server in
            for request in [
                get("/health", "Connection: close\r\n"), get("/last"), "GET /health HTTP/1.0\r\n\r\n",
            ] {
                let client = try TestClient(port: server.port)
                client.send(request)
                let answer = try client.answer()
                #expect(answer.status == 200)
                #expect(answer.headers["connection"] == "close")
                #expect(client.readToEnd() == [])
            }
            let client = try TestClient(port: server.port)
            client.send("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(try client.answer().headers["connection"] == "keep-alive")
            client.send(get("/health"))
            #expect(try client.answer().status == 200)
        }
    }

    @Test func `pipelined requests are answered in their order, whoever is ready first`() async throws {
        try await withServer { server in
            let client = try TestClient(port: server.port)
            func post(_ path: String, _ body: String) -> String {
                "POST \(path) HTTP/1.1\r\nHost: t\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            }
            client.send(
                post("/later", "1") + post("/echo", "2") + get("/absent") + post("/later", "3") + get("/stream")
                    + post("/echo", "4") + get("/elsewhere") + get("/large") + post("/echo", "5"))
            #expect(try client.answer().text == "true1")
            #expect(try client.answer().text == "2")
            #expect(try client.answer().status == 404)
            #expect(try client.answer().text == "true3")
            #expect(try client.answer().text.hasSuffix("line 999\n"))
            #expect(try client.answer().text == "4")
            #expect(try client.answer().body == [1])
            #expect(try client.answer().body == TestResponder.large(20_000))
            #expect(try client.answer().text == "5")
        }
    }

    @Test func `a thousand pipelined requests of a client that reads late are all answered`() async throws {
        try await withServer { server in
            let client = try TestClient(port: server.port)
            let requests = (0..<1000).map { number in
                let body = "\(number)" + String(repeating: ".", count: 2000)
                return "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            }
            let all = Array(requests.joined().utf8)
            // A thread of its own: a blocking send must not hold one of the pool's.
            let sent = DispatchSemaphore(value: 0)
            DispatchQueue.global().async {
                client.send(all)
                sent.signal()
            }
            for number in 0..<1000 { #expect(try client.answer().text.hasPrefix("\(number).")) }
            _ = sent.wait(timeout: .now() + 30)
        }
    }

    @Test func `bodies come whole, counted or in chunks, in one piece or byte by byte`() async throws {
        try await withServer { server in
            let client = try TestClient(port: server.port)
            let body = TestResponder.large(300_000)
            client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: \(body.count)\r\n\r\n")
            client.send(body)
            #expect(try client.answer().body == body)
            client.send("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n")
            for start in stride(from: 0, to: body.count, by: 70_000) {
                let piece = body[start..<min(start + 70_000, body.count)]
                client.send(Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8))
            }
            client.send("0\r\n\r\n")
            #expect(try client.answer().body == body)
            for byte in "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".utf8
            {
                client.send([byte])
            }
            #expect(try client.answer().text == "abc")
        }
    }

    @Test func `a client that expects 100 is told to continue, or not to`() async throws {
        try await withServer { server in
            let client = try TestClient(port: server.port)
            let expecting = "POST /small HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: "
            client.send(expecting + "5\r\n\r\n")
            #expect(try client.answer().status == 100)
            client.send("hello")
            #expect(try client.answer().text == "hello")
            client.send(expecting + "5\r\n\r\nhello")
            #expect(try client.answer().status == 200)
            client.send(expecting + "11\r\n\r\n")
            #expect(try client.answer().status == 413)
            #expect(client.readToEnd() == [])
        }
    }

    @Test func `HEAD is answered as GET, without the body`() async throws {
        try await withServer { server in
            let client = try TestClient(port: server.port)
            for path in ["/health", "/large", "/absent"] {
                client.send(get(path))
                let whole = try client.answer()
                client.send(get(path, method: "HEAD"))
                let head = try client.answer(toHead: true)
                #expect(head.status == whole.status)
                #expect(head.headers["content-length"] == "\(whole.body.count)")
                #expect(head.headers["content-type"] == whole.headers["content-type"])
            }
            client.send(get("/stream", method: "HEAD"))
            #expect(try client.answer(toHead: true).headers["transfer-encoding"] == "chunked")
            client.send(get("/nothing"))
            let nothing = try client.answer()
            #expect(nothing.status == 204)
            #expect(nothing.headers["content-length"] == nil)
            client.send(get("/health"))
            #expect(try client.answer().status == 200)
        }
    }

    @Test func `long text is compressed for those who accept it`() async throws {
        try await withServer { server in
            let client = try TestClient(port: server.port)
            let accepting = "Accept-Encoding: br, gzip\r\n"
            // "/page" twice: compressed for the first who asks, and from then on kept.
            for path in ["/large", "/huge", "/page", "/page"] {
                client.send(get(path))
                let plain = try client.answer()
                #expect(plain.headers["content-encoding"] == nil)
                #expect(plain.headers["vary"] == "Accept-Encoding")
                client.send(get(path, accepting))
                let compressed = try client.answer()
                #expect(compressed.headers["content-encoding"] == "gzip")
                #expect(compressed.headers["vary"] == "Accept-Encoding")
                #expect(compressed.body.starts(with: [0x1f, 0x8b, 8]))
                #expect(compressed.body.count < plain.body.count / 2)
                // RFC 1952: the last four bytes are the length of what was compressed.
                let length = compressed.body.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
                #expect(length == plain.body.count)
            }
            for path in ["/health", "/picture", "/stream"] {
                client.send(get(path, accepting))
                #expect(try client.answer().headers["content-encoding"] == nil)
            }
        }
    }

    @Test func `those who read a large answer slowly and ask on meanwhile get every byte in its place`() async throws {
        try await withServer { server in
            let clients = try (0..<4).map { _ in
                let client = try TestClient(port: server.port)
                client.shrinkReceiveBuffer(to: 65_536)
                client.send(
                    get("/page") + get("/health") + get("/huge") + get("/page", method: "HEAD") + get("/health"))
                return client
            }
            for client in clients {
                #expect(try client.answer().body == TestResponder.page.bytes)
                #expect(try client.answer().text == #"{"status":"ok"}"#)
                #expect(try client.answer().body == TestResponder.large(300_000))
                #expect(try client.answer(toHead: true).headers["content-length"] == "300007")
                #expect(try client.answer().text == #"{"status":"ok"}"#)
            }
        }
    }

    @Test func `a stream goes to an HTTP 1.0 client until the connection ends`() async throws {
        try await withServer { server in
            let client = try TestClient(port: server.port)
            client.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let answer = try client.answer()
            #expect(answer.headers["transfer-encoding"] == nil)
            #expect(answer.headers["connection"] == "close")
            #expect(answer.text.hasSuffix("line 999\n"))
        }
    }

    @Test func `a stream that fails is cut, so that nobody takes it for whole`() async throws {
        try await withServer { server in
            let client = try TestClient(port: server.port)
            client.send(get("/cut"))
            #expect(throws: TestClient.Failure.self) { try client.answer() }
        }
    }

    @Test func `a stream ends when the client is gone`() async throws {
        let gate = Gate()
        try await withServer(gate: gate) { server in
            do {
                let client = try TestClient(port: server.port)
                client.send(get("/endless"))
                #expect(try client.answer(toHead: true).status == 200)
            }
            await gate.pass()
        }
    }

    @Test func `a header's value from outside cannot add a header`() async throws {
        try await withServer { server in
            let client = try TestClient(port: server.port)
            client.send(get("/injected?x=a%0d%0aSet-Cookie:%20b"))
            let answer = try client.answer()
            #expect(answer.headers["x-echo"] == "a  Set-Cookie: b")
            #expect(answer.headers["set-cookie"] == nil)
            #expect(answer.headers["content-length"] == "0")
        }
    }

    @Test func `a client that has sent all may still read`() async throws {
        try await withServer { server in
            let client = try TestClient(port: server.port)
            client.send(get("/later") + get("/health"))
            client.sendEnd()
            #expect(try client.answer().text == "true")
            #expect(try client.answer().status == 200)
            #expect(client.readToEnd() == [])
        }
    }

    @Test func `two loops share the port and the work`() async throws {
        try await withServer(loops: 2) { server in
            let clients = try (0..<32).map { _ in try TestClient(port: server.port) }
            for client in clients { client.send(get("/later")) }
            for client in clients { #expect(try client.answer().text == "true") }
            #expect(server.metrics.requests == 32)
            #expect(server.loops.count == 2)
        }
    }

    @Test func `a port that is taken is not shared with another server`() async throws {
        try await withServer { server in
            let other = HTTPServer(
                configuration: .init(port: server.port), responder: TestResponder(gate: Gate()))
            #expect(throws: HTTPServerError.addressInUse) { try other.start() }
            let nowhere = HTTPServer(
                configuration: .init(host: "localhost"), responder: TestResponder(gate: Gate()))
            #expect(throws: HTTPServerError.addressInvalid("localhost")) { try nowhere.start() }
        }
    }

    @Test func `an IPv6 address can be listened on`() async throws {
        let server = HTTPServer(configuration: .init(host: "::1"), responder: TestResponder(gate: Gate()))
        do {
            try server.start()
        } catch {
            // A machine without IPv6 says so.
            let absent = [EADDRNOTAVAIL, EAFNOSUPPORT].map { HTTPServerError.system(call: "bind", code: $0) }
            #expect(absent.contains(error) || error == .system(call: "socket", code: EAFNOSUPPORT))
            return
        }
        #expect(server.port > 0)
        await server.shutdown()
    }
}
