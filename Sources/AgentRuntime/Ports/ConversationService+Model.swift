internal import Experiments
internal import Synchronization

/// What asking a model for an answer came to. A turn that is decided again does not ask again: some of it may have been
/// told.
enum ModelAsked {
    case notYet
    case nothing(ModelTrace)
    case answered(ModelTalk, ModelTalk.Outcome, quotes: [QuoteID: Quote], products: [TenantKey: Product])
}

extension ConversationService {
    /// Lets a model answer what rules do not understand; false where rules shall answer.
    func answerByModel(
        _ said: String, _ understanding: Understanding, _ asked: inout ModelAsked,
        show: (@Sendable (String) -> Void)?, in turn: inout Turn
    ) async -> Bool {
        guard let model, turn.stored.conversation.leavesToModel(understanding) else { return false }
        if let spoken = understanding.language, turn.stored.conversation.languages.contains(spoken) {
            turn.stored.conversation.language = spoken
        }
        if case .notYet = asked { asked = await ask(model, said, show: show, in: &turn) }
        switch asked {
        case .notYet: return false
        case .nothing(let trace):
            tally.count(.unmodelled)
            turn.trace = trace
            return false
        case .answered(let talk, let outcome, let quotes, let products):
            tally.count(.modelled)
            turn.quotes.merge(quotes) { own, _ in own }
            turn.products.merge(products) { own, _ in own }
            turn.trace = talk.trace
            await say(talk, outcome, in: &turn)
            return true
        }
    }

    private func ask(
        _ model: AgentModel, _ said: String, show: (@Sendable (String) -> Void)?, in turn: inout Turn
    ) async -> ModelAsked {
        let place = modelTurns.add(1, ordering: .relaxed).newValue
        defer { modelTurns.subtract(1, ordering: .relaxed) }
        guard place <= model.limits.atOnce else { return .nothing(ModelTrace()) }
        var talk = ModelTalk(self, model, said: said, show: show, in: turn)
        let outcome = await talk.run(in: &turn)
        if case .nothing = outcome, talk.words.draft.isEmpty { return .nothing(talk.trace) }
        return .answered(talk, outcome, quotes: turn.quotes, products: turn.products)
    }

    private func say(_ talk: ModelTalk, _ outcome: ModelTalk.Outcome, in turn: inout Turn) async {
        let words = talk.words
        turn.isWordedByModel = !words.draft.isEmpty
        let told = words.priced.compactMap { place in
            turn.quotes.values.first { $0.product == talk.products[place].sku }.map {
                ActionOutcome.Quoted(product: talk.products[place], quote: $0.id)
            }
        }
        let draft = String(words.resolved.reversed().drop(while: \.isWhitespace).reversed())
        if !draft.isEmpty {
            turn.spoken = Turn.Spoken(draft: draft, texts: talk.keptTexts, products: told)
        }
        if case .choice(let choice) = outcome {
            return await perform(turn.stored.conversation.decided(byModel: choice), in: &turn)
        }
        let named = words.priced + words.named.filter { !words.priced.contains($0) }
        turn.stored.conversation.spoke(
            of: named.map { talk.products[$0] }, hasPrices: !words.priced.isEmpty, lookedFor: talk.lookedFor,
            noted: talk.noted)
        if case .words = outcome {
            var facts = turn.amounts
            facts.texts = talk.keptTexts
            if tell(draft, facts, products: told, in: &turn) {
                turn.spoken = nil
                return
            }
        }
        // Cut short: what was told stands, and a person is offered for the rest.
        await perform(turn.stored.conversation.decided(byModel: .offerPerson), in: &turn)
    }

    /// Counts what models cost in this conversation for the arms whose prices it told, before and after.
    func account(for asked: ModelAsked, in turn: inout Turn) async {
        guard let model else { return }
        let known = turn.stored.conversation.arms ?? []
        var fresh: Set<ModelArm> = []
        for quote in turn.quotes.values {
            guard let experiment = quote.experiment, let variant = quote.variant else { continue }
            fresh.insert(ModelArm(experiment: experiment, variant: variant))
        }
        fresh.subtract(known)
        let room = max(0, Self.mostArms - known.count)
        let new = fresh.sorted {
            $0.experiment == $1.experiment ? $0.variant < $1.variant : $0.experiment < $1.experiment
        }.prefix(room)
        if !new.isEmpty { turn.stored.conversation.arms = known + new }
        let hadAsked = turn.stored.conversation.hasAskedModel == true
        if case .notYet = asked, !hadAsked { return }
        turn.stored.conversation.hasAskedModel = true
        let noted = hadAsked ? Array(new) : known + new
        guard !noted.isEmpty else { return }
        // Where this cannot be kept, the costs of this conversation count for no arm.
        try? await model.ledger.note(noted, of: turn.stored.id, in: turn.snapshot.tenant.id)
    }

    /// Arms that one conversation is counted for.
    private static let mostArms = 64
}
