/// What a shopper wants with a message.
public enum Intent: String, Sendable, Codable, CaseIterable {
    case greet, search, price, details, compare, more, choose, quantity, buy, confirm, deny, negotiate, status, person
    case thanks, bye, unclear
    /// Shipping, returns and what else a person of the shop answers.
    case service
    /// How to pay.
    case payment
    /// In which currency a price is, or what it is in another.
    case currency
    /// How a price came about, and whether others are told it too.
    case whyPrice
    /// Whether a person or a machine answers.
    case robot
}

/// A message as rules understand it.
public struct Understanding: Sendable, Equatable, Codable {
    public var intent: Intent
    /// Which of those shown last it speaks of: 0 for the first, -1 for the last; nil where it does not say.
    public var place: Int?
    /// Whether it points at what is spoken of ("that", "es", "lo", "le").
    public var pointsBack = false
    /// A number of pieces, 1 to 999.
    public var quantity: Int64?
    /// By how many it changes the number of pieces there is: 1 or -1; nil where it does not.
    public var step: Int64?
    /// Several products, each with a number of pieces of its own; nil where it names no such.
    var wishes: [Wish]?
    /// Whether it has numbers of which none can be a number of pieces for sure.
    public var isUnclearCount = false
    /// Whether it begins with a yes, whatever else it says.
    public var agrees = false
    /// Whether it takes back what was ordered ("cancel", "I changed my mind"), wherever the talk is by now.
    var takesBack: Bool { IntentRules.takesBack(said) }
    /// Whether it does so by the very word.
    var cancels: Bool {
        said.contains { word in ["cancel", "stornier", "annul", "anul"].contains { word.hasPrefix($0) } }
    }
    /// Whether no rule knows it, and it is looked for in the catalogue because it names something; nil where one does.
    public var isGuess: Bool?
    /// All its words, as rules read them.
    public var said: [String] = []
    /// The words that carry the matter: what to look for, or the name of something shown.
    public var matter: [String]
    /// The language it is in, where that can be told.
    public var language: Language?

    public init(
        _ intent: Intent, place: Int? = nil, pointsBack: Bool = false, quantity: Int64? = nil, matter: [String] = [],
        language: Language? = nil
    ) {
        self.intent = intent
        self.place = place
        self.pointsBack = pointsBack
        self.quantity = quantity
        self.matter = matter
        self.language = language
    }
}

extension Understanding {
    /// Understands a message by rules, in whichever language it is.
    public init(of text: String) {
        let said = SaidWords(text)
        let words = said.list
        let language = LanguageRules.language(of: words)
        let amounts = IntentRules.amounts(in: words)
        var matter = words.indices.filter { !amounts.contains($0) }.map { words[$0] }
            .filter { !IntentRules.fillers.contains($0) }
        // A number alone, or a place, is nothing to look for.
        if matter.allSatisfy({ SaidCount.isNumeral($0) || IntentRules.ordinals[$0] != nil }) { matter = [] }
        let place = IntentRules.place(in: words)
        let count = SaidCount(in: words, of: text, besides: amounts)
        let step = IntentRules.step(in: words)
        let quantity = step == nil ? count.whole : nil
        var intent = Intent.unclear
        for (candidate, phrases) in IntentRules.ordered {
            var found = phrases.contains { $0.isSaid(in: said) }
            // "In $20" bounds what is looked for, and a long tale asks for more than rules know.
            let isShort = amounts.isEmpty && words.count <= IntentRules.longestQuery
            if candidate == .currency || candidate == .whyPrice { found = found && isShort }
            if candidate == .quantity, step != nil { found = true }
            guard found || IntentRules.implies(candidate, words: words, place: place, count: count) else {
                continue
            }
            intent = candidate
            break
        }
        // Whoever sends a card's number and says little else wants to pay.
        if intent == .unclear, words.count <= IntentRules.longestQuery,
            text.contains("[card]") || text.contains("[IBAN]")
        {
            intent = .payment
        }
        // What names something and asks nothing else of us asks for that.
        let isGuess = intent == .unclear && !matter.isEmpty && words.count <= IntentRules.longestQuery
        if isGuess { intent = .search }
        self.init(
            intent, place: place, pointsBack: words.contains { IntentRules.pointers.contains($0) },
            quantity: quantity, matter: matter, language: language)
        if isGuess { self.isGuess = true }
        self.step = step
        wishes = SaidCount.holdsOdd(text) ? nil : Wish.several(in: words, besides: amounts)
        isUnclearCount = count.isUnclear && step == nil
        agrees = IntentRules.agreements.contains { $0.isSaid(in: said) }
        self.said = words
    }

    /// Whether it asks what all pieces come to.
    var asksForTotal: Bool { intent == .price && said.contains(where: IntentRules.totals.contains) }

    /// Whether it says that the shopper wants to pay, and of nothing else.
    var wantsToPay: Bool {
        intent == .buy && place == nil && matter.isEmpty && said.contains(where: IntentRules.payments.contains)
    }

    /// Whether it asks what there is at all: "what do you sell?", "show me everything".
    var asksForAll: Bool {
        intent == .search && matter.allSatisfy(IntentRules.wholes.contains)
            && (!matter.isEmpty || said.contains(where: IntentRules.askers.contains))
    }
}
