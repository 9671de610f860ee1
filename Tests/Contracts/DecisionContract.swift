import Experiments
import Storage
import Testing

/// What every engine owes a decision.
@Suite struct DecisionContract {
    static func evidence(of experiment: ExperimentID, asOf: Timestamp) throws -> DecisionRecord.Evidence {
        DecisionRecord.Evidence(
            asOf: asOf, configurationVersion: 2, engineVersion: "1.2.3", inputHash: String(repeating: "a", count: 64),
            units: 4000, metric: "profit_per_visitor", unit: "money", currency: try #require(World.usd),
            control: "control",
            advice: DecisionRecord.Evidence.Advice(
                action: .ship, variant: "higher-1", rule: "excludes_zero_in_favour", sentence: "Ship \"höher\"\n…",
                moreShoppers: nil, moreDays: 3),
            findings: [
                DecisionRecord.Evidence.Finding(
                    variant: "higher-1", n: 4000, difference: 12.345678901234567, lower: 0.1, upper: 1e-300,
                    level: 0.95, probabilityBetter: 0.999, expectedLoss: nil)
            ])
    }

    static func decide(
        _ action: DecisionRecord.Action, on experiment: ExperimentID, in world: World, completes: Bool = false
    ) async throws -> DecisionRecord {
        let evidence = try evidence(of: experiment, asOf: world.clock.now())
        return try await world.service.change(world.tenant, actor: "test", requestID: "r") {
            snapshot, now throws(ConfigurationError) -> Decided<DecisionRecord> in
            let decision = DecisionRecord(
                id: world.service.identifiers.next(at: now), experiment: experiment, action: action,
                variant: action.claims ? "higher-1" : nil, origin: .person, takenBy: "test", reason: "Größe “1” \u{0}",
                completes: completes, at: now, evidence: evidence)
            var changes: [ConfigurationChange] = [.decision(decision)]
            if completes { changes.append(.experiment(try snapshot.after(.complete, on: experiment, at: now))) }
            return Decided(
                changes, action: "experiment.decide", target: experiment.description, answer: decision)
        }
    }

    @Test(arguments: Engine.allCases)
    func `decisions are read as they were taken, newest first, page by page`(engine: Engine) async throws {
        try await World.with(engine) { world, experiment in
            let other = try await world.experiment(weights: [1, 1])
            var taken: [DecisionRecord] = []
            for action in [DecisionRecord.Action.continue, .inconclusive, .stop] {
                world.clock.advance(by: .seconds(1))
                taken.insert(try await Self.decide(action, on: experiment, in: world), at: 0)
            }
            let elsewhere = try await Self.decide(.ship, on: other, in: world)
            let store = world.service.store
            func read(
                _ experiment: ExperimentID?, before: DecisionID? = nil, limit: Int = 50
            ) async throws -> [DecisionRecord] {
                try await store.decisions(of: experiment, in: world.tenant, before: before, limit: limit)
            }
            #expect(try await read(experiment) == taken)
            #expect(try await read(nil) == [elsewhere] + taken)
            #expect(try await read(nil, limit: 2) == [elsewhere, taken[0]])
            #expect(try await read(nil, before: taken[0].id) == Array(taken.dropFirst()))
            #expect(try await read(experiment, before: taken[1].id, limit: 1) == [taken[2]])
            let nobody: TenantID = world.service.identifiers.next(at: world.clock.now())
            #expect(try await store.decisions(of: experiment, in: nobody, before: nil, limit: 50) == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `a decision and the end it brings are one commit with one audit row, and counts stand as they were`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, experiment in
            _ = try await world.quote("s-1")
            let store = world.service.store
            let before = try #require(try await store.measurements(of: experiment, in: world.tenant, asOf: nil))
            _ = try await Self.decide(.continue, on: experiment, in: world)
            #expect(try await store.measurements(of: experiment, in: world.tenant, asOf: nil) == before)
            let version = try world.snapshot.version
            _ = try await Self.decide(.ship, on: experiment, in: world, completes: true)
            #expect(try world.snapshot.version == version + 1)
            #expect(try world.snapshot.experiments[experiment]?.status == .completed)
            let audit = try await store.audit(of: world.tenant, below: nil, limit: 2)
            #expect(audit.map(\.draft.action) == ["experiment.decide", "experiment.decide"])
            // Where the end is refused the decision is not kept either.
            await #expect(throws: ConfigurationError.self) {
                _ = try await Self.decide(.stop, on: experiment, in: world, completes: true)
            }
            let kept = try await store.decisions(of: experiment, in: world.tenant, before: nil, limit: 50)
            #expect(kept.map(\.action) == [.ship, .continue])
        }
    }
}
