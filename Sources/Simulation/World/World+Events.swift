internal import Experiments

extension World {
    /// A batch of events: some new, some sent before, some late, some wrong.
    func sendEvents(_ tenant: Int, in stale: TenantSnapshot? = nil) async throws(Stuck) {
        var batch: [EventDraft] = []
        for _ in 0..<(1 + random.below(12)) {
            if random.perMille(120), let again = random.recent(sent, within: 300), again.tenant == tenant {
                batch.append(again.draft)
            } else if random.perMille(100), let late = takeDelayed(tenant) {
                batch.append(late)
            } else {
                for draft in story(tenant) {
                    if random.perMille(120) {
                        delayed.append(SentEvent(tenant: tenant, draft: draft))
                    } else {
                        batch.append(draft)
                    }
                }
            }
        }
        batch.shuffle(using: &random)
        if let twice = batch.first, random.perMille(150) { batch.append(twice) }
        try await send(batch, tenant, in: stale)
    }

    private func takeDelayed(_ tenant: Int) -> EventDraft? {
        guard let place = delayed.firstIndex(where: { $0.tenant == tenant }) else { return nil }
        return delayed.remove(at: place).draft
    }

    /// Sends until it is acknowledged, and holds the outcomes against the ledger's.
    func send(_ batch: [EventDraft], _ tenant: Int, in stale: TenantSnapshot? = nil) async throws(Stuck) {
        guard !batch.isEmpty else { return }
        var first = stale
        let answer = try await insist { () throws(StoreError) in
            let current = first ?? service.snapshot(of: books[tenant].tenant)
            first = nil
            guard let current else { throw .corrupt("the tenant is gone") }
            return try await service.ingest(batch, in: current)
        }
        findings.report.events += batch.count
        for (place, draft) in batch.enumerated() {
            let due = books[tenant].judge(draft, at: now)
            let verdict = Books.Verdict(answer.value[place])
            findings.trace("event \(tenant) \(draft.id ?? "") \(verdict)")
            let isRight = verdict == due || (answer.wasRetried && verdict == .duplicate)
            findings.expect(
                isRight, blame(due, verdict),
                "event \(draft.id ?? "") (\(draft.type ?? "") by \(draft.shopper ?? "")) was \(answer.value[place]), due was \(due)"
            )
            if due == .accepted { sent.append(SentEvent(tenant: tenant, draft: draft)) }
        }
    }

    /// What a wrong outcome breaks.
    private func blame(_ due: Books.Verdict, _ verdict: Books.Verdict) -> Invariant {
        if verdict == .rejected(.quoteNotFound) || verdict == .rejected(.quoteMismatch) { return .quote }
        if case .rejected(.quoteNotFound) = due { return .isolation }
        if due == .duplicate, findings.report.crashes > 0, planted == nil || planted == .acknowledgeBeforeCommit {
            return .durability
        }
        return .exactlyOnce
    }

    /// What one shopper does next: usually one event, sometimes a sale and its refund.
    private func story(_ tenant: Int) -> [EventDraft] {
        let visit = random.recent(given.filter { $0.tenant == tenant }.suffix(400), within: 400)
        let shopper = visit?.shopper ?? anyShopper(tenant).id
        switch random.below(100) {
        case 0..<40: return sale(tenant, shopper, visit?.quote)
        case 40..<50: return [refund(tenant, shopper, sold(tenant, shopper) ?? fresh("o"))]
        case 50..<70: return [exposure(tenant, shopper, visit?.quote)]
        case 70..<78: return [draft(tenant, "view:\(random.below(3))", shopper)]
        default: return [wrong(tenant, shopper, visit?.quote)]
        }
    }

    private func draft(_ tenant: Int, _ type: String, _ shopper: String) -> EventDraft {
        var draft = EventDraft()
        draft.id = fresh("e")
        draft.type = type
        draft.shopper = shopper
        draft.timestamp = Timestamp(milliseconds: now + delay())
        return draft
    }

    /// How far from now an event is stamped, in milliseconds.
    private func delay() -> Int64 {
        switch random.below(20) {
        case 0: random.within(-6 * 86_400_000 ... -86_400_000)
        case 1: random.within(-86_400_000 ... -3_600_000)
        case 2: random.within(0...590_000)
        case 3, 4: random.within(-3_600_000...0)
        default: random.within(-60_000...1000)
        }
    }

    private func sale(_ tenant: Int, _ shopper: String, _ quote: Quote?) -> [EventDraft] {
        var sale = draft(tenant, "conversion", shopper)
        let product = quote?.product.text ?? anyProduct(tenant)
        let currency = books[tenant].items[product].flatMap { Currency($0.currency) }
        sale.quantity = random.perMille(300) ? random.within(2...5) : nil
        if random.perMille(850) { sale.order = random.perMille(150) ? sold(tenant, shopper) ?? fresh("o") : fresh("o") }
        switch random.below(10) {
        case 0..<5: sale.quote = quote?.id.description
        case 5..<8: break
        default: sale.experiment = anyTrial(tenant, of: product)?.id.description
        }
        if sale.quote == nil && sale.experiment == nil || random.perMille(300) { sale.product = product }
        if random.perMille(500), let currency {
            sale.revenue = Money(amount: random.within(100...250_000), currency: currency)
        }
        var story = [sale]
        if let order = sale.order, random.perMille(250) { story.append(refund(tenant, shopper, order)) }
        return story
    }

    private func anyTrial(_ tenant: Int, of product: String) -> Trial? {
        let trials = books[tenant].trials.filter { $0.products.contains(product) && $0.stage != .draft }
        return trials.isEmpty ? nil : random.pick(trials)
    }

    private func refund(_ tenant: Int, _ shopper: String, _ order: String) -> EventDraft {
        var refund = draft(tenant, "refund", shopper)
        refund.order = order
        let product = anyProduct(tenant)
        if let currency = books[tenant].items[product].flatMap({ Currency($0.currency) }) {
            refund.revenue = Money(amount: random.within(1...2500), currency: currency)
        }
        if random.perMille(300) { refund.product = product }
        return refund
    }

    /// An order of the shopper's, sent not long ago.
    private func sold(_ tenant: Int, _ shopper: String) -> String? {
        sent.suffix(300).last {
            $0.tenant == tenant && $0.draft.shopper == shopper && $0.draft.order != nil && $0.draft.type == "conversion"
        }?.draft.order
    }

    private func exposure(_ tenant: Int, _ shopper: String, _ quote: Quote?) -> EventDraft {
        var seen = draft(tenant, "exposure", random.perMille(150) ? newShopper(tenant).id : shopper)
        let product = quote?.product.text ?? anyProduct(tenant)
        switch random.below(10) {
        case 0..<5: seen.quote = quote?.id.description
        case 5..<8: seen.product = product
        default: seen.experiment = anyTrial(tenant, of: product)?.id.description
        }
        if seen.quote == nil && seen.experiment == nil { seen.product = product }
        return seen
    }

    /// An event that must be refused, or at least nearly so.
    private func wrong(_ tenant: Int, _ shopper: String, _ quote: Quote?) -> EventDraft {
        var event = draft(tenant, "conversion", shopper)
        event.order = fresh("o")
        event.product = anyProduct(tenant)
        switch random.below(8) {
        case 0: event.timestamp = Timestamp(milliseconds: now - 7 * 86_400_000 - random.within(0...100_000_000))
        case 1: event.timestamp = Timestamp(milliseconds: now + 600_000 + random.within(0...3_600_000))
        case 2: event.revenue = Currency("GBP").map { Money(amount: 500, currency: $0) }
        case 3: event.product = "no-such-product"
        case 4:
            // A quote of another shopper, or of another tenant's.
            event.product = nil
            event.quote = random.recent(given, within: 100)?.quote.id.description
        case 5:
            event.experiment = books[(tenant + 1) % books.count].trials.first?.id.description
        case 6:
            event.product = nil
            event.quote = QuoteID(tail: random.next() >> 2, issuedAt: clock.now()).description
        default:
            event.quote = quote?.id.description
            event.product = anyProduct(tenant)
        }
        if event.quote == nil && event.product == nil && event.experiment == nil { event.product = anyProduct(tenant) }
        return event
    }

    /// Events acknowledged earlier are sent again: each must be known.
    func resend(_ count: Int, afterCrash: Bool) async throws(Stuck) {
        for tenant in books.indices {
            var batch = sent.suffix(400).filter { $0.tenant == tenant }.map(\.draft)
            batch.shuffle(using: &random)
            batch = Array(batch.prefix(count))
            guard !batch.isEmpty else { continue }
            let again = batch
            let answer = try await insist { () throws(StoreError) in
                guard let snapshot = service.snapshot(of: books[tenant].tenant) else { throw .corrupt("no tenant") }
                return try await service.ingest(again, in: snapshot)
            }
            for (place, outcome) in answer.value.enumerated() where outcome != .duplicate {
                findings.add(
                    afterCrash ? .durability : .exactlyOnce,
                    "event \(again[place].id ?? "") was acknowledged and is not known: \(Books.Verdict(outcome))")
            }
        }
    }
}
