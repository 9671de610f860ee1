import Glibc

/// The beta-binomial mixture for sub-Bernoulli processes, whose increments lie in [−g, h]
/// (Howard et al. 2021, Prop. 7).
public struct BetaBinomialMixture: Sendable, Equatable {
    private let g: Double
    private let h: Double
    private let r: Double
    private let twoSided: Bool
    private let normalizer: Double

    /// - Parameters:
    ///   - vOpt: the intrinsic time at which to be tightest.
    ///   - alphaOpt: the level for which that choice is made.
    public init(vOpt: Double, alphaOpt: Double, g: Double, h: Double, twoSided: Bool) throws(StatsError) {
        try Require.positive(vOpt, "vOpt")
        try Require.fraction(alphaOpt, "alphaOpt")
        try Require.positive(g, "g")
        try Require.positive(h, "h")
        let level = twoSided ? alphaOpt : 2 * alphaOpt
        guard level < 1 else { throw .invalid("alphaOpt must lie below 0.5 for a one-sided boundary") }
        self.init(rho: UniformBoundary.rho(vOpt: vOpt, alpha: level), g: g, h: h, twoSided: twoSided)
    }

    private init(rho: Double, g: Double, h: Double, twoSided: Bool) {
        self.g = g
        self.h = h
        self.twoSided = twoSided
        r = max(rho - g * h, 1e-3 * g * h)
        normalizer = Self.logMass(r / (g * (g + h)), r / (h * (g + h)), twoSided ? 1 : h / (g + h))
    }

    private static func logMass(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let whole = GammaFunctions.logBeta(a, b)
        return x == 1 ? whole : whole + IncompleteBeta.tails(a, b, x).logLower
    }

    /// log of the mixture supermartingale at sum s and intrinsic time v.
    func logValue(s: Double, v: Double) -> Double {
        let total = g + h
        return v / (g * h) * log(total) - (v + h * s) / (h * total) * log(g) - (v - g * s) / (g * total) * log(h)
            + Self.logMass(
                (r + v - g * s) / (g * total), (r + v + h * s) / (h * total), twoSided ? 1 : h / total)
            - normalizer
    }

    /// The boundary at intrinsic time v: never above v/g, which the process cannot pass.
    public func bound(v: Double, alpha: Double) -> Double {
        UniformBoundary.crossing(upTo: v / g, scale: 1, level: -log(alpha)) { logValue(s: $0, v: v) }
    }

    /// A confidence sequence for a rate from 0/1 outcomes: the p whose mixture has not reached 1/alpha.
    ///
    /// - Parameter tOpt: the number of trials at which to be tightest.
    public static func confidenceInterval(
        _ data: Proportion, alpha: Double, tOpt: Double, alphaOpt: Double
    ) throws(StatsError) -> Interval {
        try Require.fraction(alpha, "alpha")
        try Require.fraction(alphaOpt, "alphaOpt")
        try Require.positive(tOpt, "tOpt")
        let n = data.trials
        if n == 0 { return Interval(lower: 0, upper: 1) }
        let mean = data.successes / n
        // How far the mixture against p is beyond the level: falls to the mean, then rises.
        func excess(_ p: Double) -> Double {
            let spread = p * (1 - p)
            let mixture = BetaBinomialMixture(
                rho: UniformBoundary.rho(vOpt: spread * tOpt, alpha: alphaOpt), g: p, h: 1 - p, twoSided: true)
            return mixture.logValue(s: (mean - p) * n, v: spread * n) + log(alpha)
        }
        // The normal mixture's width is a good first guess of how far the ends are.
        let spread = max(data.successes, 1) * max(data.failures, 1) / n
        let guess = UniformBoundary.twoSidedNormalMixture(
            v: spread, alpha: alpha, rho: UniformBoundary.rho(vOpt: spread / n * tOpt, alpha: alphaOpt))
        func edge(_ outside: Double) -> Double {
            let near = mean + (outside < mean ? -1 : 1) * guess / n
            return Roots.crossing(from: mean, to: outside, near: near, excess)
        }
        return Interval(lower: mean > 0 ? edge(0) : 0, upper: mean < 1 ? edge(1) : 1)
    }
}
