internal import Experiments

/// What a `MemoryTenant` changed: what another engine has to write so that it is kept.
struct Journal: Sendable {
    struct UnitKey: Hashable, Comparable {
        let subject: Subject
        let experiment: ExperimentID

        static func < (a: Self, b: Self) -> Bool { (a.subject, a.experiment) < (b.subject, b.experiment) }
    }

    /// Units that changed, each as it was before; nil for one that was not there.
    private(set) var units: [UnitKey: UnitState?] = [:]
    /// Offers that changed, by tail, each as it was before.
    private(set) var offers: [UInt64: Offer?] = [:]
    /// Experiments whose counts changed, with the latest time of it.
    private(set) var touched: [ExperimentID: Timestamp] = [:]
    var events: [(event: AcceptedEvent, receivedAt: Timestamp)] = []
    /// Whom became one with whom, in order.
    var links: [(gone: Subject, kept: Subject)] = []
    /// Every id of the shoppers that became one.
    var joined: [Subject] = []
    /// What was used beyond what had been.
    var usage = UsageRecords()

    var isEmpty: Bool { units.isEmpty && offers.isEmpty && touched.isEmpty && events.isEmpty && links.isEmpty }

    /// Makes room for so many shoppers, each with one unit and one offer.
    mutating func reserve(_ shoppers: Int) {
        units.reserveCapacity(shoppers)
        offers.reserveCapacity(shoppers)
    }

    /// Remembers how a unit was before its first change.
    mutating func note(_ old: UnitState?, of subject: Subject, in experiment: ExperimentID) {
        let key = UnitKey(subject: subject, experiment: experiment)
        if units.index(forKey: key) == nil { units.updateValue(old, forKey: key) }
    }

    mutating func touch(_ experiment: ExperimentID, at now: Timestamp) {
        touched[experiment] = max(now, touched[experiment] ?? now)
    }

    /// Remembers how an offer was before its first change.
    mutating func note(_ old: Offer?, tail: UInt64) {
        if offers.index(forKey: tail) == nil { offers.updateValue(old, forKey: tail) }
    }
}
