internal import HTTPServer
internal import JSON

// The Model Context Protocol's revisions, and what they ask of a request over HTTP.

/// A revision of the protocol.
enum ContextProtocol: String, Sendable, CaseIterable {
    case november2024 = "2024-11-05"
    case march2025 = "2025-03-26"
    case june2025 = "2025-06-18"
    case november2025 = "2025-11-25"
    case july2026 = "2026-07-28"

    /// What a request without any version speaks, as the protocol says.
    static let unsaid = march2025
    /// The newest that begins with `initialize`.
    static let latestHandshake = november2025

    /// Whether each request says all about itself, and nothing comes before it.
    var isStateless: Bool { self == .july2026 }

    /// Whether several messages may come in one body.
    var hasBatches: Bool { self == .november2024 || self == .march2025 }

    /// All, the newest first.
    static var supported: JSONValue { .array(allCases.reversed().map { .string($0.rawValue) }) }

    static let versionKey = "io.modelcontextprotocol/protocolVersion"
    static let capabilitiesKey = "io.modelcontextprotocol/clientCapabilities"
    static let serverKey: StaticString = "io.modelcontextprotocol/serverInfo"

    static func unsupported(_ requested: String) -> RPCError {
        RPCError(
            code: -32022, message: "This protocol version is not supported.",
            data: ["supported": supported, "requested": .string(String(requested.prefix(64)))])
    }

    static func mismatch(_ detail: String) -> RPCError { RPCError(code: -32020, message: detail) }

    /// What a request speaks.
    ///
    /// - Throws: what is wrong between its headers and its body. A client that contradicts itself hears of that first.
    static func of(_ message: RPCRequest, in request: Request) throws(RPCError) -> ContextProtocol {
        for name: StaticString in ["mcp-protocol-version", "mcp-method", "mcp-name"]
        where request.head.headers(named: name).count > 1 {
            // Who reads the first and who reads the last would read two messages.
            throw mismatch("The header \(name) stands there twice.")
        }
        let said = request.header("mcp-protocol-version")
        let meta = message.parameters?["_meta"]
        let version = meta?[versionKey]
        guard let said else {
            if let version, !version.isNull {
                throw mismatch("The header MCP-Protocol-Version is missing, and `_meta` names a version.")
            }
            return unsaid
        }
        guard let known = ContextProtocol(rawValue: said), !known.isStateless else {
            return try stateless(said, message, meta, request)
        }
        if let version, version.string != said {
            throw mismatch("The header MCP-Protocol-Version and the version in `_meta` differ.")
        }
        return known
    }

    private static func stateless(
        _ said: String, _ message: RPCRequest, _ meta: JSONNode?, _ request: Request
    ) throws(RPCError) -> ContextProtocol {
        // Whoever still shakes hands is told what there is by the answer.
        if message.method == "initialize", meta == nil { return latestHandshake }
        guard let meta, meta.members != nil else {
            if ContextProtocol(rawValue: said) == nil { throw unsupported(said) }
            throw .invalidParameters("`params._meta` is missing; it has `\(versionKey)` and `\(capabilitiesKey)`.")
        }
        guard let version = meta[versionKey], meta[capabilitiesKey]?.members != nil else {
            throw .invalidParameters("`params._meta` has `\(versionKey)` and the object `\(capabilitiesKey)`.")
        }
        guard version.string == said else {
            throw mismatch("The header MCP-Protocol-Version and the version in `_meta` differ.")
        }
        guard request.header("mcp-method") == message.method else {
            throw mismatch("The header Mcp-Method does not name the message's method.")
        }
        if message.method == "tools/call", let name = message.parameters?["name"]?.string,
            request.header("mcp-name") != name
        {
            throw mismatch("The header Mcp-Name does not name the tool that is called.")
        }
        guard let known = ContextProtocol(rawValue: said) else { throw unsupported(said) }
        return known
    }
}
