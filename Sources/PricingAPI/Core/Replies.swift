internal import AgentRuntime
internal import Crypto
internal import Experiments
internal import HTTPServer
internal import Synchronization

/// The answer to a change, made where the change is decided, so that it can be kept with it.
struct Outcome: Sendable {
    var status: Int
    /// Where the thing made can be read; empty for none.
    var location = ""
    var body: [UInt8]
    /// Whether to ask again in a second: such an answer is not kept.
    var isUnfinished = false

    var response: Response {
        var headers = [("Content-Type", status < 400 ? "application/json" : "application/problem+json")]
        if isUnfinished { headers.append(("Retry-After", "1")) }
        if !location.isEmpty { headers.append(("Location", location)) }
        headers.append(("ETag", EntityTag.of(body)))
        return Response(status: status, headers: headers, body: .bytes(body))
    }
}

/// Keeps the answers given under one client's idempotency key, sealed under that client's own bearer key: an answer
/// may show a key that is shown once.
struct ReplyKeeper: Sendable {
    let scope: ReplyScope
    let bodyHash: Bits128
    private let cipher: AES256GCM

    /// Nil without an `Idempotency-Key`.
    init?(_ context: Context) throws(Problem) {
        guard let key = context.request.headerBytes("idempotency-key") else { return nil }
        var content = SHA256()
        content.update(Array(context.request.rawPath) + [0])
        content.update(context.request.body)
        try self.init(key, of: context.route.pattern, content: content.finished(), context)
    }

    /// For a shopper's message, so that one said over one door and repeated over another is answered once.
    init(
        saying text: String, as key: ArraySlice<UInt8>, in conversation: ConversationID, _ context: Context
    ) throws(Problem) {
        var content = SHA256()
        content.update(Array(conversation.description.utf8) + [0])
        content.update(Array(text.utf8))
        try self.init(key, of: RouteTable.chatMessagesPath, by: .post, content: content.finished(), context)
    }

    /// - Parameters:
    ///   - key: the client's name for what it wants once.
    ///   - kind: what it wants: under one key each kind is done once.
    ///   - method: nil for the request's own.
    ///   - content: of all that it said about it.
    init(
        _ key: ArraySlice<UInt8>, of kind: String, by method: HTTPMethod? = nil, content: Digest256,
        _ context: Context
    ) throws(Problem) {
        guard (1...255).contains(key.count), key.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw Problem(400, "idempotency_key_invalid", "An Idempotency-Key has 1 to 255 visible ASCII characters.")
        }
        let (tenant, principal): (TenantID, String) =
            switch context.caller {
            case .member(let principal, let snapshot): (snapshot.tenant.id, principal.countedAs.description)
            case .nobody, .operator: (TenantID(bits: Bits128(high: 0, low: 0)), "operator")
            }
        var hash = SHA256()
        for part in [principal, (method ?? context.route.method).description, kind] {
            hash.update(Array(part.utf8) + [0])
        }
        hash.update(Array(key))
        scope = ReplyScope(tenant: tenant, hash: Bits128(hash.finished()))
        bodyHash = Bits128(content)
        let secret = Secret(Array(PricingAPI.bearerKey(of: context.request.head) ?? []))
        guard let cipher = AES256GCM(key: HKDF.derive(from: secret, info: "cournot idempotent reply")) else {
            throw Problem(500, "internal", "The answer cannot be sealed.")
        }
        self.cipher = cipher
    }

    /// The answer as it is stored.
    func keep(_ outcome: Outcome, at now: Timestamp) -> SavedReply {
        SavedReply(
            scope: scope, bodyHash: bodyHash, status: outcome.status,
            sealedBody: cipher.seal(
                Array(outcome.location.utf8) + [UInt8(ascii: "\n")] + outcome.body, authenticating: associated),
            at: now)
    }

    /// The stored answer again, if it answers the same request.
    func replay(_ saved: SavedReply) throws(Problem) -> Response {
        guard saved.bodyHash == bodyHash else {
            throw Problem(
                422, "idempotency_mismatch", "This Idempotency-Key was used for another request; use a new one.")
        }
        guard let text = try? cipher.open(saved.sealedBody, authenticating: associated),
            let end = text.firstIndex(of: UInt8(ascii: "\n"))
        else { throw Problem(500, "internal", "The stored answer cannot be opened.") }
        var response = Outcome(
            status: saved.status, location: String(decoding: text[..<end], as: UTF8.self),
            body: Array(text[(end + 1)...])
        ).response
        response.headers.append(("Idempotent-Replayed", "true"))
        return response
    }

    private var associated: [UInt8] {
        var out: [UInt8] = []
        scope.hash.appendHex(to: &out)
        return out
    }
}

/// The idempotency keys whose first request is still running in this process.
final class RunningKeys: Sendable {
    private let keys = Mutex<Set<ReplyScope>>([])

    func begin(_ scope: ReplyScope) -> Bool { keys.withLock { $0.insert(scope).inserted } }
    func end(_ scope: ReplyScope) { keys.withLock { _ = $0.remove(scope) } }
}

/// Why a change was not made, as `once` has to see it.
protocol Refusal: Error {
    var problem: Problem { get }
    /// What was answered before under the same key, where that is why.
    var repeated: SavedReply? { get }
    /// Whether whoever decides does nothing else: then what was answered before is looked for only if a request is refused,
    /// as a repeated one well may be. One that is made is not made twice: the store sees to that.
    static var isDecidedAlone: Bool { get }
    /// Whether it was decided that the change is not to be made, and not that it cannot be made now.
    var isDecided: Bool { get }
}

extension Refusal {
    static var isDecidedAlone: Bool { false }
    var isDecided: Bool { true }
}

extension ConfigurationError: Refusal {
    static var isDecidedAlone: Bool { true }
    var isDecided: Bool { if case .store = self { false } else { true } }
    var problem: Problem { Problem(self) }
    var repeated: SavedReply? { if case .store(.repeated(let saved)) = self { saved } else { nil } }
}

extension CheckoutError: Refusal {
    var problem: Problem { Problem(self) }
    var repeated: SavedReply? { if case .store(.repeated(let saved)) = self { saved } else { nil } }
}

extension ConversationError: Refusal {
    var problem: Problem { Problem(self) }
    var repeated: SavedReply? { if case .store(.repeated(let saved)) = self { saved } else { nil } }
}

extension PricingAPI {
    /// Makes a change once, however often it is asked for under one `Idempotency-Key`.
    ///
    /// - Parameter change: commits with the saved reply it makes, so that change and reply are one transaction.
    func once<Failure: Refusal>(
        _ context: Context,
        _ change: (ReplyKeeper?) async throws(Failure) -> Outcome
    ) async throws(Problem) -> Response {
        try await once(try ReplyKeeper(context), change)
    }

    /// - Parameter keeper: nil for what is made each time it is asked for.
    func once<Failure: Refusal>(
        _ keeper: ReplyKeeper?, _ change: (ReplyKeeper?) async throws(Failure) -> Outcome
    ) async throws(Problem) -> Response {
        guard let keeper else {
            do throws(Failure) {
                return try await change(nil).response
            } catch {
                throw error.problem
            }
        }
        guard running.begin(keeper.scope) else {
            throw Problem(
                409, "idempotency_in_progress", "The first request under this Idempotency-Key is still running."
            ).with("Retry-After", "1")
        }
        defer { running.end(keeper.scope) }
        if !Failure.isDecidedAlone, let saved = try await saved(keeper) { return try keeper.replay(saved) }
        do throws(Failure) {
            return try await change(keeper).response
        } catch {
            // Another process was first, or this one long ago.
            if let saved = error.repeated { return try keeper.replay(saved) }
            if Failure.isDecidedAlone, error.isDecided, let saved = try await saved(keeper) {
                return try keeper.replay(saved)
            }
            throw error.problem
        }
    }

    private func saved(_ keeper: ReplyKeeper) async throws(Problem) -> SavedReply? {
        do throws(StoreError) {
            return try await service.store.reply(in: keeper.scope, at: service.clock.now())
        } catch {
            throw Problem(error)
        }
    }
}
