import Glibc

/// An interval for the mean of observations in [0, 1] in closed form, valid at every look, in constant memory.
///
/// Predictable plug-in confidence sequences of Waudby-Smith & Ramdas (2024): (Σ λ_i x_i)/(Σ λ_i) give or take
/// [log(2/α) + Σ ψ_i]/(Σ λ_i), where ψ_i pays for the i-th bet. The state can be saved and continued; it depends on the
/// order of the observations, so two of them do not merge.
public struct PredictableMixture: Sendable, Equatable, Codable {
    public enum Kind: String, Sendable, Codable {
        /// Theorem 1: the widest a variable in [0, 1] can vary, ψ = λ²/8, whatever the data say.
        case hoeffding
        /// Theorem 2: pays only for the spread there is, ψ = (x − x̄)² [−log(1 − λ) − λ].
        case empiricalBernstein
    }

    public let kind: Kind
    public let alpha: Double
    private let truncation: Double
    private var bets = PlugInBets()
    private var weights = 0.0
    private var weighted = 0.0
    /// What bets on x and on 1 − x have paid. They differ in the first term alone.
    private var spentBelow = 0.0
    private var spentAbove = 0.0

    /// - Parameters:
    ///   - alpha: two-sided.
    ///   - truncation: bets stay below this: in (0, 1) for the empirical Bernstein, above 0 for Hoeffding's.
    public init(_ kind: Kind, alpha: Double, truncation: Double? = nil) throws(StatsError) {
        try Require.fraction(alpha, "alpha")
        let cap = truncation ?? (kind == .hoeffding ? 1 : 0.5)
        switch kind {
        case .hoeffding: try Require.positive(cap, "truncation")
        case .empiricalBernstein: try Require.fraction(cap, "truncation")
        }
        self.kind = kind
        self.alpha = alpha
        self.truncation = cap
    }

    public var count: Double { bets.count }

    /// - Throws: `invalid` for an observation outside [0, 1].
    public mutating func add(_ x: Double) throws(StatsError) {
        try Require.probability(x, "an observation")
        let depth = -log(alpha / 2)
        switch kind {
        case .hoeffding:
            let bet = min(bets.nextUnscaled * (8 * depth).squareRoot(), truncation)
            spend(bet, on: x, cost: bet * bet / 8, cost: bet * bet / 8)
        case .empiricalBernstein:
            let bet = min(bets.next * (2 * depth).squareRoot(), truncation)
            let price = -Elementary.log1pMinusX(-bet)
            let below = x - bets.mean
            let above = bets.count == 0 ? 1 - x : below
            spend(bet, on: x, cost: below * below * price, cost: above * above * price)
        }
        bets.add(x)
    }

    private mutating func spend(_ bet: Double, on x: Double, cost below: Double, cost above: Double) {
        weights += bet
        weighted += bet * x
        spentBelow += below
        spentAbove += above
    }

    /// The weighted mean the interval is built around, ½ before the first observation.
    public var centre: Double { weights > 0 ? weighted / weights : 0.5 }

    /// The interval at this look, within [0, 1]. Looks may also be intersected: the truth is in all of them at once with
    /// probability at least 1 − alpha.
    public var interval: Interval {
        guard weights > 0 else { return Interval(lower: 0, upper: 1) }
        let depth = -log(alpha / 2)
        return Interval(
            lower: max(0, (weighted - depth - spentBelow) / weights),
            upper: min(1, (weighted + depth + spentAbove) / weights))
    }
}
