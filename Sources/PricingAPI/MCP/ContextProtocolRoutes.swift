internal import Experiments
internal import HTTPServer
internal import JSON

// The Model Context Protocol over streamable HTTP, without sessions: every answer is one JSON body.

extension PricingAPI {
    /// One message, or several where the revision has batches.
    func contextProtocol(_ context: Context) async throws(Problem) -> Response {
        try checkDoor(context.request)
        let body: RPCBody
        do throws(RPCError) {
            body = try RPCBody(parsing: context.request.body)
        } catch {
            return Self.refusal(nil, error)
        }
        switch body {
        case .one(let message): return try await answer(message, context)
        case .batch(let messages): return try await answer(messages, context)
        }
    }

    /// What is said about a request before its body is looked at.
    private func checkDoor(_ request: Request) throws(Problem) {
        // A page of some site must not speak to a server on its reader's own machine.
        if let origin = request.header("origin"), !configuration.allowedOrigins.contains(origin) {
            throw Problem(403, "origin_refused", "Pages of this origin may not call this server.")
        }
        guard let type = request.headerBytes("content-type"), case .json = MediaType(type) else {
            throw Problem(415, "unsupported_media_type", "Send JSON, with \"Content-Type: application/json\".")
        }
        if let accepted = request.header("accept")?.lowercased() {
            let names = ["application/json", "application/*", "*/*"]
            guard names.contains(where: { accepted.contains($0) }) else {
                throw Problem(406, "not_acceptable", "Answers are JSON: accept \"application/json\".")
            }
        }
    }

    private func answer(_ message: RPCMessage, _ context: Context) async throws(Problem) -> Response {
        switch message {
        case .notification, .response:
            if let said = context.request.header("mcp-protocol-version"), ContextProtocol(rawValue: said) == nil {
                return Self.refusal(nil, ContextProtocol.unsupported(said))
            }
            return Response(status: 202)
        case .invalid(let id, let error): return Self.refusal(id, error)
        case .request(let request):
            do throws(RPCError) {
                let version = try ContextProtocol.of(request, in: context.request)
                do throws(RPCError) {
                    var writer = JSONWriter()
                    writer.answer(request.id, result: try await result(of: request, in: version, context))
                    return Self.json(200, writer.bytes)
                } catch {
                    // Older revisions say in the body alone that a request went wrong.
                    return version.isStateless ? Self.refusal(request.id, error) : Self.refusal(request.id, error, 200)
                }
            } catch {
                return Self.refusal(request.id, error)
            }
        }
    }

    /// Batches are of the revisions that came before 2025-06-18. They are answered in order, one by one.
    private func answer(_ messages: [RPCMessage], _ context: Context) async throws(Problem) -> Response {
        let said = context.request.header("mcp-protocol-version")
        guard let version = said.map(ContextProtocol.init(rawValue:)) ?? .unsaid, version.hasBatches else {
            return Self.refusal(nil, .invalidRequest("This protocol version has one message in a body."))
        }
        try await charge(context, for: messages.count)
        var writer = JSONWriter()
        var isEmpty = true
        writer.beginArray()
        for message in messages {
            switch message {
            case .notification, .response: continue
            case .invalid(let id, let error): writer.answer(id, error: error)
            case .request(let request):
                do throws(RPCError) {
                    if request.method == "initialize" {
                        throw .invalidRequest("`initialize` comes by itself.")
                    }
                    writer.answer(request.id, result: try await result(of: request, in: version, context))
                } catch {
                    writer.answer(request.id, error: error)
                }
            }
            isEmpty = false
        }
        writer.endArray()
        return isEmpty ? Response(status: 202) : Self.json(200, writer.bytes)
    }

    /// A problem from before the method: who asks, how often, from where.
    static func refusal(of problem: Problem) -> Response {
        let error = RPCError(
            code: -32000, message: problem.detail, data: ["code": .string(problem.code)])
        var response = refusal(nil, error, problem.status)
        response.headers += problem.headers
        return response
    }

    private static func refusal(_ id: RPCID?, _ error: RPCError, _ status: Int? = nil) -> Response {
        let usual =
            switch error.code {
            case RPCError.methodNotFoundCode: 404
            case RPCError.internalCode: 200
            default: 400
            }
        var writer = JSONWriter()
        writer.answer(id, error: error)
        return json(status ?? usual, writer.bytes)
    }

    private static func json(_ status: Int, _ body: [UInt8]) -> Response {
        Response(status: status, contentType: "application/json", body: body)
    }
}
