/// One arm's mean from a bandit's data, whose plain average is biased: an arm that was unlucky early is played less and
/// stays underrated.
///
/// Hadad, Hirshberg, Zhan, Wager & Athey (2021), "Confidence intervals for policy evaluation in adaptive experiments":
/// doubly robust scores with the arm's own past mean as model, weighted by √probability, which keeps the variance finite
/// and the limit normal. Every newcomer counts, also those another arm got. The order matters, so states do not merge.
public struct AdaptiveMean: Sendable, Equatable, Codable {
    private var played = 0.0
    private var playedMean = 0.0
    private var weights = 0.0
    private var scores = 0.0
    /// Σ h², Σ h² Γ and Σ h² Γ²: what the variance around the final mean needs.
    private var squares = 0.0
    private var squareScores = 0.0
    private var squareSquares = 0.0
    public private(set) var count = 0.0

    public init() {}

    /// - Parameters:
    ///   - probability: with which this arm was to be given to this newcomer, in (0, 1].
    ///   - outcome: what came of it; nil when the newcomer got another arm.
    public mutating func add(probability: Double, outcome: Double?) throws(StatsError) {
        guard probability > 0, probability <= 1 else { throw .invalid("probability must lie in (0, 1]") }
        var score = playedMean
        if let outcome {
            try Require.finite(outcome, "outcome")
            score += (outcome - playedMean) / probability
            played += 1
            playedMean += (outcome - playedMean) / played
        }
        let weight = probability.squareRoot()
        count += 1
        weights += weight
        scores += weight * score
        squares += probability
        squareScores += probability * score
        squareSquares += probability * score * score
    }

    public var estimate: Double {
        get throws(StatsError) {
            guard played > 0 else { throw .insufficient("the arm was never given") }
            return scores / weights
        }
    }

    public var standardError: Double {
        get throws(StatsError) {
            guard played > 1 else { throw .insufficient("an error needs the arm given twice") }
            let mean = try estimate
            return max(0, squareSquares - 2 * mean * squareScores + mean * mean * squares).squareRoot() / weights
        }
    }

    public func interval(alpha: Double) throws(StatsError) -> Interval {
        try Require.fraction(alpha, "alpha")
        let half = Normal.upperQuantile(alpha / 2) * (try standardError)
        let mean = try estimate
        return Interval(lower: mean - half, upper: mean + half)
    }
}
