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
        /// A few planned looks that share the error rate, at equal parts of the target.
        case groupSequential = "group_sequential"
    }

    /// How planned looks share the error rate (Lan & DeMets 1983).
    public enum Spending: String, Sendable, Codable, CaseIterable {
        /// Hardly anything early.
        case obrienFleming = "obrien_fleming"
        /// Nearly the same at each look.
        case pocock
    }

    /// Weights that follow what is learned, one phase after the other.
    public struct Bandit: Sendable, Equatable, Codable {
        public enum Rule: String, Sendable, Codable, CaseIterable {
            /// Each variant by its probability of being best.
            case thompson
            /// The same with half of the leader's share given to its challengers (Russo 2020).
            case topTwo = "top_two"
        }

        public let rule: Rule
        /// The least share any variant keeps.
        public let floor: Double
        /// How long weights stand before they follow.
        public let everyHours: Int

        public init(rule: Rule, floor: Double, everyHours: Int) {
            self.rule = rule
            self.floor = floor
            self.everyHours = everyHours
        }
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
    /// The attribute told with the first quote whose number the analysis adjusts for; nil for what the shopper had spent
    /// before the first exposure.
    public var covariate: String?
    /// The share of shoppers, from the least amount up, whose amounts are taken whole beside the plain reading; those
    /// above are taken as that of the last. In [0.9, 1).
    public var winsorise: Double
    /// Ways to divide shoppers, each compared apart.
    public var segments: [Segment]
    /// Of a group-sequential plan: how many looks, 2 to 20; and how they share the error rate.
    public var looks: Int
    public var spending: Spending
    /// Nil where weights are the merchant's alone.
    public var bandit: Bandit?

    /// Five looks.
    public static let standardLooks = 5

    /// Of one shopper in a thousand the amount is pulled in.
    public static let standardWinsorise = 0.999

    public init(
        method: Method = .sequential, alpha: Double = 0.05, power: Double = 0.8, minimumEffect: Double = 0.05,
        prior: Prior? = nil, covariate: String? = nil, winsorise: Double = standardWinsorise, segments: [Segment] = [],
        looks: Int = standardLooks, spending: Spending = .obrienFleming,
        bandit: Bandit? = nil
    ) {
        self.method = method
        self.alpha = alpha
        self.power = power
        self.minimumEffect = minimumEffect
        self.prior = prior
        self.covariate = covariate
        self.winsorise = winsorise
        self.segments = segments
        self.looks = looks
        self.spending = spending
        self.bandit = bandit
    }

    /// What older engines stored says less.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        method = try values.decode(Method.self, forKey: .method)
        alpha = try values.decode(Double.self, forKey: .alpha)
        power = try values.decode(Double.self, forKey: .power)
        minimumEffect = try values.decode(Double.self, forKey: .minimumEffect)
        prior = try values.decodeIfPresent(Prior.self, forKey: .prior)
        covariate = try values.decodeIfPresent(String.self, forKey: .covariate)
        winsorise = try values.decodeIfPresent(Double.self, forKey: .winsorise) ?? Self.standardWinsorise
        segments = try values.decodeIfPresent([Segment].self, forKey: .segments) ?? []
        looks = try values.decodeIfPresent(Int.self, forKey: .looks) ?? Self.standardLooks
        spending = try values.decodeIfPresent(Spending.self, forKey: .spending) ?? .obrienFleming
        bandit = try values.decodeIfPresent(Bandit.self, forKey: .bandit)
    }
}
