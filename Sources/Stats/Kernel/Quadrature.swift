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
            if abs(halves - whole) <= relative * max(rough, halves) || panel.depth > 40 || middle <= panel.lower {
                total += halves
            } else {
                rough = max(rough, halves)
                stack.append((panel.lower, middle, first, panel.depth + 1))
                stack.append((middle, panel.upper, second, panel.depth + 1))
            }
        }
        return top + log(total)
    }

    /// The interval outside which a log-concave function has fallen by `drop` from its maximum, and the maximum.
    ///
    /// - Parameters:
    ///   - start: any point where the function is finite.
    ///   - scale: a first step, of the order of the function's width.
    static func support(
        around start: Double, scale: Double, drop: Double = 44, _ logDensity: (Double) -> Double
    ) -> (lower: Double, mode: Double, upper: Double) {
        // Climb in doubling steps, then shrink: enough for panels, which need no exact mode.
        var mode = start
        var best = logDensity(start)
        var step = scale
        for direction in [1.0, -1.0] {
            step = scale
            var probe = mode + direction * step
            var value = logDensity(probe)
            while value > best {
                mode = probe
                best = value
                step *= 2
                probe = mode + direction * step
                value = logDensity(probe)
            }
        }
        for _ in 0..<12 {
            var moved = false
            for direction in [1.0, -1.0] {
                let probe = mode + direction * step
                let value = logDensity(probe)
                if value > best {
                    mode = probe
                    best = value
                    moved = true
                }
            }
            if !moved { step *= 0.5 }
        }
        func edge(_ direction: Double) -> Double {
            var distance = max(step, scale * 1e-3)
            while logDensity(mode + direction * distance) > best - drop, distance < 1e300 { distance *= 2 }
            var inside = distance * 0.5
            var outside = distance
            for _ in 0..<4 {
                let middle = 0.5 * (inside + outside)
                if logDensity(mode + direction * middle) > best - drop { inside = middle } else { outside = middle }
            }
            return mode + direction * outside
        }
        return (edge(-1), mode, edge(1))
    }
}
