/// Attributes that targeting refuses: characteristics protected from discrimination, whose use in
/// setting a price is unlawful or indefensible (New York General Business Law § 349-a, GDPR Art. 9,
/// EU Charter Art. 21).
///
/// Names are judged, not values: a segment called "b" that holds only one religion passes. The list is
/// a tripwire for the careless, not a proof of fairness; that is the fairness report's work.
public struct ProtectedAttributes: Sendable, Hashable {
    private let anywhere: Set<[String]>
    private let alone: Set<[String]>

    /// A list of one's own.
    ///
    /// - Parameters:
    ///   - anywhere: terms refused wherever they stand in a name (`customerReligion`, `religion_code`).
    ///   - alone: terms with innocent uses (`account_age`, `race_distance`), refused only when they are
    ///     the whole name but for a word for the person (`age`, `shopperAge`, `is_male`).
    public init(anywhere: [String], alone: [String]) {
        self.anywhere = Set(anywhere.map(Self.words))
        self.alone = Set(alone.map(Self.words))
    }

    /// Nothing is refused: for conditions that set no price.
    public static let none = ProtectedAttributes(anywhere: [], alone: [])

    /// What is refused unless a deployment says otherwise.
    public static let standard = ProtectedAttributes(
        anywhere: [
            "ethnicity", "ethnic", "ethnic origin", "racial", "skin color", "skin colour", "caste", "ancestry",
            "national origin", "nationality", "citizenship", "immigration", "immigration status", "native language",
            "religion", "religious", "faith", "creed", "church",
            "political", "politics", "political party", "trade union", "union membership",
            "gender", "gender identity", "sexual", "sexuality", "sexual orientation", "transgender",
            "pregnancy", "pregnant", "maternity", "reproductive", "fertility", "marital", "marital status",
            "familial status", "veteran", "veteran status",
            "disability", "disabilities", "disabled", "handicap", "medical", "diagnosis", "illness", "disease",
            "medication", "health condition", "health status", "mental health", "hiv",
            "genetic", "genetics", "dna", "genome", "biometric", "biometrics", "face id", "fingerprint template",
            "birth date", "birthdate", "birthday", "birth year", "date of birth", "dob", "age group", "age range",
            "criminal record",
        ],
        alone: [
            "race", "color", "colour", "age", "sex", "male", "female", "health", "party", "union", "single", "married",
        ])

    /// The protected term a name contains, written as words, or nil.
    public func term(in name: String) -> String? {
        let words = Self.words(name)
        for start in words.indices {
            for end in start..<words.count {
                let candidate = Array(words[start...end])
                if anywhere.contains(candidate) || anywhere.contains([candidate.joined()]) {
                    return candidate.joined(separator: " ")
                }
            }
        }
        let bare = words.filter { !Self.person.contains($0) }
        return alone.contains(bare) ? bare.joined(separator: " ") : nil
    }

    private static let person: Set<String> = [
        "is", "has", "user", "users", "customer", "shopper", "buyer", "visitor", "person", "people", "client", "member",
        "my",
        "the", "of",
    ]

    /// `customerReligion`, `customer_religion` and `Customer-Religion` are the same two words.
    private static func words(_ name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var previousIsLower = false
        for character in name {
            if !character.isLetter || (character.isUppercase && previousIsLower) {
                if !word.isEmpty { words.append(word) }
                word = ""
            }
            if character.isLetter { word += character.lowercased() }
            previousIsLower = character.isLowercase
        }
        if !word.isEmpty { words.append(word) }
        return words
    }
}
