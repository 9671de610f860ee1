internal import Experiments
internal import Synchronization

/// What is heard of one request to models.
enum ModelEvent: Sendable {
    case delta(String)
    case answer(ModelAnswer, by: String)
    /// Nobody answered, or there is no budget for asking.
    case nothing
    /// Time is over.
    case late
}

/// One request to models, begun: the budget set aside before it, the cost kept after it, whoever still listens.
struct ModelExchange {
    /// In their order; ends after an answer, after nothing, or when time is over.
    let events: AsyncStream<ModelEvent>
    private let work: Task<Void, Never>
    private let timer: Task<Void, Never>
    private let ear: Ear

    /// Bytes of text that one answer may have: what comes after is not received.
    static let mostBytes = 64 << 10

    /// Whether somebody still listens, and how much was heard.
    private final class Ear: Sendable {
        let isClosed = Atomic(false)
        let bytes = Atomic<Int>(0)
    }

    init(_ request: ModelRequest, of model: AgentModel, under reservation: ModelReservation, in tenant: TenantID) {
        let (events, feed) = AsyncStream<ModelEvent>.makeStream()
        let ear = Ear()
        self.events = events
        self.ear = ear
        work = Task {
            let end = await Self.ask(request, model, reservation, tenant, ear) { feed.yield(.delta($0)) }
            feed.yield(end)
            feed.finish()
        }
        timer = Task {
            // Cancelled when it is no longer needed.
            try? await Task.sleep(until: request.deadline, clock: .continuous)
            feed.yield(.late)
            feed.finish()
        }
    }

    /// Nothing more of it is wanted: what it still costs is kept all the same.
    func stop() { ear.isClosed.store(true, ordering: .relaxed) }

    /// Nobody waits any more.
    func end() {
        stop()
        timer.cancel()
        work.cancel()
    }

    private static func ask(
        _ request: ModelRequest, _ model: AgentModel, _ reservation: ModelReservation, _ tenant: TenantID,
        _ ear: Ear, _ hear: @Sendable (String) -> Void
    ) async -> ModelEvent {
        let limits = model.limits
        let isReserved = try? await model.ledger.reserve(
            reservation, ofDay: limits.dayBudget, ofConversation: limits.conversationBudget, in: tenant)
        guard isReserved == true else { return .nothing }
        if Task.isCancelled {
            await settle(reservation, [], model, tenant)
            return .nothing
        }
        do throws(ChainFailure) {
            let told = try await model.chain.answer(request) { piece in
                let before = ear.bytes.add(piece.utf8.count, ordering: .relaxed).oldValue
                guard before < mostBytes else { return false }
                hear(String(String.UnicodeScalarView(piece.unicodeScalars.prefix(mostBytes))))
                return !ear.isClosed.load(ordering: .relaxed)
            }
            await settle(reservation, told.tries, model, tenant)
            return .answer(told.answer, by: told.tries.last?.model ?? "")
        } catch {
            await settle(reservation, error.tries, model, tenant)
            return .nothing
        }
    }

    /// Whoever asked may have given up: what it cost is kept all the same. What cannot be kept stays set aside.
    private static func settle(
        _ reservation: ModelReservation, _ tries: [ModelTry], _ model: AgentModel, _ tenant: TenantID
    ) async {
        await Task {
            try? await model.ledger.settle(reservation, tries.map(ModelCharge.init), in: tenant)
        }.value
    }
}

extension ModelCharge {
    init(_ attempt: ModelTry) {
        self.init(
            model: attempt.model, usage: attempt.usage, cost: attempt.cost, isAnswered: attempt.failure == nil)
    }
}

extension AgentModel {
    /// The most that a request can cost: no text has more tokens than half its bytes but in scripts whose letters have
    /// three, and every model of the chain may be asked in turn.
    func most(for request: ModelRequest) -> ModelCost {
        var bytes = request.system.utf8.count
        for tool in request.tools {
            bytes += tool.name.utf8.count + tool.description.utf8.count + tool.schema.utf8.count
        }
        for message in request.messages {
            switch message {
            case .shopper(let text): bytes += text.utf8.count
            case .model(let text, let calls):
                bytes += text.utf8.count + calls.reduce(0) { $0 + $1.name.utf8.count + $1.input.utf8.count }
            case .results(let results): bytes += results.reduce(0) { $0 + $1.text.utf8.count }
            }
        }
        let usage = ModelUsage(input: Int64(bytes / 2 + 200), output: Int64(request.mostTokens))
        return chain.models.reduce(ModelCost.zero) { sum, model in
            var price = model.price
            price.input = max(price.input, price.cacheWrite, price.longCacheWrite)
            return sum + price.cost(of: usage)
        }
    }
}
