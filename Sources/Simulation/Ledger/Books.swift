internal import Experiments

/// One tenant's ledger: what was told to whom, what was acknowledged, and hence what must be counted. A plain model in
/// plain arrays, kept beside the engine and compared with it.
final class Books {
    struct Item {
        var price: Int64
        let currency: String
        var cost: Int64?
        var title: String
    }

    /// An offer as it was first heard of.
    struct Promise {
        let shopper: String
        let product: String
        let trial: ExperimentID?
        let variant: Int?
        let price: Int64
        let currency: String
        let toldAt: Int64
        var isExposed: Bool
        var acceptedWindow: Int64?
    }

    /// What a shopper must be told.
    struct Telling {
        let trial: Trial?
        let variant: Int?
        let price: Int64
        let currency: String
        /// Assigned by this very question.
        let isNew: Bool
    }

    private struct Heard: Hashable {
        let shopper: String
        let trial: ExperimentID
        let product: String
    }

    let tenant: TenantID
    var items: [String: Item] = [:]
    /// In order of their ids.
    var trials: [Trial] = []
    /// Each shopper once.
    var everyone: [Person] = []
    private var people: [String: Person] = [:]
    var promises: [UInt64: Promise] = [:]
    var eventIDs: Set<String> = []
    /// Configuration changes acknowledged; the tenant's version.
    var version = 1
    /// Of each change in order: its action and request.
    var audit: [(action: String, request: String)] = []
    /// The most that may be assigned in a month; nil for any number.
    var usageLimit: Int?
    /// Assigned, by the date.
    private(set) var assignments: [Substring: Int] = [:]
    private var heard: [Heard: Int64] = [:]
    let findings: Findings

    init(_ tenant: TenantID, findings: Findings) {
        self.tenant = tenant
        self.findings = findings
    }

    func person(_ id: String) -> Person {
        if let known = people[id] { return known }
        let person = Person(id)
        people[id] = person
        everyone.append(person)
        return person
    }

    func trial(_ id: ExperimentID) -> Trial? { trials.first { $0.id == id } }

    func add(_ trial: Trial) {
        trials.append(trial)
        trials.sort { $0.id < $1.id }
    }

    // MARK: Use

    /// Whether one more may be assigned: those of the same year and month are counted.
    func hasRoom(at now: Int64) -> Bool {
        guard let usageLimit else { return true }
        let month = Self.date(now).prefix(7)
        return assignments.lazy.filter { $0.key.hasPrefix(month) }.map(\.value).reduce(0, +) < usageLimit
    }

    func countAssignment(at now: Int64) { assignments[Self.date(now), default: 0] += 1 }

    private static func date(_ time: Int64) -> Substring { Timestamp(milliseconds: time).description.prefix(10) }

    // MARK: Prices

    func telling(_ shopper: String, _ product: String, channel: String?, at now: Int64) -> Telling? {
        guard let item = items[product] else { return nil }
        let person = person(shopper)
        let live = trials.filter { $0.products.contains(product) && $0.holdsPrices(at: now) }
        for trial in live {
            guard let seat = person.seats[trial.id] else { continue }
            return Telling(
                trial: trial, variant: seat.variant, price: trial.prices[seat.variant], currency: trial.currency,
                isNew: false)
        }
        for trial in live where hasRoom(at: now) {
            guard let variant = trial.takes(shopper, channel: channel, at: now) else { continue }
            return Telling(
                trial: trial, variant: variant, price: trial.prices[variant], currency: trial.currency, isNew: true)
        }
        return Telling(trial: nil, variant: nil, price: item.price, currency: item.currency, isNew: false)
    }

    /// Books a quote that was given, and says what is wrong with it.
    ///
    /// - Parameter fromMemory: whether the engine answered without asking its store.
    func book(
        _ quote: Quote, to shopper: String, _ product: String, channel: String?, exposed: Bool, fromMemory: Bool,
        at now: Int64
    ) {
        guard let due = telling(shopper, product, channel: channel, at: now) else {
            return findings.add(.assignment, "a product that is not there has a price")
        }
        let person = person(shopper)
        compare(quote.price, quote.variant, with: due, to: shopper, product, at: now)
        if let trial = due.trial, let variant = due.variant {
            if due.isNew {
                countAssignment(at: now)
                person.seats[trial.id] = Person.Seat(
                    variant: variant, phase: trial.phases.count - 1, assignedAt: now, exposedAt: nil)
                if !trial.asked.contains(shopper) { trial.draws[trial.phases.count - 1][variant] += 1 }
            }
            if exposed {
                if fromMemory {
                    findings.expect(
                        person.seats[trial.id]?.exposedAt != nil, .exactlyOnce,
                        "\(shopper) was told a price from memory and is in no count")
                } else {
                    let first = person.seats[trial.id]?.exposedAt ?? now
                    person.seats[trial.id]?.exposedAt = min(first, now)
                }
            }
            if !person.isLinked {
                let key = Heard(shopper: shopper, trial: trial.id, product: product)
                let before = heard[key] ?? quote.price.amount
                findings.expect(
                    before == quote.price.amount, .onePrice,
                    "\(shopper) heard \(before) and then \(quote.price.amount) for \(product) in \(trial.id)")
                heard[key] = quote.price.amount
            }
        }
        for trial in trials where trial.products.contains(product) && trial.holdsPrices(at: now) {
            trial.asked.insert(shopper)
        }
        checkWindow(quote, to: shopper, product, due, exposed: exposed, at: now)
    }

    func compare(
        _ price: Money, _ variant: String?, with due: Telling, to shopper: String, _ product: String, at now: Int64
    ) {
        let name = due.variant.flatMap { due.trial?.names[$0] }
        findings.expect(
            price.amount == due.price && price.currency.code == due.currency && variant == name,
            due.trial == nil || due.isNew ? (hasRoom(at: now) ? .assignment : .quota) : .onePrice,
            "\(shopper) was told \(price.amount) (\(variant ?? "list price")) for \(product); due was \(due.price) "
                + "(\(name ?? "list price"))")
    }

    /// A quote lives 30 minutes from its issue; an offer's quotes follow each other every 15.
    private func checkWindow(
        _ quote: Quote, to shopper: String, _ product: String, _ due: Telling, exposed: Bool, at now: Int64
    ) {
        guard let tail = quote.id.tail else { return findings.add(.quote, "\(quote.id) is no quote's id") }
        let known = promises[tail]
        let toldAt = known?.toldAt ?? now
        let issued = toldAt + max(0, now - toldAt) / 900_000 * 900_000
        findings.expect(
            quote.issuedAt.milliseconds == issued && quote.expiresAt.milliseconds == issued + 1_800_000
                && quote.id.issuedAt == quote.issuedAt,
            .quote, "\(quote.id), told first at \(toldAt) and asked at \(now), holds from \(quote.issuedAt)")
        if let known {
            findings.expect(
                known.price == quote.price.amount && known.product == product
                    && person(known.shopper) === person(shopper),
                .quote, "\(quote.id) was another promise before: \(known.price) for \(known.product)")
        } else {
            promises[tail] = Promise(
                shopper: shopper, product: product, trial: due.trial?.id, variant: due.variant,
                price: quote.price.amount, currency: quote.price.currency.code, toldAt: now, isExposed: exposed)
        }
        if exposed { promises[tail]?.isExposed = true }
        findings.expect(
            !exposed || promises[tail]?.isExposed == true, .quote, "\(quote.id) was told and is not exposed")
    }

    // MARK: Identities

    /// Two ids are one shopper from now on. False when they were already.
    func link(_ a: String, _ b: String) -> Bool {
        let kept = person(a)
        let gone = person(b)
        if kept === gone { return false }
        for trial in trials {
            guard let theirs = gone.seats[trial.id] else { continue }
            guard let ours = kept.seats[trial.id] else {
                kept.seats[trial.id] = theirs
                continue
            }
            if trial.stage != .archived { kept.seats[trial.id] = Self.merged(ours, theirs) }
        }
        kept.deeds += gone.deeds
        kept.ids += gone.ids
        for id in gone.ids { people[id] = kept }
        everyone.removeAll { $0 === gone }
        return true
    }

    /// The first exposed keeps its price; who saw both leaves the analysis.
    private static func merged(_ ours: Person.Seat, _ theirs: Person.Seat) -> Person.Seat {
        let oursFirst =
            switch (ours.exposedAt, theirs.exposedAt) {
            case (let a?, let b?): a != b ? a < b : ours.assignedAt <= theirs.assignedAt
            case (.some, nil): true
            case (nil, .some): false
            case (nil, nil): ours.assignedAt <= theirs.assignedAt
            }
        var seat = oursFirst ? ours : theirs
        seat.assignedAt = min(ours.assignedAt, theirs.assignedAt)
        seat.isExcluded =
            ours.isExcluded || theirs.isExcluded
            || (ours.exposedAt != nil && theirs.exposedAt != nil && ours.variant != theirs.variant)
        return seat
    }
}
