public import Experiments

/// One rate.
public struct TaxRule: Sendable, Equatable {
    /// In millionths: 200,000 is 20 %. From 0 to 1,000,000.
    public let rate: Int64
    /// Whether prices hold the tax already; otherwise it comes on top.
    public let isIncluded: Bool

    /// No tax.
    public static let none = TaxRule(rate: 0, isIncluded: true)

    private init(rate: Int64, isIncluded: Bool) {
        self.rate = rate
        self.isIncluded = isIncluded
    }

    /// Nil unless the rate is from 0 to 1,000,000 millionths.
    public init?(millionths rate: Int64, isIncluded: Bool) {
        guard (0...1_000_000).contains(rate) else { return nil }
        self.init(rate: rate, isIncluded: isIncluded)
    }

    /// The tax on an amount of minor units from 0 to `Money.largestAmount`, to the nearest minor unit, halves up.
    public func tax(on amount: Int64) -> Int64 {
        let whole = isIncluded ? 1_000_000 + Int128(rate) : 1_000_000
        return Int64(clamping: (2 * Int128(amount) * Int128(rate) + whole) / (2 * whole))
    }

    func line(_ subtotal: Int64) -> LineTax { LineTax(amount: tax(on: subtotal), isIncluded: isIncluded) }
}

/// The same rate for everything, whoever sells and buys.
extension TaxRule: TaxCalculator {
    public func isIncluded(in tenant: Tenant) -> Bool? { rate == 0 ? nil : isIncluded }

    public func taxes(on sale: TaxableSale) -> [LineTax] { sale.lines.map { line($0.subtotal) } }
}

/// The rates that a tenant set, by where the buyer is; none where it set none. Each line is rounded by itself.
public struct FixedRates: TaxCalculator {
    public init() {}

    public func isIncluded(in tenant: Tenant) -> Bool? { tenant.taxes.isEmpty ? nil : tenant.taxes.isIncluded }

    public func taxes(on sale: TaxableSale) -> [LineTax] {
        let settings = sale.tenant.taxes
        let rule = TaxRule(millionths: settings.rate(at: sale.place), isIncluded: settings.isIncluded) ?? .none
        return sale.lines.map { rule.line($0.subtotal) }
    }
}
