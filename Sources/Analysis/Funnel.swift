public import Experiments

/// From told a price to bought, by variant: counted, nothing estimated.
public struct Funnel: Sendable, Equatable {
    public struct Variant: Sendable, Equatable {
        public var name: String
        /// Shoppers who were told the price.
        public var told: Int64
        /// Of those, who began a checkout: who was heard to, and who bought. Nil where nobody told of checkouts, or some
        /// shoppers came before they were counted.
        public var checkouts: Int64?
        /// Of those who were told the price, who bought.
        public var bought: Int64
        /// Distinct orders; nil where they were not counted.
        public var orders: Int64?
        /// Items sold; nil where they were not counted.
        public var items: Int64?
    }

    public var variants: [Variant]
    /// Shoppers who are in no variant's numbers, as they saw two.
    public var leftOut: Int64

    /// Nil where buyers were not counted.
    init?(_ input: AnalysisInput) {
        let quantity = input.metrics.first { $0.name == Metric.unitsPerVisitor.rawValue }
        var variants: [Variant] = []
        for (place, arm) in input.arms.enumerated() {
            guard let bought = arm.conversions else { return nil }
            variants.append(
                Variant(
                    name: arm.name, told: arm.units, checkouts: arm.checkouts, bought: bought, orders: arm.orders,
                    items: quantity?.total(of: place).map { Int64(clamping: $0) }))
        }
        self.variants = variants
        leftOut = input.multipleExposure
    }
}

/// One set of weights: since when new shoppers were given by it, and who came.
public struct AllocationPeriod: Sendable, Equatable {
    public var since: Timestamp
    /// By variant, as they were set.
    public var weights: [Int]
    /// Shoppers of the analysis who were given their price in it, by variant.
    public var shoppers: [Int64]

    public init(since: Timestamp, weights: [Int], shoppers: [Int64]) {
        self.since = since
        self.weights = weights
        self.shoppers = shoppers
    }

    /// The share of each variant that the weights promise; none where no weight is positive.
    public var shares: [Double] {
        let sum = weights.reduce(0.0) { $0 + Double($1) }
        return sum > 0 ? weights.map { Double($0) / sum } : []
    }
}
