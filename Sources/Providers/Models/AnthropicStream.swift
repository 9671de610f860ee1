internal import AgentRuntime
internal import JSON

/// An answer of the Messages API on its way. Events that are not known are passed over, as the API's versioning asks.
struct AnthropicStream: StreamedAnswer {
    private struct Call {
        let index: Int64
        let id: String
        let name: String
        var input: [UInt8]
    }

    private var text = ""
    private var calls: [Call] = []
    /// The blocks that text is told of; any other's is not for shoppers.
    private var textBlocks: Set<Int64> = []
    private var usage = ModelUsage()
    /// What the provider's last word on them was; nil until it said one.
    private var outputTold: Int64?
    private var hasStarted = false
    private var stopReason: String?
    private(set) var isOver = false
    private let asked: Int
    /// Bytes of what was thought and is not told.
    private var unseen = 0

    init(asked: Int) { self.asked = asked }

    mutating func receive(_ event: ServerSentEvent) throws(StreamFault) -> String? {
        guard !isOver, event.name != "ping" else { return nil }
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: event.data)
        } catch {
            throw .garbled("an event is \(error)")
        }
        let body = document.root
        switch body["type"]?.string {
        case "message_start":
            hasStarted = true
            if let told = body["message"]?["usage"] { take(told) }
        case "content_block_start": return try begin(body)
        case "content_block_delta": return try extend(body)
        case "message_delta":
            if let reason = body["delta"]?["stop_reason"]?.string { stopReason = reason }
            if let told = body["usage"] {
                take(told)
                outputTold = TokenCount.read(told["output_tokens"]) ?? outputTold
            }
        case "message_stop": isOver = true
        case "error": throw .told(ProviderError(body["error"], status: 200))
        default: break
        }
        return nil
    }

    private mutating func begin(_ body: JSONNode) throws(StreamFault) -> String? {
        guard let index = body["index"]?.int64, let block = body["content_block"] else {
            throw .garbled("a block without its place")
        }
        switch block["type"]?.string {
        case "text":
            guard textBlocks.count < StreamLimits.calls else { throw .tooMuch }
            textBlocks.insert(index)
            return try tell(block["text"]?.string ?? "")
        case "tool_use":
            guard let id = block["id"]?.string, let name = block["name"]?.string, !id.isEmpty,
                id.utf8.count <= StreamLimits.name, name.utf8.count <= StreamLimits.name
            else { throw .garbled("a tool is used without an id or a name") }
            guard calls.count < StreamLimits.calls else { throw .tooMuch }
            // What stands here before the pieces is an empty object, or all of it where there are none.
            var input: [UInt8] = []
            if let given = block["input"], given.members?.contains(where: { _ in true }) == true {
                do throws(JSONError) {
                    input = try JSONValue(given).serialized()
                } catch {
                    throw .garbled("a tool's input is \(error)")
                }
            }
            calls.append(Call(index: index, id: id, name: name, input: input))
            return nil
        default: return nil
        }
    }

    private mutating func extend(_ body: JSONNode) throws(StreamFault) -> String? {
        guard let index = body["index"]?.int64, let delta = body["delta"] else {
            throw .garbled("a piece without its place")
        }
        switch delta["type"]?.string {
        case "text_delta":
            guard textBlocks.contains(index) else { throw .garbled("text where no text began") }
            return try tell(delta["text"]?.string ?? "")
        case "input_json_delta":
            guard let place = calls.lastIndex(where: { $0.index == index }) else { return nil }
            let piece = delta["partial_json"]?.utf8 ?? []
            guard calls[place].input.count + piece.count <= StreamLimits.input else { throw .tooMuch }
            calls[place].input += piece
        case "thinking_delta": unseen += min(delta["thinking"]?.utf8?.count ?? 0, StreamLimits.text)
        default: break
        }
        return nil
    }

    private mutating func tell(_ piece: String) throws(StreamFault) -> String? {
        guard text.utf8.count + piece.utf8.count <= StreamLimits.text else { throw .tooMuch }
        text += piece
        return piece.isEmpty ? nil : piece
    }

    /// Counts are of the whole so far: the last word on each holds, and they are not added.
    private mutating func take(_ told: JSONNode) {
        if let count = TokenCount.read(told["input_tokens"]) { usage.input = count }
        if let count = TokenCount.read(told["output_tokens"]) { usage.output = count }
        if let count = TokenCount.read(told["cache_read_input_tokens"]) { usage.cacheRead = count }
        let parts = told["cache_creation"]
        let long = TokenCount.read(parts?["ephemeral_1h_input_tokens"]) ?? usage.longCacheWrite
        if let all = TokenCount.read(told["cache_creation_input_tokens"]) {
            usage.longCacheWrite = min(long, all)
            usage.cacheWrite = all - usage.longCacheWrite
        } else if let short = TokenCount.read(parts?["ephemeral_5m_input_tokens"]) {
            usage.longCacheWrite = long
            usage.cacheWrite = short
        }
    }

    // MARK: What came of it

    var hasContent: Bool { !textBlocks.isEmpty || !calls.isEmpty || unseen > 0 }

    var answer: ModelAnswer? {
        guard hasStarted, let stopReason else { return nil }
        let calls = calls.map { call in
            ModelToolCall(
                id: call.id, name: call.name,
                input: call.input.isEmpty ? "{}" : String(decoding: call.input, as: UTF8.self))
        }
        let ending: ModelAnswer.Ending =
            switch stopReason {
            case "refusal": .refused
            case "max_tokens", "model_context_window_exceeded", "pause_turn": .length
            default: calls.isEmpty ? .finished : .tools
            }
        return ModelAnswer(text: text, calls: calls, ending: ending, usage: outputTold == nil ? partial.usage : usage)
    }

    var partial: (text: String, usage: ModelUsage) {
        var usage = usage
        let written = text.utf8.count + unseen + calls.reduce(0) { $0 + $1.input.count + $1.name.utf8.count }
        usage.output = max(usage.output, TokenCount.estimated(bytes: written))
        usage.isEstimate = hasStarted && outputTold == nil
        return (text, usage)
    }
}
