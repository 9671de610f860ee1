/// Thirty-two bytes of SHA-256 or HMAC-SHA256, as a value without allocation.
///
/// Equality takes the same time whatever the digests are, so that tags may be compared with `==`.
/// Order is the order of the bytes.
public struct Digest256: Sendable, Hashable, Comparable {
    /// The digest as four words, most significant byte first.
    let words: (UInt64, UInt64, UInt64, UInt64)

    init(words: (UInt64, UInt64, UInt64, UInt64)) {
        self.words = words
    }

    /// The digest that `bytes` spell; nil unless there are exactly 32.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var rest = bytes[...]
        func word() -> UInt64 {
            defer { rest = rest.dropFirst(8) }
            return rest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
        words = (word(), word(), word(), word())
    }

    /// The first 128 bits, the most significant byte first.
    public var prefix128: UInt128 { UInt128(words.0) << 64 | UInt128(words.1) }

    /// The first 64 bits, the most significant byte first.
    public var prefix64: UInt64 { words.0 }

    /// The 32 bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for word in [words.0, words.1, words.2, words.3] {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes
    }

    /// The 64 hexadecimal digits.
    public var hex: String { Hex.encode(bytes) }

    /// Whether all 32 bytes agree, in constant time.
    public static func == (left: Digest256, right: Digest256) -> Bool {
        let difference =
            (left.words.0 ^ right.words.0) | (left.words.1 ^ right.words.1) | (left.words.2 ^ right.words.2)
            | (left.words.3 ^ right.words.3)
        return difference == 0
    }

    /// The order of the bytes; not in constant time.
    public static func < (left: Digest256, right: Digest256) -> Bool {
        left.words < right.words
    }

    /// A digest is uniform already, unless someone chose it: the hasher sees all of it.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

extension Digest256: CustomStringConvertible {
    /// The 64 hexadecimal digits.
    public var description: String { hex }
}
