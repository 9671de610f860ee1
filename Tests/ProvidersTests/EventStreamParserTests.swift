import Testing

@testable import Providers

@Suite struct EventStreamParserTests {
    private static let stream = """
        : a comment
        event: message_start
        data: {"a":1}
        id: 7
        retry: 10

        data:first
        data
        data:  third

        event: empty

        event: ping
        data:

        datax: no
        data: ünïcode 🫖

        data: cut off
        """

    private static let events = [
        ServerSentEvent(name: "message_start", data: Array(#"{"a":1}"#.utf8)),
        ServerSentEvent(data: Array("first\n\n third".utf8)),
        ServerSentEvent(name: "ping"),
        ServerSentEvent(data: Array("ünïcode 🫖".utf8)),
    ]

    private static func events(_ bytes: [UInt8], cutAt places: Set<Int>) throws -> [ServerSentEvent] {
        var parser = EventStreamParser()
        var events: [ServerSentEvent] = []
        var part: [UInt8] = []
        for (place, byte) in bytes.enumerated() {
            if places.contains(place) {
                events += try parser.receive(part)
                part = []
            }
            part.append(byte)
        }
        return events + (try parser.receive(part))
    }

    @Test(arguments: ["\n", "\r", "\r\n"], ["", "\u{FEFF}"])
    func `a stream means the same however it is cut and whatever ends its lines`(ending: String, mark: String) throws {
        let bytes = Array(
            (mark
                + Self.stream.split(separator: "\n", omittingEmptySubsequences: false)
                .joined(separator: ending)).utf8)
        #expect(try Self.events(bytes, cutAt: []) == Self.events)
        #expect(try Self.events(bytes, cutAt: Set(bytes.indices)) == Self.events)
        for place in bytes.indices {
            #expect(try Self.events(bytes, cutAt: [place]) == Self.events)
        }
    }

    @Test func `what only begins like a byte order mark is part of the stream`() throws {
        var parser = EventStreamParser()
        #expect(try parser.receive([0xEF]).isEmpty)
        #expect(try parser.receive([0xBB]).isEmpty)
        #expect(try parser.receive(Array("x: 1\ndata: 2\n\n".utf8)) == [ServerSentEvent(data: [UInt8(ascii: "2")])])
    }

    @Test func `an event that does not end is given up, whatever it is made of`() {
        for piece in ["aaaaaaaaaaaaaaaa", "data: aaaaaaaaaa\n"] {
            #expect(throws: EventStreamParser.TooLong.self) {
                var parser = EventStreamParser(longest: 100)
                for _ in 0..<20 { _ = try parser.receive(Array(piece.utf8)) }
            }
        }
        var parser = EventStreamParser(longest: 100)
        #expect(throws: Never.self) {
            for _ in 0..<20 { _ = try parser.receive(Array("data: aaaaaaaaaa\n\n".utf8)) }
        }
    }
}
