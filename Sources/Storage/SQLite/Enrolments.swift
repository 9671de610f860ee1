internal import Experiments
internal import SQLite

extension WriteSession {
    /// Finds the shopper's place and offer, or makes them.
    func enrol(_ enrolment: Enrolment, in snapshot: TenantSnapshot) throws -> Enrolled {
        let tenant = snapshot.tenant.id
        let subject = try canonical(enrolment.subject, of: tenant)
        let seat = try seat(subject, enrolment, in: snapshot)
        var price = enrolment.listPrice
        let placement = seat.placement
        if let placement, let experiment = snapshot.experiments[placement.experiment],
            experiment.variants.indices.contains(placement.variant)
        {
            price = Money(amount: experiment.variants[placement.variant].offered, currency: experiment.currency)
        }
        let isShared = try isShared(subject, of: tenant)
        let known = try Rows.offer(subject, enrolment.product, placement, price: price, of: tenant, database)
        var offer = Offer(
            tail: known?.tail ?? enrolment.tail, subject: subject, product: enrolment.product, placement: placement,
            price: price.amount, currency: price.currency, toldAt: enrolment.at, isExposed: enrolment.expose)
        if let repeated = enrolment.repeated(to: subject, known: known, due: offer) {
            // Handed over before, it stands already.
            if try Rows.offer(tail: repeated.tail, of: tenant, database) == nil {
                _ = try insert(repeated, of: tenant)
            }
            if repeated.isExposed, let heard = repeated.placement {
                try noteOther(heard, of: subject, tenant, at: enrolment.at)
            }
            return Enrolled(
                offer: repeated.isSamePrice(as: offer) ? repeated : offer, isNew: seat.isNew, isShared: isShared)
        }
        if var known {
            if enrolment.expose, !known.isExposed {
                try markExposed(known, of: tenant)
                known.isExposed = true
            }
            return Enrolled(
                offer: known, isNew: seat.isNew, isShared: isShared, isOverLimit: seat.isOverLimit)
        }
        while try !insert(offer, of: tenant) { offer.tail = (offer.tail &+ 1) & Offer.largestTail }
        return Enrolled(offer: offer, isNew: seat.isNew, isShared: isShared, isOverLimit: seat.isOverLimit)
    }

    private enum Seat {
        case known(Offer.Placement)
        case new(Offer.Placement)
        /// None, though an experiment would take the shopper.
        case overLimit
        case none

        var placement: Offer.Placement? {
            switch self {
            case .known(let placement), .new(let placement): placement
            case .overLimit, .none: nil
            }
        }
        var isNew: Bool { if case .new = self { true } else { false } }
        var isOverLimit: Bool { if case .overLimit = self { true } else { false } }
    }

    /// The first experiment the shopper is in already, else the first that takes it, within the limit of use; the exposure
    /// is counted.
    private func seat(_ subject: Subject, _ enrolment: Enrolment, in snapshot: TenantSnapshot) throws -> Seat {
        let tenant = snapshot.tenant.id
        for candidate in enrolment.proposal.candidates {
            guard let unit = try Rows.unit(subject, in: candidate.experiment, of: tenant, database) else { continue }
            if enrolment.expose {
                try expose(subject, unit, in: candidate.experiment, snapshot, from: enrolment.at, at: enrolment.at)
            }
            return .known(Offer.Placement(experiment: candidate.experiment, variant: unit.variant))
        }
        for candidate in enrolment.proposal.candidates {
            guard let variant = candidate.variant else { continue }
            // What was told already counts, and is not taken back.
            guard try enrolment.told != nil || mayAssign(for: snapshot.tenant, at: enrolment.at) else {
                return .overLimit
            }
            use(.assignments, by: tenant, at: enrolment.at)
            let unit = UnitState(
                variant: variant, phase: candidate.phase, assignedAt: enrolment.at, traits: candidate.traits)
            if enrolment.expose {
                try expose(subject, unit, in: candidate.experiment, snapshot, from: enrolment.at, at: enrolment.at)
            } else {
                try Rows.put(unit, subject, in: candidate.experiment, of: tenant, database)
            }
            return .new(Offer.Placement(experiment: candidate.experiment, variant: variant))
        }
        return .none
    }

    /// Moves a unit's first exposure to `time` if it was later or never, and counts its outcomes anew.
    func expose(
        _ subject: Subject, _ unit: UnitState, in experiment: ExperimentID, _ snapshot: TenantSnapshot,
        from time: Timestamp, at now: Timestamp
    ) throws {
        if let exposedAt = unit.exposedAt, exposedAt <= time { return }
        guard let rules = snapshot.experiments[experiment] else { return }
        let exposed = rules.exposing(
            unit, at: time, after: try Rows.outcomes(of: subject, in: snapshot.tenant.id, database))
        try Rows.put(exposed, subject, in: experiment, of: snapshot.tenant.id, database)
        count(snapshot.tenant.id, experiment, from: unit, to: exposed, at: now)
    }

    /// False when the tail is taken.
    private func insert(_ offer: Offer, of tenant: TenantID) throws -> Bool {
        let insert = try database.prepare(
            """
            INSERT OR IGNORE INTO offers (
                tenant_id, subject, sku, experiment_id, variant, price, currency, tail, told_at, exposed,
                repeated)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        try insert.bind(
            tenant.bits, offer.subject, offer.product.text, Rows.experimentColumn(offer.placement),
            offer.placement?.variant ?? -1, offer.price, offer.currency.code, Int64(bitPattern: offer.tail),
            offer.toldAt.milliseconds, offer.isExposed, offer.isRepeated ? Int64(bitPattern: offer.tail) : 0)
        try insert.run()
        return database.changes == 1
    }

    func markExposed(_ offer: Offer, of tenant: TenantID) throws {
        let update = try database.prepare("UPDATE offers SET exposed = 1 WHERE tenant_id = ? AND tail = ?")
        try update.bind(tenant.bits, Int64(bitPattern: offer.tail))
        try update.run()
    }

    func markAccepted(_ offer: Offer, window: Timestamp, of tenant: TenantID) throws {
        let update = try database.prepare("UPDATE offers SET accepted_window = ? WHERE tenant_id = ? AND tail = ?")
        try update.bind(window.milliseconds, tenant.bits, Int64(bitPattern: offer.tail))
        try update.run()
    }
}
