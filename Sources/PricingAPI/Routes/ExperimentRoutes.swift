internal import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    func createExperiment(_ context: Context) async throws(Problem) -> Response {
        let collector = FaultCollector()
        guard
            let reader = ObjectReader(
                try context.json().root, keys: Experiment.settableKeys, readOnly: Experiment.readOnlyKeys, collector)
        else { throw .invalid(collector.faults.list) }
        let draft = ExperimentDraft(reader)
        return try await create(draft, collector.faults, try ReplyKeeper(context), context)
    }

    /// Makes a draft, once for each keeper.
    ///
    /// - Parameter faults: what was wrong in reading it; told with what else is.
    func create(
        _ draft: ExperimentDraft, _ faults: Faults, _ keeper: ReplyKeeper?, _ context: Context
    ) async throws(Problem) -> Response {
        let tenant = try context.member.snapshot.tenant.id
        let id: ExperimentID = service.identifiers.next(at: service.clock.now())
        return try await once(keeper) { keeper throws(ConfigurationError) in
            try await service.change(tenant, actor: context.caller.actor, requestID: context.requestID) {
                snapshot, now throws(ConfigurationError) in
                let experiment = Experiment(try snapshot.design(draft, faults), id: id, at: now)
                let outcome = Outcome(status: 201, location: "/api/v1/experiments/\(id)", body: experiment.wire)
                return Decided(
                    [.experiment(experiment)], action: "experiment.create", target: id.description, answer: outcome,
                    reply: keeper?.keep(outcome, at: now))
            }
        }
    }

    /// Newest first.
    func listExperiments(_ context: Context) throws(Problem) -> Response {
        let experiments = try context.member.snapshot.experiments
        var keys = experiments.keys
        if let text = try context.query("status") {
            guard let status = Experiment.Status(rawValue: text) else {
                let all = Experiment.Status.allCases.map(\.rawValue).joined(separator: ", ")
                throw .parameter("`status` is one of \(all).")
            }
            keys.removeAll { experiments[$0]?.status != status }
        }
        return context.representation(
            try Paging(context).page(
                of: keys, by: >, read: ExperimentID.init, text: \.description,
                write: { id, writer in experiments[id]?.write(into: &writer) }))
    }

    func readExperiment(_ context: Context) throws(Problem) -> Response {
        context.representation(try context.experiment().wire)
    }

    func changeExperiment(_ context: Context) async throws(Problem) -> Response {
        let tenant = try context.member.snapshot.tenant.id
        guard let id = ExperimentID(context.parameter(0)) else { throw .notFound }
        let patch = try MergePatch(context, listsByName: ["variants"])
        return try await change(context, tenant) { snapshot, now throws(ChangeRefusal) in
            guard let experiment = snapshot.experiments[id] else { throw .configuration(.notFound) }
            let merged = try patch.merged(onto: experiment.wire, context, readOnly: Experiment.readOnlyKeys)
            let design = try merged.read(Experiment.settableKeys + Experiment.readOnlyKeys) {
                reader throws(Faults) in
                let draft = ExperimentDraft(reader, isPatched: true)
                return try ExperimentDesign(
                    validating: draft, product: { snapshot.catalogue[$0]?.product }, faults: reader.collector.faults)
            }
            let next: Experiment
            do throws(ExperimentError) {
                next = try experiment.revised(by: design, at: now)
            } catch {
                throw .configuration(.experiment(error))
            }
            return Decided(
                [.experiment(next)], action: "experiment.change", target: id.description,
                answer: Outcome(status: 200, body: next.wire))
        }
    }

    /// Says a whole design anew: what is not said is standard, a variant that is not named is gone.
    func replaceExperiment(_ context: Context) async throws(Problem) -> Response {
        let tenant = try context.member.snapshot.tenant.id
        guard let id = ExperimentID(context.parameter(0)) else { throw .notFound }
        let collector = FaultCollector()
        guard
            let reader = ObjectReader(
                try context.json().root, keys: Experiment.settableKeys, readOnly: Experiment.readOnlyKeys, collector)
        else { throw .invalid(collector.faults.list) }
        let (draft, faults) = (ExperimentDraft(reader), collector.faults)
        return try await change(context, tenant) { snapshot, now throws(ChangeRefusal) in
            guard let experiment = snapshot.experiments[id] else { throw .configuration(.notFound) }
            guard context.mayChange(experiment.wire) else { throw .problem(.preconditionFailed) }
            let next: Experiment
            do throws(ConfigurationError) {
                let design = try snapshot.design(draft, faults)
                do throws(ExperimentError) {
                    next = try experiment.revised(by: design, at: now)
                } catch {
                    throw .experiment(error)
                }
            } catch {
                throw .configuration(error)
            }
            return Decided(
                [.experiment(next)], action: "experiment.change", target: id.description,
                answer: Outcome(status: 200, body: next.wire))
        }
    }

    func act(_ action: ExperimentAction, _ context: Context) async throws(Problem) -> Response {
        let tenant = try context.member.snapshot.tenant.id
        guard let id = ExperimentID(context.parameter(0)) else { throw .notFound }
        try context.requireNoContent()
        try context.refuseIfMatch()
        return try await once(context) { keeper throws(ConfigurationError) in
            try await service.change(tenant, actor: context.caller.actor, requestID: context.requestID) {
                snapshot, now throws(ConfigurationError) in
                let next = try snapshot.after(action, on: id, at: now)
                let outcome = Outcome(status: 200, body: next.wire)
                return Decided(
                    [.experiment(next)], action: "experiment.\(action.rawValue)", target: id.description,
                    answer: outcome, reply: keeper?.keep(outcome, at: now))
            }
        }
    }
}

extension Context {
    /// The tenant's own experiment that the path names.
    func experiment() throws(Problem) -> Experiment {
        guard let id = ExperimentID(parameter(0)), let experiment = try member.snapshot.experiments[id] else {
            throw .notFound
        }
        return experiment
    }
}

extension TenantSnapshot {
    fileprivate func design(
        _ draft: ExperimentDraft, _ faults: Faults
    ) throws(ConfigurationError) -> ExperimentDesign {
        do throws(Faults) {
            return try ExperimentDesign(validating: draft, product: { catalogue[$0]?.product }, faults: faults)
        } catch {
            throw .invalid(error)
        }
    }
}
