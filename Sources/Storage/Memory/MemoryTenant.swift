internal import AgentRuntime
internal import Experiments

/// All that is stored of one tenant, as values; each method is one transaction.
struct MemoryTenant: Sendable {
    private(set) var configuration: TenantConfiguration
    private(set) var audit: [AuditEntry] = []
    private(set) var decisions: [DecisionID: DecisionRecord] = [:]
    private(set) var sales = MemorySales()
    private(set) var usage = UsageRecords()
    var vectors = MemoryVectors()
    /// When each experiment or its counts last changed; strictly rising.
    private(set) var changedAt: [ExperimentID: Timestamp] = [:]
    /// Counts as they stood when somebody asked, oldest first.
    private(set) var recorded: [ExperimentID: [Measurements]] = [:]
    /// Whom each linked subject is one with.
    private var identities: [Subject: Subject] = [:]
    private(set) var units: [ExperimentID: [Subject: UnitState]] = [:]
    private var offersByTail: [UInt64: Offer] = [:]
    private var tails: [OfferKey: UInt64] = [:]
    private var eventIDs: Set<Bits128> = []
    private var outcomes: [Subject: [OutcomeEvent]] = [:]
    /// The last row of the audit chain.
    private var auditHead: (sequence: Int64, hash: [UInt8])?
    /// What was changed, where somebody else is to keep it.
    private(set) var journal: Journal?

    private struct OfferKey: Hashable {
        let subject: Subject
        let product: TenantKey
        let placement: Offer.Placement?
        let price: Money

        init(subject: Subject, product: TenantKey, placement: Offer.Placement?, price: Money) {
            self.subject = subject
            self.product = product
            self.placement = placement
            self.price = price
        }

        init(_ offer: Offer) {
            self.init(
                subject: offer.subject, product: offer.product, placement: offer.placement,
                price: Money(amount: offer.price, currency: offer.currency))
        }
    }

    /// Where an event belongs, once its quote is found.
    private struct Place {
        var experiment: ExperimentID?
        var product: TenantKey?
        var quoted: (offer: Offer, window: Timestamp)?

        /// When it happened: what names a quote, not before the quote was told, whatever the sender's clock says.
        func effective(_ timestamp: Timestamp) -> Timestamp {
            quoted.map { max(timestamp, $0.offer.toldAt) } ?? timestamp
        }
    }

    init(_ tenant: Tenant) {
        configuration = TenantConfiguration(tenant: tenant, version: 0, products: [], experiments: [], keys: [])
    }

    /// A part of a tenant that another engine keeps: what a turn's jobs concern, complete for them.
    init(_ part: WorkingSet, of tenant: Tenant) {
        self.init(tenant)
        journal = Journal()
        identities = part.identities
        auditHead = part.auditHead
        eventIDs = part.eventIDs
        sales = part.sales
        usage = part.usage
        for (row, experiment) in part.units { units[experiment, default: [:]][row.subject] = row.unit }
        for offer in part.offers {
            offersByTail[offer.tail] = offer
            if !offer.isRepeated { tails[OfferKey(offer)] = offer.tail }
        }
        for (subject, event) in part.outcomes { outcomes[subject, default: []].append(event) }
    }

    func offer(_ tail: UInt64) -> Offer? { offersByTail[tail] }

    /// The first tail from `tail` on that no offer has.
    private func free(_ tail: UInt64) -> UInt64 {
        var tail = tail
        while offersByTail[tail] != nil { tail = (tail &+ 1) & Offer.largestTail }
        return tail
    }

    func canonical(_ subject: Subject) -> Subject { identities[subject] ?? subject }

    func offer(to subject: Subject, _ product: TenantKey, placement: Offer.Placement?, price: Money) -> Offer? {
        let key = OfferKey(subject: subject, product: product, placement: placement, price: price)
        return tails[key].flatMap { offersByTail[$0] }
    }

    // MARK: Configuration

    mutating func apply(_ changes: [ConfigurationChange], version: Int, audit draft: AuditDraft) {
        configuration.version = version
        configuration.apply(changes)
        for change in changes {
            switch change {
            case .experiment(let experiment): touch(experiment.id, at: draft.at)
            case .decision(let decision): decisions[decision.id] = decision
            default: break
            }
            vectors.apply(change)
        }
        append(draft)
    }

    private mutating func append(_ draft: AuditDraft) {
        let entry = AuditEntry(draft, after: auditHead)
        auditHead = (entry.sequence, entry.hash)
        audit.append(entry)
    }

    private mutating func touch(_ id: ExperimentID, at now: Timestamp) {
        journal?.touch(id, at: now)
        let next = changedAt[id].map { Timestamp(milliseconds: $0.milliseconds + 1) } ?? now
        changedAt[id] = max(next, now)
    }

    // MARK: Prices

    mutating func enrol(_ enrolment: Enrolment, in snapshot: TenantSnapshot) -> Enrolled {
        let subject = canonical(enrolment.subject)
        let isShared = identities.values.contains(subject)
        let (placement, isNew, isOverLimit) = seat(subject, enrolment, in: snapshot)
        var price = enrolment.listPrice
        if let placement, let experiment = snapshot.experiments[placement.experiment],
            experiment.variants.indices.contains(placement.variant)
        {
            price = Money(amount: experiment.variants[placement.variant].offered, currency: experiment.currency)
        }
        let known = offer(to: subject, enrolment.product, placement: placement, price: price)
        let due = Offer(
            tail: known?.tail ?? enrolment.tail, subject: subject, product: enrolment.product, placement: placement,
            price: price.amount, currency: price.currency, toldAt: enrolment.at, isExposed: enrolment.expose)
        if let repeated = enrolment.repeated(to: subject, known: known, due: due) {
            // Handed over before, it stands already.
            if offersByTail[repeated.tail] == nil { put(repeated) }
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
        offer.tail = free(enrolment.tail)
        keep(offer)
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
            guard enrolment.told != nil || snapshot.tenant.mayAssign(at: enrolment.at, after: usage) else {
                return (nil, false, true)
            }
            assign(subject, to: candidate, variant: variant, at: enrolment.at)
        }
        if enrolment.expose { expose(subject, in: id, snapshot, from: enrolment.at, at: enrolment.at) }
        return (Offer.Placement(experiment: id, variant: variant), known == nil, false)
    }

    private mutating func assign(_ subject: Subject, to candidate: Candidate, variant: Int, at now: Timestamp) {
        let unit = UnitState(variant: variant, phase: candidate.phase, assignedAt: now, traits: candidate.traits)
        put(unit, subject, in: candidate.experiment)
        use(.assignments, at: now)
    }

    private mutating func use(_ type: UsageType, at now: Timestamp) {
        usage.add(type, day: now.day)
        journal?.usage.add(type, day: now.day)
    }

    /// Moves a unit's first exposure to `time` if it was later or never, and counts its outcomes anew.
    private mutating func expose(
        _ subject: Subject, in id: ExperimentID, _ snapshot: TenantSnapshot, from time: Timestamp, at now: Timestamp
    ) {
        guard let unit = units[id]?[subject], let rules = snapshot.experiments[id] else { return }
        if let exposedAt = unit.exposedAt, exposedAt <= time { return }
        put(rules.exposing(unit, at: time, after: outcomes[subject] ?? []), subject, in: id)
        touch(id, at: now)
    }

    /// Every change of a unit; nil takes it out.
    private mutating func put(_ unit: UnitState?, _ subject: Subject, in id: ExperimentID) {
        journal?.note(units[id]?[subject], of: subject, in: id)
        units[id, default: [:]][subject] = unit
    }

    /// Every change of an offer.
    private mutating func put(_ offer: Offer) {
        journal?.note(offersByTail[offer.tail], tail: offer.tail)
        offersByTail[offer.tail] = offer
    }

    private mutating func keep(_ offer: Offer) {
        put(offer)
        tails[OfferKey(offer)] = offer.tail
    }

    // MARK: Events

    mutating func ingest(_ events: [IncomingEvent], in snapshot: TenantSnapshot, at now: Timestamp) -> [EventOutcome] {
        events.map { incoming in
            switch incoming {
            case .rejected(let id, let rejection):
                return id.map { eventIDs.contains($0) } ?? false ? .duplicate : .rejected(rejection)
            case .event(let event, let unitCost, let proposals):
                if eventIDs.contains(event.id) { return .duplicate }
                let subject = canonical(event.subject)
                do throws(EventRejection) {
                    if let refusal = event.refusal(beside: outcomes[subject] ?? []) { throw refusal }
                    let place = try place(event, of: subject, proposals, in: snapshot, at: now)
                    eventIDs.insert(event.id)
                    let accepted = AcceptedEvent(
                        event, at: place.effective(event.timestamp), of: subject, experiment: place.experiment,
                        product: place.product,
                        quoted: place.quoted?.offer,
                        unitCost: unitCost ?? place.product.flatMap { snapshot.catalogue[$0]?.product.unitCost })
                    journal?.events.append((accepted, receivedAt: now))
                    use(.events, at: now)
                    count(accepted, at: place, in: snapshot, at: now)
                    return .accepted
                } catch {
                    return .rejected(error)
                }
            }
        }
    }

    /// Finds the quote, checks that everything the event names fits together, and exposes.
    private mutating func place(
        _ event: Event, of subject: Subject, _ proposals: [Candidate], in snapshot: TenantSnapshot, at now: Timestamp
    ) throws(EventRejection) -> Place {
        guard let quote = event.quote else {
            if event.type == .exposure { try expose(event, of: subject, proposals, in: snapshot, at: now) }
            return Place(experiment: event.experiment, product: event.product)
        }
        guard let tail = quote.tail, var offer = offersByTail[tail],
            let window = QuoteWindow(issuedAt: quote.issuedAt, of: offer.toldAt, at: now)
        else { throw EventRejection(.quoteNotFound, "There is no such quote.") }
        guard canonical(offer.subject) == subject else {
            throw EventRejection(.quoteMismatch, "The quote was given to another shopper.")
        }
        if let product = event.product, product != offer.product {
            throw EventRejection(.quoteMismatch, "The quote is for \(offer.product).")
        }
        if let experiment = event.experiment, experiment != offer.placement?.experiment {
            throw EventRejection(.quoteMismatch, "The quote does not belong to this experiment.")
        }
        if let revenue = event.revenue, revenue.currency != offer.currency {
            throw EventRejection(.currencyMismatch, "The quote is in \(offer.currency).")
        }
        if event.type == .exposure {
            if !offer.isExposed {
                offer.isExposed = true
                put(offer)
            }
            if let id = offer.placement?.experiment {
                exposeIfCounted(subject, in: id, snapshot, from: event.timestamp, at: now)
            }
        }
        if let placement = offer.placement, event.type != .refund { noteOther(placement, of: subject, at: now) }
        return Place(
            experiment: offer.placement?.experiment ?? Offer.noExperiment, product: offer.product,
            quoted: (offer, window.issuedAt))
    }

    /// A shopper who acts on another price than that of its seat has heard two, by way of another of its ids: it leaves
    /// the analysis.
    private mutating func noteOther(_ placement: Offer.Placement, of subject: Subject, at now: Timestamp) {
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
            guard snapshot.tenant.mayAssign(at: now, after: usage) else { throw .overUsageLimit }
            assign(subject, to: candidate, variant: variant, at: now)
            exposeIfCounted(subject, in: candidate.experiment, snapshot, from: event.timestamp, at: now)
            return
        }
        throw EventRejection(
            .notAssigned, "This shopper was told no price of an experiment here, and would be told none.")
    }

    private mutating func exposeIfCounted(
        _ subject: Subject, in id: ExperimentID, _ snapshot: TenantSnapshot, from time: Timestamp, at now: Timestamp
    ) {
        guard snapshot.experiments[id]?.countsExposure(at: time) == true else { return }
        expose(subject, in: id, snapshot, from: time, at: now)
    }

    /// Keeps a conversion or refund and counts the shopper's outcomes anew wherever it could matter.
    private mutating func count(
        _ event: AcceptedEvent, at place: Place, in snapshot: TenantSnapshot, at now: Timestamp
    ) {
        guard let outcome = event.outcome else { return }
        if event.type == .conversion, let (offer, window) = place.quoted {
            var accepted = offer
            accepted.acceptedWindow = window
            put(accepted)
        }
        let subject = event.subject
        outcomes[subject, default: []].append(outcome)
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

    // MARK: Checkouts

    /// Keeps a step of a checkout or an order with its events and its reply, unless something else came before it.
    mutating func commit(
        _ commit: CheckoutCommit, in snapshot: TenantSnapshot, at now: Timestamp
    ) -> Result<CheckoutCommitted, StoreError> {
        if let refusal = sales.refusal(of: commit) { return refusal }
        let outcomes = ingest(commit.events, in: snapshot, at: now)
        return .success(.kept(sales.keep(commit, noting: outcomes)))
    }

    mutating func keep(_ payment: TestPayment) -> TestPayment { sales.keep(payment) }

    // MARK: Identities

    mutating func link(_ a: Subject, _ b: Subject, in snapshot: TenantSnapshot, audit draft: AuditDraft) -> [Subject] {
        let kept = canonical(a)
        let gone = canonical(b)
        if kept == gone { return [] }
        for (subject, canonical) in identities where canonical == gone { identities[subject] = kept }
        identities[gone] = kept
        journal?.links.append((gone, kept))
        outcomes[kept, default: []] += outcomes.removeValue(forKey: gone) ?? []
        for offer in offersByTail.values where offer.subject == gone {
            if offer.isRepeated {
                put(offer.given(to: kept))
                continue
            }
            // An offer that both had stays where it was: its quotes are still found by their tail.
            let price = Money(amount: offer.price, currency: offer.currency)
            guard self.offer(to: kept, offer.product, placement: offer.placement, price: price) == nil else { continue }
            tails[OfferKey(subject: gone, product: offer.product, placement: offer.placement, price: price)] = nil
            keep(offer.given(to: kept))
        }
        for id in snapshot.experiments.keys { merge(gone, into: kept, in: id, snapshot, at: draft.at) }
        append(draft)
        let members = [kept] + identities.filter { $0.value == kept }.map(\.key).sorted()
        journal?.joined += members
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

    // MARK: Counts

    /// The newest counts, kept under their time.
    mutating func record(_ id: ExperimentID) -> Measurements? {
        guard let measurements = counts(of: id) else { return nil }
        if recorded[id]?.last?.asOf != measurements.asOf { recorded[id, default: []].append(measurements) }
        return measurements
    }

    /// Keeps the last counts of each day up to a time, and what decisions rest on; returns how many went.
    mutating func thinRecorded(before: Timestamp) -> Int {
        var forgotten = 0
        var decided: [ExperimentID: Set<Timestamp>] = [:]
        for decision in decisions.values { decided[decision.experiment, default: []].insert(decision.evidence.asOf) }
        for (id, all) in recorded {
            let kept = all.indices.filter { index in
                let next = index + 1
                return all[index].asOf >= before || next == all.count || all[next].asOf >= before
                    || all[next].asOf.day != all[index].asOf.day || decided[id]?.contains(all[index].asOf) == true
            }
            forgotten += all.count - kept.count
            if kept.count < all.count { recorded[id] = kept.map { all[$0] } }
        }
        return forgotten
    }

    func counts(of id: ExperimentID) -> Measurements? {
        guard let experiment = configuration.experiments.first(where: { $0.id == id }), let asOf = changedAt[id] else {
            return nil
        }
        var counts = UnitCounts()
        for unit in (units[id] ?? [:]).values { counts.count(unit, times: 1) }
        counts = counts.withoutZeros
        return Measurements(experiment: experiment, asOf: asOf, cells: counts.cells, tallies: counts.tallies)
    }

    /// The same from the events alone.
    func recount(of experiment: Experiment) -> UnitCounts {
        var counts = UnitCounts()
        for (subject, stored) in units[experiment.id] ?? [:] {
            guard let exposedAt = stored.exposedAt else { continue }
            var unit = stored
            unit.outcome = experiment.outcome(
                of: outcomes[subject] ?? [], exposedAt: exposedAt, variant: unit.variant)
            counts.count(unit, times: 1)
        }
        return counts.withoutZeros
    }
}

/// What of a tenant a turn's jobs concern, as another engine loaded it.
struct WorkingSet: Sendable {
    /// Every id of the shoppers concerned that is not the one they are known by, with the one.
    var identities: [Subject: Subject] = [:]
    var units: [(row: UnitRow, experiment: ExperimentID)] = []
    var offers: [Offer] = []
    /// Of the events that came, those known already.
    var eventIDs: Set<Bits128> = []
    var outcomes: [(subject: Subject, event: OutcomeEvent)] = []
    var auditHead: (sequence: Int64, hash: [UInt8])?
    var sales = MemorySales()
    /// Where there is a limit, what was used of it.
    var usage = UsageRecords()
}

extension Offer {
    /// The same offer as another subject's.
    fileprivate func given(to subject: Subject) -> Offer {
        Offer(
            tail: tail, subject: subject, product: product, placement: placement, price: price, currency: currency,
            toldAt: toldAt, isExposed: isExposed, acceptedWindow: acceptedWindow, isRepeated: isRepeated)
    }
}
