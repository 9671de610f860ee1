internal import AgentRuntime
internal import EventLoop
internal import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    func beginConversation(_ context: Context) async throws(Problem) -> Response {
        let (principal, snapshot) = try context.member
        // A browser does not choose whom it is taken for.
        let keys: [StaticString] =
            principal.shopper == nil ? ["shopper", "attributes", "language", "channel"] : ["shopper", "language"]
        let draft = try context.read(keys) { reader in
            var attributes = reader.attributes("attributes") ?? [:]
            if let channel = reader.string("channel"), attributes["channel"] == nil {
                attributes["channel"] = .string(channel)
            }
            let language = reader.string("language").flatMap { Language(tag: $0) }
            let shopper = reader.tenantKey("shopper")
            if let shopper, !principal.mayAct(for: shopper) {
                reader.fault("shopper", "A session is with its own shopper; leave it out.")
            }
            return ConversationDraft(
                shopper: principal.shopper ?? shopper, attributes: attributes,
                language: language ?? context.request.header("accept-language").flatMap { Language(accepting: $0) })
        }
        try chatLimiter.admitBeginning(by: principal)
        return try await once(context) { keeper throws(ConversationError) in
            let clock = service.clock
            let (answer, shopper) = try await conversations.begin(draft, in: snapshot) { answer, shopper in
                keeper?.keep(Self.begun(answer, shopper), at: clock.now())
            }
            return Self.begun(answer, shopper)
        }
    }

    private static func begun(_ answer: ConversationAnswer, _ shopper: ChatShopper) -> Outcome {
        Outcome(status: 201, location: "/api/v1/conversations/\(answer.id)", body: answer.wire(shopper))
    }

    /// A shopper's message: answered by the agent's, as JSON or as a stream of it.
    func converse(_ context: Context) async throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        let text = try context.read(["text"]) { reader in
            reader.require("text")
            return reader.chatText("text") ?? ""
        }
        // What is not there costs nobody's allowance.
        let id = try await ownConversation(of: context)
        try await chatLimiter.admit(id, of: snapshot.tenant, at: .read())
        let keeper = try context.request.headerBytes("idempotency-key").map { key throws(Problem) in
            try ReplyKeeper(saying: text, as: key, in: id, context)
        }
        guard context.wantsEvents else { return try await answer(keeper, text, in: id, snapshot) }
        return Response(
            status: 200, headers: Self.eventHeaders,
            body: .stream { [self] output in
                // What a model says is shown sentence by sentence, each as soon as it is checked.
                let (sentences, feed) = AsyncStream<String>.makeStream()
                // Not ended with its reader: what was shown is kept, whoever still reads it.
                let answered = Task { () -> Result<Response, Problem> in
                    defer { feed.finish() }
                    do throws(Problem) {
                        return .success(try await answer(keeper, text, in: id, snapshot) { feed.yield($0) })
                    } catch {
                        return .failure(error)
                    }
                }
                var shown = ""
                for await sentence in sentences {
                    shown += sentence
                    try await output.write(Self.delta(sentence))
                }
                let events: [[UInt8]]
                switch await answered.value {
                case .success(let response): events = Self.events(of: response, after: shown)
                case .failure(let problem):
                    events = [Self.event("error", problem.body(requestID: context.requestID), id: nil)]
                }
                for event in events { try await output.write(event) }
            })
    }

    static let eventHeaders = [("Content-Type", "text/event-stream"), ("X-Accel-Buffering", "no")]

    /// The agent's answer, by whichever door the message came; the same one to a message repeated under one name.
    ///
    /// - Parameter show: told each sentence of a model's as soon as it is checked.
    func answer(
        _ keeper: ReplyKeeper?, _ text: String, in id: ConversationID, _ snapshot: TenantSnapshot,
        show: (@Sendable (String) -> Void)? = nil
    ) async throws(Problem) -> Response {
        try await once(keeper) { keeper throws(ConversationError) in
            let clock = service.clock
            let answer = try await conversations.receive(text, in: id, of: snapshot, show: show) { answer in
                keeper?.keep(Self.said(answer), at: clock.now())
            }
            return Self.said(answer)
        }
    }

    private static func said(_ answer: ConversationAnswer) -> Outcome {
        Outcome(status: 200, body: answer.last?.wire ?? Array("null".utf8))
    }

    // MARK: Reading

    /// The conversation that the path names: there, the tenant's, and the caller's own where it is a shopper.
    func conversation(of context: Context) async throws(Problem) -> ConversationID {
        let (principal, snapshot) = try context.member
        let id = try context.conversation()
        let record: ConversationRecord?
        do throws(StoreError) {
            record = try await service.store.conversation(id, in: snapshot.tenant.id)
        } catch {
            throw Problem(error)
        }
        guard let record, principal.mayAct(for: record.subject, in: snapshot) else { throw .notFound }
        owners.remember(record, in: snapshot.tenant.id)
        return id
    }

    /// The same without asking the store where it is known whose it is: for what finds out by itself whether it is there.
    private func ownConversation(of context: Context) async throws(Problem) -> ConversationID {
        let (principal, snapshot) = try context.member
        let id = try context.conversation()
        guard let subject = owners.subject(of: id, in: snapshot.tenant.id) else {
            return try await conversation(of: context)
        }
        guard principal.mayAct(for: subject, in: snapshot) else { throw .notFound }
        return id
    }

    func readConversation(_ context: Context) async throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        let id = try await conversation(of: context)
        do throws(ConversationError) {
            let (conversation, shopper) = try await conversations.read(id, of: snapshot)
            var writer = JSONWriter()
            conversation.write(shopper, into: &writer)
            return Response(status: 200, contentType: "application/json", body: writer.bytes)
        } catch {
            throw Problem(error)
        }
    }

    func listConversations(_ context: Context) async throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        let paging = try Paging(context)
        var state: Conversation.State?
        if let text = try context.query("state") {
            guard let known = Conversation.State(rawValue: text) else {
                let states = Conversation.State.allCases.map(\.rawValue).joined(separator: ", ")
                throw .parameter("`state` is one of \(states).")
            }
            state = known
        }
        let before = try paging.after { ConversationID($0) }
        do throws(StoreError) {
            let found = try await conversations.conversations(
                in: snapshot.tenant, state: state, before: before, limit: paging.limit + 1)
            let page = Array(found.prefix(paging.limit))
            let next = found.count > paging.limit ? page.last?.conversation.id.description : nil
            let body = Paging.body(page, next: next) { $0.conversation.write($0.shopper, into: &$1) }
            return Response(status: 200, contentType: "application/json", body: body)
        } catch {
            throw Problem(error)
        }
    }

    func listMessages(_ context: Context) async throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        let id = try await conversation(of: context)
        let after = try context.messageNumber(in: id) ?? 0
        let limit = try context.limit()
        let messages: [StoredMessage]
        do throws(StoreError) {
            messages = try await conversations.messages(
                of: id, after: after, limit: limit + 1, in: snapshot.tenant.id)
        } catch {
            throw Problem(error)
        }
        let page = messages.prefix(limit)
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("data")
        writer.beginArray()
        for message in page { message.write(into: &writer) }
        writer.endArray()
        if messages.count > limit, let last = page.last {
            writer.field("next_after", last.id)
        } else {
            writer.null("next_after")
        }
        writer.endObject()
        return Response(status: 200, contentType: "application/json", body: writer.bytes)
    }

    // MARK: People

    func handOffConversation(_ context: Context) async throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        try context.requireNoContent()
        let id = try await conversation(of: context)
        return try await once(context) { keeper throws(ConversationError) in
            let clock = service.clock
            let answer = try await conversations.handOff(id, of: snapshot) { answer in
                keeper?.keep(Outcome(status: 200, body: answer.wire), at: clock.now())
            }
            return Outcome(status: 200, body: answer.wire)
        }
    }

    func replyInPerson(_ context: Context) async throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        let id = try context.conversation()
        let (text, resumes) = try context.read(["text", "resume"]) { reader in
            let resumes = reader.bool("resume") ?? false
            if !resumes { reader.require("text") }
            return (reader.chatText("text"), resumes)
        }
        return try await once(context) { keeper throws(ConversationError) in
            let clock = service.clock
            let answer = try await conversations.answerInPerson(
                text, resuming: resumes, in: id, of: snapshot
            ) { answer in
                keeper?.keep(Outcome(status: 200, body: answer.wire), at: clock.now())
            }
            return Outcome(status: 200, body: answer.wire)
        }
    }

    /// Takes away all that was said with a shopper.
    func eraseConversations(_ context: Context) async throws(Problem) -> Response {
        try await erase(context, as: "conversations.erase") { shopper, snapshot throws(ConversationError) in
            do throws(StoreError) {
                return try await conversations.erase(shopper, of: snapshot)
            } catch {
                throw .store(error)
            }
        }
    }
}

extension Context {
    func conversation() throws(Problem) -> ConversationID {
        guard let id = ConversationID(parameter(0)) else { throw .notFound }
        return id
    }

    /// The number of the message named by `?after=`, or else by `Last-Event-ID`.
    func messageNumber(in conversation: ConversationID) throws(Problem) -> Int? {
        guard let text = try query("after") ?? request.header("last-event-id") else { return nil }
        guard let number = MessageID(text)?.number(in: conversation) else {
            throw .parameter("`after` is the id of a message of this conversation.")
        }
        return number
    }

    /// Whether the answer is wanted as Server-Sent Events.
    var wantsEvents: Bool { request.header("accept")?.lowercased().contains("text/event-stream") == true }
}

extension ObjectReader {
    /// What a person typed: 1 to 2,000 characters that are not all space.
    func chatText(_ key: StaticString) -> String? {
        guard let text = string(key) else { return nil }
        if text.unicodeScalars.count > ChatMessage.longestText || text.allSatisfy(\.isWhitespace) {
            fault(key, "A message has 1 to \(ChatMessage.longestText) characters.")
        }
        return text
    }
}
