/// The part of an experiment that a merchant decides, already valid.
public struct ExperimentDesign: Sendable, Equatable {
    public var name: String
    public var hypothesis: String
    public var products: [TenantKey]
    public var currency: Currency
    public var variants: [Variant]
    public var unit: Experiment.Unit
    public var layer: Layer?
    public var audience: Condition?
    public var coverage: Double
    public var holdout: Double
    public var primaryMetric: Metric
    public var guardrails: [Guardrail]
    public var analysis: AnalysisPlan
    public var attributionDays: Int
    public var targetSampleSize: Int?
    public var startsAt: Timestamp?
    public var endsAt: Timestamp?
    public var ramp: Ramp?
    public var priceRules: PriceRules

    init(_ experiment: Experiment) {
        name = experiment.name
        hypothesis = experiment.hypothesis
        products = experiment.products
        currency = experiment.currency
        variants = experiment.variants
        unit = experiment.unit
        layer = experiment.layer
        audience = experiment.audience
        coverage = experiment.coverage
        holdout = experiment.holdout
        primaryMetric = experiment.primaryMetric
        guardrails = experiment.guardrails
        analysis = experiment.analysis
        attributionDays = experiment.attributionDays
        targetSampleSize = experiment.targetSampleSize
        startsAt = experiment.startsAt
        endsAt = experiment.endsAt
        ramp = experiment.ramp
        priceRules = experiment.priceRules
    }

    /// What differs from `current` among the parts that are frozen once an experiment has started.
    func frozenParts(differingFrom current: ExperimentDesign) -> [Fault] {
        let identity: (ExperimentDesign) -> [Variant] = {
            $0.variants.map { variant in
                var copy = variant
                copy.weight = 0
                return copy
            }
        }
        let changes: [(String, Bool, String)] = [
            ("/products", products != current.products, "products"),
            ("/currency", currency != current.currency, "the currency"),
            ("/variants", identity(self) != identity(current), "variants and their prices"),
            ("/unit", unit != current.unit, "the unit"),
            ("/layer", layer != current.layer, "the layer"),
            ("/holdout", holdout != current.holdout, "the holdout"),
            ("/primary_metric", primaryMetric != current.primaryMetric, "the primary metric"),
            ("/guardrails", guardrails != current.guardrails, "guardrails"),
            ("/analysis", analysis != current.analysis, "the analysis plan"),
            ("/attribution_days", attributionDays != current.attributionDays, "the attribution window"),
            ("/starts_at", startsAt != current.startsAt, "the start"),
            ("/ramp", ramp != current.ramp, "the ramp"),
            ("/price_rules", priceRules != current.priceRules, "price rules"),
        ]
        return changes.filter(\.1).map {
            Fault($0.0, "Once an experiment has started, \($0.2) cannot change; make a new experiment.")
        }
    }
}

extension Experiment {
    /// The part that a merchant decides.
    public var design: ExperimentDesign { ExperimentDesign(self) }

    /// A draft.
    public init(_ design: ExperimentDesign, id: ExperimentID, at now: Timestamp) {
        self.id = id
        version = 1
        name = design.name
        hypothesis = design.hypothesis
        products = design.products
        currency = design.currency
        variants = design.variants
        unit = design.unit
        layer = design.layer
        audience = design.audience
        coverage = design.coverage
        holdout = design.holdout
        primaryMetric = design.primaryMetric
        guardrails = design.guardrails
        analysis = design.analysis
        attributionDays = design.attributionDays
        targetSampleSize = design.targetSampleSize
        startsAt = design.startsAt
        endsAt = design.endsAt
        ramp = design.ramp
        priceRules = design.priceRules
        status = .draft
        createdAt = now
        startedAt = nil
        completedAt = nil
        phases = []
    }

    mutating func take(_ design: ExperimentDesign) {
        let fresh = Experiment(design, id: id, at: createdAt)
        let (version, status, startedAt, completedAt, phases) = (version, status, startedAt, completedAt, phases)
        let tookByPersonalData = tookByPersonalData
        self = fresh
        self.tookByPersonalData = tookByPersonalData
        self.version = version
        self.status = status
        self.startedAt = startedAt
        self.completedAt = completedAt
        self.phases = phases
    }
}
