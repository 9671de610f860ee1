/// Which of a cluster's 16,384 slots a key lies in: CRC16 of the key, or of its tag, modulo 16,384.
///
/// The tag is what stands between the first `{` and the next `}`, if there is anything; keys with one tag share a slot.
/// Source: the Redis Cluster specification, "Key distribution model" and "Hash tags".
public struct HashSlot: Sendable, Hashable {
    /// How many slots there are.
    public static let count = 16_384

    /// 0 to 16,383.
    public let number: Int

    /// Where a key lies.
    public init(ofKey key: [UInt8]) {
        number = Int(Self.crc16(Self.tag(of: key))) % Self.count
    }

    /// Nil for a number out of range.
    init?(_ number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = number
    }

    private static func tag(of key: [UInt8]) -> ArraySlice<UInt8> {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")),
            let close = key[(open + 1)...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
        else { return key[...] }
        return key[(open + 1)..<close]
    }

    /// CRC-16/XMODEM: polynomial 0x1021, from 0, nothing reflected. Of "123456789" it is 0x31C3.
    static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(0) { sum, byte in sum << 8 ^ table[Int(UInt8(truncatingIfNeeded: sum >> 8) ^ byte)] }
    }

    private static let table: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte) << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
    }
}
