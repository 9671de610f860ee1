/// One price under test.
public struct Variant: Sendable, Equatable, Codable {
    /// Unique within the experiment, 1 to 100 characters.
    public let name: String
    /// What the merchant asked for, in minor units.
    public let price: Int64
    /// What shoppers are told: the price after the experiment's rounding rule, in minor units.
    public let offered: Int64
    /// Relative share of new shoppers. The weights of an experiment have a positive sum.
    public var weight: Int
    /// The tenant's own notes.
    public var metadata: Attributes

    public init(name: String, price: Int64, offered: Int64, weight: Int, metadata: Attributes = [:]) {
        self.name = name
        self.price = price
        self.offered = offered
        self.weight = weight
        self.metadata = metadata
    }
}

/// Experiments in one layer never meet in one shopper: each takes a part of the layer, and a shopper stands at one
/// point of it.
public struct Layer: Sendable, Equatable, Codable {
    public let name: String
    /// 0 ≤ from < to ≤ 1
    public let from: Double
    public let to: Double

    public init(name: String, from: Double = 0, to: Double = 1) {
        self.name = name
        self.from = from
        self.to = to
    }

    public func overlaps(_ other: Layer) -> Bool { name == other.name && from < other.to && other.from < to }
}

/// Coverage that grows with the time since the start.
public struct Ramp: Sendable, Equatable, Codable {
    public struct Step: Sendable, Equatable, Codable {
        /// Hours since the start, or since `starts_at` if that is later.
        public let afterHours: Double
        /// The share of the experiment's coverage that is let in, 0 to 1.
        public let coverage: Double

        public init(afterHours: Double, coverage: Double) {
            self.afterHours = afterHours
            self.coverage = coverage
        }
    }

    /// Rising in time.
    public let steps: [Step]

    public init(steps: [Step]) { self.steps = steps }
}

/// A stretch of an experiment with one set of weights. A shopper belongs to the phase of its assignment, so that
/// sample-ratio expectations and pooled estimates can respect it.
public struct Phase: Sendable, Equatable, Codable {
    public let startedAt: Timestamp
    public let weights: [Int]

    public init(startedAt: Timestamp, weights: [Int]) {
        self.startedAt = startedAt
        self.weights = weights
    }
}
