internal import Experiments

extension MemoryTenant {
    mutating func enrol(_ enrolment: Enrolment, in snapshot: TenantSnapshot) -> Enrolled {
        let subject = canonical(enrolment.subject)
        let isShared = isShared(subject)
        let (placement, isNew, isOverLimit) = seat(subject, enrolment, in: snapshot)
        var price = enrolment.listPrice
        if let placement, let experiment = snapshot.experiments[placement.experiment],
            experiment.variants.indices.contains(placement.variant)
        {
            price = Money(amount: experiment.variants[placement.variant].offered, currency: experiment.currency)
        }
        let known = offers.offer(to: subject, enrolment.product, placement: placement, price: price)
        let due = Offer(
            tail: known?.tail ?? enrolment.tail, subject: subject, product: enrolment.product, placement: placement,
            price: price.amount, currency: price.currency, toldAt: enrolment.at, isExposed: enrolment.expose)
        if let repeated = enrolment.repeated(to: subject, known: known, due: due) {
            // Handed over before, it stands already.
            if offers[repeated.tail] == nil { put(repeated) }
            if repeated.isExposed, let heard = repeated.placement { noteOther(heard, of: subject, at: enrolment.at) }
            return Enrolled(
                offer: repeated.isSamePrice(as: due) ? repeated : due, isNew: isNew, isShared: isShared)
        }
        if var known {
            if enrolment.expose, !known.isExposed {
                known.isExposed = true
                put(known)
            }
            return Enrolled(offer: known, isNew: isNew, isShared: isShared, isOverLimit: isOverLimit)
        }
        var offer = due
        offer.tail = offers.free(enrolment.tail)
        put(offer)
        return Enrolled(offer: offer, isNew: isNew, isShared: isShared, isOverLimit: isOverLimit)
    }

    /// The first experiment the shopper is in already, else the first that takes it, within the limit of use; the exposure
    /// is counted.
    private mutating func seat(
        _ subject: Subject, _ enrolment: Enrolment, in snapshot: TenantSnapshot
    ) -> (placement: Offer.Placement?, isNew: Bool, isOverLimit: Bool) {
        let known = enrolment.proposal.candidates.first { units[$0.experiment]?[subject] != nil }
        guard let candidate = known ?? enrolment.proposal.candidates.first(where: { $0.variant != nil }) else {
            return (nil, false, false)
        }
        let id = candidate.experiment
        guard let variant = units[id]?[subject]?.variant ?? candidate.variant else { return (nil, false, false) }
        if known == nil {
            // What was told already counts, and is not taken back.
            guard enrolment.told != nil || mayAssign(in: snapshot, at: enrolment.at) else {
                return (nil, false, true)
            }
            assign(subject, to: candidate, variant: variant, at: enrolment.at)
        }
        if enrolment.expose { expose(subject, in: id, snapshot, from: enrolment.at, at: enrolment.at) }
        return (Offer.Placement(experiment: id, variant: variant), known == nil, false)
    }

    mutating func assign(_ subject: Subject, to candidate: Candidate, variant: Int, at now: Timestamp) {
        let unit = UnitState(variant: variant, phase: candidate.phase, assignedAt: now, traits: candidate.traits)
        put(unit, subject, in: candidate.experiment)
        use(.assignments, at: now)
    }

    /// Moves a unit's first exposure to `time` if it was later or never, and counts its outcomes anew.
    mutating func expose(
        _ subject: Subject, in id: ExperimentID, _ snapshot: TenantSnapshot, from time: Timestamp, at now: Timestamp
    ) {
        guard let unit = units[id]?[subject], let rules = snapshot.experiments[id] else { return }
        if let exposedAt = unit.exposedAt, exposedAt <= time { return }
        put(rules.exposing(unit, at: time, after: outcomes[subject] ?? []), subject, in: id)
        touch(id, at: now)
    }
}
