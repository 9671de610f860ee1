import Glibc

/// Lambert's W, the principal branch: w e^w = x.
public enum LambertW {
    /// W₀(x) for x ≥ −1/e; NaN below.
    ///
    /// Halley's iteration (Corless et al. 1996, eq. 5.9), from the branch-point series, or from log x − log log x.
    public static func principal(_ x: Double) -> Double {
        if x == 0 || x == .infinity { return x }
        if x > 1e3 { return principal(ofExpOf: log(x)) }
        let minusInverseE = -0.367_879_441_171_442_33
        // x + 1/e with the low part of 1/e, so that the branch point keeps its digits.
        let excess = (x - minusInverseE) - 1.242_874_986_4e-17
        guard excess >= 0 else { return x.isNaN || x < minusInverseE ? .nan : -1 }
        if excess < 1e-3 {
            let p = (2 * 2.718_281_828_459_045 * excess).squareRoot()
            return branchSeries(p)
        }
        var w =
            x < 1
            ? (x < -0.25 ? branchSeries((2 * 2.718_281_828_459_045 * excess).squareRoot()) : x / (1 + x)) : log1p(x)
        for _ in 0..<50 {
            let e = exp(w)
            let f = w * e - x
            let step = f / (e * (w + 1) - (w + 2) * f / (2 * w + 2))
            w -= step
            if abs(step) <= 4e-16 * abs(w) { break }
        }
        return w
    }

    /// Corless et al. (1996), eq. 4.22, about the branch point.
    private static func branchSeries(_ p: Double) -> Double {
        let coefficients: [Double] = [
            226_287_557.0 / 37_623_398_400, -1963.0 / 204_120, 680_863.0 / 43_545_600, -221.0 / 8505, 769.0 / 17280,
            -43.0 / 540, 11.0 / 72, -1.0 / 3, 1, -1,
        ]
        var value = 0.0
        for coefficient in coefficients { value = value * p + coefficient }
        return value
    }

    /// W₀(e^y), for y beyond where e^y overflows: w + log w = y by Newton.
    public static func principal(ofExpOf y: Double) -> Double {
        if y < 6 { return principal(exp(y)) }
        var w = y - log(y)
        for _ in 0..<20 {
            let step = (w + log(w) - y) / (1 + 1 / w)
            w -= step
            if abs(step) <= 2e-16 * w { break }
        }
        return w
    }
}
