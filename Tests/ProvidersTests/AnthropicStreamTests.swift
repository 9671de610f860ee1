import AgentRuntime
import ProviderSupport
import Testing

@testable import Providers

@Suite struct AnthropicStreamTests {
    private func read(_ events: [String]) throws -> (answer: ModelAnswer?, told: String, partial: ModelUsage) {
        try Streams.read(AnthropicStream.self, Array(Streams.anthropic(events).utf8))
    }

    @Test func `text and tools come out as they were written, and counts are the last word on each`() throws {
        let events =
            [Streams.ping, Streams.start] + Streams.text(["Let me ", "", "look\\u2026"])
            + Streams.tool("toolu_1", "search", ["", #"{"wor"#, #"ds":"a \"cup\""#, "\"}"], at: 1)
            + [Streams.ping] + Streams.tool("toolu_2", "now", [], at: 2) + Streams.end("tool_use")
        let (answer, told, _) = try read(events)
        #expect(told == "Let me look…")
        #expect(
            answer
                == ModelAnswer(
                    text: "Let me look…",
                    calls: [
                        ModelToolCall(id: "toolu_1", name: "search", input: #"{"words":"a \"cup\""}"#),
                        ModelToolCall(id: "toolu_2", name: "now", input: "{}"),
                    ], ending: .tools,
                    usage: ModelUsage(input: 4, output: 23, cacheRead: 2455, cacheWrite: 5, longCacheWrite: 2)))
    }

    @Test(arguments: [
        ("end_turn", ModelAnswer.Ending.finished), ("stop_sequence", .finished), ("max_tokens", .length),
        ("model_context_window_exceeded", .length), ("pause_turn", .length), ("refusal", .refused),
        ("tool_use", .finished), ("something_new", .finished),
    ])
    func `every reason to stop has its meaning`(reason: String, ending: ModelAnswer.Ending) throws {
        let (answer, _, _) = try read([Streams.start] + Streams.text(["Well"]) + Streams.end(reason))
        #expect(answer?.ending == ending)
        #expect(answer?.text == "Well")
    }

    @Test func `thoughts, sources and what nobody knows are not told`() throws {
        let events =
            [
                Streams.start, #"{"type":"never_heard_of","x":[1]}"#,
                #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"secret"}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"xx"}}"#,
                #"{"type":"content_block_stop","index":0}"#,
                #"{"type":"content_block_start","index":1,"content_block":{"type":"server_tool_use","id":"a","name":"b","input":{}}}"#,
                #"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\":1}"}}"#,
            ] + Streams.text(["Hello"], at: 2)
            + [#"{"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{}}}"#]
            + Streams.end("end_turn")
        let (answer, told, _) = try read(events)
        #expect(told == "Hello")
        #expect(answer?.calls == [])
    }

    @Test func `counts at the end replace those at the start`() throws {
        let delta =
            #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":9,"output_tokens":5,"cache_read_input_tokens":null,"cache_creation_input_tokens":12}}"#
        let (answer, _, _) = try read([Streams.start] + Streams.text(["a"]) + [delta, #"{"type":"message_stop"}"#])
        #expect(
            answer?.usage == ModelUsage(input: 9, output: 5, cacheRead: 2455, cacheWrite: 10, longCacheWrite: 2))
    }

    @Test func `an error in mid-stream says what it stands for`() {
        for (kind, status) in [("overloaded_error", 529), ("rate_limit_error", 429), ("api_error", 500), ("new", 500)] {
            let error = #"{"type":"error","error":{"type":"\#(kind)","message":"Overloaded"}}"#
            #expect(throws: StreamFault.self) { try read([Streams.start, error]) }
            do { _ = try read([Streams.start, error]) } catch StreamFault.told(let told) {
                #expect(told.status == status)
                #expect(told.isPassing)
                #expect(told.message == "Overloaded")
            } catch { Issue.record(error) }
        }
    }

    @Test func `a stream that was cut has no answer, and what it came to is estimated`() throws {
        let (answer, told, usage) = try read(
            [Streams.start] + Streams.text(["forty-one letters were written here, all"]))
        #expect(answer == nil)
        #expect(told.utf8.count == 40)
        #expect(
            usage
                == ModelUsage(
                    input: 4, output: 10, cacheRead: 2455, cacheWrite: 5, longCacheWrite: 2, isEstimate: true))
        #expect(try read([Streams.ping]).partial == ModelUsage())
    }

    @Test(arguments: [
        #"{"type":"message_start","message":7}"#, #"{"type":"content_block_start","content_block":{"type":"text"}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lost"}}"#,
        #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","name":"x"}}"#,
        #"{"type":"content_block_start","index":0}"#, #"{"type":"content_block_delta","index":0}"#, "{", "[1]", "7",
        "\u{0}", "",
    ])
    func `what is not the protocol never becomes an answer`(event: String) throws {
        let stream = "event: x\ndata: \(event)\n\n" + Streams.anthropic(Streams.end("end_turn"))
        do {
            #expect(try Streams.read(AnthropicStream.self, Array(stream.utf8)).answer?.text ?? "" == "")
        } catch StreamFault.garbled {}
    }

    @Test func `an answer without end is given up`() {
        let piece = String(repeating: "a", count: 100_000)
        #expect(throws: StreamFault.tooMuch) {
            try read([Streams.start] + Streams.text([String](repeating: piece, count: 11)))
        }
        #expect(throws: StreamFault.tooMuch) {
            try read([Streams.start] + Streams.tool("a", "b", [String](repeating: piece, count: 3), at: 0))
        }
        #expect(throws: StreamFault.tooMuch) {
            try read([Streams.start] + (0..<65).flatMap { Streams.tool("a", "b", [], at: $0) })
        }
    }

    @Test func `a damaged stream is read or refused, and never more`() {
        let events =
            [Streams.start] + Streams.text(["Hello, ", "cup"]) + Streams.tool("t", "search", [#"{"a":1}"#], at: 1)
            + Streams.end("tool_use")
        var read = 0
        for bytes in Streams.damaged(Array(Streams.anthropic(events).utf8), seed: 11) {
            guard let (answer, _, usage) = try? Streams.read(AnthropicStream.self, bytes) else { continue }
            for usage in [answer?.usage, usage].compactMap({ $0 }) {
                #expect(
                    [usage.input, usage.output, usage.cacheRead, usage.cacheWrite, usage.longCacheWrite].min() ?? 0 >= 0
                )
            }
            read += 1
        }
        #expect(read > 100)
    }
}
