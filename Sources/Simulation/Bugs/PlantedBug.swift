/// A mistake put on purpose between the engine and its store (or its clock), to see that a simulation finds it. The
/// engine's own code stays as it is.
public enum PlantedBug: String, Sendable, CaseIterable {
    /// Event ids are forgotten: what is sent again counts again.
    case skipDedupe = "skip-dedupe"
    /// Amounts pass through a floating-point number of major units and are cut off.
    case floatMoney = "float-money"
    /// When the store cannot write an assignment, the price is told all the same.
    case tellBeforeCommit = "tell-before-commit"
    /// When the store cannot write events, they are acknowledged all the same.
    case acknowledgeBeforeCommit = "acknowledge-before-commit"
    /// When the store cannot write a change of configuration, it is confirmed all the same.
    case confirmBeforeCommit = "confirm-before-commit"
    /// Shoppers are assigned anew by the weights in force.
    case forgetStickiness = "forget-stickiness"
    /// Events older than an hour are acknowledged and thrown away.
    case dropLateEvents = "drop-late-events"
    /// Money paid back is counted as money earned.
    case refundsAsSales = "refunds-as-sales"
    /// Outcomes count however long after the exposure they come.
    case ignoreAttributionWindow = "ignore-attribution-window"
    /// New quotes expire half an hour too late.
    case lateExpiry = "late-expiry"
    /// The engine's clock runs an hour behind: it honours what has expired.
    case slowClock = "slow-clock"
    /// The second of two changes decided on one version overwrites the first.
    case loseUpdates = "lose-updates"
    /// A quote's id finds the offer of whatever tenant.
    case leakOffers = "leak-offers"
    /// After a restart known shoppers are new, and counted again.
    case countAgainAfterRestart = "count-again-after-restart"
    /// Replies are not kept: a request sent again is done again.
    case forgetReplies = "forget-replies"
    /// Two ids are said to be one, and are not.
    case forgetLinks = "forget-links"
    /// Some of those whom an experiment would take are kept out of it.
    case keepOut = "keep-out"
    /// A price that was only evaluated is counted as told.
    case evaluationsAsExposures = "evaluations-as-exposures"
    /// Exposures are counted on the day of a clock some hours ahead.
    case wrongDay = "wrong-day"
    /// The last use of a month is not counted.
    case forgetUse = "forget-use"
    /// The audit trail leaves out a row now and then.
    case gapsInAudit = "gaps-in-audit"

    /// The invariant that must be found broken.
    public var expected: Invariant {
        switch self {
        case .keepOut: .assignment
        case .forgetStickiness: .onePrice
        case .floatMoney, .refundsAsSales: .money
        case .skipDedupe, .dropLateEvents, .ignoreAttributionWindow, .countAgainAfterRestart, .forgetLinks,
            .evaluationsAsExposures, .wrongDay:
            .exactlyOnce
        case .forgetReplies: .idempotency
        case .lateExpiry, .slowClock: .quote
        case .loseUpdates: .stateMachine
        case .leakOffers: .isolation
        case .forgetUse: .quota
        case .gapsInAudit: .audit
        case .tellBeforeCommit, .acknowledgeBeforeCommit, .confirmBeforeCommit: .durability
        }
    }
}
