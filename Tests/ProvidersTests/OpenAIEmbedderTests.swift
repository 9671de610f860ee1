import AgentRuntime
import Crypto
import HTTPClient
import JSON
import ProviderSupport
import Synchronization
import Testing

@testable import Providers

@Suite struct OpenAIEmbedderTests {
    private final class HandClock: Sendable {
        private let instant = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { instant.withLock { $0 } }
        func advance(_ duration: Duration) { instant.withLock { $0 = $0.advanced(by: duration) } }
    }

    private let clock = HandClock()

    private func embedder(at base: String, _ model: String = "m", _ dimensions: Int? = 2) throws -> OpenAIEmbedder {
        let endpoint = OpenAIEmbedder.Endpoint(
            model: model, dimensions: dimensions, base: base + "/v1", key: Secret(TestModels.key))
        return OpenAIEmbedder(try #require(endpoint), http: try HTTPClient(), now: { [clock] in clock.now })
    }

    /// Vectors of the lengths of what is asked, as base64 of `[length, 0]`.
    private static func answer(to request: ScriptedServer.Seen) -> [ScriptedServer.Step] {
        let input = (try? JSONValue(parsing: request.body))?["input"]
        guard case .array(let texts)? = input else { return [.json(400, "{}")] }
        let data = texts.enumerated().map { place, _ in
            // 3.0 and 4.0, little-endian.
            #"{"object":"embedding","index":\#(place),"embedding":"AABAQAAAgEA="}"#
        }
        return [.json(200, #"{"data":[\#(data.reversed().joined(separator: ","))]}"#)]
    }

    @Test func `texts become vectors of unit length, and what is empty none`() async throws {
        let server = try ScriptedServer(Self.answer)
        let embedder = try embedder(at: server.base)
        #expect(embedder.model == "openai/m@2" && embedder.dimensions == 2)
        let vectors = try await embedder.embed(["a cup", " ", "", "a pot"])
        #expect(vectors == [[0.6, 0.8], [0, 0], [0, 0], [0.6, 0.8]])
        let body = try JSONValue(parsing: try #require(server.requests.first?.body))
        #expect(body == ["model": "m", "input": ["a cup", "a pot"], "encoding_format": "base64"])
        #expect(server.requests.first?.path == "/v1/embeddings")
        #expect(server.requests.first?.headers["authorization"] == "Bearer \(TestModels.key)")
        #expect(try await embedder.embed([]).isEmpty)
        #expect(try await embedder.embed([""]) == [[0, 0]])
        #expect(server.requests.count == 1)
    }

    @Test func `a length that is not the model's own is asked for`() async throws {
        let server = try ScriptedServer(Self.answer)
        _ = try await embedder(at: server.base, "text-embedding-3-small", 2).embed(["x"])
        let body = try JSONValue(parsing: try #require(server.requests.first?.body))
        #expect(body["dimensions"] == 2)
        #expect(try embedder(at: server.base, "text-embedding-3-small", nil).dimensions == 1536)
        #expect(OpenAIEmbedder.Endpoint(model: "own", dimensions: nil, base: "http://a", key: nil) == nil)
    }

    @Test func `requests hold no more than the provider takes`() {
        let many = OpenAIEmbedder.groups(of: [String](repeating: "ab", count: 5000))
        #expect(many.map(\.texts.count) == [2048, 2048, 904])
        #expect(many.map(\.first) == [0, 2048, 4096])
        let long = OpenAIEmbedder.groups(of: [String](repeating: String(repeating: "a", count: 16_000), count: 100))
        #expect(long.allSatisfy { $0.texts.count == 31 || $0.first == 93 })
        #expect(long.map(\.texts.count).reduce(0, +) == 100)
        #expect(OpenAIEmbedder.groups(of: []).isEmpty)
    }

    @Test func `a text that is too long is cut between characters`() async throws {
        let server = try ScriptedServer(Self.answer)
        _ = try await embedder(at: server.base).embed([String(repeating: "🫖", count: 10_000)])
        let body = try JSONValue(parsing: try #require(server.requests.first?.body))
        guard case .array(let texts)? = body["input"], case .string(let text)? = texts.first else {
            Issue.record("no input")
            return
        }
        #expect(text.utf8.count <= 16_000 && text.utf8.count > 15_000 && text.allSatisfy { $0 == "🫖" })
    }

    @Test func `one that fails is left alone, longer each time, and its key is not said`() async throws {
        let server = try ScriptedServer { request in
            request.number < 3
                ? [.json(500, #"{"error":{"message":"no \#(TestModels.key)"}}"#)] : Self.answer(to: request)
        }
        let embedder = try embedder(at: server.base)
        for (pause, calls) in [(0, 1), (1, 1), (4, 2), (5, 2), (5, 3), (20, 4), (0, 5)] {
            clock.advance(.seconds(pause))
            do {
                _ = try await embedder.embed(["x"])
                #expect(calls > 3)
            } catch {
                guard case EmbedderError.unavailable(let said) = error else { throw error }
                #expect(!said.contains("sk-"))
                #expect(calls <= 3)
            }
            #expect(server.requests.count == calls)
        }
    }

    @Test(arguments: [
        #"{"data":[{"index":0,"embedding":[3,4]}]}"#, #"{"data":[{"embedding":"AABAQAAAgEA"}]}"#,
    ])
    func `numbers and base64 are both understood`(body: String) {
        #expect(EmbeddingsReply.vectors(Array(body.utf8), count: 1, dimensions: 2) == [[0.6, 0.8]])
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"data":[]}"#, #"{"data":[{"index":1,"embedding":[3,4]}]}"#,
        #"{"data":[{"index":-1,"embedding":[3,4]}]}"#, #"{"data":[{"index":0,"embedding":[3,4,5]}]}"#,
        #"{"data":[{"index":0,"embedding":[0,0]}]}"#, #"{"data":[{"index":0,"embedding":[3,"4"]}]}"#,
        #"{"data":[{"index":0,"embedding":[1e300,4]}]}"#, #"{"data":[{"index":0,"embedding":"AABAQAAAgE"}]}"#,
        #"{"data":[{"index":0,"embedding":"AABAQA*AgEA="}]}"#, #"{"data":[{"index":0,"embedding":"AADAfwAAgEA="}]}"#,
        #"{"data":[{"index":0,"embedding":[3,4]},{"index":0,"embedding":[3,4]}]}"#, #"{"data":[{"index":0}]}"#,
        #"{"data":[{"index":9223372036854775807,"embedding":[3,4]}]}"#,
    ])
    func `what is not the vectors asked for is refused`(body: String) {
        #expect(EmbeddingsReply.vectors(Array(body.utf8), count: 1, dimensions: 2) == nil)
    }
}
