import Stats
import Testing

@Suite struct ValueHistogramTests {
    /// Buckets of ten.
    private func histogram(_ values: [Int64]) throws -> ValueHistogram {
        var buckets: [Int64: ExactMoments] = [:]
        for value in values { try buckets[value / 10, default: ExactMoments()].add(value) }
        return try ValueHistogram(buckets.map { (bounds: $0 * 10...($0 * 10 + 9), moments: $1) })
    }

    @Test func `histograms of parts add to that of the whole`() throws {
        let values: [Int64] = [0, 3, 3, 17, 25, 25, 25, 99, 140]
        let merged = try histogram(Array(values.prefix(4))).merging(histogram(Array(values.dropFirst(4))))
        #expect(try merged == histogram(values))
        #expect(merged.count == 9)
    }

    @Test func `a quantile is exact where a bucket holds one amount, and within the bucket where not`() throws {
        let prices = try histogram([Int64](repeating: 0, count: 90) + [Int64](repeating: 25, count: 10))
        #expect(try prices.quantile(0.9) == 0)
        #expect(try prices.quantile(0.91) == 25)
        #expect(prices.largest == 25)
        let mixed = try histogram([11, 13, 18])
        #expect(try (10...19).contains(mixed.quantile(0.5)))
        #expect(mixed.largest == nil)
        #expect(mixed.value(atRank: 0) == nil && mixed.value(atRank: 4) == nil)
    }

    @Test func `capping gives the moments that capping each amount would`() throws {
        let values: [Int64] =
            (0..<990).map { Int64($0 % 50) } + [400, 500, 900, 1000, 2000, 3000, 4000, 5000, 6000, 7000]
        let all = try histogram(values)
        let cap = try all.cap(keeping: 0.99)
        #expect(cap == 49)
        let (capped, changed) = try all.capped(at: cap)
        var expected = ExactMoments()
        for value in values { try expected.add(min(value, cap)) }
        #expect(capped == expected)
        #expect(changed == 10)
    }

    @Test func `buckets that no data have are refused`() throws {
        let one = try ExactMoments(count: 1, sum: 5, sumOfSquares: 25)
        #expect(throws: StatsError.self) { try ValueHistogram([(bounds: 10...19, moments: one)]) }
        #expect(throws: StatsError.self) {
            try ValueHistogram([(bounds: 0...9, moments: one), (bounds: 5...12, moments: one)])
        }
    }

    @Test func `histograms that are cut in different places are not merged`() throws {
        let tens = try histogram([3, 17])
        let one = try ExactMoments(count: 1, sum: 5, sumOfSquares: 25)
        let other = try ValueHistogram([(bounds: 0...12, moments: one)])
        #expect(throws: StatsError.self) { try tens.merging(other) }
        #expect(throws: StatsError.self) { try other.merging(tens) }
    }

    @Test func `ranks for every look hold the quantile more often than they promise, and are not much wider`() throws {
        var random = Xoshiro256PlusPlus(seed: 20)
        var missed = 0
        for _ in 0..<200 {
            var below = 0
            for n in 1...1000 {
                if random.uniform() < 0.9 { below += 1 }
                guard n % 10 == 0 else { continue }
                let ranks = try QuantileSequence.rankInterval(n: n, p: 0.9, alpha: 0.05, tOpt: 500)
                if below < ranks.lowerRank || below > ranks.upperRank - 1 {
                    missed += 1
                    break
                }
            }
        }
        #expect(missed <= 10, "5% of 200 may be missed at any look")
        let (always, once) = (
            try QuantileSequence.rankInterval(n: 1000, p: 0.9, alpha: 0.05, tOpt: 500),
            try OrderedSample.rankInterval(n: 1000, p: 0.9, alpha: 0.05)
        )
        #expect(always.lowerRank < once.lowerRank && always.upperRank > once.upperRank)
        #expect(always.upperRank - always.lowerRank < 2 * (once.upperRank - once.lowerRank))
        let few = try QuantileSequence.rankInterval(n: 3, p: 0.9, alpha: 0.05, tOpt: 500)
        #expect(few.lowerRank == 0 && few.upperRank == 4)
    }
}

@Suite struct StratifiedCupedTests {
    @Test func `one stratum is what the pooled adjustment gives`() throws {
        let control = try Cuped.Arm(covariate: [2, 4, 6, 8], outcome: [3, 4, 7, 8])
        let treatment = try Cuped.Arm(covariate: [1, 5, 6, 9], outcome: [3, 6, 8, 11])
        let plain = try Cuped(control: control, treatment: treatment)
        let stratified = try Cuped(strata: [(control, treatment)])
        #expect(abs(stratified.theta - plain.theta) < 1e-12)
        #expect(abs(stratified.control.mean - plain.control.mean) < 1e-12)
        #expect(abs(stratified.varianceReduction - plain.varianceReduction) < 1e-12)
    }

    @Test func `a stratum whose covariate does not vary is left as it is`() throws {
        let plain = Moments(of: [1, 2, 3, 4])
        let none = Cuped.Arm(outcome: plain, covariate: Moments(count: 4, mean: 0, variance: 0), crossDeviation: 0)
        let cuped = try Cuped(strata: [(none, none)])
        #expect(cuped.theta == 0)
        #expect(cuped.control == cuped.unadjustedControl)
    }

    @Test func `intervals of unequal strata cover the effect as often as they promise`() throws {
        var random = Xoshiro256PlusPlus(seed: 7)
        var covered = 0
        for _ in 0..<400 {
            var strata: [(control: Cuped.Arm, treatment: Cuped.Arm)] = []
            for (nc, nt, level) in [(60, 20, 0.0), (30, 90, 5.0)] {
                func arm(_ n: Int, _ effect: Double) throws -> Cuped.Arm {
                    let x = (0..<n).map { _ in random.normal() }
                    return try Cuped.Arm(covariate: x, outcome: x.map { level + 2 * $0 + effect + random.normal() })
                }
                strata.append((try arm(nc, 0), try arm(nt, 0.3)))
            }
            let cuped = try Cuped(strata: strata)
            let interval = try cuped.effect(.absolute).interval(alpha: 0.05)
            if interval.lower <= 0.3, interval.upper >= 0.3 { covered += 1 }
            #expect(cuped.varianceReduction > 0.6)
        }
        #expect((367...397).contains(covered), "95% of 400, give or take three errors: \(covered)")
    }
}
