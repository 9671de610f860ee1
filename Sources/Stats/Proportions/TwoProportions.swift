import Glibc

/// Two independent proportions; differences are second minus first (treatment minus control).
public struct TwoProportions: Sendable, Equatable {
    public let first: Proportion
    public let second: Proportion

    /// - Throws: `insufficient` when an arm has no trials.
    public init(_ first: Proportion, _ second: Proportion) throws(StatsError) {
        guard first.trials > 0, second.trials > 0 else { throw .insufficient("both arms need a trial") }
        self.first = first
        self.second = second
    }

    var rates: (Double, Double) { (first.successes / first.trials, second.successes / second.trials) }

    /// p₂ − p₁, from the exact difference of cross products.
    public var difference: Double {
        let a = Elementary.twoProduct(second.successes, first.trials)
        let b = Elementary.twoProduct(first.successes, second.trials)
        return ((a.high - b.high) + (a.low - b.low)) / (first.trials * second.trials)
    }

    var unpooledVariance: Double {
        let (p1, p2) = rates
        return p1 * (first.failures / first.trials) / first.trials
            + p2 * (second.failures / second.trials) / second.trials
    }

    /// The z tests with pooled and unpooled variance, and Wald's interval (Kohavi, Tang & Xu 2020, ch. 17).
    public struct ZTest: Sendable, Equatable {
        public let difference: Double
        /// NaN when the pooled variance is zero (nobody or everybody converted in both arms).
        public let zPooled: Double
        public let pPooled: Double
        public let zUnpooled: Double
        public let pUnpooled: Double
        public let wald: Interval
    }

    /// - Parameter alpha: two-sided.
    public func zTest(alpha: Double) throws(StatsError) -> ZTest {
        try Require.fraction(alpha, "alpha")
        let n1 = first.trials
        let n2 = second.trials
        let pooled = (first.successes + second.successes) / (n1 + n2)
        let pooledFailures = (first.failures + second.failures) / (n1 + n2)
        let d = difference
        func test(_ variance: Double) -> (Double, Double) {
            if variance == 0 { return d == 0 ? (.nan, 1) : (d * .infinity, 0) }
            let z = d / variance.squareRoot()
            return (z, 2 * Normal.upperTail(of: abs(z)))
        }
        let (zp, pp) = test(pooled * pooledFailures * (1 / n1 + 1 / n2))
        let (zu, pu) = test(unpooledVariance)
        let half = Normal.upperQuantile(alpha / 2) * unpooledVariance.squareRoot()
        return ZTest(
            difference: d, zPooled: zp, pPooled: pp, zUnpooled: zu, pUnpooled: pu,
            wald: Interval(lower: d - half, upper: d + half))
    }

    /// Newcombe (1998), method 10: the Wilson ends squared and added.
    public func newcombe(alpha: Double) throws(StatsError) -> Interval {
        let w1 = try first.wilson(alpha: alpha)
        let w2 = try second.wilson(alpha: alpha)
        let (p1, p2) = rates
        let d = difference
        return Interval(
            lower: d - hypot(p2 - w2.lower, w1.upper - p1), upper: d + hypot(w2.upper - p2, p1 - w1.lower))
    }

    /// Miettinen & Nurminen (1985): the differences whose score statistic, with variance at the constrained maximum
    /// of the likelihood and the factor N/(N − 1), is not beyond z.
    public func miettinenNurminen(alpha: Double) throws(StatsError) -> Interval {
        try Require.fraction(alpha, "alpha")
        let d = difference
        let z = Normal.upperQuantile(alpha / 2)
        func bound(towards end: Double) -> Double {
            if d == end { return end }
            var inside = d
            var outside = end
            for _ in 0..<200 {
                let middle = 0.5 * (inside + outside)
                if middle == inside || middle == outside { break }
                if abs(d - middle) <= z * constrainedVariance(at: middle).squareRoot() {
                    inside = middle
                } else {
                    outside = middle
                }
            }
            return 0.5 * (inside + outside)
        }
        return Interval(lower: bound(towards: -1), upper: bound(towards: 1))
    }

    /// The variance of the difference at the likelihood's maximum subject to p₂ = p₁ + delta, times N/(N − 1).
    private func constrainedVariance(at delta: Double) -> Double {
        // The score in p₁ falls monotonically, so halving finds its zero.
        var low = max(0, -delta)
        var high = min(1, 1 - delta)
        func score(_ p: Double) -> Double {
            func term(_ count: Double, _ probability: Double) -> Double { count == 0 ? 0 : count / probability }
            return term(first.successes, p) - term(first.failures, 1 - p) + term(second.successes, p + delta)
                - term(second.failures, 1 - p - delta)
        }
        for _ in 0..<100 {
            let middle = 0.5 * (low + high)
            if middle <= low || middle >= high { break }
            if score(middle) > 0 { low = middle } else { high = middle }
        }
        let p1 = 0.5 * (low + high)
        let p2 = min(1, max(0, p1 + delta))
        let n = first.trials + second.trials
        return (p1 * (1 - p1) / first.trials + p2 * (1 - p2) / second.trials) * n / (n - 1)
    }

    /// The ratio p₂ / p₁ with Katz's interval on its logarithm.
    public struct RelativeRisk: Sendable, Equatable {
        public let ratio: Double
        public let logStandardError: Double
        public let interval: Interval
    }

    /// Katz et al. (1978). `insufficient` without a success in each arm.
    public func relativeRisk(alpha: Double) throws(StatsError) -> RelativeRisk {
        try Require.fraction(alpha, "alpha")
        guard first.successes > 0, second.successes > 0 else {
            throw .insufficient("a relative risk needs a success in each arm")
        }
        let ratio = (second.successes * first.trials) / (first.successes * second.trials)
        let variance =
            first.failures / first.trials / first.successes + second.failures / second.trials / second.successes
        let error = variance.squareRoot()
        let half = Normal.upperQuantile(alpha / 2) * error
        return RelativeRisk(
            ratio: ratio, logStandardError: error,
            interval: Interval(lower: ratio * exp(-half), upper: ratio * exp(half)))
    }

    /// H₀: p₂ − p₁ ≤ −margin, by the unpooled z.
    ///
    /// - Parameter margin: the loss one is willing to accept, ≥ 0, in proportion units.
    public func nonInferiority(margin: Double) throws(StatsError) -> (z: Double, p: Double) {
        try Require.nonNegative(margin, "margin")
        guard unpooledVariance > 0 else { throw .zeroVariance("nobody or everybody converted in both arms") }
        let z = (difference + margin) / unpooledVariance.squareRoot()
        return (z, Normal.upperTail(of: z))
    }

    /// Fisher's exact test of equality.
    public struct FisherTest: Sendable, Equatable {
        /// The tables no likelier than the observed one.
        public let twoSided: Double
        /// Against p₂ > p₁.
        public let secondGreater: Double
        /// Against p₂ < p₁.
        public let secondLess: Double
    }

    /// Conditional on all margins. Counts must be whole numbers.
    public func fisherExact() throws(StatsError) -> FisherTest {
        for count in [first.successes, first.trials, second.successes, second.trials] where count != count.rounded() {
            throw .invalid("Fisher's test needs whole counts")
        }
        let law = Hypergeometric(
            good: second.trials, bad: first.trials, drawn: first.successes + second.successes)
        let x = second.successes
        return FisherTest(
            twoSided: law.noLikelier(than: x), secondGreater: law.atLeast(x), secondLess: law.atMost(x))
    }
}
