/// A text as rules see it: words in lower case, without accents and punctuation.
struct SaidWords: Sendable, Equatable {
    let list: [String]
    /// The first eight bytes of each, by which most comparisons are decided.
    fileprivate let heads: [UInt64]

    /// No shopper's sentence needs more; what comes after is not looked at.
    static let most = 80

    init(_ text: some StringProtocol) {
        var words: [String] = []
        var word = ""
        for character in text.lowercased() {
            // "#2", "n°2": a number that names a place.
            if character == "#", word.isEmpty {
                words.append("number")
            } else if character == "°" || character == "º", word == "n" {
                words.append("number")
                word = ""
            } else if let plain = Self.plain(character) {
                word += plain
            } else if let sign = Self.signs[character] {
                if !word.isEmpty { words.append(word) }
                words.append(sign)
                word = ""
            } else if !word.isEmpty {
                words.append(word)
                word = ""
                if words.count >= Self.most { break }
            }
        }
        if !word.isEmpty { words.append(word) }
        list = Array(words.prefix(Self.most))
        heads = list.map { Self.head(of: $0).bytes }
    }

    /// The first eight bytes of a word as a number, with zeros behind a shorter one, and the bits of those that it has.
    fileprivate static func head(of word: String) -> (bytes: UInt64, mask: UInt64) {
        var bytes: UInt64 = 0
        var mask: UInt64 = 0
        for (place, byte) in word.utf8.prefix(8).enumerated() {
            bytes |= UInt64(byte) << (8 * UInt64(place))
            mask |= 0xff << (8 * UInt64(place))
        }
        return (bytes, mask)
    }

    /// Signs that say what a number beside them is of: an amount is no number of pieces.
    private static let signs: [Character: String] = [
        "%": "percent", "％": "percent", "$": "dollar", "€": "euro", "£": "pounds", "¥": "yen",
    ]

    /// A letter or digit as it is compared; nil for what stands between words.
    private static func plain(_ character: Character) -> String? {
        if character.isASCII { return character.isLetter || character.isNumber ? String(character) : nil }
        switch character {
        case "à", "á", "â", "ä", "ã", "å": return "a"
        case "è", "é", "ê", "ë": return "e"
        case "ì", "í", "î", "ï": return "i"
        case "ò", "ó", "ô", "ö", "õ": return "o"
        case "ù", "ú", "û", "ü": return "u"
        case "ñ": return "n"
        case "ç": return "c"
        case "ß": return "ss"
        case "œ": return "oe"
        case "æ": return "ae"
        default: return character.isLetter || character.isNumber ? String(character) : nil
        }
    }
}

/// SaidWords that stand next to each other: `how much`, `looking for`. A `*` at the end of a word stands for any ending, a
/// `^` before the first for the beginning of the text, a `$` after the last for its end.
struct SaidPhrase: Sendable {
    private struct Piece {
        let text: String
        let isStem: Bool
        let head: UInt64
        /// Which bits of a word's head must be those of `head`.
        let mask: UInt64

        init(_ text: some StringProtocol) {
            isStem = text.hasSuffix("*")
            self.text = String(isStem ? text.dropLast() : text[...])
            let (bytes, own) = SaidWords.head(of: self.text)
            head = bytes
            mask = isStem ? own : .max
        }

        func fits(_ words: SaidWords, at place: Int) -> Bool {
            guard (words.heads[place] ^ head) & mask == 0 else { return false }
            return isStem ? words.list[place].hasPrefix(text) : words.list[place] == text
        }
    }

    private let pieces: [Piece]
    private let begins: Bool
    private let ends: Bool

    init(_ text: some StringProtocol) {
        begins = text.hasPrefix("^")
        ends = text.hasSuffix("$")
        let inner = text.drop { $0 == "^" }.prefix { $0 != "$" }
        pieces = inner.split(separator: " ").map { Piece($0) }
    }

    /// Whether a text says it.
    func isSaid(in words: SaidWords) -> Bool {
        guard !pieces.isEmpty, pieces.count <= words.list.count else { return false }
        let room = words.list.count - pieces.count
        let last = begins ? 0 : room
        var start = ends ? room : 0
        while start <= last {
            if fits(words, from: start) { return true }
            start += 1
        }
        return false
    }

    private func fits(_ words: SaidWords, from start: Int) -> Bool {
        for place in pieces.indices where !pieces[place].fits(words, at: start + place) { return false }
        return true
    }

    /// Phrases of a list that is written with `|` between them.
    static func list(_ text: String) -> [SaidPhrase] {
        text.split(whereSeparator: { $0 == "|" || $0 == "\n" }).map { SaidPhrase($0) }
    }
}
