/// Reads the tokens of one draft. A value for one use; the rules are its methods.
struct Judge {
    private let draft: DraftTokens
    private let lexicon: Lexicon
    private let believed: WordClass
    private(set) var violations: [Violation]

    private var tokens: [DraftTokens.Token]
    private var isExcused: [Bool]
    private var isNeutral: [Bool]
    private var isAboutMoney: [Bool]

    init(_ draft: DraftTokens, lexicon: Lexicon, believing languages: Set<Language>) {
        self.draft = draft
        self.lexicon = lexicon
        believed = languages.reduce(into: []) { $0.formUnion(WordClass($1)) }
        violations = draft.violations
        tokens = draft.tokens
        isExcused = Array(repeating: false, count: tokens.count)
        isNeutral = isExcused
        isAboutMoney = Array(repeating: false, count: draft.opensNext.count + 1)
        classify()
        phrases()
        words()
        joins()
        sentences()
    }

    private mutating func refuse(_ kind: Violation.Kind, _ first: Int, _ last: Int? = nil) {
        violations.append(draft.violation(kind, tokens[first].start, tokens[last ?? first].end))
    }

    private func walk(_ node: Int32, _ token: DraftTokens.Token) -> Int32 {
        var node = node
        for step in draft.steps[token.letters] {
            node = lexicon.tree.child(node, step)
            if node < 0 { break }
        }
        return node
    }

    private mutating func classify() {
        for index in tokens.indices {
            switch tokens[index].kind {
            case .word:
                tokens[index].classes = lexicon.tree.classes(walk(WordTree.root, tokens[index]))
                if tokens[index].classes.contains(.money) { isAboutMoney[tokens[index].sentence] = true }
            case .amount: isAboutMoney[tokens[index].sentence] = true
            case .fact: break
            }
        }
    }

    // MARK: Phrases

    private mutating func phrases() {
        var refused: [(range: ClosedRange<Int>, kind: Violation.Kind)] = []
        var innocent: [(range: ClosedRange<Int>, evenOfMoney: Bool)] = []
        for first in tokens.indices where tokens[first].isWord {
            var node = walk(WordTree.root, tokens[first])
            var isPlain = true
            var last = first + 1
            while node >= 0, last < tokens.count, tokens[last].isWord {
                node = walk(lexicon.tree.child(node, 0), tokens[last])
                if !tokens[last].gap.isDisjoint(with: [.sentence]) { isPlain = false }
                let classes = lexicon.tree.classes(node)
                if classes.contains(.innocent) {
                    if isPlain, !classes.isDisjoint(with: believed) {
                        innocent.append((first...last, classes.contains(.neutral)))
                    }
                }
                if let kind = classes.refusal { refused.append((first...last, kind)) }
                if classes.contains(.money) {
                    for index in first...last { isAboutMoney[tokens[index].sentence] = true }
                }
                last += 1
            }
        }
        carryMoney()
        for (range, evenOfMoney) in innocent where evenOfMoney || !isAboutMoney[tokens[range.lowerBound].sentence] {
            for index in range {
                isExcused[index] = true
                if evenOfMoney { isNeutral[index] = true }
            }
        }
        for (range, kind) in refused {
            let isCovered = innocent.contains {
                $0.range.lowerBound <= range.lowerBound && $0.range.upperBound >= range.upperBound
                    && ($0.evenOfMoney || !isAboutMoney[tokens[range.lowerBound].sentence])
            }
            if !isCovered { refuse(kind, range.lowerBound, range.upperBound) }
        }
    }

    /// "What does it cost? A Benjamin.": the answer to a question about money is about money.
    private mutating func carryMoney() {
        for sentence in draft.opensNext.indices.dropLast()
        where isAboutMoney[sentence] && draft.opensNext[sentence] {
            isAboutMoney[sentence + 1] = true
        }
    }

    // MARK: Words

    private mutating func words() {
        for index in tokens.indices where tokens[index].isWord {
            let token = tokens[index]
            if let kind = token.classes.refusal {
                if !isExcused[index], !isFrenchVery(token) { refuse(kind, index) }
                continue
            }
            if isExcused[index] { continue }
            if let kind = looks(token) {
                refuse(kind, index)
            } else if token.classes.isDisjoint(with: .spoken), let kind = stem(in: token) ?? runs(in: token) {
                refuse(kind, index)
            }
        }
    }

    /// "très" is not the Spanish three: the one word of French that folding its accent makes a number.
    private func isFrenchVery(_ token: DraftTokens.Token) -> Bool {
        believed.contains(.french) && !isAboutMoney[token.sentence] && token.end - token.start == 4
            && draft.scalars[token.start + 2] == "è" && token.classes.contains(.french)
    }

    /// What hides inside a longer word: "zwanzigprozentig", "twentyfive".
    private func stem(in token: DraftTokens.Token) -> Violation.Kind? {
        guard token.letters.count >= 5 else { return nil }
        for start in token.letters.lowerBound...(token.letters.upperBound - 4) {
            var node = WordTree.root
            for step in draft.steps[start..<token.letters.upperBound] {
                node = lexicon.tree.child(node, step)
                if node < 0 { break }
                let classes = lexicon.tree.classes(node)
                if classes.contains(.stem), let kind = classes.refusal { return kind }
            }
        }
        return nil
    }

    /// "freeee", "twennnty": a letter three times in a row is tried as one and as two.
    private func runs(in token: DraftTokens.Token) -> Violation.Kind? {
        let letters = draft.steps[token.letters]
        if !Self.hasRun(letters) { return nil }
        for most in 1...2 {
            var short: [WordTree.Step] = []
            var run = 0
            for letter in letters {
                run = short.last == letter ? run + 1 : 1
                if run <= most { short.append(letter) }
            }
            if let kind = lexicon.classes(of: short).refusal { return kind }
        }
        return nil
    }

    private static func hasRun(_ letters: ArraySlice<WordTree.Step>) -> Bool {
        var run = 0
        var previous: WordTree.Step = 0
        for letter in letters {
            run = letter == previous ? run + 1 : 1
            if run == 3 { return true }
            previous = letter
        }
        return false
    }

    /// Numerals and codes written in letters.
    private func looks(_ token: DraftTokens.Token) -> Violation.Kind? {
        let letters = draft.steps[token.letters]
        if letters.count > 45 { return .language }
        if letters.count >= 3, letters.allSatisfy({ $0 == letters.first }) { return .number }
        if letters.count >= 4, token.classes.isDisjoint(with: .spoken),
            let kind = lexicon.classes(of: letters.reversed()).refusal, kind != .language
        {
            return kind
        }
        if letters.count >= 2 {
            if token.isUpper || token.classes.isDisjoint(with: .spoken),
                RomanNumeral.isOne(letters, isUpper: token.isUpper)
            {
                return .number
            }
            let raw = draft.scalars[token.start..<token.end]
            if raw.contains("O"), raw.allSatisfy({ "OoIl".unicodeScalars.contains($0) }) { return .number }
        }
        if token.isMixed, !Names.mixed.contains(Array(letters)) { return .language }
        // No vowel in a long word: a cipher.
        if letters.count >= 5, token.classes.isDisjoint(with: .spoken), !letters.contains(where: Names.isVowel) {
            return .language
        }
        return nil
    }

    // MARK: Words pulled apart

    private mutating func joins() {
        for first in tokens.indices where tokens[first].isWord {
            var node = walk(WordTree.root, tokens[first])
            var isKnown = !tokens[first].classes.isDisjoint(with: .spoken)
            var areLetters = tokens[first].letters.count == 1
            var isTight = true
            var last = first + 1
            while node >= 0, last < tokens.count, tokens[last].isWord {
                let token = tokens[last]
                node = walk(node, token)
                isKnown = isKnown && !token.classes.isDisjoint(with: .spoken)
                areLetters = areLetters && token.letters.count == 1
                isTight = isTight && token.gap.isDisjoint(with: [.space, .apostrophe, .sentence])
                if let kind = lexicon.tree.classes(node).refusal,
                    !isKnown || isTight || (areLetters && last - first >= 2)
                {
                    refuse(kind, first, last)
                }
                last += 1
            }
            if first > 0, isTallied(first - 1, first) { refuse(.number, first - 1, first) }
        }
    }

    /// "I I", "l O": single letters that read as strokes or digits.
    private func isTallied(_ a: Int, _ b: Int) -> Bool {
        guard tokens[a].isWord, tokens[a].end - tokens[a].start == 1, tokens[b].end - tokens[b].start == 1 else {
            return false
        }
        let pair = [draft.scalars[tokens[a].start], draft.scalars[tokens[b].start]]
        if pair.allSatisfy({ "OoIl".unicodeScalars.contains($0) }) { return true }
        return tokens[b].gap == .space && pair.allSatisfy { "IVXLCDM".unicodeScalars.contains($0) }
    }

    // MARK: Sentences

    private mutating func sentences() {
        var start = tokens.startIndex
        while start < tokens.endIndex {
            var end = start
            while end < tokens.endIndex, tokens[end].sentence == tokens[start].sentence { end += 1 }
            sentence(start..<end)
            start = end
        }
    }

    private mutating func sentence(_ range: Range<Int>) {
        guard let first = range.first else { return }
        let money = isAboutMoney[tokens[first].sentence]
        let hasMeasure = range.contains { tokens[$0].classes.contains(.measure) }
        var words = 0
        var known = [0, 0, 0, 0]
        for index in range {
            let token = tokens[index]
            switch token.kind {
            case .word:
                words += 1
                for (language, spoken) in Self.spoken.enumerated() where token.classes.contains(spoken) {
                    known[language] += 1
                }
                if money, !token.classes.contains(.neutral), !isNeutral[index], token.classes.refusal == nil,
                    !token.classes.contains(.money)
                {
                    refuse(.moneyTalk, index)
                }
            case .amount:
                guard index > range.lowerBound else { continue }
                let before = tokens[index - 1]
                // Two amounts with no word between them, or one that is only a bound.
                if before.kind == .amount || before.kind == .fact(.bare) || before.classes.contains(.bound) {
                    refuse(.slot, index - 1, index)
                }
            case .fact(let kind):
                if !mayStand(kind, index, range, money: money, hasMeasure: hasMeasure) { refuse(.fact, index) }
            }
        }
        if words >= 6, (known.max() ?? 0) * 5 < words { refuse(.language, first, range.upperBound - 1) }
    }

    private static let spoken: [WordClass] = [.english, .german, .spanish, .french]

    private func mayStand(
        _ kind: FactKind, _ index: Int, _ range: Range<Int>, money: Bool, hasMeasure: Bool
    ) -> Bool {
        switch kind {
        case .harmless, .named: return true
        case .share: return !money
        case .amount: return false
        case .bare:
            // Two of them side by side would read as one number.
            if index > 0, case .fact(.bare) = tokens[index - 1].kind, !tokens[index].gap.contains([.other, .space]) {
                return false
            }
            guard money else { return hasMeasure }
            return index > range.lowerBound && tokens[index - 1].classes.contains(.measure)
                && range.contains { tokens[$0].kind == .amount }
        }
    }
}
