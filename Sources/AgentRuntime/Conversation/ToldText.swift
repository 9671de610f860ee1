internal import Experiments

/// What a catalogue or a merchant says, as a fact that may be told: no price may come in by it.
enum ToldText {
    private static let judge = PriceGuard(languages: Set(Language.allCases))

    /// A product's title. One that reads as an amount, or as a number with nothing beside it, gives way to the SKU.
    static func title(_ title: String, sku: TenantKey) -> String {
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
    static let longestDescription = 400

    /// The first sentences, without those that speak of money.
    static func description(_ text: String) -> String {
        var out = ""
        for sentence in sentences(of: CatalogueText(text).text) where !speaksOfMoney(sentence) {
            if out.count + sentence.count + 1 > longestDescription { break }
            out += (out.isEmpty ? "" : " ") + sentence
        }
        return out
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
