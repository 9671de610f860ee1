import Glibc

/// The regularised incomplete beta function I_x(a, b), its complement and their inverses.
///
/// Four roads to the smaller tail, all of positive terms: a power series where a parameter is below 1, the continued
/// fraction of Didonato & Morris (1992, TOMS 708, eq. 9) elsewhere, and for large parameters Gauss–Legendre on the
/// integral itself, whose exponent is formed without cancellation. The factor x^a (1−x)^b / B(a, b) comes from
/// Loader's deviances with the difference a − (a+b)x exact, so that n = 1e12 loses nothing.
public enum IncompleteBeta {
    typealias Tails = IncompleteGamma.Tails

    /// I_x(a, b) = P(X ≤ x) for X ~ Beta(a, b). NaN outside a, b > 0, 0 ≤ x ≤ 1.
    public static func lower(_ a: Double, _ b: Double, _ x: Double) -> Double { tails(a, b, x).lower }

    /// 1 − I_x(a, b) = P(X > x), computed, not subtracted.
    public static func upper(_ a: Double, _ b: Double, _ x: Double) -> Double { tails(a, b, x).upper }

    static func tails(_ a: Double, _ b: Double, _ x: Double) -> Tails { tails(a, b, x, 1 - x) }

    /// As above when both x and y = 1 − x are known, the smaller one exactly.
    static func tails(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Tails {
        guard a > 0, b > 0, x >= 0, y >= 0, a < .infinity, b < .infinity else {
            return Tails(lower: .nan, upper: .nan, logLower: .nan, logUpper: .nan)
        }
        if x == 0 { return Tails(lower: 0, upper: 1, logLower: -.infinity, logUpper: 0) }
        if y == 0 { return Tails(lower: 1, upper: 0, logLower: 0, logUpper: -.infinity) }
        if a < 1 || b < 1 {
            if x * max(b, 1) <= 0.7 { return powerSeries(a, b, x) }
            if y * max(a, 1) <= 0.7 { return powerSeries(b, a, y).swapped }
            if a < 1 { return Tails.lower(log: logFraction(b, a, y, x)).swapped }
            return .lower(log: logFraction(a, b, x, y))
        }
        let d = meanDifference(a, b, x, y)
        if d >= 0 { return .lower(log: logSmallerTail(a, b, x, y, d)) }
        return Tails.lower(log: logSmallerTail(b, a, y, x, -d)).swapped
    }

    /// a − (a + b) x = a y − b x, formed from the smaller of x and y with its rounding errors carried.
    static func meanDifference(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Double {
        x <= y ? excess(a, b, x) : -excess(b, a, y)
    }

    private static func excess(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let n = Elementary.twoSum(a, b)
        let m = Elementary.twoProduct(n.high, x)
        return ((a - m.high) - m.low) - n.low * x
    }

    /// log[x^a y^b / B(a, b)].
    static func logPrefix(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Double {
        logPrefix(a, b, x, y, difference: meanDifference(a, b, x, y))
    }

    /// The same where d = a − (a + b) x is known.
    static func logPrefix(_ a: Double, _ b: Double, _ x: Double, _ y: Double, difference d: Double) -> Double {
        if a >= 1, b >= 1 { return logPrefix(a, b, x, y, d) }
        let logX = x <= y ? log(x) : log1p(-y)
        let logY = x <= y ? log1p(-x) : log(y)
        if a < 1, b < 1 {
            let small = min(a, b)
            return log(small / (1 + small / max(a, b))) + a * logX + b * logY + GammaFunctions.logGamma1p(a + b)
                - GammaFunctions.logGamma1p(a) - GammaFunctions.logGamma1p(b)
        }
        if a < 1 {
            return log(a) + a * logX + b * logY + GammaFunctions.logGammaRise(b, by: a) - GammaFunctions.logGamma1p(a)
        }
        return log(b) + a * logX + b * logY + GammaFunctions.logGammaRise(a, by: b) - GammaFunctions.logGamma1p(b)
    }

    /// Loader's form for a, b ≥ 1. d = a − (a + b) x.
    private static func logPrefix(_ a: Double, _ b: Double, _ x: Double, _ y: Double, _ d: Double) -> Double {
        let n = a + b
        let scale = a <= b ? a / (1 + a / b) : b / (1 + b / a)
        return 0.5 * log(scale) - Elementary.halfLogTwoPi + GammaFunctions.stirlingError(n)
            - GammaFunctions.stirlingError(a) - GammaFunctions.stirlingError(b)
            - Elementary.deviance(a, n * x, difference: d) - Elementary.deviance(b, n * y, difference: -d)
    }

    /// The lower tail for x at or below the mean, a, b ≥ 1, as its logarithm.
    private static func logSmallerTail(_ a: Double, _ b: Double, _ x: Double, _ y: Double, _ d: Double) -> Double {
        let prefix = logPrefix(a, b, x, y, d)
        if min(a, b) > 3000 { return prefix + log(quadrature(a, b, x, y, d) / y) }
        return prefix - log(fraction(a, b, x, y, d))
    }

    private static func logFraction(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Double {
        logPrefix(a, b, x, y) - log(fraction(a, b, x, y, meanDifference(a, b, x, y)))
    }

    /// Didonato & Morris (1992), eq. (9), by Lentz's method; d = a − (a + b) x.
    private static func fraction(_ a: Double, _ b: Double, _ x: Double, _ y: Double, _ d: Double) -> Double {
        var f = a * (d + 1) / (a + 1)
        if f == 0 { f = 1e-300 }
        var c = f
        var e = 0.0
        var m = 1.0
        while m < 20_000 {
            let odd = a + 2 * m - 1
            let alpha = ((a + m - 1) / odd) * ((a + b + m - 1) / odd) * (m * (b - m) * x * x)
            let beta = m + m * (b - m) * x / odd + (a + m) * (d + 1 + m * (1 + y)) / (odd + 2)
            e = 1 / (beta + alpha * e)
            c = beta + alpha / c
            let delta = c * e
            f *= delta
            if abs(delta - 1) < 1e-16 { break }
            m += 1
        }
        return f
    }

    /// ∫₀¹ (1−s)^{a−1} (1 + ρs)^{b−1} ds with ρ = x/y: the lower integral relative to x^a y^{b−1}, t = x(1 − s).
    private static func quadrature(_ a: Double, _ b: Double, _ x: Double, _ y: Double, _ d: Double) -> Double {
        let rho = x / y
        let slope = (d - y + x) / y
        let curvature = (a - 1) + (b - 1) * rho * rho
        // To the left of the mean, positive skewness only shortens the range; negative skewness lengthens it.
        let length = min(0.999, 1.05 * IncompleteGamma.range(slope: slope, curvature: curvature))
        var sum = 0.0
        let rule = Quadrature.legendre48
        for (node, weight) in zip(rule.nodes, rule.weights) {
            let s = node * length
            let exponent =
                (a - 1) * Elementary.log1pMinusX(-s) + (b - 1) * Elementary.log1pMinusX(rho * s) - slope * s
            sum += weight * exp(exponent)
        }
        return sum * length
    }

    /// I = C (1 + a S), S = Σ (1−b)_n x^n / [n! (a+n)], for x max(b, 1) ≤ 0.7. log C is O(a), so the complement
    /// −expm1(log C) − C a S keeps its digits however small a is. (Abramowitz & Stegun 26.5.4.)
    private static func powerSeries(_ a: Double, _ b: Double, _ x: Double) -> Tails {
        var term = 1.0
        var sum = 0.0
        var n = 1.0
        while n < 1000 {
            term *= (n - b) * x / n
            let contribution = term / (a + n)
            sum += contribution
            if abs(contribution) <= 1e-17 * abs(sum) { break }
            n += 1
        }
        let logC = a * log(x) + GammaFunctions.logGammaRise(b, by: a) - GammaFunctions.logGamma1p(a)
        let c = exp(logC)
        let lower = c * (1 + a * sum)
        let upper = -expm1(logC) - c * a * sum
        let logLower = logC + log1p(a * sum)
        return Tails(
            lower: min(1, lower), upper: max(0, upper), logLower: min(0, logLower), logUpper: log(max(0, upper)))
    }

    /// The x with I_x(a, b) = p.
    public static func lowerInverse(_ a: Double, _ b: Double, _ p: Double) -> Double {
        inverse(a, b, p, lower: true).x
    }

    /// The x with 1 − I_x(a, b) = q.
    public static func upperInverse(_ a: Double, _ b: Double, _ q: Double) -> Double {
        inverse(a, b, q, lower: false).x
    }

    /// The quantile as the pair (x, 1 − x), each to its own relative accuracy.
    static func inverse(_ a: Double, _ b: Double, _ p: Double, lower: Bool) -> (x: Double, y: Double) {
        guard a > 0, b > 0, p >= 0, p <= 1 else { return (.nan, .nan) }
        if p == 0 { return lower ? (0, 1) : (1, 0) }
        if p == 1 { return lower ? (1, 0) : (0, 1) }
        // Aim at the smaller of the two tails.
        let (logTarget, fromLower) = p <= 0.5 ? (log(p), lower) : (log1p(-p), !lower)
        if fromLower { return solve(a, b, logTarget) }
        let (y, x) = solve(b, a, logTarget)
        return (x, y)
    }

    /// Newton on log I in u = logit x, where I is log-concave for every a and b: from the left it climbs without ever
    /// overshooting, from the right it overshoots once.
    private static func solve(_ a: Double, _ b: Double, _ logTarget: Double) -> (x: Double, y: Double) {
        var u = log(a) - log(b)
        // Where x is so small that I = x^a / (a B): exact, and it saves underflow.
        let leading = (logTarget + log(a) + GammaFunctions.logBeta(a, b)) / a
        if leading < -700 { return (exp(leading), 1) }
        u = min(u, max(leading, -690))
        for _ in 0..<200 {
            let (x, y) = logistic(u)
            let value = tails(a, b, x, y).logLower
            let step = (logTarget - value) / exp(logPrefix(a, b, x, y) - value)
            guard step.isFinite else { break }
            u += max(-50, min(50, step))
            if abs(step) < 1e-8 { break }
        }
        // The last step in x itself, since u carries |u| roundings.
        var (x, y) = logistic(u)
        if x <= y { y = 1 - x } else { x = 1 - y }
        let value = tails(a, b, x, y).logLower
        let step = (logTarget - value) / exp(logPrefix(a, b, x, y) - value)
        guard step.isFinite, abs(step) < 1e-3 else { return (x, y) }
        if x <= y {
            x += x * y * step
            return (x, 1 - x)
        }
        y -= x * y * step
        return (1 - y, y)
    }

    static func logistic(_ u: Double) -> (x: Double, y: Double) {
        if u < 0 {
            let e = exp(u)
            return (e / (1 + e), 1 / (1 + e))
        }
        let e = exp(-u)
        return (1 / (1 + e), e / (1 + e))
    }
}
