public import Crypto
public import Stats
public import Experiments

/// Why counts cannot be analysed: they contradict themselves. Sound but few data are no error.
public enum AnalysisError: Error, Sendable, Equatable {
    case inconsistent(String)
}

/// One metric of one variant in one stratum.
public struct Sample: Sendable, Equatable {
    /// Of the shoppers whose value is known.
    public var moments: ExactMoments
    /// Shoppers whose value is only known to lie within bounds.
    public var unknown: Int64
    /// The sum of their lower and upper bounds.
    public var atLeast: Int128
    public var atMost: Int128

    public init(_ moments: ExactMoments, unknown: Int64 = 0, atLeast: Int128 = 0, atMost: Int128 = 0) {
        self.moments = moments
        self.unknown = unknown
        self.atLeast = atLeast
        self.atMost = atMost
    }

    var units: Int64 { moments.count + unknown }
}

/// One metric of all variants.
public struct MetricInput: Sendable, Equatable {
    public var name: String
    public var kind: MetricReport.Kind
    /// By variant, then by stratum.
    public var samples: [[Sample]]
    /// The largest value of one shopper, by variant; nil where it is not known.
    public var largest: [Int64?]
    /// Whether strata weigh what they have of all variants' shoppers, not of the two compared: where weights follow what
    /// was learned, a variant's number of shoppers says how it fared.
    public var weighsByAll = false
    /// Whether the bounds of values that are not known were counted.
    var hasBounds = true
    /// By variant, then by stratum: shoppers with a covariate, as (covariate, value). Nil where nobody kept them.
    public var covariates: [[ExactPairMoments]]?
    /// By variant, then by stratum: how the values are spread, zeros among them. Nil where nobody kept it.
    public var spreads: [[ValueHistogram]]?

    public init(
        name: String, kind: MetricReport.Kind, samples: [[Sample]], largest: [Int64?]? = nil,
        covariates: [[ExactPairMoments]]? = nil, spreads: [[ValueHistogram]]? = nil
    ) {
        self.name = name
        self.kind = kind
        self.samples = samples
        self.largest = largest ?? samples.map { _ in nil }
        self.covariates = covariates
        self.spreads = spreads
    }
}

/// A set of shoppers who were assigned by the same weights: within it the variants are comparable without more ado.
///
/// Phases whose weights have the same proportions are one stratum.
public struct Stratum: Sendable, Equatable {
    /// By variant.
    public var weights: [Int]
    /// Shoppers by day of first exposure, then by variant: the looks of the sequential sample-ratio test, in order.
    public var arrivals: [[Int64]]

    public init(weights: [Int], arrivals: [[Int64]]) {
        self.weights = weights
        self.arrivals = arrivals
    }
}

/// The primary metric of the shoppers who came on one day.
public struct DayInput: Sendable, Equatable {
    /// Since 1970-01-01, in UTC.
    public var day: Int32
    /// By variant, then by stratum.
    public var samples: [[Sample]]

    public init(day: Int32, samples: [[Sample]]) {
        self.day = day
        self.samples = samples
    }
}

/// The shoppers of one phase, measured by the primary metric.
public struct PhaseInput: Sendable, Equatable {
    public var startedAt: Timestamp?
    /// By variant.
    public var weights: [Int]
    /// Of one stratum.
    public var metric: MetricInput

    public init(startedAt: Timestamp?, weights: [Int], metric: MetricInput) {
        self.startedAt = startedAt
        self.weights = weights
        self.metric = metric
    }
}

/// Shoppers divided by an attribute, measured by the primary metric.
public struct SegmentInput: Sendable, Equatable {
    public var attribute: String
    /// Those with shoppers, in the order declared.
    public var values: [(name: String, metric: MetricInput)]

    public init(attribute: String, values: [(name: String, metric: MetricInput)]) {
        self.attribute = attribute
        self.values = values
    }

    public static func == (a: SegmentInput, b: SegmentInput) -> Bool {
        a.attribute == b.attribute && a.values.elementsEqual(b.values) { $0.name == $1.name && $0.metric == $1.metric }
    }
}

/// All that a report is made from, wherever it came from: a store's measurements or somebody's file.
public struct AnalysisInput: Sendable, Equatable {
    public struct Arm: Sendable, Equatable {
        public var name: String
        /// Minor units; nil where the variants are no prices.
        public var price: Int64?
        public var units: Int64
        /// Shoppers who bought; nil where nobody asked.
        public var conversions: Int64?
        /// Distinct orders; nil where nobody counted them.
        public var orders: Int64?
        /// Shoppers who began a checkout, those who bought among them; nil where nobody counted them.
        public var checkouts: Int64?

        public init(
            name: String, price: Int64?, units: Int64, conversions: Int64?, orders: Int64? = nil,
            checkouts: Int64? = nil
        ) {
            self.name = name
            self.price = price
            self.units = units
            self.conversions = conversions
            self.orders = orders
            self.checkouts = checkouts
        }
    }

    /// What is adjusted for.
    public struct Covariate: Sendable, Equatable {
        /// `spent_before`, or the name of an attribute.
        public var name: String
        /// The worth of one step of the whole numbers it is counted in.
        public var unit: Double

        public init(name: String, unit: Double) {
            self.name = name
            self.unit = unit
        }
    }

    public var subject: String
    public var name: String
    public var configurationVersion: Int?
    public var asOf: Timestamp?
    public var hash: Digest256
    public var status: Experiment.Status
    public var plan: AnalysisPlan
    public var currency: Currency
    public var arms: [Arm]
    public var control: Int
    public var strata: [Stratum]
    /// The primary metric first.
    public var metrics: [MetricInput]
    /// The primary metric by day of first exposure, rising; empty where nobody counted by day.
    public var days: [DayInput]
    public var guardrails: [Guardrail]
    /// Shoppers in all variants.
    public var targetSampleSize: Int?
    public var multipleExposure: Int64
    /// The share of shoppers whose attribution window has passed.
    public var maturity: Double?
    /// The newest day of first exposure whose shoppers have all had their attribution window, since 1970-01-01; nil for
    /// counts without days.
    public var lastMatureDay: Int32?
    /// The share of buyers whose unit costs are known.
    public var costCoverage: Double?
    /// The mean cost of an item sold; nil unless known for all.
    public var unitCost: Double?
    /// What the covariate is: `spent_before`, or an attribute's name; nil without one.
    public var covariate: Covariate?
    /// In order; fewer than two where there is nothing to tell apart.
    public var phases: [PhaseInput]
    public var segments: [SegmentInput]
    /// Words about the data that whoever read them has to say.
    public var warnings: [String]
    /// Whose shoppers these are, where they are not all; nil for all.
    public var segment: SegmentChoice?
    /// The comparisons that share the error rate, where they are more than those of one metric's variants.
    var family: Int?
    /// The number of shoppers in a pair at which confidence sequences are narrowest, where the target does not say.
    var tuning: Double?
    /// Every set of weights there was, in order; empty where they are not known by date.
    public var allocation: [AllocationPeriod] = []

    public init(
        subject: String, name: String, configurationVersion: Int? = nil, asOf: Timestamp? = nil, hash: Digest256,
        status: Experiment.Status, plan: AnalysisPlan, currency: Currency, arms: [Arm], control: Int,
        strata: [Stratum], metrics: [MetricInput], days: [DayInput] = [], guardrails: [Guardrail] = [],
        targetSampleSize: Int? = nil, multipleExposure: Int64 = 0, maturity: Double? = nil,
        lastMatureDay: Int32? = nil, costCoverage: Double? = nil,
        unitCost: Double? = nil, covariate: Covariate? = nil,
        phases: [PhaseInput] = [], segments: [SegmentInput] = [],
        warnings: [String] = []
    ) {
        self.subject = subject
        self.name = name
        self.configurationVersion = configurationVersion
        self.asOf = asOf
        self.hash = hash
        self.status = status
        self.plan = plan
        self.currency = currency
        self.arms = arms
        self.control = control
        self.strata = strata
        self.metrics = metrics
        self.days = days
        self.guardrails = guardrails
        self.targetSampleSize = targetSampleSize
        self.multipleExposure = multipleExposure
        self.maturity = maturity
        self.lastMatureDay = lastMatureDay
        self.costCoverage = costCoverage
        self.unitCost = unitCost
        self.covariate = covariate
        self.phases = phases
        self.segments = segments
        self.warnings = warnings
    }

    var units: Int64 { arms.reduce(0) { $0 + $1.units } }

    /// Shoppers of a variant who count as a success for this metric: its own where it is a share, else those who bought;
    /// where nobody asked who bought, all.
    func successes(_ metric: MetricInput, _ variant: Int) -> Int64 {
        if metric.kind == .ratio, let total = metric.total(of: variant) { return Int64(clamping: total) }
        return arms[variant].conversions ?? arms[variant].units
    }

    /// The comparisons each metric makes: the family the error rate is kept for.
    var comparisons: Int { family ?? max(1, arms.count - 1) }

    /// The number of shoppers in a pair of variants at which a confidence sequence shall be narrowest, fixed before the
    /// data: the pair's part of the target, else 5,000.
    var pairTuning: Double {
        if let tuning { return tuning }
        guard let target = targetSampleSize, target > 0 else { return 5000 }
        return max(2, Double(target) * 2 / Double(arms.count))
    }
}
