internal import Glibc

/// TCP ports of 127.0.0.1 where nobody listens.
public enum FreePorts {
    /// Finds as many different ones; somebody else may take one before they are used.
    public static func find(_ count: Int) throws -> [Int] {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw RedisServer.NotStarted(description: "no socket") }
            sockets.append(descriptor)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let code = unsafe withUnsafeMutablePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    unsafe bind(descriptor, generic, size) + getsockname(descriptor, generic, &size)
                }
            }
            guard code == 0 else { throw RedisServer.NotStarted(description: "no free port") }
            return Int(UInt16(bigEndian: address.sin_port))
        }
    }
}
