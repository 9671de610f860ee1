import Glibc

/// The distribution of θ_B − θ_A and of θ_B/θ_A − 1 for two beta posteriors.
public struct BetaDifference: Sendable {
    private let a: Beta
    private let b: Beta
    /// Whether the nodes carry A's posterior; the narrower one is carried, so that the other's tail is smooth on them.
    private let carriesA: Bool
    private let points: [LogitPoint]
    private let masses: [Double]

    public init(_ comparison: BetaComparison) {
        a = comparison.a
        b = comparison.b
        func spread(_ law: Beta) -> Double { law.logitScale }
        carriesA = spread(a) <= spread(b)
        let carried = carriesA ? a : b
        func logDensity(_ u: Double) -> Double { carried.logLogitDensity(LogitPoint(u)) }
        let (lower, _, upper) = Quadrature.support(around: carried.logitCentre, scale: carried.logitScale, logDensity)
        let count = 160
        let step = (upper - lower) / Double(count)
        points = (0...count).map { LogitPoint(lower + Double($0) * step) }
        masses = (0...count).map { exp(logDensity(lower + Double($0) * step)) * step }
    }

    /// P(θ_B − θ_A ≤ d).
    public func lowerTail(ofDifference d: Double) -> Double {
        carriesA
            ? sum { b.lowerTail(of: clamp($0.x + d)) } : sum { a.upperTail(of: clamp($0.x - d)) }
    }

    /// P(θ_B/θ_A − 1 ≤ r), r > −1.
    public func lowerTail(ofUplift r: Double) -> Double {
        carriesA
            ? sum { b.lowerTail(of: clamp($0.x * (1 + r))) } : sum { a.upperTail(of: clamp($0.x / (1 + r))) }
    }

    /// P(θ_B/θ_A − 1 > r), computed, r > −1.
    public func upperTail(ofUplift r: Double) -> Double {
        carriesA
            ? sum { b.upperTail(of: clamp($0.x * (1 + r))) } : sum { a.lowerTail(of: clamp($0.x / (1 + r))) }
    }

    private func clamp(_ x: Double) -> Double { min(1, max(0, x)) }

    private func sum(_ tail: (LogitPoint) -> Double) -> Double {
        var total = 0.0
        for (point, mass) in zip(points, masses) where mass > 0 { total += mass * tail(point) }
        return min(1, total)
    }

    /// The d with P(θ_B − θ_A ≤ d) = p.
    public func quantile(ofDifference p: Double) -> Double {
        let sd = (variance(a) + variance(b)).squareRoot()
        let middle = b.mean - a.mean
        return root(p, from: max(-1, middle - 2 * sd), to: min(1, middle + 2 * sd), low: -1, high: 1) {
            lowerTail(ofDifference: $0)
        }
    }

    /// The r with P(θ_B/θ_A − 1 ≤ r) = p.
    public func quantile(ofUplift p: Double) -> Double {
        // In the logarithm of the ratio, which is nearly normal.
        let sd = (1 / a.alpha + 1 / b.alpha).squareRoot()
        let middle = log(b.mean) - log(a.mean)
        return expm1(
            root(p, from: middle - 2 * sd, to: middle + 2 * sd, low: -745, high: 745) { lowerTail(ofUplift: expm1($0)) }
        )
    }

    private func variance(_ law: Beta) -> Double { law.mean * (1 - law.mean) / (law.alpha + law.beta + 1) }

    /// False position (Illinois) on a rising function, after widening the bracket.
    private func root(
        _ p: Double, from: Double, to: Double, low: Double, high: Double, _ function: (Double) -> Double
    ) -> Double {
        var (x0, x1) = (from, to)
        var width = to - from
        var f0 = function(x0) - p
        var f1 = function(x1) - p
        while f0 > 0, x0 > low {
            x0 = max(low, x0 - width)
            width *= 2
            f0 = function(x0) - p
        }
        while f1 < 0, x1 < high {
            x1 = min(high, x1 + width)
            width *= 2
            f1 = function(x1) - p
        }
        if f0 >= 0 { return x0 }
        if f1 <= 0 { return x1 }
        for _ in 0..<200 {
            let x = f1 == f0 ? 0.5 * (x0 + x1) : x1 - f1 * (x1 - x0) / (f1 - f0)
            let f = function(x) - p
            if f == 0 || abs(x - x1) <= 1e-12 * abs(x) + 1e-17 { return x }
            if f * f1 < 0 { (x0, f0) = (x1, f1) } else { f0 *= 0.5 }
            (x1, f1) = (x, f)
        }
        return x1
    }
}
