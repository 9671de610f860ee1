import Glibc

/// Two yes-or-no answers of the same units: before and after, two rankings, two devices of one shopper.
///
/// McNemar (1947): only the units that changed say anything.
public struct PairedProportions: Sendable, Equatable {
    /// Units with yes first and no second.
    public let firstOnly: Double
    /// Units with no first and yes second.
    public let secondOnly: Double

    /// - Throws: `invalid` for counts that are not whole numbers, 0 or more.
    public init(firstOnly: Double, secondOnly: Double) throws(StatsError) {
        for count in [firstOnly, secondOnly] {
            try Require.nonNegative(count, "counts")
            guard count == count.rounded() else { throw .invalid("McNemar's test needs whole counts") }
        }
        self.firstOnly = firstOnly
        self.secondOnly = secondOnly
    }

    private var law: Binomial { Binomial(trials: firstOnly + secondOnly, probability: 0.5) }
    private var fewer: Double { min(firstOnly, secondOnly) }

    /// Two-sided, from the binomial distribution. 1 when nobody changed.
    public var exactP: Double { firstOnly + secondOnly == 0 ? 1 : min(1, 2 * law.lowerTail(of: fewer)) }

    /// Two-sided with half of the observed outcome's own probability, which is less timid (Fagerland, Lydersen & Laake
    /// 2013).
    public var midP: Double {
        firstOnly + secondOnly == 0 ? 1 : min(1, 2 * law.lowerTail(of: fewer) - exp(law.logMass(fewer)))
    }

    /// (b − c)²/(b + c) and its tail; with Edwards' (1948) correction, (|b − c| − 1)²/(b + c).
    public func chiSquare(continuityCorrected: Bool = false) -> (statistic: Double, p: Double) {
        let changed = firstOnly + secondOnly
        guard changed > 0 else { return (0, 1) }
        let distance = abs(firstOnly - secondOnly) - (continuityCorrected ? 1 : 0)
        let statistic = max(0, distance) * max(0, distance) / changed
        return (statistic, ChiSquare(degreesOfFreedom: 1).upperTail(of: statistic))
    }
}
