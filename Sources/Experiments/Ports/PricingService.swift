public import Crypto
internal import Synchronization

/// A clock of the wall. Time enters the domain here and nowhere else.
public protocol WallClock: Sendable {
    func now() -> Timestamp
}

/// Who is calling, as a key says.
public struct Principal: Sendable, Equatable {
    public let tenant: TenantID
    public let key: APIKey

    public init(tenant: TenantID, key: APIKey) {
        self.tenant = tenant
        self.key = key
    }
}

/// Prices, events and configuration for every door of the house.
///
/// The rule it keeps: **durable before told**. A price leaves here only when the offer behind it is committed, or was
/// found committed.
public final class PricingService: Sendable {
    public let store: any Store
    public let clock: any WallClock
    public let identifiers: IdentifierSource
    let directory = Directory()
    let table: AssignmentTable

    /// - Parameter tableCapacity: offers kept in memory, some 112 bytes each once used.
    public init(
        store: any Store, clock: any WallClock, identifiers: IdentifierSource, tableCapacity: Int = 131_072
    ) {
        self.store = store
        self.clock = clock
        self.identifiers = identifiers
        table = AssignmentTable(capacity: tableCapacity)
    }

    /// Reads every tenant's configuration. Call once, before anything else.
    public func load() async throws(StoreError) {
        directory.replaceAll(try await store.load().map(TenantSnapshot.init))
    }

    /// Takes what other processes committed.
    public func refresh() async throws(StoreError) {
        for configuration in try await store.load()
        where (directory[configuration.tenant.id]?.version ?? 0) < configuration.version {
            directory.put(TenantSnapshot(configuration))
        }
    }

    /// Takes what other processes did since this was last called; often, for until then they are not heard.
    ///
    /// - Parameter isLate: whether something may have been missed.
    public func followOthers(isLate: Bool = false) async throws(StoreError) {
        if isLate {
            table.forgetAll()
        } else {
            switch await store.changedShoppers() {
            case .none: break
            case .some(let subjects): for subject in subjects { table.forget(subject) }
            case .all: table.forgetAll()
            }
        }
        if try await store.changedElsewhere() || isLate { try await refresh() }
    }

    /// A snapshot of at least this version; nil when there is no such tenant.
    func newer(than snapshot: TenantSnapshot, atLeast version: Int) async throws(StoreError) -> TenantSnapshot? {
        if let known = directory[snapshot.tenant.id], known.version >= version { return known }
        try await refresh()
        return directory[snapshot.tenant.id]
    }

    /// The newest snapshot of a tenant.
    public func snapshot(of tenant: TenantID) -> TenantSnapshot? { directory[tenant] }

    /// How many tenants there are.
    public var tenantCount: Int { directory.count }

    /// Whether a key with this hash was given to anybody and not taken back.
    public func hasKey(_ hash: Digest256) -> Bool { directory.find(hash) != nil }

    /// The bearer of a key; nil when there is no such key or it is not usable now from here.
    ///
    /// - Parameter address: asked for only when the key is bound to addresses.
    public func principal(
        keyHash: Digest256, from address: @autoclosure () -> String
    ) -> (Principal, TenantSnapshot)? {
        guard let (snapshot, key) = directory.find(keyHash) else { return nil }
        guard key.isUsable(at: clock.now(), from: address()) else { return nil }
        return (Principal(tenant: snapshot.tenant.id, key: key), snapshot)
    }
}

// MARK: - Quotes

extension PricingService {
    /// The quote, if it can be given without asking the store: a shopper whom this process knows. Never waits.
    public func quoteAtOnce(_ request: QuoteRequest, in snapshot: TenantSnapshot) throws(QuoteError) -> Quote? {
        let entry = try Self.entry(for: request, in: snapshot)
        return known(
            request, subject: snapshot.subject(of: request.shopper), entry: entry, in: snapshot, at: clock.now())
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
        var snapshot = snapshot
        for _ in 0..<Self.patience {
            do throws(StoreError) {
                do throws(StoreError) {
                    return try await quotesOnce(requests, in: snapshot)
                } catch .outdated(let version) {
                    guard let newer = try await newer(than: snapshot, atLeast: version) else { break }
                    snapshot = newer
                }
            } catch {
                throw .store(error)
            }
        }
        throw .store(.unavailable("the configuration changes faster than it can be read"))
    }

    /// How often a decision is made again when the configuration moved under it.
    private static let patience = 20

    /// A price that memory does not have: what it is asked of the store with.
    private struct Asked {
        let place: Int
        let subject: Subject
        let entry: CatalogueEntry
        let proposal: Proposal
        let ticket: AssignmentTable.Ticket
    }

    private func quotesOnce(
        _ requests: [QuoteRequest], in snapshot: TenantSnapshot
    ) async throws(StoreError) -> [Result<Quote, QuoteError>] {
        let now = clock.now()
        var answers: [Result<Quote, QuoteError>?] = []
        var asked: [Asked] = []
        var enrolments: [Enrolment] = []
        for (place, request) in requests.enumerated() {
            do throws(QuoteError) {
                let entry = try Self.entry(for: request, in: snapshot)
                let subject = snapshot.subject(of: request.shopper)
                if let quote = known(request, subject: subject, entry: entry, in: snapshot, at: now) {
                    answers.append(.success(quote))
                    continue
                }
                let proposal = Quoter.propose(
                    entry, shopper: request.shopper, attributes: request.attributes, at: now)
                asked.append(
                    Asked(
                        place: place, subject: subject, entry: entry, proposal: proposal,
                        ticket: table.ticket(subject, product: entry.slot)))
                enrolments.append(
                    Enrolment(
                        subject: subject, product: request.product, listPrice: entry.product.listPrice,
                        proposal: proposal, expose: request.expose, at: now, tail: identifiers.tail(at: now)))
                answers.append(nil)
            } catch {
                answers.append(.failure(error))
            }
        }
        if !enrolments.isEmpty {
            let enrolled = try await store.enrol(enrolments, in: snapshot)
            for (one, result) in zip(asked, enrolled) {
                if result.offer.placement == nil, result.isShared {
                    // Under another of its ids the shopper may get a price of an experiment, which then is its price.
                    table.forget(one.subject)
                } else {
                    // An experiment that has taken the shopper now has it for all its products.
                    if result.isNew { table.forget(one.subject, exceptProduct: one.entry.slot) }
                    table.insert(
                        AssignmentTable.Entry(result.offer, asked: one.subject, slot: one.entry.slot), one.ticket)
                }
                let reason: Quote.Reason =
                    if result.offer.placement == nil { one.proposal.reason } else { result.isNew ? .split : .sticky }
                answers[one.place] = .success(
                    Quoter.quote(
                        result.offer, listPrice: one.entry.product.listPrice, in: snapshot,
                        shopper: requests[one.place].shopper,
                        reason: reason, considered: one.proposal.considered, at: now))
            }
        }
        return answers.map { $0 ?? .failure(.store(.unavailable("no answer from the store"))) }
    }

    /// From memory: the offer last told, if it is still what would be told.
    private func known(
        _ request: QuoteRequest, subject: Subject, entry: CatalogueEntry, in snapshot: TenantSnapshot,
        at now: Timestamp
    ) -> Quote? {
        guard let found = table.find(subject, product: entry.slot), let currency = Currency(packed: found.currency),
            found.isExposed || !request.expose
        else { return nil }
        let offer = found.offer(of: request.product, in: currency)
        if let placement = offer.placement {
            let holds = entry.live.contains {
                $0.experiment.id == placement.experiment && $0.experiment.honoursPrices(at: now)
            }
            guard holds else { return nil }
            return Quoter.quote(
                offer, listPrice: entry.product.listPrice, in: snapshot, shopper: request.shopper, reason: .sticky,
                considered: nil, at: now)
        }
        guard Money(amount: offer.price, currency: currency) == entry.product.listPrice else { return nil }
        // Another process may have seated the shopper since.
        if store.isShared, !entry.live.isEmpty { return nil }
        let proposal = Quoter.propose(entry, shopper: request.shopper, attributes: request.attributes, at: now)
        guard proposal.candidates.allSatisfy({ $0.variant == nil }) else { return nil }
        return Quoter.quote(
            offer, listPrice: entry.product.listPrice, in: snapshot, shopper: request.shopper, reason: proposal.reason,
            considered: proposal.considered, at: now)
    }

    /// What `quote` would say, without enrolling anybody or writing anything.
    public func peek(_ request: QuoteRequest, in snapshot: TenantSnapshot) async throws(QuoteError) -> PeekedPrice {
        let entry = try Self.entry(for: request, in: snapshot)
        let now = clock.now()
        let proposal = Quoter.propose(entry, shopper: request.shopper, attributes: request.attributes, at: now)
        let standing: Standing
        do {
            standing = try await store.standing(
                of: snapshot.subject(of: request.shopper), product: request.product, proposal: proposal,
                listPrice: entry.product.listPrice, in: snapshot.tenant.id)
        } catch {
            throw .store(error)
        }
        let placement =
            standing.placement
            ?? proposal.candidates.first { $0.variant != nil }.flatMap { candidate in
                candidate.variant.map { Offer.Placement(experiment: candidate.experiment, variant: $0) }
            }
        let experiment = placement.flatMap { snapshot.experiments[$0.experiment] }
        var price = entry.product.listPrice
        var variant: String?
        if let placement, let experiment, experiment.variants.indices.contains(placement.variant) {
            price = Money(amount: experiment.variants[placement.variant].offered, currency: experiment.currency)
            variant = experiment.variants[placement.variant].name
        }
        let reason: Quote.Reason =
            if placement == nil { proposal.reason } else { standing.placement == nil ? .split : .sticky }
        return PeekedPrice(
            shopper: request.shopper, product: request.product, price: price, listPrice: entry.product.listPrice,
            experiment: placement?.experiment ?? proposal.considered, variant: variant, reason: reason)
    }

    /// A quote given before, with its state now; nil when there is none.
    public func quote(_ id: QuoteID, in snapshot: TenantSnapshot) async throws(StoreError) -> Quote? {
        guard let tail = id.tail else { return nil }
        let now = clock.now()
        guard let offer = try await store.offer(tail, in: snapshot.tenant.id),
            let window = QuoteWindow(issuedAt: id.issuedAt, of: offer.toldAt, at: now)
        else { return nil }
        // A quote outlives its product: it is a promise.
        let listPrice =
            snapshot.catalogue[offer.product]?.product.listPrice ?? Money(amount: offer.price, currency: offer.currency)
        return Quoter.quote(
            offer, listPrice: listPrice, in: snapshot, shopper: nil,
            reason: offer.placement == nil ? .noExperiment : .sticky,
            considered: nil, at: now, window: window)
    }

    private static func entry(
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
}

// MARK: - Events and identities

extension PricingService {
    /// Counts events, each id once. Outcomes in order; when it returns they are durable.
    public func ingest(
        _ drafts: [EventDraft], in snapshot: TenantSnapshot
    ) async throws(StoreError) -> [EventOutcome] {
        let now = clock.now()
        var snapshot = snapshot
        for _ in 0..<Self.patience {
            let incoming = drafts.map { Self.incoming($0, in: snapshot, at: now) }
            do {
                let outcomes = try await store.ingest(incoming, in: snapshot, at: now)
                forgetExposed(incoming)
                return outcomes
            } catch .outdated(let version) {
                guard let newer = try await newer(than: snapshot, atLeast: version) else { break }
                snapshot = newer
            }
        }
        throw .unavailable("the configuration changes faster than it can be read")
    }

    /// An exposure may have assigned its shopper, or told an offer that memory knows as not told yet.
    private func forgetExposed(_ incoming: [IncomingEvent]) {
        for case .event(let event, _, _) in incoming where event.type == .exposure {
            table.forget(event.subject)
        }
    }

    /// What the store is handed for one event: checked, hashed, and with all that it could need decided.
    static func incoming(_ draft: EventDraft, in snapshot: TenantSnapshot, at now: Timestamp) -> IncomingEvent {
        guard let text = draft.id, let id = TenantKey(text) else {
            return .rejected(
                id: nil,
                EventRejection(.invalid, draft.fault ?? "`id` has 1 to 256 bytes and no control characters."))
        }
        let hash = Bits128(SHA256.hash(id.text))
        do throws(EventRejection) {
            let event = try Event(
                validating: draft, id: hash, subject: { snapshot.subject(of: $0) }, at: now)
            var entry: CatalogueEntry?
            if let product = event.product {
                guard let found = snapshot.catalogue[product] else {
                    throw EventRejection(.productNotFound, "There is no product with this SKU.")
                }
                entry = found
            }
            if let id = event.experiment {
                guard let experiment = snapshot.experiments[id], experiment.status != .draft else {
                    throw EventRejection(.experimentNotFound, "There is no such experiment, or it never ran.")
                }
                if let revenue = event.revenue, revenue.currency != experiment.currency {
                    throw EventRejection(.currencyMismatch, "The experiment is in \(experiment.currency).")
                }
                if let product = event.product, !experiment.products.contains(product) {
                    throw EventRejection(.invalid, "The experiment holds no price for this product.")
                }
            } else if let revenue = event.revenue, let entry, revenue.currency != entry.product.currency {
                throw EventRejection(.currencyMismatch, "The product is priced in \(entry.product.currency).")
            }
            var proposals: [Candidate] = []
            if event.type == .exposure, event.quote == nil, let shopper = draft.shopper.flatMap(TenantKey.init) {
                let places =
                    entry.map { [$0] } ?? event.experiment.flatMap { snapshot.experiments[$0] }?
                    .products.prefix(1).compactMap { snapshot.catalogue[$0] } ?? []
                proposals = places.flatMap {
                    Quoter.propose($0, shopper: shopper, attributes: [:], at: event.timestamp).candidates
                }
                if let named = event.experiment {
                    proposals.removeAll { $0.experiment != named }
                    if proposals.isEmpty, let experiment = snapshot.experiments[named] {
                        proposals = [Quoter.standing(in: experiment)]
                    }
                }
            }
            return .event(event, unitCost: entry?.product.unitCost, proposals: proposals)
        } catch {
            return .rejected(id: hash, error)
        }
    }

    /// Makes two ids one shopper. False when they were one already.
    ///
    /// - Parameters:
    ///   - actor: who says so, as the audit row names it.
    ///   - requestID: in which request.
    public func link(
        _ a: TenantKey, _ b: TenantKey, in snapshot: TenantSnapshot, actor: String, requestID: String
    ) async throws(StoreError) -> Bool {
        var snapshot = snapshot
        for _ in 0..<Self.patience {
            let subjects = (snapshot.subject(of: a), snapshot.subject(of: b))
            do {
                let audit = AuditDraft(
                    at: clock.now(), actor: actor, action: "identity.link",
                    target: "\(subjects.0.hex) \(subjects.1.hex)", requestID: requestID)
                let members = try await store.link(subjects.0, subjects.1, in: snapshot, audit: audit)
                for member in members { table.forget(member) }
                return !members.isEmpty
            } catch .outdated(let version) {
                guard let newer = try await newer(than: snapshot, atLeast: version) else { break }
                snapshot = newer
            }
        }
        throw .unavailable("the configuration changes faster than it can be read")
    }
}
