internal import Experiments

extension ConversationService {
    /// Does what a conversation asks for and tells it what came of it, until nothing is left to do.
    func perform(_ actions: [Action], in turn: inout Turn) async {
        var waiting = actions
        var budget = Self.mostActions
        while !waiting.isEmpty, budget > 0 {
            budget -= 1
            let outcome: ActionOutcome
            switch waiting.removeFirst() {
            case .say(let line):
                say(line, in: &turn)
                continue
            case .handOff: continue
            case .search(let words, let skipped): outcome = await find(words, skipping: skipped, in: turn)
            case .quote(let products, let quantity): outcome = await quote(products, quantity: quantity, in: &turn)
            case .openCheckout(let quote, let quantity):
                outcome = await open(quote, quantity: quantity, in: &turn)
            case .readCheckout(let id): outcome = await read(id, in: &turn)
            case .cancelCheckout(let id, let replacement): outcome = await cancel(id, for: replacement, in: &turn)
            }
            waiting = turn.stored.conversation.received(outcome) + waiting
        }
    }

    private func find(_ words: [String], skipping: Int, in turn: Turn) async -> ActionOutcome {
        let most = Conversation.mostShown
        let limit = min(100, skipping + most)
        let found =
            words.isEmpty
            ? FoundProducts(turn.snapshot.firstProducts(limit))
            : await search.products(for: words.joined(separator: " "), in: turn.snapshot, limit: limit)
        let shown = found.products.dropFirst(skipping).prefix(most).map { product in
            Conversation.Shown(sku: product.sku, title: ToldText.title(product.title, sku: product.sku))
        }
        return .found(Array(shown), areNear: found.areNear)
    }

    /// The shopper's own prices, durable and counted as told: the turn tells them.
    func quote(_ products: [TenantKey], quantity: Int64, in turn: inout Turn) async -> ActionOutcome {
        let requests = products.map { product in
            QuoteRequest(
                shopper: turn.shopper.key, product: product, attributes: turn.shopper.attributes, quantity: quantity,
                language: turn.stored.conversation.language.rawValue)
        }
        let results: [Result<Quote, QuoteError>]
        do throws(QuoteError) {
            results = try await pricing.quotes(requests, in: turn.snapshot)
        } catch {
            return .refused
        }
        if pricing.isDegraded { turn.isDegraded = true }
        turn.isTaxIncluded = checkouts?.tax.isIncluded(in: turn.snapshot.tenant)
        var quoted: [ActionOutcome.Quoted] = []
        for (product, result) in zip(products, results) {
            switch result {
            case .success(let quote):
                guard let entry = pricing.snapshot(of: turn.snapshot.tenant.id)?.catalogue[product] else { continue }
                turn.quotes[quote.id] = quote
                turn.products[product] = entry.product
                let shown = Conversation.Shown(sku: product, title: ToldText.title(entry.product.title, sku: product))
                quoted.append(ActionOutcome.Quoted(product: shown, quote: quote.id))
            case .failure(.unknownProduct): continue
            case .failure: return .refused
            }
        }
        pricing.usage.count(quotes: quoted.count, in: turn.snapshot)
        return .quoted(quoted)
    }

    private func open(_ quote: QuoteID, quantity: Int64, in turn: inout Turn) async -> ActionOutcome {
        guard let checkouts else { return .refused }
        var draft = CheckoutDraft(lines: [CheckoutDraft.Line(quote: quote.description, quantity: quantity)])
        draft.place = ShopperPlace(turn.shopper.attributes)
        draft.language = turn.stored.conversation.language.rawValue
        do throws(CheckoutError) {
            let checkout = try await checkouts.create(draft, in: turn.snapshot)
            note(checkout, in: &turn)
            turn.opened = checkout.id
            return .opened(checkout.id)
        } catch {
            return .refused
        }
    }

    private func read(_ id: CheckoutID, in turn: inout Turn) async -> ActionOutcome {
        guard let checkouts else { return .refused }
        do throws(CheckoutError) {
            let (checkout, order) = try await checkouts.read(id, in: turn.snapshot)
            let standing = CheckoutStanding(of: checkout, order)
            if standing == .over {
                // The total of what is over is nobody's to pay.
                turn.closed = id
            } else {
                note(checkout, in: &turn)
            }
            return .checkout(id, standing)
        } catch {
            if case .notFound = error { return .checkout(id, .over) }
            return .refused
        }
    }

    /// What wins where the shopper pays in the same moment, the checkout's revision decides.
    private func cancel(
        _ id: CheckoutID, for replacement: ActionOutcome.Quoted?, in turn: inout Turn
    ) async -> ActionOutcome {
        guard let checkouts else { return .refused }
        do throws(CheckoutError) {
            _ = try await checkouts.cancel(id, in: turn.snapshot)
        } catch .wrongState {
            guard case .checkout(_, let standing) = await read(id, in: &turn) else { return .refused }
            if standing != .over { return .kept(id, standing) }
        } catch .expired {
        } catch .notFound {
        } catch {
            return .refused
        }
        turn.closed = id
        return .canceled(id, for: replacement)
    }

    /// Has a turn know what a checkout comes to, and what stands beside that.
    private func note(_ checkout: Checkout, in turn: inout Turn) {
        turn.totals[checkout.id] = checkout.totals.charge
        turn.disclosed[checkout.id] = checkout.lines.compactMap(\.disclosure)
        turn.isTaxIncluded = checkout.totals.tax > 0 ? checkout.totals.isTaxIncluded : nil
    }

    // MARK: Saying

    func greet(_ turn: inout Turn) {
        let settings = turn.snapshot.tenant.agent
        let line = Line(.greeting)
        var draft = settings.greeting ?? phrases(turn).draft(line, turn: 0, isFormal: settings.tone == .formal)
        if settings.disclosure != nil { draft += "\n{{fact:agent.disclosure}}" }
        say(line, draft: draft, in: &turn)
    }

    func phrases(_ turn: Turn) -> Phrasebook { .of(turn.stored.conversation.language) }

    func say(_ line: Line, in turn: inout Turn) {
        var line = line
        if turn.policy(of: line) != nil { line.topic = .policy }
        if line.topic == .unclear || line.topic == .offerPerson { tally.count(.unclear) }
        let draft = phrases(turn).draft(
            line, turn: turn.begun.messages / 2, isFormal: turn.snapshot.tenant.agent.tone == .formal)
        say(line, draft: draft, in: &turn)
    }

    /// Tells a draft if the guard lets it pass, else a sentence that holds nothing.
    private func say(_ line: Line, draft: String, in turn: inout Turn) {
        var facts = turn.facts(for: line)
        var draft = draft
        let spoken = turn.spoken
        turn.spoken = nil
        if let spoken {
            draft = spoken.draft + "\n" + draft
            facts.texts.merge(spoken.texts) { own, _ in own }
        }
        tally.count(.told)
        do throws(Refusal) {
            var message = try rendered(draft, facts, as: .agent, in: turn)
            let told = line.products + (spoken?.products ?? []).filter { !line.products.contains($0) }
            message.products = told.compactMap { turn.card($0) }
            message.checkout = line.checkout
            turn.add(message)
        } catch {
            tally.count(.replaced)
            // What was not asked cannot be agreed to.
            turn.stored.conversation.withdraw()
            if let spoken, let message = try? rendered(spoken.draft, facts, as: .agent, in: turn) {
                return turn.add(message)
            }
            let safe = phrases(turn).draft(Line(.unavailable), turn: 0, isFormal: true)
            var message = ChatMessage(role: .agent, text: safe, at: turn.now, state: turn.state)
            message.draft = safe
            message.replaced = error.violations
            turn.add(message)
        }
    }

    /// A person's words: slots are filled, and what reads as money must be one.
    func say(inPerson text: String, in turn: inout Turn) throws(ConversationError) {
        var facts = turn.amounts
        let told = judge.violations(in: text, facts: facts)
        if let first = told.first(where: \.isMoney) {
            throw .unquoted(first)
        }
        do throws(SlotFault) {
            let noted = turn.noted(text, &facts)
            turn.add(try message(noted, facts, as: .person, in: turn))
        } catch {
            throw .unquoted(Violation(kind: .slot, text: "\(error)", offset: 0))
        }
    }

    /// Why a draft was not told.
    private struct Refusal: Error {
        let violations: [Violation]
    }

    /// Tells words that are no template's, if the guard lets them pass; false where it does not.
    func tell(
        _ draft: String, _ facts: Facts, products: [ActionOutcome.Quoted], in turn: inout Turn
    ) -> Bool {
        guard var message = try? rendered(draft, facts, as: .agent, in: turn) else { return false }
        message.products = products.compactMap { turn.card($0) }
        tally.count(.told)
        turn.add(message)
        return true
    }

    private func rendered(
        _ draft: String, _ facts: Facts, as role: ChatMessage.Role, in turn: Turn
    ) throws(Refusal) -> ChatMessage {
        var facts = facts
        let draft = turn.noted(draft, &facts)
        let violations = judge.violations(in: draft, facts: facts)
        guard violations.isEmpty else { throw Refusal(violations: violations) }
        do throws(SlotFault) {
            return try message(draft, facts, as: role, in: turn)
        } catch {
            throw Refusal(violations: [Violation(kind: .slot, text: "\(error)", offset: 0)])
        }
    }

    private func message(
        _ draft: String, _ facts: Facts, as role: ChatMessage.Role, in turn: Turn
    ) throws(SlotFault) -> ChatMessage {
        // By the clock, not by the turn's beginning: what ended meanwhile is not told, and nothing is told before its
        // quote was given.
        let now = pricing.clock.now()
        let told = try facts.render(draft, at: now)
        var message = ChatMessage(role: role, text: told.text, at: now, state: turn.state)
        message.amounts = told.amounts
        message.draft = draft
        let named = told.facts
        let used = facts.texts.filter { key, text in
            named.contains(key) || turn.isWordedByModel && !text.isEmpty && draft.contains(text)
        }
        message.facts = used.isEmpty ? nil : used
        message.degraded = turn.isDegraded
        return message
    }

    /// For a person: what of this conversation may be told as a slot, renewed.
    func gatherTold(in turn: inout Turn) async throws(ConversationError) {
        let conversation = turn.stored.conversation
        var products = conversation.shown.map(\.sku)
        if let focus = conversation.focus, !products.contains(focus.sku) { products.append(focus.sku) }
        if !products.isEmpty { _ = await quote(products, quantity: 1, in: &turn) }
        if let checkout = conversation.checkout { _ = await read(checkout, in: &turn) }
    }
}

extension TenantSnapshot {
    /// The first of the catalogue, by SKU: one pass, for few of many.
    fileprivate func firstProducts(_ limit: Int) -> [Product] {
        var first: [Product] = []
        for entry in catalogue.values {
            if first.count == limit, let last = first.last, entry.product.sku >= last.sku { continue }
            let place = first.firstIndex { entry.product.sku < $0.sku } ?? first.endIndex
            first.insert(entry.product, at: place)
            if first.count > limit { first.removeLast() }
        }
        return first
    }
}

extension CheckoutStanding {
    init(of checkout: Checkout, _ order: Order?) {
        switch checkout.status {
        case .open: self = .open
        case .paying: self = .paying
        case .canceled, .expired: self = .over
        case .completed:
            let back = order?.refunded ?? 0
            self = back == 0 ? .paid : back < checkout.totals.total ? .partlyRefunded : .refunded
        }
    }
}
