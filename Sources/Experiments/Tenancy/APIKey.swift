public import Crypto

/// What the bearer of a key may do.
public enum Role: String, Sendable, Codable, CaseIterable {
    /// All of its tenant.
    case merchant
    /// Reads experiments, reports, exports.
    case analyst
    /// Quotes prices, sends events.
    case agent
    /// Publishable; used in a browser, where it opens sessions of anonymous shoppers. A session has this role too.
    case widget
    /// The platform itself; belongs to no tenant.
    case `operator`
}

/// A key of a tenant. The key itself is shown once; only its SHA-256 is kept.
///
/// A class, as every request is given who asks: handing it on counts one reference.
public final class APIKey: Sendable, Equatable, Named {
    public static let identifierPrefix: StaticString = "key"

    public let id: APIKeyID
    public let role: Role
    public let name: String
    public let hash: Digest256
    public let createdAt: Timestamp
    public let expiresAt: Timestamp?
    /// Where the key may be used from; empty means anywhere.
    public let allowedAddresses: [AddressRange]
    /// The pages that a widget key opens sessions for; none but our own where it is empty.
    public let allowedOrigins: [WebOrigin]

    public init(
        id: APIKeyID, role: Role, name: String, hash: Digest256, createdAt: Timestamp, expiresAt: Timestamp? = nil,
        allowedAddresses: [AddressRange] = [], allowedOrigins: [WebOrigin] = []
    ) {
        self.id = id
        self.role = role
        self.name = name
        self.hash = hash
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.allowedAddresses = allowedAddresses
        self.allowedOrigins = allowedOrigins
    }

    public static func == (a: APIKey, b: APIKey) -> Bool {
        a === b
            || (a.id == b.id && a.role == b.role && a.name == b.name && a.hash == b.hash && a.createdAt == b.createdAt
                && a.expiresAt == b.expiresAt && a.allowedAddresses == b.allowedAddresses
                && a.allowedOrigins == b.allowedOrigins)
    }

    /// Whether the key opens anything at this time, from this address.
    public func isUsable(at now: Timestamp, from address: @autoclosure () -> String) -> Bool {
        if let expiresAt, now >= expiresAt { return false }
        if allowedAddresses.isEmpty { return true }
        let address = address()
        return allowedAddresses.contains { $0.contains(address) }
    }

    /// A new key's text: `ck_` and 256 random bits in base64url.
    public static func freshText() -> String { "ck_" + Base64URL.encode(SecureRandom.bytes(32)) }
}

/// `key_…`
public typealias APIKeyID = Identifier<APIKey>

/// A range of IPv4 or IPv6 addresses in CIDR notation, or one address.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    private let bytes: [UInt8]
    private let prefixLength: Int

    /// Nil unless `text` is an address, or an address, a slash and a prefix length.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let bytes = Self.parse(parts[0]) else { return nil }
        if parts.count == 2 {
            guard let length = Int(parts[1]), (0...bytes.count * 8).contains(length) else { return nil }
            prefixLength = length
        } else {
            prefixLength = bytes.count * 8
        }
        self.bytes = bytes
    }

    public func contains(_ address: String) -> Bool {
        guard let other = Self.parse(address[...]), other.count == bytes.count else { return false }
        for bit in 0..<prefixLength {
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            if bytes[bit / 8] & mask != other[bit / 8] & mask { return false }
        }
        return true
    }

    public var description: String {
        let text: String
        if bytes.count == 4 {
            text = bytes.map { String($0) }.joined(separator: ".")
        } else {
            text = stride(from: 0, to: 16, by: 2)
                .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
        }
        return text + "/" + String(prefixLength)
    }

    private static func parse(_ text: Substring) -> [UInt8]? {
        if text.contains(":") { return parseV6(text) }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var out: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
                let value = UInt8(part)
            else { return nil }
            out.append(value)
        }
        return out
    }

    /// RFC 4291, section 2.2; an IPv4-mapped address is read as the IPv4 address.
    private static func parseV6(_ text: Substring) -> [UInt8]? {
        func groups(_ part: Substring) -> [UInt8]? {
            if part.isEmpty { return [] }
            var out: [UInt8] = []
            let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
            for (index, piece) in pieces.enumerated() {
                if index == pieces.count - 1, piece.contains(".") {
                    guard let v4 = parse(piece) else { return nil }
                    out += v4
                } else {
                    guard (1...4).contains(piece.utf8.count), let value = UInt16(piece, radix: 16),
                        piece.first?.isHexDigit == true
                    else { return nil }
                    out += [UInt8(value >> 8), UInt8(value & 0xff)]
                }
            }
            return out
        }
        let bytes: [UInt8]
        if let gap = firstRange(of: "::", in: text) {
            guard let head = groups(text[..<gap]), let tail = groups(text[text.index(gap, offsetBy: 2)...]),
                head.count + tail.count <= 14
            else { return nil }
            bytes = head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
        } else {
            guard let all = groups(text), all.count == 16 else { return nil }
            bytes = all
        }
        if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff { return Array(bytes[12...]) }
        return bytes
    }

    private static func firstRange(of needle: String, in text: Substring) -> Substring.Index? {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix(needle) { return index }
            index = text.index(after: index)
        }
        return nil
    }
}
