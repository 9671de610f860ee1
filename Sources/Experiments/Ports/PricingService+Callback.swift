/// A price asked for, as far as can be said without waiting.
public enum QuoteFound: Sendable {
    case told(KnownQuote)
    /// The cache may have it, and calls back (``PricingService/askCache(_:in:_:)``).
    case asksCache(UnknownPrice)
    /// The store has to be asked, or others that have to be waited for.
    case asksStore(UnknownPrice)
}

/// A price that this process does not know.
public struct UnknownPrice: Sendable {
    fileprivate(set) var asked: PricingService.Asked
    let at: Timestamp
    /// Whether the cache had its say.
    var isMissed = false
}

/// The way of a single quote without a task for as long as nothing has to be waited for but the cache's reply.
extension PricingService {
    /// The quote of a shopper whom this process knows, or what is to be done for it. Never waits.
    public func find(_ request: QuoteRequest, in snapshot: TenantSnapshot) throws(QuoteError) -> QuoteFound {
        let entry = try Self.entry(for: request, in: snapshot)
        let subject = snapshot.subject(of: request.shopper)
        let now = clock.now()
        if let known = known(request, subject: subject, entry: entry, in: snapshot, at: now) { return .told(known) }
        let unknown = UnknownPrice(
            asked: Asked(
                index: 0, request: request, place: CachedPlace(subject: subject, product: request.product),
                entry: entry, ticket: table.ticket(subject, product: entry.slot), tail: 0),
            at: now)
        return cache == nil ? .asksStore(unknown) : .asksCache(unknown)
    }

    /// Asks the cache and calls back on the caller's loop: with what it told, else with what the store is to be asked.
    public func askCache(
        _ unknown: UnknownPrice, in snapshot: TenantSnapshot, _ then: @escaping @Sendable (QuoteFound) -> Void
    ) {
        let isAsked =
            cache?.find(unknown.asked.place, in: snapshot) { [self] cached in
                var unknown = unknown
                unknown.isMissed = true
                if let cached {
                    if let quote = quote(of: unknown.asked, from: cached, in: snapshot, at: unknown.at) {
                        tally.count(.cache)
                        return then(.told(.made(quote)))
                    }
                    unknown.asked.cacheTicket = cached.ticket
                }
                then(.asksStore(unknown))
            } ?? false
        if !isAsked { then(.asksStore(unknown)) }
    }

    /// The quote of a shopper whom neither this process nor the cache knows. When it returns, the price is durable.
    public func quote(_ unknown: UnknownPrice, in snapshot: TenantSnapshot) async throws(QuoteError) -> Quote {
        let request = unknown.asked.request
        guard unknown.isMissed else { return try await quote(request, in: snapshot) }
        var asked = unknown.asked
        asked.tail = identifiers.tail(at: unknown.at)
        var answers: [Result<Quote, QuoteError>?] = [nil]
        do throws(StoreError) {
            try await ask([asked], in: snapshot, at: unknown.at, &answers)
        } catch .outdated(let version) {
            let newer: TenantSnapshot?
            do throws(StoreError) {
                newer = try await self.newer(than: snapshot, atLeast: version)
            } catch {
                throw .store(error)
            }
            return try await quote(request, in: newer ?? snapshot)
        } catch {
            throw .store(error)
        }
        guard let answer = answers[0] else { throw .store(.unavailable("no answer from the store")) }
        return try answer.get()
    }
}
