/// Profit and revenue per visitor when each conversion brings the same margin.
public struct ProfitPerVisitor: Sendable, Equatable {
    public let profit: Double
    public let revenue: Double
    /// The sample variance of profit over visitors, denominator n − 1.
    public let variance: Double
    public let standardError: Double

    /// - Throws: `insufficient` below two visitors.
    public init(conversions: Proportion, price: Double, unitCost: Double) throws(StatsError) {
        try Require.finite(price, "price")
        try Require.finite(unitCost, "unitCost")
        guard conversions.trials >= 2 else { throw .insufficient("a variance needs two visitors") }
        let n = conversions.trials
        let rate = conversions.successes / n
        let margin = price - unitCost
        profit = rate * margin
        revenue = rate * price
        variance = conversions.successes * (conversions.failures / n) / (n - 1) * margin * margin
        standardError = (variance / n).squareRoot()
    }
}
