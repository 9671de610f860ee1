public import AgentRuntime
public import Crypto
public import HTTPClient
internal import JSON
internal import Synchronization

/// Vectors by the Embeddings API of OpenAI, or of any server that speaks it.
///
/// While it fails nobody waits for it: it is left alone for a while and answers at once that there are no vectors, so that
/// words alone are searched.
public final class OpenAIEmbedder: Embedder {
    /// Where it is asked, and for what.
    public struct Endpoint: Sendable, Equatable {
        public let model: String
        /// Elements of its vectors.
        public let dimensions: Int
        /// Whether vectors are asked for in this length, which is not the model's own.
        public let isShortened: Bool
        /// With `/v1`.
        public let base: String
        public let key: Secret?

        /// Elements of the vectors of known models.
        private static let known = [
            "text-embedding-3-small": 1536, "text-embedding-3-large": 3072, "text-embedding-ada-002": 1536,
        ]

        /// Nil for a model whose vectors are of a length that is neither known nor given, and for a length beyond 1 to
        /// 65,536.
        public init?(model: String, dimensions: Int?, base: String, key: Secret?) {
            let own = Self.known[model]
            guard let length = dimensions ?? own, (1...65_536).contains(length) else { return nil }
            self.model = model
            self.dimensions = length
            isShortened = own.map { $0 != length } ?? false
            self.base = String(base.reversed().drop { $0 == "/" }.reversed())
            self.key = key
        }
    }

    private struct Standing {
        var failures = 0
        var leftAloneUntil: ContinuousClock.Instant?
    }

    public let model: String
    public let dimensions: Int
    public let batch = 256
    private let endpoint: Endpoint
    private let http: HTTPClient
    private let now: @Sendable () -> ContinuousClock.Instant
    private let standing = Mutex(Standing())

    /// A shopper waits for one vector, and nobody for many.
    private static let patience = (one: Duration.milliseconds(1500), many: Duration.seconds(60))
    private static let pauses = (first: Duration.seconds(5), longest: Duration.seconds(60))
    /// What the API takes at most, in texts and tokens; a token is reckoned at two bytes, which is more than there are.
    private static let mostTexts = 2048
    private static let mostTokens = 250_000
    private static let longestText = 16_000

    public convenience init(_ endpoint: Endpoint, http: HTTPClient) {
        self.init(endpoint, http: http, now: { ContinuousClock.now })
    }

    init(_ endpoint: Endpoint, http: HTTPClient, now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.endpoint = endpoint
        self.http = http
        self.now = now
        dimensions = endpoint.dimensions
        // What is asked for in another length are other vectors.
        model = "openai/\(endpoint.model)@\(endpoint.dimensions)"
    }

    public func embed(_ texts: [String]) async throws(EmbedderError) -> [[Float]] {
        var vectors = [[Float]](repeating: [Float](repeating: 0, count: dimensions), count: texts.count)
        // The API refuses what is empty, and it is near to nothing.
        let places = texts.indices.filter { texts[$0].contains { !$0.isWhitespace } }
        guard !places.isEmpty else { return vectors }
        if let until = standing.withLock({ $0.leftAloneUntil }), now() < until {
            throw .unavailable("\(endpoint.model) is left alone for a while after it failed")
        }
        do throws(EmbedderError) {
            for group in Self.groups(of: places.map { Self.shortened(texts[$0]) }) {
                let made = try await asked(Array(group.texts), isAlone: texts.count == 1)
                for (offset, vector) in made.enumerated() { vectors[places[group.first + offset]] = vector }
            }
        } catch {
            if !Task.isCancelled { failed() }
            throw error
        }
        standing.withLock { $0 = Standing() }
        return vectors
    }

    private func failed() {
        let now = now()
        standing.withLock { standing in
            let pause = min(Self.pauses.first * (1 << min(standing.failures, 16)), Self.pauses.longest)
            standing.failures += 1
            standing.leftAloneUntil = now.advanced(by: pause)
        }
    }

    /// Texts that fit into a request each.
    static func groups(of texts: [String]) -> [(first: Int, texts: ArraySlice<String>)] {
        var groups: [(first: Int, texts: ArraySlice<String>)] = []
        var first = 0
        var tokens = 0
        for (place, text) in texts.enumerated() {
            let size = text.utf8.count / 2 + 1
            if place > first, place - first == mostTexts || tokens + size > mostTokens {
                groups.append((first, texts[first..<place]))
                first = place
                tokens = 0
            }
            tokens += size
        }
        if first < texts.count { groups.append((first, texts[first...])) }
        return groups
    }

    /// Cut between scalars: a character may be longer than any text should be.
    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > longestText else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: longestText)
        while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return String(text.unicodeScalars[..<end])
    }

    private func asked(_ texts: [String], isAlone: Bool) async throws(EmbedderError) -> [[Float]] {
        var json = JSONWriter()
        json.beginObject()
        json.field("model", endpoint.model)
        json.key("input")
        json.beginArray()
        for text in texts { json.string(text) }
        json.endArray()
        if endpoint.isShortened { json.field("dimensions", dimensions) }
        json.field("encoding_format", "base64")
        json.endObject()
        let key = endpoint.key.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
        var headers = [("content-type", "application/json")]
        if !key.isEmpty { headers.append(("authorization", "Bearer \(key)")) }
        let reply: HTTPReply
        do throws(HTTPClientError) {
            reply = try await http.send(
                HTTPRequest(
                    "POST", endpoint.base + "/embeddings", headers: headers, body: json.bytes,
                    connectTimeout: min(.seconds(2), Self.patience.one),
                    timeout: isAlone ? Self.patience.one : Self.patience.many, largestBody: 64 << 20))
        } catch {
            throw .unavailable("\(endpoint.model): \(error)")
        }
        guard reply.status == 200 else {
            let error = ProviderError(body: reply.body, status: reply.status)
            throw .unavailable("\(endpoint.model): \(error.status) \(error.said(hiding: key))")
        }
        guard let vectors = EmbeddingsReply.vectors(reply.body, count: texts.count, dimensions: dimensions) else {
            throw .unavailable("\(endpoint.model): the answer is not \(texts.count) vectors of \(dimensions) numbers")
        }
        return vectors
    }
}
