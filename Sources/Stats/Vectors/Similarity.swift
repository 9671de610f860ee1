import Glibc

/// How alike two embeddings are, in double precision.
public struct Similarity: Sendable, Equatable {
    public let dot: Double
    /// Euclidean distance.
    public let distance: Double
    /// In [−1, 1]; 0 when a vector is zero. Safe at any scale.
    public let cosine: Double

    /// - Throws: `invalid` for lengths that differ or elements that are not finite.
    public init(_ u: [Double], _ v: [Double]) throws(StatsError) {
        try Require.sameLength(u.count, v.count, "u, v")
        try Require.finite(u, "u")
        try Require.finite(v, "v")
        dot = Self.dot(u, v)
        let a = Self.scaled(u)
        let b = Self.scaled(v)
        let norms = Self.dot(a.values, a.values).squareRoot() * Self.dot(b.values, b.values).squareRoot()
        cosine = norms == 0 ? 0 : max(-1, min(1, Self.dot(a.values, b.values) / norms))
        let difference = Self.scaled(zip(u, v).map { $0 - $1 })
        distance = difference.scale * Self.dot(difference.values, difference.values).squareRoot()
    }

    /// The vector over a power of two near its largest element.
    static func scaled(_ x: [Double]) -> (values: [Double], scale: Double) {
        let largest = x.reduce(0) { max($0, abs($1)) }
        guard largest > 0, largest.isFinite else { return (x, 1) }
        let scale = Double(sign: .plus, exponent: largest.exponent, significand: 1)
        return (x.map { $0 / scale }, scale)
    }

    /// Dot2 of Ogita, Rump & Oishi (2005): as if in twice the precision.
    static func dot(_ u: [Double], _ v: [Double]) -> Double {
        var sum = 0.0
        var error = 0.0
        for (a, b) in zip(u, v) {
            let product = Elementary.twoProduct(a, b)
            let (s, e) = Elementary.twoSum(sum, product.high)
            sum = s
            error += e + product.low
        }
        let total = sum + error
        return total.isFinite ? total : sum
    }

    /// The k rows most like the query, by cosine; ties go to the lower index. At most as many as there are rows.
    public static func topCosine(
        _ rows: [[Double]], query: [Double], k: Int
    ) throws(StatsError) -> (indices: [Int], scores: [Double]) {
        guard k >= 0 else { throw .invalid("k must not be negative") }
        try Require.finite(query, "query")
        var scored: [(index: Int, score: Double)] = []
        for (index, row) in rows.enumerated() {
            scored.append((index, try Similarity(row, query).cosine))
        }
        scored.sort { $0.score != $1.score ? $0.score > $1.score : $0.index < $1.index }
        let best = scored.prefix(k)
        return (best.map(\.index), best.map(\.score))
    }
}

/// Embeddings in fewer bits.
public enum Quantisation {
    /// The nearest half-precision number, ties to even; beyond 65504 + half a step it is infinite.
    public static func half(_ x: Double) -> Double { Double(Float16(Float(x))) }

    /// Eight bits with one scale: q = round(x/scale) half to even, scale = max |x| / 127.
    public static func int8(_ x: [Double]) throws(StatsError) -> (scale: Double, q: [Double]) {
        try Require.finite(x, "x")
        let largest = x.reduce(0) { max($0, abs($1)) }
        guard largest > 0 else { return (0, x.map { _ in 0 }) }
        let scale = largest / 127
        return (scale, x.map { max(-127, min(127, ($0 / scale).rounded(.toNearestOrEven))) })
    }
}
