public import AgentRuntime

/// Streams as the providers send them.
public enum Streams {
    public static func anthropic(_ events: [String]) -> String {
        events.map { event in
            let name = event.split(separator: "\"", maxSplits: 4)[3]
            return "event: \(name)\ndata: \(event)\n\n"
        }.joined()
    }

    public static func openAI(_ chunks: [String]) -> String {
        chunks.map { "data: \($0)\n\n" }.joined() + "data: [DONE]\n\n"
    }

    public static let start =
        #"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":4,"cache_creation_input_tokens":7,"cache_read_input_tokens":2455,"cache_creation":{"ephemeral_5m_input_tokens":5,"ephemeral_1h_input_tokens":2},"output_tokens":1}}}"#

    public static let ping = #"{"type": "ping"}"#

    public static func text(_ pieces: [String], at index: Int = 0) -> [String] {
        [#"{"type":"content_block_start","index":\#(index),"content_block":{"type":"text","text":""}}"#]
            + pieces.map {
                #"{"type":"content_block_delta","index":\#(index),"delta":{"type":"text_delta","text":"\#($0)"}}"#
            } + [#"{"type":"content_block_stop","index":\#(index)}"#]
    }

    public static func tool(_ id: String, _ name: String, _ pieces: [String], at index: Int) -> [String] {
        [
            #"{"type":"content_block_start","index":\#(index),"content_block":{"type":"tool_use","id":"\#(id)","name":"\#(name)","input":{}}}"#
        ]
            + pieces.map { piece in
                let escaped = piece.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                return
                    #"{"type":"content_block_delta","index":\#(index),"delta":{"type":"input_json_delta","partial_json":"\#(escaped)"}}"#
            } + [#"{"type":"content_block_stop","index":\#(index)}"#]
    }

    public static func end(_ reason: String, output: Int = 23) -> [String] {
        [
            #"{"type":"message_delta","delta":{"stop_reason":"\#(reason)","stop_sequence":null},"usage":{"output_tokens":\#(output)}}"#,
            #"{"type":"message_stop"}"#,
        ]
    }

    public static func chunk(_ delta: String, finish: String? = nil) -> String {
        #"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-5-mini","choices":[{"index":0,"delta":\#(delta),"logprobs":null,"finish_reason":\#(finish.map { "\"\($0)\"" } ?? "null")}],"usage":null}"#
    }

    public static func usage(_ text: String) -> String {
        #"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-5-mini","choices":[],"usage":\#(text)}"#
    }

    /// What a stream that ended for a reason, as either provider gives it, came to.
    public static func ending(of reason: String) -> ModelAnswer.Ending {
        switch reason {
        case "tool_use", "tool_calls": .tools
        case "max_tokens", "length": .length
        case "refusal", "content_filter": .refused
        default: .finished
        }
    }

    /// Whole streams by name; an Anthropic's begins with `anthropic`, an OpenAI's with `openai`. Both providers' clients
    /// have a meaning for each.
    public static let named: [String: String] = {
        var named: [String: String] = [:]
        named["anthropic-text"] = anthropic(
            [ping, start] + text(["Hel", "lo \\u2026", "\\n\\\"there\\\" 🫖"]) + end("end_turn"))
        named["anthropic-tools"] = anthropic(
            [start] + text(["Let me look."])
                + tool("toolu_1", "search", ["", #"{"words":"a"#, #" cup","n":2}"#], at: 1)
                + tool("toolu_2", "now", [], at: 2) + [ping] + end("tool_use", output: 91))
        named["anthropic-length"] = anthropic([start] + text(["Well, "]) + end("max_tokens"))
        named["anthropic-refusal"] = anthropic([start] + text(["I "]) + end("refusal", output: 3))
        named["anthropic-stop-sequence"] = anthropic(
            [start] + text(["a"], at: 0) + text(["b"], at: 1) + end("stop_sequence"))
        named["anthropic-thinking"] = anthropic(
            [
                start,
                #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"x"}}"#,
                #"{"type":"content_block_stop","index":0}"#,
            ] + text(["Hello"], at: 1) + end("end_turn"))
        named["anthropic-counts"] = anthropic(
            [start] + text(["Hi"]) + [
                #"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":9,"cache_creation_input_tokens":12,"cache_read_input_tokens":0,"output_tokens":5}}"#,
                #"{"type":"message_stop"}"#,
            ])
        named["anthropic-error"] =
            anthropic([start])
            + "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"no\"}}\n\n"
        named["anthropic-crlf"] = anthropic([start] + text(["Hello"]) + end("end_turn")).replacing("\n", with: "\r\n")
        named["openai-text"] = openAI([
            chunk(#"{"role":"assistant","content":"","refusal":null}"#), chunk(#"{"content":"Hel"}"#),
            chunk(#"{"content":"lo \u2026 🫖"}"#), chunk("{}", finish: "stop"),
            usage(
                #"{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21,"prompt_tokens_details":{"cached_tokens":4}}"#
            ),
        ])
        named["openai-tools"] = openAI([
            chunk(#"{"role":"assistant","content":null}"#),
            chunk(
                #"{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"search","arguments":""}}]}"#
            ), chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"words\":"}}]}"#),
            chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"\"cup\"}"}}]}"#),
            chunk(
                #"{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"now","arguments":"{}"}}]}"#
            ), chunk("{}", finish: "tool_calls"),
            usage(#"{"prompt_tokens":100,"completion_tokens":30,"total_tokens":130}"#),
        ])
        named["openai-error"] =
            "data: " + chunk(#"{"content":"a"}"#)
            + "\n\ndata: {\"error\":{\"message\":\"no\",\"type\":\"server_error\",\"code\":null}}\n\n"
        return named
    }()
}
