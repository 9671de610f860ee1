import Glibc

extension Beta {
    /// The posterior of a conversion rate after `data` under this prior.
    public func posterior(after data: Proportion) -> Beta {
        Beta(alpha + data.successes, beta + data.failures)
    }

    /// A prior that is a distribution: both parameters positive and finite.
    public init(prior alpha: Double, _ beta: Double) throws(StatsError) {
        try Require.positive(alpha, "priorAlpha")
        try Require.positive(beta, "priorBeta")
        self.init(alpha, beta)
    }

    /// The middle interval of the given mass.
    public func equalTailed(mass: Double) throws(StatsError) -> Interval {
        try Require.fraction(mass, "mass")
        let tail = (1 - mass) / 2
        return Interval(lower: quantile(tail), upper: upperQuantile(tail))
    }

    /// The shortest interval of the given mass, for a unimodal posterior; at an edge mode it starts there.
    ///
    /// The end points have equal density; halving on the lower tail's share.
    public func highestDensity(mass: Double) throws(StatsError) -> Interval {
        try Require.fraction(mass, "mass")
        if alpha < 1, beta < 1 {
            throw .invalid("the density has two modes, so the highest-density region is not an interval")
        }
        if alpha == 1, beta == 1 { return Interval(lower: 0, upper: mass) }
        if alpha <= 1 { return Interval(lower: 0, upper: quantile(mass)) }
        if beta <= 1 { return Interval(lower: upperQuantile(mass), upper: 1) }
        let rest = 1 - mass
        func logDensity(_ pair: (x: Double, y: Double)) -> Double {
            (alpha - 1) * log(pair.x) + (beta - 1) * log(pair.y)
        }
        var low = 0.0
        var high = rest
        for _ in 0..<200 {
            let share = 0.5 * (low + high)
            if share <= low || share >= high { break }
            let left = IncompleteBeta.inverse(alpha, beta, share, lower: true)
            let right = IncompleteBeta.inverse(alpha, beta, rest - share, lower: false)
            if logDensity(left) < logDensity(right) { low = share } else { high = share }
            if high - low < 1e-15 * rest { break }
        }
        let share = 0.5 * (low + high)
        return Interval(lower: quantile(share), upper: upperQuantile(rest - share))
    }

    /// log of the density of logit θ.
    func logLogitDensity(_ point: LogitPoint) -> Double {
        IncompleteBeta.logPrefix(alpha, beta, point.x, point.y)
    }

    func tails(_ point: LogitPoint) -> IncompleteGamma.Tails {
        IncompleteBeta.tails(alpha, beta, point.x, point.y)
    }

    /// The mean of logit θ, nearly, and its standard deviation, nearly: where and how wide to look.
    var logitCentre: Double { log(alpha) - log(beta) }
    var logitScale: Double { (1 / alpha + 1 / beta).squareRoot() }
}

/// A probability with its complement, at logit u, each to full relative accuracy.
struct LogitPoint {
    let x: Double
    let y: Double

    init(_ u: Double) { (x, y) = IncompleteBeta.logistic(u) }

    init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }

    /// log(x y) = log dx/du.
    var logSlope: Double { log(x) + log(y) }
}

/// Two posteriors of a rate compared: all by quadrature, with relative accuracy in the far tails.
///
/// P(B > A) = ∫ f_B F_A and E[(A − B)⁺] = ∫ F_B (1 − F_A) dx, in u = logit x, where every factor is log-concave.
public struct BetaComparison: Sendable, Equatable {
    public let a: Beta
    public let b: Beta

    public init(_ a: Beta, _ b: Beta) {
        self.a = a
        self.b = b
    }

    /// P(θ_B > θ_A).
    public var probabilityBBeatsA: Double { Self.probability(b, beats: a) }
    /// P(θ_A > θ_B), computed on its own so that it may be 1e-200.
    public var probabilityABeatsB: Double { Self.probability(a, beats: b) }
    /// E[(θ_A − θ_B)⁺]: what choosing B costs on average where A was better.
    public var expectedLossChoosingB: Double { Self.loss(choosing: b, over: a) }
    /// E[(θ_B − θ_A)⁺].
    public var expectedLossChoosingA: Double { Self.loss(choosing: a, over: b) }

    private static func probability(_ winner: Beta, beats other: Beta) -> Double {
        min(
            1,
            exp(
                Quadrature.logConcaveIntegral(around: winner.logitCentre, scale: winner.logitScale) { u in
                    let point = LogitPoint(u)
                    return winner.logLogitDensity(point) + other.tails(point).logLower
                }))
    }

    private static func loss(choosing chosen: Beta, over other: Beta) -> Double {
        exp(
            Quadrature.logConcaveIntegral(around: other.logitCentre, scale: other.logitScale) { u in
                let point = LogitPoint(u)
                return chosen.tails(point).logLower + other.tails(point).logUpper + point.logSlope
            })
    }
}
