/// What happened, as a tenant tells it.
public enum EventType: Sendable, Hashable {
    /// A price was told to the shopper.
    case exposure
    /// The shopper bought.
    case conversion
    /// Money went back; nets the order it names.
    case refund
    /// The shopper began to pay: a step between exposure and conversion, which the funnel shows.
    case checkout
    /// The tenant's own; kept, not counted.
    case custom(String)

    /// What it is counted as; nil for what is not counted as something a shopper did.
    public var outcome: OutcomeEvent.Kind? {
        switch self {
        case .conversion: .conversion
        case .refund: .refund
        case .checkout: .checkout
        case .exposure, .custom: nil
        }
    }

    public var name: String {
        switch self {
        case .exposure: "exposure"
        case .conversion: "conversion"
        case .refund: "refund"
        case .checkout: "checkout"
        case .custom(let name): name
        }
    }

    /// Nil unless the name has 1 to 64 letters, digits, `_`, `-`, `.` or `:`.
    public init?(_ name: String) {
        switch name {
        case "exposure": self = .exposure
        case "conversion": self = .conversion
        case "refund": self = .refund
        case "checkout": self = .checkout
        default:
            let allowed = name.utf8.allSatisfy {
                ($0 | 0x20 >= 97 && $0 | 0x20 <= 122) || (48...57).contains($0) || "_-.:".utf8.contains($0)
            }
            guard allowed, (1...64).contains(name.utf8.count) else { return nil }
            self = .custom(name)
        }
    }
}

/// An event that can be counted: valid in itself. Whether what it names exists is for the store to say.
public struct Event: Sendable, Equatable {
    /// 128 bits of the SHA-256 of the tenant's event id.
    public let id: Bits128
    public let type: EventType
    public let subject: Subject
    public let timestamp: Timestamp
    public let quote: QuoteID?
    public let product: TenantKey?
    public let experiment: ExperimentID?
    /// At least 1.
    public let quantity: Int64
    /// What was paid, or for a refund what was paid back (below 0 for one that is undone: then nothing was); nil for the
    /// price told times the quantity.
    public let revenue: Money?
    public let order: TenantKey?
    /// JSON text, kept as it came.
    public let properties: [UInt8]

    public init(
        id: Bits128, type: EventType, subject: Subject, timestamp: Timestamp, quote: QuoteID? = nil,
        product: TenantKey? = nil, experiment: ExperimentID? = nil, quantity: Int64 = 1, revenue: Money? = nil,
        order: TenantKey? = nil, properties: [UInt8] = []
    ) {
        self.id = id
        self.type = type
        self.subject = subject
        self.timestamp = timestamp
        self.quote = quote
        self.product = product
        self.experiment = experiment
        self.quantity = quantity
        self.revenue = revenue
        self.order = order
        self.properties = properties
    }
}

/// Why an event was not taken.
public struct EventRejection: Error, Sendable, Equatable {
    public enum Code: String, Sendable {
        /// Something in the event itself is wrong.
        case invalid
        /// More than 7 days old or more than 10 minutes ahead.
        case timestampOutOfRange = "timestamp_out_of_range"
        case quoteNotFound = "quote_not_found"
        /// The quote is another shopper's, or of another product or experiment than the event says.
        case quoteMismatch = "quote_mismatch"
        case productNotFound = "product_not_found"
        case experimentNotFound = "experiment_not_found"
        /// An exposure to a price that this shopper was never assigned and would not be now.
        case notAssigned = "not_assigned"
        case currencyMismatch = "currency_mismatch"
        /// The shopper has more conversions and refunds, or checkouts, than a person could: probably many under one id.
        case tooManyOutcomes = "too_many_outcomes"
    }

    public let code: Code
    public let detail: String

    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}

extension EventRejection {
    /// For one more of a shopper who has `Event.mostOutcomes`.
    public static var tooManyOutcomes: EventRejection {
        EventRejection(
            .tooManyOutcomes,
            "This shopper has \(Event.mostOutcomes) conversions and refunds already; give each shopper an id of its own."
        )
    }

    /// For a shopper whom no experiment has, or would take.
    public static var assignedNothing: EventRejection {
        EventRejection(
            .notAssigned, "This shopper was told no price of an experiment here, and would be told none.")
    }

    /// For a shopper whom an experiment would take if the tenant's use of the month were not at its limit.
    public static var overUsageLimit: EventRejection {
        EventRejection(
            .notAssigned,
            "This shopper was told no price of an experiment here, and is told none: this month's limit of use is reached."
        )
    }

    /// For one more of a shopper who has `Event.mostCheckouts`.
    public static var tooManyCheckouts: EventRejection {
        EventRejection(
            .tooManyOutcomes,
            "This shopper began \(Event.mostCheckouts) checkouts already; give each shopper an id of its own.")
    }
}

/// An event as it came: the right types, nothing else promised.
public struct EventDraft: Sendable {
    public var id: String?
    public var type: String?
    public var shopper: String?
    public var timestamp: Timestamp?
    public var quote: String?
    public var product: String?
    public var experiment: String?
    public var quantity: Int64?
    public var revenue: Money?
    public var order: String?
    public var properties: [UInt8] = []
    /// What the reader already found wrong; the first fault speaks for the event.
    public var fault: String?

    public init() {}
}

/// One place of a batch on its way to the store.
public enum IncomingEvent: Sendable {
    /// `unitCost` is what one item of the named product costs now, frozen with the event; `proposals` are, for
    /// exposures, what each experiment would do with a shopper it does not know yet.
    case event(Event, unitCost: Int64?, proposals: [Candidate])
    /// Not acceptable; still a duplicate if its id is known. The id is nil when it could not be read.
    case rejected(id: Bits128?, EventRejection)
}

/// What became of one event of a batch.
public enum EventOutcome: Sendable, Equatable {
    case accepted
    case duplicate
    case rejected(EventRejection)
}

extension Event {
    /// How far a timestamp may lie in the past: 7 days.
    public static let oldest: Int64 = 7 * 86_400 * 1000
    /// And in the future: 10 minutes.
    public static let newest: Int64 = 10 * 60 * 1000

    /// The most conversions and refunds one shopper may have.
    public static let mostOutcomes = 2000

    /// The most checkouts one shopper may have begun: beside the conversions and refunds, so that whoever begins many can
    /// still buy.
    public static let mostCheckouts = 200

    /// Why it cannot be one more of a shopper's outcomes; nil when it can, or is none.
    public func refusal(beside known: [OutcomeEvent]) -> EventRejection? {
        guard let kind = type.outcome, known.count >= min(Self.mostCheckouts, Self.mostOutcomes) else { return nil }
        let checkouts = known.count { $0.kind == .checkout }
        if kind == .checkout { return checkouts >= Self.mostCheckouts ? .tooManyCheckouts : nil }
        return known.count - checkouts >= Self.mostOutcomes ? .tooManyOutcomes : nil
    }

    /// The largest `properties` of one event, in bytes of JSON.
    public static let largestProperties = 16_384

    /// Checks a draft by itself.
    ///
    /// - Parameters:
    ///   - id: the hash of the draft's id, already read.
    ///   - subject: hashes the shopper's id.
    init(
        validating draft: EventDraft, id: Bits128, subject: (TenantKey) -> Subject, at now: Timestamp
    ) throws(EventRejection) {
        func invalid(_ detail: String) -> EventRejection { EventRejection(.invalid, detail) }
        func key(_ text: String?, _ name: String) throws(EventRejection) -> TenantKey? {
            guard let text else { return nil }
            guard let key = TenantKey(text) else {
                throw invalid("`\(name)` has 1 to 256 bytes and no control characters.")
            }
            return key
        }
        if let fault = draft.fault { throw invalid(fault) }
        guard let typeName = draft.type, let type = EventType(typeName) else {
            throw invalid(
                "`type` is exposure, checkout, conversion, refund or 1 to 64 letters, digits and _-.: of your own.")
        }
        guard let shopper = try key(draft.shopper, "shopper") else { throw invalid("`shopper` is missing.") }
        guard let timestamp = draft.timestamp else { throw invalid("`timestamp` is missing.") }
        guard timestamp.milliseconds >= now.milliseconds - Self.oldest,
            timestamp.milliseconds <= now.milliseconds + Self.newest
        else {
            throw EventRejection(
                .timestampOutOfRange, "`timestamp` lies more than 7 days back or 10 minutes ahead of \(now).")
        }
        var quote: QuoteID?
        if let text = draft.quote {
            guard let id = QuoteID(text), id.tail != nil else {
                throw EventRejection(.quoteNotFound, "There is no such quote.")
            }
            quote = id
        }
        var experiment: ExperimentID?
        if let text = draft.experiment {
            guard let id = ExperimentID(text) else {
                throw EventRejection(.experimentNotFound, "There is no such experiment.")
            }
            experiment = id
        }
        let product = try key(draft.product, "product")
        let order = try key(draft.order, "order")
        let quantity = draft.quantity ?? 1
        guard (1...Quote.largestQuantity).contains(quantity) else {
            throw invalid("`quantity` is from 1 to \(Quote.largestQuantity).")
        }
        if let revenue = draft.revenue, !(0...Money.largestAmount).contains(revenue.amount) {
            throw invalid("`revenue.amount` is from 0 to \(Money.largestAmount) minor units.")
        }
        guard draft.properties.count <= Self.largestProperties else {
            throw invalid("`properties` has at most \(Self.largestProperties) bytes.")
        }
        switch type {
        case .exposure, .checkout, .conversion:
            if quote == nil, product == nil, experiment == nil {
                throw invalid("Each \(typeName) names a `quote`, a `product` or an `experiment`.")
            }
        case .refund:
            if order == nil { throw invalid("A refund names the `order` it nets.") }
            if draft.revenue == nil { throw invalid("A refund says in `revenue` how much was paid back.") }
        case .custom: break
        }
        self.init(
            id: id, type: type, subject: subject(shopper), timestamp: timestamp, quote: quote, product: product,
            experiment: experiment, quantity: quantity, revenue: draft.revenue, order: order,
            properties: draft.properties)
    }
}
