internal import CLinux
internal import Glibc

/// Makes listening sockets.
enum ListeningSocket {
    /// A non-blocking socket bound to a numeric address, listening, and the port it has. Several may share a port;
    /// the kernel spreads connections over them.
    static func make(host: String, port: Int, backlog: Int) throws(HTTPServerError) -> (descriptor: Int32, port: Int) {
        let socket = try bound(host: host, port: port, sharesPort: true)
        guard listen(socket.descriptor, Int32(clamping: backlog)) == 0 else {
            throw failure("listen", closing: socket.descriptor)
        }
        return socket
    }

    /// Checks that nobody has the port yet. Sockets that share a port would else share it with another process of
    /// ours that is still running, and each get some of the requests.
    static func probe(host: String, port: Int) throws(HTTPServerError) {
        guard port != 0 else { return }
        close(try bound(host: host, port: port, sharesPort: false).descriptor)
    }

    private static func bound(
        host: String, port: Int, sharesPort: Bool
    ) throws(HTTPServerError) -> (descriptor: Int32, port: Int) {
        guard var (storage, length) = address(host: host, port: port) else { throw .addressInvalid(host) }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(Int32(storage.ss_family), type, 0)
        guard descriptor >= 0 else { throw .system(call: "socket", code: errno) }
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if sharesPort { set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
        // Accepted sockets inherit it: answers leave once a turn, there is nothing to wait for.
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        // And this: who reads slowly leaves the rest with us, where a large answer is kept once for all, and not in
        // the kernel's memory, of which it would have up to 4 MB a connection.
        set(descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, 64 * 1024)
        let outcome = unsafe withUnsafeMutablePointer(to: &storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe bind(descriptor, address, length) == 0 else { return false }
                return unsafe getsockname(descriptor, address, &length) == 0
            }
        }
        guard outcome else { throw failure("bind", closing: descriptor) }
        let port = unsafe withUnsafeBytes(of: storage) { bytes in
            unsafe UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        }
        return (descriptor, Int(port))
    }

    private static func address(host: String, port: Int) -> (sockaddr_storage, socklen_t)? {
        guard let port = UInt16(exactly: port) else { return nil }
        var storage = sockaddr_storage()
        var four = sockaddr_in()
        if unsafe inet_pton(AF_INET, host, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: four, as: sockaddr_in.self) }
            return (storage, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
        var six = sockaddr_in6()
        if unsafe inet_pton(AF_INET6, host, &six.sin6_addr) == 1 {
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: six, as: sockaddr_in6.self) }
            return (storage, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
        return nil
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        unsafe setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func failure(_ call: String, closing descriptor: Int32) -> HTTPServerError {
        let code = errno
        close(descriptor)
        return code == EADDRINUSE ? .addressInUse : .system(call: call, code: code)
    }
}
