public import Experiments

/// A plan of a few looks, and what those taken so far say of the primary metric (Jennison & Turnbull 2000).
///
/// A look is not the moment at which somebody reads. It is the shoppers who had come by the end of the first day on which
/// a planned share of the target was reached, read once their attribution window is over. So it says the same whenever
/// it is read, nobody can choose when to look, and looks that were not planned do not exist.
public struct PlannedLooks: Sendable, Equatable {
    public struct Look: Sendable, Equatable {
        /// From 1.
        public var number: Int
        /// Of the target, as planned.
        public var share: Double
        /// Shoppers in all variants it takes.
        public var shoppers: Int64
        public var state: State
        /// The last day of first exposure that is in it, since 1970-01-01; nil until it is reached.
        public var day: Int32?
        /// Shoppers in it.
        public var n: Int64?
        /// Of the target, as it came: the last look is 1.
        public var information: Double?
        /// How far from zero a z ends the experiment; nil until it is taken, or where it takes no finite z.
        public var boundary: Double?
    }

    public enum State: String, Sendable, Equatable {
        /// Too few shoppers have come.
        case waiting
        /// Its shoppers are there; their attribution window is not over.
        case maturing
        case taken
        /// The next look was reached on the same day.
        case skipped
    }

    public struct Reading: Sendable, Equatable {
        public var look: Int
        public var z: Double
        public var difference: Double
        /// The repeated confidence interval: holds at all looks together, whatever made one stop.
        public var interval: ConfidenceInterval
        public var hasCrossed: Bool
    }

    public struct Comparison: Sendable, Equatable {
        public var variant: String
        public var against: String
        public var readings: [Reading]
        /// The first look at which the boundary was crossed; nil while none was. Later ones do not take it back.
        public var stoppedAt: Int?
        /// By stage-wise ordering, two-sided, adjusted for the number of comparisons; nil until it stopped or the last
        /// look was taken.
        public var pValue: Double?
        /// Median-unbiased, by stage-wise ordering: the difference at a stop is too large on average.
        public var estimate: Double?
        public var interval: ConfidenceInterval?

        /// The reading that decides: at the stop, else the newest.
        public var deciding: Reading? { readings.first { $0.look == stoppedAt } ?? readings.last }
    }

    public var metric: String
    public var spending: AnalysisPlan.Spending
    public var target: Int
    public var looks: [Look]
    /// Every variant but control, in order.
    public var comparisons: [Comparison]
}
