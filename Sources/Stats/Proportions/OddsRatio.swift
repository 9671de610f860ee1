import Glibc

extension Proportion {
    /// Agresti & Coull (1998): Wald's interval after z²/2 successes and failures are added. Close to Wilson's and easier
    /// to explain; may reach outside [0, 1], where it is cut.
    public func agrestiCoull(alpha: Double) throws(StatsError) -> Interval {
        try Require.fraction(alpha, "alpha")
        let z = Normal.upperQuantile(alpha / 2)
        let n = trials + z * z
        let p = (successes + z * z / 2) / n
        let half = z * (p * (1 - p) / n).squareRoot()
        return Interval(lower: max(0, p - half), upper: min(1, p + half))
    }
}

extension TwoProportions {
    /// The odds of the second over those of the first.
    public struct OddsRatio: Sendable, Equatable {
        public let ratio: Double
        public let logStandardError: Double
        public let interval: Interval
        /// Whether half a count was added to each cell because one was empty.
        public let isCorrected: Bool
    }

    /// Woolf's (1955) interval on the logarithm; with an empty cell, half a count is added to all four (Haldane 1956).
    public func oddsRatio(alpha: Double) throws(StatsError) -> OddsRatio {
        try Require.fraction(alpha, "alpha")
        var cells = [second.successes, first.failures, second.failures, first.successes]
        let isCorrected = cells.contains(0)
        if isCorrected { cells = cells.map { $0 + 0.5 } }
        let logRatio = log(cells[0]) + log(cells[1]) - log(cells[2]) - log(cells[3])
        let error = cells.reduce(0) { $0 + 1 / $1 }.squareRoot()
        let half = Normal.upperQuantile(alpha / 2) * error
        return OddsRatio(
            ratio: exp(logRatio), logStandardError: error,
            interval: Interval(lower: exp(logRatio - half), upper: exp(logRatio + half)), isCorrected: isCorrected)
    }
}
