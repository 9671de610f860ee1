import Experiments

/// All that decides which variant a shopper sees, made ready once for as long as the configuration
/// stands: GrowthBook SDK specification, "run" for one experiment, without what a price must not have
/// (forcing by query string, by developer tools or by QA mode).
struct AssignmentPlan: Sendable, Equatable {
    /// The variants' keys, in the order of the allocation.
    let variants: [String]
    /// Where shoppers fall.
    let seed: Bucketing.Seed
    /// What falls to whom.
    let allocation: Allocation
    /// For whom the experiment is; nil for everybody.
    let audience: Condition?
    /// The parts of layers the experiment may use: a shopper must be in all of them.
    let layers: [Namespace]
    /// Which memories count; nil if the experiment has no memory.
    let stickiness: StickyRule?
    /// The shoppers kept out of all experiments; nil for none. A seed of its own, shared by a tenant's
    /// plans, keeps them the same.
    let holdout: Namespace?
    /// Whom the experiment takes now.
    let intake: Intake

    /// Whom an experiment takes.
    enum Intake: Sendable, Hashable {
        /// Everybody it is for.
        case open
        /// Nobody new; remembered shoppers keep their variant.
        case paused
        /// Nobody, remembered or not: the experiment does not run.
        case closed
    }

    /// A plan. `variants` and `allocation` should name equally many variants; a place whose variant has
    /// no key enrols nobody.
    init(
        variants: [String], seed: Bucketing.Seed, allocation: Allocation, audience: Condition? = nil,
        layers: [Namespace] = [], holdout: Namespace? = nil, stickiness: StickyRule? = .default, intake: Intake = .open
    ) {
        self.variants = variants
        self.seed = seed
        self.allocation = allocation
        self.audience = audience
        self.layers = layers
        self.stickiness = stickiness
        self.holdout = holdout
        self.intake = intake
    }

    /// Decides for one shopper. Pure; the caller writes down what is new before it tells a price.
    ///
    /// A remembered shopper stays, whatever audience, layers, weights and coverage have become since.
    ///
    /// - Parameters:
    ///   - unit: the raw id of the shopper, not empty.
    ///   - attributes: what the audience is asked of.
    ///   - memory: what is remembered of this unit in this experiment, one entry or none. (Entries taken
    ///     over from GrowthBook may be several: first the unit's own, then those of its fallback
    ///     attribute.)
    ///   - groups: see ``Condition/matches(_:groups:)``.
    func assignment(
        of unit: String, attributes: Attributes = [:], memory: [StickyAssignment] = [],
        groups: [String: [AttributeValue]] = [:]
    ) -> AssignmentOutcome {
        guard intake != .closed else { return .excluded(.closed) }
        guard variants.count > 1 else { return .excluded(.nothingToCompare) }
        guard !unit.isEmpty else { return .excluded(.noUnit) }

        switch stickiness?.finding(in: memory, variants: variants) ?? .nothing {
        case .blocked: return .excluded(.blockedByVersion)
        case .variant(let variant): return .variant(variant, at: seed.unit(of: unit), isRemembered: true)
        case .nothing: break
        }
        guard intake == .open else { return .excluded(.intakePaused) }
        if let holdout, holdout.contains(unit) { return .excluded(.heldOut) }
        for layer in layers where !layer.contains(unit) { return .excluded(.outsideLayer) }
        if let audience, !audience.matches(attributes, groups: groups) { return .excluded(.outsideAudience) }
        let place = seed.unit(of: unit)
        guard let variant = allocation.variant(at: place), variant < variants.count else {
            return .excluded(.notCovered)
        }
        return .variant(variant, at: place, isRemembered: false)
    }
}

/// What a plan decided.
enum AssignmentOutcome: Sendable, Hashable {
    /// The variant's position, the shopper's place in [0, 1), and whether it was decided earlier.
    case variant(Int, at: Double, isRemembered: Bool)
    /// The shopper is not in the experiment.
    case excluded(Reason)

    /// Why somebody is not in an experiment.
    enum Reason: Sendable, Hashable, CaseIterable {
        /// The experiment does not run.
        case closed
        /// The experiment takes nobody new.
        case intakePaused
        /// The shopper is kept out of all experiments.
        case heldOut
        /// Fewer than two variants.
        case nothingToCompare
        /// The unit's id is empty.
        case noUnit
        /// Remembered from before the oldest version that counts.
        case blockedByVersion
        /// Another experiment has this part of the layer.
        case outsideLayer
        /// The audience's condition does not hold.
        case outsideAudience
        /// Coverage or weights leave this place to nobody.
        case notCovered
    }
}
