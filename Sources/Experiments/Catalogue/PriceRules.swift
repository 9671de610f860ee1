/// How a price that a merchant typed becomes one that is told.
public struct PriceRules: Sendable, Equatable, Codable {
    /// Rounding is to the nearest admissible price; of two equally near, the lower. Never to zero or below.
    public enum Rounding: String, Sendable, Codable, CaseIterable {
        case none
        /// To a whole major unit: $20.00.
        case whole
        /// To a multiple of 5 minor units: $19.95.
        case nearest5 = "nearest_5"
        /// To a multiple of 10 minor units: $19.90.
        case nearest10 = "nearest_10"
        /// To one minor unit under a whole: $19.99.
        case charm99 = "charm_99"
        /// To five minor units under a whole: $19.95.
        case charm95 = "charm_95"
    }

    public var rounding: Rounding
    /// The greatest (highest − lowest) ÷ lowest price among the variants; nil for no limit.
    public var maxSpread: Double?

    public init(rounding: Rounding = .none, maxSpread: Double? = nil) {
        self.rounding = rounding
        self.maxSpread = maxSpread
    }

    /// The price told for a price asked for.
    ///
    /// - Parameter price: at least 0 and at most `Money.largestAmount`.
    public func offered(for price: Int64, in currency: Currency) -> Int64 {
        var major: Int64 = 1
        for _ in 0..<currency.exponent { major *= 10 }
        // A currency without minor units (JPY) has its charm prices under the hundred: ¥1,999 and ¥1,995.
        let charmed = max(major, 100)
        return switch rounding {
        case .none: price
        case .whole: Self.nearest(price, step: major, below: 0)
        case .nearest5: Self.nearest(price, step: 5, below: 0)
        case .nearest10: Self.nearest(price, step: 10, below: 0)
        case .charm99: Self.nearest(price, step: charmed, below: charmed / 100)
        case .charm95: Self.nearest(price, step: charmed, below: charmed / 100 * 5)
        }
    }

    /// The nearest k·step − below (k ≥ 1); ties go down.
    private static func nearest(_ price: Int64, step: Int64, below: Int64) -> Int64 {
        if price == 0 { return 0 }
        let shifted = price + below
        let lower = max(shifted / step, 1) * step - below
        let upper = lower + step
        return abs(upper - price) < abs(price - lower) ? upper : lower
    }

    /// (highest − lowest) ÷ lowest: infinite where one price is zero and another is not; nil where there is none.
    public static func spread(of prices: [Int64]) -> Double? {
        guard let lowest = prices.min(), let highest = prices.max() else { return nil }
        return highest == lowest ? 0 : Double(highest - lowest) / Double(lowest)
    }
}
