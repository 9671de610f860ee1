/// Streams a draft without ever letting out what the whole of it might be refused for: raw deltas go in, checked sentences
/// come out, slots whole, to be rendered by `Facts.render`.
///
/// However the stream is cut, the same sentences come out: each end of a sentence is decided by the text alone.
public struct HoldBack: Sendable {
    /// How a stream ended.
    public enum Ending: Sendable, Equatable {
        /// All of it may be told; this is what was still held.
        case complete(String)
        /// Nothing of what was still held may be told.
        case refused([Violation])
    }

    private let priceGuard: PriceGuard
    private let facts: Facts
    private let copies: FactCopies
    private var scalars: [Unicode.Scalar] = []
    /// Scalars that were let out.
    private var told = 0
    /// Up to here nothing is wrong, whatever comes after.
    private var judged = 0
    /// Whether a copy of a fact has begun that what comes next decides.
    private var isCopying = false
    /// Why nothing more comes out; nil while all is well.
    public private(set) var refusal: [Violation]?

    /// - Parameter facts: those of the turn; they stay as they are while it streams.
    public init(_ priceGuard: PriceGuard, facts: Facts) {
        self.priceGuard = priceGuard
        self.facts = facts
        copies = FactCopies(facts)
    }

    /// One that goes on after what was let out already: the whole is judged as one text.
    init(_ priceGuard: PriceGuard, facts: Facts, after told: String) {
        self.init(priceGuard, facts: facts)
        scalars = Array(told.unicodeScalars)
        self.told = scalars.count
    }

    /// Takes what the model wrote next; what may be told now, often nothing.
    public mutating func receive(_ delta: String) -> String {
        guard refusal == nil else { return "" }
        let start = scalars.count
        let room = PriceGuard.longestDraft + 1 - start
        scalars.append(contentsOf: delta.unicodeScalars.prefix(max(room, 0)))
        // A sentence is over when a space or a line break follows it.
        let spaces = (start..<scalars.count).filter { scalars[$0].properties.isWhitespace }
        guard !spaces.isEmpty, isCopying || spaces.contains(where: endsSentence) else { return "" }
        return release()
    }

    /// Whether a sentence can be over at a space: it breaks the line, or stands behind a stop, as `DraftTokens` reads them.
    private func endsSentence(_ space: Int) -> Bool {
        if case .space(isLineBreak: true) = Repertoire.kind(of: scalars[space]) { return true }
        var before = space - 1
        while before >= told, DraftTokens.mayFollowStop(scalars[before]) {
            if Repertoire.kind(of: scalars[before]) == .stop { return true }
            before -= 1
        }
        return false
    }

    /// The model has nothing more to say.
    public mutating func finish() -> Ending {
        if let refusal { return .refused(refusal) }
        let held = release(isWhole: true)
        let violations = priceGuard.violations(in: text(0..<scalars.count), facts: facts)
        guard violations.isEmpty else {
            refusal = violations
            return .refused(violations)
        }
        let rest = held + text(told..<scalars.count)
        told = scalars.count
        return .complete(rest)
    }

    private func text(_ range: Range<Int>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars[range])
        return text
    }

    private mutating func release(isWhole: Bool = false) -> String {
        let lexicon = Lexicon.shared
        let spans = DraftSpans(text(0..<scalars.count), scalars: scalars, facts: facts, lexicon: lexicon)
        let draft = DraftTokens(scalars, spans: spans.spans)
        let start = told
        isCopying = false
        for boundary in draft.boundaries where boundary > max(told, judged) && isSettled(boundary) {
            switch copies.copy(across: boundary, in: scalars) {
            case .none: break
            case .whole: continue
            case .open:
                if !isWhole {
                    isCopying = true
                    return text(start..<told)
                }
            }
            let violations = priceGuard.violations(in: text(0..<boundary), facts: facts)
            guard violations.isEmpty else {
                refusal = violations
                return text(start..<told)
            }
            judged = boundary
            if !mayGoOn(draft, past: boundary, lexicon) { told = boundary }
        }
        return text(start..<told)
    }

    /// Whether no further text can make this another place than the end of a sentence.
    private func isSettled(_ boundary: Int) -> Bool {
        boundary < scalars.count || Repertoire.kind(of: scalars[boundary - 1]) == .space(isLineBreak: true)
    }

    /// Whether the last words may still become part of something refused: "twen", "on the".
    private func mayGoOn(_ draft: DraftTokens, past boundary: Int, _ lexicon: Lexicon) -> Bool {
        guard let last = draft.tokens.lastIndex(where: { $0.end <= boundary }) else { return false }
        guard draft.tokens[last].isWord else { return false }
        if draft.tokens[last].end - draft.tokens[last].start == 1 { return true }
        for first in stride(from: last, through: max(0, last - Self.longestPhrase), by: -1) {
            guard draft.tokens[first].isWord else { return false }
            var joined = WordTree.root
            var spaced = WordTree.root
            for token in draft.tokens[first...last] {
                if token.start > draft.tokens[first].start { spaced = lexicon.tree.child(spaced, 0) }
                for step in draft.steps[token.letters] {
                    joined = lexicon.tree.child(joined, step)
                    spaced = lexicon.tree.child(spaced, step)
                }
            }
            if lexicon.tree.goesOnByLetter(joined) || lexicon.tree.child(spaced, 0) >= 0 { return true }
        }
        return false
    }

    /// Words that a phrase of the lexicon has at most.
    private static let longestPhrase = 24
}
