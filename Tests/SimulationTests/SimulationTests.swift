import Simulation
import Testing

@Suite struct SimulationTests {
    @Test(arguments: UInt64(1)...20)
    func `every invariant holds in a seeded world`(seed: UInt64) async {
        let report = await Simulation(seed: seed, shoppers: 150).run()
        #expect(report.violations.isEmpty, "\(report.replayCommand)")
        #expect(report.quotes > 100 && report.events > 100 && report.changes > 20 && report.checks > 0)
    }
}
