import Stats
import Testing

/// Expected bounds by the same recursion carried in logarithms with 20-point panels of one standard deviation (NumPy).
@Suite struct GroupSequentialTests {
    @Test func `fifty looks begin at bounds far out in the tail`() throws {
        let design = try GroupSequentialDesign(
            .spending(.obrienFleming(sides: 1)), alpha: 0.025, sides: 1, infoFractions: (1...50).map { Double($0) / 50 }
        )
        let expected = [
            15.805_489_048_232_16, 11.145_479_010_821_695, 9.075_310_792_180_026, 7.837_960_317_832_91,
            6.991_443_817_997_996,
        ]
        for (z, want) in zip(design.criticalZ, expected) { expectClose(z, want, relative: 1e-11) }
        expectClose(design.criticalZ[49], 2.163_604_257_379_434_5, relative: 1e-11)
    }

    @Test func `a look that comes just after another`() throws {
        let design = try GroupSequentialDesign(
            .spending(.kimDeMets(exponent: 2)), alpha: 0.025, sides: 1, infoFractions: [0.3, 0.301, 0.9, 1])
        let expected = [
            2.840_803_717_863_194, 2.918_353_458_110_318, 2.078_564_712_981_276_8, 2.114_310_538_537_275_4,
        ]
        for (z, want) in zip(design.criticalZ, expected) { expectClose(z, want, relative: 1e-10) }
    }

    @Test func `a level of 1e-250 is held, look by look`() throws {
        let design = try GroupSequentialDesign(
            .spending(.kimDeMets(exponent: 1)), alpha: 1e-250, sides: 1, infoFractions: [0.25, 0.5, 0.75, 1])
        // So rare that the looks hardly overlap: each spends its quarter as if alone.
        for z in design.criticalZ { expectClose(z, 33.840_540_723_742_116, relative: 1e-11) }
    }

    @Test func `O'Brien and Fleming at 1e-100`() throws {
        let design = try GroupSequentialDesign(
            .wangTsiatis(delta: 0), alpha: 1e-100, sides: 2, infoFractions: [0.25, 0.5, 0.75, 1])
        for (z, want) in zip(design.criticalZ, [42.611_880_14, 30.131_149_41, 24.601_980_47, 21.305_940_07]) {
            expectClose(z, want, relative: 1e-9)
        }
    }

    @Test func `either side leaves with the same tiny probability`() throws {
        let exits = try GroupSequentialDesign.exitProbabilities(
            infoFractions: [0.3, 1], lower: [-14, -14], upper: [14, 14], drift: 0)
        for k in 0..<2 { expectClose(exits.lower[k], exits.upper[k], relative: 1e-10) }
        #expect(exits.upper[0] > 0 && exits.upper[1] > 0 && exits.upper[1] < 1e-43)
    }

    @Test func `after stopping, estimate and p-value by stage-wise ordering`() throws {
        // Two O'Brien–Fleming looks, z = 2.2 at the second: SciPy's quad and brentq.
        let design = try GroupSequentialDesign(
            .wangTsiatis(delta: 0), alpha: 0.05, sides: 2, infoFractions: [0.5, 1])
        expectClose(design.criticalZ[1], 1.977_430_959_292_357_6, relative: 1e-10)
        let result = try StagewiseResult(design, look: 1, z: 2.2, alpha: 0.05)
        expectClose(result.upperP, 0.015_216_629_468_760_012, relative: 1e-9)
        expectClose(result.p, 0.030_433_258_937_520_024, relative: 1e-9)
        expectClose(result.medianDrift, 2.185_498_747_496_372_3, relative: 1e-9)
        expectClose(result.driftInterval.lower, 0.208_170_922_168_043_45, relative: 1e-8)
        expectClose(result.driftInterval.upper, 4.151_073_644_948_221, relative: 1e-9)
        let mirrored = try StagewiseResult(design, look: 1, z: -2.2, alpha: 0.05)
        expectClose(mirrored.medianDrift, -result.medianDrift, relative: 1e-12)
        expectClose(mirrored.p, result.p, relative: 1e-12)
        let first = try StagewiseResult(design, look: 0, z: 3, alpha: 0.05)
        expectClose(first.medianDrift, 3 / 0.5.squareRoot(), relative: 1e-10)
        expectClose(first.upperP, Normal.upperTail(of: 3), relative: 1e-12)
        let repeated = try design.repeatedInterval(look: 0, estimate: 1, standardError: 0.5)
        expectClose(repeated.lower, 1 - 0.5 * design.criticalZ[0])
    }

    @Test func `futility bounds spend beta under the effect and leave the level alone`() throws {
        let fractions = [0.25, 0.5, 0.75, 1]
        let design = try FutilityDesign(
            efficacy: .obrienFleming(sides: 1), futility: .hwangShihDeCani(gamma: -2), alpha: 0.025, beta: 0.1,
            infoFractions: fractions)
        #expect(design.lowerZ[3] == design.upperZ[3])
        #expect(zip(design.lowerZ, design.lowerZ.dropFirst()).allSatisfy { $0 < $1 })
        let effect = try GroupSequentialDesign.exitProbabilities(
            infoFractions: fractions, lower: design.lowerZ, upper: design.upperZ, drift: design.drift)
        expectClose(effect.lower.reduce(0, +), 0.1, relative: 1e-8)
        expectClose(effect.upper.reduce(0, +), 0.9, relative: 1e-8)
        var spent = 0.0
        for (k, t) in fractions.enumerated() {
            spent += effect.lower[k]
            expectClose(spent, SpendingFunction.hwangShihDeCani(gamma: -2).spent(t, alpha: 0.1), relative: 1e-8)
        }
        let none = try GroupSequentialDesign.exitProbabilities(
            infoFractions: fractions, lower: design.lowerZ, upper: design.upperZ, drift: 0)
        #expect(none.upper.reduce(0, +) < 0.025, "advice that is followed spends less than alpha")
        #expect(design.expectedInfoRatioH0 < 0.8 && design.inflationFactor > 1)
    }

    @Test func `one look has no futility to add`() throws {
        let design = try FutilityDesign(
            efficacy: .pocock, futility: .pocock, alpha: 0.025, beta: 0.2, infoFractions: [1])
        expectClose(design.drift, Normal.upperQuantile(0.025) + Normal.upperQuantile(0.2), relative: 1e-12)
        expectClose(design.inflationFactor, 1, relative: 1e-12)
    }
}
