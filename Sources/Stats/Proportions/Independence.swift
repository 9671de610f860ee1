import Glibc

/// Pearson's χ² and the likelihood-ratio G of independence in a table of counts.
public struct IndependenceTest: Sendable, Equatable {
    public let chiSquare: Double
    public let p: Double
    public let degreesOfFreedom: Double
    public let g: Double
    public let pG: Double

    /// - Parameter table: rows of counts, at least 2 × 2, no empty row or column. Without continuity correction.
    public init(_ table: [[Double]]) throws(StatsError) {
        guard let columns = table.first?.count, table.count >= 2, columns >= 2 else {
            throw .invalid("a table needs two rows and two columns")
        }
        for row in table {
            try Require.sameLength(row.count, columns, "rows")
            for count in row { try Require.nonNegative(count, "counts") }
        }
        let rowSums = table.map { $0.reduce(0, +) }
        let columnSums = (0..<columns).map { j in table.reduce(0) { $0 + $1[j] } }
        let total = rowSums.reduce(0, +)
        guard rowSums.allSatisfy({ $0 > 0 }), columnSums.allSatisfy({ $0 > 0 }) else {
            throw .insufficient("each row and column needs a count")
        }
        var chi = CompensatedSum()
        var g = CompensatedSum()
        for (row, rowSum) in zip(table, rowSums) {
            for (count, columnSum) in zip(row, columnSums) {
                let expected = rowSum * (columnSum / total)
                let d = count - expected
                chi.add(d * d / expected)
                g.add(2 * Elementary.deviance(count, expected, difference: d))
            }
        }
        degreesOfFreedom = Double((table.count - 1) * (columns - 1))
        let law = ChiSquare(degreesOfFreedom: degreesOfFreedom)
        chiSquare = chi.value
        p = law.upperTail(of: chi.value)
        self.g = max(0, g.value)
        pG = law.upperTail(of: max(0, g.value))
    }
}
