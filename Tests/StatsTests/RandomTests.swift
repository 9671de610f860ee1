import Stats
import Testing

@Suite struct RandomTests {
    @Test func `published first words`() {
        var split = SplitMix64(seed: 42)
        #expect(split.next() == 13_679_457_532_755_275_413)
        var xoshiro = Xoshiro256PlusPlus(seed: 0)
        #expect(xoshiro.next() == 5_987_356_902_031_041_503)
        #expect(xoshiro.next() == 7_051_070_477_665_621_255)
    }

    @Test func `a jump leads elsewhere and the same seed to the same place`() {
        var one = Xoshiro256PlusPlus(seed: 5)
        var other = Xoshiro256PlusPlus(seed: 5)
        other.jump()
        #expect(one.next() != other.next())
        var again = Xoshiro256PlusPlus(seed: 5)
        again.jump()
        other = Xoshiro256PlusPlus(seed: 5)
        other.jump()
        #expect(again.next() == other.next())
    }

    /// Mean and variance within five standard errors; seeded, so the outcome is fixed.
    private func check(
        mean: Double, variance: Double, fourth: Double, _ draw: (inout Xoshiro256PlusPlus) -> Double,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var generator = Xoshiro256PlusPlus(seed: 2024)
        var moments = Moments()
        let n = 20_000.0
        for _ in 0..<Int(n) { moments.add(draw(&generator)) }
        #expect(abs(moments.mean - mean) < 5 * (variance / n).squareRoot(), sourceLocation: sourceLocation)
        let spread = ((fourth - variance * variance) / n).squareRoot()
        #expect(abs(try moments.variance - variance) < 5 * spread, sourceLocation: sourceLocation)
    }

    @Test func `variates have their moments`() throws {
        try check(mean: 0, variance: 1, fourth: 3) { $0.normal() }
        try check(mean: 1, variance: 1, fourth: 9) { $0.exponential() }
        for shape in [0.1, 1, 5, 1000] {
            try check(mean: shape, variance: shape, fourth: 3 * shape * shape + 6 * shape) { $0.gamma(shape: shape) }
        }
        try check(mean: 0.5, variance: 0.125, fourth: 0.0234375) { $0.beta(0.5, 0.5) }
        for (n, p) in [(30, 0.2), (100_000, 0.03)] {
            let v = Double(n) * p * (1 - p)
            try check(mean: Double(n) * p, variance: v, fourth: v * (1 + 3 * v * (1 - 2 / Double(n)))) {
                Double($0.binomial(trials: n, probability: p))
            }
        }
        for mean in [0.5, 11, 5000] {
            try check(mean: mean, variance: mean, fourth: mean * (1 + 3 * mean)) { Double($0.poisson(mean: mean)) }
        }
    }

    @Test func `the normal's tails are as heavy as they should be`() {
        var generator = Xoshiro256PlusPlus(seed: 7)
        let n = 200_000
        var beyond = [0.0, 0, 0]
        for _ in 0..<n {
            let z = abs(generator.normal())
            for (k, edge) in [1.0, 2, 3.7].enumerated() where z > edge { beyond[k] += 1 }
        }
        for (k, edge) in [1.0, 2, 3.7].enumerated() {
            let p = 2 * Normal.upperTail(of: edge)
            let error = (p * (1 - p) * Double(n)).squareRoot()
            #expect(abs(beyond[k] - p * Double(n)) < 5 * error)
        }
    }

    @Test func `tiny beta shapes give no nonsense`() {
        var generator = Xoshiro256PlusPlus(seed: 1)
        for _ in 0..<2000 {
            let x = generator.beta(1e-3, 1e-3)
            #expect(x >= 0 && x <= 1)
        }
    }
}
