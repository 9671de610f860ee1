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
    /// The end points have equal density: Newton on the lower tail's share, within a bracket that is halved where it fails.
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
        var share = 0.5 * rest
        for _ in 0..<200 {
            let left = IncompleteBeta.inverse(alpha, beta, share, lower: true)
            let right = IncompleteBeta.inverse(alpha, beta, rest - share, lower: false)
            let difference = logDensity(left) - logDensity(right)
            if difference < 0 { low = share } else { high = share }
            let step = difference / (slopeInMass(left) - slopeInMass(right))
            if abs(step) <= 1e-14 * rest || high - low < 1e-15 * rest { break }
            share -= step
            if !(share > low && share < high) { share = 0.5 * (low + high) }
            if share <= low || share >= high { break }
        }
        return Interval(lower: quantile(share), upper: upperQuantile(rest - share))
    }

    /// How fast the log density rises with the mass to its left.
    private func slopeInMass(_ point: (x: Double, y: Double)) -> Double {
        let slope = (alpha - 1) / point.x - (beta - 1) / point.y
        return slope * point.x * point.y / exp(IncompleteBeta.logPrefix(alpha, beta, point.x, point.y))
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

/// Two posteriors of a rate compared, with relative accuracy in the far tails.
public struct BetaComparison: Sendable, Equatable {
    public let a: Beta
    public let b: Beta

    public init(_ a: Beta, _ b: Beta) {
        self.a = a
        self.b = b
    }

    /// P(θ_B > θ_A).
    public var probabilityBBeatsA: Double { summary.probabilityBBeatsA }
    /// P(θ_A > θ_B), which may be 1e-200.
    public var probabilityABeatsB: Double { summary.probabilityABeatsB }
    /// E[(θ_A − θ_B)⁺]: what choosing B costs on average where A was better.
    public var expectedLossChoosingB: Double { summary.expectedLossChoosingB }
    /// E[(θ_B − θ_A)⁺].
    public var expectedLossChoosingA: Double { summary.expectedLossChoosingA }

    /// Both probabilities and both losses.
    public struct Summary: Sendable, Equatable {
        public let probabilityBBeatsA: Double
        public let probabilityABeatsB: Double
        public let expectedLossChoosingB: Double
        public let expectedLossChoosingA: Double
    }

    /// All four together, at the price of one: the losses differ by the difference of the means, the probabilities add
    /// to one, and each is taken from the side on which that loses nothing.
    public var summary: Summary {
        let gap = meanGap
        return gap >= 0
            ? Self.summary(BetaUpset(a, over: b), gap) { BetaUpset(b, over: a) }
            : Self.summary(BetaUpset(b, over: a), -gap) { BetaUpset(a, over: b) }.swapped
    }

    /// θ̄_B − θ̄_A, from the exact difference of cross products.
    private var meanGap: Double {
        let p = Elementary.twoProduct(b.alpha, a.beta)
        let q = Elementary.twoProduct(a.alpha, b.beta)
        return ((p.high - q.high) + (p.low - q.low)) / (a.alpha + a.beta) / (b.alpha + b.beta)
    }

    /// - Parameters:
    ///   - upset: of the smaller mean over the larger.
    ///   - gap: the difference of the means, not negative.
    private static func summary(_ upset: BetaUpset, _ gap: Double, opposite: () -> BetaUpset) -> Summary {
        // A skewed posterior may have the larger mean and yet lose nearly always.
        let winner = upset.probability < 0.9 ? 1 - upset.probability : opposite().probability
        return Summary(
            probabilityBBeatsA: winner, probabilityABeatsB: upset.probability,
            expectedLossChoosingB: upset.excess, expectedLossChoosingA: upset.excess + gap)
    }
}

extension BetaComparison.Summary {
    fileprivate var swapped: Self {
        Self(
            probabilityBBeatsA: probabilityABeatsB, probabilityABeatsB: probabilityBBeatsA,
            expectedLossChoosingB: expectedLossChoosingA, expectedLossChoosingA: expectedLossChoosingB)
    }
}
