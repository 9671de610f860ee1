/// A merchant's text as data: what remains of a title, description or review once nothing in it can act on a model, on a
/// renderer or on our own slots. The only form in which such text becomes a fact or part of a tool's result.
public struct CatalogueText: Sendable, Hashable, CustomStringConvertible {
    /// One line, without control or unseen characters, brackets of any kind, or markers of a speaker.
    public let text: String

    public var description: String { text }

    /// Scalars of a title, and of a longer text.
    public static let titleLimit = 160
    public static let textLimit = 600

    /// Cleans and cuts at a word's end; the rest becomes an ellipsis.
    public init(_ raw: some StringProtocol, limit: Int = CatalogueText.textLimit) {
        precondition(limit > 0, "a text of no length")
        var line: [Unicode.Scalar] = []
        line.reserveCapacity(min(limit * 2, 4096))
        // Bounded before anything else: a description of a megabyte is not read to its end.
        for scalar in raw.unicodeScalars.prefix(limit * 8) {
            switch Self.kind(of: scalar) {
            case .kept: line.append(scalar)
            case .gap: if let last = line.last, last != " " { line.append(" ") }
            case .dropped: break
            }
        }
        line = Self.withoutSpeakers(line)
        while line.last == " " { line.removeLast() }
        if line.count > limit {
            line.removeSubrange((limit - 1)...)
            if let space = line.lastIndex(of: " "), space > limit / 2 { line.removeSubrange(space...) }
            line.append("…")
        }
        var text = ""
        text.unicodeScalars.append(contentsOf: line)
        self.text = text
    }

    private enum Kind { case kept, gap, dropped }

    /// Brackets and bars go one by one, so that no order of removal can put a special token together again.
    private static func kind(of scalar: Unicode.Scalar) -> Kind {
        switch scalar {
        case "<", ">", "{", "}", "|", "[", "]", "`", "\\", "#", "*", "~", "^",
            "\u{ff1c}", "\u{ff1e}", "\u{ff5b}", "\u{ff5d}", "\u{ff5c}", "\u{2581}", "\u{fe64}", "\u{fe65}":
            return .gap
        case "\t", "\n", "\r", "\u{85}": return .gap
        default: break
        }
        switch scalar.properties.generalCategory {
        case .spaceSeparator, .lineSeparator, .paragraphSeparator: return .gap
        case .control, .format, .privateUse, .surrogate, .unassigned: return .dropped
        default: return scalar.properties.isVariationSelector ? .dropped : .kept
        }
    }

    private static let speakers: Set<String> = [
        "system", "assistant", "user", "human", "developer", "tool", "function", "ai", "inst", "sys", "instruction",
        "instructions", "im_start", "im_end", "endoftext", "eot_id", "start_header_id", "end_header_id",
    ]

    /// Loses "System:" and its kind, so that no line begins as a message does.
    private static func withoutSpeakers(_ line: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var out: [Unicode.Scalar] = []
        for word in line.split(separator: " ") {
            var name = ""
            for scalar in word {
                name.unicodeScalars.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
            }
            let isMarked = name.hasSuffix(":") || name.hasSuffix("\u{ff1a}")
            if isMarked { name.unicodeScalars.removeLast() }
            if name.hasPrefix("/") { name.unicodeScalars.removeFirst() }
            if name.isEmpty { continue }
            if speakers.contains(name), isMarked || name.contains("_") || name == "inst" || name == "endoftext" {
                continue
            }
            if !out.isEmpty { out.append(" ") }
            out.append(contentsOf: word)
        }
        return out
    }
}
