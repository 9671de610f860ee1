import Glibc

/// Curves that a martingale crosses with probability at most alpha over all time
/// (Howard, Ramdas, McAuliffe & Sekhon 2021, "Time-uniform, nonparametric, nonasymptotic confidence sequences").
public enum UniformBoundary {
    /// The ρ that makes a two-sided normal-mixture boundary nearly tightest at intrinsic time `vOpt`
    /// (Howard et al. 2021, §3.5).
    public static func rho(vOpt: Double, alpha: Double) -> Double {
        let depth = -2 * log(alpha)
        return vOpt / (depth + log1p(depth))
    }

    /// The two-sided normal mixture, eq. (14): √{(v + ρ) log[(v + ρ)/(ρ α²)]}.
    public static func twoSidedNormalMixture(v: Double, alpha: Double, rho: Double) -> Double {
        ((v + rho) * (log1p(v / rho) - 2 * log(alpha))).squareRoot()
    }

    /// The one-sided normal mixture's closed form, an upper bound within a few percent (Howard et al. 2021, §3.2):
    /// √{2 (v + ρ) log[1 + √((v + ρ)/ρ) / (2α)]}.
    public static func oneSidedNormalMixtureClosedForm(v: Double, alpha: Double, rho: Double) -> Double {
        (2 * (v + rho) * log1p((1 + v / rho).squareRoot() / (2 * alpha))).squareRoot()
    }

    /// The one-sided normal mixture, exactly: the s at which
    /// ½ log[4ρ/(v + ρ)] + s²/[2(v + ρ)] + log Φ(s/√(v + ρ)) reaches log(1/α).
    public static func oneSidedNormalMixture(v: Double, alpha: Double, rho: Double) -> Double {
        let total = v + rho
        let offset = 0.5 * (log(4.0) - log1p(v / rho))
        return crossing(upTo: .infinity, scale: total.squareRoot(), level: -log(alpha)) { s in
            offset + s * s / (2 * total) + Normal.logLowerTail(of: s / total.squareRoot())
        }
    }

    /// The gamma-exponential mixture for sub-exponential processes of scale c (Howard et al. 2021, Prop. 9).
    ///
    /// - Parameter c: > 0; the process is sub-exponential with scale c.
    public static func gammaExponential(v: Double, alpha: Double, rho: Double, c: Double) -> Double {
        crossing(upTo: .infinity, scale: (v + rho).squareRoot(), level: -log(alpha)) { s in
            logGammaExponential(s: s, v: v, rho: rho, c: c)
        }
    }

    /// log of the gamma-exponential mixture itself at sum s and intrinsic time v: it passes log(1/α) where the boundary
    /// is crossed.
    public static func logGammaExponential(s: Double, v: Double, rho: Double, c: Double) -> Double {
        let square = c * c
        let shape = rho / square
        let x = (c * s + v + rho) / square
        return logGammaMass((v + rho) / square, x) - logGammaMass(shape, shape) + (c * s + v) / square
    }

    /// log Γ(a) + log P(a, x) − a log x.
    private static func logGammaMass(_ a: Double, _ x: Double) -> Double {
        GammaFunctions.logGamma(a) + IncompleteGamma.tails(a, x).logLower - a * log(x)
    }

    /// The polynomial stitched boundary, Howard et al. (2021), Theorem 1 and eq. (6), constant below `vMin`.
    ///
    /// - Parameters:
    ///   - c: the sub-gamma scale, 0 for sub-Gaussian.
    ///   - s: > 1, the exponent of the log-log term.
    ///   - eta: > 1, the ratio of the epochs.
    public static func polyStitched(
        v: Double, alpha: Double, vMin: Double, c: Double, s: Double, eta: Double
    ) -> Double {
        let time = max(v, vMin)
        let k1 = (pow(eta, 0.25) + pow(eta, -0.25)) / 2.0.squareRoot()
        let k2 = (eta.squareRoot() + 1) / 2
        let depth = s * log(log(eta * time / vMin)) + log(RiemannZeta.value(s)) - s * log(log(eta)) - log(alpha)
        let linear = k2 * c * depth
        return (k1 * k1 * time * depth + linear * linear).squareRoot() + linear
    }

    /// The s at which a function increasing from below reaches `level`, or the end.
    static func crossing(
        upTo end: Double, scale: Double, level: Double, _ function: (Double) -> Double
    ) -> Double {
        var low = 0.0
        var high = end
        if high == .infinity {
            high = scale
            while function(high) < level, high < 1e300 {
                low = high
                high *= 2
            }
        } else if function(high) < level {
            return high
        }
        for _ in 0..<200 {
            let middle = 0.5 * (low + high)
            if middle <= low || middle >= high { break }
            if function(middle) < level { low = middle } else { high = middle }
        }
        return 0.5 * (low + high)
    }
}

/// ζ(s) for s > 1.
enum RiemannZeta {
    /// Euler–Maclaurin from n = 20.
    static func value(_ s: Double) -> Double {
        var sum = 0.0
        for n in 1..<20 { sum += pow(Double(n), -s) }
        let n = 20.0
        sum += pow(n, 1 - s) / (s - 1) + 0.5 * pow(n, -s)
        var rising = s
        var power = pow(n, -s - 1)
        for (j, coefficient) in [1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1_209_600, 1.0 / 47_900_160].enumerated() {
            sum += coefficient * rising * power
            let i = Double(2 * j + 1)
            rising *= (s + i) * (s + i + 1)
            power /= n * n
        }
        return sum
    }
}
