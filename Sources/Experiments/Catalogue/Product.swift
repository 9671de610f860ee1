/// Something a merchant sells.
public struct Product: Sendable, Equatable, Codable {
    /// The tenant's own key.
    public let sku: TenantKey
    /// 1 to 500 characters.
    public var title: String
    public var description: String
    /// The price outside any experiment.
    public var listPrice: Money
    /// What one costs the merchant. Absent is unknown, never zero.
    public var unitCost: Int64?
    /// No experiment may offer it below this, in minor units of the list price's currency.
    public var floor: Int64?
    /// No experiment may offer it above this, in minor units of the list price's currency.
    public var ceiling: Int64?
    public var attributes: Attributes

    public init(
        sku: TenantKey, title: String, description: String = "", listPrice: Money, unitCost: Int64? = nil,
        floor: Int64? = nil, ceiling: Int64? = nil, attributes: Attributes = [:]
    ) {
        self.sku = sku
        self.title = title
        self.description = description
        self.listPrice = listPrice
        self.unitCost = unitCost
        self.floor = floor
        self.ceiling = ceiling
        self.attributes = attributes
    }

    public var currency: Currency { listPrice.currency }

    /// Adds what is wrong with the product.
    public func validate(into faults: inout Faults) {
        if title.isEmpty || title.count > 500 { faults.add("/title", "A title has 1 to 500 characters.") }
        if description.utf8.count > 20_000 { faults.add("/description", "A description has at most 20,000 bytes.") }
        func amount(_ value: Int64?, _ pointer: String, from least: Int64) {
            guard let value else { return }
            if value < least || value > Money.largestAmount {
                faults.add(pointer, "An amount here is from \(least) to \(Money.largestAmount) minor units.")
            }
        }
        amount(listPrice.amount, "/list_price/amount", from: 0)
        amount(unitCost, "/unit_cost/amount", from: 0)
        amount(floor, "/floor/amount", from: 0)
        amount(ceiling, "/ceiling/amount", from: 0)
        if let floor, let ceiling, floor > ceiling { faults.add("/floor", "The floor is above the ceiling.") }
    }

    /// Why `price` may not be offered for this product; nil when it may.
    public func objection(to price: Int64) -> String? {
        if let floor, price < floor {
            return "\(Money(amount: price, currency: currency).display) is below the floor of \(sku), "
                + "\(Money(amount: floor, currency: currency).display)."
        }
        if let ceiling, price > ceiling {
            return "\(Money(amount: price, currency: currency).display) is above the ceiling of \(sku), "
                + "\(Money(amount: ceiling, currency: currency).display)."
        }
        return nil
    }
}
