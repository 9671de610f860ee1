internal import Experiments

/// What was said before, as a model may read it: no amount that was told, and nothing by which a shopper can be found.
enum PromptText {
    /// Characters of one message.
    static let longest = 1000

    /// A shopper's words without cards, accounts, addresses of e-mail and of houses, and telephone numbers.
    static func shopper(_ text: String) -> String {
        let redacted = Redaction(takesEmail: true).redacted(text)
        return String(withoutPlaces(withoutTelephones(redacted)).prefix(longest))
    }

    /// An agent's words: texts filled in, amounts left out.
    static func agent(_ message: ChatMessage) -> String {
        guard let draft = message.draft else { return "" }
        var out = ""
        for piece in DraftPiece.pieces(of: draft) {
            switch piece {
            case .text(let text): out += text
            case .slot(.fact(let key)): out += message.facts?[key] ?? ""
            case .slot: out += "(the amount)"
            case .broken: break
            }
        }
        return String(out.prefix(longest))
    }

    /// Seven digits or more that only signs of telephone numbers part.
    private static func withoutTelephones(_ text: String) -> String {
        Redaction.replacing(text) { scalars, start in
            guard Redaction.digit(scalars[start]) != nil || scalars[start] == "+" else { return nil }
            var digits = 0
            var end = start
            var last = start
            while end < scalars.count {
                if Redaction.digit(scalars[end]) != nil {
                    digits += 1
                    last = end + 1
                } else if !"+-/.() ".unicodeScalars.contains(scalars[end]) {
                    break
                }
                end += 1
            }
            return digits >= 7 ? (last, "[number]") : nil
        }
    }

    /// The words around a street's name and its number: "12 Baker Street", "Hauptstraße 5", "calle Mayor 7".
    private static func withoutPlaces(_ text: String) -> String {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        var isTaken = [Bool](repeating: false, count: words.count)
        for (index, word) in words.enumerated() where isStreet(word) {
            let near = max(0, index - 3)..<min(words.count, index + 5)
            guard words[near].contains(where: { $0.contains(where: \.isNumber) }) else { continue }
            for place in near where place == index || words[place].contains(where: { $0.isNumber || $0.isUppercase }) {
                isTaken[place] = true
            }
        }
        var out: [Substring] = []
        for (index, word) in words.enumerated() {
            if !isTaken[index] {
                out.append(word)
            } else if index == 0 || !isTaken[index - 1] {
                out.append("[address]")
            }
        }
        return out.joined(separator: " ")
    }

    private static func isStreet(_ word: Substring) -> Bool {
        let plain = word.lowercased().filter(\.isLetter)
        return streets.contains(plain) || streetEnds.contains { plain.hasSuffix($0) && plain.count > $0.count }
    }

    private static let streets: Set = [
        "street", "st", "road", "rd", "avenue", "ave", "lane", "ln", "drive", "boulevard", "blvd", "square", "court",
        "straße", "strasse", "str", "weg", "platz", "gasse", "allee", "calle", "avenida", "plaza", "paseo", "carrer",
        "rue", "route", "chemin", "quai", "impasse", "allée",
    ]
    private static let streetEnds = ["straße", "strasse", "weg", "platz", "gasse", "allee"]
}
