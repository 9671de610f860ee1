public import AgentRuntime
public import Crypto

/// Where a model is asked, and with what.
public struct ModelEndpoint: Sendable {
    /// How the key is shown.
    public enum Authentication: String, Sendable, CaseIterable {
        /// `Authorization: Bearer KEY`
        case bearer
        /// `x-api-key: KEY`
        case apiKey = "x-api-key"
    }

    /// As the provider names it: `claude-haiku-4-5`.
    public var model: String
    /// What paths are put behind, without a slash at its end.
    public var base: String
    /// Nil for servers that ask for none.
    public var key: Secret?
    public var authentication: Authentication
    /// The revision of the API, where it has revisions.
    public var version: String?
    public var price: ModelPrice
    /// How long there may be no connection.
    public var connectTimeout = Duration.seconds(2)
    public var retries = RetryRule()

    /// - Parameter base: of a trailing slash it needs none.
    public init(
        model: String, base: String, key: Secret?, authentication: Authentication, version: String? = nil,
        price: ModelPrice
    ) {
        self.model = model
        self.base = String(base.reversed().drop { $0 == "/" }.reversed())
        self.key = key
        self.authentication = authentication
        self.version = version
        self.price = price
    }

    /// Text of the key: for headers, and to be kept out of everything else.
    var keyText: String { key.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "" }

    var headers: [(name: String, value: String)] {
        var headers = [("content-type", "application/json"), ("accept", "text/event-stream")]
        if key != nil {
            switch authentication {
            case .bearer: headers.append(("authorization", "Bearer \(keyText)"))
            case .apiKey: headers.append(("x-api-key", keyText))
            }
        }
        if let version { headers.append(("anthropic-version", version)) }
        return headers
    }
}
