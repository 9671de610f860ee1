import Glibc

/// Mann & Whitney's (1947) test by ranks.
public struct MannWhitney: Sendable, Equatable {
    /// Of the first sample: pairs in which it is larger, ties by half.
    public let u: Double
    /// Two-sided, normal approximation with tie and continuity corrections.
    public let pAsymptotic: Double
    /// Two-sided, from the null distribution; nil with ties or when it would be too large to tabulate.
    public let pExact: Double?

    public init(_ x: [Double], _ y: [Double]) throws(StatsError) {
        try Require.finite(x, "x")
        try Require.finite(y, "y")
        guard !x.isEmpty, !y.isEmpty else { throw .insufficient("both samples need an observation") }
        let all = (x.map { ($0, true) } + y.map { ($0, false) }).sorted { $0.0 < $1.0 }
        var rankSum = 0.0
        var ties = 0.0
        var start = 0
        while start < all.count {
            var end = start
            while end < all.count, all[end].0 == all[start].0 { end += 1 }
            let rank = Double(start + end + 1) / 2
            for k in start..<end where all[k].1 { rankSum += rank }
            let t = Double(end - start)
            ties += t * (t * t - 1)
            start = end
        }
        let n1 = Double(x.count)
        let n2 = Double(y.count)
        let n = n1 + n2
        u = rankSum - n1 * (n1 + 1) / 2
        let larger = max(u, n1 * n2 - u)
        let variance = n1 * n2 / 12 * (n + 1 - ties / (n * (n - 1)))
        guard variance > 0 else { throw .zeroVariance("all observations agree") }
        pAsymptotic = min(1, 2 * Normal.upperTail(of: (larger - n1 * n2 / 2 - 0.5) / variance.squareRoot()))
        pExact = ties > 0 ? nil : Self.exactTail(x.count, y.count, atLeast: Int(larger)).map { min(1, 2 * $0) }
    }

    /// P(U ≥ u) without ties, by the recursion P_{m,n}(u) = [m P_{m−1,n}(u − n) + n P_{m,n−1}(u)]/(m + n).
    private static func exactTail(_ m: Int, _ n: Int, atLeast u: Int) -> Double? {
        let pairs = m * n
        guard pairs <= 20_000 else { return nil }
        var rows = [[Double]](repeating: [1], count: n + 1)
        for i in stride(from: 1, through: m, by: 1) {
            var next: [[Double]] = [[1]]
            for j in stride(from: 1, through: n, by: 1) {
                var p = [Double](repeating: 0, count: i * j + 1)
                let a = Double(i) / Double(i + j)
                let b = Double(j) / Double(i + j)
                for (k, value) in rows[j].enumerated() { p[k + j] += a * value }
                for (k, value) in next[j - 1].enumerated() { p[k] += b * value }
                next.append(p)
            }
            rows = next
        }
        guard u <= pairs else { return 0 }
        return rows[n][max(0, u)...].reversed().reduce(0, +)
    }
}

/// The difference of means against every way the units could have been assigned.
public struct PermutationTest: Sendable, Equatable {
    /// mean b − mean a.
    public let difference: Double
    /// The share of assignments at least as extreme.
    public let p: Double

    /// All C(n, k) assignments, up to five million.
    public init(exact a: [Double], _ b: [Double]) throws(StatsError) {
        try Require.finite(a, "a")
        try Require.finite(b, "b")
        guard !a.isEmpty, !b.isEmpty else { throw .insufficient("both arms need an observation") }
        let all = a + b
        let n = all.count
        let k = b.count
        var ways = 1.0
        for i in 0..<k { ways *= Double(n - i) / Double(i + 1) }
        guard ways <= 5e6 else { throw .invalid("too many assignments to enumerate") }
        let total = all.reduce(0, +)
        let scale = all.map { abs($0) }.max() ?? 0
        func difference(_ sumB: Double) -> Double { sumB / Double(k) - (total - sumB) / Double(n - k) }
        let observed = difference(b.reduce(0, +))
        var chosen = Array(0..<k)
        var extreme = 0.0
        var count = 0.0
        while true {
            var sum = 0.0
            for index in chosen { sum += all[index] }
            count += 1
            if abs(difference(sum)) >= abs(observed) - 1e-12 * scale { extreme += 1 }
            var i = k - 1
            while i >= 0, chosen[i] == n - k + i { i -= 1 }
            if i < 0 { break }
            chosen[i] += 1
            for j in stride(from: i + 1, to: k, by: 1) { chosen[j] = chosen[j - 1] + 1 }
        }
        self.difference = Moments(of: b).mean - Moments(of: a).mean
        p = extreme / count
    }
}
