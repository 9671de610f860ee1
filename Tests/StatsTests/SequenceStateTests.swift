import Foundation
import Glibc
import Stats
import Testing

@Suite struct SequenceStateTests {
    private let data: [Double] = {
        var generator = Xoshiro256PlusPlus(seed: 9)
        return (0..<200).map { _ in generator.beta(2, 5) }
    }()

    @Test func `the running bet against one mean is the batch's`() throws {
        for theta in [0.0, 0.3, 0.5, 1] {
            let sequence = try BettingSequence(data)
            for mean in [0.0, 0.2, 2.0 / 7, 0.6, 1] {
                var test = try BettingTest(mean: mean, alpha: 0.05, theta: theta, truncation: 0.5)
                for x in data { try test.add(x) }
                let batch = try sequence.logHedgedCapital(at: [mean], alpha: 0.05, theta: theta, truncation: 0.5)[0]
                expectClose(test.logCapital, batch, relative: 1e-10, absolute: 1e-10)
            }
        }
    }

    @Test(arguments: [0, 0.5, 1]) func `a betting sequence that was saved goes on bit for bit`(theta: Double) throws {
        var whole = try HedgedSequence(alpha: 0.05, theta: theta)
        var first = whole
        for x in data {
            try whole.add(x)
        }
        for x in data.prefix(120) { try first.add(x) }
        let saved = try JSONEncoder().encode(first)
        var second = try JSONDecoder().decode(HedgedSequence.self, from: saved)
        #expect(second == first)
        for x in data.dropFirst(120) { try second.add(x) }
        #expect(second.interval == whole.interval)
        let wrong = String(decoding: saved, as: UTF8.self).replacing("\"alpha\":0.05", with: "\"alpha\":5")
        #expect(throws: (any Error).self) { try JSONDecoder().decode(HedgedSequence.self, from: Data(wrong.utf8)) }
    }

    @Test func `the running empirical Bernstein interval is the batch's`() throws {
        var sequence = try PredictableMixture(.empiricalBernstein, alpha: 0.05, truncation: 0.5)
        for count in 1...data.count {
            try sequence.add(data[count - 1])
            guard count % 40 == 1 else { continue }
            let batch = try BettingSequence(Array(data[..<count])).empiricalBernstein(alpha: 0.05, truncation: 0.5)
            expectClose(sequence.interval.lower, batch.lower, relative: 1e-12)
            expectClose(sequence.interval.upper, batch.upper, relative: 1e-12)
        }
    }

    @Test func `Hoeffding's sequence at confseq's value`() throws {
        // confseq 0.0.11, predmix_hoeffding_cs([0, 1, …, 0, 1], truncation 1, alpha 0.05, no running intersection).
        var sequence = try PredictableMixture(.hoeffding, alpha: 0.05)
        for k in 0..<2000 { try sequence.add(k % 2 == 0 ? 0 : 1) }
        expectClose(sequence.interval.lower, 0.452_189_672_241_039_23, relative: 1e-9)
        expectClose(sequence.interval.upper, 0.545_411_438_384_101_2, relative: 1e-9)
    }

    @Test func `a mean leaves the gamma-exponential interval where its e-value reaches 1 over alpha`() throws {
        var sequence = try EmpiricalBernsteinSequence(alpha: 0.05, vOpt: 10)
        for x in data { try sequence.add(x) }
        let interval = sequence.interval
        expectClose(sequence.logEValue(against: interval.upper), -log(0.05), relative: 1e-9)
        expectClose(sequence.logEValue(against: interval.lower), -log(0.05), relative: 1e-9)
        #expect(sequence.logEValue(against: 2.0 / 7) < 0)
    }

    @Test func `observations outside the unit interval are refused and change nothing`() throws {
        var betting = try BettingTest(mean: 0.5, alpha: 0.05)
        let before = betting
        #expect(throws: StatsError.self) { try betting.add(1.2) }
        #expect(throws: StatsError.self) { try betting.add(.nan) }
        #expect(betting == before)
        #expect(throws: StatsError.self) { _ = try PredictableMixture(.empiricalBernstein, alpha: 0.05, truncation: 1) }
    }
}
