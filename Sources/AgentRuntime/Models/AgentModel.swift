/// The language models that an agent may ask where its rules do not understand, and the bounds of asking. Without one
/// the agent sells by rules alone.
public struct AgentModel: Sendable {
    public let chain: ModelChain
    /// Where budgets are kept and costs are counted.
    public let ledger: any ModelLedger
    public let limits: ModelLimits

    public init(_ chain: ModelChain, ledger: any ModelLedger, limits: ModelLimits = ModelLimits()) {
        self.chain = chain
        self.ledger = ledger
        self.limits = limits
    }

    public init(_ model: any LanguageModel, ledger: any ModelLedger, limits: ModelLimits = ModelLimits()) {
        self.init(ModelChain([model]), ledger: ledger, limits: limits)
    }
}

/// How much may be asked of models. What is beyond is answered by rules.
public struct ModelLimits: Sendable, Equatable {
    /// From a shopper's message on; what was not answered by then is answered by rules.
    public var time = Duration.milliseconds(2500)
    /// Requests to models for one message of a shopper.
    public var calls = 4
    /// Tools that a model may use for one message.
    public var toolCalls = 8
    /// Tokens of one answer.
    public var tokens = 400
    /// Earlier messages that a model is shown.
    public var history = 10
    /// Messages that models answer at once in this process.
    public var atOnce = 256
    /// A tenant's, for a day in UTC.
    public var dayBudget = ModelCost(picodollars: 10_000_000_000_000)
    public var conversationBudget = ModelCost(picodollars: 250_000_000_000)

    public init() {}
}
