import Glibc

/// An experiment that switches everybody at once, block by block: for prices that shoppers would compare.
///
/// Bojinov, Simchi-Levi & Zhao (2023), "Design and analysis of switchback experiments". Periods of one block share their
/// luck, so a test that counts periods as independent rejects a true null far too often; blocks are what was randomised,
/// and blocks are what this counts.
public struct SwitchbackTest: Sendable {
    /// Mean of treated periods minus mean of the others, the washed-out ones left aside.
    public let difference: Double
    private let y: [Double]
    private let treatment: [Double]
    private let blocks: [Block]
    private let totalSum: Double
    private let totalCount: Double

    private struct Block {
        let sum: Double
        let count: Double
        let treated: Bool
    }

    /// - Parameters:
    ///   - outcomes: one per period, in order of time.
    ///   - treated: of each block, as randomised.
    ///   - periodsPerBlock: ≥ 1; the last block may be short.
    ///   - washout: periods at the start of each block that still feel the one before, left out; below `periodsPerBlock`.
    /// - Throws: `invalid`; `insufficient` unless both kinds of block occur.
    public init(
        outcomes: [Double], treated: [Bool], periodsPerBlock: Int, washout: Int = 0
    ) throws(StatsError) {
        try Require.finite(outcomes, "outcomes")
        guard periodsPerBlock >= 1, washout >= 0, washout < periodsPerBlock else {
            throw .invalid("need periodsPerBlock >= 1 and 0 <= washout < periodsPerBlock")
        }
        let needed = outcomes.count / periodsPerBlock + (outcomes.count % periodsPerBlock == 0 ? 0 : 1)
        guard treated.count == needed else { throw .invalid("need one treatment for each of \(needed) blocks") }
        var y: [Double] = []
        var treatment: [Double] = []
        var blocks: [Block] = []
        for (block, isTreated) in treated.enumerated() {
            let start = block * periodsPerBlock + washout
            let end = min(outcomes.count, (block + 1) * periodsPerBlock)
            guard start < end else { continue }
            let kept = outcomes[start..<end]
            y += kept
            treatment += kept.map { _ in isTreated ? 1 : 0 }
            blocks.append(Block(sum: kept.reduce(0, +), count: Double(kept.count), treated: isTreated))
        }
        self.y = y
        self.treatment = treatment
        self.blocks = blocks
        totalSum = y.reduce(0, +)
        totalCount = Double(y.count)
        guard blocks.contains(where: \.treated), blocks.contains(where: { !$0.treated }) else {
            throw .insufficient("need blocks of both kinds")
        }
        var treatedSum = 0.0
        var treatedCount = 0.0
        for block in blocks where block.treated {
            treatedSum += block.sum
            treatedCount += block.count
        }
        difference = treatedSum / treatedCount - (totalSum - treatedSum) / (totalCount - treatedCount)
    }

    /// The difference's standard error from ordinary least squares with Bartlett weights up to `lags` periods
    /// (Newey & West 1987). A lag of twice the block length is usual; the size is right only for many blocks.
    public func autocorrelationError(lags: Int) throws(StatsError) -> Double {
        try LinearRegression(columns: [y.map { _ in 1 }, treatment], y: y).autocorrelationErrors(lags: lags)[1]
    }

    /// Two-sided p of no effect whatever the noise: where the difference stands among those that other assignments of as
    /// many blocks would have shown. All assignments when there are at most `draws` of them, else that many at random,
    /// (1 + as extreme)/(1 + draws) (Phipson & Smyth 2010).
    public func randomisationP(
        draws: Int, using generator: inout some RandomNumberGenerator
    ) throws(StatsError) -> Double {
        guard draws >= 1 else { throw .invalid("draws must be positive") }
        // A tie that rounding split still counts as one.
        let limit = abs(difference) * (1 - 1e-9)
        let treated = blocks.count { $0.treated }
        if let all = Self.choices(blocks.count, treated), all <= draws {
            var extreme = 0
            Self.forEachChoice(of: treated, from: blocks.count) { chosen in
                if abs(difference(choosing: chosen)) >= limit { extreme += 1 }
            }
            return Double(extreme) / Double(all)
        }
        var order = Array(blocks.indices)
        var extreme = 1
        for _ in 0..<draws {
            for i in 0..<treated { order.swapAt(i, i + generator.index(below: order.count - i)) }
            if abs(difference(choosing: order[..<treated])) >= limit { extreme += 1 }
        }
        return Double(extreme) / Double(draws + 1)
    }

    private func difference(choosing chosen: some Collection<Int>) -> Double {
        var sum = 0.0
        var count = 0.0
        for index in chosen {
            sum += blocks[index].sum
            count += blocks[index].count
        }
        return sum / count - (totalSum - sum) / (totalCount - count)
    }

    /// C(n, k), nil beyond 2⁵³.
    private static func choices(_ n: Int, _ k: Int) -> Int? {
        var result = 1.0
        for i in 0..<min(k, n - k) {
            result = (result * Double(n - i) / Double(i + 1)).rounded()
            if result > 0x1p53 { return nil }
        }
        return Int(result)
    }

    /// Every way to choose k of n, in lexicographic order.
    private static func forEachChoice(of k: Int, from n: Int, _ body: ([Int]) -> Void) {
        var chosen = Array(0..<k)
        while true {
            body(chosen)
            guard let last = chosen.indices.last(where: { chosen[$0] < n - k + $0 }) else { return }
            chosen[last] += 1
            for i in (last + 1)..<max(k, last + 1) { chosen[i] = chosen[i - 1] + 1 }
        }
    }
}
