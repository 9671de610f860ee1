/// Why a change of configuration was not made.
public enum ConfigurationError: Error, Sendable, Equatable {
    /// The thing is not there, or is another tenant's: the two cannot be told apart.
    case notFound
    /// What came is understood and wrong.
    case invalid(Faults)
    /// There is one already, or it stands in the way of another; `code` is stable, `detail` is for people.
    case conflict(code: String, detail: String)
    case experiment(ExperimentError)
    case store(StoreError)
}

/// A change decided against a snapshot: what to write and what to answer.
public struct Decided<Answer: Sendable>: Sendable {
    public let changes: [ConfigurationChange]
    public let action: String
    public let target: String
    public let answer: Answer
    public let reply: SavedReply?

    public init(
        _ changes: [ConfigurationChange], action: String, target: String, answer: Answer, reply: SavedReply? = nil
    ) {
        self.changes = changes
        self.action = action
        self.target = target
        self.answer = answer
        self.reply = reply
    }
}

extension PricingService {
    /// Decides a change against the newest snapshot and commits it with its audit row. If the configuration moved in
    /// between, decides again: no update is lost. Changes of one tenant that wait for each other are committed together.
    ///
    /// - Parameter decide: pure; may run more than once, in another caller's task.
    public func change<Answer: Sendable>(
        _ tenant: TenantID, actor: String, requestID: String,
        _ decide: @escaping @Sendable (TenantSnapshot, Timestamp) throws(ConfigurationError) -> Decided<Answer>
    ) async throws(ConfigurationError) -> Answer {
        let latest = LatestAnswer<Answer>()
        let change = PendingChange { snapshot, now throws(ConfigurationError) in
            let decided = try decide(snapshot, now)
            latest.put(decided.answer)
            return Commit.Step(
                changes: decided.changes,
                audit: AuditDraft(
                    at: now, actor: actor, action: decided.action, target: decided.target, requestID: requestID),
                reply: decided.reply)
        }
        switch await turnstile.enter(tenant, change) {
        case .refused: throw .store(.unavailable("too many changes of this tenant wait"))
        case .led(let outcome): try outcome.get()
        case .leads(let all):
            let (outcomes, left) = await commit(all, of: tenant)
            turnstile.leave(tenant, without: left)
            for (member, result) in outcomes.dropFirst() { member.answer?.resume(returning: .led(result)) }
            try outcomes.first?.result.get()
        }
        guard let answer = latest.answer else { throw .store(.unavailable("the change was not decided")) }
        return answer
    }

    /// Decides changes one after the other and commits them together. Returns how each ended, for as many as one commit
    /// has room for, and who else is left.
    ///
    /// - Parameter alone: whether nobody may join them.
    private func commit(
        _ members: [Turnstile.Member], of tenant: TenantID, alone: Bool = false
    ) async -> (outcomes: [ChangeGroup.Outcome], left: [Turnstile.Member]) {
        let group = ChangeGroup(
            of: tenant, members, from: alone ? nil : turnstile, in: directory, clock: clock)
        if turnstile.isSlow { group.insist() }
        do throws(ConfigurationError) {
            try await commit(group, of: tenant)
        } catch {
            let (together, left) = (group.outcomes.map(\.member), group.left)
            if case .store(.corrupt) = error, together.count > 1 {
                // One change's doing, perhaps: each is tried alone.
                var outcomes: [ChangeGroup.Outcome] = []
                for member in together { outcomes += await commit([member], of: tenant, alone: true).outcomes }
                return (outcomes, left)
            }
            group.fail(error)
        }
        return (group.outcomes, group.left)
    }

    private func commit(_ group: ChangeGroup, of tenant: TenantID) async throws(ConfigurationError) {
        // The last try may take a second itself.
        let began = clock.now()
        var tries = Tries(at: began, for: 1000)
        while tries.another(at: clock.now()) {
            guard let snapshot = directory[tenant] else { throw .notFound }
            guard let commit = group.decide(on: snapshot) else { return }
            await cache?.announceChange(of: tenant)
            do throws(StoreError) {
                _ = try await store.commit(commit) { _ in group.publish() }
                return
            } catch {
                note(error)
                switch error {
                case .repeated(let reply): group.learn(reply)
                case .outdated(let version):
                    if clock.now().milliseconds - began.milliseconds > ChangeGroup.longWait { group.insist() }
                    do throws(StoreError) {
                        _ = try await newer(than: snapshot, atLeast: version)
                    } catch {
                        throw .store(error)
                    }
                default: throw .store(error)
                }
            }
        }
        throw .store(.unavailable("the configuration changes faster than it can be decided on"))
    }

    /// Creates a tenant with its first keys.
    public func create<Answer: Sendable>(
        _ tenant: Tenant, keys: [APIKey], actor: String, requestID: String, answer: Answer, reply: SavedReply? = nil
    ) async throws(ConfigurationError) -> Answer {
        var faults = Faults()
        tenant.validate(into: &faults)
        if !faults.isEmpty { throw .invalid(faults) }
        let commit = Commit(
            tenant: tenant.id, expectedVersion: 0,
            changes: [.tenant(tenant)] + keys.map { .key($0) },
            audit: AuditDraft(
                at: tenant.createdAt, actor: actor, action: "tenant.create", target: tenant.id.description,
                requestID: requestID),
            reply: reply)
        do throws(StoreError) {
            _ = try await store.commit(commit) { [directory] version in
                directory.put(
                    TenantSnapshot(
                        TenantConfiguration(
                            tenant: tenant, version: version, products: [], experiments: [], keys: keys)))
            }
        } catch {
            throw .store(error)
        }
        return answer
    }
}

// MARK: - What a change must respect

extension TenantSnapshot {
    /// The experiment after an action, with everything around it respected.
    public func after(
        _ action: ExperimentAction, on id: ExperimentID, at now: Timestamp
    ) throws(ConfigurationError) -> Experiment {
        guard let experiment = experiments[id] else { throw .notFound }
        let next: Experiment
        do {
            next = try experiment.after(action, at: now)
        } catch {
            throw .experiment(error)
        }
        if action == .start { try checkStart(of: next) }
        return next
    }

    /// Prices still fit the catalogue, and no other live experiment could tell these shoppers another price.
    private func checkStart(of experiment: Experiment) throws(ConfigurationError) {
        var faults = Faults()
        for (index, sku) in experiment.products.enumerated() {
            guard let entry = catalogue[sku] else {
                faults.add("/products/\(index)", "There is no product with this SKU any more.")
                continue
            }
            if entry.product.currency != experiment.currency {
                faults.add("/products/\(index)", "The product is now priced in \(entry.product.currency).")
            }
            for (place, variant) in experiment.variants.enumerated() {
                if let objection = entry.product.objection(to: variant.offered) {
                    faults.add("/variants/\(place)/price", objection)
                }
            }
        }
        if !faults.isEmpty { throw .invalid(faults) }
        for sku in experiment.products {
            for other in catalogue[sku]?.live ?? [] where other.experiment.id != experiment.id {
                if let mine = experiment.layer, let theirs = other.experiment.layer, mine.name == theirs.name {
                    if !mine.overlaps(theirs) { continue }
                    throw .conflict(
                        code: "layer_conflict",
                        detail: "\(other.experiment.id) holds an overlapping part of layer \"\(mine.name)\".")
                }
                throw .conflict(
                    code: "product_in_experiment",
                    detail: "\(sku) is already under test in \(other.experiment.id). Complete that one first, or put "
                        + "both in separate parts of one layer.")
            }
        }
    }

    /// Whether a product may become `product` while experiments hold prices for it.
    public func checkChange(to product: Product) throws(ConfigurationError) {
        guard let entry = catalogue[product.sku] else { return }
        for live in entry.live {
            let experiment = live.experiment
            if product.currency != experiment.currency {
                throw .conflict(
                    code: "product_in_experiment",
                    detail: "\(experiment.id) holds prices for \(product.sku) in \(experiment.currency).")
            }
            for variant in experiment.variants {
                if let objection = product.objection(to: variant.offered) {
                    throw .conflict(
                        code: "product_in_experiment", detail: "\(experiment.id) is running: " + objection)
                }
            }
        }
    }

    /// Whether a product may go.
    public func checkRemoval(of sku: TenantKey) throws(ConfigurationError) {
        guard catalogue[sku] != nil else { throw .notFound }
        if let experiment = counting[sku]?.first {
            throw .conflict(
                code: "product_in_experiment",
                detail: "\(experiment.id) still counts sales of \(sku); complete and archive it first.")
        }
    }

    /// How many live experiments hold prices for a product, for people and gauges.
    public func liveExperiments(on sku: TenantKey) -> [ExperimentID] {
        catalogue[sku]?.live.map(\.experiment.id) ?? []
    }
}
