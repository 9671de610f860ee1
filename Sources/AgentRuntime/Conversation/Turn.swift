internal import Experiments

/// A turn while it is made: what was read, what was learned, what is said.
struct Turn {
    /// As it was read.
    let begun: StoredConversation
    var stored: StoredConversation
    let shopper: ChatShopper
    let snapshot: TenantSnapshot
    let now: Timestamp
    private(set) var added: [StoredMessage] = []
    /// Live quotes of this turn.
    var quotes: [QuoteID: Quote] = [:]
    var products: [TenantKey: Product] = [:]
    var totals: [CheckoutID: Money] = [:]
    /// The checkout that this turn made, and one that it found or had ended.
    var opened: CheckoutID?
    var closed: CheckoutID?
    /// What has to stand beside a checkout's total.
    var disclosed: [CheckoutID: [PriceDisclosure]] = [:]
    /// Whether prices hold tax, or it is added at the checkout; nil where there is none.
    var isTaxIncluded: Bool?
    var isDegraded = false
    /// What a model had to do with the message that is said next.
    var trace: ModelTrace?
    /// Whether its words are a model's, which may copy facts without a slot.
    var isWordedByModel = false
    /// What a model said before the message that is said next, and as a part of it.
    var spoken: Spoken?

    /// Words that were told already, with what was told in them.
    struct Spoken {
        let draft: String
        let texts: [String: String]
        let products: [ActionOutcome.Quoted]
    }

    init(_ stored: StoredConversation, _ shopper: ChatShopper, _ snapshot: TenantSnapshot, at now: Timestamp) {
        begun = stored
        self.stored = stored
        self.shopper = shopper
        self.snapshot = snapshot
        self.now = now
    }

    var state: Conversation.State { stored.conversation.state }

    var answer: ConversationAnswer {
        ConversationAnswer(id: stored.id, conversation: stored.conversation, added: added)
    }

    mutating func add(_ message: ChatMessage) {
        var message = message
        if message.role == .agent {
            message.model = trace
            message.closed = closed
            trace = nil
            closed = nil
        }
        added.append(StoredMessage(message, number: begun.messages + added.count + 1, of: stored.id))
    }

    /// All amounts that may be told in this turn, and the texts of a line.
    func facts(for line: Line) -> Facts {
        var facts = amounts
        let settings = snapshot.tenant.agent
        facts.texts["agent.name"] = settings.name
        facts.texts["agent.contact"] = settings.operatorContact.map { " " + $0 } ?? ""
        facts.texts["agent.disclosure"] = settings.disclosure ?? ""
        facts.texts["shop.pricing"] = pricingText
        facts.texts["shop.currency"] = line.products.first.flatMap { quotes[$0.quote] }
            .map { currencyText($0.price.currency) }
        if let policy = policy(of: line) { facts.texts["agent.policy"] = policy }
        if let first = line.products.first {
            facts.texts["cart.line"] = "\(line.quantity) x \(first.product.title)"
        }
        for (index, quoted) in line.products.enumerated() {
            let product = products[quoted.product.sku]
            // Cleaned when it was found.
            facts.texts["p\(index + 1).title"] = quoted.product.title
            facts.texts["p\(index + 1).description"] = ToldText.description(product?.description ?? "")
        }
        return facts
    }

    /// What the shop says of the matter of a line, in the conversation's language; nil where it says nothing.
    func policy(of line: Line) -> String? {
        guard line.topic == .service || line.topic == .policy, let policy = line.policy else { return nil }
        return snapshot.tenant.agent.text(of: policy, in: stored.conversation.language.rawValue)
    }

    var amounts: Facts {
        var facts = Facts(language: stored.conversation.language)
        for (id, quote) in quotes {
            facts.prices[id.description] = PriceFact(
                quote: id.description, money: quote.price, expiresAt: quote.expiresAt)
        }
        for (id, total) in totals { facts.totals[id.description] = total }
        return facts
    }

    func card(_ quoted: ActionOutcome.Quoted) -> ChatMessage.Card? {
        guard let quote = quotes[quoted.quote] else { return nil }
        return ChatMessage.Card(
            sku: quoted.product.sku, title: quoted.product.title, quote: quote.id, price: quote.price,
            issuedAt: quote.issuedAt, expiresAt: quote.expiresAt,
            display: quote.price.text(in: stored.conversation.language), disclosure: quote.disclosure)
    }
}
