import AgentRuntime
import JSON
import Testing

@testable import Providers

@Suite struct BodyTests {
    private static let tools = [
        ModelTool(name: "quote", description: "A price", schema: #"{"type":"object"}"#),
        ModelTool(name: "search", description: "Find", schema: #"{"type":"object","properties":{}}"#),
    ]
    private static let messages: [ModelMessage] = [
        .shopper("a \"cup\""),
        .model(
            "Looking",
            [
                ModelToolCall(id: "t1", name: "search", input: #"{"q":"cup"}"#),
                ModelToolCall(id: "t2", name: "quote", input: "oops"),
            ]),
        .results([ModelToolResult(call: "t1", text: "[]"), ModelToolResult(call: "t2", text: "no", isError: true)]),
        .model("", []), .shopper("ok"),
    ]

    private static func request(
        _ messages: [ModelMessage] = messages, tools: [ModelTool] = tools, mustUse: String? = nil
    ) -> ModelRequest {
        ModelRequest(
            system: "You sell.", tools: tools, messages: messages, mostTokens: 300, mustUse: mustUse, deadline: .now)
    }

    @Test func `Anthropic is asked with marks after what never changes`() throws {
        let body = String(
            decoding: AnthropicBody.bytes(Self.request(mustUse: "search"), model: "claude-haiku-4-5"), as: UTF8.self)
        #expect(
            body
                == #"{"model":"claude-haiku-4-5","max_tokens":300,"stream":true,"tools":[{"name":"quote","description":"A price","input_schema":{"type":"object"}},{"name":"search","description":"Find","input_schema":{"type":"object","properties":{}},"cache_control":{"type":"ephemeral"}}],"tool_choice":{"type":"tool","name":"search"},"system":[{"type":"text","text":"You sell.","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"a \"cup\""},{"role":"assistant","content":[{"type":"text","text":"Looking"},{"type":"tool_use","id":"t1","name":"search","input":{"q":"cup"}},{"type":"tool_use","id":"t2","name":"quote","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"[]"},{"type":"tool_result","tool_use_id":"t2","content":"no","is_error":true}]},{"role":"user","content":"ok"}]}"#
        )
    }

    @Test func `OpenAI is asked in its own words`() throws {
        let body = String(
            decoding: OpenAIBody.bytes(Self.request(mustUse: "search"), model: "gpt-5-mini"), as: UTF8.self)
        #expect(
            body
                == #"{"model":"gpt-5-mini","max_completion_tokens":300,"stream":true,"stream_options":{"include_usage":true},"tools":[{"type":"function","function":{"name":"quote","description":"A price","parameters":{"type":"object"}}},{"type":"function","function":{"name":"search","description":"Find","parameters":{"type":"object","properties":{}}}}],"tool_choice":{"type":"function","function":{"name":"search"}},"messages":[{"role":"system","content":"You sell."},{"role":"user","content":"a \"cup\""},{"role":"assistant","content":"Looking","tool_calls":[{"id":"t1","type":"function","function":{"name":"search","arguments":"{\"q\":\"cup\"}"}},{"id":"t2","type":"function","function":{"name":"quote","arguments":"oops"}}]},{"role":"tool","tool_call_id":"t1","content":"[]"},{"role":"tool","tool_call_id":"t2","content":"Error: no"},{"role":"assistant","content":""},{"role":"user","content":"ok"}]}"#
        )
    }

    @Test func `what differs between shoppers stands behind what does not`() {
        for make in [AnthropicBody.bytes, OpenAIBody.bytes] {
            let one = make(Self.request([.shopper("hello")]), "m")
            let other = make(Self.request([.shopper("what is this"), .model("A cup", []), .shopper("and that")]), "m")
            let same = zip(one, other).prefix { $0 == $1 }.map(\.0)
            let text = String(decoding: same, as: UTF8.self)
            #expect(text.contains("You sell.") && text.contains("properties"))
        }
    }

    @Test func `no sampling is asked for, and nothing is sent that is not there`() throws {
        for body in [
            AnthropicBody.bytes(Self.request([.shopper("x")], tools: []), model: "m"),
            OpenAIBody.bytes(Self.request([.shopper("x")], tools: []), model: "m"),
        ] {
            let keys = Set(try #require(JSONDocument(parsing: body).root.members).map(\.key))
            #expect(keys.isDisjoint(with: ["temperature", "top_p", "top_k", "tools", "tool_choice"]))
        }
    }
}
