public import Experiments

/// What a catalogue or a merchant says, as a fact that may be told: no price may come in by it.
public enum ToldText {
    private static let judge = PriceGuard(languages: Set(Language.allCases))

    /// A product's title. One that reads as an amount, or as a number with nothing beside it, gives way to the SKU.
    public static func title(_ title: String, sku: TenantKey) -> String {
        let plain = CatalogueText(title, limit: CatalogueText.titleLimit).text
        if mayStandBesideMoney(plain) { return plain }
        return "SKU " + CatalogueText(sku.text, limit: CatalogueText.titleLimit).text
    }

    private static func mayStandBesideMoney(_ text: String) -> Bool {
        switch kind(of: text) {
        case .harmless, .named: !text.isEmpty
        case .share, .bare, .amount: false
        }
    }

    private static func kind(of text: String) -> FactKind { FactKind(text.unicodeScalars, .shared) }

    /// Characters of a description that are told.
    public static let longestDescription = 400

    /// The first sentences, without those that speak of money.
    public static func description(_ text: String) -> String {
        var out = ""
        for sentence in sentences(of: CatalogueText(text).text) where !speaksOfMoney(sentence) {
            if out.count + sentence.count + 1 > longestDescription { break }
            out += (out.isEmpty ? "" : " ") + sentence
        }
        return out
    }

    /// Attributes without those whose name or words speak of money.
    public static func attributes(_ attributes: Attributes) -> Attributes {
        attributes.filter { name, value in
            let words = String(name.map { $0 == "_" || $0 == "-" ? " " : $0 })
            return !speaksOfMoney(words) && isTold(value)
        }
    }

    private static func isTold(_ value: AttributeValue) -> Bool {
        switch value {
        case .null, .bool, .number: true
        case .string(let text): kind(of: text) != .amount && !speaksOfMoney(text)
        case .list(let values): values.allSatisfy(isTold)
        case .object(let members): attributes(members).count == members.count
        }
    }

    /// Why a merchant's own words (a name, an address) may not be told as a fact; nil where they may.
    static func objection(to text: String) -> String? {
        switch kind(of: text) {
        case .harmless, .named: nil
        case .amount, .share: "This could be read as an amount."
        case .bare: "A number needs a word beside it, such as \"Telephone\"."
        }
    }

    private static func speaksOfMoney(_ sentence: String) -> Bool {
        if kind(of: sentence) == .amount { return true }
        return judge.violations(in: sentence, facts: Facts()).contains {
            $0.kind == .currency || $0.kind == .concession || $0.kind == .moneyTalk || $0.kind == .markup
        }
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
