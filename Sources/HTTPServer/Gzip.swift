internal import CZlib

/// Compression of answers.
enum Gzip {
    /// What an `Accept-Encoding` says of gzip: RFC 9110, 12.5.3; a quality of 0 refuses, its own word goes before `*`.
    static func isAccepted(_ acceptEncoding: ArraySlice<UInt8>) -> Bool {
        var any: Bool?
        for element in acceptEncoding.listElements {
            let parts = element.split(separator: ASCII.semicolon).map(\.trimmed)
            guard let coding = parts.first else { continue }
            let isRefused = parts.dropFirst().contains { parameter in
                parameter.starts(with: "q=0".utf8)
                    && parameter.dropFirst(3).allSatisfy { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "0") }
            }
            if coding.equalsIgnoringCase("gzip") || coding.equalsIgnoringCase("x-gzip") { return !isRefused }
            if coding.elementsEqual("*".utf8) { any = !isRefused }
        }
        return any ?? false
    }

    /// Whether content of this type gets smaller: text, JSON, XML, JavaScript, SVG. Images, archives and streams of
    /// events do not or must not wait.
    static func isWorthwhile(contentType: String) -> Bool {
        let type = contentType.prefix { $0 != ";" }.lowercased()
        if type == "text/event-stream" { return false }
        return type.hasPrefix("text/") || type.hasSuffix("json") || type.hasSuffix("xml")
            || type.hasSuffix("javascript")
    }

    /// The gzip form of `bytes`, at the fastest level: nil if zlib has no memory, or it would not be smaller.
    static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        guard let length = UInt32(exactly: bytes.count) else { return nil }
        var stream = unsafe z_stream()
        // 15 bits of window, and 16 for a gzip header in place of zlib's.
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        guard unsafe deflateInit2_(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
        else { return nil }
        defer { unsafe deflateEnd(&stream) }
        var input = bytes
        let result = unsafe [UInt8](unsafeUninitializedCapacity: bytes.count) { output, count in
            unsafe input.withUnsafeMutableBufferPointer { input in
                unsafe stream.next_in = input.baseAddress
                unsafe stream.avail_in = length
                unsafe stream.next_out = output.baseAddress
                unsafe stream.avail_out = length
                let isDone = unsafe deflate(&stream, Z_FINISH) == Z_STREAM_END
                count = unsafe isDone ? Int(length) - Int(stream.avail_out) : 0
            }
        }
        return result.isEmpty ? nil : result
    }
}
