/// The closest falling sequence: what a demand curve must be.
public enum Isotonic {
    /// Weighted least squares subject to y₁ ≥ y₂ ≥ …, by pooling adjacent violators (Barlow et al. 1972, §1.2).
    ///
    /// - Parameters:
    ///   - y: observed rates in the order of rising price.
    ///   - weights: not negative, as many; a block of weight zero keeps its plain mean.
    public static func decreasing(_ y: [Double], weights: [Double]) throws(StatsError) -> [Double] {
        try Require.sameLength(y.count, weights.count, "y, weights")
        try Require.finite(y, "y")
        for weight in weights { try Require.nonNegative(weight, "weights") }
        var blocks: [(sum: Double, weight: Double, count: Int, plain: Double)] = []
        func mean(_ block: (sum: Double, weight: Double, count: Int, plain: Double)) -> Double {
            block.weight > 0 ? block.sum / block.weight : block.plain / Double(block.count)
        }
        for (value, weight) in zip(y, weights) {
            var block = (sum: value * weight, weight: weight, count: 1, plain: value)
            while let last = blocks.last, mean(last) < mean(block) {
                block = (
                    last.sum + block.sum, last.weight + block.weight, last.count + block.count, last.plain + block.plain
                )
                blocks.removeLast()
            }
            blocks.append(block)
        }
        return blocks.flatMap { [Double](repeating: mean($0), count: $0.count) }
    }
}
