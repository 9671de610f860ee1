import WebSocket

// A client's frames through the channel. The first byte of the input says how to cut the rest; the oracle is that cutting
// does not change what is heard, and that what is heard is UTF-8 of a length that is allowed. When a broken frame is
// refused does depend on it: wslay looks at the reason in a close as it comes, and again at its end.

private let limits = WebSocketChannel.Limits(messageBytes: 2048, fragments: 16)

private func heard(in bytes: UnsafeRawBufferPointer, pieceLength: Int) -> [[UInt8]] {
    let channel = WebSocketChannel(limits: limits)
    var texts: [[UInt8]] = []
    var start = 0
    while start < bytes.count {
        let end = min(start + pieceLength, bytes.count)
        texts += channel.receive(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        _ = channel.takeOutput()
        start = end
    }
    return texts
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: start + 1, count: count - 1)
    let whole = heard(in: bytes, pieceLength: bytes.count)
    precondition(whole == heard(in: bytes, pieceLength: Int(start.pointee % 61) + 1), "cutting changed what was heard")
    for text in whole {
        precondition(text.count <= limits.messageBytes)
        precondition(String(validating: text, as: UTF8.self) != nil)
    }
    return 0
}
