public import Experiments

/// A chat with one shopper, as a value that decides: it is told what was said and what came of its actions, and says what
/// to do next. It asks nobody, waits for nothing and knows no amount.
///
/// It can become handed off from anywhere; the other ways stand at the states.
public struct Conversation: Sendable, Equatable, Codable {
    public enum State: String, Sendable, Codable, CaseIterable {
        /// Nothing was said but hello. Can transition to: asking, offering, quoting, confirming.
        case greeting
        /// The shopper was asked what it looks for. Can transition to: offering, quoting, confirming.
        case asking
        /// Products were shown with their prices. Can transition to: asking, offering, quoting, confirming.
        case offering
        /// One product is spoken of, its price told. Can transition to: asking, offering, quoting, confirming.
        case quoting
        /// The shopper was asked whether to prepare the checkout. Can transition to: every state before, and paying.
        case confirming
        /// A checkout waits for the shopper's own act, and nothing else was spoken of since. Can transition to: asking,
        /// offering, quoting, confirming, done.
        case paying
        /// It was paid. Can transition to: asking, offering, quoting, confirming.
        case done
        /// A person answers. Can transition to: asking, when that person gives it back.
        case handedOff = "handed_off"
    }

    /// A product that was shown.
    public struct Shown: Sendable, Equatable, Codable {
        public let sku: TenantKey
        public let title: String

        public init(sku: TenantKey, title: String) {
            self.sku = sku
            self.title = title
        }
    }

    /// What the shopper was asked to confirm: this many of this, at the price of this offer.
    struct Proposal: Equatable, Codable {
        let sku: TenantKey
        let quantity: Int64
        /// Names the offer, and with it the price: quotes of other windows have the same.
        let tail: UInt64
    }

    /// What is said once the price that was asked for is known.
    enum Awaited: Equatable, Codable {
        case offer
        case focus(Line.Topic)
        case confirmation
        case checkout
        case compare
        case negotiation
    }

    public internal(set) var state = State.greeting
    public internal(set) var language: Language
    /// The languages it may answer in.
    public let languages: [Language]
    /// Shown last, best first.
    public internal(set) var shown: [Shown] = []
    /// What is spoken of.
    public internal(set) var focus: Shown?
    public internal(set) var quantity: Int64 = 1
    /// The last checkout made here.
    public internal(set) var checkout: CheckoutID?
    /// Whether that one ended unpaid, as far as is known here; nil for no.
    var isOver: Bool?
    /// The last one that was paid, and so the order of this chat.
    var paid: CheckoutID?
    var proposal: Proposal?
    /// What was looked for last, and how many of what was found were shown.
    var query: [String] = []
    var passed = 0
    /// Whether what was found was only near to what was looked for; nil for no.
    var areNear: Bool?
    var misunderstandings = 0
    /// The arms whose prices were told here, and whether a model was asked: for what it costs. Nil where there is none.
    var arms: [ModelArm]?
    var hasAskedModel: Bool?
    /// What was said last; a yes answers it.
    var asked: Line.Topic?
    /// Pieces that were asked for before it was clear of what.
    var wanted: Int64?
    /// Products that were asked for together, each with its number of pieces, and not bought yet; nil for none.
    var wishes: [Wish]?
    /// Within a turn: whether several products were asked for, which are sold one at a time.
    var isOneOfSeveral: Bool?
    /// Within a turn: what the next outcome is for, and the message it began with.
    var awaited: Awaited?
    var message: Understanding?

    /// Products that are shown at once.
    public static let mostShown = 3
    /// Pieces that one checkout of a chat holds.
    public static let mostPieces: Int64 = 999
    /// Messages in a row that were not understood before a person is offered.
    static let patience = 3

    /// The checkout that may still be paid, as far as is known here. There is never another: before anything else is
    /// proposed it is cancelled.
    var due: CheckoutID? { checkout == paid || isOver == true ? nil : checkout }

    /// - Parameter languages: those it may answer in, at least one; the first is used where another is not known.
    public init(language: Language, languages: [Language]) {
        precondition(!languages.isEmpty, "an agent speaks a language")
        self.languages = languages
        self.language = languages.contains(language) ? language : languages[0]
    }
}

/// What is to be done for a conversation.
public enum Action: Sendable, Equatable {
    /// Answered by `found`. Without words, what there is at all.
    case search([String], skipping: Int)
    /// Prices of products for this shopper, to be told in this turn. Answered by `quoted`.
    case quote([TenantKey], quantity: Int64)
    /// Only ever what was confirmed. Answered by `opened` or `refused`.
    case openCheckout(QuoteID, quantity: Int64)
    /// Answered by `checkout`, or `refused`.
    case readCheckout(CheckoutID)
    /// Has a checkout never be paid: because the shopper does not want it, or because something else takes its place.
    /// Answered by `canceled`, `kept` or `refused`.
    case cancelCheckout(CheckoutID, for: ActionOutcome.Quoted?)
    case handOff
    case say(Line)
}

/// What came of an action.
public enum ActionOutcome: Sendable, Equatable {
    /// Best first.
    case found([Conversation.Shown], areNear: Bool = false)
    /// In the order asked; what is not sold any more is left out.
    case quoted([Quoted])
    case opened(CheckoutID)
    case checkout(CheckoutID, CheckoutStanding)
    /// It cannot be paid any more; with what takes its place.
    case canceled(CheckoutID, for: Quoted?)
    /// It could not be cancelled: it is paid, or is being paid.
    case kept(CheckoutID, CheckoutStanding)
    /// It cannot be done.
    case refused

    /// A product with its live quote.
    public struct Quoted: Sendable, Equatable {
        public let product: Conversation.Shown
        public let quote: QuoteID

        public init(product: Conversation.Shown, quote: QuoteID) {
            self.product = product
            self.quote = quote
        }
    }
}

/// How a checkout stands.
public enum CheckoutStanding: Sendable, Equatable, CaseIterable {
    /// It waits for the shopper's own act.
    case open
    /// The shopper acted, and what became of it is not known yet.
    case paying
    /// It was paid, and is an order.
    case paid
    /// It was paid, and of that a part, or all, was paid back or is on its way.
    case partlyRefunded, refunded
    /// It ended unpaid.
    case over

    var isPaid: Bool { self == .paid || self == .partlyRefunded || self == .refunded }
}

/// Something to say: what about, and of what. The words come from the phrasebook, the amounts from facts.
public struct Line: Sendable, Equatable, Codable {
    public enum Topic: String, Sendable, Codable, CaseIterable {
        case greeting, ask, offer, near, more, nothingFound, noMore, price, details, compare, confirm, changed, checkout
        case unpaid, paid, over, noOrder, negotiation, negotiationNothing, which, cancelled, handedOff, offerPerson
        case thanks, bye, unclear, unavailable, checkoutRefused, howMany, service, automatic
        /// What the shop says of a matter, and that a person can say more.
        case policy
        /// Said before a question to confirm: the checkout of before is cancelled for it.
        case replaced
        /// Said before what is shown or asked: several products were asked for, and are sold one at a time.
        case oneAtATime
        /// The price of one piece, where what all come to was asked: totals are told by checkouts alone.
        case each
        /// The price, and in which currency the shop sells.
        case currency
        /// That the shop may test prices, with the price that is spoken of and with none.
        case whyPrice, whyPriceNothing
        /// A checkout that waited is cancelled, and nothing takes its place.
        case checkoutCancelled
        /// It cannot be cancelled: it is being paid, or was.
        case underway, tooLate
        /// How the order of this chat stands.
        case placed, partlyRefunded, refunded

        /// Whether a yes to it asks for a person.
        var offersPerson: Bool {
            switch self {
            case .offerPerson, .noOrder, .service, .automatic, .policy, .tooLate, .placed, .partlyRefunded, .refunded:
                true
            default: false
            }
        }

        /// Whether a yes to it opens a checkout.
        var asksToConfirm: Bool { self == .confirm || self == .changed }

        /// Whether it goes on with what was asked for, so that something may be said before it.
        var goesOn: Bool { asksToConfirm || self == .offer || self == .near || self == .price }

        /// Whether it speaks of a checkout that waits, so that a no to it is a no to that.
        var isOfCheckout: Bool { self == .checkout || self == .unpaid || self == .underway }

        /// Whether it asks for words, so that a yes answers nothing of it.
        var asksForWords: Bool {
            switch self {
            case .greeting, .ask, .nothingFound, .noMore, .negotiationNothing, .cancelled, .checkoutCancelled, .thanks,
                .bye,
                .unclear:
                true
            default: false
            }
        }
    }

    public var topic: Topic
    /// What is said before it, in this order.
    public var preludes: [Topic] = []
    /// Those it tells prices of, each with the quote it tells.
    public var products: [ActionOutcome.Quoted] = []
    public var quantity: Int64 = 1
    public var checkout: CheckoutID?
    /// The matter that was asked about, where the shop may have words of its own for it.
    public var policy: AgentSettings.Policy?

    public init(
        _ topic: Topic, products: [ActionOutcome.Quoted] = [], quantity: Int64 = 1, checkout: CheckoutID? = nil,
        policy: AgentSettings.Policy? = nil
    ) {
        self.policy = policy
        self.topic = topic
        self.products = products
        self.quantity = quantity
        self.checkout = checkout
    }
}

extension ActionOutcome.Quoted: Codable {}
