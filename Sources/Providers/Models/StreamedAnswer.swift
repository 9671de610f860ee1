internal import AgentRuntime
internal import JSON

/// An answer on its way, in one provider's words: a value that takes events and opens no connection.
protocol StreamedAnswer: Sendable {
    /// - Parameter asked: bytes of the request, for what the provider does not say of it.
    init(asked: Int)

    /// Takes an event; the text that it brings, nil where it brings none.
    mutating func receive(_ event: ServerSentEvent) throws(StreamFault) -> String?

    /// Whether nothing that follows matters.
    var isOver: Bool { get }

    /// Whether anything of an answer has come, were it only a thought.
    var hasContent: Bool { get }

    /// The whole answer; nil where it was cut off.
    var answer: ModelAnswer? { get }

    /// What it came to so far, as the stream was cut here: estimated where the provider did not say.
    var partial: (text: String, usage: ModelUsage) { get }
}

/// Why a stream gives no answer.
enum StreamFault: Error, Equatable {
    /// The provider said so, and what status it stands for.
    case told(ProviderError)
    /// It is not what the protocol says.
    case garbled(String)
    /// More of it than anybody reads.
    case tooMuch
}

/// What a stream may bring at most; beyond it a provider is not believed any more.
enum StreamLimits {
    static let text = 1 << 20
    static let input = 1 << 18
    static let calls = 64
    static let name = 256
}

/// Counts of tokens as they are told: never negative, never absurd.
enum TokenCount {
    private static let most: Int64 = 1_000_000_000_000

    /// Nil for what is no count.
    static func read(_ node: JSONNode?) -> Int64? {
        guard let count = node?.int64 else { return nil }
        return min(max(count, 0), most)
    }

    /// What so many bytes come to, four a token.
    static func estimated(bytes: Int) -> Int64 { Int64((bytes + 3) / 4) }
}
