internal import AgentRuntime
internal import Experiments

/// All that is stored of one tenant, as values. Each method that changes it is one transaction, but for those that
/// transactions are made of.
struct MemoryTenant: Sendable {
    private(set) var configuration: TenantConfiguration
    private(set) var audit: [AuditEntry] = []
    private(set) var decisions: [DecisionID: DecisionRecord] = [:]
    private(set) var sales = MemorySales()
    /// What was used; nil in a turn in which no limit asks for it.
    private(set) var usage: UsageRecords? = UsageRecords()
    var vectors = MemoryVectors()
    /// When each experiment or its counts last changed; strictly rising.
    private(set) var changedAt: [ExperimentID: Timestamp] = [:]
    /// Counts as they stood when somebody asked, oldest first.
    private(set) var recorded: [ExperimentID: [Measurements]] = [:]
    /// Whom each linked subject is one with.
    private var identities: [Subject: Subject] = [:]
    private(set) var units: [ExperimentID: [Subject: UnitState]] = [:]
    private(set) var offers = MemoryOffers()
    private(set) var eventIDs: Set<Bits128> = []
    /// Each shopper's conversions, refunds and checkouts begun.
    private(set) var outcomes: [Subject: [OutcomeEvent]] = [:]
    /// The last row of the audit chain.
    private var auditHead: (sequence: Int64, hash: [UInt8])?
    /// What was changed, where somebody else is to keep it.
    private(set) var journal: Journal?

    init(_ tenant: Tenant) {
        configuration = TenantConfiguration(tenant: tenant, version: 0, products: [], experiments: [], keys: [])
    }

    /// A part of a tenant that another engine keeps: what a turn's jobs concern, complete for them.
    ///
    /// - Parameter strangers: how many shoppers will come of whom nothing is loaded.
    init(_ part: WorkingSet, of tenant: Tenant, strangers: Int = 0) {
        self.init(tenant)
        var journal = Journal()
        if strangers > 1 {
            journal.reserve(strangers)
            offers.reserve(strangers)
        }
        self.journal = journal
        identities = part.identities
        auditHead = part.auditHead
        eventIDs = part.eventIDs
        sales = part.sales
        usage = part.usage
        for (row, experiment) in part.units { units[experiment, default: [:]][row.subject] = row.unit }
        for offer in part.offers { offers.put(offer) }
        for (subject, event) in part.outcomes { outcomes[subject, default: []].append(event) }
    }

    func offer(_ tail: UInt64) -> Offer? { offers[tail] }

    func canonical(_ subject: Subject) -> Subject { identities[subject] ?? subject }

    /// Whether a subject goes by several ids.
    func isShared(_ subject: Subject) -> Bool { identities.values.contains(subject) }

    /// Whether one more shopper may be assigned.
    func mayAssign(in snapshot: TenantSnapshot, at now: Timestamp) -> Bool {
        snapshot.tenant.mayAssign(at: now, after: usage ?? UsageRecords())
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

    // MARK: Recorded counts

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

    // MARK: What transactions are made of
    // What shoppers have and did changes by these alone: so the journal misses nothing.

    /// Changes a unit; nil takes it out.
    mutating func put(_ unit: UnitState?, _ subject: Subject, in id: ExperimentID) {
        journal?.note(units[id]?[subject], of: subject, in: id)
        units[id, default: [:]][subject] = unit
    }

    mutating func put(_ offer: Offer) {
        journal?.note(offers[offer.tail], tail: offer.tail)
        offers.put(offer)
    }

    /// Keeps an event that is to count: it has come, and is among its shopper's outcomes if it is one.
    mutating func keep(_ event: AcceptedEvent, receivedAt now: Timestamp) {
        eventIDs.insert(event.id)
        journal?.events.append((event, receivedAt: now))
        if let outcome = event.outcome { outcomes[event.subject, default: []].append(outcome) }
    }

    /// Makes all that is known by `gone` known by `kept`, and moves its outcomes there; returns all ids of the one shopper,
    /// `kept` first.
    mutating func join(_ gone: Subject, to kept: Subject) -> [Subject] {
        for (subject, canonical) in identities where canonical == gone { identities[subject] = kept }
        identities[gone] = kept
        outcomes[kept, default: []] += outcomes.removeValue(forKey: gone) ?? []
        let members = [kept] + identities.filter { $0.value == kept }.map(\.key).sorted()
        journal?.links.append((gone, kept))
        journal?.joined += members
        return members
    }

    mutating func use(_ type: UsageType, _ number: Int = 1, at now: Timestamp) {
        usage?.add(type, day: now.day, Int64(number))
        journal?.usage.add(type, day: now.day, Int64(number))
    }

    /// Notes that an experiment or its counts changed.
    mutating func touch(_ id: ExperimentID, at now: Timestamp) {
        journal?.touch(id, at: now)
        let next = changedAt[id].map { Timestamp(milliseconds: $0.milliseconds + 1) } ?? now
        changedAt[id] = max(next, now)
    }

    mutating func append(_ draft: AuditDraft) {
        let entry = AuditEntry(draft, after: auditHead)
        auditHead = (entry.sequence, entry.hash)
        audit.append(entry)
    }
}
