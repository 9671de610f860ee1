/// A price experiment: one or more products, two or more prices, and the rules by which shoppers meet them.
///
/// A value of this type is valid: it can only be made by `Experiment.init(validating:)` and changed by the state
/// machine and `revised(by:)`.
public struct Experiment: Sendable, Equatable, Codable, Named {
    public static let identifierPrefix: StaticString = "exp"

    /// draft → running ⇄ paused → completed → archived
    public enum Status: String, Sendable, Codable, CaseIterable {
        case draft, running, paused, completed, archived
    }

    /// What a price is assigned to and counted by.
    public enum Unit: String, Sendable, Codable, CaseIterable {
        case shopper
    }

    public let id: ExperimentID
    /// Rises by one with each change.
    public internal(set) var version: Int
    public internal(set) var name: String
    public internal(set) var hypothesis: String
    /// Distinct; at least one.
    public internal(set) var products: [TenantKey]
    public internal(set) var currency: Currency
    /// At least two, at most 20; names distinct. The control is the one named `control`, else the first.
    public internal(set) var variants: [Variant]
    public internal(set) var unit: Unit
    public internal(set) var layer: Layer?
    /// Which shoppers may take part; nil for all.
    public internal(set) var audience: Condition?
    /// The share of the audience that takes part, 0 to 1.
    public internal(set) var coverage: Double
    /// The share of the audience that is kept at the list price, 0 to 1; drawn apart from the variants.
    public internal(set) var holdout: Double
    public internal(set) var primaryMetric: Metric
    public internal(set) var guardrails: [Guardrail]
    public internal(set) var analysis: AnalysisPlan
    /// Days after first exposure within which an outcome counts, 1 to 90.
    public internal(set) var attributionDays: Int
    public internal(set) var targetSampleSize: Int?
    /// Intake opens; nil for at once.
    public internal(set) var startsAt: Timestamp?
    /// Intake closes and the experiment's prices end; nil for open.
    public internal(set) var endsAt: Timestamp?
    public internal(set) var ramp: Ramp?
    public internal(set) var priceRules: PriceRules
    public internal(set) var status: Status
    public let createdAt: Timestamp
    public internal(set) var startedAt: Timestamp?
    public internal(set) var completedAt: Timestamp?
    /// Empty before the start; then one for each set of weights.
    public internal(set) var phases: [Phase]
    /// Whether an audience that stood once and was changed since took shoppers by what is known of them; nil for no.
    /// Documents of before have no such field.
    var tookByPersonalData: Bool?

    /// The index of the variant all others are compared with.
    public var control: Int { variants.firstIndex { $0.name == "control" } ?? 0 }

    /// Whether shoppers who have a price keep it now.
    public func honoursPrices(at now: Timestamp) -> Bool { honoured.contains(now) }

    /// When shoppers who have a price keep it.
    var honoured: Range<Timestamp> {
        guard isLive else { return .distantPast ..< .distantPast }
        let start = startsAt ?? .distantPast
        return start..<max(start, endsAt ?? .distantFuture)
    }

    /// Whether it holds prices for its products: from the start to its end.
    var isLive: Bool { status == .running || status == .paused }

    /// Whether outcomes of its shoppers still change its counts: from the start until it is archived.
    public var countsOutcomes: Bool { status == .running || status == .paused || status == .completed }

    /// Whether an exposure stamped so counts: the experiment was under way then.
    public func countsExposure(at time: Timestamp) -> Bool {
        guard let startedAt, countsOutcomes else { return false }
        // Clocks of senders disagree: what is stamped up to ten minutes early is taken.
        if time.milliseconds < startedAt.milliseconds - Event.newest { return false }
        if let completedAt, time >= completedAt { return false }
        return true
    }

    public var attributionWindow: Duration { .seconds(86_400 * attributionDays) }
}

/// `exp_…`
public typealias ExperimentID = Identifier<Experiment>

// MARK: - The state machine

/// What may be asked of an experiment's state.
public enum ExperimentAction: String, Sendable, CaseIterable {
    case start, pause, resume, complete, archive
}

/// Why a change was refused.
public enum ExperimentError: Error, Sendable, Equatable {
    /// The state machine does not allow this from this state.
    case wrongState(Experiment.Status, action: String)
    /// These parts are frozen once an experiment has started: pointers.
    case frozen(Experiment.Status, [Fault])
    /// The change would make something invalid.
    case invalid(Faults)
}

extension Experiment {
    /// The state an action leads to; nil where it is not allowed.
    public static func destination(of action: ExperimentAction, from status: Status) -> Status? {
        switch (action, status) {
        case (.start, .draft): .running
        case (.pause, .running): .paused
        case (.resume, .paused): .running
        case (.complete, .running), (.complete, .paused): .completed
        case (.archive, .completed): .archived
        default: nil
        }
    }

    /// The experiment after the action.
    public func after(_ action: ExperimentAction, at now: Timestamp) throws(ExperimentError) -> Experiment {
        guard let next = Self.destination(of: action, from: status) else {
            throw .wrongState(status, action: action.rawValue)
        }
        var changed = self
        changed.status = next
        changed.version += 1
        switch action {
        case .start:
            if let endsAt, endsAt <= now {
                throw .invalid(Faults([Fault("/ends_at", "The end lies in the past; move it before starting.")]))
            }
            changed.startedAt = now
            changed.phases = [Phase(startedAt: now, weights: variants.map(\.weight))]
        case .complete: changed.completedAt = now
        case .pause, .resume, .archive: break
        }
        return changed
    }

    /// Whether its weights shall follow what was learned: it runs, has a bandit, and they stood long enough.
    public func isReallocationDue(at now: Timestamp) -> Bool {
        guard status == .running, honoursPrices(at: now), let bandit = analysis.bandit, let last = phases.last else {
            return false
        }
        return last.startedAt.advanced(by: .seconds(3600 * bandit.everyHours)) <= now
    }

    /// The experiment with other weights: a new phase.
    ///
    /// - Parameter weights: by variant.
    public func reweighed(_ weights: [Int], at now: Timestamp) throws(ExperimentError) -> Experiment {
        var design = design
        guard weights.count == variants.count else { return self }
        for (index, weight) in weights.enumerated() { design.variants[index].weight = weight }
        return try revised(by: design, at: now)
    }

    /// The experiment with another design.
    ///
    /// A draft may change in all. Once started only name, hypothesis, weights, coverage, audience, target sample size
    /// and end may, and they move only shoppers not yet assigned. Once completed nothing may.
    public func revised(by design: ExperimentDesign, at now: Timestamp) throws(ExperimentError) -> Experiment {
        var changed = self
        switch status {
        case .completed, .archived: throw .wrongState(status, action: "change")
        case .draft: break
        case .running, .paused:
            let frozen = design.frozenParts(differingFrom: ExperimentDesign(self))
            guard frozen.isEmpty else { throw .frozen(status, frozen) }
            if design.endsAt != endsAt {
                // Whoever was told the list price after the end shall not hear the experiment's again.
                if let endsAt, endsAt <= now {
                    throw .frozen(status, [Fault("/ends_at", "The experiment has ended: complete it.")])
                }
                if let new = design.endsAt, new <= now {
                    throw .invalid(Faults([Fault("/ends_at", "This end lies in the past; complete the experiment.")]))
                }
            }
        }
        changed.take(design)
        if isLive, Self.basis(of: audience) == .personalData, Self.basis(of: changed.audience) != .personalData {
            changed.tookByPersonalData = true
        }
        if !phases.isEmpty, phases.last?.weights != changed.variants.map(\.weight) {
            changed.phases.append(Phase(startedAt: now, weights: changed.variants.map(\.weight)))
        }
        changed.version += 1
        return changed
    }
}
