import Glibc

/// Corrections for having looked at many comparisons.
public enum Adjustment: String, Sendable, CaseIterable {
    case bonferroni
    case sidak
    case holm
    case holmSidak = "holm-sidak"
    case simesHochberg = "simes-hochberg"
    case hommel
    case benjaminiHochberg = "fdr_bh"
    case benjaminiYekutieli = "fdr_by"
    /// Two-stage Benjamini–Hochberg with the number of true nulls estimated by the first stage.
    case twoStageBenjaminiHochberg = "fdr_tsbh"

    /// Adjusted p-values, in the order given; each is at most 1. No p-values have none.
    ///
    /// - Parameter alpha: only the two-stage procedure's values depend on it.
    public func adjusted(_ p: [Double], alpha: Double) throws(StatsError) -> [Double] {
        // All at once, and one by one only to say which.
        if !p.allSatisfy({ $0 >= 0 && $0 <= 1 }) {
            for value in p { try Require.probability(value, "p") }
        }
        try Require.fraction(alpha, "alpha")
        let ranked = RankedProbabilities(p)
        let result = onSorted(ranked.values, alpha)
        var back = p
        for (position, value) in zip(ranked.positions, result) { back[Int(position)] = min(1, value) }
        return back
    }

    private func onSorted(_ p: [Double], _ alpha: Double) -> [Double] {
        let n = Double(p.count)
        switch self {
        case .bonferroni: return p.map { $0 * n }
        case .sidak: return p.map { -expm1(n * log1p(-$0)) }
        case .holm:
            return rising(p.enumerated().map { (n - Double($0.offset)) * $0.element })
        case .holmSidak:
            return rising(p.enumerated().map { -expm1((n - Double($0.offset)) * log1p(-$0.element)) })
        case .simesHochberg:
            return falling(p.enumerated().map { (n - Double($0.offset)) * $0.element })
        case .hommel: return hommel(p)
        case .benjaminiHochberg: return stepUp(p)
        case .benjaminiYekutieli:
            let harmonic = p.isEmpty ? 1 : (1...p.count).reduce(0.0) { $0 + 1 / Double($1) }
            return stepUp(p).map { $0 * harmonic }
        case .twoStageBenjaminiHochberg:
            // Benjamini, Krieger & Yekutieli (2006), Definition 6, without their α/(1 + α).
            let first = stepUp(p)
            let rejected = first.count { $0 <= alpha }
            if rejected == 0 || rejected == p.count { return first }
            return first.map { $0 * (n - Double(rejected)) / n }
        }
    }

    /// Benjamini & Hochberg (1995): min over j ≥ i of n p_j / j.
    private func stepUp(_ p: [Double]) -> [Double] {
        let n = Double(p.count)
        var adjusted = p
        var least = 1.0
        for i in stride(from: p.count - 1, through: 0, by: -1) {
            let value = p[i] * n / Double(i + 1)
            if value < least { least = value }
            adjusted[i] = least
        }
        return adjusted
    }

    private func rising(_ values: [Double]) -> [Double] {
        var top = 0.0
        return values.map {
            top = max(top, $0)
            return top
        }
    }

    private func falling(_ values: [Double]) -> [Double] {
        var bottom = Double.infinity
        return values.reversed().map { value -> Double in
            bottom = min(bottom, value)
            return bottom
        }.reversed()
    }

    /// Hommel (1988), by Wright's (1992) algorithm.
    private func hommel(_ p: [Double]) -> [Double] {
        var a = p
        let n = p.count
        var m = n
        while m > 1 {
            var smallest = Double.infinity
            for i in 1...m { smallest = min(smallest, Double(m) * p[n - m + i - 1] / Double(i)) }
            for i in (n - m)..<n { a[i] = max(a[i], smallest) }
            for i in 0..<(n - m) { a[i] = max(a[i], min(Double(m) * p[i], smallest)) }
            m -= 1
        }
        return a
    }

    /// How many e-values the e-BH procedure rejects (Wang & Ramdas 2022): the largest k with k e₍k₎/n ≥ 1/α.
    public static func eValueRejections(_ e: [Double], alpha: Double) throws(StatsError) -> Int {
        for value in e {
            guard value >= 0 else { throw .invalid("e-values are never negative") }
        }
        try Require.fraction(alpha, "alpha")
        let n = Double(e.count)
        var best = 0
        for (index, value) in e.sorted(by: >).enumerated() where Double(index + 1) * value >= n / alpha {
            best = index + 1
        }
        return best
    }
}
