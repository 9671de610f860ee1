internal import AgentRuntime
internal import JSON

/// The body of a request to the Chat Completions API. What does not change comes first: providers cache prefixes by
/// themselves.
enum OpenAIBody {
    static func bytes(_ request: ModelRequest, model: String) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.field("model", model)
        json.field("max_completion_tokens", request.mostTokens)
        json.field("stream", true)
        json.key("stream_options")
        json.beginObject()
        json.field("include_usage", true)
        json.endObject()
        if !request.tools.isEmpty {
            json.key("tools")
            json.beginArray()
            for tool in request.tools {
                json.beginObject()
                json.field("type", "function")
                json.key("function")
                json.beginObject()
                json.field("name", tool.name)
                json.field("description", tool.description)
                json.key("parameters")
                json.raw(Array(tool.schema.utf8))
                json.endObject()
                json.endObject()
            }
            json.endArray()
        }
        if let name = request.mustUse {
            json.key("tool_choice")
            json.beginObject()
            json.field("type", "function")
            json.key("function")
            json.beginObject()
            json.field("name", name)
            json.endObject()
            json.endObject()
        }
        json.key("messages")
        json.beginArray()
        if !request.system.isEmpty { write("system", request.system, &json) }
        for message in request.messages { write(message, &json) }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    private static func write(_ role: String, _ text: String, _ json: inout JSONWriter) {
        json.beginObject()
        json.field("role", role)
        json.field("content", text)
        json.endObject()
    }

    private static func write(_ message: ModelMessage, _ json: inout JSONWriter) {
        switch message {
        case .shopper(let text): write("user", text, &json)
        case .model(let text, []): write("assistant", text, &json)
        case .model(let text, let calls):
            json.beginObject()
            json.field("role", "assistant")
            json.key("content")
            if text.isEmpty { json.null() } else { json.string(text) }
            json.key("tool_calls")
            json.beginArray()
            for call in calls {
                json.beginObject()
                json.field("id", call.id)
                json.field("type", "function")
                json.key("function")
                json.beginObject()
                json.field("name", call.name)
                json.field("arguments", call.input)
                json.endObject()
                json.endObject()
            }
            json.endArray()
            json.endObject()
        case .results(let results):
            for result in results {
                json.beginObject()
                json.field("role", "tool")
                json.field("tool_call_id", result.call)
                // There is no other way to say it here.
                json.field("content", result.isError ? "Error: \(result.text)" : result.text)
                json.endObject()
            }
        }
    }
}
