import Glibc

/// How many shoppers a comparison of two conversion rates needs, three ways that differ by a few percent: each is named,
/// since tools disagree silently.
public struct TwoProportionSampleSize: Sendable, Equatable {
    /// Control's variance twice under the null, as in Miller's calculator (20% against 25%: 1,030).
    public let evanMiller: Double
    /// Pooled variance under the null (Fleiss, Levin & Paik 2003, eq. 4.14, without continuity correction).
    public let pooled: Double
    /// The two own variances throughout (Chow, Shao & Wang 2008, §4.2).
    public let unpooled: Double

    /// Units in the control arm; treatment has `ratio` times as many.
    ///
    /// - Parameters:
    ///   - baseline: control's rate, in (0, 1).
    ///   - absoluteMDE: the difference to be found, not 0, in proportion units; baseline + difference in (0, 1).
    ///   - sided: 1 or 2.
    public init(
        baseline: Double, absoluteMDE: Double, alpha: Double, power: Double, sided: Int = 2, ratio: Double = 1
    ) throws(StatsError) {
        try Require.fraction(baseline, "baseline")
        try Require.finite(absoluteMDE, "absoluteMDE")
        guard absoluteMDE != 0 else { throw .invalid("absoluteMDE must not be 0") }
        try Require.fraction(alpha, "alpha")
        try Require.fraction(power, "power")
        try Require.positive(ratio, "ratio")
        guard sided == 1 || sided == 2 else { throw .invalid("sided must be 1 or 2") }
        let p1 = baseline
        let p2 = baseline + absoluteMDE
        try Require.fraction(p2, "baseline + absoluteMDE")
        let za = Normal.upperQuantile(alpha / Double(sided))
        let zb = Normal.quantile(power)
        let d2 = absoluteMDE * absoluteMDE
        let v1 = p1 * (1 - p1)
        let own = v1 + p2 * (1 - p2) / ratio
        let pooledRate = (p1 + ratio * p2) / (1 + ratio)
        let pooledVariance = pooledRate * (1 - pooledRate) * (1 + 1 / ratio)
        func square(_ x: Double) -> Double { x * x }
        evanMiller = square(za * (2 * v1).squareRoot() + zb * (v1 + p2 * (1 - p2)).squareRoot()) / d2
        pooled = square(za * pooledVariance.squareRoot() + zb * own.squareRoot()) / d2
        unpooled = square(za + zb) * own / d2
    }

    /// The smallest positive difference found with the given power by the unpooled formula.
    ///
    /// - Throws: `invalid` when even the largest possible difference is not enough.
    public static func minimumDetectableEffect(
        perArm n: Double, baseline p: Double, alpha: Double, power: Double
    ) throws(StatsError) -> Double {
        try Require.positive(n, "nPerArm")
        try Require.fraction(p, "baseline")
        try Require.fraction(alpha, "alpha")
        try Require.fraction(power, "power")
        let z = Normal.upperQuantile(alpha / 2) + Normal.quantile(power)
        guard z > 0 else { throw .invalid("power must exceed alpha / 2") }
        // n d² = z² [p(1−p) + (p+d)(1−p−d)] is a quadratic in d:
        // (n + z²) d² − z²(1 − 2p) d − 2 z² p (1 − p) = 0.
        let z2 = z * z
        let a = n + z2
        let b = z2 * (1 - 2 * p)
        let c = 2 * z2 * p * (1 - p)
        let root = (b * b + 4 * a * c).squareRoot()
        let d = b >= 0 ? (b + root) / (2 * a) : 2 * c / (root - b)
        guard d < 1 - p else { throw .invalid("no difference up to 1 - baseline can be found with so few") }
        return d
    }

    /// Cohen's effect size 2 asin √p₂ − 2 asin √p₁.
    public static func cohenH(_ p1: Double, _ p2: Double) throws(StatsError) -> Double {
        try Require.probability(p1, "p1")
        try Require.probability(p2, "p2")
        // asin √p₂ − asin √p₁ = atan2(√p₂ √q₁ − √p₁ √q₂, √q₁q₂ + √p₁p₂), whose numerator is (p₂ − p₁) over a sum.
        let forward = (p2 * (1 - p1)).squareRoot()
        let backward = (p1 * (1 - p2)).squareRoot()
        if forward + backward == 0 { return 0 }
        let sine = (p2 - p1) / (forward + backward)
        let cosine = ((1 - p1) * (1 - p2)).squareRoot() + (p1 * p2).squareRoot()
        return 2 * atan2(sine, cosine)
    }

    /// The power of the two-sided z test with pooled variance under the null.
    ///
    /// - Parameters:
    ///   - treatment: units in the arm whose rate is `p2`.
    ///   - ratio: control's units over treatment's.
    public static func power(
        control p1: Double, treatment p2: Double, treatmentUnits n: Double, ratio: Double, alpha: Double
    ) throws(StatsError) -> Double {
        try Require.fraction(p1, "p1")
        try Require.fraction(p2, "p2")
        try Require.positive(n, "n1")
        try Require.positive(ratio, "ratio")
        try Require.fraction(alpha, "alpha")
        let pooled = (p2 + ratio * p1) / (1 + ratio)
        let null = (pooled * (1 - pooled) * (1 + 1 / ratio) / n).squareRoot()
        let own = ((p2 * (1 - p2) + p1 * (1 - p1) / ratio) / n).squareRoot()
        let critical = Normal.upperQuantile(alpha / 2) * null
        let d = p2 - p1
        return Normal.upperTail(of: (critical - d) / own) + Normal.lowerTail(of: (-critical - d) / own)
    }
}

/// Power of tests of means, by effect size in standard deviations.
public enum MeansPower {
    /// What the test looks for.
    public enum Alternative: String, Sendable {
        case twoSided = "two-sided"
        case larger
        case smaller
    }

    /// With known variance.
    public static func z(
        effectSize d: Double, n1: Double, ratio: Double, alpha: Double, alternative: Alternative
    ) throws(StatsError) -> Double {
        try check(d, n1, ratio, alpha)
        let shift = d * (n1 * ratio / (1 + ratio)).squareRoot()
        switch alternative {
        case .twoSided:
            let c = Normal.upperQuantile(alpha / 2)
            return Normal.upperTail(of: c - shift) + Normal.lowerTail(of: -c - shift)
        case .larger: return Normal.upperTail(of: Normal.upperQuantile(alpha) - shift)
        case .smaller: return Normal.lowerTail(of: -Normal.upperQuantile(alpha) - shift)
        }
    }

    /// With estimated variance: Student's t about its noncentral centre.
    public static func t(
        effectSize d: Double, n1: Double, ratio: Double, alpha: Double, alternative: Alternative
    ) throws(StatsError) -> Double {
        try check(d, n1, ratio, alpha)
        let df = n1 * (1 + ratio) - 2
        guard df > 0 else { throw .insufficient("need more than two observations") }
        let law = StudentT(degreesOfFreedom: df)
        let shifted = NoncentralT(
            degreesOfFreedom: df, noncentrality: d * (n1 * ratio / (1 + ratio)).squareRoot())
        switch alternative {
        case .twoSided:
            let c = law.upperQuantile(alpha / 2)
            return min(1, shifted.upperTail(of: c) + shifted.lowerTail(of: -c))
        case .larger: return shifted.upperTail(of: law.upperQuantile(alpha))
        case .smaller: return shifted.lowerTail(of: -law.upperQuantile(alpha))
        }
    }

    /// The first arm's size, a real number, at which the t test has the power asked for.
    public static func sampleSize(
        effectSize d: Double, alpha: Double, power: Double, ratio: Double, alternative: Alternative = .twoSided
    ) throws(StatsError) -> Double {
        guard d != 0 else { throw .invalid("effectSizeD must not be 0") }
        try Require.fraction(power, "power")
        guard power > alpha else { throw .invalid("power must exceed alpha") }
        var low = 2.0 / (1 + ratio) * (1 + 1e-9) + 1e-6
        try check(d, low, ratio, alpha)
        var high = max(4, 2 * low)
        while try t(effectSize: d, n1: high, ratio: ratio, alpha: alpha, alternative: alternative) < power {
            low = high
            high *= 2
            guard high < 1e15 else { throw .invalid("no sample is large enough") }
        }
        // Illinois' false position in log n.
        var (x0, x1) = (log(low), log(high))
        var f0 = try t(effectSize: d, n1: low, ratio: ratio, alpha: alpha, alternative: alternative) - power
        var f1 = try t(effectSize: d, n1: high, ratio: ratio, alpha: alpha, alternative: alternative) - power
        if f0 >= 0 { return low }
        for _ in 0..<100 where abs(x1 - x0) > 1e-13 * abs(x1) {
            let x = x1 - f1 * (x1 - x0) / (f1 - f0)
            let f = try t(effectSize: d, n1: exp(x), ratio: ratio, alpha: alpha, alternative: alternative) - power
            if f == 0 || abs(x - x1) < 1e-13 { return exp(x) }
            if f * f1 < 0 { (x0, f0) = (x1, f1) } else { f0 *= 0.5 }
            (x1, f1) = (x, f)
        }
        return exp(x1)
    }

    private static func check(_ d: Double, _ n1: Double, _ ratio: Double, _ alpha: Double) throws(StatsError) {
        try Require.finite(d, "effectSizeD")
        try Require.positive(n1, "n1")
        try Require.positive(ratio, "ratio")
        try Require.fraction(alpha, "alpha")
    }
}

/// Other designs.
public enum Assurance {
    /// The chance, before the data, that an estimate with standard error `se` will be significant when the effect is
    /// N(priorMean, priorSD²) (O'Hagan, Stevens & Campbell 2005).
    ///
    /// - Returns: significant upwards, and significant either way, at two-sided alpha.
    public static func normal(
        priorMean m: Double, priorSD s: Double, standardError se: Double, alpha: Double
    ) throws(StatsError) -> (upper: Double, twoSided: Double) {
        try Require.finite(m, "priorMean")
        try Require.nonNegative(s, "priorSD")
        try Require.positive(se, "se")
        try Require.fraction(alpha, "alpha")
        let critical = Normal.upperQuantile(alpha / 2) * se
        let spread = hypot(s, se)
        let upper = Normal.upperTail(of: (critical - m) / spread)
        return (upper, upper + Normal.lowerTail(of: (-critical - m) / spread))
    }

    /// The power of Pearson's χ² for Cohen's effect size w.
    public static func chiSquare(
        effectSize w: Double, n: Double, degreesOfFreedom: Double, alpha: Double
    ) throws(StatsError) -> Double {
        try Require.nonNegative(w, "effectW")
        try Require.positive(n, "n")
        try Require.positive(degreesOfFreedom, "df")
        try Require.fraction(alpha, "alpha")
        let law = ChiSquare(degreesOfFreedom: degreesOfFreedom)
        return law.noncentralUpperTail(of: law.upperQuantile(alpha), noncentrality: w * w * n)
    }

    /// The chance that P(θ_B > θ_A) under Beta(prior) passes `threshold` when the true rates are these: every pair of
    /// outcomes is weighed.
    public static func bayesianDecision(
        perArm n: Int, trueA: Double, trueB: Double, threshold: Double, prior: Beta
    ) throws(StatsError) -> Double {
        guard n >= 1, n <= 2000 else { throw .invalid("nPerArm must lie between 1 and 2000") }
        try Require.probability(trueA, "trueA")
        try Require.probability(trueB, "trueB")
        try Require.probability(threshold, "threshold")
        let size = Double(n)
        let massA = (0...n).map { exp(Binomial(trials: size, probability: trueA).logMass(Double($0))) }
        let massB = (0...n).map { exp(Binomial(trials: size, probability: trueB).logMass(Double($0))) }
        func probability(_ xa: Int, _ xb: Int) -> Double {
            BetaComparison(
                Beta(prior.alpha + Double(xa), prior.beta + size - Double(xa)),
                Beta(prior.alpha + Double(xb), prior.beta + size - Double(xb))
            ).probabilityBBeatsA
        }
        // The probability rises with x_B and falls with x_A: the frontier is a staircase, walked once.
        var total = CompensatedSum()
        var frontier = 0
        var tail = [Double](repeating: 0, count: n + 2)
        for xb in stride(from: n, through: 0, by: -1) { tail[xb] = tail[xb + 1] + massB[xb] }
        for xa in 0...n {
            while frontier <= n, probability(xa, frontier) <= threshold { frontier += 1 }
            if frontier > n { break }
            total.add(massA[xa] * tail[frontier])
        }
        return total.value
    }
}
