/// The closed world: refuses a draft in which anything reads as an amount or a concession and is not a slot or a fact of
/// this turn copied whole.
///
/// It leaves little to recognition. Characters outside a closed repertoire are refused whatever they are; so are words of
/// languages that the agent does not speak; and in a sentence about money only a closed vocabulary may stand. Lists of
/// number words, currencies and concessions do the rest.
///
/// Linear in the draft's length: every walk over the tree of words is bounded by the longest word, and drafts by
/// `longestDraft`.
public struct PriceGuard: Sendable {
    /// The languages whose innocent readings are believed ("feel free", "this one"). They never take a rule away:
    /// every rule of every language applies to every draft.
    public let languages: Set<Language>

    public init(languages: Set<Language>) { self.languages = languages }

    /// Scalars of a draft at most; a longer one is refused unread.
    public static let longestDraft = 4000

    /// What a draft holds that may not be told, before its slots are filled, in the order it stands there; empty where all
    /// of it may be told.
    public func violations(in draft: String, facts: Facts) -> [Violation] {
        guard draft.utf8.count <= Self.longestDraft * 4 else { return [Self.tooLong] }
        let scalars = Array(draft.unicodeScalars)
        guard scalars.count <= Self.longestDraft else { return [Self.tooLong] }
        let lexicon = Lexicon.shared
        let spans = DraftSpans(draft, scalars: scalars, facts: facts, lexicon: lexicon)
        let judge = Judge(DraftTokens(scalars, spans: spans.spans), lexicon: lexicon, believing: languages)
        return (spans.violations + judge.violations).sorted { $0.offset < $1.offset }
    }

    private static let tooLong = Violation(kind: .length, text: "", offset: longestDraft)
}
