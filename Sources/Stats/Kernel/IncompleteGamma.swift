import Glibc

/// The regularised incomplete gamma functions P and Q = 1 − P and their inverses.
public enum IncompleteGamma {
    /// Both tails, each to its own relative accuracy, and their logarithms where they underflow.
    struct Tails {
        var lower: Double
        var upper: Double
        var logLower: Double
        var logUpper: Double

        /// From the log of one tail; the other is its complement.
        static func lower(log value: Double) -> Self {
            let p = min(1, exp(value))
            return Self(lower: p, upper: 1 - p, logLower: min(0, value), logUpper: log1p(-p))
        }

        var swapped: Self { Self(lower: upper, upper: lower, logLower: logUpper, logUpper: logLower) }
    }

    /// P(a, x), the lower tail of a gamma variable with shape a. a > 0, x ≥ 0; NaN otherwise.
    public static func lower(_ a: Double, _ x: Double) -> Double { tails(a, x).lower }

    /// Q(a, x), the upper tail.
    public static func upper(_ a: Double, _ x: Double) -> Double { tails(a, x).upper }

    /// log[x^a e^−x / Γ(a)].
    static func logPrefix(_ a: Double, _ x: Double) -> Double {
        if a < 1 { return log(a) + a * log(x) - x - GammaFunctions.logGamma1p(a) }
        return 0.5 * log(a) - Elementary.halfLogTwoPi - GammaFunctions.stirlingError(a)
            - Elementary.deviance(a, x, difference: a - x)
    }

    static func tails(_ a: Double, _ x: Double) -> Tails {
        guard a > 0, x >= 0, a < .infinity else {
            return Tails(lower: .nan, upper: .nan, logLower: .nan, logUpper: .nan)
        }
        if x == 0 { return Tails(lower: 0, upper: 1, logLower: -.infinity, logUpper: 0) }
        if x == .infinity { return Tails(lower: 1, upper: 0, logLower: 0, logUpper: -.infinity) }
        if a < 1, x < 1.5 { return smallShape(a, x) }
        let prefix = logPrefix(a, x)
        if a > 200 {
            return x < a
                ? .lower(log: prefix + log(lowerQuadrature(a, x)))
                : Tails.lower(log: prefix + log(upperQuadrature(a, x))).swapped
        }
        if x < a || x < 1 { return .lower(log: prefix + log(series(a, x))) }
        return Tails.lower(log: prefix + log(fraction(a, x))).swapped
    }

    /// Σ x^n / [a (a+1) … (a+n)] (Abramowitz & Stegun 6.5.29), positive terms.
    private static func series(_ a: Double, _ x: Double) -> Double {
        var term = 1 / a
        var sum = term
        var n = a
        for _ in 0..<2000 {
            n += 1
            term *= x / n
            sum += term
            if term < sum * 1e-17 { break }
        }
        return sum
    }

    /// Legendre's continued fraction of Q by Lentz's method (Abramowitz & Stegun 6.5.31, even part).
    private static func fraction(_ a: Double, _ x: Double) -> Double {
        var b = x + 1 - a
        var c = Double.infinity
        var d = 1 / b
        var h = d
        var i = 1.0
        while i < 3000 {
            let an = -i * (i - a)
            b += 2
            d = 1 / (an * d + b)
            c = b + an / c
            let delta = d * c
            h *= delta
            if abs(delta - 1) < 1e-16 { break }
            i += 1
        }
        return h
    }

    /// a < 1 and x small: P = C (1 + a S) with log C = O(a), so that Q = −expm1(log C) − C a S keeps its digits.
    private static func smallShape(_ a: Double, _ x: Double) -> Tails {
        var term = 1.0
        var sum = 0.0
        var n = 1.0
        while n < 200 {
            term *= -x / n
            let contribution = term / (a + n)
            sum += contribution
            if abs(contribution) < 1e-18 * abs(sum) { break }
            n += 1
        }
        let logC = a * log(x) - GammaFunctions.logGamma1p(a)
        let c = exp(logC)
        let lower = c * (1 + a * sum)
        let upper = -expm1(logC) - c * a * sum
        return Tails(lower: lower, upper: upper, logLower: logC + log1p(a * sum), logUpper: log(upper))
    }

    /// ∫₀¹ (1−s)^{a−1} e^{xs} ds: the lower integral relative to its prefix, t = x(1 − s), for a large and x < a.
    private static func lowerQuadrature(_ a: Double, _ x: Double) -> Double {
        let slope = (a - 1) - x
        let length = min(0.999, range(slope: slope, curvature: a - 1))
        var sum = 0.0
        let rule = Quadrature.legendre48
        for (node, weight) in zip(rule.nodes, rule.weights) {
            let s = node * length
            sum += weight * exp((a - 1) * Elementary.log1pMinusX(-s) - slope * s)
        }
        return sum * length
    }

    /// ∫₀^∞ (1+s)^{a−1} e^{−xs} ds, t = x(1 + s), for x ≥ a.
    private static func upperQuadrature(_ a: Double, _ x: Double) -> Double {
        let slope = x - (a - 1)
        // The cubic term slows the decay to the right of the mean: look a little further.
        let length = range(slope: slope, curvature: (a - 1) * 0.8)
        var sum = 0.0
        let rule = Quadrature.legendre48
        for (node, weight) in zip(rule.nodes, rule.weights) {
            let s = node * length
            sum += weight * exp((a - 1) * Elementary.log1pMinusX(s) - slope * s)
        }
        return sum * length
    }

    /// The s at which slope·s + curvature·s²/2 reaches 42.
    static func range(slope: Double, curvature: Double) -> Double {
        let root = (slope * slope + 84 * curvature).squareRoot()
        return slope >= 0 ? 84 / (slope + root) : (root - slope) / curvature
    }

    /// The x with P(a, x) = p.
    public static func lowerInverse(_ a: Double, _ p: Double) -> Double {
        guard a > 0, p >= 0, p <= 1 else { return .nan }
        if p == 0 { return 0 }
        if p == 1 { return .infinity }
        return p <= 0.5 ? inverse(a, log(p), lower: true) : inverse(a, log1p(-p), lower: false)
    }

    /// The x with Q(a, x) = q.
    public static func upperInverse(_ a: Double, _ q: Double) -> Double {
        guard a > 0, q >= 0, q <= 1 else { return .nan }
        if q == 0 { return .infinity }
        if q == 1 { return 0 }
        return q <= 0.5 ? inverse(a, log(q), lower: false) : inverse(a, log1p(-q), lower: true)
    }

    /// Newton on the logarithm of a tail in u = log x, where both tails are log-concave: it converges from anywhere.
    private static func inverse(_ a: Double, _ logTarget: Double, lower: Bool) -> Double {
        var u = log(a)
        if lower, a < 1 { u = min(u, (logTarget + GammaFunctions.logGamma1p(a)) / a) }
        if lower, u < -740 { return exp(u) }
        for _ in 0..<200 {
            let x = exp(u)
            let t = tails(a, x)
            let value = lower ? t.logLower : t.logUpper
            let slope = exp(logPrefix(a, x) - value)
            var step = (logTarget - value) / slope
            if !lower { step = -step }
            guard step.isFinite else { break }
            u += max(-20, min(20, step))
            if abs(step) < 1e-15 { break }
            if abs(step) < 1e-7 {
                // Quadratic from here: one more evaluation at the rounded point, in x itself.
                let x = exp(u)
                let t = tails(a, x)
                let value = lower ? t.logLower : t.logUpper
                let correction = (logTarget - value) / exp(logPrefix(a, x) - value)
                return x * (1 + (lower ? correction : -correction))
            }
        }
        return exp(u)
    }
}
