import HTTPServer

// Path and query decoding: what decodes is UTF-8 without NUL, is no longer than what was sent, and encodes back.

private func encoded(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return bytes.flatMap { [UInt8(ascii: "%"), digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start else { return 0 }
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    if let decoded = PercentEncoding.decoded(input) {
        precondition(decoded.count <= input.count)
        precondition(String(validating: decoded, as: UTF8.self) != nil)
        if !input.contains(0) {
            precondition(!decoded.contains(0))
            precondition(PercentEncoding.decoded(encoded(decoded)) == decoded)
        }
    }
    for (name, value) in PercentEncoding.formItems(input[...]) {
        precondition(name.utf8.count + value.utf8.count <= 3 * input.count)
    }
    let line = Array("GET /".utf8) + input + Array(" HTTP/1.1\r\nHost: t\r\n\r\n".utf8)
    if let request = try? Request(parsing: line) {
        precondition(!request.pathSegments.contains("..") && !request.pathSegments.contains("."))
        precondition(!request.path.utf8.contains(0))
        // Bytes, not characters: a combining mark after the slash makes one character of both.
        precondition(request.path.utf8.first == UInt8(ascii: "/"))
        for (name, value) in request.queryItems { precondition(!name.utf8.contains(0) && !value.utf8.contains(0)) }
    }
    return 0
}
