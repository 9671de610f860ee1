import Glibc

/// One beta variable exceeding another: how often, and by how much on average.
///
/// Both numbers are sums of positive terms, so that a probability of 1e-250 keeps its digits.
struct BetaUpset {
    /// P(A > B).
    let probability: Double
    /// E[(A − B)⁺].
    let excess: Double

    init(probability: Double, excess: Double) {
        self.probability = probability
        self.excess = excess
    }

    init(_ a: Beta, over b: Beta) {
        let pair = BetaPair(a, b)
        // Below this both underflow.
        if pair.logOverlap < -850 {
            self.init(probability: 0, excess: 0)
        } else if let sum = Self.countingSum(a, b, pair) {
            self = sum
        } else {
            // Where the rates lie above ½, count failures: the smaller of x and y is the one to be exact about.
            let mirrored = pair.x > pair.y
            self =
                mirrored
                ? BetaUpset(quadratureOf: BetaPair(Beta(b.beta, b.alpha), Beta(a.beta, a.alpha)))
                : BetaUpset(quadratureOf: pair)
        }
    }

    /// Whole counts, by a finite sum.
    ///
    /// With m = αA whole, A > B has the probability that a beta-negative-binomial variable stays below m (Miller 2015 has
    /// the same sum from the other end):
    ///
    ///     P(A > B)    =              Σ_{j<m} t_j
    ///     E[(A − B)⁺] = (βA+βB)/nA · Σ_{j<m} t_j (m − j)/(N + j),    N = βA + αB + βB
    ///     t_j / t_{j+1} = (1 + j)(N + j) / [(αB + j)(βA + j)]
    ///
    /// from the top term t_{m−1} = (N+m−1) / [(nA − 1)(αA + αB − 1)] · B(αA+αB, βA+βB) / [B(αA, βA) B(αB, βB)] down to
    /// where the rest is nothing. By symmetry βB may take the place of αA.
    ///
    /// - Returns: nil where no parameter is whole, or the sum would be long.
    private static func countingSum(_ a: Beta, _ b: Beta, _ pair: BetaPair) -> BetaUpset? {
        guard a.alpha >= 1, a.beta >= 1, b.alpha >= 1, b.beta >= 1 else { return nil }
        let first = a.alpha.rounded() == a.alpha ? a.alpha : .infinity
        let second = b.beta.rounded() == b.beta ? b.beta : .infinity
        let (a, b) = first <= second ? (a, b) : (Beta(b.beta, b.alpha), Beta(a.beta, a.alpha))
        let m = min(first, second)
        guard m < 1e6 else { return nil }
        // How many terms count: all, or eight deviations of the variable that is summed.
        let spread = (m * (1 + m / b.alpha) * (1 + m / a.beta)).squareRoot()
        guard min(m, 8 * spread) < longestSum else { return nil }

        let total = a.beta + b.alpha + b.beta
        // s_j = t_j / (N + j), scaled so that the first is 1.
        var j = m - 1
        var s = 1.0
        var probability = total + j
        var excess = s
        while j > 0 {
            let above = j
            j -= 1
            s *= above * (total + above) / ((b.alpha + j) * (a.beta + j))
            probability += s * (total + j)
            excess += s * (m - j)
            if s * m * j < 1e-16 * excess, s * (total + j) * j < 1e-16 * probability { break }
        }
        guard probability.isFinite, excess.isFinite else { return nil }
        let n = a.alpha + a.beta
        let scale = exp(pair.logOverlap - log((n - 1) * (m + b.alpha - 1)))
        return BetaUpset(
            probability: min(1, probability * scale), excess: excess * scale * ((a.beta + b.beta) / n))
    }

    /// Beyond so many terms quadrature is faster.
    private static let longestSum = 1200.0
}

/// Two beta densities of logit x about the point where their product is highest.
///
/// With u* = logit x*, x* = (αA + αB)/(nA + nB), and t = u − u*, both are exponentials of one function:
///
///     log f_A(t) − log f_A(0) =  d t − nA q(t),      q(t) = log(y* + x* eᵗ) − x* t ≥ 0
///     log f_B(t) − log f_B(0) = −d t − nB q(t),      d = αA − nA x* = (αA βB − αB βA)/(nA + nB)
///
/// in which nothing large is subtracted, so that 1e12 visitors lose no digit.
struct BetaPair {
    let a: Beta
    let b: Beta
    let x: Double
    let y: Double
    let d: Double
    let countA: Double
    let countB: Double
    /// The logit of each density's maximum, from u*.
    let modeA: Double
    let modeB: Double
    /// log[f_A(0) f_B(0)] less that of the beta density with both parameters added: log of
    /// B(αA+αB, βA+βB) / [B(αA, βA) B(αB, βB)].
    let logOverlap: Double

    init(_ a: Beta, _ b: Beta) {
        (self.a, self.b) = (a, b)
        countA = a.alpha + a.beta
        countB = b.alpha + b.beta
        let n = countA + countB
        x = (a.alpha + b.alpha) / n
        y = (a.beta + b.beta) / n
        let p = Elementary.twoProduct(a.alpha, b.beta)
        let q = Elementary.twoProduct(b.alpha, a.beta)
        d = ((p.high - q.high) + (p.low - q.low)) / n
        modeA = log(a.alpha / a.beta / (x / y))
        modeB = log(b.alpha / b.beta / (x / y))
        let whole = Beta(a.alpha + b.alpha, a.beta + b.beta)
        logOverlap =
            IncompleteBeta.logPrefix(a.alpha, a.beta, x, y, difference: d)
            + IncompleteBeta.logPrefix(b.alpha, b.beta, x, y, difference: -d)
            - IncompleteBeta.logPrefix(whole.alpha, whole.beta, x, y, difference: 0)
    }

    /// log[f_A(0) f_B(0)].
    var logPeak: Double {
        logOverlap + IncompleteBeta.logPrefix(countX, countY, x, y, difference: 0)
    }

    private var countX: Double { (countA + countB) * x }
    private var countY: Double { (countA + countB) * y }

    /// q(t), and x and 1 − x there.
    func point(_ t: Double) -> (q: Double, x: Double, y: Double) {
        if t > 600 { return (y * t + log(x), 1, y / x * exp(-t)) }
        let bend = Elementary.expm1MinusX(t)
        let rise = t + bend
        let z = x * rise
        let whole = 1 + z
        return (Elementary.log1pMinusX(z) + x * bend, x * (1 + rise) / whole, y / whole)
    }

    func logA(_ t: Double, _ q: Double) -> Double { d * t - countA * q }
    func logB(_ t: Double, _ q: Double) -> Double { -d * t - countB * q }
}
