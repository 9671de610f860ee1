internal import Stats

/// What the demo's shoppers do at a price: they buy with probability 1 / (1 + e^−(intercept + slope × price)). Known
/// here, so that a report made from what they did can be held against the truth.
public struct Demand: Sendable, Equatable {
    public let intercept: Double
    /// Per unit of the currency; negative.
    public let slope: Double
    /// What one item costs, in units of the currency.
    public let unitCost: Double

    public init(intercept: Double, slope: Double, unitCost: Double) {
        self.intercept = intercept
        self.slope = slope
        self.unitCost = unitCost
    }

    /// The probability that a shopper buys at a price in minor units of a currency with two of them.
    public func conversionRate(at price: Int64) -> Double {
        OptimalPrice.logitConversion(intercept, slope, at: Double(price) / 100)
    }

    /// Expected profit per visitor at a price in minor units, in units of the currency.
    public func profitPerVisitor(at price: Int64) -> Double {
        (Double(price) / 100 - unitCost) * conversionRate(at: price)
    }

    /// The price with the most profit, in units of the currency; nil where there is none.
    public var optimalPrice: Double? {
        guard case .price(let price) = try? OptimalPrice.logit(intercept: intercept, slope: slope, unitCost: unitCost)
        else { return nil }
        return price
    }
}
