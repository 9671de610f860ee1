/// What was decided on an experiment, by whom, and what was known then. Once made it never changes: it is what the
/// engine's and people's judgement is measured by.
public struct DecisionRecord: Sendable, Equatable, Codable, Named {
    public static let identifierPrefix: StaticString = "dec"

    public enum Action: String, Sendable, Codable, CaseIterable {
        /// Charge the variant's price from now on.
        case ship
        /// Offer the variant's price no longer: it does harm.
        case stop
        /// Go on counting.
        case `continue`
        /// The question stays open.
        case inconclusive

        /// Whether it says of a variant that it is better or worse than control, which time can show to be wrong.
        public var claims: Bool { self == .ship || self == .stop }
    }

    /// Whose judgement it was.
    public enum Origin: String, Sendable, Codable, CaseIterable {
        /// The report's recommendation, taken as it was.
        case policy
        case person
    }

    public let id: DecisionID
    public let experiment: ExperimentID
    public let action: Action
    /// The variant to ship or to stop; nil for what speaks of none.
    public let variant: String?
    public let origin: Origin
    /// As audit rows name it: the key's id.
    public let takenBy: String
    /// In the words of whoever decided; of the recommendation where it was taken as it was.
    public let reason: String
    /// Whether the experiment was completed by the same commit.
    public let completes: Bool
    public let at: Timestamp
    public let evidence: Evidence

    public init(
        id: DecisionID, experiment: ExperimentID, action: Action, variant: String?, origin: Origin, takenBy: String,
        reason: String, completes: Bool, at: Timestamp, evidence: Evidence
    ) {
        self.id = id
        self.experiment = experiment
        self.action = action
        self.variant = variant
        self.origin = origin
        self.takenBy = takenBy
        self.reason = reason
        self.completes = completes
        self.at = at
        self.evidence = evidence
    }

    /// The most characters a reason may have.
    public static let longestReason = 2000

    /// What was known of the variant that the decision speaks of.
    public var finding: Evidence.Finding? { evidence.findings.first { $0.variant == variant } }
}

/// `dec_…`
public typealias DecisionID = Identifier<DecisionRecord>

extension DecisionRecord {
    /// What was known when it was decided, copied so that nothing later can change it. The counts themselves are
    /// recorded under `asOf`: the report can be made again and has the same `inputHash`.
    public struct Evidence: Sendable, Equatable, Codable {
        public let asOf: Timestamp
        /// The version of the experiment.
        public let configurationVersion: Int
        /// Of the program that made the report.
        public let engineVersion: String
        /// 64 hexadecimal digits.
        public let inputHash: String
        /// Shoppers counted, all variants.
        public let units: Int64
        /// What the decision rests on: the primary metric, or the guardrail that was broken.
        public let metric: String
        /// What the metric's numbers are: `ratio`, `money` (minor units a shopper) or `count`.
        public let unit: String
        public let currency: Currency
        public let control: String
        public let advice: Advice
        /// Every variant but control, on `metric`.
        public let findings: [Finding]

        public init(
            asOf: Timestamp, configurationVersion: Int, engineVersion: String, inputHash: String, units: Int64,
            metric: String, unit: String, currency: Currency, control: String, advice: Advice, findings: [Finding]
        ) {
            self.asOf = asOf
            self.configurationVersion = configurationVersion
            self.engineVersion = engineVersion
            self.inputHash = inputHash
            self.units = units
            self.metric = metric
            self.unit = unit
            self.currency = currency
            self.control = control
            self.advice = advice
            self.findings = findings
        }

        /// What the report recommended.
        public struct Advice: Sendable, Equatable, Codable {
            public let action: Action
            public let variant: String?
            public let rule: String
            public let sentence: String
            /// Shoppers it would still have taken, by the plan's power; nil where that was not known.
            public let moreShoppers: Int64?
            /// Days those take at the experiment's mean rate until then; nil where that was not known.
            public let moreDays: Int64?

            public init(
                action: Action, variant: String?, rule: String, sentence: String, moreShoppers: Int64?,
                moreDays: Int64?
            ) {
                self.action = action
                self.variant = variant
                self.rule = rule
                self.sentence = sentence
                self.moreShoppers = moreShoppers
                self.moreDays = moreDays
            }
        }

        /// One variant against control.
        public struct Finding: Sendable, Equatable, Codable {
            public let variant: String
            /// Shoppers of the variant and of control.
            public let n: Int64
            /// Variant − control; nil where it could not be computed.
            public let difference: Double?
            /// Of the difference: the interval that decides, of the level `level`.
            public let lower: Double?
            public let upper: Double?
            public let level: Double?
            public let probabilityBetter: Double?
            /// What choosing the variant costs on average where control is better, in the metric's unit.
            public let expectedLoss: Double?

            public init(
                variant: String, n: Int64, difference: Double?, lower: Double?, upper: Double?, level: Double?,
                probabilityBetter: Double?, expectedLoss: Double?
            ) {
                self.variant = variant
                self.n = n
                self.difference = difference
                self.lower = lower
                self.upper = upper
                self.level = level
                self.probabilityBetter = probabilityBetter
                self.expectedLoss = expectedLoss
            }
        }
    }
}
