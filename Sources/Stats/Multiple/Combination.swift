import Glibc

/// One answer from several about the same hypothesis.
public enum Combination {
    /// Fisher (1932): −2 Σ log p is χ² with 2k degrees of freedom when the tests are independent and the null true.
    public static func fisher(_ p: [Double]) throws(StatsError) -> (statistic: Double, p: Double) {
        for value in p { try Require.probability(value, "p") }
        guard !p.isEmpty else { throw .insufficient("need a p-value") }
        let statistic = -2 * p.reduce(0) { $0 + log($1) }
        guard statistic.isFinite else { return (.infinity, 0) }
        return (statistic, ChiSquare(degreesOfFreedom: 2 * Double(p.count)).upperTail(of: statistic))
    }

    /// Stouffer et al. (1949): Σ w z / √Σ w², independent one-sided tests; weights as √n are most powerful.
    public static func stouffer(_ p: [Double], weights: [Double]? = nil) throws(StatsError) -> (z: Double, p: Double) {
        let weights = weights ?? p.map { _ in 1 }
        try Require.sameLength(p.count, weights.count, "p, weights")
        for value in p { try Require.fraction(value, "p") }
        for weight in weights { try Require.nonNegative(weight, "weights") }
        let size = weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard size > 0 else { throw .insufficient("need a p-value with a weight") }
        let z = zip(p, weights).reduce(0) { $0 + $1.1 * Normal.upperQuantile($1.0) } / size
        return (z, Normal.upperTail(of: z))
    }

    /// log of the mean of e-values: an e-value whatever their dependence (Vovk & Wang 2021, §3).
    public static func meanOfE(logValues: [Double]) throws(StatsError) -> Double {
        try check(logValues)
        return Elementary.logSumExp(logValues) - log(Double(logValues.count))
    }

    /// log of the product of e-values: an e-value when each is one given those before it.
    public static func productOfE(logValues: [Double]) throws(StatsError) -> Double {
        try check(logValues)
        // Certainty against the null and a lost bet at once: the bet was lost.
        return logValues.contains(-.infinity) ? -.infinity : logValues.reduce(0, +)
    }

    private static func check(_ logValues: [Double]) throws(StatsError) {
        guard !logValues.isEmpty else { throw .insufficient("need an e-value") }
        for value in logValues where value.isNaN { throw .invalid("log e-values must be numbers") }
    }
}
