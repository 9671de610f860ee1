import Glibc

/// Elementary functions without cancellation: the bricks of the tails.
enum Elementary {
    static let logTwoPi = 1.837_877_066_409_345_4
    static let halfLogTwoPi = 0.918_938_533_204_672_7
    static let sqrtTwoPi = 2.506_628_274_631_000_7

    /// The exact sum of two doubles as a rounded part and its error (Knuth 1969, TAOCP 4.2.2 theorem B).
    static func twoSum(_ a: Double, _ b: Double) -> (high: Double, low: Double) {
        let s = a + b
        let t = s - a
        return (s, (a - (s - t)) + (b - t))
    }

    /// The exact product of two doubles as a rounded part and its error.
    static func twoProduct(_ a: Double, _ b: Double) -> (high: Double, low: Double) {
        let p = a * b
        return (p, (-p).addingProduct(a, b))
    }

    /// `log(1 + x) − x` for x > −1, to full relative accuracy.
    ///
    /// With v = x / (2 + x): log(1+x) = 2 atanh v and x = 2v / (1 − v), so the difference is −x v + 2v Σ v^2k / (2k+1).
    static func log1pMinusX(_ x: Double) -> Double {
        guard x > -0.5, x < 1 else { return log1p(x) - x }
        let v = x / (2 + x)
        return v * (2 * atanhTail(v * v) - x)
    }

    /// Σ_{k≥1} w^k / (2k+1) for 0 ≤ w ≤ 0.27: what atanh(v)/v has beyond its first term, w = v².
    static func atanhTail(_ w: Double) -> Double {
        var sum = 0.0
        var k = atanhTerms(w)
        while k > 0 {
            sum = w * (sum + reciprocalOdd[k])
            k -= 1
        }
        return sum
    }

    /// How many terms of that sum matter.
    static func atanhTerms(_ w: Double) -> Int {
        if w < 1e-3 { return 6 }
        if w < 0.03 { return 11 }
        return w < 0.12 ? 18 : 28
    }

    static let reciprocalOdd: [Double] = (0...28).map { 1 / Double(2 * $0 + 1) }

    /// `e^x − 1 − x`, to full relative accuracy.
    static func expm1MinusX(_ x: Double) -> Double {
        guard abs(x) < 0.5 else { return expm1(x) - x }
        // x² Σ x^k/(k+2)!: each term at most a sixth of the last.
        var sum = 1.0
        var k = abs(x) < 0.01 ? 7.0 : 14.0
        while k > 2 {
            sum = 1 + sum * x / k
            k -= 1
        }
        return 0.5 * x * x * sum
    }

    /// The Poisson deviance half `a log(a/m) + m − a`, given `d = a − m` without error. a ≥ 0, m > 0.
    ///
    /// Loader (2000), "Fast and accurate computation of binomial probabilities", the function D₀.
    static func deviance(_ a: Double, _ m: Double, difference d: Double) -> Double {
        if a == 0 { return m }
        let v = d / (a + m)
        if abs(v) < 0.5 { return d * v + 2 * a * v * atanhTail(v * v) }
        return a * log(a / m) - d
    }

    /// log(1 − e^x) for x < 0.
    static func log1mExp(_ x: Double) -> Double {
        x > -0.693 ? log(-expm1(x)) : log1p(-exp(x))
    }

    /// log Σ exp, which never overflows. −∞ for an empty list.
    static func logSumExp(_ values: [Double]) -> Double {
        guard let top = values.max(), top > -.infinity else { return -.infinity }
        if top == .infinity { return .infinity }
        var sum = 0.0
        for value in values { sum += exp(value - top) }
        return top + log(sum)
    }
}
