import Glibc

/// The range of k independent standard normal values over an independent estimate of their standard deviation: the law
/// of Tukey's (1949) honest significant difference.
///
/// Both tails are integrals of log-concave functions, of the largest value within of the logarithm of the deviation, so
/// quadrature has ten digits however small they are, where series for the tail have none.
public struct StudentizedRange: Sendable, Equatable {
    /// How many values the range is of, 2…10,000.
    public let groups: Int
    /// Of the estimate of the deviation; infinity when it is known.
    public let degreesOfFreedom: Double

    /// - Throws: `invalid` for fewer than two groups, more than 10,000, or degrees of freedom that are not above 0.
    public init(groups: Int, degreesOfFreedom: Double) throws(StatsError) {
        guard groups >= 2, groups <= 10_000 else { throw .invalid("groups must lie between 2 and 10000") }
        guard degreesOfFreedom > 0 else { throw .invalid("degreesOfFreedom must be above 0") }
        self.groups = groups
        self.degreesOfFreedom = degreesOfFreedom
    }

    /// P(Q > q), to ten digits of itself. 1 for q ≤ 0.
    public func upperTail(of q: Double) -> Double { min(1, exp(logUpperTail(of: q))) }

    /// P(Q ≤ q), to ten digits of itself. 0 for q ≤ 0.
    public func lowerTail(of q: Double) -> Double {
        guard q > 0 else { return 0 }
        guard q < .infinity else { return 1 }
        return min(1, exp(overDeviation(q, logLowerOfRange)))
    }

    /// log P(Q > q), which does not underflow.
    public func logUpperTail(of q: Double) -> Double {
        guard q > 0 else { return q.isNaN ? .nan : 0 }
        guard q < .infinity else { return -.infinity }
        return min(0, overDeviation(q, logUpperOfRange))
    }

    /// The q with P(Q > q) = alpha.
    ///
    /// - Throws: `invalid` for an alpha outside (0, 1).
    public func upperQuantile(_ alpha: Double) throws(StatsError) -> Double {
        try Require.fraction(alpha, "alpha")
        let target = log(alpha)
        // log P(Q > e^v) falls and bends down in v: secants in v, kept within a bracket.
        var (low, high) = (-40.0, 200.0)
        var v = log(StudentT(degreesOfFreedom: min(degreesOfFreedom, 1e9)).upperQuantile(alpha / 4) * 1.5)
        var (before, errorBefore) = (v - 0.1, logUpperTail(of: exp(v - 0.1)) - target)
        for _ in 0..<100 {
            let error = logUpperTail(of: exp(v)) - target
            if error > 0 { low = v } else { high = v }
            var next = v - error * (v - before) / (error - errorBefore)
            if !(next > low && next < high) { next = 0.5 * (low + high) }
            (before, errorBefore) = (v, error)
            let step = abs(next - v)
            v = next
            if step < 1e-12 || high - low < 1e-13 * abs(v) { break }
        }
        return exp(v)
    }

    /// log ∫ of a tail of the range at q·s over the law of s = √(χ²/df), in u = log s.
    private func overDeviation(_ q: Double, _ tail: (Double) -> Double) -> Double {
        guard degreesOfFreedom < 1e10 else { return tail(q) }
        let a = degreesOfFreedom / 2
        return Quadrature.logConcaveIntegral(around: 0, scale: 1 / max(1, 2 * degreesOfFreedom).squareRoot()) { u in
            IncompleteGamma.logPrefixAtRatio(a, logRatio: 2 * u, ratio: exp(2 * u)) + Self.logTwo + tail(q * exp(u))
        }
    }

    /// log P(range > w) = log k ∫ φ(z) [Φ(z)^m − (Φ(z) − Φ(z − w))^m] dz with m = k − 1, z the largest value.
    private func logUpperOfRange(_ w: Double) -> Double {
        guard w > 0 else { return 0 }
        let m = Double(groups - 1)
        // Two pairs so far apart are e^{−w²/12} times as rare as one: the pairs' tails add.
        if w > 27 { return log(m * (m + 1)) + Normal.logUpperTail(of: w / 2.0.squareRoot()) }
        let integral = Quadrature.logConcaveIntegral(around: w / 2, scale: 0.5) { z in
            let below = Normal.logLowerTail(of: z)
            let share = Normal.logLowerTail(of: z - w) - below
            let missed = share < -37 ? log(m) + share : Elementary.log1mExp(m * Elementary.log1mExp(share))
            return Normal.logDensity(z) + m * below + missed
        }
        return min(0, log(m + 1) + integral)
    }

    /// log P(range ≤ w) = log k ∫ φ(z) (Φ(z) − Φ(z − w))^m dz.
    private func logLowerOfRange(_ w: Double) -> Double {
        guard w > 0 else { return -.infinity }
        let m = Double(groups - 1)
        let integral = Quadrature.logConcaveIntegral(around: min(w / 2, 3), scale: 0.5) { z in
            Normal.logDensity(z) + m * Self.logBand(from: z - w, to: z)
        }
        return min(0, log(m + 1) + integral)
    }

    /// log[Φ(b) − Φ(a)].
    private static func logBand(from a: Double, to b: Double) -> Double {
        let width = b - a
        if width < 0.05 {
            // The midpoint's density and its even derivatives.
            let c = 0.5 * (a + b)
            let (c2, w2) = (c * c, width * width)
            if w2 * c2 < 0.01 {
                let bend = w2 * ((c2 - 1) / 24 + w2 * (c2 * c2 - 6 * c2 + 3) / 1920)
                return log(width) + Normal.logDensity(c) + log1p(bend)
            }
        }
        // From the side where both tails are small.
        let (near, far) = a + b > 0 ? (-a, -b) : (b, a)
        let logNear = Normal.logLowerTail(of: near)
        return logNear + Elementary.log1mExp(min(-1e-300, Normal.logLowerTail(of: far) - logNear))
    }

    private static let logTwo = 0.693_147_180_559_945_3
}
