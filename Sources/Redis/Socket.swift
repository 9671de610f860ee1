internal import Glibc

/// A socket on its way to an address: non-blocking from the start, so that nobody waits for a server that is not there.
enum Socket {
    /// The address of a place that has no name to be resolved; nil of one that has. Asks nobody.
    static func numeric(_ place: RedisAddress.Place) -> [[UInt8]]? {
        try? resolve(place, flags: AI_NUMERICHOST)
    }

    /// The addresses of a place, in the order to be tried. Asks the resolver, which may take its time: not on a loop.
    static func resolve(_ place: RedisAddress.Place) throws(RedisError) -> [[UInt8]] {
        try resolve(place, flags: 0)
    }

    private static func resolve(_ place: RedisAddress.Place, flags: Int32) throws(RedisError) -> [[UInt8]] {
        switch place {
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
            return unsafe [withUnsafeBytes(of: address) { unsafe Array($0) }]
        case .tcp(let host, let port):
            var hints = unsafe addrinfo()
            unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            unsafe hints.ai_flags = flags
            var list: UnsafeMutablePointer<addrinfo>?
            let code = unsafe getaddrinfo(host, String(port), &hints, &list)
            guard code == 0 else { throw .unavailable("\(host): \(unsafe String(cString: gai_strerror(code)))") }
            defer { unsafe freeaddrinfo(list) }
            var addresses: [[UInt8]] = []
            var next = unsafe list
            while let entry = unsafe next {
                if let address = unsafe entry.pointee.ai_addr {
                    let bytes = unsafe UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen))
                    unsafe addresses.append(Array(bytes))
                }
                unsafe next = entry.pointee.ai_next
            }
            return addresses
        }
    }

    /// Begins to connect.
    static func connect(to address: [UInt8]) throws(RedisError) -> Int32 {
        let family = unsafe address.withUnsafeBytes { unsafe $0.loadUnaligned(as: sa_family_t.self) }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(Int32(family), kind, 0)
        guard descriptor >= 0 else { throw .unavailable(reason(errno)) }
        if Int32(family) != AF_UNIX {
            var yes: Int32 = 1
            unsafe setsockopt(
                descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        }
        let code = unsafe address.withUnsafeBytes { bytes in
            unsafe Glibc.connect(
                descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
        if code == 0 || errno == EINPROGRESS || errno == EAGAIN { return descriptor }
        let failure = errno
        close(descriptor)
        throw .unavailable(reason(failure))
    }

    /// Why connecting failed; nil when it did not.
    static func failure(of descriptor: Int32) -> String? {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return code == 0 ? nil : reason(code)
    }

    static func reason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
