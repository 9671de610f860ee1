import HTTPServer
import SeedSupport
import Testing

@Suite struct RequestParserTests {
    private enum Event: Equatable {
        case request(method: HTTPMethod, target: String, headers: [String], body: [UInt8])
        case refused(BadRequest)
    }

    /// Feeds the pieces to one parser and tells what came out.
    private func events(_ pieces: [ArraySlice<UInt8>], bodyLimit: Int = 1 << 20) -> [Event] {
        var parser = RequestParser()
        var events: [Event] = []
        for piece in pieces {
            var position = 0
            while position < piece.count {
                var step = unsafe piece.withUnsafeBytes { unsafe parser.feed($0, from: &position) }
                if step == .head { step = parser.acceptBody(limit: bodyLimit) }
                switch step {
                case .more, .head: continue
                case .complete:
                    let head = parser.head
                    events.append(
                        .request(
                            method: head.method, target: String(decoding: head.target, as: UTF8.self),
                            headers: head.headers.map { "\($0.name)=\($0.value)" }, body: parser.takeBody()))
                    parser.next()
                case .refused(let reason):
                    events.append(.refused(reason))
                    return events
                }
            }
        }
        return events
    }

    private func events(_ bytes: [UInt8]) -> [Event] { events([bytes[...]]) }

    @Test(arguments: HostileVector.all)
    func `a hostile stream is refused`(vector: HostileVector) {
        guard case .refused(let reason) = events(vector.bytes).last else {
            Issue.record("accepted")
            return
        }
        #expect(reason.status == vector.status)
    }

    @Test(arguments: HostileVector.all)
    func `a hostile stream is refused however it is cut`(vector: HostileVector) {
        let bytes = vector.bytes.prefix(600)
        guard bytes.count == vector.bytes.count else { return }
        for cut in bytes.indices.dropFirst() {
            guard case .refused(let reason) = events([bytes[..<cut], bytes[cut...]]).last else {
                Issue.record("accepted when cut at \(cut)")
                continue
            }
            #expect(reason.status == vector.status, "cut at \(cut)")
        }
        guard case .refused = events(bytes.indices.map { bytes[$0...$0] }).last else {
            Issue.record("accepted byte by byte")
            return
        }
    }

    private static let stream = """
        \r
        GET /a?b=c HTTP/1.1\r
        Host: test:80\r
        Empty:\r
        Blank: \t \r
        Padded: \t x y \t\r
        \r
        POST /b HTTP/1.1\r
        host: test\r
        Content-Length: 5\r
        \r
        helloPUT /c HTTP/1.1\r
        HOST: test\r
        Transfer-Encoding: Chunked\r
        \r
        5\r
        hello\r
        A;name="value"\r
        0123456789\r
        0\r
        Trailer: x\r
        \r
        OPTIONS * HTTP/1.0\r
        \r

        """

    @Test func `a pipelined stream is taken apart in order`() {
        #expect(
            events(Array(Self.stream.utf8)) == [
                .request(
                    method: .get, target: "/a?b=c", headers: ["Host=test:80", "Empty=", "Blank=", "Padded=x y"],
                    body: []),
                .request(
                    method: .post, target: "/b", headers: ["host=test", "Content-Length=5"], body: Array("hello".utf8)),
                .request(
                    method: .put, target: "/c", headers: ["HOST=test", "Transfer-Encoding=Chunked"],
                    body: Array("hello0123456789".utf8)),
                .request(method: .options, target: "*", headers: [], body: []),
            ])
    }

    @Test func `how a stream is cut makes no difference`() {
        let bytes = Array(Self.stream.utf8)
        let whole = events(bytes)
        #expect(whole.count == 4)
        for first in bytes.indices.dropFirst() {
            #expect(events([bytes[..<first], bytes[first...]]) == whole, "cut at \(first)")
            let second = (first + bytes.count) / 2
            #expect(
                events([bytes[..<first], bytes[first..<second], bytes[second...]]) == whole, "at \(first), \(second)")
        }
        #expect(events(bytes.indices.map { bytes[$0...$0] }) == whole)
    }

    /// Each alone is parsed; among others it may be recognised as the one before.
    @Test func `heads that come again on a connection are told apart by every byte`() {
        let long = String(repeating: "x", count: 3000)
        let requests = [
            "GET /a HTTP/1.1\r\nHost: t\r\n\r\n", "GET /b HTTP/1.1\r\nHost: t\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: t\r\nX: 1\r\n\r\n", "GET /a HTTP/1.1\r\nHost: t\r\nX: 2\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: t\r\nLong: \(long)\r\n\r\n",
            "POST /a HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc",
            "POST /a HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nGET",
            "POST /a HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        ].map { Array($0.utf8) }
        let alone = requests.map { events($0) }
        var random = SplitMix(7)
        for _ in 0..<200 {
            // Runs of the same, as clients send them.
            let order = (0..<8).flatMap { _ in
                [Int](
                    repeating: Int.random(in: requests.indices, using: &random),
                    count: Int.random(in: 1...3, using: &random))
            }
            let bytes = order.flatMap { requests[$0] }
            var pieces: [ArraySlice<UInt8>] = []
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 1...600, using: &random))
                pieces.append(bytes[start..<end])
                start = end
            }
            let expected = order.flatMap { alone[$0] }
            #expect(events(bytes) == expected)
            #expect(events(pieces) == expected)
        }
    }

    @Test(arguments: HostileVector.all)
    func `a hostile request is refused after good ones`(vector: HostileVector) {
        let good = Array("GET / HTTP/1.1\r\nHost: test\r\n\r\n".utf8)
        guard case .refused(let reason) = events(good + good + vector.bytes).last else {
            Issue.record("accepted")
            return
        }
        #expect(reason.status == vector.status)
    }

    @Test func `a body may be as long as allowed and no longer`() {
        func post(_ length: Int) -> [UInt8] {
            Array("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: \(length)\r\n\r\n".utf8)
                + [UInt8](repeating: 1, count: length)
        }
        func chunked(_ length: Int) -> [UInt8] {
            Array("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
                + Array("\(String(length - 1, radix: 16))\r\n".utf8) + [UInt8](repeating: 1, count: length - 1)
                + Array("\r\n1\r\n2\r\n0\r\n\r\n".utf8)
        }
        for make in [post, chunked] {
            #expect(events([make(50)[...]], bodyLimit: 50).count == 1)
            #expect(events([make(51)[...]], bodyLimit: 50) == [.refused(.bodyTooLarge)])
        }
    }

    @Test func `what a head says of its connection`() throws {
        func head(_ text: String) throws -> RequestHead { try Request(parsing: Array(text.utf8)).head }
        #expect(try head("GET / HTTP/1.1\r\nHost: t\r\n\r\n").keepsAlive)
        #expect(try !head("GET / HTTP/1.1\r\nHost: t\r\nConnection: foo, Close\r\n\r\n").keepsAlive)
        #expect(try !head("GET / HTTP/1.0\r\n\r\n").keepsAlive)
        #expect(try head("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keepsAlive)
        #expect(
            try head("POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-Continue\r\nContent-Length: 0\r\n\r\n").expectsContinue)
        #expect(try head("GET http://T:80/a/b?c HTTP/1.1\r\nHost: t:80\r\n\r\n").path == "/a/b")
        #expect(try head("REPORT / HTTP/1.1\r\nHost: t\r\n\r\n").method == .other("REPORT"))
    }

    @Test func `half a request is nothing`() {
        #expect(throws: BadRequest.malformed) { try Request(parsing: Array("GET / HTTP/1.1\r\nHost: t\r\n".utf8)) }
        #expect(events(Array("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nab".utf8)).isEmpty)
    }

    @Test func `path, segments, query and headers are decoded when asked for`() throws {
        let request = try Request(
            parsing: Array(
                "GET /caf%C3%A9/a%2Fb/?q=a+b%26c&empty=&flag&&q=%E2%82%AC HTTP/1.1\r\nHost: t\r\nX-One: 1\r\nx-one: 2\r\n\r\n"
                    .utf8))
        #expect(request.path == "/café/a/b/")
        #expect(request.pathSegments == ["café", "a/b", ""])
        #expect(request.queryItems.map(\.name) == ["q", "empty", "flag", "q"])
        #expect(request.queryItems.map(\.value) == ["a b&c", "", "", "€"])
        #expect(request.header("x-one") == "1")
        #expect(request.header("x-two") == nil)
        #expect(request.headerBytes("host").map(Array.init) == Array("t".utf8))
        #expect(request.head.headers(named: "x-one") == ["1", "2"])
        #expect(request.pathIs("/caf%C3%A9/a%2Fb/"))
        #expect(!request.pathIs("/caf"))
        #expect(try Request(parsing: Array(get("/").utf8)).pathSegments == [])
        #expect(try Request(parsing: Array(get("/%252e%252e/").utf8)).pathSegments == ["%2e%2e", ""])
        #expect(try Request(parsing: Array(get("/a...b/.c").utf8)).pathSegments == ["a...b", ".c"])
    }
}
