/// How many pieces a message speaks of.
///
/// A cardinal is a number of pieces and never a place in a list; what is no number of pieces ("-3", "1.5", "0", "one or
/// two", "two more", "not two") is known to be unclear, so that it is asked about instead of guessed.
struct SaidCount: Equatable {
    /// 1 to 999.
    let whole: Int64?
    let isUnclear: Bool

    /// - Parameters:
    ///   - text: as it was written, for what `SaidWords` drops: signs and decimal marks.
    ///   - amounts: places of words that are amounts of money, or shares, and count no pieces.
    init(in words: [String], of text: String = "", besides amounts: Set<Int> = []) {
        var numbers: Set<Int64> = []
        var single = false
        var isOdd = Self.holdsOdd(text) || words.contains(where: Self.nothings.contains)
        for (index, word) in words.enumerated() {
            let before = index > 0 ? words[index - 1] : nil
            if let before, IntentRules.numberNames.contains(before) { continue }
            let after = words[(index + 1)...]
            if Self.articles.contains(word) || word == "one" {
                let isEither = after.first.map(Self.either.contains) ?? false
                if isEither, after.dropFirst().first.flatMap(IntentRules.number) != nil { isOdd = true }
                single =
                    single || (word == "one" ? !Self.isPronoun(after: before) : after.allSatisfy(Self.polite.contains))
                continue
            }
            guard !amounts.contains(index), IntentRules.number(word) != nil else { continue }
            guard let number = Self.pieces(at: index, in: words) else {
                isOdd = isOdd || Self.dozens.contains(word)
                continue
            }
            if Self.isReplaced(words[..<index], hasOther: !numbers.isEmpty) { continue }
            numbers.insert(number)
            if Self.isUndone(words[..<index]) || after.first.map(Self.additions.contains) ?? false
                || after.prefix(2) == ["de", "plus"] || after.prefix(2) == ["en", "plus"]
            {
                isOdd = true
            }
        }
        if numbers.isEmpty, single { numbers = [1] }
        whole = numbers.count == 1 && !isOdd ? numbers.first : nil
        isUnclear = isOdd || numbers.count > 1
    }

    /// The number of pieces that a word says, with what stands beside it: "two dozen" is 24, said by its last word. Nil
    /// where it says none; "230 V" and "size 42" are how a thing is, not how many of it.
    static func pieces(at index: Int, in words: [String]) -> Int64? {
        guard let number = IntentRules.number(words[index]) else { return nil }
        let before = index > 0 ? words[index - 1] : nil
        let after = index + 1 < words.count ? words[index + 1] : nil
        if after.map({ units.contains($0) || dozens.contains($0) }) ?? false { return nil }
        if before.map({ sizes.contains($0) || IntentRules.numberNames.contains($0) }) ?? false { return nil }
        guard dozens.contains(words[index]), let before, !articles.contains(before),
            let factor = IntentRules.number(before)
        else { return number }
        return number * factor <= Conversation.mostPieces ? number * factor : nil
    }

    /// Whether a word is a number and nothing else, of pieces or not.
    static func isNumeral(_ word: String) -> Bool {
        IntentRules.number(word) != nil || nothings.contains(word) || articles.contains(word)
            || word.allSatisfy(\.isNumber)
    }

    /// "Which one", "the blue one": stands for a thing.
    private static func isPronoun(after before: String?) -> Bool {
        guard let before else { return false }
        return pointing.contains(before) || !IntentRules.fillers.contains(before)
    }

    /// "Three instead of two": the two is what was.
    private static func isReplaced(_ before: ArraySlice<String>, hasOther: Bool) -> Bool {
        if before.last == "statt" || hasOther && before.last == "que" { return true }
        return [["instead", "of"], ["lieu", "de"], ["vez", "de"]].contains(Array(before.suffix(2)))
    }

    /// "Not two", "I don't want two", "another two".
    private static func isUndone(_ before: ArraySlice<String>) -> Bool {
        guard let last = before.last else { return false }
        if undoing.contains(last) { return true }
        return wanting.contains(last) && before.dropLast().last.map(denying.contains) ?? false
    }

    /// A digit that belongs to no whole number of 1 to 999.
    static func holdsOdd(_ text: String) -> Bool {
        let characters = Array(text)
        func at(_ index: Int) -> Character? { characters.indices.contains(index) ? characters[index] : nil }
        func isDigit(_ character: Character?) -> Bool { character.map { $0.isASCII && $0.isNumber } ?? false }
        var index = 0
        while index < characters.count {
            guard isDigit(characters[index]) else {
                if characters[index].isNumber { return true }
                index += 1
                continue
            }
            var end = index
            while isDigit(at(end)) { end += 1 }
            let digits = characters[index..<end].drop { $0 == "0" }
            if digits.isEmpty || digits.count > 3 { return true }
            if let mark = at(end), ".,/".contains(mark), isDigit(at(end + 1)) { return true }
            if let sign = at(index - 1), "-−".contains(sign), at(index - 2)?.isWhitespace ?? true { return true }
            index = end
        }
        return false
    }

    private static let units: Set = [
        "v", "volt", "volts", "w", "watt", "watts", "mah", "hz", "gb", "tb", "mm", "cm", "m", "km", "inch", "inches",
        "zoll", "pulgadas", "pouces", "ft", "feet", "ml", "cl", "l", "liter", "liters", "litre", "litres", "litro",
        "litros", "mg", "g", "gram", "grams", "gramm", "kg", "oz", "lb", "lbs", "year", "years", "jahr", "jahre",
        "jahren", "ano", "anos", "an", "ans", "months", "monate", "meses", "mois", "people", "persons", "personen",
        "personas", "personnes", "degrees", "grad", "grados", "degres",
    ]
    private static let dozens: Set = ["dozen", "dutzend", "docena", "docenas", "douzaine", "douzaines"]
    private static let sizes: Set = ["size", "grosse", "talla", "taille"]
    private static let nothings: Set = ["zero", "cero", "null", "half", "halb", "halbes", "medio", "media", "demi"]
    private static let articles: Set = ["un", "una", "une", "ein", "eine", "einen"]
    private static let polite: Set = [
        "por", "favor", "bitte", "please", "s", "il", "vous", "te", "plait", "davon", "stuck", "nur", "solo",
        "seulement", "merci", "gracias", "danke", "plutot", "mejor", "lieber", "nada", "mas",
    ]
    private static let pointing: Set = [
        "which", "that", "this", "the", "other", "another", "any", "every", "each", "a", "good", "nice",
    ]
    private static let undoing: Set = [
        "not", "nicht", "pas", "noch", "another", "otros", "otras", "extra", "weitere", "plus", "than",
    ]
    private static let either: Set = ["or", "oder", "o", "ou"]
    private static let additions: Set = ["more", "mehr", "mas", "weitere", "extra", "plus"]
    private static let wanting: Set = ["want", "quiero", "veux", "need", "take"]
    private static let denying: Set = ["t", "dont", "no", "ne", "not"]
}
