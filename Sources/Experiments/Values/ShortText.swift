/// Up to 48 bytes of text, held in place: ids, times and amounts are written on hot paths without memory of their own.
///
/// Only ASCII and signs of currencies stand in it: nothing that JSON must escape.
public struct ShortText: Sendable, CustomStringConvertible {
    /// The first `count` are the text.
    public private(set) var bytes = InlineArray<48, UInt8>(repeating: 0)
    public private(set) var count = 0

    init() {}

    /// Sixteen lower-case hexadecimal digits.
    public init(hex value: UInt64) { append(hex: value) }

    mutating func append(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    mutating func append(_ text: String) {
        for byte in text.utf8 { append(byte) }
    }

    /// Sixteen lower-case hexadecimal digits.
    mutating func append(hex value: UInt64) {
        append(eightDigitsOf: UInt32(truncatingIfNeeded: value >> 32))
        append(eightDigitsOf: UInt32(truncatingIfNeeded: value))
    }

    /// All eight at once: each four bits get a byte of their own, to which is added what makes it its digit.
    private mutating func append(eightDigitsOf value: UInt32) {
        var word = UInt64(value)
        word = (word << 16 | word) & 0x0000_ffff_0000_ffff
        word = (word << 8 | word) & 0x00ff_00ff_00ff_00ff
        word = (word << 4 | word) & 0x0f0f_0f0f_0f0f_0f0f
        // From ten on adding six carries into the fifth bit.
        let letters = (word + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        word += 0x3030_3030_3030_3030 + letters * 39
        for place in 0..<8 { bytes[count + place] = UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64(place))) }
        count += 8
    }

    /// A number below 100 as two digits.
    mutating func append(pair value: UInt64) {
        append(UInt8(truncatingIfNeeded: 48 + value / 10))
        append(UInt8(truncatingIfNeeded: 48 + value % 10))
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
        copy.append(contentsOf: self)
        return String(decoding: copy, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Appends a short text's bytes.
    public mutating func append(contentsOf text: ShortText) {
        reserveCapacity(count + text.count)
        for index in 0..<text.count { append(text.bytes[index]) }
    }
}
