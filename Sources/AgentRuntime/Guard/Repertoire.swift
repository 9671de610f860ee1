/// The closed repertoire of characters: the letters of the languages the agent speaks, the punctuation of ordinary prose
/// and a few faces. Whatever else a script, a font or a renderer could show as a digit or a letter is outside of it and is
/// refused for that alone, so there is no table of look-alikes that could have a gap.
enum Repertoire {
    enum Kind: Equatable {
        /// One or two steps of the word tree, and whether it was upper case.
        case letter(UInt8, UInt8, isUpper: Bool)
        /// A space, tab or line break.
        case space(isLineBreak: Bool)
        /// Ends a sentence where space or the end follows.
        case stop
        /// Stands between words or beside them.
        case punctuation
        /// `'` and its kin: inside a word it hides nothing.
        case apostrophe
        /// Emphasis; not seen by who reads the rendered text.
        case emphasis
        /// Never seen: soft hyphen, zero-width characters, presentation selectors.
        case invisible
        /// An accent on the letter before it.
        case accent
        case face
        case brace
        case refused(Violation.Kind)
    }

    static func kind(of scalar: Unicode.Scalar) -> Kind {
        let value = scalar.value
        if value < 0x80 { return ascii[Int(value)] }
        if value < 0x180 { return latin(value) }
        return other(scalar)
    }

    private static let ascii: [Kind] = (0..<0x80).map { value in
        let byte = UInt8(value)
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): return .letter(byte - 96, 0, isUpper: false)
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): return .letter(byte - 64, 0, isUpper: true)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return .refused(.digit)
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return .space(isLineBreak: true)
        case UInt8(ascii: " "), UInt8(ascii: "\t"): return .space(isLineBreak: false)
        case UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?"): return .stop
        case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "\""), UInt8(ascii: "("),
            UInt8(ascii: ")"), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "&"), UInt8(ascii: "#"),
            UInt8(ascii: "+"):
            return .punctuation
        case UInt8(ascii: "'"): return .apostrophe
        case UInt8(ascii: "*"), UInt8(ascii: "_"): return .emphasis
        case UInt8(ascii: "{"), UInt8(ascii: "}"): return .brace
        case UInt8(ascii: "$"): return .refused(.currency)
        case UInt8(ascii: "%"): return .refused(.number)
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "@"),
            UInt8(ascii: "\\"), UInt8(ascii: "`"):
            return .refused(.markup)
        default: return .refused(.character)
        }
    }

    private static func fold(_ text: StaticString, _ isUpper: Bool) -> Kind {
        let bytes = Array(text.description.utf8)
        return .letter(bytes[0] - 96, bytes.count > 1 ? bytes[1] - 96 : 0, isUpper: isUpper)
    }

    private static let latinTable: [Kind] = (0x80..<0x180).map { value in
        switch UInt32(value) {
        case 0xa0: return .space(isLineBreak: false)
        case 0xad: return .invisible
        case 0xa1, 0xbf, 0xab, 0xbb, 0xb7, 0xae, 0xb0: return .punctuation  // ¡ ¿ « » · ® °
        case 0xa2, 0xa3, 0xa4, 0xa5: return .refused(.currency)
        case 0xb2, 0xb3, 0xb9: return .refused(.digit)
        case 0xbc, 0xbd, 0xbe: return .refused(.number)
        case 0xc0, 0xc1, 0xc2: return fold("a", true)
        case 0xe0, 0xe1, 0xe2: return fold("a", false)
        case 0xc4: return fold("a", true)
        case 0xe4: return fold("a", false)
        case 0xc6: return fold("ae", true)
        case 0xe6: return fold("ae", false)
        case 0xc7: return fold("c", true)
        case 0xe7: return fold("c", false)
        case 0xc8...0xcb: return fold("e", true)
        case 0xe8...0xeb: return fold("e", false)
        case 0xcd, 0xce, 0xcf: return fold("i", true)
        case 0xed, 0xee, 0xef: return fold("i", false)
        case 0xd1: return fold("n", true)
        case 0xf1: return fold("n", false)
        case 0xd3, 0xd4, 0xd6: return fold("o", true)
        case 0xf3, 0xf4, 0xf6: return fold("o", false)
        case 0xd9...0xdc: return fold("u", true)
        case 0xf9...0xfc: return fold("u", false)
        case 0xdf: return fold("ss", false)
        case 0xff: return fold("y", false)
        case 0x152: return fold("oe", true)
        case 0x153: return fold("oe", false)
        case 0x178: return fold("y", true)
        default: return .refused(.character)
        }
    }

    private static func latin(_ value: UInt32) -> Kind { latinTable[Int(value - 0x80)] }

    /// Faces and signs that say nothing of money or number.
    private static let faces: Set<UInt32> = Set("😊🙂😀😃😄😁🙌👍👋👏✨❤🎉🌟⭐🙏😉🤗☺💙💚💛🧡💜🤍👌✅🛍👕👗👟🧥👖🧢🌿☀".unicodeScalars.map(\.value))

    private static func other(_ scalar: Unicode.Scalar) -> Kind {
        switch scalar.value {
        case 0x300, 0x301, 0x302, 0x303, 0x308, 0x327: return .accent
        case 0x2013, 0x2014, 0x2010, 0x2011, 0x201c, 0x201d, 0x201e, 0x2022, 0x2039, 0x203a, 0x201a, 0x2018, 0x2122:
            return .punctuation
        case 0x2026: return .stop
        case 0x2019: return .apostrophe
        case 0x202f, 0x2009: return .space(isLineBreak: false)
        case 0x2028, 0x2029: return .space(isLineBreak: true)
        case 0x200b, 0x200c, 0x200d, 0x2060, 0xfeff, 0xfe0e, 0xfe0f: return .invisible
        default: break
        }
        if faces.contains(scalar.value) { return .face }
        if scalar.properties.numericType != nil { return .refused(.digit) }
        switch scalar.properties.generalCategory {
        case .currencySymbol: return .refused(.currency)
        case .decimalNumber, .letterNumber, .otherNumber: return .refused(.digit)
        default: return .refused(.character)
        }
    }
}
