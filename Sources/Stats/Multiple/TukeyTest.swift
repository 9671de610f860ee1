import Glibc

/// Every arm against every other, the error rate held over all pairs (Tukey 1949; Kramer 1956 for unequal sizes).
///
/// Assumes one variance for all arms. With equal sizes the rate is exact for normal data, with unequal ones at most what
/// it says (Hayter 1984).
public struct TukeyTest: Sendable, Equatable {
    /// Two arms compared.
    public struct Pair: Sendable, Equatable {
        /// Indices into the arms, first < second.
        public let first: Int
        public let second: Int
        /// Mean of the second − mean of the first.
        public let difference: Double
        /// √(s² (1/n₁ + 1/n₂)), s² from all arms. The studentized range is √2 |difference| over it.
        public let standardError: Double
        /// Two-sided, adjusted for all pairs.
        public let p: Double
    }

    public let pairs: [Pair]
    /// Observations − arms.
    public let degreesOfFreedom: Double
    private let law: StudentizedRange

    /// - Throws: `insufficient` for fewer than two arms, an empty arm or no degree of freedom; `zeroVariance` when no arm
    ///   varies; `invalid` for more than 1000 arms.
    public init(_ arms: [Moments]) throws(StatsError) {
        guard arms.count >= 2, arms.allSatisfy({ $0.count >= 1 }) else {
            throw .insufficient("need two arms, each with an observation")
        }
        guard arms.count <= 1000 else { throw .invalid("at most 1000 arms") }
        let df = arms.reduce(0) { $0 + $1.count } - Double(arms.count)
        guard df > 0 else { throw .insufficient("no degree of freedom is left") }
        let pooled = arms.reduce(0) { $0 + $1.sumOfSquaredDeviations } / df
        guard pooled > 0 else { throw .zeroVariance("no arm varies") }
        let law = try StudentizedRange(groups: arms.count, degreesOfFreedom: df)
        self.law = law
        degreesOfFreedom = df
        var pairs: [Pair] = []
        for i in arms.indices {
            for j in arms.indices where j > i {
                let difference = arms[j].difference(from: arms[i])
                let error = (pooled * (1 / arms[i].count + 1 / arms[j].count)).squareRoot()
                let range = 2.0.squareRoot() * abs(difference) / error
                pairs.append(
                    Pair(
                        first: i, second: j, difference: difference, standardError: error,
                        p: law.upperTail(of: range)))
            }
        }
        self.pairs = pairs
    }

    /// Intervals of all differences, in the order of `pairs`, that hold together with probability 1 − alpha.
    ///
    /// - Throws: `invalid` for an alpha outside (0, 1).
    public func intervals(alpha: Double) throws(StatsError) -> [Interval] {
        let factor = try law.upperQuantile(alpha) / 2.0.squareRoot()
        return pairs.map {
            Interval(
                lower: $0.difference - factor * $0.standardError, upper: $0.difference + factor * $0.standardError)
        }
    }
}
