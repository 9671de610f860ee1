internal import Experiments

/// What has to stand beside amounts: that a price was set for the shopper, and what becomes of tax.
///
/// A note is a line of its own after the line that tells the amount, as a slot whose text is kept with the message: so
/// whoever reads the message again finds it where it was told.
extension Turn {
    private struct Note {
        /// Of a fact.
        let key: String
        let text: String

        var slot: String { "{{fact:\(key)}}" }
    }

    /// The draft with every note that is due in it. One that has them stays as it is.
    ///
    /// - Parameter facts: take the notes' texts.
    func noted(_ draft: String, _ facts: inout Facts) -> String {
        let lines = draft.split(separator: "\n", omittingEmptySubsequences: false)
        var out: [String] = []
        for (index, line) in lines.enumerated() {
            out.append(String(line))
            let there = lines[(index + 1)...].prefix { Self.noteKinds.contains(where: $0.hasPrefix) }
            for note in notes(beside: String(line)) {
                facts.texts[note.key] = note.text
                if !there.contains(where: { $0 == note.slot }) { out.append(note.slot) }
            }
        }
        return out.joined(separator: "\n")
    }

    private static let noteKinds = ["{{fact:disclosure.", "{{fact:tax."]

    /// In the order of reading, each once.
    private func notes(beside line: String) -> [Note] {
        var disclosures: [PriceDisclosure] = []
        var tax: Note?
        for case .slot(let slot) in DraftPiece.pieces(of: line) {
            switch slot {
            case .price(let id):
                guard let quote = QuoteID(id).flatMap({ quotes[$0] }) else { continue }
                if let due = quote.disclosure { disclosures.append(due) }
                tax = tax ?? isTaxIncluded.map { taxNote(isIncluded: $0) }
            case .total(let id):
                guard let id = CheckoutID(id) else { continue }
                disclosures += disclosed[id] ?? []
                if isTaxIncluded != nil { tax = taxNote(isIncluded: true) }
            case .fact: continue
            }
        }
        var notes: [Note] = []
        for due in disclosures {
            let note = Note(key: "disclosure.\(due.jurisdiction).\(due.basis.rawValue)", text: due.text)
            if !notes.contains(where: { $0.key == note.key }) { notes.append(note) }
        }
        return notes + (tax.map { [$0] } ?? [])
    }

    /// What is said of how prices come about. A fact, like all that is told whole and never by a model.
    var pricingText: String {
        switch stored.conversation.language {
        case .english:
            "While this shop tests prices, they may differ between shoppers. Yours stays the same as long as a test runs."
        case .german:
            "Solange dieser Shop Preise testet, können sie von Kunde zu Kunde verschieden sein. Ihrer bleibt gleich, "
                + "solange ein Test läuft."
        case .spanish:
            "Mientras esta tienda prueba precios, pueden variar de un cliente a otro. El suyo no cambia mientras dura una "
                + "prueba."
        case .french:
            "Pendant que cette boutique teste des prix, ils peuvent varier d'un client à l'autre. Le vôtre ne change pas "
                + "tant que dure un test."
        }
    }

    func currencyText(_ currency: Currency) -> String {
        switch stored.conversation.language {
        case .english: "This shop sells in \(currency.code); I can tell no price in another currency."
        case .german: "Dieser Shop verkauft in \(currency.code); in einer anderen Währung kann ich keinen Preis nennen."
        case .spanish: "Esta tienda vende en \(currency.code); no puedo decir el precio en otra moneda."
        case .french: "Cette boutique vend en \(currency.code) ; je ne peux pas dire le prix dans une autre devise."
        }
    }

    private func taxNote(isIncluded: Bool) -> Note {
        let texts =
            switch stored.conversation.language {
            case .english: ("Tax is included.", "Tax is added at the checkout.")
            case .german: ("Die Steuer ist enthalten.", "Die Steuer kommt an der Kasse hinzu.")
            case .spanish: ("El impuesto está incluido.", "El impuesto se añade al pagar.")
            case .french: ("La taxe est comprise.", "La taxe s’ajoute au paiement.")
            }
        return isIncluded ? Note(key: "tax.included", text: texts.0) : Note(key: "tax.added", text: texts.1)
    }
}
