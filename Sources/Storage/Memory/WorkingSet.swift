internal import Experiments

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
    var usage: UsageRecords?
}
