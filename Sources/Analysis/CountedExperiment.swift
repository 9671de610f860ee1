public import Crypto
public import Experiments

/// What the analysis has to know of an experiment beside its counts: of one that a server runs, or of one whose shoppers
/// stand in a file.
public struct CountedExperiment: Sendable, Equatable {
    public struct Variant: Sendable, Equatable {
        public var name: String
        /// What shoppers were told, in minor units; nil where it is not known.
        public var price: Int64?
        public var weight: Int

        public init(name: String, price: Int64?, weight: Int) {
            self.name = name
            self.price = price
            self.weight = weight
        }
    }

    public struct Phase: Sendable, Equatable {
        /// Nil where it is not known.
        public var startedAt: Timestamp?
        /// By variant.
        public var weights: [Int]

        public init(startedAt: Timestamp?, weights: [Int]) {
            self.startedAt = startedAt
            self.weights = weights
        }
    }

    public var subject: String
    public var name: String
    public var version: Int?
    public var asOf: Timestamp?
    public var status: Experiment.Status
    public var plan: AnalysisPlan
    public var currency: Currency
    public var variants: [Variant]
    /// The index of the variant all others are compared with.
    public var control: Int
    /// Empty for the variants' weights throughout.
    public var phases: [Phase]
    public var primaryMetric: Metric
    public var guardrails: [Guardrail]
    public var targetSampleSize: Int?
    /// Days after first exposure within which an outcome counts; nil where it is not known.
    public var attributionDays: Int?

    public init(
        subject: String, name: String, version: Int? = nil, asOf: Timestamp? = nil, status: Experiment.Status,
        plan: AnalysisPlan, currency: Currency, variants: [Variant], control: Int, phases: [Phase],
        primaryMetric: Metric, guardrails: [Guardrail] = [], targetSampleSize: Int? = nil, attributionDays: Int? = nil
    ) {
        self.subject = subject
        self.name = name
        self.version = version
        self.asOf = asOf
        self.status = status
        self.plan = plan
        self.currency = currency
        self.variants = variants
        self.control = control
        self.phases = phases
        self.primaryMetric = primaryMetric
        self.guardrails = guardrails
        self.targetSampleSize = targetSampleSize
        self.attributionDays = attributionDays
    }

    init(_ experiment: Experiment, asOf: Timestamp) {
        self.init(
            subject: experiment.id.description, name: experiment.name, version: experiment.version, asOf: asOf,
            status: experiment.status, plan: experiment.analysis, currency: experiment.currency,
            variants: experiment.variants.map { Variant(name: $0.name, price: $0.offered, weight: $0.weight) },
            control: experiment.control,
            phases: experiment.phases.map { Phase(startedAt: $0.startedAt, weights: $0.weights) },
            primaryMetric: experiment.primaryMetric, guardrails: experiment.guardrails,
            targetSampleSize: experiment.targetSampleSize, attributionDays: experiment.attributionDays)
    }

    /// Its counts as the analysis takes them.
    ///
    /// - Parameter hash: of whatever the counts were made from.
    public func input(_ counts: UnitCounts, hash: Digest256) throws(AnalysisError) -> AnalysisInput {
        try CountReading(experiment: self, counts: counts, hash: hash).input()
    }
}
