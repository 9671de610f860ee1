internal import Experiments
internal import Synchronization

/// A store with a bug in front of it.
final class FaultyStore: Store {
    let inner: any Store
    let bug: PlantedBug
    /// How many times the process was started.
    let generation: Int
    private let memory = Mutex(Memory())

    private struct Memory {
        var firstSeen: [Subject: Timestamp] = [:]
        var salt: UInt64 = 0
    }

    init(_ inner: any Store, bug: PlantedBug, generation: Int) {
        self.inner = inner
        self.bug = bug
        self.generation = generation
    }

    // MARK: Conversations

    func append(_ turn: ConversationTurn, in tenant: TenantID) async throws(StoreError) {
        try await inner.append(turn, in: tenant)
    }

    func conversation(_ id: ConversationID, in tenant: TenantID) async throws(StoreError) -> ConversationRecord? {
        try await inner.conversation(id, in: tenant)
    }

    func eraseConversations(
        silentSince time: Timestamp, limit: Int, in tenant: TenantID
    ) async throws(StoreError) -> Int {
        try await inner.eraseConversations(silentSince: time, limit: limit, in: tenant)
    }

    func versions(
        of ids: [ConversationID], in tenant: TenantID
    ) async throws(StoreError) -> [ConversationID: Int] {
        try await inner.versions(of: ids, in: tenant)
    }

    func messages(
        of id: ConversationID, in tenant: TenantID, after: Int, limit: Int
    ) async throws(StoreError) -> [MessageRecord] {
        try await inner.messages(of: id, in: tenant, after: after, limit: limit)
    }

    func conversations(
        in tenant: TenantID, state: String?, before: ConversationID?, limit: Int
    ) async throws(StoreError) -> [ConversationRecord] {
        try await inner.conversations(in: tenant, state: state, before: before, limit: limit)
    }

    func eraseConversations(of subject: Subject, in tenant: TenantID) async throws(StoreError) -> Int {
        try await inner.eraseConversations(of: subject, in: tenant)
    }

    // MARK: Prices

    func enrol(
        _ enrolments: [Enrolment], in snapshot: TenantSnapshot, renewal: Renewal<[Enrolment]>?
    ) async throws(StoreError) -> [Enrolled] {
        remember(enrolments)
        let twisted = enrolments.map { twist($0) }
        do {
            let enrolled = try await inner.enrol(twisted, in: snapshot)
            guard bug == .lateExpiry else { return enrolled }
            return enrolled.map { one in
                guard one.isNew else { return one }
                return Enrolled(offer: one.offer.told(after: .seconds(1800)), isNew: true)
            }
        } catch {
            guard bug == .tellBeforeCommit, case .broken = error else { throw error }
            return twisted.map { Enrolled(offer: Offer(untold: $0), isNew: true) }
        }
    }

    private func remember(_ enrolments: [Enrolment]) {
        guard bug == .ignoreAttributionWindow else { return }
        memory.withLock { memory in
            for one in enrolments where memory.firstSeen[one.subject] == nil { memory.firstSeen[one.subject] = one.at }
        }
    }

    private func twist(_ enrolment: Enrolment) -> Enrolment {
        var subject = enrolment.subject
        var proposal = enrolment.proposal
        var at = enrolment.at
        var expose = enrolment.expose
        switch bug {
        case .forgetStickiness:
            let phase = proposal.candidates.map(\.phase).max() ?? 0
            subject = Bits128(high: subject.high, low: subject.low &+ UInt64(phase))
        case .countAgainAfterRestart:
            subject = reborn(subject)
        case .keepOut where subject.low % 4 == 0: proposal.candidates = []
        case .evaluationsAsExposures: expose = true
        case .wrongDay: at = at.advanced(by: .seconds(9 * 3600))
        default: break
        }
        return Enrolment(
            subject: subject, product: enrolment.product, listPrice: enrolment.listPrice, proposal: proposal,
            expose: expose, at: at, tail: enrolment.tail)
    }

    /// The shopper as the process of this generation knows it.
    private func reborn(_ subject: Subject) -> Subject {
        Bits128(high: subject.high, low: subject.low &+ UInt64(generation - 1))
    }

    func offer(_ tail: UInt64, in tenant: TenantID) async throws(StoreError) -> Offer? {
        if let offer = try await inner.offer(tail, in: tenant) { return offer }
        guard bug == .leakOffers else { return nil }
        for configuration in try await inner.load() {
            if let offer = try await inner.offer(tail, in: configuration.tenant.id) { return offer }
        }
        return nil
    }

    func standing(
        of subject: Subject, product: TenantKey, proposal: Proposal, listPrice: Money, in tenant: TenantID
    ) async throws(StoreError) -> Standing {
        try await inner.standing(of: subject, product: product, proposal: proposal, listPrice: listPrice, in: tenant)
    }

    // MARK: Events

    func ingest(
        _ events: [IncomingEvent], in snapshot: TenantSnapshot, at now: Timestamp, renewal: Renewal<[IncomingEvent]>?
    ) async throws(StoreError) -> [EventOutcome] {
        var passed: [IncomingEvent] = []
        var dropped: Set<Int> = []
        for (place, incoming) in events.enumerated() {
            guard case .event(let event, let unitCost, let proposals) = incoming else {
                passed.append(incoming)
                continue
            }
            if bug == .dropLateEvents, event.timestamp < now.advanced(by: .seconds(-3600)) {
                dropped.insert(place)
            } else {
                passed.append(.event(twist(event), unitCost: unitCost, proposals: proposals))
            }
        }
        do {
            var answers = try await inner.ingest(passed, in: snapshot, at: now)[...]
            return events.indices.map { dropped.contains($0) ? .accepted : answers.popFirst() ?? .accepted }
        } catch {
            guard bug == .acknowledgeBeforeCommit, case .broken = error else { throw error }
            return events.map { if case .rejected(_, let rejection) = $0 { .rejected(rejection) } else { .accepted } }
        }
    }

    private func twist(_ event: Event) -> Event {
        var id = event.id
        var type = event.type
        var subject = event.subject
        var timestamp = event.timestamp
        var revenue = event.revenue
        switch bug {
        case .skipDedupe:
            let salt = memory.withLock { memory in
                memory.salt += 1
                return memory.salt
            }
            id = Bits128(high: id.high, low: id.low &+ salt)
        case .floatMoney:
            revenue = revenue.map { money in
                let major = Float(money.amount) / 100
                return Money(amount: Int64(major * 100), currency: money.currency)
            }
        case .countAgainAfterRestart: subject = reborn(subject)
        case .refundsAsSales where type == .refund: type = .conversion
        case .ignoreAttributionWindow where type == .conversion:
            if let seen = memory.withLock({ $0.firstSeen[event.subject] }), seen < timestamp {
                timestamp = seen.advanced(by: .seconds(1))
            }
        default: break
        }
        return Event(
            id: id, type: type, subject: subject, timestamp: timestamp, quote: event.quote,
            product: event.product, experiment: event.experiment, quantity: event.quantity, revenue: revenue,
            order: event.order, properties: event.properties)
    }

    func link(
        _ a: Subject, _ b: Subject, in snapshot: TenantSnapshot, audit: AuditDraft
    ) async throws(StoreError) -> [Subject] {
        guard bug == .forgetLinks else { return try await inner.link(a, b, in: snapshot, audit: audit) }
        return [a, b]
    }

    // MARK: Configuration

    func commit(
        _ commit: Commit, publish: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> Int {
        let written = bug == .forgetReplies ? Self.withoutReplies(commit) : commit
        do {
            return try await inner.commit(written, publish: publish)
        } catch {
            switch (bug, error) {
            case (.loseUpdates, .outdated(let current)):
                let forced = Commit(tenant: commit.tenant, expectedVersion: current, steps: written.steps)
                return try await inner.commit(forced, publish: publish)
            case (.confirmBeforeCommit, .broken):
                publish(commit.version)
                return commit.version
            default: throw error
            }
        }
    }

    private static func withoutReplies(_ commit: Commit) -> Commit {
        var renewal: Commit.Renewal?
        if let renew = commit.renewal {
            renewal = { newest, known in renew(newest, known).map { withoutReplies($0) } }
        }
        return Commit(
            tenant: commit.tenant, expectedVersion: commit.expectedVersion,
            steps: commit.steps.map { Commit.Step(changes: $0.changes, audit: $0.audit) }, renewal: renewal)
    }

    func audit(of tenant: TenantID, below: Int64?, limit: Int) async throws(StoreError) -> [AuditEntry] {
        let rows = try await inner.audit(of: tenant, below: below, limit: limit)
        return bug == .gapsInAudit ? rows.filter { $0.sequence % 7 != 5 } : rows
    }

    func usage(of tenant: TenantID, on days: Range<Int32>) async throws(StoreError) -> UsageRecords {
        var usage = try await inner.usage(of: tenant, on: days)
        guard bug == .forgetUse, let last = usage.counts.keys.filter({ $0.type == .assignments }).max() else {
            return usage
        }
        usage.add(.assignments, day: last.day, -1)
        return usage
    }

    // MARK: As they are

    func load() async throws(StoreError) -> [TenantConfiguration] { try await inner.load() }

    func reply(in scope: ReplyScope, at now: Timestamp) async throws(StoreError) -> SavedReply? {
        try await inner.reply(in: scope, at: now)
    }

    func measurements(
        of experiment: ExperimentID, in tenant: TenantID, asOf: Timestamp?
    ) async throws(StoreError) -> Measurements? {
        try await inner.measurements(of: experiment, in: tenant, asOf: asOf)
    }

    func newestCounts(
        of experiment: ExperimentID, in tenant: TenantID
    ) async throws(StoreError) -> Measurements? {
        try await inner.newestCounts(of: experiment, in: tenant)
    }

    func countsChangedAt(of experiment: ExperimentID, in tenant: TenantID) async throws(StoreError) -> Timestamp? {
        try await inner.countsChangedAt(of: experiment, in: tenant)
    }

    func thinRecorded(of tenant: TenantID, before: Timestamp) async throws(StoreError) -> Int {
        try await inner.thinRecorded(of: tenant, before: before)
    }

    func recount(
        of experiment: ExperimentID, in snapshot: TenantSnapshot
    ) async throws(StoreError) -> UnitCounts {
        try await inner.recount(of: experiment, in: snapshot)
    }

    func units(
        of experiment: ExperimentID, in tenant: TenantID, after: Subject?, limit: Int
    ) async throws(StoreError) -> [UnitRow] {
        try await inner.units(of: experiment, in: tenant, after: after, limit: limit)
    }

    func decisions(
        of experiment: ExperimentID?, in tenant: TenantID, before: DecisionID?, limit: Int
    ) async throws(StoreError) -> [DecisionRecord] {
        try await inner.decisions(of: experiment, in: tenant, before: before, limit: limit)
    }

    func check() async throws(StoreError) { try await inner.check() }

    func changedElsewhere() async throws(StoreError) -> Bool { try await inner.changedElsewhere() }

    func close() async { await inner.close() }
}

extension Offer {
    /// As if it had been told later.
    fileprivate func told(after delay: Duration) -> Offer {
        Offer(
            tail: tail, subject: subject, product: product, placement: placement, price: price, currency: currency,
            toldAt: toldAt.advanced(by: delay), isExposed: isExposed, acceptedWindow: acceptedWindow)
    }

    /// What an enrolment would have come to, had it been written.
    fileprivate init(untold enrolment: Enrolment) {
        let taker = enrolment.proposal.candidates.first { $0.variant != nil }
        let placement = taker.flatMap { taker in
            taker.variant.map { Placement(experiment: taker.experiment, variant: $0) }
        }
        let price = taker.flatMap { taker in
            taker.variant.flatMap { taker.prices.indices.contains($0) ? taker.prices[$0] : nil }
        }
        self.init(
            tail: enrolment.tail, subject: enrolment.subject, product: enrolment.product, placement: placement,
            price: price ?? enrolment.listPrice.amount, currency: enrolment.listPrice.currency,
            toldAt: enrolment.at, isExposed: enrolment.expose)
    }
}

/// A clock that runs behind another.
struct SlowClock: WallClock {
    let clock: SimulatedClock

    func now() -> Timestamp { clock.now().advanced(by: .seconds(-3600)) }
}
