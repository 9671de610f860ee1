import Stats
import Testing

@Suite struct MomentsTests {
    private func sample(seed: UInt64, count: Int, spread: Int64, centre: Int64) -> [Int64] {
        var generator = Xoshiro256PlusPlus(seed: seed)
        return (0..<count).map { _ in centre + Int64.random(in: -spread...spread, using: &generator) }
    }

    @Test(arguments: 1...8)
    func `exact moments merge to the same bits in any order`(seed: Int) throws {
        let data = sample(seed: UInt64(seed), count: 300, spread: 1_000_000_000_000, centre: 9_000_000_000_000)
        var generator = SplitMix64(seed: UInt64(seed) &* 7919)
        var whole = ExactMoments()
        for x in data { try whole.add(x) }
        var parts: [ExactMoments] = []
        var rest = data.shuffled(using: &generator)[...]
        while !rest.isEmpty {
            let count = min(rest.count, Int.random(in: 1...40, using: &generator))
            var part = ExactMoments()
            for x in rest.prefix(count) { try part.add(x) }
            parts.append(part)
            rest = rest.dropFirst(count)
        }
        var merged = ExactMoments()
        for part in parts.shuffled(using: &generator) { merged = try part.merging(merged) }
        #expect(merged == whole)
        #expect(try merged.variance.bitPattern == whole.variance.bitPattern)
        #expect(try merged.subtracting(parts[0]).merging(parts[0]) == whole)
    }

    @Test func `the variance of large amounts does not cancel`() throws {
        // 10^15 + {1, 2, 3, 4}: Σx² and (Σx)²/n agree in 30 digits.
        var moments = ExactMoments()
        for x in 1...4 as ClosedRange<Int64> { try moments.add(1_000_000_000_000_000 + x) }
        #expect(try moments.variance == 5.0 / 3)
        #expect(try moments.mean == 1_000_000_000_000_002.5)
        let real = try moments.moments(unit: 0.01)
        expectClose(real.mean, 10_000_000_000_000.025, relative: 1e-15)
        expectClose(try real.variance, 5.0 / 3 * 1e-4, relative: 1e-14)
    }

    @Test func `what was added can be removed`() throws {
        var moments = ExactMoments()
        try moments.add(1999, times: 3)
        let before = moments
        try moments.add(-500)
        try moments.remove(-500)
        #expect(moments == before)
        #expect(moments.count == 3)
        #expect(try moments.variance == 0)
    }

    @Test func `a sum beyond its bits is refused and changes nothing`() throws {
        var moments = try ExactMoments(
            count: 1, sum: Int128(Int64.max), sumOfSquares: Int128(Int64.max) * Int128(Int64.max))
        let before = moments
        #expect(throws: StatsError.self) { try moments.add(.max, times: .max) }
        #expect(moments == before)
    }

    @Test func `sums that belong to no data are refused`() {
        #expect(throws: StatsError.self) { try ExactMoments(count: 2, sum: 10, sumOfSquares: 3) }
        #expect(throws: StatsError.self) { try ExactMoments(count: 0, sum: 0, sumOfSquares: 3) }
        #expect(throws: StatsError.self) { try ExactMoments(trials: 3, successes: 4) }
    }

    @Test func `taking out what was never in is refused`() throws {
        var small = ExactMoments()
        try small.add(5)
        var large = small
        try large.add(700)
        #expect(throws: StatsError.self) { try small.subtracting(large) }
    }

    @Test func `real moments agree with the exact ones however they are cut`() throws {
        let data = sample(seed: 3, count: 500, spread: 5000, centre: 1_000_000)
        var exact = ExactMoments()
        for x in data { try exact.add(x) }
        let reals = data.map(Double.init)
        var streamed = Moments()
        for x in reals { streamed.add(x) }
        let cut = Moments(of: reals[..<137]).merging(Moments(of: reals[137..<140])).merging(Moments(of: reals[140...]))
        for moments in [streamed, cut, Moments(of: reals)] {
            expectClose(moments.mean, try exact.mean, relative: 1e-14)
            expectClose(try moments.variance, try exact.variance, relative: 1e-11)
        }
    }

    @Test func `a covariance is exact and adds`() throws {
        var pair = ExactPairMoments()
        var left = ExactPairMoments()
        var right = ExactPairMoments()
        for (index, x) in sample(seed: 9, count: 40, spread: 1_000_000, centre: 1_000_000_000_000).enumerated() {
            try pair.add(x, 3 * x - 7)
            if index < 11 { try left.add(x, 3 * x - 7) } else { try right.add(x, 3 * x - 7) }
        }
        #expect(try right.merging(left) == pair)
        expectClose(try pair.covariance, 3 * (try pair.first.variance), relative: 1e-15)
    }

    @Test func `one observation has a mean and no variance`() throws {
        var moments = ExactMoments()
        #expect(throws: StatsError.insufficient("a mean needs an observation")) { try moments.mean }
        try moments.add(7)
        #expect(try moments.mean == 7)
        #expect(throws: StatsError.insufficient("a variance needs two observations")) { try moments.variance }
    }
}
