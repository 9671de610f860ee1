import EventLoop
import Testing

@testable import HTTPServer

@Suite struct EncodingTests {
    private func encoded(
        _ response: Response, framing: ResponseEncoder.Framing = .length(0), keepsAlive: Bool = true,
        minorVersion: Int = 1, extra: StaticString = ""
    ) -> String {
        var output: [UInt8] = []
        ResponseEncoder.appendHead(
            of: response, framing: framing, keepsAlive: keepsAlive, minorVersion: minorVersion,
            dateLine: Array("Date: D\r\n".utf8), extra: extra, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `a head is written in full`() {
        let response = Response(status: 201, headers: [("Content-Type", "a/b")], rawHeaders: Array("X: y\r\n".utf8))
        #expect(
            encoded(response, framing: .length(12_345))
                == "HTTP/1.1 201 Created\r\nDate: D\r\nX: y\r\nContent-Type: a/b\r\nContent-Length: 12345\r\n\r\n")
        #expect(
            encoded(Response(status: 200), framing: .chunked, keepsAlive: false)
                == "HTTP/1.1 200 OK\r\nDate: D\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(
            encoded(Response(status: 204), minorVersion: 0)
                == "HTTP/1.1 204 No Content\r\nDate: D\r\nConnection: keep-alive\r\n\r\n")
        #expect(encoded(Response(status: 99)).hasPrefix("HTTP/1.1 500 "))
    }

    @Test func `nothing in a header's value ends its line`() {
        let response = Response(status: 200, headers: [("X", "a\r\nSet-Cookie: b\0\u{7f}c")])
        #expect(encoded(response).contains("\r\nX: a  Set-Cookie: b  c\r\n"))
    }

    @Test func `framing is the server's own`() {
        let headers = [("content-length", "9"), ("Transfer-Encoding", "x"), ("DATE", "y"), ("Connection", "z")]
        let response = Response(status: 200, headers: headers.map { (name: $0.0, value: $0.1) })
        #expect(encoded(response) == "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 0\r\n\r\n")
    }

    @Test func `chunks say their size in hexadecimal, and an empty one is not written`() {
        var output: [UInt8] = []
        ResponseEncoder.appendChunk([UInt8](repeating: UInt8(ascii: "x"), count: 26), to: &output)
        ResponseEncoder.appendChunk([], to: &output)
        ResponseEncoder.appendLastChunk(to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "1a\r\n\(String(repeating: "x", count: 26))\r\n0\r\n\r\n")
    }

    @Test(
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (1_767_225_599, "Wed, 31 Dec 2025 23:59:59 GMT"),
        ] as [(Int64, String)])
    func `dates are written as HTTP wants them`(seconds: Int64, text: String) {
        #expect(HTTPDate.text(secondsSince1970: seconds) == text)
    }

    @Test(arguments: [
        ("gzip", true), ("deflate, gzip;q=1.0, *;q=0.5", true), ("GZIP", true), ("*", true), ("", false),
        ("br", false), ("gzip;q=0", false), ("gzip; q=0.000", false), ("gzip;q=0.001", true), ("*;q=0", false),
        ("identity, *;q=0, gzip", true), ("gzip;q=0, *", false),
    ])
    func `gzip is used only where it is accepted`(header: String, isAccepted: Bool) {
        #expect(Gzip.isAccepted(Array(header.utf8)[...]) == isAccepted)
    }

    @Test func `a shared body is compressed once, and that form is kept`() {
        let (text, noise) = (SharedBody([UInt8](repeating: 0x61, count: 5000)), SharedBody([1, 2, 3]))
        for body in [text, noise] {
            #expect(body.compressedForm == .none)
            let form = body.compress()
            #expect(body.compressedForm == .some(form))
        }
        #expect(text.compress() == Gzip.compressed(text.bytes) && noise.compress() == nil)
    }

    @Test func `a token is made of the characters RFC 9110 lists`() {
        let listed = Set("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        for byte in UInt8.min...UInt8.max { #expect(ASCII.isToken(byte) == listed.contains(byte)) }
    }

    @Test func `percent-encoding is strict`() {
        func decoded(_ text: String) -> String? {
            PercentEncoding.decoded(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(decoded("a%20b%C3%A9+") == "a bé+")
        #expect(decoded("%2541") == "%41")
        for bad in ["%", "%4", "%4g", "%-1", "%00", "%ff", "%c0%af", "%ed%a0%80"] { #expect(decoded(bad) == nil) }
        #expect(PercentEncoding.hasDotSegment(Array("/a/..".utf8)))
        #expect(PercentEncoding.hasDotSegment(Array("./a".utf8)))
        #expect(!PercentEncoding.hasDotSegment(Array("/a./..b/...".utf8)))
    }

    @Test func `a slow transfer earns time by its bytes only`() {
        let start = MonotonicInstant(nanoseconds: 5_000_000_000)
        var pace = Pace(start: start)
        #expect(pace.deadline(grace: 3_000_000_000, bytesPerSecond: 1000).nanoseconds == 8_000_000_000)
        pace.moved(500)
        pace.moved(1500)
        #expect(pace.deadline(grace: 3_000_000_000, bytesPerSecond: 1000).nanoseconds == 10_000_000_000)
        pace.moved(.max)
        #expect(pace.deadline(grace: 3_000_000_000, bytesPerSecond: 1) == .distantFuture)
    }

    @Test func `every refusal has a status, a code of its own and a sentence`() {
        #expect(Set(BadRequest.allCases.map(\.code)).count == BadRequest.allCases.count)
        for reason in BadRequest.allCases {
            #expect((400...505).contains(reason.status))
            #expect(!StatusLines.reason(reason.status).isEmpty)
            #expect(reason.detail.hasSuffix("."))
        }
    }
}
