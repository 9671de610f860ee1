/// A language model, whoever runs it. It is asked for words and never told an amount: what it writes passes `PriceGuard`,
/// and its prices are slots.
public protocol LanguageModel: Sendable {
    /// As costs and reports name it: `anthropic/claude-haiku-4-5`.
    var name: String { get }

    /// What its maker asks for tokens.
    var price: ModelPrice { get }

    /// Asks it once.
    ///
    /// - Parameter receive: is given the text as it is written, piece by piece, in order; false ends the answer there.
    /// - Returns: the whole answer; what came before `receive` said false, where it did.
    /// - Throws: `ModelFailure`, with what was used until then.
    func answer(
        _ request: ModelRequest, receive: (String) async -> Bool
    ) async throws(ModelFailure) -> ModelAnswer
}

/// What a model is asked.
public struct ModelRequest: Sendable, Equatable {
    /// What stays the same for every shopper of a tenant, so that the provider can cache it: never a price, a shopper or
    /// a time.
    public var system: String
    /// Sorted by name, for the same reason.
    public var tools: [ModelTool]
    public var messages: [ModelMessage]
    public var mostTokens: Int
    /// Whether it has to use this tool; nil where it may do as it likes.
    public var mustUse: String?
    /// When nobody waits any more.
    public var deadline: ContinuousClock.Instant
    /// When somebody else is asked unless the answer has begun; nil where nobody else is there.
    public var beginBy: ContinuousClock.Instant?

    public init(
        system: String, tools: [ModelTool] = [], messages: [ModelMessage], mostTokens: Int, mustUse: String? = nil,
        deadline: ContinuousClock.Instant, beginBy: ContinuousClock.Instant? = nil
    ) {
        self.system = system
        self.tools = tools
        self.messages = messages
        self.mostTokens = mostTokens
        self.mustUse = mustUse
        self.deadline = deadline
        self.beginBy = beginBy
    }
}

/// Something a model may ask us to do.
public struct ModelTool: Sendable, Equatable {
    public let name: String
    public let description: String
    /// A JSON Schema of an object, as text.
    public let schema: String

    public init(name: String, description: String, schema: String) {
        self.name = name
        self.description = description
        self.schema = schema
    }
}

public enum ModelMessage: Sendable, Equatable {
    case shopper(String)
    /// What the model said and asked for.
    case model(String, [ModelToolCall])
    /// What came of what it asked for, one of each call, in their order.
    case results([ModelToolResult])
}

public struct ModelToolCall: Sendable, Equatable {
    public let id: String
    public let name: String
    /// JSON as the model wrote it, an object where it keeps to its own rules; not validated.
    public let input: String

    public init(id: String, name: String, input: String) {
        self.id = id
        self.name = name
        self.input = input
    }
}

public struct ModelToolResult: Sendable, Equatable {
    public let call: String
    public let text: String
    public let isError: Bool

    public init(call: String, text: String, isError: Bool = false) {
        self.call = call
        self.text = text
        self.isError = isError
    }
}

public struct ModelAnswer: Sendable, Equatable {
    public enum Ending: String, Sendable, Codable {
        case finished, tools, length, refused
        /// `receive` said false.
        case stopped
    }

    public let text: String
    public let calls: [ModelToolCall]
    public let ending: Ending
    public let usage: ModelUsage

    public init(text: String, calls: [ModelToolCall], ending: Ending, usage: ModelUsage) {
        self.text = text
        self.calls = calls
        self.ending = ending
        self.usage = usage
    }
}

/// Why a model gave no whole answer.
public struct ModelFailure: Error, Sendable, Equatable {
    public enum Reason: Sendable, Equatable {
        /// Not reached, cut off, or it speaks another protocol.
        case unreachable(String)
        case tooLate
        /// Busy or out of order; asking again later may help.
        case overloaded(status: Int)
        /// The key is refused, the model unknown, the request malformed or the account out of money: asking again does
        /// not help.
        case refused(status: Int, String)
    }

    public let reason: Reason
    /// What was charged for all the same; nothing where the provider did not say.
    public let usage: ModelUsage
    /// Whether some of the answer's text was received: asking again would say it twice.
    public let hasBegun: Bool
    /// How long the provider wants not to be asked; nil where it did not say.
    public let retryAfter: Duration?

    public init(
        _ reason: Reason, usage: ModelUsage = ModelUsage(), hasBegun: Bool = false, retryAfter: Duration? = nil
    ) {
        self.reason = reason
        self.usage = usage
        self.hasBegun = hasBegun
        self.retryAfter = retryAfter
    }
}
