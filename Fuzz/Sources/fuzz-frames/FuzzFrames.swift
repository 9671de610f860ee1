import WebSocket

// A client's frames through the channel. The first byte of the input says how to cut the rest; the oracle is that cutting
// changes neither what is heard nor what is answered, and that what is heard is UTF-8 of a length that is allowed.

private let limits = WebSocketChannel.Limits(messageBytes: 2048, fragments: 16)

private func run(_ bytes: UnsafeRawBufferPointer, pieceLength: Int) -> (texts: [[UInt8]], output: [UInt8], isOver: Bool)
{
    let channel = WebSocketChannel(limits: limits)
    var texts: [[UInt8]] = []
    var output: [UInt8] = []
    var start = 0
    while start < bytes.count {
        let end = min(start + pieceLength, bytes.count)
        texts += channel.receive(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        output += channel.takeOutput()
        start = end
    }
    return (texts, output, channel.isOver)
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: start + 1, count: count - 1)
    let whole = run(bytes, pieceLength: bytes.count)
    let cut = run(bytes, pieceLength: Int(start.pointee % 61) + 1)
    precondition(whole.texts == cut.texts, "cutting changed what was heard")
    precondition(whole.isOver == cut.isOver, "cutting changed the end")
    for text in whole.texts {
        precondition(text.count <= limits.messageBytes)
        precondition(String(validating: text, as: UTF8.self) != nil)
    }
    // Pongs before a refusal may be dropped with it; the last word is the same.
    if whole.isOver { precondition(whole.output.suffix(4) == cut.output.suffix(4), "cutting changed the last word") }
    return 0
}
