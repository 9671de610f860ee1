public import Experiments

/// One product of a checkout, at the price that its quote says and at no other.
public struct CheckoutLine: Sendable, Equatable, Codable {
    public let quote: QuoteID
    public let product: TenantKey
    /// The product's title when the checkout was made.
    public let title: String
    /// In minor units; from the quote.
    public let unitPrice: Int64
    /// From 1 to what the quote holds for.
    public let quantity: Int64
    /// `unitPrice` × `quantity`.
    public let subtotal: Int64
    /// Rounded once, to the currency's minor unit.
    public let tax: Int64
    /// What is charged for the line.
    public let total: Int64
    /// When the quote ends.
    public let expiresAt: Timestamp

    /// Nil where the quantity is none that can be sold or an amount would pass `Money.largestAmount`.
    init?(
        quote: QuoteID, product: TenantKey, title: String, unitPrice: Int64, quantity: Int64, tax rule: TaxRule,
        expiresAt: Timestamp
    ) {
        let (subtotal, overflow) = unitPrice.multipliedReportingOverflow(by: quantity)
        guard quantity > 0, unitPrice >= 0, !overflow, subtotal <= Money.largestAmount else { return nil }
        let tax = rule.tax(on: subtotal)
        // Neither passes 10^14.
        let total = rule.isIncluded ? subtotal : subtotal + tax
        guard total <= Money.largestAmount else { return nil }
        self.quote = quote
        self.product = product
        self.title = title
        self.unitPrice = unitPrice
        self.quantity = quantity
        self.subtotal = subtotal
        self.tax = tax
        self.total = total
        self.expiresAt = expiresAt
    }
}

/// What tax is due on a line.
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
}

/// What all lines come to.
public struct CheckoutTotals: Sendable, Equatable, Codable {
    public let currency: Currency
    /// Prices × quantities; what the sale counts for in reports.
    public let subtotal: Int64
    public let tax: Int64
    /// What is charged.
    public let total: Int64

    /// Nil where the sum would pass `Money.largestAmount`.
    init?(_ lines: [CheckoutLine], in currency: Currency) {
        var (subtotal, tax, total) = (Int64(0), Int64(0), Int64(0))
        // No line passes 10^14 and there are at most 100.
        for line in lines {
            subtotal += line.subtotal
            tax += line.tax
            total += line.total
        }
        guard total <= Money.largestAmount, subtotal <= Money.largestAmount else { return nil }
        self.currency = currency
        self.subtotal = subtotal
        self.tax = tax
        self.total = total
    }

    public var charge: Money { Money(amount: total, currency: currency) }
}

/// Who buys, as far as the seller was told. Each part has 1 to 256 bytes and no control characters.
public struct Buyer: Sendable, Equatable, Codable {
    public var name: String?
    public var email: String?
    public var phone: String?
    /// ISO 3166-1 alpha-2.
    public var country: String?
    public var region: String?
    public var postalCode: String?

    public init(
        name: String? = nil, email: String? = nil, phone: String? = nil, country: String? = nil, region: String? = nil,
        postalCode: String? = nil
    ) {
        self.name = name
        self.email = email
        self.phone = phone
        self.country = country
        self.region = region
        self.postalCode = postalCode
    }

    /// Adds what is wrong, at `/buyer/…`.
    public func validate(into faults: inout Faults) {
        for (key, value) in parts {
            guard let value else { continue }
            if TenantKey(value) == nil {
                faults.add("/buyer/\(key)", "This has 1 to 256 bytes, no control characters.")
            }
        }
        if let country, country.utf8.count != 2 || !country.utf8.allSatisfy({ (0x41...0x5a).contains($0) }) {
            faults.add("/buyer/country", "Two capital letters, as ISO 3166-1 has them.")
        }
    }

    /// By their names in documents, always in this order.
    var parts: [(key: String, value: String?)] {
        [
            ("name", name), ("email", email), ("phone", phone), ("country", country), ("region", region),
            ("postal_code", postalCode),
        ]
    }
}
