import Glibc

/// One candidate mean of observations in [0, 1], bet against as they come: a few additions each, no memory of them.
///
/// The hedged capital of Waudby-Smith & Ramdas (2024), eq. 23, with the maximum in place of the sum. Under the candidate
/// it is a nonnegative martingale's lower bound, so it ever reaches 1/α with probability at most α (Ville's inequality).
/// The state can be saved and continued; it depends on the order of the observations, so two of them do not merge.
public struct BettingTest: Sendable, Equatable, Codable {
    /// The candidate.
    public let mean: Double
    public let alpha: Double
    private let theta: Double
    private let truncation: Double
    private var bets = PlugInBets()
    private var logUp = 0.0
    private var logDown = 0.0
    /// log of the hedged capital now. −∞ once a player has lost all and the other bets nothing.
    public private(set) var logCapital: Double
    /// Its highest value so far.
    public private(set) var highestLogCapital: Double

    /// - Parameters:
    ///   - mean: the candidate, in [0, 1].
    ///   - alpha: the level the bets are sized for.
    ///   - theta: the share of capital that bets on a higher mean, in [0, 1].
    ///   - truncation: bets stay below this over the mean, in (0, 1].
    public init(
        mean: Double, alpha: Double, theta: Double = 0.5, truncation: Double = 0.5
    ) throws(StatsError) {
        try Require.probability(mean, "mean")
        try Require.fraction(alpha, "alpha")
        try Require.probability(theta, "theta")
        guard truncation > 0, truncation <= 1 else { throw .invalid("truncation must lie in (0, 1]") }
        self.mean = mean
        self.alpha = alpha
        self.theta = theta
        self.truncation = truncation
        logCapital = log(max(theta, 1 - theta))
        highestLogCapital = logCapital
    }

    /// - Throws: `invalid` for an observation outside [0, 1].
    public mutating func add(_ x: Double) throws(StatsError) {
        try Require.probability(x, "an observation")
        let bet = bets.next
        logCapital = -.infinity
        if theta > 0 {
            logUp += Self.gain(bet * (-2 * log(alpha * theta)).squareRoot(), cap: truncation / mean, edge: x - mean)
            logCapital = log(theta) + logUp
        }
        if theta < 1 {
            logDown += Self.gain(
                bet * (-2 * log(alpha * (1 - theta))).squareRoot(), cap: truncation / (1 - mean), edge: mean - x)
            logCapital = max(logCapital, log1p(-theta) + logDown)
        }
        highestLogCapital = max(highestLogCapital, logCapital)
        bets.add(x)
    }

    private static func gain(_ bet: Double, cap: Double, edge: Double) -> Double {
        edge == 0 ? 0 : log1p(min(bet, cap) * edge)
    }

    /// Whether the candidate has ever been beaten, at the level the bets are sized for.
    public var isRejected: Bool { highestLogCapital >= -log(alpha) }

    /// The always-valid p-value: one over the highest capital, at most 1.
    public var p: Double { exp(min(0, -highestLogCapital)) }
}
