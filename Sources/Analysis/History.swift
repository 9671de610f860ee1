/// The primary metric as its shoppers came: after each day, what all who had come by then show.
///
/// A shopper belongs to the day of first exposure, and counts with all that is known of them now: a purchase or a refund
/// that came later is in it. So this is how the estimate settled with the number of shoppers, not what a report of that
/// day printed.
public struct History: Sendable, Equatable {
    public struct Day: Sendable, Equatable {
        /// Since 1970-01-01, in UTC.
        public var day: Int32
        /// Shoppers who came on this day, by variant.
        public var arrivals: [Int64]
        /// By comparison: what all who came until the end of this day show; nil while there is no spread.
        public var differences: [Difference?]
    }

    public struct Difference: Sendable, Equatable {
        public var difference: Double
        /// The confidence sequence: valid at every look, adjusted for the number of comparisons. The first look at
        /// which it excludes zero decides.
        public var interval: ConfidenceInterval
    }

    /// Whether the difference changed while the experiment ran: novelty that wore off, or a season.
    ///
    /// Shoppers of the first half of the days beside those of the second: two samples with no shopper in common. Later
    /// shoppers have had less of their attribution window, in control and variant alike.
    public struct Drift: Sendable, Equatable {
        /// Variant − control, of the first half.
        public var early: Double
        /// Of the second half.
        public var late: Double
        /// Two-sided, of no change; adjusted for the number of comparisons; for one look.
        public var pValue: Double
    }

    public var metric: String
    public var variants: [String]
    /// The variants compared with control, in the order of each day's differences.
    public var comparisons: [String]
    /// Rising.
    public var days: [Day]
    /// By comparison; nil with fewer than two days, or where a half has no spread.
    public var drift: [Drift?]
}
