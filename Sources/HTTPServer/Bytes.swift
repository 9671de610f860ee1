/// ASCII by name, and comparisons that ignore its case without making strings.
enum ASCII {
    static let tab = UInt8(ascii: "\t")
    static let carriageReturn = UInt8(ascii: "\r")
    static let lineFeed = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let colon = UInt8(ascii: ":")
    static let comma = UInt8(ascii: ",")
    static let semicolon = UInt8(ascii: ";")
    static let slash = UInt8(ascii: "/")
    static let percent = UInt8(ascii: "%")
    static let questionMark = UInt8(ascii: "?")

    /// The value of a hexadecimal digit, nil for anything else.
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    /// RFC 9110, 5.6.2: what a method or a header's name may be made of.
    static func isToken(_ byte: UInt8) -> Bool {
        byte < 64 ? tokenLow >> UInt64(byte) & 1 == 1 : byte < 128 && tokenHigh >> UInt64(byte - 64) & 1 == 1
    }

    // One bit a character: !#$%&'*+-.^_`|~, digits and letters. Literals, so that no lookup waits on their making.
    private static var tokenLow: UInt64 { 0x03ff_6cfa_0000_0000 }
    private static var tokenHigh: UInt64 { 0x57ff_ffff_c7ff_fffe }
}

extension RandomAccessCollection<UInt8> {
    /// Whether these bytes are `lowercase`, ASCII letters compared without case.
    func equalsIgnoringCase(_ lowercase: StaticString) -> Bool {
        guard count == lowercase.utf8CodeUnitCount else { return false }
        var expected = unsafe lowercase.utf8Start
        for byte in self {
            guard unsafe ASCII.lowercased(byte) == expected.pointee else { return false }
            unsafe expected += 1
        }
        return true
    }

    /// The elements of a comma-separated list, trimmed; empty ones are left out.
    var listElements: [SubSequence] {
        split(separator: ASCII.comma).map(\.trimmed).filter { !$0.isEmpty }
    }

    /// Without spaces and tabs at both ends.
    var trimmed: SubSequence {
        var rest = self[...]
        while let first = rest.first, first == ASCII.space || first == ASCII.tab { rest = rest.dropFirst() }
        while let last = rest.last, last == ASCII.space || last == ASCII.tab { rest = rest.dropLast() }
        return rest
    }
}
