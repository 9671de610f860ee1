/// Something in a draft that no fact of this turn stands for.
public struct Violation: Sendable, Equatable, Codable {
    /// What it was refused for.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// A digit or numeral of any script.
        case digit
        /// A currency's sign, name or code.
        case currency
        /// A number, fraction or share in words.
        case number
        /// A price given up, in whole or in part: "free", "off", "Rabatt", "on the house".
        case concession
        /// Talk of money in words that the guard does not know.
        case moneyTalk
        /// A slot that names nothing, is broken, or touches what stands beside it.
        case slot
        /// A fact used where it would read as an amount.
        case fact
        /// A link, an image, a tag or an entity.
        case markup
        /// A character outside the closed repertoire.
        case character
        /// Words of no language that the agent speaks, or of none at all.
        case language
        /// More text than is judged.
        case length
    }

    public let kind: Kind
    /// The offending part as it stands in the draft, at most 80 scalars of it.
    public let text: String
    /// Where it begins, in Unicode scalars from the draft's start.
    public let offset: Int

    public init(kind: Kind, text: String, offset: Int) {
        self.kind = kind
        self.text = text
        self.offset = offset
    }

    /// Whether a person of the shop may not write it either: it could be read as an amount or a concession. Other words
    /// than the agent's are a person's own business.
    public var isMoney: Bool {
        switch kind {
        case .digit, .number, .currency, .concession, .moneyTalk, .slot, .fact: true
        case .markup, .character, .language, .length: false
        }
    }
}
