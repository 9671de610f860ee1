internal import CLinux

/// What the kernel says of a descriptor.
public struct Readiness: OptionSet, Sendable {
    /// The bits of `epoll_event.events`.
    public let rawValue: UInt32

    /// Takes the bits of `epoll_event.events`.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// There is something to read, or to accept.
    public static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    /// There is room to write.
    public static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The other side will send no more.
    public static let peerClosed = Readiness(rawValue: EPOLLRDHUP.rawValue)
    /// Both directions are over, or the connection failed.
    public static let gone = Readiness(rawValue: EPOLLHUP.rawValue | EPOLLERR.rawValue)
}

/// Something with a descriptor that a loop watches.
public protocol EventSource: AnyObject, Sendable {
    /// Called on the loop when the descriptor became ready. Registration is edge-triggered: whoever leaves data
    /// unread must come back by itself (``EventLoop/runNextTurn(_:)``), the kernel does not say it again.
    func becameReady(_ readiness: Readiness)
}
