/// What a catalogue says, as it may be told: it is data of the merchant's, and no price may come in by it.
enum ToldText {
    /// Characters of a title and of a description that are told.
    static let longestTitle = 200
    static let longestDescription = 400

    private static let judge = PriceGuard(languages: Set(Language.allCases))

    static func title(_ text: String) -> String { String(plain(text).prefix(longestTitle)) }

    /// The first sentences, without those that speak of money.
    static func description(_ text: String) -> String {
        var out = ""
        for sentence in sentences(of: plain(text)) where !speaksOfMoney(sentence) {
            if out.count + sentence.count + 1 > longestDescription { break }
            out += (out.isEmpty ? "" : " ") + sentence
        }
        return out
    }

    /// Something with a currency in it; nil where there is none.
    static func amount(in text: String) -> String? {
        judge.violations(in: String(text.prefix(PriceGuard.longestDraft)), facts: Facts())
            .first { $0.kind == .currency }?.text
    }

    private static func speaksOfMoney(_ sentence: String) -> Bool {
        judge.violations(in: sentence, facts: Facts()).contains {
            $0.kind == .currency || $0.kind == .concession || $0.kind == .moneyTalk || $0.kind == .markup
        }
    }

    /// Without control characters and line breaks.
    private static func plain(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: if out.last != " " { out.append(" ") }
            case .format, .privateUse, .surrogate, .unassigned: break
            default: out.append(scalar)
            }
        }
        return String(out)
    }

    private static func sentences(of text: String) -> [String] {
        var out: [String] = []
        var sentence = ""
        var ends = false
        for character in text {
            if ends, character == " " {
                out.append(sentence)
                sentence = ""
                ends = false
                continue
            }
            if sentence.isEmpty, character == " " { continue }
            sentence.append(character)
            ends = character == "." || character == "!" || character == "?"
        }
        if !sentence.isEmpty { out.append(sentence) }
        return out
    }
}
