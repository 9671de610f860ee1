public import AgentRuntime
internal import Crypto
internal import HTTPClient
public import Providers
internal import Stats

/// Models as tests ask them: at a server of the test's, with a key that can be looked for.
public enum TestModels {
    public static let key = "sk-test-0123456789abcdef0123456789abcdef"

    public static func anthropic(
        _ model: String = "claude-haiku-4-5", at base: String, retries: RetryRule = RetryRule(),
        authentication: ModelEndpoint.Authentication = .apiKey
    ) throws -> AnthropicModel {
        var endpoint = ModelEndpoint(
            model: model, base: base, key: Secret(key), authentication: authentication,
            version: AnthropicModel.standardVersion, price: ModelPrice(input: 1_000_000, output: 5_000_000))
        endpoint.retries = retries
        return AnthropicModel(endpoint, http: try HTTPClient(), random: SplitMix64(seed: 7))
    }

    /// - Parameter base: without `/v1`.
    public static func openAI(
        _ model: String = "gpt-5-mini", at base: String, retries: RetryRule = RetryRule()
    ) throws -> OpenAIModel {
        var endpoint = ModelEndpoint(
            model: model, base: base + "/v1", key: Secret(key), authentication: .bearer,
            price: ModelPrice(input: 250_000, output: 2_000_000, cacheRead: 25_000))
        endpoint.retries = retries
        return OpenAIModel(endpoint, http: try HTTPClient(), random: SplitMix64(seed: 7))
    }
}

extension TestModels {
    /// - Parameter base: without `/v1`.
    public static func embedder(_ model: String, at base: String) throws -> any Embedder {
        struct NoLength: Error {}
        guard
            let endpoint = OpenAIEmbedder.Endpoint(model: model, dimensions: nil, base: base + "/v1", key: Secret(key))
        else { throw NoLength() }
        return OpenAIEmbedder(endpoint, http: try HTTPClient())
    }
}

extension RetryRule {
    /// The same as ever, without the waiting.
    public static var atOnce: RetryRule {
        var rule = RetryRule()
        rule.first = .zero
        return rule
    }
}
