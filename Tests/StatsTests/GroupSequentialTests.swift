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
}
