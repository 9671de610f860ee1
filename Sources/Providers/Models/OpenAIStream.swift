internal import AgentRuntime
internal import JSON

/// An answer of the Chat Completions API on its way, of its maker's servers or of others that speak it.
struct OpenAIStream: StreamedAnswer {
    private struct Call {
        let index: Int64
        var id: String
        var name: String
        var input: [UInt8]
    }

    private var text = ""
    private var calls: [Call] = []
    private var told: ModelUsage?
    private var hasStarted = false
    private var hasRefused = false
    private var finishReason: String?
    private(set) var isOver = false
    private let asked: Int
    private var unseen = 0

    init(asked: Int) { self.asked = asked }

    mutating func receive(_ event: ServerSentEvent) throws(StreamFault) -> String? {
        guard !isOver else { return nil }
        if event.data.starts(with: "[DONE]".utf8) {
            isOver = true
            return nil
        }
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: event.data)
        } catch {
            throw .garbled("an event is \(error)")
        }
        let chunk = document.root
        if let error = chunk["error"], !error.isNull { throw .told(ProviderError(error, status: 200)) }
        if event.name == "error" { throw .told(ProviderError(chunk, status: 200)) }
        if let usage = chunk["usage"], usage.members != nil { take(usage) }
        guard let choice = chunk["choices"]?[0] else { return nil }
        // One answer was asked for.
        guard choice["index"]?.int64 ?? 0 == 0 else { return nil }
        hasStarted = true
        if let reason = choice["finish_reason"]?.string { finishReason = reason }
        guard let delta = choice["delta"] else { return nil }
        if let refusal = delta["refusal"]?.utf8, !refusal.isEmpty {
            hasRefused = true
            unseen += min(refusal.count, StreamLimits.text)
        }
        unseen += min(delta["reasoning_content"]?.utf8?.count ?? 0, StreamLimits.text)
        if let parts = delta["tool_calls"]?.elements {
            for part in parts { try extend(part) }
        }
        guard let piece = delta["content"]?.string, !piece.isEmpty else { return nil }
        guard text.utf8.count + piece.utf8.count <= StreamLimits.text else { throw .tooMuch }
        text += piece
        return piece
    }

    private mutating func extend(_ part: JSONNode) throws(StreamFault) {
        // Some servers number nothing and send each call whole.
        let id = part["id"]?.string ?? ""
        let function = part["function"]
        let name = function?["name"]?.string ?? ""
        let piece = function?["arguments"]?.utf8 ?? []
        guard id.utf8.count <= StreamLimits.name, name.utf8.count <= StreamLimits.name else { throw .tooMuch }
        let index = part["index"]?.int64 ?? (id.isEmpty ? calls.last?.index : nil) ?? Int64(calls.count)
        if let place = calls.lastIndex(where: { $0.index == index }) {
            if calls[place].id.isEmpty { calls[place].id = id }
            // In pieces it goes on, and some say it again with each piece.
            if calls[place].name != name { calls[place].name += name }
            guard calls[place].input.count + piece.count <= StreamLimits.input,
                calls[place].name.utf8.count <= StreamLimits.name
            else { throw .tooMuch }
            calls[place].input += piece
        } else {
            guard calls.count < StreamLimits.calls, piece.count <= StreamLimits.input else { throw .tooMuch }
            calls.append(Call(index: index, id: id, name: name, input: Array(piece)))
        }
    }

    /// Prompt tokens are all of them here, those of the cache too.
    private mutating func take(_ usage: JSONNode) {
        guard let prompt = TokenCount.read(usage["prompt_tokens"]),
            let output = TokenCount.read(usage["completion_tokens"])
        else { return }
        let details = usage["prompt_tokens_details"]
        let read = min(TokenCount.read(details?["cached_tokens"]) ?? 0, prompt)
        let written = min(TokenCount.read(details?["cache_write_tokens"]) ?? 0, prompt - read)
        told = ModelUsage(input: prompt - read - written, output: output, cacheRead: read, cacheWrite: written)
    }

    // MARK: What came of it

    var hasContent: Bool { !text.isEmpty || !calls.isEmpty || unseen > 0 }

    var answer: ModelAnswer? {
        guard hasStarted, let finishReason else { return nil }
        let calls = calls.enumerated().map { place, call in
            ModelToolCall(
                id: call.id.isEmpty ? "call_\(place)" : call.id, name: call.name,
                input: call.input.isEmpty ? "{}" : String(decoding: call.input, as: UTF8.self))
        }
        let ending: ModelAnswer.Ending =
            switch finishReason {
            case "content_filter": .refused
            case "length": .length
            default: hasRefused ? .refused : calls.isEmpty ? .finished : .tools
            }
        return ModelAnswer(text: text, calls: calls, ending: ending, usage: partial.usage)
    }

    var partial: (text: String, usage: ModelUsage) {
        if let told { return (text, told) }
        guard hasStarted else { return (text, ModelUsage()) }
        let written = text.utf8.count + unseen + calls.reduce(0) { $0 + $1.input.count + $1.name.utf8.count }
        let usage = ModelUsage(
            input: TokenCount.estimated(bytes: asked), output: TokenCount.estimated(bytes: written), isEstimate: true)
        return (text, usage)
    }
}
