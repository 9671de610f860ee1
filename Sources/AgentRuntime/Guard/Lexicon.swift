/// All that the guard knows of words, in one tree that is built once.
struct Lexicon: Sendable {
    let tree: WordTree

    static let shared = Lexicon()

    private init() {
        var words: [[WordTree.Step]: WordClass] = [:]
        func add(_ list: String, _ classes: WordClass) {
            for word in list.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
                words[Self.steps(word), default: []].formUnion(classes)
            }
        }
        func add(_ list: [String], _ classes: WordClass) {
            for phrase in list { words[Self.steps(phrase), default: []].formUnion(classes) }
        }

        add(Vocabulary.english, [.neutral, .english])
        add(Vocabulary.german, [.neutral, .german])
        add(Vocabulary.spanish, [.neutral, .spanish])
        add(Vocabulary.french, [.neutral, .french])
        add(Vocabulary.moreEnglish, .english)
        add(Vocabulary.moreGerman, .german)
        add(Vocabulary.moreSpanish, .spanish)
        add(Vocabulary.moreFrench, .french)
        // Foreign words come after the spoken ones, for those win where a word is both.
        let spoken = words
        func addForeign(_ list: String, _ classes: WordClass) {
            for word in list.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
                let steps = Self.steps(word)
                if spoken[steps] == nil { words[steps, default: []].formUnion(classes) }
            }
        }
        addForeign(Numbers.foreign, .number)
        addForeign(Concessions.foreign, .concession)
        addForeign(ForeignWords.list, .foreign)

        for list in [Numbers.english, Numbers.german, Numbers.spanish, Numbers.french] { add(list, .number) }
        for list in [Concessions.english, Concessions.german, Concessions.spanish, Concessions.french] {
            add(list, .concession)
        }
        add(Currencies.names, .currency)
        add(Currencies.codes, .currency)
        add(Numbers.stems, [.number, .stem])
        add(Concessions.stems, [.concession, .stem])
        add(Currencies.stems, [.currency, .stem])
        add(Vocabulary.money, .money)
        add(Vocabulary.measure, .measure)
        add(Vocabulary.bound, .bound)

        add(RefusedPhrases.concessions, .concession)
        add(RefusedPhrases.numbers, .number)
        add(RefusedPhrases.money, .money)
        for language in Language.allCases {
            add(InnocentPhrases.phrases(language), [.innocent, WordClass(language)])
            add(InnocentPhrases.evenOfMoney(language), [.innocent, .neutral, WordClass(language)])
        }
        tree = WordTree(words)
    }

    /// The steps of a word or phrase: letters folded, whatever stands between words a space.
    static func steps(_ text: some StringProtocol) -> [WordTree.Step] {
        var steps: [WordTree.Step] = []
        for scalar in text.unicodeScalars {
            switch Repertoire.kind(of: scalar) {
            case .letter(let first, let second, _):
                steps.append(first)
                if second != 0 { steps.append(second) }
            case .space, .punctuation, .apostrophe: steps.append(0)
            default: break
            }
        }
        return steps
    }

    /// The class of a whole word.
    func classes(of steps: some Sequence<WordTree.Step>) -> WordClass {
        var node = WordTree.root
        for step in steps { node = tree.child(node, step) }
        return tree.classes(node)
    }
}
