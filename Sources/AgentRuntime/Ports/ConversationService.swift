public import Experiments
internal import Synchronization

/// A conversation as it is begun.
public struct ConversationDraft: Sendable {
    /// Nil for one who has no name: a new one is made.
    public var shopper: TenantKey?
    public var attributes: Attributes
    /// Nil for the tenant's first.
    public var language: Language?

    public init(shopper: TenantKey? = nil, attributes: Attributes = [:], language: Language? = nil) {
        self.shopper = shopper
        self.attributes = attributes
        self.language = language
    }
}

/// Why nothing was said.
public enum ConversationError: Error, Sendable, Equatable {
    /// Not there, or another tenant's: the two cannot be told apart.
    case notFound
    /// Others speak in this conversation right now.
    case busy
    /// It has as many messages as one may have.
    case full
    /// The agent answers here; only in a conversation that was handed off does a person.
    case notHandedOff
    /// A person's words hold an amount that is no quote or total of this conversation.
    case unquoted(Violation)
    case store(StoreError)
}

/// What a turn left behind.
public struct ConversationAnswer: Sendable {
    public let id: ConversationID
    public let conversation: Conversation
    /// Those that the turn added, in order.
    public let added: [StoredMessage]

    /// What there is to answer with: the last that was added.
    public var last: StoredMessage? { added.last }
}

/// Conversations, for every door of the house: asks `Conversation` what to do, does it, and keeps what was said before it
/// is told.
///
/// The rule it keeps: **no amount but a live quote's.** Prices come from `PricingService` in the very turn that tells
/// them, totals from the checkout; every answer is a draft with slots that passes the guard.
public final class ConversationService: Sendable {
    let pricing: PricingService
    let search: any ProductSearch
    let checkouts: CheckoutService?
    /// Asked where rules do not understand; nil where rules answer all.
    let model: AgentModel?
    let gate = ConversationGate()
    let judge = PriceGuard(languages: Set(Language.allCases))
    /// What was said since the start.
    public let tally = ConversationTally()
    /// Messages that models answer now.
    let modelTurns = Atomic<Int>(0)
    /// For those who follow what is said.
    public let news = ConversationNews()

    /// How often a turn is decided while other processes take turns between.
    static let tries = 8
    /// What one turn may do.
    static let mostActions = 12

    /// - Parameter checkouts: of the same service; nil where nothing is sold: then prices are told and no checkout is made.
    public init(
        pricing: PricingService, search: any ProductSearch, checkouts: CheckoutService?, model: AgentModel? = nil
    ) {
        self.pricing = pricing
        self.search = search
        self.checkouts = checkouts
        self.model = model
    }

    private var store: any ConversationStore { pricing.store }

    // MARK: Turns

    /// Begins a conversation and greets.
    ///
    /// - Parameter reply: made of the answer and kept with it, for whoever repeats the request.
    public func begin(
        _ draft: ConversationDraft, in snapshot: TenantSnapshot,
        reply: (ConversationAnswer, ChatShopper) -> SavedReply? = { _, _ in nil }
    ) async throws(ConversationError) -> (answer: ConversationAnswer, shopper: ChatShopper) {
        let now = pricing.clock.now()
        let settings = snapshot.tenant.agent
        let id: ConversationID = pricing.identifiers.next(at: now)
        let anonymous: Identifier<AnonymousShopper> = pricing.identifiers.next(at: now)
        guard let key = draft.shopper ?? TenantKey(anonymous.description) else { throw .busy }
        let shopper = ChatShopper(key, attributes: draft.attributes)
        let spoken = settings.spoken
        var started: StoredConversation
        do throws(StoreError) {
            started = StoredConversation(
                id: id, subject: snapshot.subject(of: key),
                conversation: Conversation(language: draft.language ?? spoken[0], languages: spoken),
                shopper: try shopper.sealed(for: id, of: snapshot.tenant), at: now)
        } catch {
            throw .store(error)
        }
        var turn = Turn(started, shopper, snapshot, at: now)
        greet(&turn)
        let answer = turn.answer
        try await keep(turn, reply: reply(answer, shopper))
        return (answer, shopper)
    }

    /// A shopper's message and the agent's answer; where a person has the conversation, the message alone.
    ///
    /// - Parameters:
    ///   - text: 1 to `ChatMessage.longestText` characters.
    ///   - show: is given a model's sentences as soon as they are checked, with their amounts, in the order in which the
    ///     message that is kept begins with them; nil where the answer is wanted whole. Rules answer at once: nothing of
    ///     theirs is shown before it is kept.
    public func receive(
        _ text: String, in id: ConversationID, of snapshot: TenantSnapshot,
        show: (@Sendable (String) -> Void)? = nil,
        reply: (ConversationAnswer) -> SavedReply? = { _ in nil }
    ) async throws(ConversationError) -> ConversationAnswer {
        let kept = Redaction(takesEmail: false).redacted(text)
        let understanding = Understanding(of: kept)
        var asked = ModelAsked.notYet
        return try await turn(in: id, of: snapshot, reply: reply) { turn throws(ConversationError) in
            turn.add(ChatMessage(role: .shopper, text: kept, at: turn.now, state: turn.state))
            tally.count(.received)
            if await !answerByModel(kept, understanding, &asked, show: show, in: &turn) {
                let actions = turn.stored.conversation.received(understanding)
                await perform(actions, in: &turn)
            }
            await account(for: asked, in: &turn)
        }
    }

    /// Gives a conversation to a person. One that a person has already stays as it is.
    public func handOff(
        _ id: ConversationID, of snapshot: TenantSnapshot,
        reply: (ConversationAnswer) -> SavedReply? = { _ in nil }
    ) async throws(ConversationError) -> ConversationAnswer {
        try await turn(in: id, of: snapshot, reply: reply) { turn throws(ConversationError) in
            let actions = turn.stored.conversation.handOff()
            await perform(actions, in: &turn)
        }
    }

    /// A person's words, and the conversation back to the agent if so asked.
    ///
    /// - Parameter text: a draft, in which the conversation's quotes and checkout may stand as slots; nil to say nothing.
    public func answerInPerson(
        _ text: String?, resuming: Bool, in id: ConversationID, of snapshot: TenantSnapshot,
        reply: (ConversationAnswer) -> SavedReply? = { _ in nil }
    ) async throws(ConversationError) -> ConversationAnswer {
        try await turn(in: id, of: snapshot, reply: reply) { turn throws(ConversationError) in
            guard turn.state == .handedOff else { throw .notHandedOff }
            if let text {
                try await gatherTold(in: &turn)
                try say(inPerson: text, in: &turn)
            }
            if resuming { turn.stored.conversation.resumed() }
        }
    }

    private func turn(
        in id: ConversationID, of snapshot: TenantSnapshot, reply: (ConversationAnswer) -> SavedReply?,
        _ body: (inout Turn) async throws(ConversationError) -> Void
    ) async throws(ConversationError) -> ConversationAnswer {
        guard await gate.enter(id) else { throw .busy }
        defer { gate.leave(id) }
        for _ in 0..<Self.tries {
            let (stored, shopper) = try await read(id, of: snapshot)
            guard stored.messages + 4 <= ChatMessage.mostInConversation else { throw .full }
            var turn = Turn(stored, shopper, snapshot, at: pricing.clock.now())
            try await body(&turn)
            let answer = turn.answer
            do throws(ConversationError) {
                try await keep(turn, reply: reply(answer))
                return answer
            } catch {
                // Another process took a turn meanwhile: this one is decided again, on what it left. What it opened nobody
                // was told of.
                if let opened = turn.opened, Self.isUndone(error) {
                    _ = try? await checkouts?.cancel(opened, in: snapshot)
                }
                guard case .store(.outdated(let current)) = error, current > 0 else {
                    if case .store(.outdated) = error { throw .notFound }
                    throw error
                }
            }
        }
        throw .busy
    }

    /// Whether nothing of a turn was kept for sure.
    private static func isUndone(_ error: ConversationError) -> Bool {
        switch error {
        case .store(.outdated), .store(.repeated): true
        default: false
        }
    }

    private func keep(_ turn: Turn, reply: SavedReply?) async throws(ConversationError) {
        do throws(StoreError) {
            let change = turn.begun.turn(
                with: turn.stored.conversation, adding: turn.added.map(\.message), at: turn.now, reply: reply)
            try await store.append(change, in: turn.snapshot.tenant.id)
        } catch {
            throw .store(error)
        }
        news.tell(turn.added, of: turn.stored.id, version: turn.begun.version + 1)
    }

    // MARK: Reading

    /// A conversation with whom it is with.
    public func read(
        _ id: ConversationID, of snapshot: TenantSnapshot
    ) async throws(ConversationError) -> (conversation: StoredConversation, shopper: ChatShopper) {
        do throws(StoreError) {
            guard let record = try await store.conversation(id, in: snapshot.tenant.id) else {
                throw StoreError.outdated(current: 0)
            }
            let stored = try StoredConversation(record)
            return (stored, try ChatShopper(opening: stored.shopper, of: id, snapshot.tenant))
        } catch {
            throw error == .outdated(current: 0) ? .notFound : .store(error)
        }
    }

    /// Messages in their order, after a number; none where there is no such conversation.
    public func messages(
        of id: ConversationID, after: Int, limit: Int, in tenant: TenantID
    ) async throws(StoreError) -> [StoredMessage] {
        try await store.messages(of: id, in: tenant, after: after, limit: limit)
            .map { record throws(StoreError) in try StoredMessage(record, of: id) }
    }

    /// Conversations, the youngest first, begun before one; of one state, or of all (nil).
    public func conversations(
        in tenant: Tenant, state: Conversation.State?, before: ConversationID?, limit: Int
    ) async throws(StoreError) -> [(conversation: StoredConversation, shopper: ChatShopper)] {
        try await store.conversations(in: tenant.id, state: state?.rawValue, before: before, limit: limit)
            .map { record throws(StoreError) in
                let stored = try StoredConversation(record)
                return (stored, try ChatShopper(opening: stored.shopper, of: stored.id, tenant))
            }
    }

    /// Takes away all that was said with a shopper; returns how many conversations there were.
    public func erase(_ shopper: TenantKey, of snapshot: TenantSnapshot) async throws(StoreError) -> Int {
        try await store.eraseConversations(of: snapshot.subject(of: shopper), in: snapshot.tenant.id)
    }
}
