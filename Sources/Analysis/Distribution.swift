/// How an amount is spread over shoppers, from counts by size.
public struct Distribution: Sendable, Equatable {
    /// Of whom a quantile is.
    public enum Population: String, Sendable, Equatable, CaseIterable {
        /// All shoppers, those who spent nothing among them: what the variants may be compared by.
        case visitors
        /// Shoppers whose amount is not 0. Whom a price turns away is not among them, so a difference between variants is
        /// not all an effect on those who buy.
        case buyers
    }

    public struct Quantile: Sendable, Equatable {
        public var population: Population
        /// The share of the population that does not exceed the value.
        public var share: Double
        public var value: Double
        /// From order statistics, so whatever the distribution; nil at an end that the data do not bound.
        public var interval: ConfidenceInterval?
    }

    /// Amounts from the least to the greatest, both included.
    public struct Bin: Sendable, Equatable {
        public var lower: Int64
        public var upper: Int64
    }

    public struct Variant: Sendable, Equatable {
        public var name: String
        /// Shoppers counted by size.
        public var n: Int64
        /// Those of them whose amount is 0.
        public var zeros: Int64
        /// Shoppers in each bin.
        public var counts: [Int64]
        /// The largest amount; nil where its bucket does not tell it.
        public var largest: Int64?
        public var quantiles: [Quantile]
    }

    /// A variant's quantile less control's.
    public struct QuantileDifference: Sendable, Equatable {
        public var variant: String
        public var against: String
        public var population: Population
        public var share: Double
        public var difference: Double
        /// From both variants' intervals at half of each comparison's error rate; nil where one of them has no end.
        public var interval: ConfidenceInterval?
    }

    public var metric: String
    /// By how much a quantile may be off, relative to itself, where amounts in a bucket differ.
    public var relativeError: Double
    /// Shoppers in all variants who are counted by size, and all.
    public var counted: Int64
    public var shoppers: Int64
    /// `beta_binomial_order_statistics`, valid at every look, or `order_statistics`, for one.
    public var intervalMethod: String
    /// Rising, without zero: those who spent nothing are `zeros`.
    public var bins: [Bin]
    public var variants: [Variant]
    public var differences: [QuantileDifference]
    public var warnings: [String]
}
