internal import Glibc

/// A connection to a server over TCP, of a program that has nothing else to do: every call waits.
public final class Connection: Sendable {
    private let descriptor: Int32

    /// Why there is no connection, or no more.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Connects to the first address of a host that answers.
    ///
    /// - Parameter patience: seconds that connecting, and each call, may wait.
    public init(host: String, port: UInt16, patience: Int) throws(Failure) {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { throw Failure(description: "\(host): \(unsafe String(cString: gai_strerror(code)))") }
        defer { unsafe freeaddrinfo(list) }
        var reason: Int32 = 0
        var next = unsafe list
        while let entry = unsafe next {
            let family = unsafe entry.pointee.ai_family
            let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var limit = timeval(tv_sec: patience, tv_usec: 0)
            let size = socklen_t(MemoryLayout<timeval>.size)
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
            if unsafe connect(descriptor, entry.pointee.ai_addr, entry.pointee.ai_addrlen) == 0 {
                self.descriptor = descriptor
                return
            }
            reason = errno
            close(descriptor)
            unsafe next = entry.pointee.ai_next
        }
        throw Failure(description: "\(host):\(port): \(Self.text(reason))")
    }

    deinit { close(descriptor) }

    /// Sends all of `bytes`.
    public func send(_ bytes: [UInt8]) throws(Failure) {
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[start...])
                return unsafe Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                start += count
            } else if errno != EINTR {
                throw Failure(description: Self.text(errno))
            }
        }
    }

    /// The next bytes that come; empty once the other side has ended.
    public func receive(limit: Int = 1 << 16) throws(Failure) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count >= 0 {
                buffer.removeLast(limit - count)
                return buffer
            }
            if errno != EINTR { throw Failure(description: Self.text(errno)) }
        }
    }

    private static func text(_ code: Int32) -> String {
        code == EAGAIN ? "no answer in time" : unsafe String(cString: strerror(code))
    }
}
