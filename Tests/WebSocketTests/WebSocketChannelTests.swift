import Testing
import WebSocket

/// A frame as a client sends it.
private func frame(
    _ opcode: UInt8, _ payload: [UInt8] = [], fin: Bool = true, masked: Bool = true, reserved: UInt8 = 0,
    length: [UInt8]? = nil
) -> [UInt8] {
    let first = (fin ? 0x80 : 0) | reserved | opcode
    let size: [UInt8] =
        length
        ?? (payload.count < 126
            ? [UInt8(payload.count)]
            : payload.count < 65_536
                ? [126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
                : [127, 0, 0, 0, 0] + [24, 16, 8, 0].map { UInt8(payload.count >> $0 & 0xff) })
    guard masked else { return [first] + size + payload }
    let mask: [UInt8] = [0x37, 0xfa, 0x21, 0x3d]
    return [first, size[0] | 0x80] + size.dropFirst() + mask
        + payload.enumerated().map { $1 ^ mask[$0 % 4] }
}

private func text(_ text: String, fin: Bool = true) -> [UInt8] { frame(1, Array(text.utf8), fin: fin) }

/// What a server sends, less the payload of texts: opcode, and for a close its code.
private func sent(_ channel: WebSocketChannel) -> [String] {
    var bytes = channel.takeOutput()[...]
    var out: [String] = []
    while bytes.count >= 2 {
        let opcode = bytes.removeFirst() & 0x0f
        var count = Int(bytes.removeFirst())
        if count == 126 {
            count = bytes.prefix(2).reduce(0) { $0 << 8 | Int($1) }
            bytes = bytes.dropFirst(2)
        }
        let payload = Array(bytes.prefix(count))
        bytes = bytes.dropFirst(count)
        switch opcode {
        case 8: out.append("close \(payload.prefix(2).reduce(0) { $0 << 8 | Int($1) })")
        case 9: out.append("ping")
        case 10: out.append("pong \(String(decoding: payload, as: UTF8.self))")
        default: out.append(String(decoding: payload, as: UTF8.self))
        }
    }
    return out
}

private func take(_ channel: WebSocketChannel, _ bytes: [UInt8]) -> [String] {
    let texts = unsafe bytes.withUnsafeBytes { unsafe channel.receive($0) }
    return texts.map { String(decoding: $0, as: UTF8.self) }
}

@Suite struct WebSocketChannelTests {
    @Test func `the key of the standard's own example is answered as there, and what is no key is not`() {
        #expect(WebSocketKey.accept("dGhlIHNhbXBsZSBub25jZQ==".utf8) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        for key in ["", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=!", "dGhlIHNhbXBsZSBub25jZ*=="] {
            #expect(WebSocketKey.accept(key.utf8) == nil)
        }
    }

    @Test(arguments: [1, 2, 3, 7, 10_000])
    func `messages come whole however the bytes are cut, and control frames may stand between fragments`(piece: Int) {
        let long = String(repeating: "ä", count: 300)
        let stream =
            text("one") + text("tw", fin: false) + frame(9, Array("p".utf8)) + frame(0, [], fin: false)
            + frame(10, []) + frame(0, Array("o".utf8)) + text(long) + text("")
        let channel = WebSocketChannel()
        var heard: [String] = []
        for start in stride(from: 0, to: stream.count, by: piece) {
            heard += take(channel, Array(stream[start..<min(start + piece, stream.count)]))
        }
        #expect(heard == ["one", "two", long, ""])
        #expect(sent(channel) == ["pong p"])
        #expect(!channel.isOver && !channel.hasSentClose)
    }

    @Test(arguments: [
        ("an unmasked frame", frame(1, [65], masked: false), 1002),
        ("a reserved bit", frame(1, [65], reserved: 0x40), 1002),
        ("an unknown opcode", frame(3, [65]), 1002),
        ("an unknown control opcode", frame(11), 1002),
        ("a fragment of nothing", frame(0, [65]), 1002),
        ("a message within a message", text("a", fin: false) + text("b"), 1002),
        ("a fragmented ping", frame(9, [], fin: false), 1002),
        ("a long ping", frame(9, [UInt8](repeating: 0, count: 126)), 1002),
        ("a length that is longer than it need be", frame(1, [65], length: [126, 0, 1]), 1002),
        ("text that is not UTF-8", frame(1, [0xc3, 0x28]), 1007),
        ("text that ends within a character", frame(1, [0xc3]), 1007),
        ("a surrogate", frame(1, [0xed, 0xa0, 0x80]), 1007),
        ("bad text across fragments", frame(1, [0xc3], fin: false) + frame(0, [0x28]), 1007),
        ("binary", frame(2, [1, 2, 3]), 1003),
        ("a message that announces too much", frame(1, [], length: [127, 0, 0, 0, 0, 0, 1, 0, 0]), 1009),
        (
            "fragments that add up to too much",
            text(String(repeating: "a", count: 900), fin: false)
                + frame(0, [UInt8](repeating: 65, count: 900)), 1009
        ),
        ("a close of one byte", frame(8, [3]), 1002),
        ("a close with a code that nobody may send", frame(8, [0x03, 0xed]), 1002),
        ("a close whose reason is not UTF-8", frame(8, [0x03, 0xe8, 0xff]), 1007),
    ])
    func `what breaks the rules is closed with the code for it, and nothing after it is heard`(
        what: String, bytes: [UInt8], code: Int
    ) {
        let channel = WebSocketChannel(limits: .init(messageBytes: 1024, fragments: 8))
        let heard = take(channel, bytes + text("after"))
        #expect(!heard.contains("after"), "\(what)")
        #expect(sent(channel) == ["close \(code)"], "\(what)")
        #expect(channel.isOver, "\(what)")
        #expect(take(channel, text("later")) == [])
        channel.send(Array("more".utf8))
        #expect(sent(channel) == [])
    }

    @Test func `a message of many fragments is refused, one of as many as it may have is not`() {
        let limits = WebSocketChannel.Limits(messageBytes: 1024, fragments: 8)
        func fragmented(_ count: Int) -> [UInt8] {
            (0..<count).reduce(into: []) { bytes, index in
                bytes += frame(index == 0 ? 1 : 0, [65], fin: index == count - 1)
            }
        }
        #expect(take(WebSocketChannel(limits: limits), fragmented(8)) == ["AAAAAAAA"])
        let channel = WebSocketChannel(limits: limits)
        #expect(take(channel, fragmented(9)) == [] && sent(channel) == ["close 1008"])
    }

    @Test func `a close is answered in kind, once`() {
        let channel = WebSocketChannel()
        #expect(take(channel, frame(8, [0x03, 0xe8]) + text("x")) == [])
        #expect(channel.closeReceived == .normal && channel.hasSentClose)
        #expect(sent(channel) == ["close 1000"])
        channel.close(.goingAway, reason: "again")
        #expect(sent(channel) == [])
        let silent = WebSocketChannel()
        _ = take(silent, frame(8))
        #expect(silent.closeReceived?.rawValue == 1005 && silent.hasSentClose)
    }

    @Test func `who closes first says no more, hears the answer, and cuts a long reason`() {
        let channel = WebSocketChannel()
        channel.close(.goingAway, reason: String(repeating: "é", count: 100))
        #expect(sent(channel) == ["close 1001"])
        channel.send(Array("late".utf8))
        channel.ping()
        #expect(sent(channel) == [] && channel.closeReceived == nil)
        _ = take(channel, frame(8, [0x03, 0xe9]))
        #expect(channel.closeReceived == .goingAway)
    }

    @Test func `what is said is framed by its length`() {
        let channel = WebSocketChannel()
        for count in [0, 125, 126, 65_535] {
            channel.send([UInt8](repeating: 65, count: count))
            let bytes = channel.takeOutput()
            #expect(bytes.count == count + (count < 126 ? 2 : 4) && bytes[0] == 0x81)
        }
        channel.ping()
        #expect(channel.takeOutput() == [0x89, 0])
    }
}
