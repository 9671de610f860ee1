internal import Experiments
internal import JSON
internal import ProcessIO

/// How much a line matters.
enum LogLevel: String, CaseIterable, Comparable {
    case debug, info, warning, error

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    static func < (a: LogLevel, b: LogLevel) -> Bool { a.rank < b.rank }
}

/// What a line may carry. The set is closed, so that nobody logs a secret, a shopper or a free-form sentence by
/// accident, and those who search logs know what there is.
enum LogKey: String {
    case address, database, detail, pid, route, status, version
    case requestID = "request_id"
}

/// Writes one line of JSON an event to standard error.
struct Log: Sendable {
    let level: LogLevel
    let clock: any WallClock

    /// Writes a line, unless it matters less than ``level``.
    ///
    /// - Parameter message: says what happened in constant words; what varies goes into `fields`.
    func write(_ level: LogLevel, _ message: StaticString, _ fields: [(LogKey, JSONValue)] = []) {
        guard level >= self.level else { return }
        var line = JSONWriter()
        line.beginObject()
        line.field("time", clock.now().description)
        line.field("level", level.rawValue)
        line.field("message", message.description)
        for (key, value) in fields {
            line.key(dynamic: key.rawValue)
            line.value(value)
        }
        line.endObject()
        line.newline()
        StandardStream.error.write(line.bytes)
    }
}
