/// FNV-1a, 32 bits, over UTF-16 code units: the hash beneath GrowthBook's `hash`.
///
/// The reference (JavaScript) SDK feeds `charCodeAt`, that is one UTF-16 code unit at a time and not
/// one byte, so a unit may change more than eight bits of the state. For ASCII all SDKs agree. Beyond
/// it they part: JavaScript hashes UTF-16 units, Python code points (the same up to U+FFFF), Go the
/// bytes of UTF-8. We follow JavaScript, which is what a shop's browser runs.
struct FNV1a: Sendable, Equatable {
    private(set) var state: UInt32 = 0x811c_9dc5

    mutating func combine(_ unit: UInt16) {
        state = (state ^ UInt32(unit)) &* 0x0100_0193
    }

    /// Feeds the UTF-16 form of a string, read from its UTF-8 without allocating.
    mutating func combine(_ string: borrowing String) {
        let bytes = string.utf8Span.span
        var index = 0
        while index < bytes.count {
            let lead = UInt32(bytes[index])
            index += 1
            if lead < 0x80 {
                combine(UInt16(truncatingIfNeeded: lead))
                continue
            }
            // A String's UTF-8 is valid by construction, so the lead byte tells the length truly.
            let trailing = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3
            var scalar = lead & (0x3f >> UInt32(trailing))
            for _ in 0..<trailing {
                scalar = scalar << 6 | UInt32(bytes[index]) & 0x3f
                index += 1
            }
            if scalar < 0x1_0000 {
                combine(UInt16(truncatingIfNeeded: scalar))
            } else {
                let offset = scalar - 0x1_0000
                combine(UInt16(truncatingIfNeeded: 0xd800 + offset >> 10))
                combine(UInt16(truncatingIfNeeded: 0xdc00 + offset & 0x3ff))
            }
        }
    }

    /// Feeds a number's decimal digits, most significant first, without making a string of them.
    mutating func combine(decimal number: UInt32) {
        var divisor: UInt32 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            combine(UInt16(truncatingIfNeeded: 48 + number / divisor % 10))
            divisor /= 10
        }
    }
}
