public import EventLoop

/// What answers requests.
public protocol Responder: Sendable {
    /// Called on the loop when the head of a request with a body is complete.
    ///
    /// - Returns: how many bytes its body may have; more is answered 413. `Int.max`, which is what it says unless
    ///   implemented, leaves it to the configuration's `bodyBytes`.
    func bodyLimit(for head: RequestHead) -> Int

    /// Called on the loop when a connection sends the same head again, byte for byte, as most clients do.
    ///
    /// - Returns: what the requests that begin with this head bring as their head's `reading`, or nil. It may depend on
    ///   the head alone, and on what never changes.
    func reading(of head: RequestHead) -> (any HeadReading)?

    /// Called on the loop with the whole request. It must not block.
    func respond(to request: Request, on loop: EventLoop) -> Reply

    /// The answer to what the server itself refuses.
    ///
    /// - Parameters:
    ///   - code: stable and machine-readable, as in ``BadRequest/code``.
    ///   - detail: one sentence for a person.
    func problem(status: Int, code: String, detail: String) -> Response
}

/// When the answer is there.
public enum Reply: Sendable {
    /// At once; costs no task.
    case now(Response)
    /// Later. The closure starts at once on the loop, and stays on it over every `await`. It is not cancelled when
    /// the client goes away: what it began, it finishes.
    case later(@Sendable () async -> Response)
    /// When something on this loop calls back; costs no task. The closure is called at once. It calls what it is given
    /// once, on the loop, with the reply as it then is.
    case called(@Sendable (_ then: @escaping @Sendable (Reply) -> Void) -> Void)

    /// The response, once it is there.
    public nonisolated(nonsending) func response() async -> Response {
        switch self {
        case .now(let response): return response
        case .later(let work): return await work()
        case .called(let begin):
            let reply = await withCheckedContinuation { continuation in begin { continuation.resume(returning: $0) } }
            return await reply.response()
        }
    }
}

extension Responder {
    /// What the configuration says.
    public func bodyLimit(for head: RequestHead) -> Int { .max }

    /// Nothing.
    public func reading(of head: RequestHead) -> (any HeadReading)? { nil }

    /// Problem details (RFC 9457) of type `about:blank`.
    public func problem(status: Int, code: String, detail: String) -> Response {
        // Code and detail are the server's own sentences: nothing in them needs escaping in JSON.
        let title = StatusLines.reason(status)
        let json =
            #"{"type":"about:blank","title":"\#(title)","status":\#(status),"detail":"\#(detail)","code":"\#(code)"}"#
        return Response(status: status, contentType: "application/problem+json", body: Array(json.utf8))
    }
}
