/// One event of a stream of server-sent events.
struct ServerSentEvent: Equatable {
    /// `message` where the stream gives none.
    var name = "message"
    /// UTF-8, as far as the sender keeps to it.
    var data: [UInt8] = []
}

/// Reads `text/event-stream` (WHATWG HTML, section 9.2) piece by piece, however it is cut.
///
/// Lines end in LF, CR or CRLF. What the end of the stream cuts off is no event. Ids and retry times are not read:
/// nothing here connects again.
struct EventStreamParser {
    /// An event is longer than it may be.
    struct TooLong: Error, Equatable {}

    private var event = ServerSentEvent()
    private var hasData = false
    private var line: [UInt8] = []
    private var followsCR = false
    /// Bytes of the byte order mark seen so far; nil once the stream has begun.
    private var mark: Int? = 0
    private let longest: Int

    /// - Parameter longest: bytes of an event, its name and what a line of it takes.
    init(longest: Int = 1 << 20) { self.longest = longest }

    /// Takes the next bytes and gives the events that they end.
    mutating func receive(_ bytes: [UInt8]) throws(TooLong) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        var rest = bytes[...]
        if mark != nil { skipMark(&rest) }
        if followsCR, let first = rest.first {
            followsCR = false
            if first == UInt8(ascii: "\n") { rest = rest.dropFirst() }
        }
        while let end = rest.firstIndex(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            try extend(rest[..<end])
            var next = end + 1
            if rest[end] == UInt8(ascii: "\r") {
                if next == rest.endIndex {
                    followsCR = true
                } else if rest[next] == UInt8(ascii: "\n") {
                    next += 1
                }
            }
            rest = rest[next...]
            if let event = try endLine() { events.append(event) }
        }
        try extend(rest)
        return events
    }

    private mutating func skipMark(_ rest: inout ArraySlice<UInt8>) {
        let whole: [UInt8] = [0xEF, 0xBB, 0xBF]
        while let seen = mark, let next = rest.first {
            guard next == whole[seen] else {
                // It only looked like one.
                line = Array(whole[..<seen])
                mark = nil
                return
            }
            rest = rest.dropFirst()
            mark = seen + 1 == whole.count ? nil : seen + 1
        }
    }

    private mutating func extend(_ part: ArraySlice<UInt8>) throws(TooLong) {
        guard line.count + event.data.count + part.count <= longest else { throw TooLong() }
        line += part
    }

    private mutating func endLine() throws(TooLong) -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        if line.isEmpty {
            defer {
                event = ServerSentEvent()
                hasData = false
            }
            return hasData ? event : nil
        }
        let colon = line.firstIndex(of: UInt8(ascii: ":"))
        let field = line[..<(colon ?? line.endIndex)]
        var value = colon.map { line[($0 + 1)...] } ?? []
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        if field.elementsEqual("data".utf8) {
            if hasData { event.data.append(UInt8(ascii: "\n")) }
            event.data += value
            hasData = true
        } else if field.elementsEqual("event".utf8) {
            event.name = value.isEmpty ? "message" : String(decoding: value, as: UTF8.self)
        }
        return nil
    }
}
