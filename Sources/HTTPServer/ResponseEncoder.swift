/// Writes answers as bytes at the end of a buffer. Pure: what it needs to know of the connection is handed in.
enum ResponseEncoder {
    /// How the body of an answer is delimited.
    enum Framing: Equatable {
        /// By its length.
        case length(Int)
        /// By chunks.
        case chunked
        /// By the end of the connection, for HTTP/1.0.
        case untilClose
    }

    /// Appends status line and headers, with the empty line.
    ///
    /// - Parameters:
    ///   - dateLine: `Date: …` with its CR LF.
    ///   - extra: header lines of the server's own making, each with its CR LF.
    static func appendHead(
        of response: Response, framing: Framing, keepsAlive: Bool, minorVersion: Int, dateLine: [UInt8],
        extra: StaticString = "", to output: inout [UInt8]
    ) {
        output.append(contentsOf: StatusLines.line(response.status))
        output.append(contentsOf: dateLine)
        output.append(contentsOf: response.rawHeaders)
        if !response.headers.isEmpty { append(response.headers, to: &output) }
        append(extra, to: &output)
        if !keepsAlive {
            append("Connection: close\r\n", to: &output)
        } else if minorVersion == 0 {
            append("Connection: keep-alive\r\n", to: &output)
        }
        switch framing {
        case .length(let count):
            if hasBody(status: response.status) {
                append("Content-Length: ", to: &output)
                appendDecimal(count, to: &output)
                append("\r\n\r\n", to: &output)
            } else {
                append("\r\n", to: &output)
            }
        case .chunked: append("Transfer-Encoding: chunked\r\n\r\n", to: &output)
        case .untilClose: append("\r\n", to: &output)
        }
    }

    private static func append(_ headers: [(name: String, value: String)], to output: inout [UInt8]) {
        for (name, value) in headers where !isReserved(name) {
            appendText(name, to: &output)
            append(": ", to: &output)
            appendText(value, to: &output)
            append("\r\n", to: &output)
        }
    }

    /// Whether an answer of this status may have a body at all (RFC 9110, 6.4.1).
    static func hasBody(status: Int) -> Bool {
        status != 101 && status != 204 && status != 304
    }

    /// Appends one chunk; nothing for no bytes, since an empty chunk would end the body.
    static func appendChunk(_ bytes: [UInt8], to output: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        append(String(bytes.count, radix: 16), to: &output)
        append("\r\n", to: &output)
        output.append(contentsOf: bytes)
        append("\r\n", to: &output)
    }

    /// The chunk that ends a body.
    static func appendLastChunk(to output: inout [UInt8]) {
        append("0\r\n\r\n", to: &output)
    }

    static func append(_ text: StaticString, to output: inout [UInt8]) {
        unsafe output.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private static func append(_ text: String, to output: inout [UInt8]) {
        output.append(contentsOf: text.utf8)
    }

    /// Header text may carry what came from outside: nothing in it may end the line.
    private static func appendText(_ text: String, to output: inout [UInt8]) {
        let start = output.count
        output.append(contentsOf: text.utf8)
        for index in start..<output.count where output[index] < 0x20 || output[index] == 0x7f {
            output[index] = ASCII.space
        }
    }

    private static func appendDecimal(_ value: Int, to output: inout [UInt8]) {
        if value >= 10 { appendDecimal(value / 10, to: &output) }
        output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
    }

    private static func isReserved(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: isName(name, "date")
        case 10: isName(name, "connection")
        case 14: isName(name, "content-length")
        case 17: isName(name, "transfer-encoding")
        default: false
        }
    }

    /// Whether two header names are the same.
    static func isName(_ name: String, _ lowercase: StaticString) -> Bool {
        var name = name
        return name.withUTF8 { unsafe $0.equalsIgnoringCase(lowercase) }
    }
}
