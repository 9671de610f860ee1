import Glibc

extension BetaUpset {
    /// Any parameters, by panels of sixteen Gauss–Legendre nodes.
    ///
    /// In t = logit x − u*, with F_B and then its integral G_B over x built up panel by panel through the rule's own
    /// integration matrix:
    ///
    ///     P(A > B) = ∫ f_A F_B dt,    E[(A − B)⁺] = ∫ f_A G_B dt,    G_B(t) = ∫_{−∞}^t F_B x(1 − x) dt
    init(quadratureOf pair: BetaPair) {
        let domain = Domain(pair)
        if domain.isFarApart, let far = Self.farApart(pair, domain) {
            self = far
            return
        }
        var probability = 0.0
        var excess = 0.0
        var lowerTail = 0.0
        var area = 0.0
        var from = domain.lower
        let rule = CumulativeRule.sixteen
        while from < domain.upper {
            let width = domain.panel(pair, from: from)
            var a = SIMD16<Double>()
            var b = SIMD16<Double>()
            var slope = SIMD16<Double>()
            for i in 0..<16 {
                let t = from + width * rule.nodes[i]
                let (q, x, y) = pair.point(t)
                a[i] = exp(pair.logA(t, q))
                b[i] = exp(pair.logB(t, q))
                slope[i] = x * y
            }
            let tails = lowerTail + width * rule.indefinite(b)
            let areas = area + width * rule.indefinite(tails * slope)
            probability += width * (rule.weights * a * tails).sum()
            excess += width * (rule.weights * a * areas).sum()
            lowerTail += width * (rule.weights * b).sum()
            area += width * (rule.weights * tails * slope).sum()
            from = from + width > from ? from + width : domain.upper
        }
        let scale = pair.logPeak
        self.init(
            probability: min(1, exp(scale + log(probability))), excess: exp(scale + log(excess)))
    }

    /// Maxima so far apart that only tails meet: both are their density times a factor that the incomplete beta function
    /// has at hand, and f_A f_B is a single exponential. The trapezoidal rule then squares its error with each halving
    /// of the step.
    ///
    /// - Returns: nil where the densities are so wide that this takes long.
    private static func farApart(_ pair: BetaPair, _ domain: Domain) -> BetaUpset? {
        let length = domain.upper - domain.lower
        let count = max(36, Int((length / 0.4).rounded(.up)))
        guard length.isFinite, count <= 400 else { return nil }
        let (a, b) = (pair.a, pair.b)
        let n = pair.countA + pair.countB
        let step = length / Double(count)
        var probability = 0.0
        var excess = 0.0
        for k in 0...count {
            let t = domain.lower + Double(k) * step
            let (q, x, y) = pair.point(t)
            // x − x*, without subtracting; from it how far each mean is.
            let away = pair.x * pair.y * expm1(t) / (1 + pair.x * expm1(t))
            let pastA = pair.countA * away - pair.d
            let beforeB = -pair.d - pair.countB * away
            guard away.isFinite, pastA >= 0, beforeB >= 0 else { continue }
            let overlap = exp(-n * q) * IncompleteBeta.factor(b.alpha, b.beta, x, y, beforeB)
            probability += overlap
            excess += overlap * IncompleteBeta.factor(a.beta, a.alpha, y, x, pastA) * x * y
        }
        let scale = pair.logPeak + log(step)
        return BetaUpset(probability: exp(scale + log(probability)), excess: exp(scale + log(excess)))
    }

    /// Where the integrands live, and how finely to look.
    private struct Domain {
        let lower: Double
        let upper: Double
        /// Whether at u* each density is far down its tail.
        let isFarApart: Bool
        /// Left of here f_A is nothing; right of there f_B is.
        private let startOfA: Double
        private let endOfB: Double

        /// How far, in logarithms, the integrand may fall before it is left out.
        private static let drop = 38.0

        init(_ pair: BetaPair) {
            let topA = pair.logA(pair.modeA, pair.point(pair.modeA).q)
            let topB = pair.logB(pair.modeB, pair.point(pair.modeB).q)
            // Bounds for log F_B and log (1 − F_A): flat, then the density over its maximum.
            func height(_ t: Double) -> Double {
                let q = pair.point(t).q
                return (t < pair.modeB ? pair.logB(t, q) - topB : 0) + (t > pair.modeA ? pair.logA(t, q) - topA : 0)
            }
            let apart = pair.modeA < pair.modeB
            isFarApart = apart && min(topA, topB) > 45
            let level = (apart ? -topA - topB : 0) - Self.drop
            let spread = (1 / ((pair.countA + pair.countB) * pair.x * pair.y)).squareRoot()
            lower = Self.edge(from: apart ? 0 : pair.modeB, step: -6 * spread, level, height)
            upper = Self.edge(from: apart ? 0 : pair.modeA, step: 6 * spread, level, height)
            func heightA(_ t: Double) -> Double { pair.logA(t, pair.point(t).q) - topA }
            func heightB(_ t: Double) -> Double { pair.logB(t, pair.point(t).q) - topB }
            startOfA =
                lower < pair.modeA && heightA(lower) < -2 * Self.drop
                ? Self.edge(from: pair.modeA, step: lower - pair.modeA, -Self.drop, heightA) : lower
            endOfB =
                upper > pair.modeB && heightB(upper) < -2 * Self.drop
                ? Self.edge(from: pair.modeB, step: upper - pair.modeB, -Self.drop, heightB) : upper
        }

        /// Where a function that falls away from `start` has reached `level`, to a tenth of the way.
        private static func edge(
            from start: Double, step: Double, _ level: Double, _ height: (Double) -> Double
        ) -> Double {
            var inside = 0.0
            var outside = step
            while height(start + outside) > level, abs(outside) < 1e300 {
                inside = outside
                outside *= 2
            }
            while abs(inside) < 0.9 * abs(outside) {
                let middle = inside == 0 || abs(inside) > 0.25 * abs(outside) ? 0.5 * (inside + outside) : 2 * inside
                if height(start + middle) > level { inside = middle } else { outside = middle }
                if abs(outside) < 1e-300 { break }
            }
            return start + outside
        }

        /// The width of the panel that starts here: three of the densities' local deviations, less where they are steep.
        func panel(_ pair: BetaPair, from t: Double) -> Double {
            var end = upper
            if t < startOfA { end = min(end, startOfA) }
            if t < endOfB { end = min(end, endOfB) }
            let count = (t < startOfA ? 0 : pair.countA) + (t < endOfB ? pair.countB : 0)
            let left = pair.point(t)
            var width = end - t
            for _ in 0..<60 {
                let right = pair.point(t + width)
                // The largest x(1 − x) within; the logistic function itself bends near ½.
                let straddles = left.x < 0.5 && right.x > 0.5
                let variance = straddles ? 0.25 : max(left.x * left.y, right.x * right.y)
                let slopes = max(abs(slope(pair, t, left)), abs(slope(pair, t + width, right))) + 1
                var limit = min(3 / (count * variance).squareRoot(), 10 / slopes)
                if right.x > 1e-4, left.y > 1e-4 { limit = min(limit, 5) }
                // Where f_B rises while f_A falls, f_A magnifies what interpolation leaves.
                let opposed = max(opposition(pair, t, left), opposition(pair, t + width, right))
                if t + width > pair.modeA, t < pair.modeB { limit = min(limit, 4 / max(opposed, 1e-300)) }
                if width <= limit { break }
                width = max(limit, 0.5 * width)
            }
            // Two even panels rather than a wide one and a sliver.
            return end - t < 2 * width && end - t > width ? 0.5 * (end - t) : width
        }

        /// The gentler of the two slopes.
        private func opposition(_ pair: BetaPair, _ t: Double, _ point: (q: Double, x: Double, y: Double)) -> Double {
            let away = point.x <= 0.5 ? point.x - pair.x : pair.y - point.y
            return min(abs(pair.d - pair.countA * away), abs(pair.d + pair.countB * away))
        }

        /// The steeper of the two active log densities.
        private func slope(_ pair: BetaPair, _ t: Double, _ point: (q: Double, x: Double, y: Double)) -> Double {
            let away = point.x <= 0.5 ? point.x - pair.x : pair.y - point.y
            let a = t < startOfA ? 0 : abs(pair.d - pair.countA * away)
            let b = t < endOfB ? abs(pair.d + pair.countB * away) : 0
            return max(a, b)
        }
    }
}

/// The sixteen-point Gauss–Legendre rule on [0, 1] with its integration matrix: the interpolant through the nodes,
/// integrated from 0 to each of them.
private struct CumulativeRule: Sendable {
    let nodes: SIMD16<Double>
    let weights: SIMD16<Double>
    /// By column: what each sample adds to the integrals up to every node.
    private let columns: [SIMD16<Double>]

    static let sixteen = CumulativeRule()

    /// ∫₀^{node} through the samples, by the discrete Legendre expansion: P̃_k orthogonal on [0, 1] with norm
    /// 1/(2k+1), and ∫₀^x P̃_k = [P̃_{k+1}(x) − P̃_{k−1}(x)] / [2(2k+1)].
    private init() {
        let rule = Quadrature.legendre16
        var nodes = SIMD16<Double>()
        var weights = SIMD16<Double>()
        var polynomials: [[Double]] = []
        for i in 0..<16 {
            nodes[i] = rule.nodes[i]
            weights[i] = rule.weights[i]
            let z = 2 * rule.nodes[i] - 1
            var values = [1.0, z]
            for k in 1..<16 {
                let n = Double(k)
                values.append(((2 * n + 1) * z * values[k] - n * values[k - 1]) / (n + 1))
            }
            polynomials.append(values)
        }
        self.nodes = nodes
        self.weights = weights
        columns = (0..<16).map { j in
            var column = SIMD16<Double>()
            for i in 0..<16 {
                // k = 0: the integral of 1 is the node itself.
                var sum = rule.nodes[i]
                for k in 1..<16 {
                    sum += polynomials[j][k] * 0.5 * (polynomials[i][k + 1] - polynomials[i][k - 1])
                }
                column[i] = sum * rule.weights[j]
            }
            return column
        }
    }

    func indefinite(_ samples: SIMD16<Double>) -> SIMD16<Double> {
        var sum = SIMD16<Double>()
        for j in 0..<16 { sum += samples[j] * columns[j] }
        return sum
    }
}
