import AgentRuntime
import ProviderSupport
import Testing

@testable import Providers

@Suite struct OpenAIStreamTests {
    private func read(_ chunks: [String]) throws -> (answer: ModelAnswer?, told: String, partial: ModelUsage) {
        try Streams.read(OpenAIStream.self, Array(Streams.openAI(chunks).utf8))
    }

    private static let usage = Streams.usage(
        #"{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":10}}"#
    )

    @Test func `text, calls by index and counts come out as they were written`() throws {
        let (answer, told, _) = try read([
            Streams.chunk(#"{"role":"assistant","content":"","refusal":null}"#),
            Streams.chunk(#"{"content":"Let me"}"#),
            Streams.chunk(#"{"content":" look"}"#),
            Streams.chunk(
                #"{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"search","arguments":""}}]}"#
            ),
            Streams.chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"words\":"}}]}"#),
            Streams.chunk(
                #"{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"now","arguments":""}},{"index":0,"function":{"arguments":"\"cup\"}"}}]}"#
            ),
            Streams.chunk("{}", finish: "tool_calls"), Self.usage,
        ])
        #expect(told == "Let me look")
        #expect(
            answer
                == ModelAnswer(
                    text: "Let me look",
                    calls: [
                        ModelToolCall(id: "call_a", name: "search", input: #"{"words":"cup"}"#),
                        ModelToolCall(id: "call_b", name: "now", input: "{}"),
                    ], ending: .tools, usage: ModelUsage(input: 30, output: 20, cacheRead: 60, cacheWrite: 10)))
    }

    @Test func `servers that number no calls and send each whole are understood`() throws {
        let (answer, _, _) = try read([
            Streams.chunk(
                #"{"tool_calls":[{"id":"a","function":{"name":"x","arguments":"{}"}},{"id":"b","function":{"name":"y","arguments":"{\"k\":2}"}}]}"#
            ), Streams.chunk("{}", finish: "stop"),
        ])
        #expect(answer?.calls.map(\.id) == ["a", "b"])
        #expect(answer?.calls.map(\.name) == ["x", "y"])
        #expect(answer?.calls.map(\.input) == ["{}", #"{"k":2}"#])
        #expect(answer?.ending == .tools)
    }

    @Test(arguments: [
        ("stop", ModelAnswer.Ending.finished), ("length", .length), ("content_filter", .refused),
        ("tool_calls", .finished), ("new", .finished),
    ])
    func `every reason to stop has its meaning`(reason: String, ending: ModelAnswer.Ending) throws {
        let (answer, _, _) = try read([Streams.chunk(#"{"content":"Well"}"#), Streams.chunk("{}", finish: reason)])
        #expect(answer?.ending == ending)
    }

    @Test func `a refusal is no text`() throws {
        let (answer, told, _) = try read([
            Streams.chunk(#"{"refusal":"I cannot"}"#), Streams.chunk("{}", finish: "stop"), Self.usage,
        ])
        #expect(told == "")
        #expect(answer?.ending == .refused)
    }

    @Test func `where no counts come they are estimated, and said to be`() throws {
        let (answer, _, _) = try read([Streams.chunk(#"{"content":"12345678"}"#), Streams.chunk("{}", finish: "stop")])
        #expect(answer?.usage == ModelUsage(input: 100, output: 2, isEstimate: true))
        let cut = try Streams.read(
            OpenAIStream.self, Array("data: \(Streams.chunk(#"{"content":"1234"}"#))\n\n".utf8))
        #expect(cut.answer == nil)
        #expect(cut.partial == ModelUsage(input: 100, output: 1, isEstimate: true))
    }

    @Test func `counts that contradict each other are believed as far as they can be`() throws {
        for (told, usage) in [
            (
                #"{"prompt_tokens":5,"completion_tokens":-1,"prompt_tokens_details":{"cached_tokens":9}}"#,
                ModelUsage(cacheRead: 5)
            ),
            (#"{"prompt_tokens":9223372036854775807,"completion_tokens":0}"#, ModelUsage(input: 1_000_000_000_000)),
        ] {
            let (answer, _, _) = try read([Streams.chunk("{}", finish: "stop"), Streams.usage(told)])
            #expect(answer?.usage == usage)
        }
    }

    @Test func `an error in a stream is an error`() {
        for (chunk, status) in [
            (#"{"error":{"message":"The server had an error","type":"server_error","code":null}}"#, 500),
            (#"{"error":{"message":"x","type":"tokens","code":"rate_limit_exceeded"}}"#, 429),
            (#"{"error":{"message":"x","code":503}}"#, 503), (#"{"error":"plain words"}"#, 500),
        ] {
            do {
                _ = try read([Streams.chunk(#"{"content":"a"}"#), chunk])
                Issue.record("it was taken for an answer")
            } catch StreamFault.told(let error) {
                #expect(error.status == status)
                #expect(error.isPassing)
            } catch { Issue.record(error) }
        }
    }

    @Test func `a damaged stream is read or refused, and never more`() {
        let chunks = [
            Streams.chunk(#"{"content":"Hello"}"#),
            Streams.chunk(#"{"tool_calls":[{"index":0,"id":"c","function":{"name":"x","arguments":"{}"}}]}"#),
            Streams.chunk("{}", finish: "tool_calls"), Self.usage,
        ]
        var read = 0
        for bytes in Streams.damaged(Array(Streams.openAI(chunks).utf8), seed: 12) {
            guard let (answer, _, usage) = try? Streams.read(OpenAIStream.self, bytes) else { continue }
            for usage in [answer?.usage, usage].compactMap({ $0 }) {
                #expect([usage.input, usage.output, usage.cacheRead, usage.cacheWrite].min() ?? 0 >= 0)
            }
            read += 1
        }
        #expect(read > 100)
    }
}
