internal import Experiments

extension World {
    /// One question for a price.
    private struct Question {
        let shopper: Shopper
        let product: String
        let channel: String?
        let exposes: Bool
        let request: QuoteRequest
    }

    private func question(
        _ tenant: Int, _ shopper: Shopper, _ product: String, saysChannel: Bool? = nil
    ) -> Question? {
        let channel = saysChannel ?? random.perMille(900) ? shopper.channel : nil
        let exposes = random.perMille(880)
        guard let id = TenantKey(shopper.id), let sku = TenantKey(product) else { return nil }
        return Question(
            shopper: shopper, product: product, channel: channel, exposes: exposes,
            request: QuoteRequest(
                shopper: id, product: sku, attributes: channel.map { ["channel": .string($0)] } ?? [:],
                quantity: random.within(1...3), expose: exposes))
    }

    func anyProduct(_ tenant: Int) -> String { random.pick(books[tenant].items.keys.sorted()) }

    /// Somebody new or somebody known.
    func anyShopper(_ tenant: Int) -> Shopper {
        if random.perMille(120), let member = random.recent(families[tenant], within: 60) { return member }
        if random.perMille(450), let known = random.recent(shoppers[tenant], within: 400) { return known }
        return newShopper(tenant)
    }

    func newShopper(_ tenant: Int) -> Shopper {
        let shopper = Shopper(id: fresh("s"), channel: random.pick(["web", "app", "store", "mail"]))
        shoppers[tenant].append(shopper)
        return shopper
    }

    /// A shopper asks for a price: from memory if the engine can, else durably.
    func ask(
        _ tenant: Int, _ shopper: Shopper, for product: String? = nil, in stale: TenantSnapshot? = nil,
        saysChannel: Bool? = nil
    ) async throws(Stuck) {
        guard let question = question(tenant, shopper, product ?? anyProduct(tenant), saysChannel: saysChannel) else {
            return
        }
        let newest = try snapshot(tenant)
        let first = stale ?? newest
        if stale == nil, let known = try? service.quoteAtOnce(question.request, in: first) {
            book(known, tenant, question, fromMemory: true)
            return
        }
        var snapshot: TenantSnapshot? = first
        let answer = try await insist { () throws(StoreError) in
            let current = snapshot ?? service.snapshot(of: books[tenant].tenant)
            snapshot = nil
            guard let current else { throw .corrupt("the tenant is gone") }
            return try await Self.answers(service, [question.request], in: current)
        }
        for quote in answer.value { book(quote, tenant, question, fromMemory: false) }
    }

    /// A shopper goes round the products of one trial, now saying where it comes from and now not: what one product's
    /// question decided holds for the others.
    func askAround(_ tenant: Int) async throws(Stuck) {
        let trials = books[tenant].trials.filter { $0.products.count > 1 }
        let products = trials.isEmpty ? [anyProduct(tenant)] : random.pick(trials).products
        let shopper = newShopper(tenant)
        for saysChannel in [false, true, false] {
            for product in products where random.perMille(800) {
                try await ask(tenant, shopper, for: product, saysChannel: saysChannel)
            }
        }
    }

    /// Several questions in one transaction; some shoppers ask twice in it.
    func askTogether(_ tenant: Int) async throws(Stuck) {
        var questions: [Question] = []
        for _ in 0..<(2 + random.below(18)) {
            let shopper = random.perMille(150) ? questions.last?.shopper ?? anyShopper(tenant) : anyShopper(tenant)
            if let one = question(tenant, shopper, anyProduct(tenant)) { questions.append(one) }
        }
        // Whom the engine knows it answers from memory; which of them is asked beforehand, for the ledger.
        let snapshot = try snapshot(tenant)
        let known = questions.map { (try? service.quoteAtOnce($0.request, in: snapshot)) != nil }
        let asked = questions.map(\.request)
        let answer = try await insist { () throws(StoreError) in
            guard let current = service.snapshot(of: books[tenant].tenant) else { throw .corrupt("the tenant is gone") }
            return try await Self.answers(service, asked, in: current)
        }
        for (place, quote) in answer.value.enumerated() {
            book(quote, tenant, questions[place], fromMemory: known[place] && !answer.wasRetried)
        }
    }

    private static func answers(
        _ service: PricingService, _ requests: [QuoteRequest], in snapshot: TenantSnapshot
    ) async throws(StoreError) -> [Quote] {
        do throws(QuoteError) {
            var quotes: [Quote] = []
            for result in try await service.quotes(requests, in: snapshot) { quotes.append(try result.get()) }
            return quotes
        } catch {
            if case .store(let reason) = error { throw reason }
            throw .corrupt("a quote was refused: \(error)")
        }
    }

    private func book(_ quote: Quote, _ tenant: Int, _ question: Question, fromMemory: Bool) {
        findings.report.quotes += 1
        findings.trace("quote \(tenant) \(question.shopper.id) \(question.product) \(quote.price.amount) \(quote.id)")
        books[tenant].book(
            quote, to: question.shopper.id, question.product, channel: question.channel, exposed: question.exposes,
            fromMemory: fromMemory, at: now)
        given.append(GivenQuote(tenant: tenant, shopper: question.shopper.id, quote: quote))
        checkSeal(of: quote, tenant)
    }

    /// What a peek says must be what a quote would say; it writes nothing.
    func peek(_ tenant: Int) async throws(Stuck) {
        let isNew = random.perMille(500)
        let shopper = isNew ? Shopper(id: fresh("peeked"), channel: "web") : anyShopper(tenant)
        guard let question = question(tenant, shopper, anyProduct(tenant)) else { return }
        let answer = try await insist { () throws(StoreError) in
            guard let snapshot = service.snapshot(of: books[tenant].tenant) else { throw .corrupt("no tenant") }
            do throws(QuoteError) {
                return try await service.peek(question.request, in: snapshot)
            } catch {
                if case .store(let reason) = error { throw reason }
                throw .corrupt("a peek was refused: \(error)")
            }
        }
        let peeked = answer.value
        findings.trace("peek \(tenant) \(shopper.id) \(peeked.price.amount)")
        guard let due = books[tenant].telling(shopper.id, question.product, channel: question.channel, at: now) else {
            return
        }
        books[tenant].compare(peeked.price, peeked.variant, with: due, to: shopper.id, question.product, at: now)
    }

    /// Two ids of one shopper are made one.
    func link(_ tenant: Int) async throws(Stuck) {
        let known = shoppers[tenant]
        guard let a = random.recent(known, within: 200), let b = random.recent(known, within: 200),
            let first = TenantKey(a.id), let second = TenantKey(b.id)
        else { return }
        let name = fresh("r")
        let answer = try await insist { () throws(StoreError) in
            guard let snapshot = service.snapshot(of: books[tenant].tenant) else { throw .corrupt("no tenant") }
            return try await service.link(first, second, in: snapshot, actor: "merchant", requestID: name)
        }
        let due = books[tenant].link(a.id, b.id)
        if due {
            families[tenant] += [a, b]
            books[tenant].audit.append(("identity.link", name))
        }
        findings.trace("link \(tenant) \(a.id) \(b.id) \(due)")
        findings.expect(
            answer.value == due || answer.wasRetried, .exactlyOnce,
            "linking \(a.id) and \(b.id) answered \(answer.value)")
        if random.perMille(500) { try await askInTurn(tenant, [a, b]) }
    }

    /// The ids of one shopper ask for one product, each more than once.
    private func askInTurn(_ tenant: Int, _ family: [Shopper]) async throws(Stuck) {
        let product = anyProduct(tenant)
        for _ in 0..<2 {
            for member in family { try await ask(tenant, member, for: product) }
        }
    }

    // MARK: What a quote promises

    /// A token says what was promised, and nothing else opens.
    private func checkSeal(of quote: Quote, _ tenant: Int) {
        guard let snapshot = service.snapshot(of: books[tenant].tenant) else { return }
        func opened(_ token: String, _ time: Int64) -> Result<SealedQuote, SealError> {
            do throws(SealError) {
                return .success(try snapshot.seal.open(token, at: Timestamp(milliseconds: time)))
            } catch {
                return .failure(error)
            }
        }
        switch opened(quote.token, now) {
        case .success(let sealed):
            findings.expect(
                sealed.price == quote.price && sealed.quote == quote.id && sealed.product == quote.product
                    && sealed.expiresAt == quote.expiresAt && sealed.tenant == books[tenant].tenant,
                .quote, "the token of \(quote.id) says something else than the quote")
        case .failure(let error): findings.add(.quote, "the token of \(quote.id) does not open at once: \(error)")
        }
    }

    /// Comes back to a quote given earlier: as a checkout would, as a curious neighbour would, as a forger would.
    func revisitQuote() async throws(Stuck) {
        guard let one = random.recent(given, within: 600) else { return }
        let quote = one.quote
        let snapshot = try snapshot(one.tenant)
        // The checkout judges by the engine's clock; the ledger by the true one.
        let judged = service.clock.now()
        let isHonoured = (try? snapshot.seal.open(quote.token, at: judged)) != nil
        findings.expect(
            isHonoured == (now <= quote.expiresAt.milliseconds + 5000), .quote,
            "\(quote.id) until \(quote.expiresAt) is \(isHonoured ? "" : "not ")honoured at \(clock.now())")
        checkLimits(of: quote, in: snapshot)

        var forged = Array(quote.token.utf8)
        let place = random.below(forged.count)
        forged[place] = forged[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        findings.expect(
            (try? snapshot.seal.open(String(decoding: forged, as: UTF8.self), at: judged)) == nil, .quote,
            "a forged token of \(quote.id) opens")
        let other = try self.snapshot((one.tenant + 1) % books.count)
        findings.expect(
            (try? other.seal.open(quote.token, at: judged)) == nil, .isolation, "another tenant opens \(quote.id)")
        let foreign = try await insist { () throws(StoreError) in try await service.quote(quote.id, in: other) }
        findings.expect(foreign.value == nil, .isolation, "another tenant reads \(quote.id)")
        try await read(one)
    }

    /// Honoured to the last millisecond, and five seconds more for clocks that disagree.
    private func checkLimits(of quote: Quote, in snapshot: TenantSnapshot) {
        let end = quote.expiresAt.milliseconds + 5000
        findings.expect(
            (try? snapshot.seal.open(quote.token, at: Timestamp(milliseconds: end)))?.price == quote.price
                && (try? snapshot.seal.open(quote.token, at: Timestamp(milliseconds: end + 1))) == nil,
            .quote, "\(quote.id) is not honoured exactly until \(quote.expiresAt)")
    }

    /// Reads a quote back by its id.
    func read(_ one: GivenQuote, afterCrash: Bool = false) async throws(Stuck) {
        let (quote, book) = (one.quote, books[one.tenant])
        let answer = try await insist { () throws(StoreError) in
            guard let snapshot = service.snapshot(of: book.tenant) else { throw .corrupt("no tenant") }
            return try await service.quote(quote.id, in: snapshot)
        }
        guard let found = answer.value, let promise = quote.id.tail.flatMap({ book.promises[$0] }) else {
            return findings.add(
                afterCrash || findings.report.crashes > 0 ? .durability : .quote,
                "\(quote.id), told to \(one.shopper), is not found at \(clock.now())")
        }
        let state: Quote.State =
            if promise.acceptedWindow == quote.issuedAt.milliseconds {
                .accepted
            } else if now >= quote.expiresAt.milliseconds {
                .expired
            } else {
                promise.isExposed ? .quoted : .evaluated
            }
        findings.expect(
            found.price == quote.price && found.expiresAt == quote.expiresAt && found.variant == quote.variant
                // The token names the shopper, who may have become one with another since.
                && (found.token == quote.token || book.person(one.shopper).isLinked),
            .quote, "\(quote.id) reads back as \(found.price.amount) until \(found.expiresAt)")
        findings.expect(found.state == state, .quote, "\(quote.id) is \(found.state), due was \(state)")
    }
}
