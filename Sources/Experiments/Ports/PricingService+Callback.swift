/// A price asked for, as far as can be said without waiting.
public enum QuoteFound: Sendable {
    case told(KnownQuote)
    /// The cache may have it, and calls back (``PricingService/askCache(_:in:_:)``).
    case asksCache(UnknownPrice)
    /// The store has to be asked, or others that have to be waited for (``PricingService/quotes(_:in:)``).
    case asksStore(UnknownPrice)
}

/// A price that this process does not know.
public struct UnknownPrice: Sendable {
    fileprivate(set) var asked: PricingService.Asked
    let at: Timestamp
    /// Whether the cache had its say, or need not have it.
    fileprivate(set) var mayAskStore: Bool
}

/// The way of a single quote without a task for as long as nothing has to be waited for but the cache's reply.
extension PricingService {
    /// The quote of a shopper whom this process knows, or what is to be done for it. Never waits.
    public func find(_ request: QuoteRequest, in snapshot: TenantSnapshot) throws(QuoteError) -> QuoteFound {
        let entry = try Self.entry(for: request, in: snapshot)
        let subject = snapshot.subject(of: request.shopper)
        let now = clock.now()
        if let known = known(request, subject: subject, entry: entry, in: snapshot, at: now) { return .told(known) }
        var unknown = UnknownPrice(
            asked: Asked(
                index: 0, request: request, place: CachedPlace(subject: subject, product: request.product),
                entry: entry, ticket: table.ticket(subject, product: entry.slot), tail: 0),
            at: now, mayAskStore: true)
        guard let cache else { return .asksStore(unknown) }
        if mayPass(cache, for: entry, in: snapshot) {
            unknown.asked.cacheTicket = cache.ticketOfNothing
            unknown.asked.hasPassedCache = true
            return .asksStore(unknown)
        }
        unknown.mayAskStore = false
        return entry.isSeatedByProducts ? .asksStore(unknown) : .asksCache(unknown)
    }

    /// Whether the store is asked about who is probably new and not the cache. What the cache alone could know is what others told
    /// while the store was out of their reach: a price of the hash, and here that is what the store says as well.
    private func mayPass(
        _ cache: any AssignmentCache, for entry: CatalogueEntry, in snapshot: TenantSnapshot
    ) -> Bool {
        !cacheUse.isWorthIt && !isDegraded && entry.takesAllByHash && !snapshot.tenant.hasLinkedShoppers
            && snapshot.tenant.usageLimit == nil
    }

    /// Asks the cache and calls back on the caller's loop: with what it told, else with what the store is to be asked.
    public func askCache(
        _ unknown: UnknownPrice, in snapshot: TenantSnapshot, _ then: @escaping @Sendable (QuoteFound) -> Void
    ) {
        let isAsked =
            cache?.find(unknown.asked.place, in: snapshot) { [self] cached in
                var unknown = unknown
                unknown.mayAskStore = true
                if let cached {
                    if let quote = quote(of: unknown.asked, from: cached, in: snapshot, at: unknown.at) {
                        tally.count(.cache)
                        cacheUse.startOver()
                        return then(.told(.made(quote)))
                    }
                    cacheUse.noteStrangers(1)
                    unknown.asked.cacheTicket = cached.ticket
                    unknown.asked.seat = cached.offer?.placement
                }
                then(.asksStore(unknown))
            } ?? false
        if !isAsked { then(.asksStore(unknown)) }
    }

    /// Quotes of shoppers whom this process does not know, in order, made durable in one transaction; where what is stored of
    /// one cannot be read, each in its own. When it returns, the prices are durable.
    public func quotes(_ unknown: [UnknownPrice], in snapshot: TenantSnapshot) async -> [Result<Quote, QuoteError>] {
        guard unknown.allSatisfy(\.mayAskStore) else { return await quotesAnew(unknown, in: snapshot) }
        let now = clock.now()
        let asked = unknown.enumerated().map { index, one in
            var asked = one.asked
            asked.index = index
            asked.tail = identifiers.tail(at: now)
            return asked
        }
        var answers = [Result<Quote, QuoteError>?](repeating: nil, count: asked.count)
        do throws(StoreError) {
            try await ask(asked, in: snapshot, at: now, &answers)
        } catch .outdated(let version) {
            cacheUse.startOver()
            do throws(StoreError) {
                return await quotesAnew(unknown, in: try await newer(than: snapshot, atLeast: version) ?? snapshot)
            } catch {
                return unknown.map { _ in .failure(.store(error)) }
            }
        } catch {
            return await answered(unknown, after: .store(error), in: snapshot)
        }
        return answers.map { $0 ?? .failure(.store(.unavailable("no answer from the store"))) }
    }

    private func quotesAnew(
        _ unknown: [UnknownPrice], in snapshot: TenantSnapshot
    ) async -> [Result<Quote, QuoteError>] {
        do throws(QuoteError) {
            return try await quotes(unknown.map(\.asked.request), in: snapshot)
        } catch {
            return await answered(unknown, after: error, in: snapshot)
        }
    }

    /// The failure is everyone's, unless what is stored cannot be read: that may be one shopper's, so each is asked for alone.
    private func answered(
        _ unknown: [UnknownPrice], after error: QuoteError, in snapshot: TenantSnapshot
    ) async -> [Result<Quote, QuoteError>] {
        guard case .store(.corrupt) = error, unknown.count > 1 else { return unknown.map { _ in .failure(error) } }
        var alone: [Result<Quote, QuoteError>] = []
        for one in unknown { alone += await quotesAnew([one], in: snapshot) }
        return alone
    }
}
