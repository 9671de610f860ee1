internal import Experiments

extension MemoryTenant {
    mutating func link(_ a: Subject, _ b: Subject, in snapshot: TenantSnapshot, audit draft: AuditDraft) -> [Subject] {
        let kept = canonical(a)
        let gone = canonical(b)
        if kept == gone { return [] }
        let members = join(gone, to: kept)
        for offer in offers.offers(to: gone) {
            // An offer that both had stays where it was: its quotes are still found by their tail.
            let price = Money(amount: offer.price, currency: offer.currency)
            if !offer.isRepeated,
                offers.offer(to: kept, offer.product, placement: offer.placement, price: price) != nil
            {
                continue
            }
            put(offer.given(to: kept))
        }
        for id in snapshot.experiments.keys { merge(gone, into: kept, in: id, snapshot, at: draft.at) }
        append(draft)
        return members
    }

    private mutating func merge(
        _ gone: Subject, into kept: Subject, in id: ExperimentID, _ snapshot: TenantSnapshot, at now: Timestamp
    ) {
        let old = units[id]?[gone]
        let known = units[id]?[kept]
        guard let experiment = snapshot.experiments[id], var merged = old ?? known else { return }
        if let old, let known {
            // The counts of an archived experiment stand: there the two stay the two they were counted as.
            guard experiment.countsOutcomes else { return }
            merged = UnitState.merging(known, old)
        }
        if old != nil { put(nil, gone, in: id) }
        if experiment.countsOutcomes, let exposedAt = merged.exposedAt {
            merged.outcome = experiment.outcome(
                of: outcomes[kept] ?? [], exposedAt: exposedAt, variant: merged.variant)
        }
        put(merged, kept, in: id)
        touch(id, at: now)
    }
}

extension Offer {
    /// The same offer as another subject's.
    fileprivate func given(to subject: Subject) -> Offer {
        Offer(
            tail: tail, subject: subject, product: product, placement: placement, price: price, currency: currency,
            toldAt: toldAt, isExposed: isExposed, acceptedWindow: acceptedWindow, isRepeated: isRepeated)
    }
}
