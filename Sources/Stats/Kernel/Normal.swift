import Glibc

/// The standard normal distribution, both tails, and the error functions.
public enum Normal {
    public static func density(_ x: Double) -> Double {
        exp(-0.5 * x * x) / Elementary.sqrtTwoPi
    }

    static func logDensity(_ x: Double) -> Double {
        -0.5 * x * x - Elementary.halfLogTwoPi
    }

    public static func erf(_ x: Double) -> Double { Glibc.erf(x) }
    public static func erfc(_ x: Double) -> Double { Glibc.erfc(x) }

    /// P(Z ≤ x), with full relative accuracy in the lower tail.
    public static func lowerTail(of x: Double) -> Double { upperTail(of: -x) }

    /// P(Z > x), with full relative accuracy in the upper tail.
    ///
    /// ½ erfc(x/√2), corrected for the rounding of x/√2, whose error the tail would magnify by x².
    public static func upperTail(of x: Double) -> Double {
        let z = x * rootHalf
        if x < 2 || x > 39 { return 0.5 * Glibc.erfc(z) }
        let error = (-z).addingProduct(x, rootHalf) + x * rootHalfLow
        let value = 0.5 * Glibc.erfc(z)
        return value * (1 - error * 2 * z * (1 + 0.5 / (z * z + 1)))
    }

    private static let rootHalf = 0.707_106_781_186_547_6
    private static let rootHalfLow = -4.833_646_656_726_457e-17

    /// log P(Z ≤ x), which does not underflow.
    public static func logLowerTail(of x: Double) -> Double {
        if x > 0 { return log1p(-upperTail(of: x)) }
        if x > -10 { return log(lowerTail(of: x)) }
        // Laplace's continued fraction for Mills' ratio (Abramowitz & Stegun 26.2.14).
        let t = -x
        var fraction = t
        for k in stride(from: 60.0, through: 1, by: -1) { fraction = t + k / fraction }
        return -0.5 * t * t - Elementary.halfLogTwoPi - log(fraction)
    }

    /// log P(Z > x).
    public static func logUpperTail(of x: Double) -> Double { logLowerTail(of: -x) }

    /// The x with P(Z ≤ x) = p. −∞ at 0, +∞ at 1, NaN outside [0, 1].
    public static func quantile(_ p: Double) -> Double {
        guard p > 0 else { return p == 0 ? -.infinity : .nan }
        guard p < 1 else { return p == 1 ? .infinity : .nan }
        let q = p - 0.5
        if abs(q) <= 0.425 { return refinedCentral(central(q), q) }
        return p < 0.5 ? -tailQuantile(p) : tailQuantile(1 - p)
    }

    /// The x with P(Z > x) = q.
    public static func upperQuantile(_ q: Double) -> Double { -quantile(q) }

    /// Wichura (1988), AS 241, PPND16: the middle.
    private static func central(_ q: Double) -> Double {
        let r = 0.180625 - q * q
        let numerator = polynomial(
            r,
            [
                2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
                13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
            ])
        let denominator = polynomial(
            r,
            [
                5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
                5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1,
            ])
        return q * numerator / denominator
    }

    /// One Halley step on Φ(x) − ½ = ½ erf(x/√2), whose relative accuracy survives x → 0.
    private static func refinedCentral(_ x: Double, _ q: Double) -> Double {
        if abs(q) < 1e-8 { return q * Elementary.sqrtTwoPi }
        let error = (0.5 * Glibc.erf(x * rootHalf) - q) / density(x)
        return x - error / (1 + 0.5 * x * error)
    }

    /// The positive x whose upper tail is p < ½: AS 241's tails, then one Halley step in the tail itself.
    private static func tailQuantile(_ p: Double) -> Double {
        let r = (-log(p)).squareRoot()
        let x: Double
        if r <= 5 {
            let s = r - 1.6
            let numerator = polynomial(
                s,
                [
                    7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
                    3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
                ])
            let denominator = polynomial(
                s,
                [
                    1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
                    0.14810397642748007459,
                    0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1,
                ])
            x = numerator / denominator
        } else {
            let s = r - 5
            let numerator = polynomial(
                s,
                [
                    2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
                    0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699,
                    6.6579046435011037772,
                ])
            let denominator = polynomial(
                s,
                [
                    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
                    7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769,
                    1,
                ])
            x = numerator / denominator
        }
        guard p > 1e-290 else { return tailNewton(x, logTail: log(p)) }
        let error = (p - upperTail(of: x)) / density(x)
        return x - error / (1 + 0.5 * x * error)
    }

    /// Newton on the log tail, for probabilities near the subnormals.
    private static func tailNewton(_ start: Double, logTail: Double) -> Double {
        var x = start
        for _ in 0..<3 {
            let tail = logUpperTail(of: x)
            x += (tail - logTail) * exp(tail - logDensity(x))
        }
        return x
    }

    private static func polynomial(_ x: Double, _ coefficients: [Double]) -> Double {
        var value = 0.0
        for coefficient in coefficients { value = value * x + coefficient }
        return value
    }
}
