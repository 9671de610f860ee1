public import Experiments

extension Money {
    /// As a language writes it, in minor units' full width: `$1,234.50`, `1.234,50 €`, `1234,50 €`, `1 234,50 €`.
    ///
    /// Thousands are set apart as the language does it (in Spanish from five digits on; in French by a narrow space that
    /// does not break), and the currency stands before the number in English and after it, with a space that does not
    /// break, in the others. A currency without a sign of its own is told by its code.
    public func text(in language: Language) -> String {
        guard language != .english else { return display }
        let style = AmountStyle(language)
        let exponent = currency.exponent
        let digits = String(amount.magnitude)
        let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.count)) + digits
        let whole = Array(padded.dropLast(exponent))
        var text = amount < 0 ? "-" : ""
        for (place, digit) in whole.enumerated() {
            let left = whole.count - place
            if place > 0, left % 3 == 0, whole.count >= style.groupedFrom { text.append(style.group) }
            text.append(digit)
        }
        if exponent > 0 { text += "," + padded.suffix(exponent) }
        return text + "\u{a0}" + (currency.symbol ?? currency.code)
    }

    /// Reads what ``text(in:)`` writes in a language, and nothing else; nil for any other text.
    public init?(reading text: String, in language: Language) {
        let sign = text.hasPrefix("-") ? -1 : 1
        let body = sign < 0 ? text.dropFirst() : text[...]
        let numberMarks: Set<Character> = [".", ",", "\u{202f}"]
        guard let first = body.firstIndex(where: Self.isDigit), let last = body.lastIndex(where: Self.isDigit) else {
            return nil
        }
        let number = body[first...last]
        let named = language == .english ? body[..<first] : body[body.index(after: last)...]
        let name = named.filter { $0 != " " && $0 != "\u{a0}" }
        guard number.allSatisfy({ Self.isDigit($0) || numberMarks.contains($0) }),
            let magnitude = Int64(String(number.filter(Self.isDigit))),
            let currency = Currency(name) ?? Currency(symbol: String(name))
        else { return nil }
        self.init(amount: Int64(sign) * magnitude, currency: currency)
        // One amount has one text: what is written otherwise may mean another.
        guard self.text(in: language) == text else { return nil }
    }

    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
}

/// How a language sets thousands apart.
private struct AmountStyle {
    let group: Character
    /// The fewest digits that are grouped.
    let groupedFrom: Int

    init(_ language: Language) {
        switch language {
        case .english: (group, groupedFrom) = (",", 4)
        case .german: (group, groupedFrom) = (".", 4)
        case .spanish: (group, groupedFrom) = (".", 5)
        case .french: (group, groupedFrom) = ("\u{202f}", 4)
        }
    }
}
