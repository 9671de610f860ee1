internal import Experiments

extension MemoryTenant {
    mutating func ingest(_ events: [IncomingEvent], in snapshot: TenantSnapshot, at now: Timestamp) -> [EventOutcome] {
        let outcomes = events.map { incoming -> EventOutcome in
            switch incoming {
            case .rejected(let id, let rejection):
                return id.map { eventIDs.contains($0) } ?? false ? .duplicate : .rejected(rejection)
            case .event(let event, let unitCost, let proposals):
                if eventIDs.contains(event.id) { return .duplicate }
                let subject = canonical(event.subject)
                do throws(EventRejection) {
                    if let refusal = event.refusal(beside: self.outcomes[subject] ?? []) { throw refusal }
                    let place = try place(event, of: subject, proposals, in: snapshot, at: now)
                    let accepted = AcceptedEvent(event, of: subject, at: place, unitCost: unitCost, in: snapshot)
                    keep(accepted, receivedAt: now)
                    count(accepted, at: place, in: snapshot, at: now)
                    return .accepted
                } catch {
                    return .rejected(error)
                }
            }
        }
        use(.events, outcomes.count { $0 == .accepted }, at: now)
        return outcomes
    }

    /// Finds the quote, checks that everything the event names fits together, and exposes.
    private mutating func place(
        _ event: Event, of subject: Subject, _ proposals: [Candidate], in snapshot: TenantSnapshot, at now: Timestamp
    ) throws(EventRejection) -> EventPlace {
        guard let quote = event.quote else {
            if event.type == .exposure { try expose(event, of: subject, proposals, in: snapshot, at: now) }
            return EventPlace(naming: event)
        }
        let found = quote.tail.flatMap { offers[$0] }
        let place = try EventPlace(
            quoting: event, of: subject, offer: found, owner: found.map { canonical($0.subject) }, at: now)
        guard let (offer, _) = place.quoted else { return place }
        if event.type == .exposure {
            if !offer.isExposed {
                var exposed = offer
                exposed.isExposed = true
                put(exposed)
            }
            if let id = offer.placement?.experiment {
                exposeIfCounted(subject, in: id, snapshot, from: event.timestamp, at: now)
            }
        }
        if let placement = offer.placement, event.type != .refund { noteOther(placement, of: subject, at: now) }
        return place
    }

    /// A shopper who was told another price than that of its seat has heard two, by way of another of its ids or of a process
    /// that was alone: it leaves the analysis.
    mutating func noteOther(_ placement: Offer.Placement, of subject: Subject, at now: Timestamp) {
        guard var unit = units[placement.experiment]?[subject], !unit.isExcluded, unit.variant != placement.variant
        else { return }
        unit.isExcluded = true
        put(unit, subject, in: placement.experiment)
        touch(placement.experiment, at: now)
    }

    private mutating func expose(
        _ event: Event, of subject: Subject, _ proposals: [Candidate], in snapshot: TenantSnapshot, at now: Timestamp
    ) throws(EventRejection) {
        // Whom an experiment on the product has, no other takes.
        let seats = proposals.filter { units[$0.experiment]?[subject] != nil }
        for seat in seats { exposeIfCounted(subject, in: seat.experiment, snapshot, from: event.timestamp, at: now) }
        guard seats.isEmpty else { return }
        for candidate in proposals {
            guard let variant = candidate.variant else { continue }
            guard mayAssign(in: snapshot, at: now) else { throw .overUsageLimit }
            assign(subject, to: candidate, variant: variant, at: now)
            exposeIfCounted(subject, in: candidate.experiment, snapshot, from: event.timestamp, at: now)
            return
        }
        throw .assignedNothing
    }

    private mutating func exposeIfCounted(
        _ subject: Subject, in id: ExperimentID, _ snapshot: TenantSnapshot, from time: Timestamp, at now: Timestamp
    ) {
        guard snapshot.experiments[id]?.countsExposure(at: time) == true else { return }
        expose(subject, in: id, snapshot, from: time, at: now)
    }

    /// Counts the shopper's outcomes anew wherever the event, kept already, could matter.
    private mutating func count(
        _ event: AcceptedEvent, at place: EventPlace, in snapshot: TenantSnapshot, at now: Timestamp
    ) {
        guard event.type.outcome != nil else { return }
        if event.type == .conversion, let (offer, window) = place.quoted {
            var accepted = offer
            accepted.acceptedWindow = window
            put(accepted)
        }
        let subject = event.subject
        for id in Array(units.keys) {
            guard var unit = units[id]?[subject], let exposedAt = unit.exposedAt,
                let experiment = snapshot.experiments[id], experiment.countsOutcomes
            else { continue }
            let counted = experiment.outcome(of: outcomes[subject] ?? [], exposedAt: exposedAt, variant: unit.variant)
            if counted == unit.outcome { continue }
            unit.outcome = counted
            put(unit, subject, in: id)
            touch(id, at: now)
        }
    }
}
