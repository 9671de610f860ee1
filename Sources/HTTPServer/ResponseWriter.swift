internal import EventLoop

/// Writes the body of a streamed answer, piece by piece.
public final class ResponseWriter: Sendable {
    private let connection: Connection

    init(connection: Connection) {
        self.connection = connection
    }

    /// Sends `bytes` after what was written before, and waits while the client is behind. Whatever is written in
    /// one turn of the loop leaves in one piece.
    ///
    /// - Throws: ``ConnectionClosed`` when the client is gone or too slow, or the answer has ended.
    public func write(_ bytes: [UInt8]) async throws(ConnectionClosed) {
        if connection.loop.isCurrent {
            switch connection.write(bytes, for: self) {
            case .written: return
            case .closed: throw ConnectionClosed()
            case .mustWait: break
            }
            let isOpen = await withCheckedContinuation { connection.waitForRoom($0) }
            guard isOpen else { throw ConnectionClosed() }
        } else {
            let isOpen = await withCheckedContinuation { continuation in
                connection.loop.execute { [self] in
                    switch connection.write(bytes, for: self) {
                    case .written: continuation.resume(returning: true)
                    case .closed: continuation.resume(returning: false)
                    case .mustWait: connection.waitForRoom(continuation)
                    }
                }
            }
            guard isOpen else { throw ConnectionClosed() }
        }
    }

    /// Whether there may still be somebody who reads: the connection is open and its other side has not ended its own.
    /// Who streams rarely learns here that nobody listens, long before a write would fail.
    public var hasReader: Bool {
        get async {
            if connection.loop.isCurrent { return connection.hasReader(of: self) }
            return await withCheckedContinuation { continuation in
                connection.loop.execute { [self] in
                    continuation.resume(returning: connection.hasReader(of: self))
                }
            }
        }
    }

    /// Sends text; see ``write(_:)-([UInt8])``.
    public func write(_ text: String) async throws(ConnectionClosed) {
        try await write(Array(text.utf8))
    }
}

/// The client cannot be reached any more.
public struct ConnectionClosed: Error, Equatable {
    /// For those who stand in for a connection.
    public init() {}
}
