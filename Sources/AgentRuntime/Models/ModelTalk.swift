internal import Crypto
internal import Experiments

/// One turn in which a model answers: it asks for tools, writes a draft, and what passes the guard is told sentence by
/// sentence, slots filled with this shopper's own quotes.
struct ModelTalk {
    /// How it came out.
    enum Outcome {
        /// Its own words, told so far as `told` has them.
        case words
        case choice(ModelChoice)
        /// Nothing that may be told: rules answer.
        case nothing
    }

    /// What was told of its words.
    struct Words {
        /// With the model's own names in the slots: what the guard judges.
        var draft = ""
        /// With the names of quotes and checkouts.
        var resolved = ""
        var text = ""
        var amounts: [ToldAmount] = []
        /// Those whose price was told, and others that were named, by their place in the turn.
        var priced: [Int] = []
        var named: [Int] = []
    }

    private let service: ConversationService
    private let model: AgentModel
    private let said: String
    /// Takes checked sentences as they come; nil where the answer is wanted whole.
    private let show: (@Sendable (String) -> Void)?
    private let deadline: ContinuousClock.Instant
    private let isAboutMoney: Bool

    /// Products by their place in the turn: `p1` is the first.
    private(set) var products: [Conversation.Shown] = []
    /// For each product nothing, in its currency: stands for its price before the guard, and is over for the renderer.
    private var nobodys: [Money] = []
    private let checkout: CheckoutID?
    /// Facts that may be told, by the model's names.
    private(set) var texts: [String: String] = [:]
    /// What was told beside prices, by the names of facts.
    private var notes: [String: String] = [:]
    private(set) var words = Words()
    private(set) var trace = ModelTrace()
    /// What was looked for last, and how much was found.
    private(set) var lookedFor: (query: [String], passed: Int)?
    private var wish: (product: Int, quantity: Int64)?
    /// Whether it noted what the shopper wants.
    private var hasNoted = false
    /// Whether something that the guard let pass could not be told: a price that is none any more.
    private var isUntellable = false
    private var written = ""
    private var toolCalls = 0
    private var isRegenerated = false

    /// Products that one turn names.
    private static let mostProducts = 20
    /// Bytes of what it wrote that are hashed.
    private static let mostWritten = 256 << 10

    init(
        _ service: ConversationService, _ model: AgentModel, said: String, show: (@Sendable (String) -> Void)?,
        in turn: Turn
    ) {
        self.service = service
        self.model = model
        self.said = said
        self.show = show
        deadline = ContinuousClock.now.advanced(by: model.limits.time)
        isAboutMoney = service.judge.violations(in: said, facts: Facts()).contains {
            $0.kind == .currency || $0.kind == .concession || $0.kind == .moneyTalk
        }
        let conversation = turn.begun.conversation
        checkout = conversation.checkout
        let settings = turn.snapshot.tenant.agent
        texts["agent.name"] = settings.name
        if let contact = settings.operatorContact { texts["agent.contact"] = contact }
        for one in conversation.shown + (conversation.focus.map { [$0] } ?? []) { _ = name(one, in: turn) }
        if let focus = conversation.focus, let place = products.firstIndex(of: focus) {
            wish = (place, conversation.quantity)
        }
    }

    // MARK: Asking

    mutating func run(in turn: inout Turn) async -> Outcome {
        let outcome = await asked(in: &turn)
        trace.output = SHA256.hash(written).hex
        switch outcome {
        case .words: break
        case .choice: trace.verdict = .typed
        case .nothing: trace.verdict = words.draft.isEmpty ? .templated : .cut
        }
        return outcome
    }

    /// What the shopper wants, where the model noted it.
    var noted: (product: Conversation.Shown, quantity: Int64)? {
        guard hasNoted, let wish else { return nil }
        return (products[wish.product], wish.quantity)
    }

    private mutating func asked(in turn: inout Turn) async -> Outcome {
        var messages = await history(of: turn)
        messages.append(
            .shopper(ModelPrompt.message(said, turn.stored.conversation, names: products.map(\.title))))
        let system = ModelPrompt.system(turn.snapshot.tenant.agent)
        for _ in 0..<max(1, model.limits.calls) {
            guard ContinuousClock.now < deadline else { return .nothing }
            let mustUse = isAboutMoney && !products.isEmpty ? ModelToolbox.moneyTool : nil
            let request = ModelRequest(
                system: system, tools: ModelToolbox.tools, messages: messages, mostTokens: model.limits.tokens,
                mustUse: mustUse, deadline: deadline)
            var hold = HoldBack(service.judge, facts: facts, after: words.draft)
            let (heard, released) = await hear(request, &hold, in: &turn, isMute: mustUse != nil)
            guard let answer = heard else { return .nothing }
            if !answer.calls.isEmpty {
                guard Self.isSane(answer.calls) else { return .nothing }
                switch await use(answer.calls, in: turn) {
                case .choice(let choice): return .choice(choice)
                case .results(let results):
                    messages.append(.model(String(answer.text.prefix(PromptText.longest)), answer.calls))
                    messages.append(.results(results))
                    continue
                }
            }
            guard mustUse == nil, answer.ending != .refused else { return .nothing }
            switch await finish(&hold, released, answer, in: &turn) {
            case .told: return .words
            case .nothing: return .nothing
            case .refused(let violations):
                if trace.refused == nil { trace.refused = Array(violations.prefix(8)) }
                guard words.draft.isEmpty, !isRegenerated else { return .nothing }
                isRegenerated = true
                let draft = String(answer.text.prefix(PromptText.longest))
                messages += [.model(draft.isEmpty ? "…" : draft, []), .shopper(ModelPrompt.correction)]
            }
        }
        return .nothing
    }

    private func history(of turn: Turn) async -> [ModelMessage] {
        let all = turn.begun.messages
        let most = max(0, model.limits.history)
        let before = try? await service.messages(
            of: turn.begun.id, after: max(0, all - most), limit: most, in: turn.snapshot.tenant.id)
        return ModelPrompt.history(before ?? [])
    }

    /// One request, heard to its end: the answer, and what of its text was let out; nil where there is none.
    private mutating func hear(
        _ request: ModelRequest, _ hold: inout HoldBack, in turn: inout Turn, isMute: Bool
    ) async -> (ModelAnswer?, released: String) {
        let now = service.pricing.clock.now()
        let reservation = ModelReservation(
            id: service.pricing.identifiers.next(at: now), conversation: turn.begun.id,
            model: model.chain.models.first?.name ?? "", most: model.most(for: request), at: now)
        let exchange = ModelExchange(request, of: model, under: reservation, in: turn.snapshot.tenant.id)
        defer { exchange.end() }
        trace.calls += 1
        var released = ""
        var hasSpoken = false
        for await event in exchange.events {
            switch event {
            case .delta(let text):
                hasSpoken = true
                note(text)
                if !isMute { released += await take(text, &hold, exchange, in: &turn) }
            case .answer(let answer, let name):
                trace.model = name
                for call in answer.calls { note(call.name + call.input) }
                // One that says all at once.
                if !hasSpoken, !answer.text.isEmpty {
                    note(answer.text)
                    if !isMute { released += await take(answer.text, &hold, exchange, in: &turn) }
                }
                return (answer, released)
            case .nothing, .late: return (nil, released)
            }
        }
        return (nil, released)
    }

    /// Checks what came, and tells what may be told where somebody watches.
    private mutating func take(
        _ text: String, _ hold: inout HoldBack, _ exchange: ModelExchange, in turn: inout Turn
    ) async -> String {
        let out = hold.receive(text)
        if hold.refusal != nil { exchange.stop() }
        guard show != nil, !out.isEmpty else { return out }
        if !isUntellable, await !tell(out, in: &turn) {
            isUntellable = true
            exchange.stop()
        }
        return out
    }

    private enum Ending {
        case told, nothing
        case refused([Violation])
    }

    private mutating func finish(
        _ hold: inout HoldBack, _ released: String, _ answer: ModelAnswer, in turn: inout Turn
    ) async -> Ending {
        guard !isUntellable else { return .nothing }
        let rest: String
        var verdict = isRegenerated ? ModelTrace.Verdict.regenerated : .told
        switch answer.ending {
        case .length, .stopped:
            if let refusal = hold.refusal { return .refused(refusal) }
            // Whole sentences stand; the one that was cut does not.
            rest = ""
            verdict = .cut
        case .finished, .tools, .refused:
            switch hold.finish() {
            case .refused(let violations): return .refused(violations)
            case .complete(let held): rest = held
            }
        }
        let untold = show == nil ? released + rest : rest
        guard !(words.draft + untold).allSatisfy(\.isWhitespace) else { return .nothing }
        if !untold.isEmpty, await !tell(untold, in: &turn) { return .nothing }
        trace.verdict = verdict
        return .told
    }

    private mutating func note(_ text: String) {
        guard written.utf8.count < Self.mostWritten else { return }
        written.unicodeScalars.append(contentsOf: text.unicodeScalars.prefix(Self.mostWritten))
    }

    // MARK: Telling

    /// What the guard knows by the model's names. The amounts in here are nobody's: they are never told.
    private var facts: Facts {
        var facts = Facts(texts: texts)
        for (place, money) in nobodys.enumerated() {
            let name = "p\(place + 1)"
            facts.prices[name] = PriceFact(quote: name, money: money, expiresAt: .distantPast)
        }
        return facts
    }

    /// Tells checked sentences: asks for the prices they name, so that they are durable and counted as told, and fills
    /// the slots. False where one cannot be told, or would make the whole longer than may be kept: a quote's name is longer
    /// than the model's for it. Then nothing of them was.
    private mutating func tell(_ draft: String, in turn: inout Turn) async -> Bool {
        var priced: [Int] = []
        var named: [Int] = []
        for case .slot(let slot) in DraftPiece.pieces(of: draft) {
            switch slot {
            case .price(let id): if let place = place(id) { priced.append(place) }
            case .fact(let id): if let place = place(id.prefix { $0 != "." }) { named.append(place) }
            case .total: return false
            }
        }
        for (place, product) in products.enumerated() where draft.contains(product.title) { named.append(place) }
        let missing = Set(priced).sorted().map { products[$0].sku }.filter { sku in
            !turn.quotes.values.contains { $0.product == sku }
        }
        if !missing.isEmpty { _ = await service.quote(missing, quantity: 1, in: &turn) }
        guard let (withNames, quotes) = resolved(draft, in: turn) else { return false }
        var resolved = withNames
        if words.resolved.hasSuffix("\n") { resolved = String(resolved.drop { $0 == " " }) }
        let now = service.pricing.clock.now()
        var facts = turn.amounts
        facts.texts = keptTexts
        // What has to stand beside a price is shown with it, not after the answer.
        var noted = turn.noted(resolved, &facts)
        if noted != resolved { noted += "\n" }
        guard words.resolved.unicodeScalars.count + noted.unicodeScalars.count <= PriceGuard.longestDraft,
            let told = try? facts.render(noted, at: now)
        else { return false }
        notes.merge(facts.texts.filter { keptTexts[$0.key] == nil }) { _, new in new }
        trace.resolved.merge(quotes) { own, _ in own }
        words.draft += draft
        words.resolved += noted
        words.text += told.text
        words.amounts += told.amounts
        words.priced += priced.filter { !words.priced.contains($0) }
        words.named += named.filter { !words.named.contains($0) }
        show?(told.text)
        return true
    }

    /// The name of a fact as it is kept: a template's `p1` is another product.
    private static func kept(_ name: String) -> String { name.hasPrefix("p") ? "m" + name.dropFirst() : name }

    /// Facts by the names they are kept under.
    var keptTexts: [String: String] {
        notes.merging(texts.map { (Self.kept($0.key), $0.value) }) { first, _ in first }
    }

    private func place(_ name: some StringProtocol) -> Int? {
        try? ModelToolbox.place(of: String(name), among: products.count)
    }

    /// The draft with quotes' own names in the slots, and the quotes by the model's; nil where one has none.
    private func resolved(_ draft: String, in turn: Turn) -> (draft: String, quotes: [String: String])? {
        var out = ""
        var quotes: [String: String] = [:]
        for piece in DraftPiece.pieces(of: draft) {
            switch piece {
            case .text(let text): out += text
            case .broken: return nil
            case .slot(let slot):
                switch slot {
                case .price(let id):
                    guard let place = place(id),
                        let quote = turn.quotes.values.first(where: { $0.product == products[place].sku })
                    else { return nil }
                    quotes[slot.description] = quote.id.description
                    out += "{{price:\(quote.id)}}"
                case .total: return nil
                case .fact(let id): out += "{{fact:\(Self.kept(id))}}"
                }
            }
        }
        return (out, quotes)
    }

    // MARK: Tools

    private enum Used {
        case results([ModelToolResult])
        case choice(ModelChoice)
    }

    /// Whether calls are what a protocol allows: few, each with a name of its own to answer to.
    private static func isSane(_ calls: [ModelToolCall]) -> Bool {
        calls.count <= 16 && Set(calls.map(\.id)).count == calls.count
            && calls.allSatisfy { (1...256).contains($0.id.utf8.count) && (1...128).contains($0.name.utf8.count) }
    }

    private mutating func use(_ calls: [ModelToolCall], in turn: Turn) async -> Used {
        var results: [ModelToolResult] = []
        for call in calls {
            toolCalls += 1
            guard toolCalls <= model.limits.toolCalls else {
                results.append(ModelToolResult(call: call.id, text: "No more tools in this turn.", isError: true))
                continue
            }
            do throws(WishRefusal) {
                let wish = try ModelToolbox.wish(of: call, products: products.count)
                if let choice = try choice(wish) { return .choice(choice) }
                results.append(ModelToolResult(call: call.id, text: try await result(of: wish, in: turn)))
            } catch {
                results.append(ModelToolResult(call: call.id, text: error.text, isError: true))
            }
        }
        return .results(results)
    }

    /// What a tool that ends the turn chooses; nil for the others.
    private func choice(_ wish: ModelWish) throws(WishRefusal) -> ModelChoice? {
        switch wish {
        case .checkout(let place, let quantity): return .propose(products[place], quantity)
        case .handOff: return .offerPerson
        case .money(.quote(let names)):
            return .tell(names.compactMap { name in place(name).map { products[$0] } })
        case .money(.declineNegotiation): return .decline(nil)
        case .money(.ask(let question)): return .ask(question)
        case .search, .product, .price, .cart, .status: return nil
        }
    }

    private mutating func result(of wish: ModelWish, in turn: Turn) async throws(WishRefusal) -> String {
        switch wish {
        case .search(let query): return await found(query, in: turn)
        case .product(let place): return try described(place, in: turn)
        case .price(let place):
            guard turn.snapshot.catalogue[products[place].sku] != nil else {
                throw WishRefusal("This product is not sold any more.")
            }
            return ModelToolResults.price(place)
        case .cart(let place, let quantity):
            if let place { self.wish = (place, quantity ?? 1) } else if let quantity { self.wish?.quantity = quantity }
            hasNoted = place != nil || quantity != nil
            return ModelToolResults.cart(self.wish)
        case .status: return await status(in: turn)
        case .checkout, .handOff, .money: throw WishRefusal("There is no such tool.")
        }
    }

    private mutating func found(_ query: String, in turn: Turn) async -> String {
        let hits = await service.search.products(for: query, in: turn.snapshot, limit: 5)
        var places: [Int] = []
        for product in hits.products {
            let shown = Conversation.Shown(
                sku: product.sku, title: ToldText.title(product.title, sku: product.sku))
            if let place = name(shown, in: turn) { places.append(place) }
        }
        lookedFor = (SaidWords(query).list, places.count)
        return ModelToolResults.products(
            areNear: hits.areNear,
            places.map { place in
                ModelToolResults.Row(
                    place: place, title: products[place].title,
                    description: String((texts["p\(place + 1).description"] ?? "").prefix(160)))
            })
    }

    private func described(_ place: Int, in turn: Turn) throws(WishRefusal) -> String {
        guard turn.snapshot.catalogue[products[place].sku] != nil else {
            throw WishRefusal("This product is not sold any more.")
        }
        let prefix = "p\(place + 1)."
        return ModelToolResults.product(place, texts.filter { $0.key.hasPrefix(prefix) })
    }

    private func status(in turn: Turn) async -> String {
        guard let checkout, let checkouts = service.checkouts,
            let (found, _) = try? await checkouts.read(checkout, in: turn.snapshot)
        else { return ModelToolResults.status("none") }
        return ModelToolResults.status(
            found.status == .completed
                ? "paid" : found.status == .canceled || found.status == .expired ? "over" : "not paid")
    }

    /// Gives a product its name in this turn, with what may be told of it; nil where there are too many.
    private mutating func name(_ product: Conversation.Shown, in turn: Turn) -> Int? {
        if let place = products.firstIndex(where: { $0.sku == product.sku }) { return place }
        guard products.count < Self.mostProducts, let entry = turn.snapshot.catalogue[product.sku] else { return nil }
        products.append(product)
        nobodys.append(Money(amount: 0, currency: entry.product.currency))
        let name = "p\(products.count)"
        texts[name + ".title"] = product.title
        let description = ToldText.description(entry.product.description)
        if !description.isEmpty { texts[name + ".description"] = description }
        for (key, value) in ToldText.attributes(entry.product.attributes).sorted(by: { $0.key < $1.key }).prefix(12) {
            guard case .string(let text) = value, Self.isPlain(key) else { continue }
            let told = CatalogueText(text, limit: 80).text
            if !told.isEmpty { texts["\(name).\(key)"] = told }
        }
        return products.count - 1
    }

    private static func isPlain(_ key: String) -> Bool {
        (1...40).contains(key.utf8.count)
            && key.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f }
            && key != "title" && key != "description"
    }
}
