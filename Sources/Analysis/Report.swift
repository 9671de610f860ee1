public import Crypto
public import Experiments

/// What an experiment's counts say, and what to do about it. A value: the same counts make an equal report.
///
/// Money is in minor units throughout, as real numbers where it is a mean. A quantity that the data cannot give is nil,
/// and stands in the `absent` list beside it with the reason; no number is ever NaN or infinite.
public struct Report: Sendable, Equatable {
    /// The experiment's identifier, or the name of what was analysed.
    public var subject: String
    public var name: String
    /// Whose shoppers it is of, where it is not of all.
    public var segment: SegmentChoice?
    /// The version of the experiment's configuration; nil for a file.
    public var configurationVersion: Int?
    /// When the counts last changed; nil for a file, which does not say.
    public var asOf: Timestamp?
    /// Whether the same report can be had again by its `asOf`; nil for a file, whose owner knows.
    public var isKept: Bool?
    /// SHA-256 over a canonical encoding of all that the report was made from.
    public var inputHash: Digest256
    public var status: Experiment.Status
    public var method: AnalysisPlan.Method
    /// Two-sided error rate of the family of comparisons of one metric.
    public var alpha: Double
    /// The smallest relative effect worth finding: differences within ± this are practically none.
    public var minimumEffect: Double
    /// Of the money metrics.
    public var currency: Currency
    public var control: String
    public var recommendation: Recommendation
    public var dataQuality: DataQuality
    /// The primary metric first.
    public var metrics: [MetricReport]
    /// What must not fall, as declared.
    public var guardrails: [GuardrailReport] = []
    /// Nil unless two prices or more were told.
    public var demand: DemandReport?
    /// How revenue is spread over shoppers; nil where the counts do not say.
    public var distribution: Distribution?
    /// The primary metric within segments, as declared.
    public var segments: [SegmentReport] = []
    /// The primary metric phase by phase; nil unless weights changed and shoppers came both before and after.
    public var phases: PhasesReport?
    /// Of a plan whose weights follow what is learned.
    public var bandit: AnalysisPlan.Bandit?
    /// Of a group-sequential plan.
    public var plannedLooks: PlannedLooks?
    /// The primary metric day by day; nil where the counts have no days.
    public var history: History?
    /// From told a price to bought; nil where nobody asked who bought.
    public var funnel: Funnel?
    /// The weights that new shoppers were given by, in order; empty for a file, which does not say.
    public var allocation: [AllocationPeriod] = []
}

/// An interval and the level at which it holds, such as 0.95.
public struct ConfidenceInterval: Sendable, Equatable {
    public var lower: Double
    public var upper: Double
    public var level: Double

    public init(lower: Double, upper: Double, level: Double) {
        self.lower = lower
        self.upper = upper
        self.level = level
    }
}

/// Why a quantity is not given.
public enum Absence: String, Sendable, Equatable, CaseIterable {
    case noUnits = "no_units"
    case oneUnit = "one_unit"
    case noConversions = "no_conversions"
    case zeroVariance = "zero_variance"
    case missingCost = "missing_cost"
    case controlIsZero = "control_is_zero"
    case noCommonPhase = "no_common_phase"
    case otherVariantAbsent = "other_variant_absent"
    case notFixedHorizon = "not_fixed_horizon"
    case oneVariantHasWeight = "one_variant_has_weight"
    case notComputable = "not_computable"
    case countedBefore = "counted_before"
    case noDistribution = "no_distribution"
    case noCovariate = "no_covariate"
    case constantCovariate = "constant_covariate"

    /// For people.
    public var sentence: String {
        switch self {
        case .noUnits: "No shopper has been counted yet."
        case .oneUnit: "One shopper has been counted; a spread needs two."
        case .noConversions: "Nobody has bought yet."
        case .zeroVariance: "All shoppers have the same value, so there is no spread to judge a difference by."
        case .missingCost: "Unit costs are missing for some of what was sold."
        case .controlIsZero: "Control's value is zero, so there is nothing to be relative to."
        case .noCommonPhase: "The two variants were never told in the same phase."
        case .otherVariantAbsent: "Another variant has no estimate yet."
        case .notFixedHorizon: "The plan is to look at any time; this is for a single look at the end."
        case .oneVariantHasWeight: "Only one variant is given to new shoppers."
        case .notComputable: "The data do not determine it."
        case .countedBefore: "Some shoppers were first exposed before amounts were counted by size."
        case .noDistribution: "The counts do not say how amounts are spread over shoppers."
        case .noCovariate: "Nothing is known of the shoppers from before they were told a price."
        case .constantCovariate: "What was known of the shoppers before is the same for all of them."
        }
    }
}

/// A field that is nil, and why.
public struct Absent: Sendable, Equatable {
    public var field: String
    public var reason: Absence

    public init(_ field: String, _ reason: Absence) {
        self.field = field
        self.reason = reason
    }
}

/// One metric of all variants.
public struct MetricReport: Sendable, Equatable {
    /// What the numbers are.
    public enum Kind: String, Sendable, Equatable {
        /// A share of shoppers.
        case ratio
        /// Minor units of the report's currency per shopper.
        case money
        /// A number of things per shopper.
        case count
    }

    public var name: String
    public var kind: Kind
    public var isPrimary: Bool
    public var variants: [VariantEstimate]
    /// Every variant but control, in order.
    public var comparisons: [Comparison]
}

/// What one variant shows of one metric.
public struct VariantEstimate: Sendable, Equatable {
    public var name: String
    /// Shoppers counted.
    public var n: Int64
    /// The exact sum over shoppers: conversions, items, or minor units. Nil where part of it is not known.
    public var total: Int128?
    public var estimate: Double?
    public var standardError: Double?
    /// Valid at every look when the method is sequential, at one look when it is fixed.
    public var interval: ConfidenceInterval?
    public var intervalMethod: String
    public var posteriorMean: Double?
    public var credibleInterval: ConfidenceInterval?
    /// `beta`, or `normal` where the posterior of a mean is approximated.
    public var posterior: String
    public var probabilityBest: Double?
    /// What choosing this variant costs on average where another is better, in the metric's unit.
    public var expectedLoss: Double?
    /// Where parts are not known: the least and most the estimate can be.
    public var bounds: ConfidenceInterval?
    /// The share of buyers whose value is known.
    public var coverage: Double?
    public var absent: [Absent]
}

/// One variant against control.
public struct Comparison: Sendable, Equatable {
    /// What a single look at the end would say.
    public struct FixedHorizon: Sendable, Equatable {
        /// `pooled_z`, `welch_t` or `stratified_t`.
        public var test: String
        public var statistic: Double
        /// Two-sided, not adjusted: the figure other tools print.
        public var pValue: Double
        /// Times the number of comparisons, at most 1.
        public var adjustedPValue: Double
        /// Of the absolute difference, adjusted.
        public var interval: ConfidenceInterval
        /// Of the relative difference, adjusted; nil where control is zero.
        public var relativeInterval: ConfidenceInterval?
    }

    /// The repeated interval of the look that decides; nil before the first look.
    struct Planned: Sendable, Equatable {
        var interval: ConfidenceInterval?
    }

    /// The posterior of variant − control by its two first moments: the means are sums over many shoppers, so a normal
    /// law with these moments describes it.
    public struct DifferencePosterior: Sendable, Equatable {
        public var mean: Double
        public var standardDeviation: Double
    }

    /// The region of practical equivalence: relative differences within ± the plan's smallest effect.
    public struct Equivalence: Sendable, Equatable {
        /// Relative, such as −0.05 to 0.05.
        public var lower: Double
        public var upper: Double
        /// Posterior probability that the relative difference lies inside.
        public var probability: Double
    }

    public var variant: String
    public var against: String
    /// Variant − control, from the phases both were told in.
    public var difference: Double?
    /// Difference ÷ control.
    public var relative: Double?
    /// Of the difference, valid at every look, adjusted for the number of comparisons.
    public var confidenceSequence: ConfidenceInterval?
    public var relativeConfidenceSequence: ConfidenceInterval?
    /// Adjusted for the number of comparisons.
    public var alwaysValidPValue: Double?
    public var fixedHorizon: FixedHorizon?
    public var probabilityBetter: Double?
    /// What is believed of the difference.
    public var posterior: DifferencePosterior?
    /// How likely the difference is practically none.
    public var equivalence: Equivalence?
    /// What choosing the variant costs on average where control is better, in the metric's unit.
    public var expectedLoss: Double?
    /// What planned looks decide by; nil where the plan has none, or they are of another metric.
    var planned: Planned?
    /// The same difference with the noise taken out that was there before any price was told; nil without a covariate.
    public var adjusted: AdjustedDifference?
    /// The same difference with the largest amounts pulled in; nil where the spread of amounts is not known.
    public var winsorised: WinsorisedDifference?
    /// Where parts are not known: the least and most the difference can be.
    public var bounds: ConfidenceInterval?
    /// How many comparisons the family-wise level is shared by (Bonferroni).
    public var comparisons: Int
    public var warnings: [String]
    public var absent: [Absent]
}

/// Whether the numbers can be trusted.
public struct DataQuality: Sendable, Equatable {
    public struct SampleRatio: Sendable, Equatable {
        public var observed: [Int64]
        /// What the weights of each phase promised, summed over phases.
        public var expected: [Double]
        /// χ² at this look, added over phases.
        public var pValue: Double?
        /// Valid however often it is looked at.
        public var alwaysValidPValue: Double?
        public var alarm: Bool
        /// The alarm's threshold and which of the two it is for.
        public var rule: String
        public var absent: [Absent]
    }

    public var sampleRatio: SampleRatio
    /// Shoppers who saw two variants and left the analysis.
    public var multipleExposure: Int64
    /// The share of shoppers whose attribution window has passed; nil without shoppers.
    public var maturity: Double?
    /// The share of buyers for whom all unit costs are known; nil without buyers.
    public var costCoverage: Double?
    public var warnings: [String]
}

/// What to do, in one sentence.
public struct Recommendation: Sendable, Equatable {
    public enum Action: String, Sendable, Equatable, CaseIterable {
        case ship, stop, `continue`, inconclusive
    }

    /// What it costs, on average, to be wrong.
    public struct CostOfBeingWrong: Sendable, Equatable {
        /// The price kept or taken when the advice is followed.
        public var choice: String
        public var metric: String
        /// Expected loss for every 1,000 visitors, in minor units.
        public var perThousandVisitors: Double
    }

    public var action: Action
    /// The variant to ship, or the one that does harm; nil where the sentence speaks of none.
    public var variant: String?
    public var sentence: String
    public var rule: DecisionRule
    /// How many more shoppers it takes with the power planned: for an effect of the plan's smallest size or, where a
    /// guardrail is open, to show that it holds should its difference be what it is now. Nil where that is not known.
    public var moreShoppers: Int64?
    /// How sure the numbers are, in one sentence; nil where there is nothing to be sure of.
    public var certainty: String?
    /// What to do next, in one sentence.
    public var nextStep: String
    public var costOfBeingWrong: CostOfBeingWrong?
}

/// How the share of buyers falls with price.
public struct DemandReport: Sendable, Equatable {
    public struct Point: Sendable, Equatable {
        public var price: Int64
        public var n: Int64
        public var conversions: Int64
        /// Of the conversion rate at this price alone: Wilson's.
        public var interval: ConfidenceInterval?
        /// The closest rate on a curve that never rises with price (isotonic regression).
        public var fallingRate: Double?
        /// What a shopper told this price brought in, as measured; nil where that is not known.
        public var revenue: Earned?
        public var profit: Earned?
    }

    /// Minor units a shopper.
    public struct Earned: Sendable, Equatable {
        public var mean: Double
        public var interval: ConfidenceInterval
    }

    /// What one who buys comes to, at every price alike.
    public struct Buyer: Sendable, Equatable {
        /// Times the price: items paid for, net of refunds.
        public var paidItems: Double
        /// Of what was sold to one, minor units; nil unless all costs are known.
        public var cost: Double?
    }

    /// The fitted curve at one price.
    public struct CurvePoint: Sendable, Equatable {
        /// Minor units.
        public var price: Double
        public var rate: Double
        /// Of the rate at this price, by the fit: symmetric in log odds.
        public var interval: ConfidenceInterval
        /// Whether the price lies within those tested.
        public var isTested: Bool
    }

    public struct Optimum: Sendable, Equatable {
        /// Minor units.
        public var price: Double
        public var interval: ConfidenceInterval?
        /// Outside the prices that were told: the curve is a guess there.
        public var isExtrapolated: Bool
    }

    public struct Elasticity: Sendable, Equatable {
        /// `logit`, `constant` or `arc`.
        public var model: String
        /// The price it holds at; nil where it is the same at every price.
        public var price: Double?
        public var value: Double
        public var interval: ConfidenceInterval?
    }

    /// Rising in price.
    public var points: [Point]
    /// Of the logit: log odds of buying = intercept + slope · price in minor units.
    public var intercept: Double?
    public var slope: Double?
    /// The logit's curve over the tested prices and a little beyond; empty without a fit.
    public var curve: [CurvePoint] = []
    public var elasticities: [Elasticity]
    public var revenueOptimal: Optimum?
    /// Needs all unit costs.
    public var profitOptimal: Optimum?
    /// The mean cost of an item sold, minor units.
    public var unitCost: Double?
    /// Nil where buyers differ by price: then who buys does not say what a price earns.
    public var buyer: Buyer?
    public var warnings: [String]

    /// What a shopper told this price brought in as measured: profit, or revenue where costs are not known.
    public func earned(_ point: Point) -> Earned? { unitCost == nil ? point.revenue : point.profit }

    /// What a shopper earns at a price where this share buys, minor units: profit, or revenue where costs are not known;
    /// nil where that does not follow.
    public func earned(at price: Double, rate: Double) -> Double? {
        buyer.map { rate * (price * $0.paidItems - ($0.cost ?? 0)) }
    }
}
