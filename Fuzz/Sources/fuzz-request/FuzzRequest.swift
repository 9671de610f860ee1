import HTTPServer

// Heads and bodies through the connection's own parser. The first byte of the input says how to cut the rest; the
// oracle is that cutting changes nothing, and that whatever is accepted keeps its own promises.

private let bodyLimit = 1 << 16

/// What came out of one stream, comparable between two ways of cutting it.
private enum Outcome: Equatable {
    case request(target: [UInt8], headers: [String], body: [UInt8])
    case refused(status: Int)
}

private func outcomes(_ bytes: UnsafeRawBufferPointer, pieceLength: Int) -> [Outcome] {
    var parser = RequestParser()
    var outcomes: [Outcome] = []
    var start = 0
    while start < bytes.count {
        let end = min(start + pieceLength, bytes.count)
        let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        start = end
        var position = 0
        while position < piece.count {
            var step = parser.feed(piece, from: &position)
            precondition(position <= piece.count)
            if step == .head { step = parser.acceptBody(limit: bodyLimit) }
            switch step {
            case .more, .head: continue
            case .complete:
                let head = parser.head
                let body = parser.takeBody()
                check(head, body)
                outcomes.append(
                    .request(
                        target: Array(head.target), headers: head.headers.map { "\($0.name):\($0.value)" },
                        body: body))
                parser.next()
            case .refused(let reason):
                outcomes.append(.refused(status: reason.status))
                return outcomes
            }
        }
    }
    return outcomes
}

/// What every accepted request must be, whatever was sent.
private func check(_ head: RequestHead, _ body: [UInt8]) {
    precondition(body.count <= bodyLimit)
    if case .length(let length) = head.framing { precondition(body.count == length) }
    if case .none = head.framing { precondition(body.isEmpty) }
    precondition(head.minorVersion == 0 || head.headers(named: "host").count == 1)
    precondition(head.headers(named: "content-length").count + head.headers(named: "transfer-encoding").count <= 1)
    for (name, value) in head.headers {
        precondition(!name.isEmpty)
        precondition(name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") })
        precondition(value.utf8.allSatisfy { $0 == 9 || ($0 >= 0x20 && $0 != 0x7f) })
    }
    precondition(head.target.allSatisfy { $0 > 0x20 && $0 < 0x7f })
    precondition(!head.pathSegments.contains { $0 == ".." || $0 == "." || $0.utf8.contains(0) })
    _ = head.path
    _ = head.queryItems
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: start + 1, count: count - 1)
    let whole = outcomes(bytes, pieceLength: bytes.count)
    let cut = outcomes(bytes, pieceLength: Int(start.pointee % 61) + 1)
    // A stream that ends in the middle may be refused sooner or later, and for one fault or another; what was
    // accepted before is the same.
    let accepted = whole.prefix { if case .request = $0 { true } else { false } }
    let acceptedCut = cut.prefix { if case .request = $0 { true } else { false } }
    precondition(Array(accepted) == Array(acceptedCut), "cutting changed what was accepted")
    precondition((accepted.count < whole.count) == (acceptedCut.count < cut.count), "cutting changed a refusal")
    return 0
}
