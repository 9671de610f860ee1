public import AgentRuntime
public import HTTPClient

/// A model of Anthropic's, by the Messages API.
public struct AnthropicModel: LanguageModel {
    public static let standardBase = "https://api.anthropic.com"
    /// The revision of the API that is spoken. Of it nothing is used that older ones do not have.
    public static let standardVersion = "2023-06-01"

    public let name: String
    public let price: ModelPrice
    private let model: String
    private let exchange: Exchange

    /// - Parameters:
    ///   - endpoint: its base without `/v1`.
    ///   - random: what retries are spread by.
    public init(_ endpoint: ModelEndpoint, http: HTTPClient, random: any RandomNumberGenerator & Sendable) {
        self.init(endpoint, Exchange(endpoint, http, random))
    }

    init(_ endpoint: ModelEndpoint, _ exchange: Exchange) {
        name = "anthropic/\(endpoint.model)"
        price = endpoint.price
        model = endpoint.model
        self.exchange = exchange
    }

    public func answer(
        _ request: ModelRequest, receive: (String) async -> Bool
    ) async throws(ModelFailure) -> ModelAnswer {
        try await exchange.answer(
            AnthropicStream.self, path: "/v1/messages", body: AnthropicBody.bytes(request, model: model), to: request,
            receive: receive)
    }
}
