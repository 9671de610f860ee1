import Stats
import Testing

@Suite struct ProportionPlanTests {
    static let readings: [ProportionPlan.Reading] = [
        .once, .anyTime(tuning: 5000), .looks(3, .pocock), .looks(20, .obrienFleming(sides: 2)),
    ]

    @Test(arguments: readings, [0, 0.3, 0.9])
    func `so many shoppers find the difference they were counted for`(
        reading: ProportionPlan.Reading, explained: Double
    ) throws {
        for (baseline, difference) in [(0.05, 0.005), (0.2, 0.05), (0.5, 0.1)] {
            let plan = try ProportionPlan(
                baseline: baseline, alpha: 0.05, power: 0.8, reading: reading, explained: explained)
            let found = try plan.detectable(perArm: plan.perArm(difference: difference))
            expectClose(found, difference, relative: 1e-8)
        }
    }

    @Test func `what is looked at more often takes more, and what is known before takes less`() throws {
        func perArm(_ reading: ProportionPlan.Reading, _ explained: Double = 0) throws -> Double {
            try ProportionPlan(baseline: 0.2, alpha: 0.05, power: 0.8, reading: reading, explained: explained)
                .perArm(difference: 0.05)
        }
        let once = try perArm(.once)
        expectClose(once, 1090.994, relative: 1e-6)
        // A look also finds the difference on the wrong side, once in 400,000.
        expectClose(try perArm(.looks(1, .pocock)), once, relative: 1e-5)
        // rpact 3.3.4, one-sided at 0.025: the inflation of asOF with three looks and of asP with two.
        expectClose(try perArm(.looks(3, .obrienFleming(sides: 2))) / once, 1.0127948088814391, relative: 1e-5)
        expectClose(try perArm(.looks(2, .pocock)) / once, 1.122550219568895, relative: 1e-4)
        let pocock = try perArm(.looks(5, .pocock))
        let anyTime = try perArm(.anyTime(tuning: 5000))
        #expect(once * 1.1 < pocock && pocock < anyTime && anyTime < 3 * once)
        expectClose(try perArm(.once, 0.25), 0.75 * once, relative: 1e-12)
        #expect(try perArm(.anyTime(tuning: 5000), 0.25) < 0.8 * anyTime)
    }

    @Test func `a plan that cannot be is refused`() {
        for (explained, looks, tuning) in [(1.0, 2, 10.0), (-0.1, 2, 10), (0, 0, 10), (0, 101, 10), (0, 2, 0)] {
            let readings: [ProportionPlan.Reading] = [.looks(looks, .pocock), .anyTime(tuning: tuning)]
            #expect(throws: StatsError.self) {
                for reading in readings {
                    _ = try ProportionPlan(
                        baseline: 0.2, alpha: 0.05, power: 0.8, reading: reading, explained: explained)
                }
            }
        }
        #expect(throws: StatsError.self) {
            try ProportionPlan(baseline: 0.9, alpha: 0.05, power: 0.8, reading: .anyTime(tuning: 5000)).detectable(
                perArm: 3)
        }
    }
}
