internal import Experiments
internal import SQLite

extension WriteSession {
    /// Counts a batch, each event id once.
    func ingest(_ events: [IncomingEvent], in snapshot: TenantSnapshot, at now: Timestamp) throws -> [EventOutcome] {
        var outcomes: [EventOutcome] = []
        outcomes.reserveCapacity(events.count)
        // Shoppers whose outcomes changed, each with all of them and those that are new; counted once, at the end.
        var stories: [Subject: Story] = [:]
        for incoming in events {
            switch incoming {
            case .rejected(let id, let rejection):
                let known = try id.map { try isKnown($0, of: snapshot.tenant.id) } ?? false
                outcomes.append(known ? .duplicate : .rejected(rejection))
            case .event(let event, let unitCost, let proposals):
                guard try claim(event.id, of: snapshot.tenant.id) else {
                    outcomes.append(.duplicate)
                    continue
                }
                let subject = try canonical(event.subject, of: snapshot.tenant.id)
                if event.type.outcome != nil {
                    if stories[subject] == nil {
                        stories[subject] = Story(
                            events: try Rows.outcomes(of: subject, in: snapshot.tenant.id, database))
                    }
                    if let refusal = event.refusal(beside: stories[subject]?.events ?? []) {
                        try release(event.id, of: snapshot.tenant.id)
                        outcomes.append(.rejected(refusal))
                        continue
                    }
                }
                switch try place(event, of: subject, proposals: proposals, in: snapshot, at: now) {
                case .refused(let rejection):
                    try release(event.id, of: snapshot.tenant.id)
                    outcomes.append(.rejected(rejection))
                case .placed(let place):
                    let outcome = try store(event, of: subject, at: place, unitCost: unitCost, in: snapshot, now: now)
                    if let outcome { stories[subject]?.add(outcome) }
                    outcomes.append(.accepted)
                }
            }
        }
        // In the order of the keys: as pages lie, and the same whenever the same is done again.
        for (subject, story) in stories.sorted(by: { $0.key < $1.key }) where !story.added.isEmpty {
            try recount(subject, because: story, in: snapshot, at: now)
        }
        use(.events, outcomes.count { $0 == .accepted }, by: snapshot.tenant.id, at: now)
        return outcomes
    }

    /// A shopper's conversions, refunds and checkouts, those of this batch among them.
    private struct Story {
        var events: [OutcomeEvent]
        var added: [OutcomeEvent] = []

        mutating func add(_ event: OutcomeEvent) {
            events.append(event)
            added.append(event)
        }
    }

    // MARK: Exactly once

    private func isKnown(_ id: Bits128, of tenant: TenantID) throws -> Bool {
        let select = try database.prepare("SELECT 1 FROM event_ids WHERE tenant_id = ? AND id_hash = ?")
        try select.bind(tenant.bits, id)
        return try select.step()
    }

    /// True for the first who claims the id.
    private func claim(_ id: Bits128, of tenant: TenantID) throws -> Bool {
        let insert = try database.prepare("INSERT OR IGNORE INTO event_ids (tenant_id, id_hash) VALUES (?, ?)")
        try insert.bind(tenant.bits, id)
        try insert.run()
        return database.changes == 1
    }

    /// The event was refused: its id may come again, mended.
    private func release(_ id: Bits128, of tenant: TenantID) throws {
        let delete = try database.prepare("DELETE FROM event_ids WHERE tenant_id = ? AND id_hash = ?")
        try delete.bind(tenant.bits, id)
        try delete.run()
    }

    // MARK: What it is about

    private struct Place {
        var experiment: ExperimentID?
        var product: TenantKey?
        /// The offer its quote names, and the window of that quote.
        var quoted: (offer: Offer, window: Timestamp)?

        /// When it happened: what names a quote, not before the quote was told, whatever the sender's clock says.
        func effective(_ timestamp: Timestamp) -> Timestamp {
            quoted.map { max(timestamp, $0.offer.toldAt) } ?? timestamp
        }
    }

    private enum Placing {
        case placed(Place)
        case refused(EventRejection)
    }

    /// Finds the quote, checks that everything the event names fits together, and exposes.
    private func place(
        _ event: Event, of subject: Subject, proposals: [Candidate], in snapshot: TenantSnapshot, at now: Timestamp
    ) throws -> Placing {
        let tenant = snapshot.tenant.id
        var place = Place(experiment: event.experiment, product: event.product)
        if let quote = event.quote {
            guard let tail = quote.tail, let offer = try Rows.offer(tail: tail, of: tenant, database),
                let window = QuoteWindow(issuedAt: quote.issuedAt, of: offer.toldAt, at: now)
            else { return .refused(EventRejection(.quoteNotFound, "There is no such quote.")) }
            guard try canonical(offer.subject, of: tenant) == subject else {
                return .refused(EventRejection(.quoteMismatch, "The quote was given to another shopper."))
            }
            if let product = event.product, product != offer.product {
                return .refused(EventRejection(.quoteMismatch, "The quote is for \(offer.product)."))
            }
            if let experiment = event.experiment, experiment != offer.placement?.experiment {
                return .refused(EventRejection(.quoteMismatch, "The quote does not belong to this experiment."))
            }
            if let revenue = event.revenue, revenue.currency != offer.currency {
                return .refused(EventRejection(.currencyMismatch, "The quote is in \(offer.currency)."))
            }
            place = Place(
                experiment: offer.placement?.experiment ?? Offer.noExperiment, product: offer.product,
                quoted: (offer, window.issuedAt))
            if let placement = offer.placement, event.type != .refund {
                try noteOther(placement, of: subject, tenant, at: now)
            }
        }
        guard event.type == .exposure else { return .placed(place) }

        if let (offer, _) = place.quoted {
            if !offer.isExposed { try markExposed(offer, of: tenant) }
            guard let placement = offer.placement,
                let unit = try Rows.unit(subject, in: placement.experiment, of: tenant, database)
            else { return .placed(place) }
            try exposeIfCounted(subject, unit, in: placement.experiment, snapshot, event, at: now)
            return .placed(place)
        }
        // Whom an experiment on the product has, no other takes.
        var isSeated = false
        for candidate in proposals {
            guard let unit = try Rows.unit(subject, in: candidate.experiment, of: tenant, database) else { continue }
            isSeated = true
            try exposeIfCounted(subject, unit, in: candidate.experiment, snapshot, event, at: now)
        }
        if isSeated { return .placed(place) }
        for candidate in proposals {
            guard let variant = candidate.variant else { continue }
            guard try mayAssign(for: snapshot.tenant, at: now) else { return .refused(.overUsageLimit) }
            use(.assignments, by: tenant, at: now)
            let unit = UnitState(
                variant: variant, phase: candidate.phase, assignedAt: now, traits: candidate.traits)
            try Rows.put(unit, subject, in: candidate.experiment, of: tenant, database)
            try exposeIfCounted(subject, unit, in: candidate.experiment, snapshot, event, at: now)
            return .placed(place)
        }
        return .refused(
            EventRejection(
                .notAssigned, "This shopper was told no price of an experiment here, and would be told none."))
    }

    /// A shopper who acts on another price than that of its seat has heard two, by way of another of its ids: it leaves
    /// the analysis.
    private func noteOther(
        _ placement: Offer.Placement, of subject: Subject, _ tenant: TenantID, at now: Timestamp
    ) throws {
        guard let unit = try Rows.unit(subject, in: placement.experiment, of: tenant, database), !unit.isExcluded,
            unit.variant != placement.variant
        else { return }
        var excluded = unit
        excluded.isExcluded = true
        try Rows.put(excluded, subject, in: placement.experiment, of: tenant, database)
        count(tenant, placement.experiment, from: unit, to: excluded, at: now)
    }

    private func exposeIfCounted(
        _ subject: Subject, _ unit: UnitState, in id: ExperimentID, _ snapshot: TenantSnapshot, _ event: Event,
        at now: Timestamp
    ) throws {
        guard let experiment = snapshot.experiments[id], experiment.countsExposure(at: event.timestamp) else { return }
        try expose(subject, unit, in: id, snapshot, from: event.timestamp, at: now)
    }

    // MARK: Keeping and counting

    /// Writes the event; returns it as an outcome if it is one.
    private func store(
        _ event: Event, of subject: Subject, at place: Place, unitCost: Int64?, in snapshot: TenantSnapshot,
        now: Timestamp
    ) throws -> OutcomeEvent? {
        let cost = unitCost ?? place.product.flatMap { snapshot.catalogue[$0]?.product.unitCost }
        var revenue = event.revenue
        if revenue == nil, event.type == .conversion, let (offer, _) = place.quoted {
            // What the shopper was quoted is what the shopper paid.
            let (paid, overflow) = offer.price.multipliedReportingOverflow(by: event.quantity)
            if !overflow { revenue = Money(amount: paid, currency: offer.currency) }
        }
        let timestamp = place.effective(event.timestamp)
        let insert = try database.prepare(
            """
            INSERT INTO events (
                tenant_id, subject, timestamp, id_hash, type, experiment_id, sku, quantity, revenue, currency,
                order_id, unit_cost, quote, properties, received_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        try insert.bind(
            snapshot.tenant.id.bits, subject, timestamp.milliseconds, event.id, event.type.name,
            place.experiment?.bits, place.product?.text, event.quantity, revenue?.amount,
            revenue?.currency.code, event.order?.text, cost, event.quote?.bits, event.properties, now.milliseconds)
        try insert.run()
        guard let kind = event.type.outcome else { return nil }
        if event.type == .conversion, let (offer, window) = place.quoted {
            try markAccepted(offer, window: window, of: snapshot.tenant.id)
        }
        return OutcomeEvent(
            kind: kind, timestamp: timestamp, experiment: place.experiment,
            product: place.product, quantity: event.quantity, revenue: revenue, order: event.order, unitCost: cost)
    }

    /// Makes a shopper's outcomes anew from all its events, in every experiment that the changed ones concern.
    private func recount(
        _ subject: Subject, because story: Story, in snapshot: TenantSnapshot, at now: Timestamp
    ) throws {
        let events = story.events
        var concerned: Set<ExperimentID> = []
        // A refund concerns whatever its order concerns, and a line of an order bears part of its refunds.
        let orders = Set(story.added.compactMap(\.order))
        for event in events where event.kind != .refund && event.order.map(orders.contains) ?? false {
            concerned.formUnion(snapshot.experiments(concerned: event).map(\.id))
        }
        for event in story.added where event.kind != .refund && event.order == nil {
            concerned.formUnion(snapshot.experiments(concerned: event).map(\.id))
        }
        for id in concerned.sorted() { try recount(subject, from: events, in: id, snapshot, at: now) }
    }

    func recount(
        _ subject: Subject, from events: [OutcomeEvent], in id: ExperimentID, _ snapshot: TenantSnapshot,
        at now: Timestamp
    ) throws {
        guard let experiment = snapshot.experiments[id],
            let unit = try Rows.unit(subject, in: id, of: snapshot.tenant.id, database),
            let exposedAt = unit.exposedAt
        else { return }
        var counted = unit
        counted.outcome = experiment.outcome(of: events, exposedAt: exposedAt, variant: unit.variant)
        guard counted != unit else { return }
        try Rows.put(counted, subject, in: id, of: snapshot.tenant.id, database)
        count(snapshot.tenant.id, id, from: unit, to: counted, at: now)
    }
}
