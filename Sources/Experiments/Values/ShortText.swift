/// Up to 48 bytes of text, held in place: ids, times and amounts are written on hot paths without memory of their own.
///
/// Only ASCII and signs of currencies stand in it: nothing that JSON must escape.
public struct ShortText: Sendable, CustomStringConvertible {
    /// The first `count` are the text.
    public private(set) var bytes = InlineArray<48, UInt8>(repeating: 0)
    public private(set) var count = 0

    init() {}

    mutating func append(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    mutating func append(_ text: String) {
        for byte in text.utf8 { append(byte) }
    }

    /// A number in decimal, with zeros before it up to `width`.
    mutating func append(_ value: UInt64, width: Int = 1) {
        var digits = 1
        var rest = value / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        // From the last: each step divides by a constant, which costs a multiplication.
        rest = value
        let start = count
        count += max(digits, width)
        var place = count
        while place > start {
            place -= 1
            bytes[place] = UInt8(truncatingIfNeeded: 48 + rest % 10)
            rest /= 10
        }
    }

    public var description: String {
        var copy: [UInt8] = []
        copy.reserveCapacity(count)
        for index in 0..<count { copy.append(bytes[index]) }
        return String(decoding: copy, as: UTF8.self)
    }
}
