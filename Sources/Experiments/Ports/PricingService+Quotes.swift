extension PricingService {
    /// The quote, if it can be given without asking the store: a shopper whom this process knows. Never waits.
    public func quoteAtOnce(_ request: QuoteRequest, in snapshot: TenantSnapshot) throws(QuoteError) -> Quote? {
        let entry = try Self.entry(for: request, in: snapshot)
        return known(
            request, subject: snapshot.subject(of: request.shopper), entry: entry, in: snapshot, at: clock.now())?.quote
    }

    /// The price for this shopper. When it returns, the price is durable.
    public func quote(_ request: QuoteRequest, in snapshot: TenantSnapshot) async throws(QuoteError) -> Quote {
        guard let quote = try await quotes([request], in: snapshot).first else {
            throw .store(.unavailable("no answer from the store"))
        }
        return try quote.get()
    }

    /// Prices for several shoppers or products, made durable in one transaction. Results in order.
    public func quotes(
        _ requests: [QuoteRequest], in snapshot: TenantSnapshot
    ) async throws(QuoteError) -> [Result<Quote, QuoteError>] {
        do throws(StoreError) {
            return try await untilInForce(snapshot) { snapshot throws(StoreError) in
                try await quotesOnce(requests, in: snapshot)
            }
        } catch {
            throw .store(error)
        }
    }

    /// A price that memory does not have: what others are asked for it with.
    struct Asked {
        /// Its place among the answers.
        var index: Int
        let request: QuoteRequest
        let place: CachedPlace
        var entry: CatalogueEntry
        let ticket: AssignmentTable.Ticket
        /// Of a new offer.
        var tail: UInt64
        /// What an answer may be kept in the cache with; nil when the cache could not be asked.
        var cacheTicket: [UInt8]?
        /// Whether the cache was not asked, as it would probably have nothing.
        var hasPassedCache = false
        /// Where the shopper sits by what the cache has, though it may not be told from there.
        var seat: Offer.Placement?

        /// What each experiment on the product would do with the shopper.
        func proposal(at now: Timestamp) -> Proposal {
            let proposal = Quoter.propose(entry, shopper: request.shopper, attributes: request.attributes, at: now)
            return seat.map(proposal.seating) ?? proposal
        }
    }

    private func quotesOnce(
        _ requests: [QuoteRequest], in snapshot: TenantSnapshot
    ) async throws(StoreError) -> [Result<Quote, QuoteError>] {
        let now = clock.now()
        var answers: [Result<Quote, QuoteError>?] = []
        var asked: [Asked] = []
        for (index, request) in requests.enumerated() {
            do throws(QuoteError) {
                let entry = try Self.entry(for: request, in: snapshot)
                let subject = snapshot.subject(of: request.shopper)
                if let quote = known(request, subject: subject, entry: entry, in: snapshot, at: now)?.quote {
                    answers.append(.success(quote))
                    continue
                }
                asked.append(
                    Asked(
                        index: index, request: request, place: CachedPlace(subject: subject, product: request.product),
                        entry: entry, ticket: table.ticket(subject, product: entry.slot),
                        tail: identifiers.tail(at: now)))
                answers.append(nil)
            } catch {
                answers.append(.failure(error))
            }
        }
        for (index, quote) in await cached(&asked, in: snapshot, at: now) { answers[index] = .success(quote) }
        if !asked.isEmpty { try await ask(asked, in: snapshot, at: now, &answers) }
        return answers.map { $0 ?? .failure(.store(.unavailable("no answer from the store"))) }
    }

    /// Asks the store; while it cannot answer, tells what can be told without it.
    func ask(
        _ asked: [Asked], in snapshot: TenantSnapshot, at now: Timestamp,
        _ answers: inout [Result<Quote, QuoteError>?]
    ) async throws(StoreError) {
        do throws(StoreError) {
            let quotes = try await asking { () throws(StoreError) in
                try await enrolled(asked, in: snapshot, at: now)
            }
            for (index, quote) in quotes { answers[index] = .success(quote) }
            noteAnswer()
        } catch {
            note(error)
            if case .outdated = error { throw error }
            var asked = asked
            if asked.contains(where: \.hasPassedCache) {
                // Whoever it has is not told another price now.
                for index in asked.indices { asked[index].cacheTicket = nil }
                for (index, quote) in await cached(&asked, in: snapshot, at: now) { answers[index] = .success(quote) }
            }
            let told: [(Int, Quote)]
            switch error {
            case .unreachable: told = await toldWithoutStore(asked, in: snapshot, at: now)
            case .uncertain: told = await toldInDoubt(asked, isGone: true, in: snapshot, at: now)
            case .unavailable: told = await toldInDoubt(asked, isGone: false, in: snapshot, at: now)
            default: throw error
            }
            for (index, quote) in told { answers[index] = .success(quote) }
            for one in asked where answers[one.index] == nil { answers[one.index] = .failure(.store(error)) }
        }
    }

    /// What other processes told lately; takes what it finds out of `asked`.
    private func cached(
        _ asked: inout [Asked], in snapshot: TenantSnapshot, at now: Timestamp
    ) async -> [(Int, Quote)] {
        guard let cache, !asked.isEmpty, let found = await cache.find(asked.map(\.place), in: snapshot) else {
            return []
        }
        var quotes: [(Int, Quote)] = []
        var left: [Asked] = []
        for (var one, cached) in zip(asked, found) {
            if let quote = quote(of: one, from: cached, in: snapshot, at: now) {
                quotes.append((one.index, quote))
            } else {
                one.cacheTicket = cached.ticket
                one.seat = cached.offer?.placement
                left.append(one)
            }
        }
        let seats = await seats(
            of: left.map { ($0.place.subject, $0.entry.isSeatedByProducts ? $0.entry.live.map(\.experiment.id) : []) },
            in: snapshot)
        for (index, seat) in seats.enumerated() { left[index].seat = left[index].seat ?? seat }
        asked = left
        tally.count(.cache, quotes.count)
        if quotes.isEmpty { cacheUse.noteStrangers(left.count) } else { cacheUse.startOver() }
        return quotes
    }

    /// The quote of what the cache has, if it is still what would be told; then it is remembered.
    func quote(of one: Asked, from cached: CachedOffer, in snapshot: TenantSnapshot, at now: Timestamp) -> Quote? {
        guard let offer = cached.offer, offer.isExposed || !one.request.expose,
            let quote = told(offer, one.request, entry: one.entry, in: snapshot, at: now)
        else { return nil }
        remember(offer, of: one)
        return quote
    }

    func remember(_ offer: Offer, of one: Asked) {
        table.insert(AssignmentTable.Entry(offer, asked: one.place.subject, slot: one.entry.slot), one.ticket)
    }

    /// Asks the store, which makes each price durable.
    private func enrolled(
        _ asked: [Asked], in snapshot: TenantSnapshot, at now: Timestamp
    ) async throws(StoreError) -> [(Int, Quote)] {
        let first = Self.enrolments(asked, at: now)
        // Where nobody else changes the configuration, none is needed. Where the cache was not asked, what holds of this one need not
        // hold of another: it is asked first then.
        let renewal =
            store.isShared && !asked.contains(where: \.hasPassedCache)
            ? Renewal(of: snapshot.tenant.id, in: directory) { newest in
                Self.renewed(asked, in: newest, since: snapshot).map { Self.enrolments($0, at: now) }
            } : nil
        let enrolled = try await store.enrol(first, in: snapshot, renewal: renewal)
        let last = renewal?.last
        let asked = last.flatMap { Self.renewed(asked, in: $0.snapshot, since: snapshot) } ?? asked
        let (snapshot, enrolments) = last ?? (snapshot, first)
        tally.count(.store, enrolled.count)
        if !enrolled.allSatisfy(\.isNew) { cacheUse.startOver() }
        var quotes: [(Int, Quote)] = []
        var kept: [CacheEntry] = []
        var taken: [Subject] = []
        for (index, (one, result)) in zip(asked, enrolled).enumerated() {
            let offer = result.offer
            if offer.placement == nil, result.isShared {
                // Under another of its ids the shopper may get a price of an experiment, which then is its price.
                table.forget(one.place.subject)
            } else {
                // An experiment that has taken the shopper now has it for all its products.
                if result.isNew { table.forget(one.place.subject, exceptProduct: one.entry.slot) }
                remember(offer, of: one)
                if result.isNew, snapshot.tenant.hasLinkedShoppers {
                    // What this id was told by another experiment of the layer, for another id's sake, holds no more.
                    taken.append(one.place.subject)
                } else if let ticket = one.cacheTicket, offer.placement != nil || one.entry.live.isEmpty {
                    kept.append(CacheEntry(offer: offer, place: one.place, ticket: ticket))
                }
            }
            let (reason, considered) = enrolments[index].proposal.reason(
                for: offer.placement, isNew: result.isNew, isOverLimit: result.isOverLimit)
            let quote = quote(of: one, offer, reason: reason, considered: considered, in: snapshot, at: now)
            quotes.append((one.index, quote))
        }
        if !kept.isEmpty { cache?.keep(kept, in: snapshot) }
        if !taken.isEmpty { await cache?.forget(taken, of: snapshot.tenant.id) }
        return quotes
    }

    private static func enrolments(_ asked: [Asked], at now: Timestamp) -> [Enrolment] {
        asked.map { one in
            Enrolment(
                subject: one.place.subject, product: one.request.product, listPrice: one.entry.product.listPrice,
                proposal: one.proposal(at: now), expose: one.request.expose, at: now, tail: one.tail)
        }
    }

    /// The same questions to a newer configuration; nil where one of them has no answer there, or the cache has to be asked first.
    private static func renewed(
        _ asked: [Asked], in snapshot: TenantSnapshot, since older: TenantSnapshot
    ) -> [Asked]? {
        var renewed: [Asked] = []
        for var one in asked {
            guard let entry = try? entry(for: one.request, in: snapshot), entry.slot == one.entry.slot,
                !entry.live.contains(where: { snapshot.isReweighed($0.experiment.id, since: older) })
            else { return nil }
            one.entry = entry
            renewed.append(one)
        }
        return renewed
    }

    func quote(
        of one: Asked, _ offer: Offer, reason: Quote.Reason, considered: ExperimentID?, in snapshot: TenantSnapshot,
        at now: Timestamp
    ) -> Quote {
        Quoter.quote(
            offer, on: one.entry, in: snapshot, shopper: one.request.shopper, reason: reason,
            considered: considered, at: now, attributes: one.request.attributes, language: one.request.language)
    }

    /// From memory: the offer last told, if it is still what would be told.
    func known(
        _ request: QuoteRequest, subject: Subject, entry: CatalogueEntry, in snapshot: TenantSnapshot,
        at now: Timestamp
    ) -> KnownQuote? {
        guard let found = table.find(subject, product: entry.slot), let currency = Currency(packed: found.currency),
            found.isExposed || !request.expose
        else { return nil }
        let offer = found.offer(of: request.product, in: currency)
        guard let placement = offer.placement else {
            return told(offer, request, entry: entry, in: snapshot, at: now).map { .made($0) }
        }
        guard Self.holds(placement, on: entry, at: now) else { return nil }
        return .held(
            HeldQuote(
                found: found, offer: offer, request: request, entry: entry, snapshot: snapshot,
                window: QuoteWindow(of: offer.toldAt, at: now), at: now))
    }

    /// Whether an experiment's prices are still told to those who have them.
    private static func holds(_ placement: Offer.Placement, on entry: CatalogueEntry, at now: Timestamp) -> Bool {
        entry.live.contains { $0.experiment.id == placement.experiment && $0.honoured.contains(now) }
    }

    /// The quote of an offer told before; nil unless it is still what would be told.
    private func told(
        _ offer: Offer, _ request: QuoteRequest, entry: CatalogueEntry, in snapshot: TenantSnapshot, at now: Timestamp
    ) -> Quote? {
        if let placement = offer.placement {
            guard Self.holds(placement, on: entry, at: now) else { return nil }
            return Quoter.quote(
                offer, on: entry, in: snapshot, shopper: request.shopper, reason: .sticky,
                considered: nil, at: now, attributes: request.attributes, language: request.language)
        }
        guard Money(amount: offer.price, currency: offer.currency) == entry.product.listPrice else { return nil }
        // Another process may have seated the shopper since.
        if store.isShared, !entry.live.isEmpty { return nil }
        let proposal = Quoter.propose(entry, shopper: request.shopper, attributes: request.attributes, at: now)
        guard proposal.candidates.allSatisfy({ $0.variant == nil }) else { return nil }
        return Quoter.quote(
            offer, on: entry, in: snapshot, shopper: request.shopper, reason: proposal.reason,
            considered: proposal.considered, at: now, attributes: request.attributes, language: request.language)
    }

    /// What `quote` would say, without enrolling anybody or writing anything.
    public func peek(_ request: QuoteRequest, in snapshot: TenantSnapshot) async throws(QuoteError) -> PeekedPrice {
        let entry = try Self.entry(for: request, in: snapshot)
        let now = clock.now()
        let proposal = Quoter.propose(entry, shopper: request.shopper, attributes: request.attributes, at: now)
        let standing: Standing
        var isOverLimit = false
        do {
            standing = try await store.standing(
                of: snapshot.subject(of: request.shopper), product: request.product, proposal: proposal,
                listPrice: entry.product.listPrice, in: snapshot.tenant.id)
            if standing.placement == nil, proposal.taker != nil, snapshot.tenant.usageLimit != nil {
                let usage = try await store.usage(of: snapshot.tenant.id, on: now.monthDays)
                isOverLimit = !snapshot.tenant.mayAssign(at: now, after: usage)
            }
        } catch {
            throw .store(error)
        }
        let placement = standing.placement ?? (isOverLimit ? nil : proposal.taker)
        let experiment = placement.flatMap { snapshot.experiments[$0.experiment] }
        var price = entry.product.listPrice
        var variant: String?
        if let placement, let experiment, experiment.variants.indices.contains(placement.variant) {
            price = Money(amount: experiment.variants[placement.variant].offered, currency: experiment.currency)
            variant = experiment.variants[placement.variant].name
        }
        let (reason, considered) = proposal.reason(
            for: placement, isNew: standing.placement == nil, isOverLimit: isOverLimit)
        return PeekedPrice(
            shopper: request.shopper, product: request.product, price: price, listPrice: entry.product.listPrice,
            experiment: considered, variant: variant, reason: reason,
            disclosure: snapshot.disclosure(of: placement, at: request.place, in: request.language))
    }

    /// A quote given before, with its state now; nil when there is none.
    ///
    /// An id is no proof: whoever has heard one can work out those of later windows. Where something is promised on an id
    /// alone, a later window counts only if its price could be heard in it: it has begun, its experiment had not ended,
    /// its list price still stands.
    ///
    /// - Parameter isPromised: whether more is done with it than to read it, and no token says that it was given.
    public func quote(
        _ id: QuoteID, in snapshot: TenantSnapshot, isPromised: Bool = false
    ) async throws(StoreError) -> Quote? {
        guard let tail = id.tail else { return nil }
        let now = clock.now()
        guard let offer = try await store.offer(tail, in: snapshot.tenant.id),
            let window = QuoteWindow(issuedAt: id.issuedAt, of: offer.toldAt, at: now)
        else { return nil }
        if isPromised, id.issuedAt != offer.toldAt {
            guard id.issuedAt.milliseconds <= now.milliseconds + QuoteWindow.grace else { return nil }
            if let placement = offer.placement {
                let end = snapshot.experiments[placement.experiment]?.completedAt
                if let end, id.issuedAt > end { return nil }
            } else if let standing = snapshot.catalogue[offer.product]?.product.listPrice {
                guard standing == Money(amount: offer.price, currency: offer.currency) else { return nil }
            }
        }
        return Quoter.quote(
            offer, on: snapshot.catalogue[offer.product], in: snapshot, shopper: nil,
            reason: offer.placement == nil ? .noExperiment : .sticky,
            considered: nil, at: now, window: window)
    }

    static func entry(
        for request: QuoteRequest, in snapshot: TenantSnapshot
    ) throws(QuoteError) -> CatalogueEntry {
        guard let entry = snapshot.catalogue[request.product] else { throw .unknownProduct }
        if let currency = request.currency, currency != entry.product.currency {
            throw .wrongCurrency(entry.product.currency)
        }
        guard (1...Quote.largestQuantity).contains(request.quantity) else {
            throw .quantity(largest: Quote.largestQuantity)
        }
        return entry
    }
}

/// The price a shopper would be told, told to nobody.
public struct PeekedPrice: Sendable, Equatable {
    public let shopper: TenantKey
    public let product: TenantKey
    public let price: Money
    public let listPrice: Money
    public let experiment: ExperimentID?
    public let variant: String?
    public let reason: Quote.Reason
    /// What would have to be shown beside it; nil where nothing has to.
    public let disclosure: PriceDisclosure?
}
