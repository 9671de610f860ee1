internal import Analysis
internal import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    /// Records a decision on an experiment with what is known now, or was known at `as_of`. Nothing ends by it unless
    /// it says `complete`; then decision and end are one commit.
    func decide(_ context: Context) async throws(Problem) -> Response {
        let experiment = try context.experiment()
        let tenant = try context.member.snapshot.tenant.id
        try context.refuseIfMatch()
        let asked = try DecisionRequest(context, on: experiment)
        let measurements = try await measurements(of: experiment, in: tenant, asOf: asked.asOf)
        let (action, variant, evidence) = try await onWorkers { () throws(Problem) in
            try self.evidence(for: asked, measurements)
        }
        if asked.completes, action == .continue {
            throw Problem(
                409, "decision_continues", "The recommendation is to go on, so that nothing is completed by it.")
        }
        let id: DecisionID = service.identifiers.next(at: service.clock.now())
        return try await once(context) { keeper throws(ConfigurationError) in
            try await service.change(tenant, actor: context.caller.actor, requestID: context.requestID) {
                snapshot, now throws(ConfigurationError) in
                guard let current = snapshot.experiments[experiment.id] else { throw .notFound }
                guard current.countsOutcomes else {
                    throw .experiment(.wrongState(current.status, action: "be decided on"))
                }
                let decision = DecisionRecord(
                    id: id, experiment: experiment.id, action: action, variant: variant,
                    origin: asked.action == nil ? .policy : .person, takenBy: context.caller.actor,
                    reason: asked.reason.isEmpty && asked.action == nil ? evidence.advice.sentence : asked.reason,
                    completes: asked.completes, at: now, evidence: evidence)
                var changes: [ConfigurationChange] = [.decision(decision)]
                if asked.completes {
                    changes.append(.experiment(try snapshot.after(.complete, on: experiment.id, at: now)))
                }
                let outcome = Outcome(status: 201, body: decision.wire)
                return Decided(
                    changes, action: asked.completes ? "experiment.decide_and_complete" : "experiment.decide",
                    target: experiment.id.description, answer: outcome, reply: keeper?.keep(outcome, at: now))
            }
        }
    }

    private func evidence(
        for asked: DecisionRequest, _ measurements: Measurements
    ) throws(Problem) -> (DecisionRecord.Action, String?, DecisionRecord.Evidence) {
        let report: Report
        do throws(AnalysisError) {
            report = try Analyst.report(of: measurements)
        } catch {
            throw .countsInconsistent
        }
        let advice = report.recommendation
        let action = asked.action ?? DecisionRecord.Action(advice.action)
        // A recommendation may name a winner that is not shipped yet; a decision names whom it acts on.
        let variant = asked.action == nil ? (action.claims ? advice.variant : nil) : asked.variant
        let evidence = DecisionRecord.Evidence(
            report, of: measurements, for: action, on: variant, engineVersion: configuration.version)
        return (action, variant, evidence)
    }

    /// An experiment's decisions, newest first, each with what followed.
    func listDecisions(_ context: Context) async throws(Problem) -> Response {
        try await decisions(context, of: try context.experiment().id)
    }

    /// All experiments' decisions, newest first, each with what followed.
    func listAllDecisions(_ context: Context) async throws(Problem) -> Response {
        try await decisions(context, of: nil)
    }

    private func decisions(_ context: Context, of experiment: ExperimentID?) async throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        let paging = try Paging(context)
        let before = try paging.after { DecisionID($0) }
        let found = try await stored(of: experiment, snapshot, before: before, limit: paging.limit + 1)
        let page = Array(found.prefix(paging.limit))
        let next = found.count > paging.limit ? page.last?.id.description : nil
        let scored = try await scores(of: page, snapshot)
        let body = Paging.body(scored, next: next) { entry, writer in
            entry.decision.write(into: &writer, score: entry.score)
        }
        return Response(status: 200, contentType: "application/json", body: body)
    }

    /// How often decisions turned out right.
    func decisionAccuracy(_ context: Context) async throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        var all: [DecisionRecord] = []
        var isWhole = false
        // Each page ends where the next begins.
        while all.count < Self.mostJudged {
            let page = try await stored(of: nil, snapshot, before: all.last?.id, limit: Self.judgedAtOnce)
            all += page
            if page.count < Self.judgedAtOnce {
                isWhole = true
                break
            }
        }
        var judged: Set<ExperimentID> = []
        var standing: [DecisionRecord] = []
        var scores: [(decision: DecisionRecord, score: DecisionScore)] = []
        for decision in all {
            if !decision.action.claims {
                scores.append((decision, .open(.noClaim)))
            } else if judged.insert(decision.experiment).inserted {
                standing.append(decision)
            } else {
                scores.append((decision, .open(.superseded)))
            }
        }
        scores += try await self.scores(of: standing, snapshot)
        let accuracy = DecisionAccuracy(scores)
        return Response(status: 200, contentType: "application/json", body: accuracy.wire(isWhole: isWhole))
    }

    private static let judgedAtOnce = 200
    private static let mostJudged = 1000

    // MARK: What followed

    private func stored(
        of experiment: ExperimentID?, _ snapshot: TenantSnapshot, before: DecisionID?, limit: Int
    ) async throws(Problem) -> [DecisionRecord] {
        do throws(StoreError) {
            return try await service.store.decisions(
                of: experiment, in: snapshot.tenant.id, before: before, limit: limit)
        } catch {
            throw Problem(error)
        }
    }

    /// In order; an experiment's counts are read once, and not at all for what claims nothing.
    private func scores(
        of decisions: [DecisionRecord], _ snapshot: TenantSnapshot
    ) async throws(Problem) -> [(decision: DecisionRecord, score: DecisionScore)] {
        var known: [ExperimentID: Measurements] = [:]
        var out: [(decision: DecisionRecord, score: DecisionScore)] = []
        let now = service.clock.now()
        for decision in decisions {
            guard decision.action.claims else {
                out.append((decision, .open(.noClaim)))
                continue
            }
            guard let experiment = snapshot.experiments[decision.experiment] else {
                out.append((decision, .open(.noEstimate)))
                continue
            }
            let measured: Measurements
            if let counts = known[experiment.id] {
                measured = counts
            } else {
                measured = try await measurements(of: experiment, in: snapshot.tenant.id, asOf: nil)
                known[experiment.id] = measured
            }
            let score = try await onWorkers { () throws(Problem) -> DecisionScore in
                do throws(AnalysisError) {
                    return try DecisionScore(of: decision, by: measured, at: now)
                } catch {
                    throw .countsInconsistent
                }
            }
            out.append((decision, score))
        }
        return out
    }
}

/// What is asked to be recorded; it cannot be wrong.
private struct DecisionRequest {
    /// Nil to take the recommendation as it is.
    let action: DecisionRecord.Action?
    let variant: String?
    let reason: String
    let completes: Bool
    let asOf: Timestamp?

    init(_ context: Context, on experiment: Experiment) throws(Problem) {
        self = try context.read(["action", "variant", "reason", "policy", "complete", "as_of"]) { reader in
            let isPolicy = reader.bool("policy") ?? false
            let action = reader.choice("action", DecisionRecord.Action.self)
            let variant = reader.string("variant")
            let completes = reader.bool("complete") ?? false
            let reason = reader.string("reason") ?? ""
            if reason.count > DecisionRecord.longestReason {
                reader.fault("reason", "A reason has at most \(DecisionRecord.longestReason) characters.")
            }
            if isPolicy {
                for key: StaticString in ["action", "variant"] where reader[key] != nil {
                    reader.fault(key, "With `policy` the recommendation says this.")
                }
            } else {
                reader.require("action")
                Self.check(variant, for: action, experiment, reader)
                if completes, action == .continue {
                    reader.fault("complete", "Who goes on does not complete.")
                }
            }
            return DecisionRequest(
                action: isPolicy ? nil : action, variant: isPolicy ? nil : variant, reason: reason,
                completes: completes, asOf: reader.timestamp("as_of"))
        }
    }

    private init(
        action: DecisionRecord.Action?, variant: String?, reason: String, completes: Bool, asOf: Timestamp?
    ) {
        self.action = action
        self.variant = variant
        self.reason = reason
        self.completes = completes
        self.asOf = asOf
    }

    private static func check(
        _ variant: String?, for action: DecisionRecord.Action?, _ experiment: Experiment, _ reader: ObjectReader
    ) {
        guard let action else { return }
        guard action.claims else {
            if variant != nil { reader.fault("variant", "Only `ship` and `stop` speak of a variant.") }
            return
        }
        guard let variant else {
            reader.require("variant")
            return
        }
        guard let place = experiment.variants.firstIndex(where: { $0.name == variant }) else {
            reader.fault("variant", "The experiment has no variant of this name.")
            return
        }
        if place == experiment.control {
            reader.fault("variant", "Control is what the others are judged by; to keep it, stop a variant.")
        }
    }
}
