import Testing

@testable import Stats

/// Fixed cases from `bench/statistics differential`, with values of mpmath at 40 digits.
@Suite struct ReferenceTests {
    struct Pair: Sendable {
        let a: Beta
        let b: Beta
        let aBeatsB: Double
        let bBeatsA: Double
        let lossChoosingB: Double
        let lossChoosingA: Double
    }

    static let pairs = [
        Pair(
            a: Beta(101, 901), b: Beta(113, 889), aBeatsB: 0.192224142074150856, bBeatsA: 0.807775857925849144,
            lossChoosingB: 0.00146368534917236614, lossChoosingA: 0.0134397332533639829),
        Pair(
            a: Beta(100_001, 900_001), b: Beta(100_701, 899_301), aBeatsB: 0.0497426943966318593,
            bBeatsA: 0.950257305603368141, lossChoosingB: 8.82495253066975612e-6,
            lossChoosingA: 0.000708823552533469751),
        Pair(
            a: Beta(10_001, 90_001), b: Beta(14_001, 86_001), aBeatsB: 9.59210807038682089e-168, bBeatsA: 1,
            lossChoosingB: 5.05159950745765079e-172, lossChoosingA: 0.03999920001599968),
        Pair(
            a: Beta(3, 5), b: Beta(7, 4), aBeatsB: 0.117030028794734677, bBeatsA: 0.882969971205265323,
            lossChoosingB: 0.0129319210201563143, lossChoosingA: 0.274295557383792678),
        Pair(
            a: Beta(1, 1), b: Beta(40, 3), aBeatsB: 0.0697674418604651163, bBeatsA: 0.930232558139534884,
            lossChoosingB: 0.00317124735729386892, lossChoosingA: 0.433403805496828753),
    ]

    @Test(arguments: pairs)
    func `two rates of whole counts compare as the exact sum says`(pair: Pair) {
        for mirrored in [false, true] {
            // Failures compare the other way round.
            let a = mirrored ? Beta(pair.b.beta, pair.b.alpha) : pair.a
            let b = mirrored ? Beta(pair.a.beta, pair.a.alpha) : pair.b
            let summary = BetaComparison(a, b).summary
            expectClose(summary.probabilityABeatsB, pair.aBeatsB, relative: 1e-11)
            expectClose(summary.probabilityBBeatsA, pair.bBeatsA, relative: 1e-11)
            expectClose(summary.expectedLossChoosingB, pair.lossChoosingB, relative: 1e-11)
            expectClose(summary.expectedLossChoosingA, pair.lossChoosingA, relative: 1e-11)
        }
    }

    @Test(arguments: pairs)
    func `the panels agree with the finite sum, far tails included`(pair: Pair) {
        let mirrored = BetaPair(pair.a, pair.b)
        let upset =
            mirrored.x <= mirrored.y
            ? BetaUpset(quadratureOf: mirrored)
            : BetaUpset(
                quadratureOf: BetaPair(Beta(pair.b.beta, pair.b.alpha), Beta(pair.a.beta, pair.a.alpha)))
        expectClose(upset.probability, pair.aBeatsB, relative: 1e-10)
        expectClose(upset.excess, pair.lossChoosingB, relative: 1e-10)
    }

    @Test(arguments: [
        (Beta(100.5, 900.5), Beta(112.5, 888.5), 0.8082830914892956, 0.1917169085107044),
        (Beta(0.5, 20.5), Beta(3.5, 17.5), 0.9715952674663672, 0.02840473253363278),
        (Beta(1200.25, 800.75), Beta(1250.5, 750.25), 0.949073211818347, 0.05092678818165297),
    ])
    func `two rates of any parameters compare as quadrature at thirty digits says`(
        a: Beta, b: Beta, bBeatsA: Double, aBeatsB: Double
    ) {
        let summary = BetaComparison(a, b).summary
        expectClose(summary.probabilityBBeatsA, bBeatsA, relative: 1e-11)
        expectClose(summary.probabilityABeatsB, aBeatsB, relative: 1e-11)
    }

    @Test(arguments: [
        (Beta(12.5, 59.5), Beta(123.5, 16.5), 5.135224954234976e-26),
        (Beta(80.5, 238.5), Beta(328.5, 80.5), 7.991239273453859e-53),
        (Beta(179.5, 316.5), Beta(788.5, 89.5), 2.992327954361619e-98),
    ])
    func `tails of real parameters keep their digits`(a: Beta, b: Beta, aBeatsB: Double) {
        expectClose(BetaComparison(a, b).probabilityABeatsB, aBeatsB, relative: 1e-9)
    }

    @Test func `means at an offset of a thousand million keep their difference`() throws {
        let x = Moments(of: [0.1, 0.25, 0.3, 0.75].map { 1e9 + $0 })
        let y = Moments(of: [0.5, 0.75, 0.9, 1.25, 1.1].map { 1e9 + $0 })
        let test = try WelchTest(x, y)
        expectClose(test.difference, 0.550000005960464478, relative: 1e-13)
        expectClose(test.t, 2.86577561714845084, relative: 1e-12)
        expectClose(test.p, 0.0252729068325512349, relative: 1e-11)
    }

    @Test func `the sample ratio of ten thousand millions keeps its chi-square`() throws {
        let test = try SampleRatioTest(
            observed: [24_144_908_943, 17_601_005_373, 5_331_774_632], weights: [0.797, 0.581, 0.176])
        expectClose(test.chiSquare, 2.68191801983566675, relative: 1e-13)
    }

    @Test func `heavy tails do not underflow before their numbers do`() {
        let cauchy = StudentT(degreesOfFreedom: 1)
        expectClose(cauchy.upperQuantile(1e-250), 3.18309886183790654e249, relative: 1e-12)
        expectClose(cauchy.upperTail(of: 1e200), 3.18309886183790681e-201, relative: 1e-12)
        expectClose(GammaFunctions.logBeta(0.95, 1.05), 0.00411572273571273628, relative: 1e-14)
    }

    @Test func `incomplete betas abreast agree with one after another`() throws {
        var random = Xoshiro256PlusPlus(seed: 3)
        var (a, b, x): ([Double], [Double], [Double]) = ([], [], [])
        for size in [0.5, 3, 40, 500, 2e4] {
            for _ in 0..<61 {
                a.append(size * random.openUniform())
                b.append(size * random.openUniform())
                x.append(random.uniform())
            }
        }
        // Large and small shapes side by side: what is done to the small must not touch the large.
        for size in [1e6, 1e9, 1e12, 9e14] {
            for k in 1...8 {
                let small = 1 + 30 * random.uniform()
                (a, b) = (a + [small, size], b + [size, small])
                let near = small / (small + size) * (0.5 + 0.15 * Double(k))
                x += [near, 1 - near]
            }
        }
        (a[7], b[9], x[11], x[12], x[13]) = (-1, .nan, 0, 1, 1.5)
        let abreast = try IncompleteBeta.lower(a, b, x)
        for i in a.indices {
            let alone = IncompleteBeta.lower(a[i], b[i], x[i])
            if alone.isNaN {
                #expect(abreast[i].isNaN)
            } else {
                expectClose(abreast[i], alone, relative: 1e-12, absolute: 1e-300)
            }
        }
        #expect(try IncompleteBeta.lower([], [], []).isEmpty)
        #expect(throws: StatsError.self) { try IncompleteBeta.lower([1], [1, 2], [0.5]) }
    }

    @Test(arguments: [0.5, 0.75, 1.0])
    func `a sequence fed one by one ends where all looks together do`(truncation: Double) throws {
        var random = Xoshiro256PlusPlus(seed: 5)
        let data = (0..<300).map { i in i.isMultiple(of: 7) ? 0 : random.uniform() * random.uniform() }
        var sequence = try HedgedSequence(alpha: 0.05, theta: 0.4, truncation: truncation)
        var (lower, upper) = (0.0, 1.0)
        for (i, value) in data.enumerated() {
            try sequence.add(value)
            let look = try BettingSequence(Array(data[...i])).hedged(
                alpha: 0.05, theta: 0.4, truncation: truncation, runningIntersection: false)
            (lower, upper) = (max(lower, look.lower), min(upper, look.upper))
            #expect(abs(sequence.interval.lower - lower) < 1e-9)
            #expect(abs(sequence.interval.upper - upper) < 1e-9)
        }
        #expect(throws: StatsError.self) { try sequence.add(1.5) }
    }

    @Test func `probabilities are ranked whatever their spread`() throws {
        var random = Xoshiro256PlusPlus(seed: 8)
        let uniform = (0..<3000).map { _ in random.uniform() }
        let tiny = uniform.map { $0 * 1e-250 }
        for p in [[], [0.3], [0.5, 0.5, -0.0, 1, 0], uniform, tiny, tiny + uniform + [1, 0, 0]] {
            let ranked = RankedProbabilities(p)
            #expect(ranked.values == p.sorted())
            #expect(ranked.positions.map { p[Int($0)] } == ranked.values)
            #expect(ranked.positions.sorted() == p.indices.map { UInt32($0) })
        }
    }
}
