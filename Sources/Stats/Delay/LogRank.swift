/// Whether two groups convert at the same pace, when some are still being watched (Mantel 1966; Peto & Peto 1972).
public struct LogRankTest: Sendable, Equatable {
    public let chiSquare: Double
    public let p: Double
    /// Events of the second group less those expected of it: above 0 when it converts faster.
    public let excess: Double

    /// - Parameters:
    ///   - first: (time, whether it was the event) of each unit; times not negative.
    ///   - second: likewise.
    /// - Throws: `insufficient` unless both groups have units and the events allow a variance.
    public init(
        _ first: [(time: Double, isEvent: Bool)], _ second: [(time: Double, isEvent: Bool)]
    ) throws(StatsError) {
        guard !first.isEmpty, !second.isEmpty else { throw .insufficient("both groups need a unit") }
        for unit in first + second { try Require.nonNegative(unit.time, "time") }
        let all = (first.map { ($0.time, $0.isEvent, false) } + second.map { ($0.time, $0.isEvent, true) })
            .sorted { $0.0 < $1.0 }
        var atRisk = (all: Double(all.count), second: Double(second.count))
        var excess = 0.0
        var variance = 0.0
        var start = 0
        while start < all.count {
            var end = start
            var events = (all: 0.0, second: 0.0)
            var leaving = 0.0
            while end < all.count, all[end].0 == all[start].0 {
                if all[end].1 { events.all += 1 }
                if all[end].1, all[end].2 { events.second += 1 }
                if all[end].2 { leaving += 1 }
                end += 1
            }
            let share = atRisk.second / atRisk.all
            excess += events.second - events.all * share
            // Hypergeometric variance; the last unit at risk has none.
            if atRisk.all > 1 {
                variance += events.all * share * (1 - share) * (atRisk.all - events.all) / (atRisk.all - 1)
            }
            atRisk = (atRisk.all - Double(end - start), atRisk.second - leaving)
            start = end
        }
        guard variance > 0 else { throw .insufficient("no event happened while both groups were watched") }
        self.excess = excess
        chiSquare = excess * excess / variance
        p = ChiSquare(degreesOfFreedom: 1).upperTail(of: chiSquare)
    }
}
