internal import Experiments

/// A seeded world around the real engine: tenants, merchants and thousands of shoppers, retries, lost and doubled
/// messages, clocks that jump, processes that die, disks that fail between any two writes; and a ledger of its own
/// against which everything the engine says is held.
///
/// The same seed is the same world: `SimulationReport.digest` shows it.
///
///     let report = await Simulation(seed: 42, shoppers: 500).run()
///     if !report.isClean { print(report.violations, report.replayCommand) }
public struct Simulation: Sendable {
    public let seed: UInt64
    /// About how many shoppers come; the world has some five operations for each.
    public let shoppers: Int
    public let planted: PlantedBug?

    /// - Parameters:
    ///   - shoppers: at least 1.
    ///   - planted: a mistake to be found; nil for the engine as it is.
    public init(seed: UInt64, shoppers: Int = 500, planted: PlantedBug? = nil) {
        self.seed = seed
        self.shoppers = max(1, shoppers)
        self.planted = planted
    }

    /// Lives through the world.
    public func run() async -> SimulationReport {
        let findings = Findings(seed: seed, shoppers: shoppers, planted: planted)
        do {
            let world = try await World(seed: seed, findings: findings, planted: planted)
            do {
                try await live(in: world, findings)
            } catch {
                findings.expect(!findings.report.violations.isEmpty, .durability, "the world stopped")
            }
            findings.report.transitionsTried = world.transitionsTried.count
            await world.finish()
        } catch {
            findings.add(.durability, "the database does not open: \(error)")
        }
        return findings.report
    }

    private func live(in world: World, _ findings: Findings) async throws(World.Stuck) {
        for tenant in 0..<(2 + world.random.below(2)) {
            try await world.found(tenant)
            for _ in 0..<3 { try await world.draftTrial(tenant) }
            for trial in world.books[tenant].trials { try await world.act(tenant, (trial, .start)) }
        }
        var crashes = 0
        let pause = max(150, shoppers / 2)
        while world.shoppers.reduce(0, { $0 + $1.count }) < shoppers, !findings.isEnough {
            findings.report.operations += 1
            try await world.step()
            if findings.report.crashes > crashes {
                crashes = findings.report.crashes
                try await world.checkAcknowledged()
                if crashes % 4 == 0 { try await world.check() }
            }
            if findings.report.operations % pause == 0 { try await world.check() }
        }
        try await world.close()
    }
}

extension World {
    /// One operation of somebody, after some time, perhaps with a fault on its way.
    func step() async throws(Stuck) {
        passTime()
        switch random.below(1000) {
        case 0..<20: armCrash(after: random.below(60))
        case 20..<24: armFailedSync(after: random.below(4))
        case 24..<28: fillDisk()
        case 28..<33: try await restart()
        default: break
        }
        let tenant = random.below(books.count)
        switch random.below(100) {
        case 0..<32: try await ask(tenant, anyShopper(tenant))
        case 32..<34: try await askAround(tenant)
        case 34..<40: try await askTogether(tenant)
        case 40..<44: try await peek(tenant)
        case 44..<70: try await sendEvents(tenant)
        case 70..<74: try await resend(8, afterCrash: false)
        case 74..<86: try await revisitQuote()
        case 86..<89: try await link(tenant)
        case 89..<91: try await repeatRequest()
        default: try await administer(tenant)
        }
    }

    private func passTime() {
        switch random.below(400) {
        case 0: clock.advance(milliseconds: 20 * 60_000)
        case 1: stepBack(20 * 60_000)
        case 2: stepBack(random.within(1...10_000))
        case 3: clock.advance(milliseconds: 86_400_000)
        default: clock.advance(milliseconds: random.within(0...30_000))
        }
    }

    /// Not again before it has caught up with itself: what a clock server does to a clock that ran ahead.
    private func stepBack(_ milliseconds: Int64) {
        guard clock.isAtItsLatest else { return }
        clock.advance(milliseconds: -milliseconds)
    }

    /// The last look: every forbidden transition is tried once more, everything is sent again and counted.
    func close() async throws(Stuck) {
        for tenant in books.indices {
            for trial in books[tenant].trials {
                for action in ExperimentAction.allCases where Trial.stage(after: action, trial.stage) == nil {
                    try await act(tenant, (trial, action))
                }
            }
        }
        try await restart()
        try await resend(200, afterCrash: false)
        try await check()
    }
}
