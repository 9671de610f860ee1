/// What a model may decide when the talk is of money. It chooses; the words come from templates, the amounts from facts.
/// Nothing in here can carry an amount or a sentence.
public enum TypedTurn: Sendable, Equatable {
    /// Tell the shopper the price of these products, by product id; one to `mostProducts`.
    case quote(products: [String])
    /// The shopper wants another price: there is none.
    case declineNegotiation(Reason)
    /// Something must be known first.
    case ask(Question)

    /// What the shopper asked for that cannot be had.
    public enum Reason: String, Sendable, Codable, CaseIterable {
        case discount
        case priceMatch = "price_match"
        case coupon
        case bulk
        case other
    }

    /// What has to be known before a price can be told.
    public enum Question: String, Sendable, Codable, CaseIterable {
        case product
        case size
        case color
        case quantity
        case destination
        case other
    }

    /// The most products that one turn quotes.
    public static let mostProducts = 5
}

extension TypedTurn: Codable {
    private enum Key: String, CodingKey, CaseIterable {
        case turn, products, reason, question
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private enum Turn: String, Codable {
        case quote
        case declineNegotiation = "decline_negotiation"
        case ask
    }

    /// Strict: `{"turn":"quote","products":["p1"]}`, `{"turn":"decline_negotiation","reason":"discount"}`,
    /// `{"turn":"ask","question":"size"}`, and not one field more.
    ///
    /// Throws: `DecodingError` for any other field, an id that is empty or longer than 128 bytes, a product named twice,
    /// or too many products.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let keys = Set(try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue))
        func only(_ key: Key) throws {
            guard keys == [Key.turn.rawValue, key.rawValue] else {
                throw DecodingError.dataCorruptedError(
                    forKey: .turn, in: container, debugDescription: "A turn has its own field and no other.")
            }
        }
        switch try container.decode(Turn.self, forKey: .turn) {
        case .quote:
            try only(.products)
            let products = try container.decode([String].self, forKey: .products)
            guard (1...Self.mostProducts).contains(products.count), Set(products).count == products.count,
                products.allSatisfy({ (1...128).contains($0.utf8.count) })
            else {
                throw DecodingError.dataCorruptedError(
                    forKey: .products, in: container, debugDescription: "One to five product ids, each once.")
            }
            self = .quote(products: products)
        case .declineNegotiation:
            try only(.reason)
            self = .declineNegotiation(try container.decode(Reason.self, forKey: .reason))
        case .ask:
            try only(.question)
            self = .ask(try container.decode(Question.self, forKey: .question))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .quote(let products):
            try container.encode(Turn.quote, forKey: .turn)
            try container.encode(products, forKey: .products)
        case .declineNegotiation(let reason):
            try container.encode(Turn.declineNegotiation, forKey: .turn)
            try container.encode(reason, forKey: .reason)
        case .ask(let question):
            try container.encode(Turn.ask, forKey: .turn)
            try container.encode(question, forKey: .question)
        }
    }
}
