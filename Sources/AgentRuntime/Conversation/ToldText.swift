public import Experiments

/// What a catalogue or a merchant says, as a fact that may be told: no price may come in by it.
public enum ToldText {
    private static let judge = PriceGuard(languages: Set(Language.allCases))

    /// A product's title. One that reads as an amount, or as a number with nothing beside it, gives way to the SKU.
    public static func title(_ title: String, sku: TenantKey) -> String {
        let plain = CatalogueText(title, limit: CatalogueText.titleLimit).text
        if mayStandBesideMoney(plain), !readsAsPrice(plain) { return plain }
        let named = "SKU " + CatalogueText(sku.text, limit: CatalogueText.titleLimit).text
        return mayStandBesideMoney(named) && !readsAsPrice(named) ? named : "Article"
    }

    private static func mayStandBesideMoney(_ text: String) -> Bool {
        switch kind(of: text) {
        case .harmless, .named: !text.isEmpty
        case .share, .bare, .amount: false
        }
    }

    /// A number with cents, or any number beside a word of sales: "now only 19.99", "MSRP 25", "19 balles", "９９円".
    private static func readsAsPrice(_ text: String) -> Bool {
        if text.unicodeScalars.contains(where: { $0.properties.numericType != nil }),
            foreignMoney.contains(where: { text.firstRange(of: $0) != nil })
        {
            return true
        }
        var digits = 0
        var afterPoint: Int?
        for scalar in text.unicodeScalars {
            if scalar.properties.numericType != nil {
                digits += 1
                afterPoint = afterPoint.map { $0 + 1 }
            } else {
                if afterPoint == 2 { return true }
                afterPoint = digits > 0 && (scalar == "." || scalar == "," || scalar == "·") ? 0 : nil
                if afterPoint == nil { digits = 0 }
            }
        }
        if afterPoint == 2 { return true }
        let violations = judge.violations(in: text, facts: Facts())
        guard violations.contains(where: { $0.kind == .digit || $0.kind == .number || $0.kind == .character }) else {
            return false
        }
        return text.lowercased().split(whereSeparator: { !$0.isLetter }).contains { salesWords.contains(String($0)) }
    }

    /// Words beside which a number is a price, in the languages the agent speaks.
    private static let salesWords: Set<String> = [
        "price", "prices", "priced", "cost", "costs", "pay", "pays", "buy", "only", "now", "was", "msrp", "rrp", "uvp",
        "sale", "off", "save", "today", "each", "apiece", "per", "tenner", "fiver", "quid", "bucks", "grand", "preis",
        "kostet", "kosten", "nur", "jetzt", "statt", "zahlen", "zahle", "heute", "rabatt", "je", "precio", "cuesta",
        "cuestan", "solo", "sólo", "ahora", "antes", "pague", "paga", "hoy", "rebaja", "prix", "coûte", "coute",
        "seulement", "maintenant", "avant", "payez", "solde", "soldes", "balles", "zł", "kr",
    ]

    /// What makes a price or a concession of a number in scripts that the guard does not read.
    private static let foreignMoney = [
        "円", "圓", "元", "块", "塊", "ドル", "ユーロ", "ポンド", "割引", "値引", "割", "折", "원", "달러", "유로", "할인", "доллар", "евро",
        "руб", "гривн", "скидк", "دولار", "يورو", "درهم", "ريال", "रुपय", "रुपए", "डॉलर", "यूरो", "บาท", "ευρώ",
        "שקל", "דולר",
    ]

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
        if text.contains(where: { $0.isNewline || "{}<>".contains($0) }) {
            return "One line, without braces and angle brackets."
        }
        if readsAsPrice(text) { return "This could be read as an amount." }
        return switch kind(of: text) {
        case .harmless, .named: nil
        case .amount, .share: "This could be read as an amount."
        case .bare: "A number needs a word beside it, such as \"Telephone\"."
        }
    }

    private static func speaksOfMoney(_ sentence: String) -> Bool {
        if kind(of: sentence) == .amount || readsAsPrice(sentence) { return true }
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
