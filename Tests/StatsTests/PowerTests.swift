import Stats
import Testing

@Suite struct PowerTests {
    @Test func `Miller's calculator says 1,030 for 20 against 25 percent`() throws {
        let size = try TwoProportionSampleSize(baseline: 0.2, absoluteMDE: 0.05, alpha: 0.05, power: 0.8)
        #expect(size.evanMiller.rounded() == 1030)
        #expect(size.unpooled < size.pooled)
    }

    @Test func `the smallest effect found needs the sample it was found with`() throws {
        for (n, p) in [(200.0, 0.5), (5000, 0.03), (1e6, 0.001)] {
            let d = try TwoProportionSampleSize.minimumDetectableEffect(perArm: n, baseline: p, alpha: 0.05, power: 0.9)
            let size = try TwoProportionSampleSize(baseline: p, absoluteMDE: d, alpha: 0.05, power: 0.9)
            expectClose(size.unpooled, n, relative: 1e-10)
        }
    }

    @Test func `a t test's sample has the power asked for`() throws {
        let n = try MeansPower.sampleSize(effectSize: 0.2, alpha: 0.05, power: 0.8, ratio: 1)
        // Cohen (1988), table 2.4.1: 393.
        expectClose(n, 393.4056930002526, relative: 1e-8)
        expectClose(
            try MeansPower.t(effectSize: 0.2, n1: n, ratio: 1, alpha: 0.05, alternative: .twoSided), 0.8,
            relative: 1e-9)
    }

    @Test func `impossible designs are refused`() {
        #expect(throws: StatsError.self) {
            try TwoProportionSampleSize(baseline: 0.2, absoluteMDE: 0, alpha: 0.05, power: 0.8)
        }
        #expect(throws: StatsError.self) {
            try TwoProportionSampleSize(baseline: 0.9, absoluteMDE: 0.2, alpha: 0.05, power: 0.8)
        }
    }

    @Test func `looking all the time needs more shoppers, and that many find the effect`() throws {
        let units = try AnytimeSampleSize.units(
            effect: 0.1, unitVariance: 1, alpha: 0.05, power: 0.8, tuning: 5000)
        // A fixed test needs 2 · 1570 = 3140.
        #expect(units > 3140 && units < 3 * 3140)
        let error = (4 / units).squareRoot()
        let sequence = try AsymptoticConfidenceSequence(
            estimate: 0.1 - Normal.quantile(0.8) * error, standardError: error, count: units, alpha: 0.05, tuning: 5000)
        expectClose(sequence.interval.lower, 0, absolute: 1e-9)
        #expect(throws: StatsError.self) {
            _ = try AnytimeSampleSize.units(effect: 0, unitVariance: 1, alpha: 0.05, power: 0.8, tuning: 5000)
        }
    }
}
