/// The words for what an agent says: drafts with slots, without a digit or an amount of their own. Which of several
/// wordings is taken depends on the place in the conversation alone, so that the same chat reads the same.
struct Phrasebook: Sendable {
    /// Wordings by topic; the first is the plainest.
    let wordings: [Line.Topic: [String]]
    /// A product in a list: `P` stands for its place, as in `{{fact:P.title}}` and `{{price:P}}`.
    let row: String

    static func of(_ language: Language) -> Phrasebook {
        switch language {
        case .english: english
        case .german: german
        case .spanish: spanish
        case .french: french
        }
    }

    /// The draft of a line.
    ///
    /// Slots in wordings are written of the first product, `{{price:p1}}`; they come out with the quote's own name.
    ///
    /// - Parameters:
    ///   - turn: tells wordings apart.
    ///   - isFormal: whether only the plainest wording is taken.
    func draft(_ line: Line, turn: Int, isFormal: Bool) -> String {
        guard let wordings = wordings[line.topic], !wordings.isEmpty else { return "" }
        var text = wordings[isFormal ? 0 : turn % wordings.count]
        if text.contains("ROWS") {
            let rows = line.products.indices.map { row.replacing("P", with: "p\($0 + 1)") }
            text = text.replacing("ROWS", with: rows.joined(separator: "\n"))
        }
        for (index, product) in line.products.enumerated() {
            text = text.replacing("{{price:p\(index + 1)}}", with: "{{price:\(product.quote)}}")
        }
        if let checkout = line.checkout { text = text.replacing("{{total:c}}", with: "{{total:\(checkout)}}") }
        return text
    }
}

extension String {
    /// Every place where one text stands replaced by another.
    fileprivate func replacing(_ text: String, with other: String) -> String {
        var out = ""
        var rest = self[...]
        while let place = rest.firstRange(of: text) {
            out += rest[..<place.lowerBound]
            out += other
            rest = rest[place.upperBound...]
        }
        return out + rest
    }
}
