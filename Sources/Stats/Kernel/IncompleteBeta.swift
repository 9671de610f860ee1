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
    public static func lower(_ a: Double, _ b: Double, _ x: Double) -> Double {
        guard let (tail, isLower) = smallerTail(a, b, x) else { return tails(a, b, x).lower }
        return isLower ? tail : 1 - tail
    }

    /// 1 − I_x(a, b) = P(X > x), computed, not subtracted.
    public static func upper(_ a: Double, _ b: Double, _ x: Double) -> Double {
        guard let (tail, isLower) = smallerTail(a, b, x) else { return tails(a, b, x).upper }
        return isLower ? 1 - tail : tail
    }

    /// The tail on the near side of the mean, without the logarithms; nil for parameters below 1 and at the ends.
    private static func smallerTail(_ a: Double, _ b: Double, _ x: Double) -> (value: Double, isLower: Bool)? {
        guard a >= 1, b >= 1, x > 0, x < 1, a < .infinity, b < .infinity else { return nil }
        let d = meanDifference(a, b, x, 1 - x)
        let tail =
            d >= 0
            ? exp(logPrefix(a, b, x, 1 - x, d)) * factor(a, b, x, 1 - x, d)
            : exp(logPrefix(b, a, 1 - x, x, -d)) * factor(b, a, 1 - x, x, -d)
        return (min(1, tail), d >= 0)
    }

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
        logPrefix(a, b, x, y, d) + log(factor(a, b, x, y, d))
    }

    /// The lower tail over its prefix, for x at or below the mean.
    static func factor(_ a: Double, _ b: Double, _ x: Double, _ y: Double, _ d: Double) -> Double {
        min(a, b) > 3000 ? quadrature(a, b, x, y, d) / y : 1 / fraction(a, b, x, y, d)
    }

    private static func logFraction(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Double {
        logPrefix(a, b, x, y) - log(fraction(a, b, x, y, meanDifference(a, b, x, y)))
    }

    /// Didonato & Morris (1992), eq. (9); d = a − (a + b) x.
    ///
    /// By Wallis's recurrence, whose numerators and denominators depend on each other through a product and a sum only,
    /// where Lentz's waits for a division each time.
    private static func fraction(_ a: Double, _ b: Double, _ x: Double, _ y: Double, _ d: Double) -> Double {
        var (above, aboveBefore) = (a * (d + 1) / (a + 1), 1.0)
        var (below, belowBefore) = (1.0, 0.0)
        let square = x * x
        let n = a + b
        var reciprocal = 1 / (a + 1)
        var m = 1.0
        while m < 20_000 {
            let bend = m * (b - m)
            let alpha = ((a + m - 1) * reciprocal) * ((n + m - 1) * reciprocal) * (bend * square)
            var beta = m + bend * x * reciprocal
            reciprocal = 1 / (a + 2 * m + 1)
            beta += (a + m) * (d + 1 + m * (1 + y)) * reciprocal
            (above, aboveBefore) = (beta * above + alpha * aboveBefore, above)
            (below, belowBefore) = (beta * below + alpha * belowBefore, below)
            let cross = above * belowBefore
            if abs(cross - aboveBefore * below) <= 1e-16 * abs(cross) { break }
            if abs(below) > 1e90 {
                above *= 1e-90
                aboveBefore *= 1e-90
                below *= 1e-90
                belowBefore *= 1e-90
            }
            m += 1
        }
        return above / below
    }

    /// ∫₀¹ (1−s)^{a−1} (1 + ρs)^{b−1} ds with ρ = x/y: the lower integral relative to x^a y^{b−1}, t = x(1 − s).
    private static func quadrature(_ a: Double, _ b: Double, _ x: Double, _ y: Double, _ d: Double) -> Double {
        let rho = x / y
        let slope = (d - y + x) / y
        let curvature = (a - 1) + (b - 1) * rho * rho
        // To the left of the mean, positive skewness only shortens the range; negative skewness lengthens it.
        let length = min(0.999, 1.05 * IncompleteGamma.range(slope: slope, curvature: curvature))
        // The exponent as a polynomial: −[(a−1) + (b−1)(−ρ)^k] / k is what s^k has, s and ρs below 0.2.
        let widest = max(1, rho) * length
        guard widest < 0.25, rho > 1e-8 else { return plainQuadrature(a, b, rho, slope, length) }
        let degree = Int((42 / -log(widest)).rounded(.up)) + 3
        let nodes = Quadrature.legendre24.nodes
        var exponent0 = SIMD8<Double>()
        var exponent1 = exponent0
        var exponent2 = exponent0
        let s0 = length * nodes.0
        let s1 = length * nodes.1
        let s2 = length * nodes.2
        var k = degree
        let inverse = -1 / rho
        var power = pow(rho, Double(degree)) * (degree.isMultiple(of: 2) ? 1 : -1)
        while k >= 2 {
            let coefficient = -((a - 1) + (b - 1) * power) * Self.reciprocals[k]
            exponent0 = exponent0 * s0 + coefficient
            exponent1 = exponent1 * s1 + coefficient
            exponent2 = exponent2 * s2 + coefficient
            power *= inverse
            k -= 1
        }
        exponent0 = (exponent0 * s0 - slope) * s0
        exponent1 = (exponent1 * s1 - slope) * s1
        exponent2 = (exponent2 * s2 - slope) * s2
        let weights = Quadrature.legendre24.weights
        var sum = 0.0
        for i in 0..<8 {
            sum +=
                weights.0[i] * exp(exponent0[i]) + weights.1[i] * exp(exponent1[i]) + weights.2[i] * exp(exponent2[i])
        }
        return sum * length
    }

    private static let reciprocals: [Double] = (0...64).map { 1 / Double(max(1, $0)) }

    private static func plainQuadrature(
        _ a: Double, _ b: Double, _ rho: Double, _ slope: Double, _ length: Double
    ) -> Double {
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
        if let start = normalStart(a, b, logTarget) { u = start }
        for _ in 0..<200 {
            let (x, y) = logistic(u)
            let value = tails(a, b, x, y).logLower
            let slope = exp(logPrefix(a, b, x, y) - value)
            var step = (logTarget - value) / slope
            guard step.isFinite else { break }
            // Near the root Halley's correction: (log I)″/(log I)′ = a − (a + b) x − (log I)′.
            let bend = 0.5 * step * (a * y - b * x - slope)
            if abs(bend) < 0.1 { step /= 1 + bend }
            u += max(-50, min(50, step))
            if abs(step) < 1e-8 || (abs(bend) < 1e-3 && abs(step) < 1e-3) { break }
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

    /// Abramowitz & Stegun 26.5.22, where the law is near enough a normal one; p the lower tail.
    private static func normalStart(_ a: Double, _ b: Double, _ logTarget: Double) -> Double? {
        guard a > 5, b > 5, logTarget > -50 else { return nil }
        let z = Normal.upperQuantile(exp(logTarget))
        let (s, t) = (1 / (2 * a - 1), 1 / (2 * b - 1))
        let h = 2 / (s + t)
        let lambda = (z * z - 3) / 6
        guard h + lambda > 0 else { return nil }
        let w = z * (h + lambda).squareRoot() / h - (t - s) * (lambda + 5.0 / 6 - 2 / (3 * h))
        return log(a / b) - 2 * w
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
