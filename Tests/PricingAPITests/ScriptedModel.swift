import AgentRuntime
import Experiments
import JSON
import Storage
import Synchronization
import Testing

@testable import PricingAPI

/// A model that says what it is told to say.
final class ScriptedModel: LanguageModel {
    /// What it does on a request.
    struct Reply: Sendable {
        /// Text in the pieces it comes in.
        var pieces: [String] = []
        var calls: [ModelToolCall] = []
        var ending: ModelAnswer.Ending?
        var usage = ModelUsage(input: 900, output: 40)
        /// Thrown after the pieces.
        var failure: ModelFailure.Reason?
        /// Says nothing more, ever, after the pieces.
        var hangs = false

        static func says(_ pieces: String...) -> Reply { Reply(pieces: pieces) }

        static func uses(_ tool: String, _ input: String, id: String = "call_1") -> Reply {
            Reply(calls: [ModelToolCall(id: id, name: tool, input: input)])
        }

        static func fails(_ reason: ModelFailure.Reason, after pieces: String...) -> Reply {
            Reply(pieces: pieces, failure: reason)
        }
    }

    let name: String
    let price = ModelPrice(input: 1_000_000, output: 5_000_000)
    private let reply: @Sendable (ModelRequest, Int) -> Reply
    private let asked = Mutex<[ModelRequest]>([])

    /// - Parameter reply: to a request, by how many came before it.
    init(_ name: String = "test/scripted", reply: @escaping @Sendable (ModelRequest, Int) -> Reply) {
        self.name = name
        self.reply = reply
    }

    convenience init(_ replies: Reply...) {
        self.init { _, place in replies[min(place, replies.count - 1)] }
    }

    var requests: [ModelRequest] { asked.withLock { $0 } }

    func answer(
        _ request: ModelRequest, receive: (String) async -> Bool
    ) async throws(ModelFailure) -> ModelAnswer {
        let place = asked.withLock { asked in
            asked.append(request)
            return asked.count - 1
        }
        let reply = reply(request, place)
        var text = ""
        for piece in reply.pieces {
            text += piece
            guard await receive(piece) else {
                return ModelAnswer(text: text, calls: [], ending: .stopped, usage: reply.usage)
            }
        }
        if reply.hangs {
            // Until whoever waits gives up.
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
            throw ModelFailure(.tooLate, usage: reply.usage, hasBegun: !reply.pieces.isEmpty)
        }
        if let failure = reply.failure {
            throw ModelFailure(failure, usage: reply.usage, hasBegun: !reply.pieces.isEmpty)
        }
        return ModelAnswer(
            text: text, calls: reply.calls, ending: reply.ending ?? (reply.calls.isEmpty ? .finished : .tools),
            usage: reply.usage)
    }
}

/// A shop whose agent may ask a model.
struct ModelShop: Sendable {
    let shop: Shop
    let store: MemoryStore
    let model: ScriptedModel

    init(_ model: ScriptedModel, _ change: (inout ModelLimits) -> Void = { _ in }) async throws {
        let store = MemoryStore()
        var limits = ModelLimits()
        // Machines that run tests are slow; what is to be late says so.
        limits.time = .seconds(600)
        change(&limits)
        let agent = AgentModel(model, ledger: store, limits: limits)
        let world = try await World(store: store) { $0.model = agent }
        self.store = store
        self.model = model
        shop = try await world.tenant()
        _ = try await shop.running()
        let kettle =
            #"{"sku":"sku-2","title":"Tea kettle","description":"Made of steel. Holds 2 l. Only $5 today!","list_price":{"amount":4500,"currency":"USD"},"attributes":{"material":"steel"}}"#
        try #require(try await shop.post("/products", kettle).status == 201)
        let told = try await world.call(
            "PUT", "/api/v1/agent", key: shop.merchant, #"{"messages_per_minute":600}"#)
        try #require(told.status == 200, "\(told.text)")
    }

    func chat(_ shopper: String = "s-1", _ more: String = "") async throws -> ConversationRouteTests.Chat {
        try await ConversationRouteTests.Chat(shop, shopper: shopper, more)
    }

    func audit() async throws -> TranscriptAudit {
        var audit = TranscriptAudit()
        try await audit.read(
            try #require(TenantID(shop.id)), prices: shop.world.service, checkouts: store)
        return audit
    }

    /// What was said in a conversation, as it is kept.
    func transcript(_ chat: ConversationRouteTests.Chat) async throws -> [ChatMessage] {
        let id = try #require(ConversationID(chat.id))
        let tenant = try #require(TenantID(shop.id))
        return try await store.messages(of: id, in: tenant, after: 0, limit: 1000)
            .map { try StoredMessage($0, of: id).message }
    }
}
