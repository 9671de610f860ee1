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
    /// Rounded once, to the currency's minor unit; a part of the subtotal, or on top of it.
    public let tax: Int64
    /// What is charged for the line.
    public let total: Int64
    /// When the quote ends.
    public let expiresAt: Timestamp
    /// What has to be shown beside its price; nil where nothing has to.
    public let disclosure: PriceDisclosure?

    /// What is the seller's: the total without tax. What the sale counts for in reports.
    public var net: Int64 { total - tax }

    /// Nil where the quantity is none that can be sold or an amount would pass `Money.largestAmount`.
    init?(
        quote: QuoteID, product: TenantKey, title: String, unitPrice: Int64, quantity: Int64, tax: LineTax,
        expiresAt: Timestamp, disclosure: PriceDisclosure? = nil
    ) {
        guard let subtotal = Self.subtotal(unitPrice, quantity), (0...Money.largestAmount).contains(tax.amount),
            !tax.isIncluded || tax.amount <= subtotal
        else { return nil }
        // Neither passes 10^14.
        let total = tax.isIncluded ? subtotal : subtotal + tax.amount
        guard total <= Money.largestAmount else { return nil }
        self.quote = quote
        self.product = product
        self.title = title
        self.unitPrice = unitPrice
        self.quantity = quantity
        self.subtotal = subtotal
        self.tax = tax.amount
        self.total = total
        self.expiresAt = expiresAt
        self.disclosure = disclosure
    }

    /// Price × quantity; nil where it is none that can be sold.
    static func subtotal(_ unitPrice: Int64, _ quantity: Int64) -> Int64? {
        let (subtotal, overflow) = unitPrice.multipliedReportingOverflow(by: quantity)
        return quantity > 0 && unitPrice >= 0 && !overflow && subtotal <= Money.largestAmount ? subtotal : nil
    }
}

/// What all lines come to.
public struct CheckoutTotals: Sendable, Equatable, Codable {
    public let currency: Currency
    /// Prices × quantities.
    public let subtotal: Int64
    /// The sum of the lines' taxes, each rounded by itself: nothing is rounded again.
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

    /// What is the seller's, and what the sale counts for in reports: `net` and `tax` are `total`.
    public var net: Int64 { total - tax }
    /// Whether the prices hold the tax; otherwise it came on top.
    public var isTaxIncluded: Bool { total == subtotal }

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
