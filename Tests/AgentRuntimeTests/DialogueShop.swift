import Experiments
import Testing

@testable import AgentRuntime

/// A shop that does at once what a conversation asks for, and notes what it was asked.
struct DialogueShop {
    static let titles = ["Travel mug", "Stoneware mug", "Coffee beans, 1 kg", "Cup for tea", "Tea pot"]

    var conversation = Conversation(language: .english, languages: Language.allCases)
    let products: [Conversation.Shown]
    /// What was said last, and everything looked for.
    var last: Line?
    var searches: [[String]] = []
    var checkouts: [(quote: QuoteID, quantity: Int64, askedBefore: Line?)] = []
    /// As they stand, by their place in `checkouts`.
    var standings: [CheckoutStanding] = []

    init() throws {
        products = try Self.titles.enumerated().map { index, title in
            Conversation.Shown(sku: try #require(TenantKey("sku-\(index)")), title: title)
        }
    }

    /// Topic, and of a question to confirm what it is about.
    mutating func hear(_ text: String) -> String {
        let before = last
        var waiting = conversation.received(Understanding(of: text))
        while !waiting.isEmpty {
            switch waiting.removeFirst() {
            case .say(let line): last = line
            case .handOff: break
            case .search(let words, let skipped):
                searches.append(words)
                let found = products.filter { product in
                    if words.isEmpty { return true }
                    let title = SaidWords(product.title).list
                    return words.contains { word in title.contains { word.hasPrefix($0) } }
                }
                waiting += conversation.received(.found(Array(found.dropFirst(skipped).prefix(3))))
            case .quote(let skus, _):
                waiting += conversation.received(.quoted(products.filter { skus.contains($0.sku) }.map(quoted)))
            case .openCheckout(let quote, let quantity):
                checkouts.append((quote, quantity, before))
                standings.append(.open)
                waiting += conversation.received(
                    .opened(CheckoutID(bits: Bits128(high: 1, low: UInt64(checkouts.count)))))
            case .readCheckout(let id): waiting += conversation.received(.checkout(id, standings[place(of: id)]))
            case .cancelCheckout(let id, let replacement):
                let standing = standings[place(of: id)]
                if standing == .open { standings[place(of: id)] = .over }
                waiting += conversation.received(
                    standing == .open || standing == .over ? .canceled(id, for: replacement) : .kept(id, standing))
            }
        }
        guard let last else { return "" }
        let topics = (last.preludes + [last.topic]).map(\.rawValue).joined(separator: " ")
        guard last.topic == .confirm || last.topic == .each, let product = last.products.first else { return topics }
        return "\(topics) \(last.quantity) x \(product.product.title)"
    }

    private func place(of checkout: CheckoutID) -> Int { Int(checkout.bits.low) - 1 }

    private func quoted(_ product: Conversation.Shown) -> ActionOutcome.Quoted {
        let tail = UInt64(products.firstIndex(of: product) ?? 0) + 1
        return ActionOutcome.Quoted(
            product: product, quote: QuoteID(tail: tail, issuedAt: Timestamp(milliseconds: 1_790_000_000_000)))
    }

    /// One that has offered both mugs.
    static func offering() throws -> DialogueShop {
        var shop = try DialogueShop()
        #expect(shop.hear("mug") == "offer")
        #expect(shop.conversation.shown.map(\.title) == ["Travel mug", "Stoneware mug"])
        return shop
    }

    /// One that has asked whether to prepare two travel mugs.
    static func confirming() throws -> DialogueShop {
        var shop = try offering()
        #expect(shop.hear("the travel mug") == "price")
        #expect(shop.hear("I take two") == "confirm 2 x Travel mug")
        return shop
    }

    /// One whose checkout of two travel mugs waits to be paid.
    static func paying() throws -> DialogueShop {
        var shop = try confirming()
        #expect(shop.hear("yes") == "checkout")
        return shop
    }
}
