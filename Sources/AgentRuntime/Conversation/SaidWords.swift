/// A text as rules see it: words in lower case, without accents and punctuation.
struct SaidWords: Sendable, Equatable {
    let list: [String]

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
            } else if !word.isEmpty {
                words.append(word)
                word = ""
                if words.count == Self.most { break }
            }
        }
        if !word.isEmpty, words.count < Self.most { words.append(word) }
        list = words
    }

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
    private let pieces: [(text: String, isStem: Bool)]
    private let begins: Bool
    private let ends: Bool

    init(_ text: some StringProtocol) {
        begins = text.hasPrefix("^")
        ends = text.hasSuffix("$")
        let inner = text.drop { $0 == "^" }.prefix { $0 != "$" }
        pieces = inner.split(separator: " ").map { piece in
            piece.hasSuffix("*") ? (String(piece.dropLast()), true) : (String(piece), false)
        }
    }

    var count: Int { pieces.count }

    /// Where it stands in the words, first.
    func match(in words: [String]) -> Range<Int>? {
        guard !pieces.isEmpty, pieces.count <= words.count else { return nil }
        for start in 0...(words.count - pieces.count) {
            if begins, start > 0 { return nil }
            if ends, start + pieces.count < words.count { continue }
            let fits = zip(pieces, words[start...]).allSatisfy { piece, word in
                piece.isStem ? word.hasPrefix(piece.text) : word == piece.text
            }
            if fits { return start..<(start + pieces.count) }
        }
        return nil
    }

    /// Phrases of a list that is written with `|` between them.
    static func list(_ text: String) -> [SaidPhrase] {
        text.split(whereSeparator: { $0 == "|" || $0 == "\n" }).map { SaidPhrase($0) }
    }
}
