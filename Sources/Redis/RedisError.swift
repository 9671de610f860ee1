/// Why Redis did not do what was asked. A miss is not among these: it is an answer.
public enum RedisError: Error, Sendable, Equatable {
    /// No connection, or none is tried for now because the last ones failed.
    case unavailable(String)
    /// No answer in time. Whether it was done is not known.
    case timedOut
    /// The connection ended before the answer. Whether it was done is not known.
    case lost
    /// The server said no.
    case refused(String)
    /// What came is not Redis' protocol.
    case garbled(String)
}
