public import Experiments

/// What may be told to one shopper in one turn. Whoever writes an answer, a template or a model, names these by slots and
/// never sees an amount: `{{price:ID}}`, `{{total:ID}}`, `{{fact:ID.KEY}}`.
public struct Facts: Sendable {
    /// The shopper's quotes, by quote id.
    public var prices: [String: PriceFact]
    /// What the shopper's checkouts come to, by checkout id.
    public var totals: [String: Money]
    /// Texts that may be copied whole, by `ID.KEY`: a product's title, its material, a policy of the shop.
    public var texts: [String: String]
    /// In which amounts are written.
    public var language: Language

    public init(
        prices: [String: PriceFact] = [:], totals: [String: Money] = [:], texts: [String: String] = [:],
        language: Language = .english
    ) {
        self.prices = prices
        self.totals = totals
        self.texts = texts
        self.language = language
    }
}

/// A price that was quoted to this shopper.
public struct PriceFact: Sendable, Equatable {
    public let quote: String
    public let money: Money
    /// From this moment on the price may not be told.
    public let expiresAt: Timestamp

    public init(quote: String, money: Money, expiresAt: Timestamp) {
        self.quote = quote
        self.money = money
        self.expiresAt = expiresAt
    }
}

/// What the shopper reads.
public struct Told: Sendable, Equatable {
    public let text: String
    /// Every amount in the text that came from a slot, in the order of reading.
    public let amounts: [ToldAmount]
    /// The texts that slots named, by `ID.KEY`.
    public let facts: [String]

    public init(text: String, amounts: [ToldAmount], facts: [String] = []) {
        self.text = text
        self.amounts = amounts
        self.facts = facts
    }
}

/// An amount that was told, and where it came from.
public struct ToldAmount: Sendable, Equatable, Codable {
    public enum Source: Sendable, Equatable, Codable {
        case quote(String)
        case total(String)
    }

    /// As it was written for the shopper: `$24.99`.
    public let text: String
    public let money: Money
    public let source: Source

    public init(text: String, money: Money, source: Source) {
        self.text = text
        self.money = money
        self.source = source
    }
}

/// Why a draft cannot be told.
public enum SlotFault: Error, Equatable {
    /// The slot names nothing of this turn.
    case unknown(String)
    /// The slot names a quote whose time is over.
    case expired(String)
    /// A brace that is not part of a whole slot.
    case malformed(String)
}

extension Facts {
    /// The draft with its slots filled. What a slot brings in is never read again, so a product's title cannot hold a
    /// slot of its own.
    ///
    /// This fills; it does not judge. What a model wrote goes through `PriceGuard` first.
    public func render(_ draft: String, at now: Timestamp) throws(SlotFault) -> Told {
        var text = ""
        var amounts: [ToldAmount] = []
        var named: [String] = []
        for piece in DraftPiece.pieces(of: draft) {
            switch piece {
            case .text(let plain): text += plain
            case .broken(let part): throw .malformed(part)
            case .slot(let slot):
                switch slot {
                case .price(let id):
                    guard let fact = prices[id] else { throw .unknown(slot.description) }
                    guard now < fact.expiresAt else { throw .expired(slot.description) }
                    let written = fact.money.text(in: language)
                    amounts.append(ToldAmount(text: written, money: fact.money, source: .quote(fact.quote)))
                    text += written
                case .total(let id):
                    guard let money = totals[id] else { throw .unknown(slot.description) }
                    let written = money.text(in: language)
                    amounts.append(ToldAmount(text: written, money: money, source: .total(id)))
                    text += written
                case .fact(let id):
                    guard let fact = texts[id] else { throw .unknown(slot.description) }
                    text += fact
                    named.append(id)
                }
            }
        }
        return Told(text: text, amounts: amounts, facts: named)
    }
}
