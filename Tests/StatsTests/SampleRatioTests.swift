import Foundation
import Stats
import Testing

@Suite struct SampleRatioTests {
    @Test func `weights need not sum to one`() throws {
        let shares = try SampleRatioTest(observed: [100, 200, 310], weights: [1, 2, 3])
        let scaled = try SampleRatioTest(observed: [100, 200, 310], weights: [100, 200, 300])
        expectClose(shares.p, 0.9213021648295185)
        #expect(shares.p == scaled.p)
    }

    @Test func `an arm of weight zero is no arm, and a shopper in it is impossible`() throws {
        let empty = try SampleRatioTest(observed: [500, 560, 0], weights: [0.5, 0.5, 0])
        #expect(empty.degreesOfFreedom == 1)
        expectClose(empty.p, 0.06534575162837802)
        #expect(try SampleRatioTest(observed: [500, 500, 3], weights: [0.5, 0.5, 0]).p == 0)
        var monitor = try SequentialSampleRatio(weights: [1, 1, 0])
        try monitor.add([10, 10, 1])
        #expect(monitor.p == 0)
    }

    @Test func `the sequential test is the same however the counts are batched, but for its minimum`() throws {
        var once = try SequentialSampleRatio(weights: [0.5, 0.5])
        try once.add([455, 448])
        var often = try SequentialSampleRatio(weights: [0.5, 0.5])
        for batch in [[100.0, 98], [205, 190], [150, 160]] { try often.add(batch) }
        #expect(once.logBayesFactor == often.logBayesFactor)
        #expect(often.p <= once.p)
        #expect(once.p == 1)
    }

    @Test func `a million million shoppers do not overflow it`() throws {
        var fair = try SequentialSampleRatio(weights: [1, 1])
        try fair.add([5e11, 5e11])
        // log BF ≈ −½ log(n/concentration) for a fair split.
        expectClose(fair.logBayesFactor, -11.5129, relative: 0.01)
        var unfair = try SequentialSampleRatio(weights: [1, 1])
        try unfair.add([4.9e11, 5.1e11])
        #expect(unfair.p == 0)
    }

    @Test(arguments: 1...2)
    func `watching a fair split after every shopper keeps the error rate`(seed: Int) throws {
        var generator = Xoshiro256PlusPlus(seed: UInt64(seed))
        var alarms = 0
        for _ in 0..<200 {
            var monitor = try SequentialSampleRatio(weights: [1, 1])
            for _ in 0..<400 {
                try monitor.add(generator.uniform() < 0.5 ? [1, 0] : [0, 1])
                if monitor.p <= 0.05 {
                    alarms += 1
                    break
                }
            }
        }
        // 5% of 200 is 10; three standard errors above is 19.
        #expect(alarms <= 19)
    }

    @Test func `nobody counted is no test`() {
        #expect(throws: StatsError.insufficient("no shopper was counted")) {
            try SampleRatioTest(observed: [0, 0], weights: [1, 1])
        }
        #expect(throws: StatsError.self) { try SampleRatioTest(observed: [1, 2], weights: [1, -1]) }
    }

    @Test func `a saved monitor goes on, and two merge in any order`() throws {
        var whole = try SequentialSampleRatio(weights: [1, 2], concentration: 50)
        var parts = [whole, whole]
        for k in 0..<40 {
            let batch = [Double(3 + k % 4), Double(8 + k % 3)]
            try whole.add(batch)
            try parts[k % 2].add(batch)
        }
        let merged = try parts[0].merging(parts[1])
        #expect(merged.counts == whole.counts)
        #expect(merged == (try parts[1].merging(parts[0])))
        #expect(merged.logBayesFactor == whole.logBayesFactor)
        #expect(merged.p >= whole.p)
        var saved = try JSONDecoder().decode(SequentialSampleRatio.self, from: JSONEncoder().encode(whole))
        #expect(saved == whole)
        try saved.add([100, 10])
        try whole.add([100, 10])
        #expect(saved.p == whole.p)
        let other = try SequentialSampleRatio(weights: [1, 1])
        #expect(throws: StatsError.self) { _ = try merged.merging(other) }
        let broken = Data(#"{"theta":[0.5,0.5],"concentration":100,"highest":0,"counts":[1]}"#.utf8)
        #expect(throws: DecodingError.self) { _ = try JSONDecoder().decode(SequentialSampleRatio.self, from: broken) }
    }
}
