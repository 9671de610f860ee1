/// The price for one shopper: exposure, promise and order key in one. Immutable; expires.
public struct Quote: Sendable, Equatable, Named {
    public static let identifierPrefix: StaticString = "quo"

    /// Why this price.
    public enum Reason: String, Sendable {
        /// Assigned just now.
        case split
        /// Assigned before.
        case sticky
        case noExperiment = "no_experiment"
        /// Outside the audience, the coverage or the ramp.
        case notInAudience = "not_in_audience"
        case holdout
        /// The experiment is paused and this shopper has no price of it yet.
        case pausedIntake = "paused_intake"
        /// The shopper's place in the layer belongs to another experiment.
        case layerTaken = "layer_taken"
        /// The tenant's uses of this month are used up: nobody new is assigned, and the list price is told.
        case usageLimit = "usage_limit"
        /// The store is out of reach; the list price is told.
        case fallback
    }

    public enum State: String, Sendable {
        /// Computed for a caller, not yet told to the shopper.
        case evaluated
        case quoted
        /// An order was placed on it.
        case accepted
        case expired
    }

    public let id: QuoteID
    /// The shopper as the caller named it; nil when read back later (only a hash is kept).
    public let shopper: TenantKey?
    public let product: TenantKey
    public let price: Money
    public let listPrice: Money
    /// The experiment this price belongs to, or that was considered.
    public let experiment: ExperimentID?
    /// The name of the variant told; nil for the list price.
    public let variant: String?
    public let reason: Reason
    public let state: State
    public let issuedAt: Timestamp
    public let expiresAt: Timestamp
    /// The most items the price holds for.
    public let maximumQuantity: Int64
    /// The sealed content, URL-safe.
    public let token: String
    /// What has to be shown where the price is shown; nil where nothing has to.
    public let disclosure: PriceDisclosure?

    /// The most items any quote holds for.
    public static let largestQuantity: Int64 = 100_000
}

/// `quo_…`: its first 48 bits are the time of issue, its last 62 the offer's tail.
public typealias QuoteID = Identifier<Quote>

extension Identifier where Entity == Quote {
    /// The identifier of an offer's quote in a window.
    public init(tail: UInt64, issuedAt: Timestamp) {
        let millisecond = UInt64(clamping: issuedAt.milliseconds) & 0xffff_ffff_ffff
        self.init(bits: Bits128(high: millisecond << 16 | 0x7000, low: 0x8000_0000_0000_0000 | tail & Self.tailMask))
    }

    /// The tail of the offer it is a quote of; nil when no quote of ours could have this identifier.
    public var tail: UInt64? {
        guard bits.high & 0xffff == 0x7000, bits.low >> 62 == 2 else { return nil }
        return bits.low & Self.tailMask
    }

    public var issuedAt: Timestamp { createdAt }

    private static var tailMask: UInt64 { 0x3fff_ffff_ffff_ffff }
}
