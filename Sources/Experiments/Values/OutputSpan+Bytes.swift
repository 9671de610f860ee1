// What is sealed is laid out in memory of its size, byte after byte.
extension [UInt8] {
    /// The standard library's initializer looks up the type of its memory each time; memory that grows does not.
    ///
    /// - Parameter size: how many bytes are written at most.
    init(size: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        self = []
        append(addingCapacity: size, initializingWith: write)
    }
}

extension OutputSpan<UInt8> {
    /// 16 bytes, big-endian.
    mutating func append(_ bits: Bits128) {
        append(bits.high, bytes: 8)
        append(bits.low, bytes: 8)
    }

    /// The lowest bytes of a number, big-endian.
    ///
    /// - Parameter count: 1 to 8.
    mutating func append(_ value: UInt64, bytes count: Int) {
        var shift = UInt64(8 * count)
        while shift > 0 {
            shift &-= 8
            append(UInt8(truncatingIfNeeded: value &>> shift))
        }
    }

    mutating func append(utf8 text: String) {
        for byte in text.utf8 { append(byte) }
    }
}
