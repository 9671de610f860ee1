public import Experiments

/// One message as it is kept and told. Once kept it never changes.
public struct ChatMessage: Sendable, Equatable, Codable {
    public enum Role: String, Sendable, Codable, CaseIterable {
        case agent, shopper
        /// A person of the merchant's.
        case person = "operator"
    }

    /// A product that stands beside a message, with the live quote that was told with it.
    public struct Card: Sendable, Equatable, Codable {
        public let sku: TenantKey
        public let title: String
        public let quote: QuoteID
        public let price: Money
        public let issuedAt: Timestamp
        public let expiresAt: Timestamp
        /// The price as the message's language writes it; cards of before have none.
        public var display: String?
        /// What stands beside the price; nil where nothing has to.
        public var disclosure: PriceDisclosure?
    }

    public let role: Role
    /// As the shopper reads it, or as it wrote it less what was redacted.
    public let text: String
    public let at: Timestamp
    /// Of the conversation after it.
    public let state: Conversation.State
    /// Every amount in the text, with the quote or total it comes from.
    public var amounts: [ToldAmount] = []
    public var products: [Card] = []
    /// The checkout that waits for the shopper's act.
    public var checkout: CheckoutID?
    /// A checkout that can be paid no more since this was told: what stands for it to be pressed is dead.
    public var closed: CheckoutID?
    /// Whether it was told while the store was out of reach.
    public var degraded = false
    /// For proof: what was written before its slots were filled, and the texts that filled them.
    public var draft: String?
    public var facts: [String: String]?
    /// Why what was to be said first was not: then this is a safe sentence in its place.
    public var replaced: [Violation]?
    /// For proof: what a language model had to do with it; nil where none was asked.
    public var model: ModelTrace?

    public init(role: Role, text: String, at: Timestamp, state: Conversation.State) {
        self.role = role
        self.text = text
        self.at = at
        self.state = state
    }

    /// How many messages a conversation has room for.
    public static let mostInConversation = 2000
    /// Characters of what a shopper or a person writes.
    public static let longestText = 2000
}
