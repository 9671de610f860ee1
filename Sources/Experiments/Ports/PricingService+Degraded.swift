/// Prices while the store is out of reach, for shoppers whom neither memory nor the cache knows.
///
/// Such a shopper may be one the store knows. It is told the price of its hash only where that is the price the store
/// has, if it has one: the experiment is the product's only one, has few products and weights that never changed, no two ids
/// here are one shopper, every process that could be asked agrees on the configuration, no limit of use is to be kept, and the price
/// is kept durably beside the store until the store has it. Otherwise it is told the list price, as `fallback`, and
/// enrolled nowhere.
extension PricingService {
    func toldWithoutStore(
        _ asked: [Asked], in snapshot: TenantSnapshot, at now: Timestamp
    ) async -> [(Int, Quote)] {
        let (quotes, rest) = await toldByHash(renamed(asked, at: now), in: snapshot, at: now)
        return quotes + (await fallbacks(rest, in: snapshot, at: now))
    }

    /// Prices asked of a store that is too slow or gave no answer: it may have kept them. Those that are the same whether
    /// it did or not are told under the tails that were sent, so that the store will have each of them once.
    ///
    /// - Parameter isGone: whether the store does not answer; then the others hear the list price, under a quote of its own.
    ///   Of a store that is only too slow they must ask again.
    func toldInDoubt(
        _ asked: [Asked], isGone: Bool, in snapshot: TenantSnapshot, at now: Timestamp
    ) async -> [(Int, Quote)] {
        let (quotes, rest) = await toldByHash(asked, in: snapshot, at: now)
        return isGone ? quotes + (await fallbacks(rest, in: snapshot, at: now)) : quotes
    }

    /// Under new tails. Told before it is stored, a tail cannot give way to one that is taken: all its 62 bits are random.
    private func renamed(_ asked: [Asked], at now: Timestamp) -> [Asked] {
        asked.map { one in
            var one = one
            let random: Identifier<Quote> = identifiers.next(at: now)
            one.tail = random.bits.low & Offer.largestTail
            return one
        }
    }

    private func fallbacks(
        _ asked: [Asked], in snapshot: TenantSnapshot, at now: Timestamp
    ) async -> [(Int, Quote)] {
        tally.count(.fallback, asked.count)
        // Under tails of their own: what was not told may be handed over before it is dropped, and must not be what a told
        // quote is found as.
        return await listed(renamed(asked, at: now), in: snapshot, at: now).map { one, offer in
            (
                one.index,
                quote(
                    of: one, offer, reason: .fallback, considered: one.entry.live.first?.experiment.id,
                    in: snapshot, at: now)
            )
        }
    }

    private func toldByHash(
        _ asked: [Asked], in snapshot: TenantSnapshot, at now: Timestamp
    ) async -> (quotes: [(Int, Quote)], rest: [Asked]) {
        var quotes: [(Int, Quote)] = []
        var rest: [Asked] = []
        var told: [(one: Asked, offer: Offer, phase: Int)] = []
        for one in asked {
            if let (placement, phase, price) = certainPlacement(of: one, in: snapshot, at: now) {
                told.append((one, offer(to: one, placement, price, at: now), phase))
            } else {
                rest.append(one)
            }
        }
        for ((one, offer, _), claim) in zip(told, await claimed(told, in: snapshot)) {
            switch claim {
            case .refused, .unknown: rest.append(one)
            case .granted:
                remember(offer, of: one)
                tally.count(.spooled)
                quotes.append(
                    (one.index, quote(of: one, offer, reason: .split, considered: nil, in: snapshot, at: now)))
            case .taken(let offer):
                remember(offer, of: one)
                tally.count(.cache)
                quotes.append(
                    (one.index, quote(of: one, offer, reason: .sticky, considered: nil, in: snapshot, at: now)))
            }
        }
        return (quotes, rest)
    }

    /// The place that the store has for this shopper, if it has any; nil where that cannot be known from here.
    private func certainPlacement(
        of one: Asked, in snapshot: TenantSnapshot, at now: Timestamp
    ) -> (Offer.Placement, phase: Int, price: Money)? {
        guard spool?.isDurable == true, one.cacheTicket != nil, !snapshot.tenant.hasLinkedShoppers,
            snapshot.tenant.usageLimit == nil, one.entry.live.count == 1,
            let candidate = one.proposal(at: now).candidates.first, let variant = candidate.variant,
            let experiment = snapshot.experiments[candidate.experiment], experiment.phases.count == 1,
            experiment.products.count <= Self.mostProductsByHash,
            candidate.prices.indices.contains(variant)
        else { return nil }
        return (
            Offer.Placement(experiment: candidate.experiment, variant: variant), candidate.phase,
            Money(amount: candidate.prices[variant], currency: experiment.currency)
        )
    }

    private func offer(to one: Asked, _ placement: Offer.Placement?, _ price: Money, at now: Timestamp) -> Offer {
        Offer(
            tail: one.tail, subject: one.place.subject, product: one.request.product, placement: placement,
            price: price.amount, currency: price.currency, toldAt: now, isExposed: one.request.expose)
    }

    /// Durable first, then claimed: what others find in the cache must not be lost with this process. In order. What may have
    /// been granted is kept, for others may tell it.
    private func claimed(
        _ told: [(one: Asked, offer: Offer, phase: Int)], in snapshot: TenantSnapshot
    ) async -> [CacheClaim] {
        guard !told.isEmpty, let spool, let cache else { return told.map { _ in .refused } }
        let tails = told.map(\.offer.tail)
        untold.begin(tails)
        let numbers: [Int64]
        do throws(StoreError) {
            numbers = try await spool.keep(
                told.map { SpooledOffer(tenant: snapshot.tenant.id, offer: $0.offer, phase: $0.phase) })
        } catch {
            untold.end(tails, refused: [], areDropped: true)
            return told.map { _ in .refused }
        }
        let answers = await cache.claim(
            told.map { one, offer, _ in
                CacheEntry(offer: offer, place: one.place, ticket: one.cacheTicket ?? [])
            }, in: snapshot)
        // What somebody was told to be shown later does not say that it was shown: this one does, at the same price.
        let claims = zip(told, answers).map { told, claim in
            guard case .taken(let other) = claim, told.offer.isExposed, !other.isExposed,
                other.isSamePrice(as: told.offer)
            else { return claim }
            return .granted
        }
        let unused = zip(zip(numbers, tails), claims).filter { $1 != .granted && $1 != .unknown }.map(\.0)
        var areDropped = true
        if !unused.isEmpty { areDropped = (try? await spool.drop(unused.map(\.0))) != nil }
        untold.end(tails, refused: unused.map(\.1), areDropped: areDropped)
        return claims
    }

    /// List prices: the one told before if this process remembers it, else a new one, kept where it can be so that its
    /// quote is known later. It is the same price either way.
    private func listed(
        _ asked: [Asked], in snapshot: TenantSnapshot, at now: Timestamp
    ) async -> [(Asked, Offer)] {
        var out: [(Asked, Offer)] = []
        var new: [(one: Asked, offer: Offer)] = []
        for one in asked {
            let listPrice = one.entry.product.listPrice
            if let known = table.find(one.place.subject, product: one.entry.slot), known.variant < 0,
                known.price == listPrice.amount, known.currency == listPrice.currency.packed
            {
                out.append((one, known.offer(of: one.request.product, in: listPrice.currency)))
                continue
            }
            let offer = offer(to: one, nil, listPrice, at: now)
            new.append((one, offer))
            out.append((one, offer))
        }
        if new.isEmpty { return out }
        let spooled = new.map { SpooledOffer(tenant: snapshot.tenant.id, offer: $0.offer, phase: 0) }
        let isKept = (try? await spool?.keep(spooled)) != nil
        // Where an experiment runs memory's list price is not believed once the store is back; elsewhere it would be.
        for (one, offer) in new where isKept || !one.entry.live.isEmpty { remember(offer, of: one) }
        return out
    }

    /// Hands over what was told without the store, oldest first, as it was told.
    func drainSpool() async throws(StoreError) {
        guard let spool, spool.count > 0 else { return }
        while true {
            let refusals = untold.refusals
            let waiting = try await spool.waiting(limit: 500)
            if waiting.isEmpty { return }
            guard untold.refusals == refusals else { continue }
            var byTenant: [TenantID: [SpooledOffer]] = [:]
            var done: Set<Int64> = []
            var refused: [UInt64] = []
            for (number, spooled) in waiting {
                switch untold.fate(of: spooled.offer.tail) {
                case .open: continue
                case .told: byTenant[spooled.tenant, default: []].append(spooled)
                case .refused: refused.append(spooled.offer.tail)
                }
                done.insert(number)
            }
            // The rest is about to be told, or not.
            if done.isEmpty { return }
            // What one tenant's cannot be handed over keeps nobody else's.
            var failure: StoreError?
            for (tenant, offers) in byTenant {
                do throws(StoreError) {
                    try await handOver(offers, of: tenant)
                } catch {
                    failure = error
                    done.subtract(waiting.lazy.filter { $0.offer.tenant == tenant }.map(\.number))
                }
            }
            try await spool.drop(done.sorted())
            untold.forget(refused)
            if let failure { throw failure }
        }
    }

    private func handOver(_ spooled: [SpooledOffer], of tenant: TenantID) async throws(StoreError) {
        // A tenant that is gone has nobody left to keep it for.
        guard let snapshot = directory[tenant] else { return }
        // The spool does not keep what was told of a shopper: in a segment it counts as not told.
        let renewal = Renewal(of: tenant, in: directory) { Self.enrolments(spooled, in: $0) }
        let enrolled = try await untilInForce(snapshot) { snapshot throws(StoreError) in
            try await store.enrol(Self.enrolments(spooled, in: snapshot), in: snapshot, renewal: renewal)
        }
        let conflicts = zip(spooled, enrolled).count {
            $0.offer.placement != $1.offer.placement || $0.offer.price != $1.offer.price
                || $0.offer.tail != $1.offer.tail
        }
        tally.countTaken(enrolled.count, conflicts: conflicts)
    }

    /// The quote that our seal says we told, of which the store has not heard: told while it was out of reach, by a process
    /// that has not handed it over yet or ended before it could. It is handed over now.
    public func redeemed(
        _ sealed: SealedQuote, in snapshot: TenantSnapshot
    ) async throws(StoreError) -> Quote? {
        guard let tail = sealed.quote.tail else { return nil }
        let toldAt = sealed.quote.issuedAt
        let phases = sealed.placement.flatMap { snapshot.experiments[$0.experiment]?.phases } ?? []
        let offer = Offer(
            tail: tail, subject: sealed.subject, product: sealed.product, placement: sealed.placement,
            price: sealed.price.amount, currency: sealed.price.currency, toldAt: toldAt, isExposed: true)
        let phase = phases.lastIndex { $0.startedAt <= toldAt } ?? 0
        try await handOver(
            [SpooledOffer(tenant: snapshot.tenant.id, offer: offer, phase: phase)], of: snapshot.tenant.id)
        return try await quote(sealed.quote, in: snapshot)
    }

    private static func enrolments(_ spooled: [SpooledOffer], in snapshot: TenantSnapshot) -> [Enrolment] {
        spooled.map { one in
            Enrolment(
                subject: one.offer.subject, product: one.offer.product,
                listPrice: Money(amount: one.offer.price, currency: one.offer.currency),
                proposal: Proposal(
                    candidates: one.offer.placement.map {
                        [
                            Candidate(
                                experiment: $0.experiment, variant: $0.variant, phase: one.phase, prices: [],
                                traits: snapshot.experiments[$0.experiment]?.traits(of: [:]) ?? UnitTraits())
                        ]
                    } ?? []),
                expose: one.offer.isExposed, at: one.offer.toldAt, tail: one.offer.tail, told: one.offer)
        }
    }
}
