internal import CLinux
internal import Glibc

/// The other end of a connection; text is made only when asked for.
public struct RemoteAddress: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: Hashable {
        case unknown
        case four(UInt32)
        case six(UInt64, UInt64)
    }

    private let kind: Kind
    /// The port at the other end, 0 where it is not known.
    public let port: UInt16

    /// An address nobody knows, as in tests.
    public static let unknown = RemoteAddress(kind: .unknown, port: 0)

    private init(kind: Kind, port: UInt16) {
        self.kind = kind
        self.port = port
    }

    /// Reads what `accept` wrote.
    init(_ storage: sockaddr_storage) {
        self = unsafe withUnsafeBytes(of: storage) { bytes in
            let port = unsafe UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
            switch Int32(storage.ss_family) {
            case AF_INET:
                let word = unsafe UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
                return RemoteAddress(kind: .four(word), port: port)
            case AF_INET6:
                let high = unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                let low = unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
                return RemoteAddress(kind: .six(high, low), port: port)
            default: return .unknown
            }
        }
    }

    /// The address without port: `203.0.113.9`, `2001:db8:0:0:0:0:0:1` (all eight groups), or `unknown`.
    public var host: String {
        switch kind {
        case .unknown: return "unknown"
        case .four(let word):
            return (0..<4).map { String(word >> UInt32(24 - 8 * $0) & 0xff) }.joined(separator: ".")
        case .six(let high, let low):
            let groups = [high, low].flatMap { half in (0..<4).map { half >> UInt64(48 - 16 * $0) & 0xffff } }
            return groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
    }

    /// The address with its port.
    public var description: String {
        switch kind {
        case .unknown: "unknown"
        case .four: "\(host):\(port)"
        case .six: "[\(host)]:\(port)"
        }
    }
}
