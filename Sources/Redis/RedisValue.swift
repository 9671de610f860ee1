/// What a Redis server answers (RESP2).
public enum RedisValue: Sendable, Equatable {
    /// `+OK`
    case status(String)
    /// An error that the server told; a command that got one has failed.
    case error(String)
    case integer(Int64)
    case bulk([UInt8])
    /// There is nothing there: a miss, not a failure.
    case null
    case array([RedisValue])

    /// The bytes of a bulk string or a status.
    public var bytes: [UInt8]? {
        switch self {
        case .bulk(let bytes): bytes
        case .status(let text): Array(text.utf8)
        case .error, .integer, .null, .array: nil
        }
    }

    public var string: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    public var elements: [RedisValue]? {
        if case .array(let values) = self { values } else { nil }
    }
}
