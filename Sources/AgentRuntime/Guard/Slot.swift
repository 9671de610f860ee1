/// A reference to a fact in a draft: `{{price:q_7f3}}`.
enum Slot: Equatable, CustomStringConvertible {
    case price(String)
    case total(String)
    case fact(String)

    /// Scalars of an id at most.
    static let longestID = 128

    /// What stands between the double braces; nil unless it is a known kind, a colon and an id.
    init?(_ inner: some StringProtocol) {
        guard let colon = inner.firstIndex(of: ":") else { return nil }
        let id = String(inner[inner.index(after: colon)...])
        guard !id.isEmpty, id.unicodeScalars.count <= Self.longestID,
            id.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0 != "{" && $0 != "}" && $0.value < 0x7f })
        else { return nil }
        switch inner[..<colon] {
        case "price": self = .price(id)
        case "total": self = .total(id)
        case "fact": self = .fact(id)
        default: return nil
        }
    }

    var description: String {
        switch self {
        case .price(let id): "{{price:\(id)}}"
        case .total(let id): "{{total:\(id)}}"
        case .fact(let id): "{{fact:\(id)}}"
        }
    }
}

/// A draft cut at its slots. Any brace outside a whole slot makes a broken piece.
enum DraftPiece: Equatable {
    case text(String)
    case slot(Slot)
    case broken(String)

    static func pieces(of draft: String) -> [DraftPiece] {
        var pieces: [DraftPiece] = []
        let scalars = draft.unicodeScalars
        var plain = scalars.startIndex
        var position = plain
        func text(until end: String.Index) {
            if plain < end { pieces.append(.text(String(scalars[plain..<end]))) }
        }
        while let brace = scalars[position...].firstIndex(where: { $0 == "{" || $0 == "}" }) {
            text(until: brace)
            if let end = slotEnd(in: scalars, from: brace),
                let inner = scalars.index(brace, offsetBy: 2, limitedBy: end),
                let close = scalars.index(end, offsetBy: -2, limitedBy: inner),
                let slot = Slot(Substring(scalars[inner..<close]))
            {
                pieces.append(.slot(slot))
                position = end
            } else {
                let end = scalars.index(brace, offsetBy: 24, limitedBy: scalars.endIndex) ?? scalars.endIndex
                pieces.append(.broken(String(scalars[brace..<end])))
                position = scalars.index(after: brace)
            }
            plain = position
        }
        text(until: scalars.endIndex)
        return pieces
    }

    /// The end of `{{…}}` that begins here, with no brace inside.
    private static func slotEnd(in scalars: String.UnicodeScalarView, from start: String.Index) -> String.Index? {
        guard scalars[start...].starts(with: "{{".unicodeScalars) else { return nil }
        let inner = scalars.index(start, offsetBy: 2)
        guard let close = scalars[inner...].prefix(Slot.longestID + 8).firstIndex(where: { $0 == "{" || $0 == "}" }),
            scalars[close...].starts(with: "}}".unicodeScalars)
        else { return nil }
        return scalars.index(close, offsetBy: 2)
    }
}
