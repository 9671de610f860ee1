/// A shopper as it is stored: 128 bits of an HMAC of the tenant's own id, keyed per tenant. The id itself is never
/// written.
public typealias Subject = Bits128

/// A price told to one shopper for one product, durable before it is told.
///
/// A quote is an offer seen through a window of validity: it needs no row of its own.
public struct Offer: Sendable, Equatable {
    /// 62 bits, unique in the tenant; the low half of its quotes' identifiers.
    public var tail: UInt64
    public let subject: Subject
    public let product: TenantKey
    /// The experiment whose price this is, with the variant's index; nil for the list price.
    public let placement: Placement?
    /// In minor units of `currency`.
    public let price: Int64
    public let currency: Currency
    public let toldAt: Timestamp
    /// Whether it was told to the shopper, or only evaluated for a caller who will say so with an event.
    public var isExposed: Bool
    /// The window in which it was last accepted by an order.
    public var acceptedWindow: Timestamp?
    /// Whether it was told out of the store's reach, beside an offer that the store had: its quotes are found by their
    /// tail and honoured, the shopper goes on with the other.
    public let isRepeated: Bool

    /// Stands where an experiment is named, for the list price: what was sold at it belongs to no experiment.
    public static let noExperiment = ExperimentID(bits: Bits128(high: 0, low: 0))

    /// 2^62 − 1
    public static let largestTail: UInt64 = 0x3fff_ffff_ffff_ffff

    public struct Placement: Sendable, Hashable {
        public let experiment: ExperimentID
        public let variant: Int

        public init(experiment: ExperimentID, variant: Int) {
            self.experiment = experiment
            self.variant = variant
        }
    }

    public init(
        tail: UInt64, subject: Subject, product: TenantKey, placement: Placement?, price: Int64, currency: Currency,
        toldAt: Timestamp, isExposed: Bool, acceptedWindow: Timestamp? = nil, isRepeated: Bool = false
    ) {
        self.tail = tail
        self.subject = subject
        self.product = product
        self.placement = placement
        self.price = price
        self.currency = currency
        self.toldAt = toldAt
        self.isExposed = isExposed
        self.acceptedWindow = acceptedWindow
        self.isRepeated = isRepeated
    }

    /// Whether it promises what another does, whatever its quotes are called.
    public func isSamePrice(as other: Offer) -> Bool {
        placement == other.placement && price == other.price && currency == other.currency
    }
}

/// When quotes begin and end.
///
/// An offer's quotes follow each other in steps of half a lifetime, so that a quote just given always has at least
/// half a lifetime to be accepted in; asked again within a step the same quote is returned.
public struct QuoteWindow: Sendable, Equatable {
    /// 30 minutes.
    public static let lifetime: Int64 = 30 * 60 * 1000
    static let step = lifetime / 2
    /// How long past its expiry a quote is still honoured, for clocks that disagree: 5 seconds.
    public static let grace: Int64 = 5000

    public let issuedAt: Timestamp
    public var expiresAt: Timestamp { Timestamp(milliseconds: issuedAt.milliseconds + Self.lifetime) }

    /// The window in force now for what was first told at `toldAt`. A clock that stepped back sees the first window.
    public init(of toldAt: Timestamp, at now: Timestamp) {
        let steps = max(0, now.milliseconds - toldAt.milliseconds) / Self.step
        issuedAt = Timestamp(milliseconds: toldAt.milliseconds + steps * Self.step)
    }

    /// The window that began at `issuedAt`; nil when this offer had none that did.
    ///
    /// A clock that stepped back leaves quotes behind that seem to come from the future: they are honoured. The first
    /// window is known from the offer itself; of later ones those up to a lifetime ahead are taken.
    public init?(issuedAt: Timestamp, of toldAt: Timestamp, at now: Timestamp) {
        let since = issuedAt.milliseconds - toldAt.milliseconds
        guard since >= 0, since % Self.step == 0,
            since == 0 || issuedAt.milliseconds <= now.milliseconds + Self.lifetime
        else { return nil }
        self.issuedAt = issuedAt
    }
}
