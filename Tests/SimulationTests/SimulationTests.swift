import Simulation
import Synchronization
import Testing

@Suite struct SimulationTests {
    private static let shoppers = 150

    @Test(arguments: UInt64(1)...20)
    func `every invariant holds in a seeded world`(seed: UInt64) async {
        let report = await Simulation(seed: seed, shoppers: Self.shoppers).run()
        #expect(report.violations.isEmpty, "\(report.replayCommand)")
        #expect(report.quotes > 50 && report.events > 50 && report.changes > 10 && report.checks > 0)
    }

    @Test func `the same seed is the same world, and another seed another`() async {
        let first = await Simulation(seed: 7, shoppers: Self.shoppers).run()
        let again = await Simulation(seed: 7, shoppers: Self.shoppers).run()
        let other = await Simulation(seed: 8, shoppers: Self.shoppers).run()
        #expect(first == again)
        #expect(first.digest != other.digest)
    }

    /// The first seeds are those that must pass without it, above.
    @Test(arguments: PlantedBug.allCases)
    func `a planted bug is found, as the invariant it breaks`(bug: PlantedBug) async {
        var reports: [SimulationReport] = []
        for seed in UInt64(1)...12 {
            let report = await Simulation(seed: seed, shoppers: Self.shoppers, planted: bug).run()
            reports.append(report)
            if report.violations.contains(where: { $0.invariant == bug.expected }) { break }
        }
        let found = reports.last?.violations.first { $0.invariant == bug.expected }
        #expect(found != nil, "not found in seeds 1 to \(reports.count)")
        #expect(reports.last?.replayCommand.contains("--planted \(bug.rawValue)") == true)
    }

    @Test func `a failing seed says what was broken and how to see it again`() async {
        let report = await Simulation(seed: 3, shoppers: Self.shoppers, planted: .skipDedupe).run()
        #expect(!report.isClean)
        #expect(report.replayCommand == "cournot simulate --seed 3 --shoppers 150 --planted skip-dedupe")
        #expect(report.violations.first?.description.hasPrefix("I5 after operation ") == true)
    }

    @Test func `a sweep fails when a world fails, and when a planted bug is not found`() async {
        let lines = Mutex<[String]>([])
        var sweep = SimulationSweep()
        sweep.count = 2
        sweep.shoppers = 20
        #expect(await sweep.run { line in lines.withLock { $0.append(line) } })
        #expect(lines.withLock { $0.last?.hasPrefix("2 worlds: 0 failed; ") } == true)

        sweep.planted = [.skipDedupe]
        #expect(await sweep.run { line in lines.withLock { $0.append(line) } })
        #expect(
            lines.withLock { $0.contains { $0.hasPrefix("skip-dedupe, seed ") && $0.contains(": found. I5 after ") } })

        // One shopper is too few to show that attribution windows are ignored.
        sweep.shoppers = 1
        sweep.planted = [.ignoreAttributionWindow]
        #expect(await !sweep.run { line in lines.withLock { $0.append(line) } })
        #expect(lines.withLock { $0.last } == "ignore-attribution-window: not found in any world")
    }
}
