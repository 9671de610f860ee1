public import AgentRuntime
public import HTTPClient

/// A model of OpenAI's, or of any server that speaks its Chat Completions API.
public struct OpenAIModel: LanguageModel {
    public static let standardBase = "https://api.openai.com/v1"

    public let name: String
    public let price: ModelPrice
    private let model: String
    private let exchange: Exchange

    /// - Parameters:
    ///   - endpoint: its base with `/v1`.
    ///   - random: what retries are spread by.
    public init(_ endpoint: ModelEndpoint, http: HTTPClient, random: any RandomNumberGenerator & Sendable) {
        self.init(endpoint, Exchange(endpoint, http, random))
    }

    init(_ endpoint: ModelEndpoint, _ exchange: Exchange) {
        name = "openai/\(endpoint.model)"
        price = endpoint.price
        model = endpoint.model
        self.exchange = exchange
    }

    public func answer(
        _ request: ModelRequest, receive: (String) async -> Bool
    ) async throws(ModelFailure) -> ModelAnswer {
        try await exchange.answer(
            OpenAIStream.self, path: "/chat/completions", body: OpenAIBody.bytes(request, model: model), to: request,
            receive: receive)
    }
}
