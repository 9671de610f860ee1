internal import AgentRuntime
internal import Experiments
internal import JSON

extension PricingAPI {
    /// What a method answers: JSON.
    func result(
        of request: RPCRequest, in version: ContextProtocol, _ context: Context
    ) async throws(RPCError) -> [UInt8] {
        switch (request.method, version.isStateless) {
        case ("initialize", false): initialized(request)
        case ("server/discover", true): discovered()
        case ("ping", false): Array("{}".utf8)
        case ("tools/list", _): try toolList(request, in: version, context)
        case ("tools/call", _): try await toolResult(request, in: version, context)
        default: throw .methodNotFound(request.method)
        }
    }

    /// What a model that speaks with a shopper has to know.
    private static let instructions = """
        Prices are each shopper's own: ask get_price with the shopper's id, say its `display` as it stands, and say no \
        other amount. Prices are not negotiated, computed, converted or guessed, and no tool sets one. One shopper keeps \
        one id. A quote holds until `expires_at`; ask again after that. create_checkout takes quotes; the buyer pays on \
        the merchant's page.
        """

    private func initialized(_ request: RPCRequest) -> [UInt8] {
        let wanted = request.parameters?["protocolVersion"]?.string.flatMap(ContextProtocol.init(rawValue:))
        let version = wanted.map { $0.isStateless ? .latestHandshake : $0 } ?? ContextProtocol.latestHandshake
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("protocolVersion", version.rawValue)
        writeSelf(into: &writer)
        writer.key("serverInfo")
        writeServer(into: &writer)
        writer.endObject()
        return writer.bytes
    }

    private func discovered() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("supportedVersions", ContextProtocol.supported)
        writeSelf(into: &writer)
        endStateless(&writer, lasting: 3_600_000, isSame: true)
        return writer.bytes
    }

    private func writeSelf(into writer: inout JSONWriter) {
        writer.key("capabilities")
        writer.beginObject()
        writer.key("tools")
        writer.beginObject()
        writer.endObject()
        writer.endObject()
        writer.field("instructions", Self.instructions)
    }

    private func writeServer(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("name", "cournot")
        writer.field("title", "Cournot")
        writer.field("version", configuration.version)
        writer.endObject()
    }

    /// What a result has in the revision where each stands for itself.
    ///
    /// - Parameters:
    ///   - lasting: how long it may be kept, in milliseconds; nil for what may not.
    ///   - isSame: whether it is the same for all keys.
    private func endStateless(_ writer: inout JSONWriter, lasting: Int?, isSame: Bool = false) {
        writer.field("resultType", "complete")
        if let lasting {
            writer.field("ttlMs", lasting)
            writer.field("cacheScope", isSame ? "public" : "private")
        }
        writer.key("_meta")
        writer.beginObject()
        writer.key(ContextProtocol.serverKey)
        writeServer(into: &writer)
        writer.endObject()
        writer.endObject()
    }

    // MARK: Tools

    private func toolList(
        _ request: RPCRequest, in version: ContextProtocol, _ context: Context
    ) throws(RPCError) -> [UInt8] {
        if let cursor = request.parameters?["cursor"], !cursor.isNull {
            throw .invalidParameters("All tools stand on one page: there is no cursor.")
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("tools")
        writer.beginArray()
        for tool in tools(for: context) { writer.raw(tool.definition) }
        writer.endArray()
        if version.isStateless { endStateless(&writer, lasting: 300_000) } else { writer.endObject() }
        return writer.bytes
    }

    /// In the order in which they are always told.
    private func tools(for context: Context) -> [AssistantTool] {
        guard case .member(let principal, _) = context.caller else { return [] }
        let sells = checkouts?.providerNames.isEmpty == false
        return AssistantTool.all.filter { $0.roles.contains(principal.role) && (sells || !$0.sells) }
    }

    /// What a tool says. A tool that cannot do what it was asked says why in its result, where a model reads it.
    private func toolResult(
        _ request: RPCRequest, in version: ContextProtocol, _ context: Context
    ) async throws(RPCError) -> [UInt8] {
        guard let name = request.parameters?["name"]?.string else {
            throw .invalidParameters("`params.name` says which tool.")
        }
        guard let tool = tools(for: context).first(where: { $0.name == name }) else {
            throw .invalidParameters("There is no tool \"\(name.prefix(64))\" for this key.")
        }
        var arguments = request.parameters?["arguments"]
        if arguments?.isNull == true { arguments = nil }
        guard arguments == nil || arguments?.members != nil else {
            throw .invalidParameters("`params.arguments` is an object.")
        }
        let said: (text: String, structured: [UInt8]?)
        do throws(Problem) {
            let structured = try await tool.call(self, context, arguments ?? Self.nothing)
            said = (String(decoding: structured, as: UTF8.self), structured)
        } catch {
            said = (error.sentence, nil)
        }
        var writer = JSONWriter()
        writer.reserve(2 * said.text.utf8.count + 256)
        writer.beginObject()
        writer.key("content")
        writer.beginArray()
        writer.beginObject()
        writer.field("type", "text")
        writer.field("text", said.text)
        writer.endObject()
        writer.endArray()
        if let structured = said.structured {
            writer.key("structuredContent")
            writer.raw(structured)
        }
        writer.field("isError", said.structured == nil)
        if version.isStateless { endStateless(&writer, lasting: nil) } else { writer.endObject() }
        return writer.bytes
    }

    private static let nothing: JSONNode = {
        guard let document = try? JSONDocument(parsing: Array("{}".utf8)) else { fatalError("{} is JSON") }
        return document.root
    }()
}

extension Problem {
    /// All that it says, for a reader of text.
    fileprivate var sentence: String {
        ([detail] + faults.map { $0.pointer.isEmpty ? $0.detail : "\($0.pointer): \($0.detail)" })
            .joined(separator: " ")
    }
}
