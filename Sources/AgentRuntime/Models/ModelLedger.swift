public import Experiments

/// A request to a model that is about to be made, with the most that it can cost.
public struct ModelReservation: Sendable, Equatable, Named {
    public static let identifierPrefix: StaticString = "mdl"

    public let id: ModelCallID
    public let conversation: ConversationID
    /// Asked first.
    public let model: String
    public let most: ModelCost
    public let at: Timestamp

    public init(
        id: ModelCallID, conversation: ConversationID, model: String, most: ModelCost, at: Timestamp
    ) {
        self.id = id
        self.conversation = conversation
        self.model = model
        self.most = most
        self.at = at
    }

    /// In UTC, counted from 1970-01-01.
    public var day: Int32 { at.day }
}

/// `mdl_…`
public typealias ModelCallID = Identifier<ModelReservation>

/// What one model was asked and what it used.
public struct ModelCharge: Sendable, Equatable {
    public let model: String
    public let usage: ModelUsage
    public let cost: ModelCost
    public let isAnswered: Bool

    public init(model: String, usage: ModelUsage, cost: ModelCost, isAnswered: Bool) {
        self.model = model
        self.usage = usage
        self.cost = cost
        self.isAnswered = isAnswered
    }
}

/// An arm of an experiment whose price was told in a conversation.
public struct ModelArm: Sendable, Hashable, Codable {
    public let experiment: ExperimentID
    public let variant: String

    public init(experiment: ExperimentID, variant: String) {
        self.experiment = experiment
        self.variant = variant
    }
}

/// Where the costs of models are kept: set aside before a request, made good after it, and added up by whoever pays.
/// Each call is one transaction; replicas share the budgets.
public protocol ModelLedger: Sendable {
    /// Sets the most that a request can cost aside, of the tenant's budget for the day and of the conversation's; false
    /// where either has no room for it, and then nothing is kept.
    func reserve(
        _ reservation: ModelReservation, ofDay day: ModelCost, ofConversation conversation: ModelCost,
        in tenant: TenantID
    ) async throws(StoreError) -> Bool

    /// Puts what a request cost in the place of what was set aside. Done once however often it is called; a reservation
    /// that is never settled stays set aside and counts as unknown.
    func settle(
        _ reservation: ModelReservation, _ charges: [ModelCharge], in tenant: TenantID
    ) async throws(StoreError)

    /// Notes whose price was told in a conversation that asked models, so that its costs count for that arm.
    func note(_ arms: [ModelArm], of conversation: ConversationID, in tenant: TenantID) async throws(StoreError)

    /// What models cost on some days.
    ///
    /// - Parameter conversations: how many of them are listed, the dearest first.
    func costs(
        of tenant: TenantID, from: Int32, through: Int32, conversations: Int
    ) async throws(StoreError) -> ModelCosts
}

/// What models cost a tenant on some days, exactly.
public struct ModelCosts: Sendable, Equatable {
    public struct Sum: Sendable, Equatable {
        /// Requests to models; one that went to two models is two.
        public var calls: Int64 = 0
        /// Of those, the ones whose provider did not say all it used: their cost is reckoned.
        public var estimated: Int64 = 0
        /// Begun and never settled: what they cost is not known, and is not in `cost`.
        public var unknown: Int64 = 0
        public var cost = ModelCost.zero
        /// Set aside for those that are unknown: they cost no more.
        public var unknownAtMost = ModelCost.zero
        public var usage = ModelUsage()

        public init() {}

        public static func + (a: Self, b: Self) -> Self {
            var sum = a
            sum.calls += b.calls
            sum.estimated += b.estimated
            sum.unknown += b.unknown
            sum.cost = a.cost + b.cost
            sum.unknownAtMost = a.unknownAtMost + b.unknownAtMost
            sum.usage = a.usage + b.usage
            return sum
        }
    }

    public struct DayRow: Sendable, Equatable {
        public let day: Int32
        public let model: String
        public let sum: Sum

        public init(day: Int32, model: String, sum: Sum) {
            self.day = day
            self.model = model
            self.sum = sum
        }
    }

    public struct ConversationRow: Sendable, Equatable {
        public let conversation: ConversationID
        public let sum: Sum

        public init(conversation: ConversationID, sum: Sum) {
            self.conversation = conversation
            self.sum = sum
        }
    }

    public struct ArmRow: Sendable, Equatable {
        public let arm: ModelArm
        public let conversations: Int64
        public let sum: Sum

        public init(arm: ModelArm, conversations: Int64, sum: Sum) {
            self.arm = arm
            self.conversations = conversations
            self.sum = sum
        }
    }

    /// By day and model, in that order.
    public let days: [DayRow]
    /// The dearest first; of equals the older.
    public let conversations: [ConversationRow]
    /// By experiment and variant. A conversation in which prices of several experiments were told counts for each.
    public let arms: [ArmRow]

    public init(days: [DayRow], conversations: [ConversationRow], arms: [ArmRow]) {
        self.days = days
        self.conversations = conversations
        self.arms = arms
    }

    public var total: Sum { days.reduce(Sum()) { $0 + $1.sum } }
}
