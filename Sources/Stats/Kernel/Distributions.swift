import Glibc

/// Student's t. Degrees of freedom above 0, not necessarily whole.
public struct StudentT: Sendable, Equatable {
    public let degreesOfFreedom: Double

    public init(degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

    /// P(T > t) = ½ I_{ν/(ν+t²)}(ν/2, ½) for t ≥ 0 (Abramowitz & Stegun 26.7.1).
    public func upperTail(of t: Double) -> Double {
        if t < 0 { return 1 - upperTail(of: -t) }
        return 0.5 * tails(t).lower
    }

    /// P(T ≤ t).
    public func lowerTail(of t: Double) -> Double { upperTail(of: -t) }

    /// P(|T| > |t|).
    public func twoSidedTail(of t: Double) -> Double { tails(abs(t)).lower }

    /// log P(T > t), which does not underflow.
    func logUpperTail(of t: Double) -> Double {
        t < 0 ? log1p(-0.5 * tails(-t).lower) : tails(t).logLower - 0.6931471805599453
    }

    private func tails(_ t: Double) -> IncompleteGamma.Tails {
        let nu = degreesOfFreedom
        if t.isInfinite { return IncompleteBeta.tails(nu / 2, 0.5, 0, 1) }
        if nu == .infinity {
            let tail = 2 * Normal.upperTail(of: t)
            return .init(lower: tail, upper: 1 - tail, logLower: log(2.0) + Normal.logUpperTail(of: t), logUpper: 0)
        }
        if t > 1e30, t / nu.squareRoot() > 1e12 {
            // Only the leading power is left, x^{ν/2} / (½ν B(½ν, ½)), and x = ν/t² may underflow.
            let logTail =
                nu * (0.5 * log(nu) - log(t)) - log(0.5 * nu) - GammaFunctions.logBeta(0.5 * nu, 0.5)
            return .lower(log: logTail)
        }
        let square = t * t
        let x = nu / (nu + square)
        let y = square / (nu + square)
        return IncompleteBeta.tails(nu / 2, 0.5, x, y)
    }

    public func density(_ t: Double) -> Double {
        let nu = degreesOfFreedom
        return exp(-GammaFunctions.logBeta(nu / 2, 0.5) - 0.5 * log(nu) - 0.5 * (nu + 1) * log1p(t * t / nu))
    }

    /// The t with P(T ≤ t) = p, through the beta quantile of whichever of tail and centre is smaller.
    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        if p == 0 { return -.infinity }
        if p == 1 { return .infinity }
        let nu = degreesOfFreedom
        let tail = p < 0.5 ? p : 1 - p
        let centre = abs(p - 0.5)
        if centre == 0 { return 0 }
        if let t = refined(tail) { return p < 0.5 ? -t : t }
        let pair: (x: Double, y: Double)
        if tail < 0.25 {
            pair = IncompleteBeta.inverse(nu / 2, 0.5, 2 * tail, lower: true)
        } else {
            let swapped = IncompleteBeta.inverse(0.5, nu / 2, 2 * centre, lower: true)
            pair = (swapped.y, swapped.x)
        }
        var t = (nu * (pair.y / pair.x)).squareRoot()
        if pair.x < 1e-280 {
            // The leading power, as in `tails`.
            t = exp(0.5 * log(nu) - (log(2 * tail) + log(0.5 * nu) + GammaFunctions.logBeta(0.5 * nu, 0.5)) / nu)
        }
        return p < 0.5 ? -t : t
    }

    /// Many degrees of freedom: Fisher & Cornish's (1960) series about the normal quantile, then Halley's steps on the
    /// tail. Nil where the series is no start.
    private func refined(_ tail: Double) -> Double? {
        let nu = degreesOfFreedom
        guard nu >= 20, nu < 1e15, tail < 0.4, tail > 1e-280 else { return nil }
        let z = Normal.upperQuantile(tail)
        let w = z * z
        guard w < 0.5 * nu else { return nil }
        let g1 = (w + 1) / 4
        let g2 = ((5 * w + 16) * w + 3) / 96
        let g3 = (((3 * w + 19) * w + 17) * w - 15) / 384
        let g4 = ((((79 * w + 776) * w + 1482) * w - 1920) * w - 945) / 92160
        var t = z * (1 + (g1 + (g2 + (g3 + g4 / nu) / nu) / nu) / nu)
        for _ in 0..<6 {
            // Newton on log tail with the curvature of the density.
            let error = (upperTail(of: t) - tail) / density(t)
            let step = error / (1 - 0.5 * error * t * (nu + 1) / (nu + t * t))
            guard step.isFinite else { return nil }
            t += step
            if abs(step) < 1e-5 * t { return t }
        }
        return nil
    }

    /// The t with P(T > t) = q.
    public func upperQuantile(_ q: Double) -> Double { -quantile(q) }
}

/// χ² with any positive degrees of freedom.
public struct ChiSquare: Sendable, Equatable {
    public let degreesOfFreedom: Double

    public init(degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

    public func upperTail(of x: Double) -> Double { IncompleteGamma.upper(degreesOfFreedom / 2, max(0, x) / 2) }
    public func lowerTail(of x: Double) -> Double { IncompleteGamma.lower(degreesOfFreedom / 2, max(0, x) / 2) }
    public func quantile(_ p: Double) -> Double { 2 * IncompleteGamma.lowerInverse(degreesOfFreedom / 2, p) }
    public func upperQuantile(_ q: Double) -> Double { 2 * IncompleteGamma.upperInverse(degreesOfFreedom / 2, q) }

    /// P(X > x) for a noncentral χ² with the given noncentrality: a Poisson mixture of central tails, summed outwards
    /// from its largest weight.
    public func noncentralUpperTail(of x: Double, noncentrality: Double) -> Double {
        if noncentrality == 0 { return upperTail(of: x) }
        let half = noncentrality / 2
        func term(_ j: Double) -> Double {
            let logWeight = IncompleteGamma.logPrefix(j + 1, half) - log(half)
            return exp(logWeight + IncompleteGamma.tails(degreesOfFreedom / 2 + j, x / 2).logUpper)
        }
        // The mixture's terms peak between the Poisson mode and the point where the tail saturates.
        let start = (half + max(0, (x / 2 - half))).rounded(.down)
        var sum = term(start)
        var j = start + 1
        while j < start + 100_000 {
            let t = term(j)
            sum += t
            if t < 1e-17 * sum, j > half { break }
            j += 1
        }
        j = start - 1
        while j >= 0 {
            let t = term(j)
            sum += t
            if t < 1e-17 * sum, j < half { break }
            j -= 1
        }
        return min(1, sum)
    }
}

/// Fisher–Snedecor F.
public struct FRatio: Sendable, Equatable {
    public let numerator: Double
    public let denominator: Double

    public init(numerator: Double, denominator: Double) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// P(F > f) = I_{d₂/(d₂ + d₁f)}(d₂/2, d₁/2).
    public func upperTail(of f: Double) -> Double {
        guard f > 0 else { return f.isNaN ? .nan : 1 }
        let scaled = numerator * f
        guard scaled.isFinite else { return 0 }
        let x = denominator / (denominator + scaled)
        let y = scaled / (denominator + scaled)
        return IncompleteBeta.tails(denominator / 2, numerator / 2, x, y).lower
    }
}

/// The beta distribution.
public struct Beta: Sendable, Equatable {
    public let alpha: Double
    public let beta: Double

    public init(_ alpha: Double, _ beta: Double) {
        self.alpha = alpha
        self.beta = beta
    }

    public var mean: Double { alpha / (alpha + beta) }
    public func lowerTail(of x: Double) -> Double { IncompleteBeta.lower(alpha, beta, x) }
    public func upperTail(of x: Double) -> Double { IncompleteBeta.upper(alpha, beta, x) }
    public func quantile(_ p: Double) -> Double { IncompleteBeta.lowerInverse(alpha, beta, p) }
    public func upperQuantile(_ q: Double) -> Double { IncompleteBeta.upperInverse(alpha, beta, q) }

    public func density(_ x: Double) -> Double {
        guard x > 0, x < 1 else { return x < 0 || x > 1 ? 0 : (x == 0 ? edge(alpha, beta) : edge(beta, alpha)) }
        return exp(IncompleteBeta.logPrefix(alpha, beta, x, 1 - x)) / (x * (1 - x))
    }

    private func edge(_ near: Double, _ far: Double) -> Double {
        near < 1 ? .infinity : near == 1 ? far : 0
    }
}

/// The binomial distribution of successes in n trials.
public struct Binomial: Sendable, Equatable {
    public let trials: Double
    public let probability: Double

    public init(trials: Double, probability: Double) {
        self.trials = trials
        self.probability = probability
    }

    /// P(X ≤ k) = I_{1−p}(n − k, k + 1).
    public func lowerTail(of k: Double) -> Double { tails(k.rounded(.down)).upper }

    /// P(X > k).
    public func upperTail(of k: Double) -> Double { tails(k.rounded(.down)).lower }

    /// Tails of Beta(k + 1, n − k) at p: its lower tail is P(X > k).
    private func tails(_ k: Double) -> IncompleteGamma.Tails {
        if k.isNaN || trials.isNaN || probability.isNaN {
            return .init(lower: .nan, upper: .nan, logLower: .nan, logUpper: .nan)
        }
        if k < 0 { return .init(lower: 1, upper: 0, logLower: 0, logUpper: -.infinity) }
        if k >= trials { return .init(lower: 0, upper: 1, logLower: -.infinity, logUpper: 0) }
        return IncompleteBeta.tails(k + 1, trials - k, probability)
    }

    /// log P(X = k).
    func logMass(_ k: Double) -> Double {
        guard k >= 0, k <= trials else { return -.infinity }
        if probability == 0 { return k == 0 ? 0 : -.infinity }
        if probability == 1 { return k == trials ? 0 : -.infinity }
        if k == 0 { return trials * log1p(-probability) }
        if k == trials { return trials * log(probability) }
        // x^k y^{n−k} / B(k, n−k) has Γ(n) where the mass has n Γ(n) / [k (n−k) Γ(k) Γ(n−k)].
        let prefix = IncompleteBeta.logPrefix(k, trials - k, probability, 1 - probability)
        return prefix + log(trials / k / (trials - k))
    }
}

/// The Poisson distribution.
public struct Poisson: Sendable, Equatable {
    public let mean: Double

    public init(mean: Double) { self.mean = mean }

    /// P(X ≤ k) = Q(k + 1, λ).
    public func lowerTail(of k: Double) -> Double {
        k < 0 ? 0 : IncompleteGamma.upper(k.rounded(.down) + 1, mean)
    }

    /// P(X > k).
    public func upperTail(of k: Double) -> Double {
        k < 0 ? 1 : IncompleteGamma.lower(k.rounded(.down) + 1, mean)
    }
}

/// Student's t about a nonzero centre: (Z + δ) / √(χ²_ν / ν).
public struct NoncentralT: Sendable, Equatable {
    public let degreesOfFreedom: Double
    public let noncentrality: Double

    public init(degreesOfFreedom: Double, noncentrality: Double) {
        self.degreesOfFreedom = degreesOfFreedom
        self.noncentrality = noncentrality
    }

    /// P(T ≤ t) = ∫ Φ(t s − δ) dF(s), s = √(χ²_ν/ν), by quadrature in log s. Relative accuracy about 1e-12.
    public func lowerTail(of t: Double) -> Double { min(1, exp(logTail(t) { Normal.logLowerTail(of: $0) })) }

    /// P(T > t).
    public func upperTail(of t: Double) -> Double { min(1, exp(logTail(t) { Normal.logUpperTail(of: $0) })) }

    private func logTail(_ t: Double, _ logPhi: (Double) -> Double) -> Double {
        let nu = degreesOfFreedom
        let delta = noncentrality
        if nu > 1e14 { return logPhi(t - delta) }
        // The density of u = log s is 2 x^a e^−x / Γ(a) with a = ν/2, x = a e^{2u}.
        func integrand(_ u: Double) -> Double {
            let ratio = exp(2 * u)
            let a = nu / 2
            let log = IncompleteGamma.logPrefixAtRatio(a, logRatio: 2 * u, ratio: ratio)
            return 0.693_147_180_559_945_3 + log + logPhi(t * exp(u) - delta)
        }
        let (lower, mode, upper) = Quadrature.support(around: 0, scale: 1 / (2 * nu).squareRoot(), integrand)
        return Quadrature.logIntegral(from: lower, to: upper, breaks: [mode], integrand)
    }
}

extension IncompleteGamma {
    /// log[x^a e^−x / Γ(a)] at x = a·ratio, from log ratio, which may be tiny.
    static func logPrefixAtRatio(_ a: Double, logRatio: Double, ratio: Double) -> Double {
        // a (log r − (r − 1)) with r = e^w: a (w − expm1 w).
        let bend = abs(logRatio) < 0.5 ? -expm1MinusX(logRatio) : logRatio - expm1(logRatio)
        let head =
            a < 1
            ? log(a) + a * log(a) - a - GammaFunctions.logGamma1p(a)
            : 0.5 * log(a) - Elementary.halfLogTwoPi - GammaFunctions.stirlingError(a)
        return head + a * bend
    }

    private static func expm1MinusX(_ x: Double) -> Double {
        var term = x * x / 2
        var sum = term
        var k = 3.0
        while abs(term) > 1e-18 * abs(sum), k < 30 {
            term *= x / k
            sum += term
            k += 1
        }
        return sum
    }
}
