import Glibc

/// Numerical integration. Everything Bayesian here is a one-dimensional integral of a smooth, mostly log-concave
/// function: quadrature gives all digits where sampling would give three.
enum Quadrature {
    /// Nodes and weights of a Gauss–Legendre rule on [0, 1].
    struct Rule: Sendable {
        let nodes: [Double]
        let weights: [Double]

        /// Newton on the Legendre polynomial from Tricomi's approximation of its zeros.
        init(points: Int) {
            var nodes = [Double](repeating: 0, count: points)
            var weights = nodes
            let n = Double(points)
            for i in 0..<points {
                var z = cos(Double.pi * (Double(i) + 0.75) / (n + 0.5))
                var slope = 1.0
                for _ in 0..<100 {
                    var current = 1.0
                    var previous = 0.0
                    for j in 0..<points {
                        let k = Double(j)
                        (current, previous) = (((2 * k + 1) * z * current - k * previous) / (k + 1), current)
                    }
                    slope = n * (z * current - previous) / (z * z - 1)
                    let step = current / slope
                    z -= step
                    if abs(step) < 1e-16 { break }
                }
                nodes[i] = 0.5 * (1 - z)
                weights[i] = 1 / ((1 - z * z) * slope * slope)
            }
            self.nodes = nodes
            self.weights = weights
        }
    }

    static let legendre16 = Rule(points: 16)
    /// Twenty-four points in three vectors.
    static let legendre24: (nodes: Triple, weights: Triple) = {
        let rule = Rule(points: 24)
        func triple(_ values: [Double]) -> Triple {
            (SIMD8(values[0..<8]), SIMD8(values[8..<16]), SIMD8(values[16..<24]))
        }
        return (triple(rule.nodes), triple(rule.weights))
    }()
    typealias Triple = (SIMD8<Double>, SIMD8<Double>, SIMD8<Double>)
    static let legendre32 = Rule(points: 32)
    static let legendre48 = Rule(points: 48)

    /// ∫ exp(logDensity) over [lower, upper] as its logarithm, however small: panels are halved until the 16-point
    /// rule and its two halves agree.
    ///
    /// - Parameters:
    ///   - breaks: points where the function may bend sharply; panels end there.
    ///   - relative: the tolerance, relative to the whole integral.
    static func logIntegral(
        from lower: Double, to upper: Double, breaks: [Double] = [], panels: Int = 8, relative: Double = 1e-13,
        _ logDensity: (Double) -> Double
    ) -> Double {
        guard upper > lower else { return -.infinity }
        var edges = [lower]
        for point in breaks.sorted() where point > lower && point < upper { edges.append(point) }
        edges.append(upper)
        var stack: [(lower: Double, upper: Double, values: [Double], depth: Int)] = []
        var top = -Double.infinity
        for (start, end) in zip(edges, edges.dropFirst()) {
            let count = max(1, Int((Double(panels) * (end - start) / (upper - lower)).rounded(.up)))
            let width = (end - start) / Double(count)
            for i in 0..<count {
                let from = start + Double(i) * width
                let to = i == count - 1 ? end : from + width
                let values = legendre16.nodes.map { logDensity(from + (to - from) * $0) }
                top = max(top, values.max() ?? top)
                stack.append((from, to, values, 0))
            }
        }
        guard top > -.infinity else { return -.infinity }
        func sum(_ values: [Double], _ width: Double) -> Double {
            var total = 0.0
            for (value, weight) in zip(values, legendre16.weights) { total += weight * exp(value - top) }
            return total * width
        }
        var rough = 0.0
        for panel in stack { rough += sum(panel.values, panel.upper - panel.lower) }
        var total = 0.0
        while let panel = stack.popLast() {
            let middle = 0.5 * (panel.lower + panel.upper)
            let whole = sum(panel.values, panel.upper - panel.lower)
            let first = legendre16.nodes.map { logDensity(panel.lower + (middle - panel.lower) * $0) }
            let second = legendre16.nodes.map { logDensity(middle + (panel.upper - middle) * $0) }
            let halves = sum(first, middle - panel.lower) + sum(second, panel.upper - middle)
            // Turned round, so that a NaN ends it too.
            if !(abs(halves - whole) > relative * max(rough, halves)) || panel.depth > 40 || middle <= panel.lower {
                total += halves
            } else {
                rough = max(rough, halves)
                stack.append((panel.lower, middle, first, panel.depth + 1))
                stack.append((middle, panel.upper, second, panel.depth + 1))
            }
        }
        return top + log(total)
    }

    /// ∫ exp(logDensity) over the whole line for a log-concave function, as its logarithm.
    ///
    /// The trapezoidal rule on the support: for a smooth function that vanishes at both ends its error squares each
    /// time the step is halved (Trefethen & Weideman 2014). Where a cliff inside a wide hill stops that, panels take
    /// over.
    ///
    /// - Parameters:
    ///   - start: any point where the function is finite.
    ///   - scale: of the order of its width.
    static func logConcaveIntegral(around start: Double, scale: Double, _ logDensity: (Double) -> Double) -> Double {
        let (lower, mode, upper) = support(around: start, scale: scale, logDensity)
        guard logDensity(mode) > -.infinity else { return -.infinity }
        if let log = logTrapezoid(from: lower, to: upper, points: 24, most: 384, logDensity) { return log }
        return logIntegral(from: lower, to: upper, breaks: [mode], logDensity)
    }

    /// ∫ exp(logDensity) as its logarithm, for a smooth function that vanishes at both ends: the trapezoidal rule, its step
    /// halved until a halving changes 1e-8 or less, which leaves the square of that. Nil when `most` intervals do not do.
    ///
    /// - Parameter points: intervals to begin with.
    static func logTrapezoid(
        from lower: Double, to upper: Double, points start: Int, most: Int, _ logDensity: (Double) -> Double
    ) -> Double? {
        var points = start
        var step = (upper - lower) / Double(points)
        let first = (0...points).map { logDensity(lower + Double($0) * step) }
        guard let top = first.max(), top > -.infinity else { return nil }
        var sum = 0.0
        for value in first { sum += exp(value - top) }
        while points <= most {
            var middle = 0.0
            for i in 0..<points { middle += exp(logDensity(lower + (Double(i) + 0.5) * step) - top) }
            let difference = abs(middle - sum)
            sum += middle
            points *= 2
            step *= 0.5
            if difference < 1e-8 * sum { return top + log(sum * step) }
        }
        return nil
    }

    /// The interval outside which a log-concave function has fallen by `drop` from its maximum, and a point within
    /// one unit of that maximum.
    static func support(
        around start: Double, scale: Double, drop: Double = 40, _ logDensity: (Double) -> Double
    ) -> (lower: Double, mode: Double, upper: Double) {
        // Bracket: climb in doubling steps until the function falls on both sides.
        var mode = start
        var best = logDensity(start)
        var (lower, upper) = (start - scale, start + scale)
        var (atLower, atUpper) = (logDensity(lower), logDensity(upper))
        var step = scale
        while atLower > best || atUpper > best {
            step *= 2
            if atLower > best {
                (upper, atUpper) = (mode, best)
                (mode, best) = (lower, atLower)
                lower = mode - step
                atLower = logDensity(lower)
            } else {
                (lower, atLower) = (mode, best)
                (mode, best) = (upper, atUpper)
                upper = mode + step
                atUpper = logDensity(upper)
            }
            if step > 1e300 { break }
        }
        // Close in until the bracket lies within one unit of its best point.
        for _ in 0..<300 where best - min(atLower, atUpper) > 1 {
            let left = mode - lower > upper - mode
            let probe = left ? mode - 0.382 * (mode - lower) : mode + 0.382 * (upper - mode)
            if probe == mode { break }
            let value = logDensity(probe)
            if value > best {
                if left { (upper, atUpper) = (mode, best) } else { (lower, atLower) = (mode, best) }
                (mode, best) = (probe, value)
            } else if left {
                (lower, atLower) = (probe, value)
            } else {
                (upper, atUpper) = (probe, value)
            }
        }
        func edge(_ first: Double, _ direction: Double) -> Double {
            var inside = 0.0
            var outside = max(first, 1e-15 * abs(mode))
            while logDensity(mode + direction * outside) > best - drop, outside < 1e300 {
                inside = outside
                outside *= 2
            }
            for _ in 0..<4 {
                let middle = 0.5 * (inside + outside)
                if logDensity(mode + direction * middle) > best - drop { inside = middle } else { outside = middle }
            }
            return mode + direction * outside
        }
        return (edge(mode - lower, -1), mode, edge(upper - mode, 1))
    }
}
