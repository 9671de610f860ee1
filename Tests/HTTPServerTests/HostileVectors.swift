/// Byte streams that a server must refuse, and the status it must say. Used against the parser alone, cut at every
/// place, and over a socket.
struct HostileVector: Sendable, CustomStringConvertible {
    let name: String
    let bytes: [UInt8]
    let status: Int

    var description: String { name }

    private init(_ name: String, _ status: Int, _ text: String) {
        self.name = name
        self.status = status
        bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    private static let post = "POST /echo HTTP/1.1\r\nHost: test\r\n"
    private static let chunked = post + "Transfer-Encoding: chunked\r\n\r\n"

    static let all: [HostileVector] = [
        .init("length and chunked", 400, post + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG"),
        .init("chunked and length", 400, post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n"),
        .init("unknown coding", 501, post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        .init("two codings in a list", 501, post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        .init("chunked twice", 400, post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        .init("coding with a tab in it", 501, post + "Transfer-Encoding: \tchun\tked\r\n\r\n0\r\n\r\n"),
        .init("space before a colon", 400, post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
        .init("chunked in HTTP/1.0", 400, "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        .init("two lengths that differ", 400, post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x"),
        .init("two lengths that agree", 400, post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"),
        .init("a list of lengths", 400, post + "Content-Length: 2, 2\r\n\r\n{}"),
        .init("negative length", 400, post + "Content-Length: -1\r\n\r\n"),
        .init("length with a sign", 400, post + "Content-Length: +2\r\n\r\n{}"),
        .init("hexadecimal length", 400, post + "Content-Length: 0x2\r\n\r\n{}"),
        .init("empty length", 400, post + "Content-Length:\r\n\r\n"),
        .init("length beyond the limit", 413, post + "Content-Length: 1048577\r\n\r\n"),
        .init("length beyond 63 bits", 400, post + "Content-Length: 99999999999999999999\r\n\r\n"),
        .init("chunk beyond the limit", 413, chunked + "100001\r\n"),
        .init("chunk size that overflows", 413, chunked + "FFFFFFFFFFFFFFFFF\r\n"),
        .init("chunk size with leading zeros", 413, chunked + "0000000000000000005\r\n"),
        .init("chunk size that is no number", 400, chunked + "zz\r\n"),
        .init("chunk size with a sign", 400, chunked + "+5\r\nhello\r\n0\r\n\r\n"),
        .init("chunk size with a space", 400, chunked + "5 \r\nhello\r\n0\r\n\r\n"),
        .init("chunk size that ends with a line feed", 400, chunked + "5\nhello\r\n0\r\n\r\n"),
        .init("chunk without its line end", 400, chunked + "5\r\nhelloXX0\r\n\r\n"),
        .init("chunk that ends with a line feed", 400, chunked + "5\r\nhello\n0\r\n\r\n"),
        .init("line feed in a chunk extension", 400, chunked + "5;a\nb\r\nhello\r\n0\r\n\r\n"),
        .init("malformed trailer", 400, chunked + "0\r\n a: b\r\n\r\n"),
        .init("endless extension", 431, chunked + "5;" + String(repeating: "x", count: 5000)),
        .init("endless trailers", 431, chunked + "0\r\n" + String(repeating: "a: b\r\n", count: 2000)),
        .init("bare line feeds", 400, "GET / HTTP/1.1\nHost: test\n\n"),
        .init("a bare line feed among headers", 400, "GET / HTTP/1.1\r\nHost: test\nA: b\r\n\r\n"),
        .init("bare carriage return", 400, "GET / HTTP/1.1\r\nHost: test\r\nX: a\rb\r\n\r\n"),
        .init("NUL in a header", 400, "GET / HTTP/1.1\r\nHost: test\r\nX: a\0b\r\n\r\n"),
        .init("control character first in a value", 400, "GET / HTTP/1.1\r\nHost: test\r\nX:\u{1c}100\r\n\r\n"),
        .init("DEL first in a value", 400, "GET / HTTP/1.1\r\nHost: test\r\nX: \u{7f}\r\n\r\n"),
        .init("folded header", 400, "GET / HTTP/1.1\r\nHost: test\r\nX: a\r\n b\r\n\r\n"),
        .init("folded empty header", 400, "GET / HTTP/1.1\r\nHost: test\r\nX:\r\n b\r\n\r\n"),
        .init("no host", 400, "GET / HTTP/1.1\r\n\r\n"),
        .init("empty host", 400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        .init("two hosts", 400, "GET / HTTP/1.1\r\nHost: test\r\nHost: evil\r\n\r\n"),
        .init("host with a user", 400, "GET / HTTP/1.1\r\nHost: a@evil\r\n\r\n"),
        .init("host with a path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        .init("header without colon", 400, "GET / HTTP/1.1\r\nHost: test\r\ngarbage\r\n\r\n"),
        .init("space in a name", 400, "GET / HTTP/1.1\r\nHost: test\r\nX A: 1\r\n\r\n"),
        .init("empty name", 400, "GET / HTTP/1.1\r\nHost: test\r\n: 1\r\n\r\n"),
        .init("byte above 127 in a name", 400, "GET / HTTP/1.1\r\nHost: test\r\nX\u{e9}: 1\r\n\r\n"),
        .init(
            "too many headers", 431,
            "GET / HTTP/1.1\r\nHost: test\r\n" + String(repeating: "X: 1\r\n", count: 200) + "\r\n"),
        .init(
            "headers too large", 431,
            "GET / HTTP/1.1\r\nHost: test\r\nX: " + String(repeating: "a", count: 20_000) + "\r\n\r\n"),
        .init(
            "target too long", 414, "GET /" + String(repeating: "a", count: 9000) + " HTTP/1.1\r\nHost: test\r\n\r\n"),
        .init("target without end", 414, "GET /" + String(repeating: "a", count: 70_000)),
        .init("traversal", 400, get("/../etc/passwd")),
        .init("traversal inside", 400, get("/a/b/../../../etc")),
        .init("traversal encoded", 400, get("/%2e%2e/%2E%2E/etc/passwd")),
        .init("traversal half encoded", 400, get("/.%2e/etc/passwd")),
        .init("traversal with an encoded slash", 400, get("/a%2f..%2fetc")),
        .init("traversal with backslashes", 400, get("/a\\..\\etc")),
        .init("NUL in the path", 400, get("/a%00.js")),
        .init("NUL in the query", 400, get("/a?b=%00")),
        .init("bad percent", 400, get("/%zz")),
        .init("percent at the end", 400, get("/a%4")),
        .init("bad percent in the query", 400, get("/a?b=%z1")),
        .init("path that is not UTF-8", 400, get("/%ff%fe")),
        .init("overlong UTF-8", 400, get("/%c0%ae%c0%ae/")),
        .init("byte above 127 in the path", 400, get("/caf\u{e9}")),
        .init("fragment", 400, get("/a#b")),
        .init("no slash", 400, get("a/b")),
        .init("star without OPTIONS", 400, get("*")),
        .init("absolute form of another host", 400, get("http://evil/health")),
        .init("absolute form without path", 400, get("http://test")),
        .init("other scheme", 400, get("ftp://test/health")),
        .init("two spaces", 400, "GET  / HTTP/1.1\r\nHost: test\r\n\r\n"),
        .init("trailing space", 505, "GET / HTTP/1.1 \r\nHost: test\r\n\r\n"),
        .init("TRACE", 501, get("/health", method: "TRACE")),
        .init("CONNECT", 501, "CONNECT evil:80 HTTP/1.1\r\nHost: evil:80\r\n\r\n"),
        .init("unknown method", 501, get("/health", method: "FOO")),
        .init("lower-case method", 501, get("/health", method: "get")),
        .init("HTTP/9.9", 505, "GET / HTTP/9.9\r\nHost: test\r\n\r\n"),
        .init("HTTP/1.2", 505, "GET / HTTP/1.2\r\nHost: test\r\n\r\n"),
        .init("HTTP/0.9", 400, "GET /health\r\n"),
        .init("HTTP/2 preface", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        .init("TLS hello", 400, "\u{16}\u{3}\u{1}\0\u{c6}\u{1}\0\0\u{c2}\u{3}\u{3}"),
        .init("empty lines without end", 400, "\r\n\r\n\r\n\r\n"),
        .init("compressed body", 415, post + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"),
        .init("unknown expectation", 417, post + "Expect: the-unexpected\r\nContent-Length: 2\r\n\r\n{}"),
    ]
}
