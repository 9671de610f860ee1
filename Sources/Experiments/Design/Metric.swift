/// What is measured of a shopper within the attribution window, as a mean over shoppers.
public enum Metric: String, Sendable, Codable, CaseIterable {
    /// The share of shoppers with at least one order.
    case conversionRate = "conversion_rate"
    /// Revenue net of refunds, in minor units, per shopper.
    case revenuePerVisitor = "revenue_per_visitor"
    /// Revenue − unit cost × quantity − refunds, in minor units, per shopper.
    case profitPerVisitor = "profit_per_visitor"
    /// Items bought per shopper.
    case unitsPerVisitor = "units_per_visitor"

    /// Whether its values are amounts of money in minor units.
    public var isMoney: Bool { self == .revenuePerVisitor || self == .profitPerVisitor }
}

/// A metric that must not fall.
public struct Guardrail: Sendable, Equatable, Codable {
    public let metric: Metric
    /// The relative drop against control that is still borne, 0 to 1.
    public let maxDrop: Double

    public init(metric: Metric, maxDrop: Double) {
        self.metric = metric
        self.maxDrop = maxDrop
    }
}

/// How the experiment will be read, fixed before it starts.
public struct AnalysisPlan: Sendable, Equatable, Codable {
    public enum Method: String, Sendable, Codable, CaseIterable {
        /// Confidence sequences: valid at every look.
        case sequential
        /// One look at the end: a Welch interval.
        case fixed
    }

    /// A Beta prior on the conversion rate.
    public struct Prior: Sendable, Equatable, Codable {
        public let alpha: Double
        public let beta: Double

        public init(alpha: Double, beta: Double) {
            self.alpha = alpha
            self.beta = beta
        }
    }

    public var method: Method
    /// Two-sided error rate, in (0, 0.5].
    public var alpha: Double
    /// In [0.5, 1).
    public var power: Double
    /// The smallest relative effect worth finding, in (0, 10].
    public var minimumEffect: Double
    /// Nil for the uniform Beta(1, 1).
    public var prior: Prior?

    public init(
        method: Method = .sequential, alpha: Double = 0.05, power: Double = 0.8, minimumEffect: Double = 0.05,
        prior: Prior? = nil
    ) {
        self.method = method
        self.alpha = alpha
        self.power = power
        self.minimumEffect = minimumEffect
        self.prior = prior
    }
}
