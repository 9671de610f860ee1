public import Experiments

/// The primary metric of some of the shoppers alone: those of a segment or of a phase.
public struct PartReport: Sendable, Equatable {
    public struct Variant: Sendable, Equatable {
        public var name: String
        public var n: Int64
        /// Nil without shoppers, or where part of it is not known.
        public var estimate: Double?
    }

    public struct Comparison: Sendable, Equatable {
        public var variant: String
        public var against: String
        /// Nil while there is no spread to judge by, or costs are missing.
        public var estimate: EffectEstimate?
        /// The difference pulled towards that of all parts together, by as much as they look alike; segments alone.
        public var shrunk: Double?
    }

    public var variants: [Variant]
    /// Every variant but control, in order.
    public var comparisons: [Comparison]
}

/// Whether a difference is the same in all parts: Cochran's (1954) Q. Of one look.
public struct Heterogeneity: Sendable, Equatable {
    public var variant: String
    public var against: String
    public var q: Double
    public var degreesOfFreedom: Double
    /// Adjusted for the number of such tests.
    public var pValue: Double
    /// The share of the spread between parts that is not chance (Higgins & Thompson 2002).
    public var iSquared: Double
}

/// Shoppers divided by an attribute that was declared before the start.
public struct SegmentReport: Sendable, Equatable {
    public struct Value: Sendable, Equatable {
        /// One of those declared, `other` or `not told`.
        public var name: String
        public var part: PartReport
    }

    public var attribute: String
    public var metric: String
    /// Those with shoppers, in the order declared.
    public var values: [Value]
    /// Differences within segments that share the error rate: of all segments together.
    public var comparisons: Int
    /// By comparison; nil where fewer than two values can be compared.
    public var heterogeneity: [Heterogeneity?]
    public var warnings: [String]
}

/// The shoppers who were assigned under one set of weights.
public struct PhaseReport: Sendable, Equatable {
    /// Nil for counts that do not say.
    public var startedAt: Timestamp?
    public var weights: [Int]
    /// χ² of the shoppers of this phase against its weights; nil where only one variant has weight, or nobody came.
    public var sampleRatioPValue: Double?
    public var part: PartReport
}

/// The phases one by one; the differences of the report itself compare within each and combine.
public struct PhasesReport: Sendable, Equatable {
    public var metric: String
    public var phases: [PhaseReport]
    /// By comparison; nil where fewer than two phases can be compared.
    public var heterogeneity: [Heterogeneity?]
}
