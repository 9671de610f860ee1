internal import AgentRuntime
internal import JSON

/// The body of a request to the Messages API.
///
/// Tools and the system prompt are the same for every shopper of a tenant and end in a mark each that the provider
/// caches them up to; nothing before a mark may differ from one request to the next.
enum AnthropicBody {
    static func bytes(_ request: ModelRequest, model: String) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.field("model", model)
        json.field("max_tokens", request.mostTokens)
        json.field("stream", true)
        if !request.tools.isEmpty {
            json.key("tools")
            json.beginArray()
            for (place, tool) in request.tools.enumerated() {
                json.beginObject()
                json.field("name", tool.name)
                json.field("description", tool.description)
                json.key("input_schema")
                json.raw(Array(tool.schema.utf8))
                if place == request.tools.count - 1 { mark(&json) }
                json.endObject()
            }
            json.endArray()
        }
        if let name = request.mustUse {
            json.key("tool_choice")
            json.beginObject()
            json.field("type", "tool")
            json.field("name", name)
            json.endObject()
        }
        if !request.system.isEmpty {
            json.key("system")
            json.beginArray()
            json.beginObject()
            json.field("type", "text")
            json.field("text", request.system)
            mark(&json)
            json.endObject()
            json.endArray()
        }
        json.key("messages")
        json.beginArray()
        for message in request.messages { write(message, &json) }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    private static func mark(_ json: inout JSONWriter) {
        json.key("cache_control")
        json.beginObject()
        json.field("type", "ephemeral")
        json.endObject()
    }

    /// Blocks without text are refused by the API, and so are messages without blocks.
    private static func write(_ message: ModelMessage, _ json: inout JSONWriter) {
        switch message {
        case .shopper(let text) where text.isEmpty, .model(let text, []) where text.isEmpty: return
        case .results([]): return
        case .shopper(let text):
            json.beginObject()
            json.field("role", "user")
            json.field("content", text)
            json.endObject()
        case .model(let text, let calls):
            json.beginObject()
            json.field("role", "assistant")
            json.key("content")
            json.beginArray()
            if !text.isEmpty {
                json.beginObject()
                json.field("type", "text")
                json.field("text", text)
                json.endObject()
            }
            for call in calls {
                json.beginObject()
                json.field("type", "tool_use")
                json.field("id", call.id)
                json.field("name", call.name)
                json.key("input")
                json.raw(object(call.input))
                json.endObject()
            }
            json.endArray()
            json.endObject()
        case .results(let results):
            json.beginObject()
            json.field("role", "user")
            json.key("content")
            json.beginArray()
            for result in results {
                json.beginObject()
                json.field("type", "tool_result")
                json.field("tool_use_id", result.call)
                json.field("content", result.text)
                if result.isError { json.field("is_error", true) }
                json.endObject()
            }
            json.endArray()
            json.endObject()
        }
    }

    /// What the model wrote, where it is the object that the API wants back; else an empty one.
    private static func object(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard let document = try? JSONDocument(parsing: bytes), document.root.kind == .object else {
            return Array("{}".utf8)
        }
        return bytes
    }
}
