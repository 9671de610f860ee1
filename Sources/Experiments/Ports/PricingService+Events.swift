internal import Crypto

extension PricingService {
    /// Counts events, each id once. Outcomes in order; when it returns they are durable.
    public func ingest(
        _ drafts: [EventDraft], in snapshot: TenantSnapshot
    ) async throws(StoreError) -> [EventOutcome] {
        let now = clock.now()
        return try await onNewest(snapshot) { snapshot throws(StoreError) in
            let first = drafts.map { Self.incoming($0, in: snapshot, at: now) }
            let seats = await seats(of: first.map(\.exposure), in: snapshot)
            let incoming = zip(first, seats).map { $0.seating(at: $1) }
            let renewal = Renewal(of: snapshot.tenant.id, in: directory) { newest in
                let renewed = drafts.map { Self.incoming($0, in: newest, at: now) }
                // The cache has to be asked first then.
                let areReweighed = renewed.contains { one in
                    one.exposure.experiments.contains { newest.isReweighed($0, since: snapshot) }
                }
                return areReweighed ? nil : zip(renewed, seats).map { $0.seating(at: $1) }
            }
            // Whatever comes of it: where it fails, a part may have been kept.
            defer { forgetExposed(renewal.last?.decision ?? incoming) }
            return try await store.ingest(incoming, in: snapshot, at: now, renewal: renewal)
        }
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
        let snapshot = try await linking(snapshot, actor: actor, requestID: requestID)
        return try await onNewest(snapshot) { snapshot throws(StoreError) in
            let subjects = (snapshot.subject(of: a), snapshot.subject(of: b))
            let audit = AuditDraft(
                at: clock.now(), actor: actor, action: "identity.link",
                target: "\(subjects.0.hex) \(subjects.1.hex)", requestID: requestID)
            let members = try await store.link(subjects.0, subjects.1, in: snapshot, audit: audit)
            for member in members { table.forget(member) }
            if !members.isEmpty { await cache?.forget(members, of: snapshot.tenant.id) }
            return !members.isEmpty
        }
    }

    /// A snapshot that says that this tenant's shoppers have several ids: whoever reads it decides nothing by the hash
    /// of one alone.
    private func linking(
        _ snapshot: TenantSnapshot, actor: String, requestID: String
    ) async throws(StoreError) -> TenantSnapshot {
        if snapshot.tenant.hasLinkedShoppers { return snapshot }
        do throws(ConfigurationError) {
            try await change(snapshot.tenant.id, actor: actor, requestID: requestID) { snapshot, _ in
                var tenant = snapshot.tenant
                tenant.hasLinkedShoppers = true
                return Decided(
                    [.tenant(tenant)], action: "tenant.link_shoppers", target: tenant.id.description, answer: ())
            }
        } catch {
            if case .store(let error) = error { throw error }
            throw .unavailable("the tenant could not be changed: \(error)")
        }
        return directory[snapshot.tenant.id] ?? snapshot
    }
}

extension IncomingEvent {
    /// Who is exposed by it, and by which experiments it may be taken for that; by none unless it is an exposure.
    fileprivate var exposure: (subject: Subject, experiments: [ExperimentID]) {
        switch self {
        case .event(let event, _, let proposals): (event.subject, proposals.map(\.experiment))
        case .rejected: (Subject(high: 0, low: 0), [])
        }
    }

    fileprivate func seating(at seat: Offer.Placement?) -> IncomingEvent {
        guard let seat, case .event(let event, let unitCost, let proposals) = self else { return self }
        return .event(event, unitCost: unitCost, proposals: proposals.map { $0.seating(at: seat) })
    }
}
