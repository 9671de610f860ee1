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
        let preludes = line.preludes.compactMap { self.wordings[$0]?.first }
        var text = (preludes + [wordings[isFormal ? 0 : turn % wordings.count]]).joined(separator: " ")
        text = text.replacing("ROWS") {
            line.products.indices.map { row in self.row.replacing("P") { "p\(row + 1)" } }.joined(separator: "\n")
        }
        for (index, product) in line.products.enumerated() {
            text = text.replacing("{{price:p\(index + 1)}}") { "{{price:\(product.quote)}}" }
        }
        if let checkout = line.checkout { text = text.replacing("{{total:c}}") { "{{total:\(checkout)}}" } }
        return text
    }
}

extension String {
    /// Every place where a text stands replaced by another, which is made once and only if there is such a place.
    ///
    /// Decided on bytes: wordings are our own, and what is looked for in them is ASCII.
    fileprivate func replacing(_ text: String, with other: () -> String) -> String {
        let (bytes, sought) = (Array(utf8), Array(text.utf8))
        guard let first = sought.first else { return self }
        var out: [UInt8] = []
        var kept = 0
        var place = 0
        var replacement: [UInt8]?
        while place + sought.count <= bytes.count {
            guard bytes[place] == first, bytes[place..<(place + sought.count)].elementsEqual(sought) else {
                place += 1
                continue
            }
            let new = replacement ?? Array(other().utf8)
            replacement = new
            out += bytes[kept..<place]
            out += new
            place += sought.count
            kept = place
        }
        return kept == 0 ? self : String(decoding: out + bytes[kept...], as: UTF8.self)
    }
}
