internal import Crypto
internal import Experiments

/// How a merchant's request ended.
enum Answer: Sendable {
    case done
    /// It was done before, under the same key.
    case repeated(SavedReply)
    case refused(ConfigurationError)
}

extension World {
    typealias Decide = @Sendable (TenantSnapshot, Timestamp) throws(ConfigurationError) -> [ConfigurationChange]

    /// Makes a change as the HTTP door makes it: under a key, whose reply is given again to whoever repeats it.
    ///
    /// - Parameters:
    ///   - action: as the audit row names it.
    ///   - byNeighbour: whether the other process does it, on what it last read.
    /// - Returns: nil when done; else why it was refused.
    func request(
        _ tenant: Int, _ action: String, byNeighbour: Bool = false, _ decide: @escaping Decide
    ) async throws(Stuck) -> ConfigurationError? {
        let name = fresh("r")
        let reply = SavedReply(
            scope: ReplyScope(tenant: books[tenant].tenant, hash: Bits128(SHA256.hash(name))),
            bodyHash: Bits128(SHA256.hash(name + action)), status: 200, sealedBody: Array((name + action).utf8),
            at: clock.now())
        let answer = try await insist { () throws(StoreError) in
            guard byNeighbour else { return try await attempt(tenant, action, name, reply, by: service, decide) }
            let answer = try await attempt(tenant, action, name, reply, by: neighbour, decide)
            guard case .refused = answer else { return answer }
            // A refusal on a stale configuration is not the last word.
            try await neighbour.refresh()
            return try await attempt(tenant, action, name, reply, by: neighbour, decide)
        }
        findings.trace("change \(tenant) \(action) \(answer.value.word)")
        switch answer.value {
        case .refused(let error): return error
        case .repeated(let saved):
            findings.expect(
                answer.wasRetried && saved == reply, .idempotency,
                "a request never made before was answered as a repetition")
        case .done: break
        }
        findings.report.changes += 1
        books[tenant].version += 1
        books[tenant].audit.append((action, name))
        requests.append(DoneRequest(tenant: tenant, reply: reply))
        return nil
    }

    private func attempt(
        _ tenant: Int, _ action: String, _ name: String, _ reply: SavedReply, by service: PricingService,
        _ decide: @escaping Decide
    ) async throws(StoreError) -> Answer {
        if let saved = try await service.store.reply(in: reply.scope, at: clock.now()) { return .repeated(saved) }
        do throws(ConfigurationError) {
            try await service.change(books[tenant].tenant, actor: "merchant", requestID: name) {
                snapshot, now throws(ConfigurationError) in
                Decided(try decide(snapshot, now), action: action, target: name, answer: (), reply: reply)
            }
            return .done
        } catch {
            switch error {
            case .store(.repeated(let saved)): return .repeated(saved)
            case .store(let reason): throw reason
            default: return .refused(error)
            }
        }
    }

    /// A request made before comes again: answered as then, and nothing is done.
    func repeatRequest() async throws(Stuck) {
        guard let done = random.recent(requests, within: 40) else { return }
        let asked = try await insist { () throws(StoreError) in
            try await service.store.reply(in: done.reply.scope, at: clock.now())
        }
        let isKept = now - done.reply.at.milliseconds < 72 * 3_600_000
        findings.expect(
            asked.value == (isKept ? done.reply : nil), .idempotency,
            "the reply of \(done.reply.at) reads back differently at \(clock.now())")
        guard isKept else { return }
        // Whoever did not look first is told by the commit itself.
        let again = SavedReply(
            scope: done.reply.scope, bodyHash: done.reply.bodyHash, status: 500, sealedBody: [], at: clock.now())
        let tenant = books[done.tenant].tenant
        let answer = try await insist { () throws(StoreError) -> Answer in
            do throws(ConfigurationError) {
                try await service.change(tenant, actor: "merchant", requestID: "again") { snapshot, _ in
                    Decided([.tenant(snapshot.tenant)], action: "tenant.put", target: "again", answer: (), reply: again)
                }
                return .done
            } catch {
                switch error {
                case .store(.repeated(let saved)): return .repeated(saved)
                case .store(let reason): throw reason
                default: return .refused(error)
                }
            }
        }
        findings.trace("again \(answer.value.word)")
        if case .repeated(let saved) = answer.value, saved == done.reply { return }
        findings.add(.idempotency, "a request of \(done.reply.at) was not answered as before: \(answer.value.word)")
        if case .done = answer.value {
            books[done.tenant].version += 1
            books[done.tenant].audit.append(("tenant.put", "again"))
        }
    }
}

extension Answer {
    var word: String {
        switch self {
        case .done: "done"
        case .repeated: "repeated"
        case .refused(let error): "refused: \(error)"
        }
    }
}
