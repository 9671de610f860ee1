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
                do {
                    if event.type.outcome != nil {
                        if stories[subject] == nil {
                            stories[subject] = Story(
                                events: try Rows.outcomes(of: subject, in: snapshot.tenant.id, database))
                        }
                        if let refusal = event.refusal(beside: stories[subject]?.events ?? []) { throw refusal }
                    }
                    let place = try place(event, of: subject, proposals: proposals, in: snapshot, at: now)
                    let accepted = AcceptedEvent(event, of: subject, at: place, unitCost: unitCost, in: snapshot)
                    try insert(accepted, of: snapshot.tenant.id, at: now)
                    if event.type == .conversion, let (offer, window) = place.quoted {
                        try markAccepted(offer, window: window, of: snapshot.tenant.id)
                    }
                    if let outcome = accepted.outcome { stories[subject]?.add(outcome) }
                    outcomes.append(.accepted)
                } catch let refusal as EventRejection {
                    try release(event.id, of: snapshot.tenant.id)
                    outcomes.append(.rejected(refusal))
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

    /// Finds the quote, checks that everything the event names fits together, and exposes.
    ///
    /// - Throws: also `EventRejection`.
    private func place(
        _ event: Event, of subject: Subject, proposals: [Candidate], in snapshot: TenantSnapshot, at now: Timestamp
    ) throws -> EventPlace {
        guard let quote = event.quote else {
            if event.type == .exposure { try expose(event, of: subject, proposals, in: snapshot, at: now) }
            return EventPlace(naming: event)
        }
        let tenant = snapshot.tenant.id
        let found = try quote.tail.flatMap { try Rows.offer(tail: $0, of: tenant, database) }
        let place = try EventPlace(
            quoting: event, of: subject, offer: found, owner: try found.map { try canonical($0.subject, of: tenant) },
            at: now)
        guard let (offer, _) = place.quoted else { return place }
        if let placement = offer.placement, event.type != .refund {
            try noteOther(placement, of: subject, tenant, at: now)
        }
        guard event.type == .exposure else { return place }
        if !offer.isExposed { try markExposed(offer, of: tenant) }
        if let id = offer.placement?.experiment, let unit = try Rows.unit(subject, in: id, of: tenant, database) {
            try exposeIfCounted(subject, unit, in: id, snapshot, event, at: now)
        }
        return place
    }

    /// - Throws: also `EventRejection`.
    private func expose(
        _ event: Event, of subject: Subject, _ proposals: [Candidate], in snapshot: TenantSnapshot, at now: Timestamp
    ) throws {
        let tenant = snapshot.tenant.id
        // Whom an experiment on the product has, no other takes.
        var isSeated = false
        for candidate in proposals {
            guard let unit = try Rows.unit(subject, in: candidate.experiment, of: tenant, database) else { continue }
            isSeated = true
            try exposeIfCounted(subject, unit, in: candidate.experiment, snapshot, event, at: now)
        }
        if isSeated { return }
        for candidate in proposals {
            guard let variant = candidate.variant else { continue }
            guard try mayAssign(for: snapshot.tenant, at: now) else { throw EventRejection.overUsageLimit }
            use(.assignments, by: tenant, at: now)
            let unit = UnitState(
                variant: variant, phase: candidate.phase, assignedAt: now, traits: candidate.traits)
            try Rows.put(unit, subject, in: candidate.experiment, of: tenant, database)
            try exposeIfCounted(subject, unit, in: candidate.experiment, snapshot, event, at: now)
            return
        }
        throw EventRejection.assignedNothing
    }

    /// A shopper who was told another price than that of its seat has heard two, by way of another of its ids or of a process
    /// that was alone: it leaves the analysis.
    func noteOther(
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

    private func insert(_ event: AcceptedEvent, of tenant: TenantID, at now: Timestamp) throws {
        let insert = try database.prepare(
            """
            INSERT INTO events (
                tenant_id, subject, timestamp, id_hash, type, experiment_id, sku, quantity, revenue, currency,
                order_id, unit_cost, quote, properties, received_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        try insert.bind(
            tenant.bits, event.subject, event.timestamp.milliseconds, event.id, event.type.name,
            event.experiment?.bits, event.product?.text, event.quantity, event.revenue?.amount,
            event.revenue?.currency.code, event.order?.text, event.unitCost, event.quote?.bits, event.properties,
            now.milliseconds)
        try insert.run()
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
