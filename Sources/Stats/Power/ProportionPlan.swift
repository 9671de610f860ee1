/// How many shoppers it takes to find a difference of two conversion rates, by the way an experiment will be read, and
/// what so many find.
///
/// A look at the end is the unpooled two-sided z test (`TwoProportionSampleSize`). Planned looks take its size times the
/// design's inflation factor (Jennison & Turnbull 2000, §2.3). Looking at any time takes n such that the asymptotic
/// confidence sequence's half width and z_β standard errors reach the difference (`AnytimeSampleSize`): a look at n alone
/// then has the power, and earlier ones add to it. A covariate that explains a share ρ² of the variance leaves 1 − ρ² of it
/// (Deng et al. 2013, eq. 4).
public struct ProportionPlan: Sendable, Equatable {
    /// When the figures are read.
    public enum Reading: Sendable, Equatable {
        case once
        /// - Parameter tuning: of the confidence sequence: the shoppers in both arms at which it shall be narrowest.
        case anyTime(tuning: Double)
        /// At equal parts of the information.
        case looks(Int, SpendingFunction)
    }

    public let baseline: Double
    /// Two-sided, of this one comparison.
    public let alpha: Double
    public let power: Double
    /// The share of the variance that a covariate explains, in [0, 1).
    public let explained: Double
    /// Of the confidence sequence, where one is read.
    private let tuning: Double?
    /// Shoppers over those of one look, without what a covariate explains.
    private let inflation: Double

    public init(baseline: Double, alpha: Double, power: Double, reading: Reading, explained: Double = 0)
        throws(StatsError)
    {
        try Require.fraction(baseline, "baseline")
        try Require.fraction(alpha, "alpha")
        try Require.fraction(power, "power")
        guard explained >= 0, explained < 1 else { throw .invalid("explained must be at least 0 and below 1") }
        self.baseline = baseline
        self.alpha = alpha
        self.power = power
        self.explained = explained
        switch reading {
        case .once:
            tuning = nil
            inflation = 1
        case .anyTime(let tuning):
            try Require.positive(tuning, "tuning")
            self.tuning = tuning
            inflation = 1
        case .looks(let count, let spending):
            guard (1...100).contains(count) else { throw .invalid("need between 1 and 100 looks") }
            let design = try GroupSequentialDesign(
                .spending(spending), alpha: alpha, sides: 2,
                infoFractions: (1...count).map { Double($0) / Double(count) })
            tuning = nil
            inflation = try design.characteristics(beta: 1 - power).inflationFactor
        }
    }

    /// Shoppers in each arm; need not be whole.
    ///
    /// - Parameter difference: of the two rates, not 0; baseline + difference in (0, 1).
    public func perArm(difference: Double) throws(StatsError) -> Double {
        let once = try TwoProportionSampleSize(
            baseline: baseline, absoluteMDE: difference, alpha: alpha, power: power
        ).unpooled
        guard let tuning else { return once * inflation * (1 - explained) }
        return try AnytimeSampleSize.units(
            effect: difference, unitVariance: unitVariance(difference), alpha: alpha, power: power, tuning: tuning) / 2
    }

    /// The smallest rise that so many shoppers in each arm find.
    ///
    /// - Throws: `invalid` when even a rise to 1 is not found.
    public func detectable(perArm: Double) throws(StatsError) -> Double {
        guard let tuning else {
            return try TwoProportionSampleSize.minimumDetectableEffect(
                perArm: perArm / inflation / (1 - explained), baseline: baseline, alpha: alpha, power: power)
        }
        try Require.positive(perArm, "perArm")
        func shortfall(_ difference: Double) throws(StatsError) -> Double {
            let error = (2 * unitVariance(difference) / perArm).squareRoot()
            let sequence = try AsymptoticConfidenceSequence(
                estimate: 0, standardError: error, count: 2 * perArm, alpha: alpha, tuning: tuning)
            return sequence.halfWidth + Normal.quantile(power) * error - difference
        }
        // The variance at the rates themselves falls to that of the baseline's own at 1, where the search ends.
        var low = 0.0
        var high = (1 - baseline) * (1 - 1e-9)
        guard try shortfall(high) < 0 else {
            throw .invalid("no difference up to 1 - baseline can be found with so few")
        }
        for _ in 0..<60 {
            let middle = 0.5 * (low + high)
            if try shortfall(middle) > 0 { low = middle } else { high = middle }
        }
        return high
    }

    /// Of one shopper, averaged over both arms, and what the covariate leaves of it.
    private func unitVariance(_ difference: Double) -> Double {
        let other = baseline + difference
        return 0.5 * (baseline * (1 - baseline) + other * (1 - other)) * (1 - explained)
    }
}
