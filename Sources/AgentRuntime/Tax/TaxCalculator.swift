public import Experiments

/// Who says what tax is due: the hook for a service that knows every rate of every town.
///
/// It is asked once, when a checkout is made; what it said then is charged, whatever it says later.
public protocol TaxCalculator: Sendable {
    /// Whether prices hold the tax (true), or it comes on top; nil where a tenant's sales bear none. What is said of
    /// prices before there is a checkout.
    func isIncluded(in tenant: Tenant) -> Bool?

    /// The tax on each line, in their order. A line whose tax is more than `Money.largestAmount`, or which holds more
    /// than it comes to, is not sold.
    func taxes(on sale: TaxableSale) async throws(TaxError) -> [LineTax]
}

/// What taxes are asked for.
public struct TaxableSale: Sendable {
    public struct Line: Sendable {
        public let product: TenantKey
        public let quantity: Int64
        /// Price × quantity, in minor units, 0 to `Money.largestAmount`.
        public let subtotal: Int64
    }

    public let tenant: Tenant
    public let currency: Currency
    public let lines: [Line]
    /// Where the buyer is, as far as is known.
    public let place: ShopperPlace
    public let at: Timestamp
}

/// The tax on one line, in minor units.
public struct LineTax: Sendable, Equatable {
    public let amount: Int64
    /// Whether it is a part of the line's subtotal; otherwise it comes on top.
    public let isIncluded: Bool

    public static let none = LineTax(amount: 0, isIncluded: true)

    public init(amount: Int64, isIncluded: Bool) {
        self.amount = amount
        self.isIncluded = isIncluded
    }
}

/// Why nobody knows what tax is due.
public enum TaxError: Error, Sendable, Equatable {
    /// It may be known later, for the reason given.
    case unavailable(String)
}
