internal import Experiments

extension World {
    /// A tenant with its products.
    func found(_ index: Int) async throws(Stuck) {
        var keys: [[UInt8]] = []
        for _ in 0..<2 { keys.append((0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }) }
        var tenant = Tenant(
            id: service.identifiers.next(at: clock.now()), name: "Tenant \(index)", createdAt: clock.now(),
            secrets: TenantSecrets(subjectKey: keys[0], sealKey: keys[1]))
        // The first link would say so in a change of its own.
        tenant.hasLinkedShoppers = true
        let founded = tenant
        _ = try await insist { () throws(StoreError) in
            do throws(ConfigurationError) {
                try await service.create(founded, keys: [], actor: "operator", requestID: "found", answer: ())
            } catch {
                if case .store(let reason) = error { throw reason }
                throw .corrupt("\(error)")
            }
        }
        // A change made later by the neighbour must not start from nothing.
        _ = try await insist { () throws(StoreError) in try await neighbour.refresh() }
        let book = Books(tenant.id, findings: findings)
        book.audit.append(("tenant.create", "found"))
        books.append(book)
        shoppers.append([])
        families.append([])
        for number in 0..<3 { try await putProduct(index, "sku-\(number)", in: number == 2 ? "JPY" : "USD") }
    }

    private func putProduct(_ tenant: Int, _ sku: String, in code: String) async throws(Stuck) {
        let price = random.within(900...9999)
        let cost = random.perMille(700) ? random.within(100...800) : nil
        guard let key = TenantKey(sku), let currency = Currency(code) else { return }
        let product = Product(
            sku: key, title: sku, listPrice: Money(amount: price, currency: currency), unitCost: cost)
        let refusal = try await request(tenant, "product.put") { _, _ in [.product(product)] }
        findings.expect(refusal == nil, .stateMachine, "\(sku) was refused: \(String(describing: refusal))")
        if refusal == nil {
            books[tenant].items[sku] = Books.Item(price: price, currency: code, cost: cost, title: sku)
        }
    }

    /// A merchant does something.
    func administer(_ tenant: Int) async throws(Stuck) {
        switch random.below(20) {
        case 0..<3: try await draftTrial(tenant)
        case 3..<9: try await act(tenant)
        case 9..<11: try await changeProduct(tenant)
        case 11: try await changeWhatIsFrozen(tenant)
        case 12: try await limitUse(tenant)
        default: try await revise(tenant)
        }
    }

    private func changeProduct(_ tenant: Int) async throws(Stuck) {
        let sku = anyProduct(tenant)
        try await putProduct(tenant, sku, in: books[tenant].items[sku]?.currency ?? "USD")
    }

    /// A limit that is reached now or soon, or none.
    private func limitUse(_ tenant: Int) async throws(Stuck) {
        let assigned = books[tenant].assignments.values.reduce(0, +)
        let limit: Int? = random.perMille(500) ? nil : assigned + random.below(40)
        let refusal = try await request(tenant, "tenant.change") { snapshot, _ in
            var changed = snapshot.tenant
            changed.usageLimit = limit
            return [.tenant(changed)]
        }
        findings.expect(refusal == nil, .stateMachine, "a limit was refused: \(String(describing: refusal))")
        if refusal == nil { books[tenant].usageLimit = limit }
    }

    // MARK: Experiments

    func draftTrial(_ tenant: Int) async throws(Stuck) {
        let trial = drawTrial(tenant)
        var draft = ExperimentDraft()
        draft.name = trial.name
        draft.products = trial.products
        draft.variants = trial.names.indices.map {
            ExperimentDraft.VariantDraft(
                name: trial.names[$0], price: trial.prices[$0], weight: Int64(trial.weights[$0]))
        }
        draft.layer = trial.part.map { Layer(name: $0.layer, from: $0.from, to: $0.to) }
        draft.audience = trial.channels.map { Self.audience($0) }
        draft.coverage = trial.coverage
        draft.holdout = trial.holdout
        draft.attributionDays = Int64(trial.attributionDays)
        draft.endsAt = trial.endsAt.map { Timestamp(milliseconds: $0) }
        draft.ramp = trial.ramp?.map { Ramp.Step(afterHours: $0.hours, coverage: $0.share) }
        let (whole, id) = (draft, trial.id)
        let refusal = try await request(tenant, "experiment.create") { snapshot, now throws(ConfigurationError) in
            do throws(Faults) {
                let design = try ExperimentDesign(validating: whole, product: { snapshot.catalogue[$0]?.product })
                return [.experiment(Experiment(design, id: id, at: now))]
            } catch {
                throw .invalid(error)
            }
        }
        findings.expect(refusal == nil, .stateMachine, "a sound draft was refused: \(String(describing: refusal))")
        if refusal == nil { books[tenant].add(trial) }
    }

    private func drawTrial(_ tenant: Int) -> Trial {
        let items = books[tenant].items
        var products = [anyProduct(tenant)]
        if random.perMille(300) { products.append(anyProduct(tenant)) }
        let currency = items[products[0]]?.currency ?? "USD"
        products = products.filter { items[$0]?.currency == currency }
        if products.count == 2, products[0] == products[1] { products.removeLast() }
        let count = 2 + random.below(3)
        let base = items[products[0]]?.price ?? 1000
        let half = random.perMille(500) ? 0.0 : 0.5
        let name = fresh("trial")
        return Trial(
            id: service.identifiers.next(at: clock.now()), name: name, products: products, currency: currency,
            names: (0..<count).map { $0 == 0 ? "control" : "variant-\($0)" },
            prices: (0..<count).map { base + Int64($0) * random.within(50...900) }, weights: weights(count),
            coverage: random.pick([1, 1, 1, 0.5, 0.25]),
            channels: random.perMille(250) ? ["web", "app"] : nil, holdout: random.pick([0, 0, 0, 0.1]),
            part: random.perMille(500) ? ("layer", half, half + 0.5) : nil,
            ramp: random.perMille(150) ? [(0, 0.25), (2, 0.6), (8, 1)] : nil,
            attributionDays: random.pick([1, 1, 2, 3, 14]),
            endsAt: random.perMille(150) ? now + random.within(3_600_000...4 * 86_400_000) : nil)
    }

    private func weights(_ count: Int) -> [Int] {
        if random.perMille(150) { return (0..<count).map { $0 == count - 1 ? 99 : 1 } }
        return (0..<count).map { _ in 1 + random.below(10) }
    }

    private static func audience(_ channels: [String]) -> AttributeValue {
        .object(["channel": .object(["$in": .list(channels.map { .string($0) })])])
    }

    /// Asks an experiment for any of the five actions, allowed or not.
    func act(_ tenant: Int, _ chosen: (Trial, ExperimentAction)? = nil) async throws(Stuck) {
        guard !books[tenant].trials.isEmpty else { return }
        let trial = chosen?.0 ?? random.pick(books[tenant].trials)
        let action = chosen?.1 ?? likelyAction(trial)
        transitionsTried.insert("\(trial.stage.rawValue) \(action.rawValue)")
        let byNeighbour = random.perMille(250)
        let id = trial.id
        let refusal = try await request(tenant, "experiment.\(action.rawValue)", byNeighbour: byNeighbour) {
            snapshot, now throws(ConfigurationError) in
            [.experiment(try snapshot.after(action, on: id, at: now))]
        }
        let isTaken = Trial.stage(after: action, trial.stage) != nil
        let isFree =
            action != .start
            || (!books[tenant].trials.contains { $0 !== trial && trial.collides(with: $0) }
                && now < (trial.endsAt ?? .max))
        findings.expect(
            (refusal == nil) == (isTaken && isFree), .stateMachine,
            "\(action.rawValue) of a \(trial.stage.rawValue) experiment was "
                + (refusal.map { "refused: \($0)" } ?? "taken"))
        if refusal == nil { move(trial, by: action, of: tenant) }
        try await afterNeighbour(tenant, byNeighbour && refusal == nil)
        try checkVersion(trial, of: tenant)
    }

    private func likelyAction(_ trial: Trial) -> ExperimentAction {
        if random.perMille(250) { return random.pick(ExperimentAction.allCases) }
        return switch trial.stage {
        case .draft: .start
        case .running: random.perMille(650) ? .pause : .complete
        case .paused: random.perMille(800) ? .resume : .complete
        case .completed, .archived: .archive
        }
    }

    private func move(_ trial: Trial, by action: ExperimentAction, of tenant: Int) {
        guard let next = Trial.stage(after: action, trial.stage) else { return }
        if next == .archived { trial.frozen = trial.tallies(of: books[tenant].everyone) }
        if action == .start {
            trial.startedAt = now
            trial.phases = [trial.weights]
            trial.draws = [trial.weights.map { _ in 0 }]
        }
        if next == .completed { trial.completedAt = now }
        trial.stage = next
        trial.version += 1
    }

    /// Changes weights, coverage, audience or name.
    private func revise(_ tenant: Int) async throws(Stuck) {
        guard !books[tenant].trials.isEmpty else { return }
        let running = books[tenant].trials.filter { $0.stage == .running }
        let trial = random.pick(running.isEmpty ? books[tenant].trials : running)
        var (weights, coverage, channels, name) = (trial.weights, trial.coverage, trial.channels, trial.name)
        switch random.below(6) {
        case 0..<3: weights = self.weights(weights.count)
        case 3: coverage = random.pick([0.1, 0.5, 0.8, 1])
        case 4: channels = channels == nil ? ["web", "app", "mail"] : nil
        default: name = fresh("trial")
        }
        var audience: Condition?
        if let channels { audience = try? Condition(parsing: Self.audience(channels)) }
        let (newAudience, newWeights, newCoverage, newName) = (audience, weights, coverage, name)
        // Each change says only what it means to change, so that two of them can both be kept.
        let touches = (
            weights != trial.weights, coverage != trial.coverage, channels != trial.channels, name != trial.name
        )
        let byNeighbour = random.perMille(350)
        let id = trial.id
        let refusal = try await request(tenant, "experiment.change", byNeighbour: byNeighbour) {
            snapshot, now throws(ConfigurationError) in
            guard let experiment = snapshot.experiments[id] else { throw .notFound }
            var design = experiment.design
            if touches.0 { for (place, weight) in newWeights.enumerated() { design.variants[place].weight = weight } }
            if touches.1 { design.coverage = newCoverage }
            if touches.2 { design.audience = newAudience }
            if touches.3 { design.name = newName }
            do throws(ExperimentError) {
                return [.experiment(try experiment.revised(by: design, at: now))]
            } catch {
                throw .experiment(error)
            }
        }
        let isOpen = trial.stage != .completed && trial.stage != .archived
        findings.expect(
            (refusal == nil) == isOpen, .stateMachine,
            "a change of a \(trial.stage.rawValue) experiment was " + (refusal.map { "refused: \($0)" } ?? "taken"))
        if refusal == nil {
            if touches.0, !trial.phases.isEmpty {
                trial.phases.append(weights)
                trial.draws.append(weights.map { _ in 0 })
            }
            (trial.weights, trial.coverage, trial.channels, trial.name) = (weights, coverage, channels, name)
            trial.version += 1
        }
        try await afterNeighbour(tenant, byNeighbour && refusal == nil)
        try checkVersion(trial, of: tenant)
    }

    /// Prices of a started experiment are frozen.
    private func changeWhatIsFrozen(_ tenant: Int) async throws(Stuck) {
        guard let trial = books[tenant].trials.first(where: { $0.stage == .running || $0.stage == .paused }) else {
            return
        }
        let id = trial.id
        let refusal = try await request(tenant, "experiment.change") { snapshot, now throws(ConfigurationError) in
            guard let experiment = snapshot.experiments[id] else { throw .notFound }
            var design = experiment.design
            design.attributionDays = design.attributionDays % 90 + 1
            do throws(ExperimentError) {
                return [.experiment(try experiment.revised(by: design, at: now))]
            } catch {
                throw .experiment(error)
            }
        }
        guard case .experiment(.frozen) = refusal else {
            return findings.add(.stateMachine, "the attribution window of a started experiment could be changed")
        }
    }

    /// The other process changed something. The server notices within a second; until it does, what it decides on its
    /// stale configuration must be refused by the store and decided again.
    private func afterNeighbour(_ tenant: Int, _ didChange: Bool) async throws(Stuck) {
        guard didChange else { return }
        switch random.below(3) {
        case 0: try await ask(tenant, newShopper(tenant), in: try snapshot(tenant))
        case 1: try await sendEvents(tenant, in: try snapshot(tenant))
        default: break
        }
        _ = try await insist { () throws(StoreError) in try await service.refresh() }
    }

    private func checkVersion(_ trial: Trial, of tenant: Int) throws(Stuck) {
        let snapshot = try snapshot(tenant)
        let experiment = snapshot.experiments[trial.id]
        findings.expect(
            experiment?.version == trial.version, .stateMachine,
            "\(trial.id) has version \(experiment?.version ?? 0) after \(trial.version - 1) changes")
        findings.expect(
            snapshot.version == books[tenant].version, .stateMachine,
            "the tenant has version \(snapshot.version) after \(books[tenant].version) changes")
    }
}
