@_spi(_Unicode) internal import Swift

/// A text as search compares it: the stems of its words, hashed.
///
/// Case, accents and the width of letters do not count ("Café" is "cafe"), "ß" is "ss". Words are runs of letters and
/// digits; ideographs, which nothing divides, are words of their own.
struct Words: Sendable {
    /// A stem's 64-bit hash. Two stems that share one are taken for each other: among a million stems one such pair is to
    /// be expected once in forty million catalogues.
    typealias Term = UInt64

    /// Folded words, each followed by a space.
    private(set) var folded: [UInt8] = []

    init(_ text: String) {
        folded.reserveCapacity(text.utf8.count + 1)
        for byte in text.utf8 {
            if byte >= 0x80 {
                folded.removeAll(keepingCapacity: true)
                foldScalars(of: text)
                break
            }
            append(ascii: byte)
        }
        endWord()
    }

    /// The words as they were folded, without stemming.
    func forEachWord(_ body: (ArraySlice<UInt8>) -> Void) {
        var start = 0
        for end in folded.indices where folded[end] == 0x20 {
            if end > start { body(folded[start..<end]) }
            start = end + 1
        }
    }

    /// The stems' hashes, in order.
    func forEachTerm(_ body: (Term) -> Void) {
        forEachWord { body(Self.hash(Stem.of($0))) }
    }

    /// FNV-1a, its bits mixed once more (the finaliser of MurmurHash3).
    static func hash(_ bytes: some Sequence<UInt8>, seed: UInt64 = 0xcbf2_9ce4_8422_2325) -> UInt64 {
        var hash = seed
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ hash >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return hash ^ hash >> 33
    }

    private mutating func append(ascii byte: UInt8) {
        switch byte {
        case 0x61...0x7a, 0x30...0x39: folded.append(byte)
        case 0x41...0x5a: folded.append(byte | 0x20)
        default: endWord()
        }
    }

    private mutating func endWord() {
        if let last = folded.last, last != 0x20 { folded.append(0x20) }
    }

    private mutating func foldScalars(of text: String) {
        for scalar in text.lowercased()._nfd {
            // Letters of full width have the same order as ASCII.
            let value = (0xff01...0xff5e).contains(scalar.value) ? scalar.value - 0xfee0 : scalar.value
            if value < 0x80 {
                append(ascii: UInt8(value))
                continue
            }
            if let spelt = Self.spelt[value] {
                folded += spelt.utf8
                continue
            }
            if Self.isIdeograph(value) {
                endWord()
                folded += UTF8.encode(scalar).map(Array.init) ?? []
                endWord()
                continue
            }
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
                .letterNumber, .otherNumber, .spacingMark:
                folded += UTF8.encode(scalar).map(Array.init) ?? []
            case .nonspacingMark, .enclosingMark, .format: break
            default: endWord()
            }
        }
    }

    /// Letters that canonical decomposition leaves whole, as people type them without.
    private static let spelt: [UInt32: String] = [
        0xdf: "ss", 0xe6: "ae", 0xf8: "o", 0xf0: "d", 0xfe: "th", 0x111: "d", 0x131: "i", 0x142: "l", 0x153: "oe",
        0xfb01: "fi", 0xfb02: "fl", 0xb2: "2", 0xb3: "3",
    ]

    /// Chinese characters and kana, which are written without spaces.
    private static func isIdeograph(_ value: UInt32) -> Bool {
        switch value {
        case 0x3040...0x30ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xf900...0xfaff, 0x20000...0x2fa1f: true
        default: false
        }
    }
}
