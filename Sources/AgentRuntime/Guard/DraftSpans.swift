/// Where a draft holds slots and whole copies of facts.
struct DraftSpans {
    private(set) var spans: [DraftTokens.Span] = []
    private(set) var violations: [Violation] = []

    init(_ draft: String, scalars: [Unicode.Scalar], facts: Facts, lexicon: Lexicon) {
        let copies = FactCopies(facts)
        var offset = 0
        for piece in DraftPiece.pieces(of: draft) {
            switch piece {
            case .text(let text):
                let end = offset + text.unicodeScalars.count
                copies.find(in: scalars, offset..<end, lexicon) { spans.append($0) }
                offset = end
            case .broken(let part):
                violations.append(Violation(kind: .slot, text: part, offset: offset))
                // The brace alone; what follows it is read as text.
                offset += 1
            case .slot(let slot):
                let text = slot.description
                let end = offset + text.unicodeScalars.count
                let kind: DraftTokens.Kind? =
                    switch slot {
                    case .price(let id): facts.prices[id] == nil ? nil : .amount
                    case .total(let id): facts.totals[id] == nil ? nil : .amount
                    case .fact(let id): facts.texts[id].map { .fact(FactKind($0.unicodeScalars, lexicon)) }
                    }
                if kind == nil || !Self.standsAlone(scalars, offset, end, isAmount: kind == .amount) {
                    violations.append(Violation(kind: .slot, text: text, offset: offset))
                }
                spans.append(DraftTokens.Span(start: offset, end: end, kind: kind ?? .fact(.harmless)))
                offset = end
            }
        }
    }

    /// Whether nothing touches a slot that would read as part of it.
    private static func standsAlone(_ scalars: [Unicode.Scalar], _ start: Int, _ end: Int, isAmount: Bool) -> Bool {
        func mayTouch(_ position: Int) -> Bool {
            guard scalars.indices.contains(position) else { return true }
            switch Repertoire.kind(of: scalars[position]) {
            case .space, .stop, .emphasis, .apostrophe, .face: return true
            case .punctuation:
                return scalars[position] != "#" && scalars[position] != "+"
                    && !(isAmount && "-/&·\u{2010}\u{2011}\u{2013}".unicodeScalars.contains(scalars[position]))
            default: return false
            }
        }
        return mayTouch(start - 1) && mayTouch(end)
    }
}

/// The facts that a draft may copy, by the scalar each begins with.
struct FactCopies {
    private var texts: [Unicode.Scalar: [[Unicode.Scalar]]] = [:]

    init(_ facts: Facts) {
        for text in facts.texts.values where !text.isEmpty {
            let scalars = Array(text.unicodeScalars)
            guard scalars.count <= FactKind.longest, let first = scalars.first else { continue }
            texts[first, default: []].append(scalars)
        }
    }

    func find(
        in scalars: [Unicode.Scalar], _ range: Range<Int>, _ lexicon: Lexicon, found: (DraftTokens.Span) -> Void
    ) {
        guard !texts.isEmpty else { return }
        var position = range.lowerBound
        while position < range.upperBound {
            if position == range.lowerBound || !Self.isWordlike(scalars[position - 1]),
                let length = longestCopy(in: scalars, position..<range.upperBound)
            {
                let end = position + length
                found(
                    DraftTokens.Span(
                        start: position, end: end, kind: .fact(FactKind(scalars[position..<end], lexicon))))
                position = end
            } else {
                position += 1
            }
        }
    }

    private func longestCopy(in scalars: [Unicode.Scalar], _ range: Range<Int>) -> Int? {
        var longest: Int?
        for text in texts[scalars[range.lowerBound]] ?? [] where text.count <= range.count && text.count > longest ?? 0
        {
            let end = range.lowerBound + text.count
            guard end == scalars.count || !Self.isWordlike(scalars[end]),
                scalars[range.lowerBound..<end].elementsEqual(text)
            else { continue }
            longest = text.count
        }
        return longest
    }

    /// What would make the copy a part of a longer word or number.
    private static func isWordlike(_ scalar: Unicode.Scalar) -> Bool {
        switch Repertoire.kind(of: scalar) {
        case .letter, .accent, .invisible, .brace, .refused: true
        case .space, .stop, .punctuation, .apostrophe, .emphasis, .face: false
        }
    }

    /// Whether a copy of a fact lies across a place in the text.
    enum Crossing {
        case none
        case whole
        /// It does as far as the text goes.
        case open
    }

    func copy(across place: Int, in scalars: [Unicode.Scalar]) -> Crossing {
        var crossing = Crossing.none
        for text in texts.values.joined() {
            for length in 1..<max(text.count, 1) where length <= place {
                let start = place - length
                guard scalars[start] == text[0], scalars[start..<place].elementsEqual(text[..<length]) else { continue }
                let rest = text[length...]
                let known = scalars[place...].prefix(rest.count)
                guard known.elementsEqual(rest.prefix(known.count)) else { continue }
                if known.count < rest.count { return .open }
                crossing = .whole
            }
        }
        return crossing
    }
}
