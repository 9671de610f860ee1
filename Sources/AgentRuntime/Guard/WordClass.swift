/// What the guard knows of a word or a phrase.
struct WordClass: OptionSet, Hashable {
    var rawValue: UInt32

    // Refused.
    static let number = WordClass(rawValue: 1 << 0)
    static let currency = WordClass(rawValue: 1 << 1)
    static let concession = WordClass(rawValue: 1 << 2)
    /// A word of a language that the agent does not speak.
    static let foreign = WordClass(rawValue: 1 << 3)
    /// Refused wherever it stands inside a word too: German compounds, endings.
    static let stem = WordClass(rawValue: 1 << 4)

    /// Makes its sentence one about money.
    static let money = WordClass(rawValue: 1 << 5)
    /// May stand in a sentence about money.
    static let neutral = WordClass(rawValue: 1 << 6)
    /// Makes a number without words a measure: "size", "length".
    static let measure = WordClass(rawValue: 1 << 7)
    /// A phrase that excuses the words in it.
    static let innocent = WordClass(rawValue: 1 << 8)

    static let english = WordClass(rawValue: 1 << 9)
    static let german = WordClass(rawValue: 1 << 10)
    static let spanish = WordClass(rawValue: 1 << 11)
    static let french = WordClass(rawValue: 1 << 12)

    /// Directly before an amount it makes it a bound: "from", "under".
    static let bound = WordClass(rawValue: 1 << 13)

    static let refused: WordClass = [.number, .currency, .concession, .foreign]
    static let spoken: WordClass = [.english, .german, .spanish, .french]

    init(rawValue: UInt32) { self.rawValue = rawValue }

    init(_ language: Language) {
        switch language {
        case .english: self = .english
        case .german: self = .german
        case .spanish: self = .spanish
        case .french: self = .french
        }
    }

    /// What a word of this class is refused for.
    var refusal: Violation.Kind? {
        if contains(.currency) { return .currency }
        if contains(.number) { return .number }
        if contains(.concession) { return .concession }
        if contains(.foreign) { return .language }
        return nil
    }
}
