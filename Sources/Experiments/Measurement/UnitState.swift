/// A shopper in an experiment, as it is stored.
public struct UnitState: Sendable, Equatable {
    public let variant: Int
    /// The index of the phase the shopper was assigned in.
    public let phase: Int
    public let assignedAt: Timestamp
    /// First exposure; nil while only assigned.
    public var exposedAt: Timestamp?
    /// Seen in two variants under two identities: keeps its price, leaves the analysis.
    public var isExcluded: Bool
    public var outcome: UnitOutcome
    /// Whether the shopper is in the tallies. Not whoever was first exposed when an older engine counted without them, and
    /// never later: those who buy again would be in and the others out.
    public var isTallied: Bool
    /// Whether the checkouts it begins are counted. Not of whoever was first exposed when an older engine did not hear of
    /// checkouts, and never later: what it began before would be missing.
    public var countsCheckouts: Bool
    public var traits: UnitTraits

    public init(
        variant: Int, phase: Int, assignedAt: Timestamp, exposedAt: Timestamp? = nil, isExcluded: Bool = false,
        outcome: UnitOutcome = UnitOutcome(), isTallied: Bool = false, countsCheckouts: Bool = false,
        traits: UnitTraits = UnitTraits()
    ) {
        self.variant = variant
        self.phase = phase
        self.assignedAt = assignedAt
        self.exposedAt = exposedAt
        self.isExcluded = isExcluded
        self.outcome = outcome
        self.isTallied = isTallied
        self.countsCheckouts = countsCheckouts
        self.traits = traits
    }

    /// Where the unit is counted; nil while it is in no count.
    public var cell: CellKey? {
        guard let exposedAt else { return nil }
        return CellKey(variant: variant, phase: phase, day: exposedAt.day)
    }
}

extension UnitState {
    /// What is stored of its checkouts in one number: 1 where they are counted, 2 where it began one, 3 for both. A new
    /// shopper's is 1, which stores take for granted.
    public var checkoutCode: Int { (countsCheckouts ? 1 : 0) + (outcome.beganCheckout ? 2 : 0) }

    /// Takes `checkoutCode` as it was stored. Of who was not exposed yet nothing is counted.
    public mutating func takeCheckouts(code: Int) {
        countsCheckouts = code & 1 != 0 && exposedAt != nil
        outcome.beganCheckout = code & 2 != 0
    }
}

/// Two stays of one shopper in an experiment, under two identities, become one.
extension UnitState {
    /// The first exposed keeps its price; if both were exposed to different variants the unit leaves the analysis.
    /// The outcome is left empty: it is counted anew from the events of both.
    public static func merging(_ a: UnitState, _ b: UnitState) -> UnitState {
        func order(_ unit: UnitState) -> (Int, Int64, Int64) {
            (unit.exposedAt == nil ? 1 : 0, unit.exposedAt?.milliseconds ?? 0, unit.assignedAt.milliseconds)
        }
        let first = order(a) <= order(b) ? a : b
        let sawBoth = a.exposedAt != nil && b.exposedAt != nil && a.variant != b.variant
        return UnitState(
            variant: first.variant, phase: first.phase, assignedAt: min(a.assignedAt, b.assignedAt),
            exposedAt: first.exposedAt, isExcluded: a.isExcluded || b.isExcluded || sawBoth,
            isTallied: first.isTallied, countsCheckouts: first.countsCheckouts, traits: first.traits)
    }
}
