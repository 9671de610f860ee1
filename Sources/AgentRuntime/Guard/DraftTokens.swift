/// A draft as the guard reads it: words, slots and copied facts, each with what stood before it, and the characters that
/// are refused for themselves.
struct DraftTokens {
    struct Gap: OptionSet {
        var rawValue: UInt8
        static let space = Gap(rawValue: 1)
        static let apostrophe = Gap(rawValue: 2)
        static let sentence = Gap(rawValue: 4)
        static let other = Gap(rawValue: 8)
    }

    enum Kind: Equatable {
        case word
        case amount
        case fact(FactKind)
    }

    struct Token {
        var kind: Kind
        /// In scalars of the draft.
        var start: Int
        var end: Int
        /// In `steps`.
        var letters: Range<Int> = 0..<0
        var gap: Gap
        var sentence: Int
        var classes = WordClass()
        var isUpper = false
        var isMixed = false

        var isWord: Bool { kind == .word }
    }

    private(set) var tokens: [Token] = []
    private(set) var steps: [WordTree.Step] = []
    private(set) var violations: [Violation] = []
    /// Whether the sentence ended with what announces the next: "?" or ":".
    private(set) var opensNext: [Bool] = []
    /// Scalar offsets at which a sentence is over and the next one may begin.
    private(set) var boundaries: [Int] = []

    let scalars: [Unicode.Scalar]
    private let spans: [Span]
    private var gap = Gap()
    private var sentence = 0

    struct Span {
        var start: Int
        var end: Int
        var kind: Kind
    }

    init(_ draft: [Unicode.Scalar], spans: [Span]) {
        scalars = draft
        self.spans = spans
        tokens.reserveCapacity(draft.count / 4)
        steps.reserveCapacity(draft.count)
        scan()
    }

    private mutating func scan() {
        var nextSpan = 0
        var position = 0
        var marks = 0
        var faces = 0
        var emphasis = 0
        while position < scalars.count {
            if nextSpan < spans.count, spans[nextSpan].start == position {
                let span = spans[nextSpan]
                add(Token(kind: span.kind, start: span.start, end: span.end, gap: gap, sentence: sentence))
                position = span.end
                nextSpan += 1
                (marks, faces, emphasis) = (0, 0, 0)
                continue
            }
            let scalar = scalars[position]
            switch Repertoire.kind(of: scalar) {
            case .letter:
                let limit = nextSpan < spans.count ? spans[nextSpan].start : scalars.count
                position = word(from: position, limit: limit)
                (marks, faces, emphasis) = (0, 0, 0)
                continue
            case .space(let isLineBreak):
                gap.insert(.space)
                if isLineBreak { endSentence(at: position + 1) }
            case .stop:
                gap.insert(.other)
                marks += 1
                stop(at: position)
            case .punctuation:
                gap.insert(.other)
                marks += 1
                punctuation(scalar, at: position)
            case .apostrophe: gap.insert(.apostrophe)
            case .emphasis:
                // `tw**en**ty`
                if isLetter(position - 1), letterFollows(position) { refuse(.markup, position) }
                gap.insert(.other)
                emphasis += 1
            case .invisible:
                // Part of a face, or hiding something.
                if !isFace(position - 1) { refuse(.character, position) }
                gap.insert(.other)
            case .accent: refuse(.character, position)
            case .face:
                gap.insert(.other)
                faces += 1
            case .brace: refuse(.slot, position)
            case .refused(let kind):
                gap.insert(.other)
                refuse(kind, position)
            }
            // Tallies, Morse and other writing without letters.
            if marks == 6 || faces == 6 || emphasis == 7 {
                refuse(.character, position)
                (marks, faces, emphasis) = (0, 0, 0)
            }
            position += 1
        }
        opensNext.append(false)
    }

    private mutating func add(_ token: Token) {
        tokens.append(token)
        gap = []
    }

    private mutating func refuse(_ kind: Violation.Kind, _ start: Int, _ end: Int? = nil) {
        violations.append(violation(kind, start, end ?? start + 1))
    }

    func violation(_ kind: Violation.Kind, _ start: Int, _ end: Int) -> Violation {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars[start..<min(end, start + 80, scalars.count)])
        return Violation(kind: kind, text: text, offset: start)
    }

    private mutating func word(from start: Int, limit: Int) -> Int {
        let first = steps.count
        var position = start
        var uppers = 0
        var lowers = 0
        var mixed = false
        var afterAccent = false
        scan: while position < limit {
            switch Repertoire.kind(of: scalars[position]) {
            case .letter(let one, let two, let isUpper):
                steps.append(one)
                if two != 0 { steps.append(two) }
                if isUpper {
                    if lowers > 0 { mixed = true }
                    uppers += 1
                } else {
                    if uppers > 1, lowers == 0 { mixed = true }
                    lowers += 1
                }
                afterAccent = false
            case .accent:
                if afterAccent || !Names.takesAccent(steps[steps.count - 1]) { refuse(.character, position) }
                afterAccent = true
            default: break scan
            }
            position += 1
        }
        add(
            Token(
                kind: .word, start: start, end: position, letters: first..<steps.count, gap: gap, sentence: sentence,
                isUpper: lowers == 0, isMixed: mixed))
        return position
    }

    private func scalar(_ position: Int) -> Unicode.Scalar? {
        scalars.indices.contains(position) ? scalars[position] : nil
    }

    private func isLetter(_ position: Int) -> Bool {
        guard let scalar = scalar(position) else { return false }
        if case .letter = Repertoire.kind(of: scalar) { return true }
        return false
    }

    private func isFace(_ position: Int) -> Bool {
        guard let scalar = scalar(position) else { return false }
        switch Repertoire.kind(of: scalar) {
        case .face: return true
        case .invisible: return position > 0 && Repertoire.kind(of: scalars[position - 1]) == .face
        default: return false
        }
    }

    /// Whether emphasis that begins here stands directly before a letter.
    private func letterFollows(_ position: Int) -> Bool {
        var next = position
        while let scalar = scalar(next), Repertoire.kind(of: scalar) == .emphasis { next += 1 }
        return isLetter(next)
    }

    private mutating func punctuation(_ scalar: Unicode.Scalar, at position: Int) {
        switch scalar {
        case "&":
            if isLetter(position + 1) || self.scalar(position + 1) == "#" { refuse(.markup, position) }
        case "#":
            var before = position - 1
            while self.scalar(before) == "#" { before -= 1 }
            if let previous = self.scalar(before), previous != "\n" { refuse(.character, position) }
        case ":":
            if self.scalar(position + 1) == "/" { refuse(.markup, position) }
        default: break
        }
    }

    private mutating func stop(at position: Int) {
        let next = scalar(position + 1)
        if scalars[position] == ".", isLetter(position - 1), isLetter(position + 1) {
            // "z.B." and its kind are single letters; anything else joined by a dot is a name on the network.
            let isShort = !isLetter(position - 2) && !isLetter(position + 2)
            let isPorEjemplo = scalar(position - 1) == "p" && scalar(position + 1) == "e" && scalar(position + 2) == "j"
            if !isShort && !isPorEjemplo { refuse(.markup, position) }
            return
        }
        // A single letter before it: an initial or an abbreviation.
        if scalars[position] == ".", isLetter(position - 1), !isLetter(position - 2) { return }
        var after = position + 1
        while let scalar = scalar(after) {
            if Self.mayFollowStop(scalar) {
                after += 1
                continue
            }
            if case .space = Repertoire.kind(of: scalar) { endSentence(at: after) }
            return
        }
        if next == nil { endSentence(at: scalars.count) }
    }

    /// What may stand between a sentence's stop and the space behind it.
    static func mayFollowStop(_ scalar: Unicode.Scalar) -> Bool {
        switch Repertoire.kind(of: scalar) {
        case .stop, .emphasis, .face: true
        case .punctuation: "\")»”".unicodeScalars.contains(scalar)
        default: false
        }
    }

    private mutating func endSentence(at position: Int) {
        guard let last = tokens.last, last.sentence == sentence else { return }
        var before = position - 1
        while before > last.end, let scalar = scalar(before), scalar != "?", scalar != ":" { before -= 1 }
        opensNext.append(before >= last.end && (scalar(before) == "?" || scalar(before) == ":"))
        sentence += 1
        gap.insert(.sentence)
        boundaries.append(position)
    }
}
