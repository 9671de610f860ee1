/// How a fact's text may be used.
enum FactKind: Equatable {
    /// Words alone.
    case harmless
    /// Holds a number or a word that would be refused outside of it, among words of its own: "iPhone 15".
    case named
    /// Holds a share: "80% cotton".
    case share
    /// A number with hardly a word beside it: "42", "EU 42". Only as a measure.
    case bare
    /// Reads as an amount: "$50", "20 euros". Never.
    case amount

    /// The work is bounded by what `CatalogueText` lets through; a longer fact is not told.
    static let longest = 2000

    init(_ scalars: some Sequence<Unicode.Scalar>, _ lexicon: Lexicon) {
        var hasNumber = false
        var hasSign = false
        var hasShare = false
        var hasRefused = false
        var hasWord = false
        var amount = false
        // What the item before was, for a currency's name counts only beside a number.
        var previousNumber = false
        var previousCurrency = false
        var node = WordTree.root
        var letters = 0
        var count = 0
        func endWord() {
            guard letters > 0 else { return }
            let classes = lexicon.tree.classes(node)
            let isNumber = classes.contains(.number)
            let isCurrency = classes.contains(.currency)
            if isCurrency && previousNumber || isNumber && previousCurrency { amount = true }
            if classes.refusal != nil { hasRefused = true } else if letters >= 3 { hasWord = true }
            previousNumber = isNumber
            previousCurrency = isCurrency
            node = WordTree.root
            letters = 0
        }
        for scalar in scalars {
            count += 1
            switch Repertoire.kind(of: scalar) {
            case .letter(let first, let second, _):
                node = lexicon.tree.child(node, first)
                if second != 0 { node = lexicon.tree.child(node, second) }
                letters += 1
            case .accent, .invisible: break
            case .refused(.digit):
                endWord()
                if previousCurrency { amount = true }
                hasNumber = true
                previousNumber = true
                previousCurrency = false
            case .refused(.currency):
                endWord()
                hasSign = true
            case .refused(.number):
                endWord()
                hasShare = true
            case .refused(.character) where scalar.properties.isAlphabetic:
                // A word of a script that the agent does not write: its numbers are not known.
                letters += 1
                node = WordTree.nowhere
            default: endWord()
            }
        }
        endWord()
        if amount || hasSign || count > Self.longest {
            self = .amount
        } else if hasShare {
            self = .share
        } else if (hasNumber || hasRefused) && !hasWord {
            self = .bare
        } else {
            self = hasNumber || hasRefused ? .named : .harmless
        }
    }
}
