import Glibc

/// Conversions that come late: a share p converts, after exponential delays (Chapelle 2014, without covariates).
public struct DelayedConversions: Sendable, Equatable {
    public let delays: [Double]
    public let pending: [Double]

    /// - Parameters:
    ///   - delays: from exposure to conversion, of those who converted, ≥ 0.
    ///   - pending: time since exposure of those who have not (yet), ≥ 0.
    public init(delays: [Double], pending: [Double]) throws(StatsError) {
        for delay in delays { try Require.nonNegative(delay, "convertedDelays") }
        for elapsed in pending { try Require.nonNegative(elapsed, "pendingElapsed") }
        guard !delays.isEmpty || !pending.isEmpty else { throw .insufficient("nobody was exposed") }
        self.delays = delays
        self.pending = pending
    }

    /// Σ log(p λ e^{−λd}) + Σ log(1 − p + p e^{−λe}).
    public func logLikelihood(p: Double, lambda: Double) throws(StatsError) -> Double {
        try Require.probability(p, "p")
        try Require.positive(lambda, "lambda")
        var sum = CompensatedSum()
        for delay in delays { sum.add(log(p) + log(lambda) - lambda * delay) }
        for elapsed in pending { sum.add(log1p(p * expm1(-lambda * elapsed))) }
        return sum.value
    }

    /// Conversions so far over exposed: too low while some are still to come.
    public var naiveRate: Double { Double(delays.count) / Double(delays.count + pending.count) }

    public struct Fit: Sendable, Equatable {
        public let p: Double
        /// Per unit of time; the mean delay is its inverse.
        public let lambda: Double
    }

    /// The maximum of the likelihood: EM to come near, then Newton on (logit p, log λ).
    ///
    /// - Throws: `insufficient` without a conversion that took time; `notIdentified` when the likelihood still rises at
    ///   p = 1 or at ever slower delays.
    public func maximumLikelihood() throws(StatsError) -> Fit {
        let sumDelays = delays.reduce(0, +)
        guard sumDelays > 0 else { throw .insufficient("need a conversion with a delay above 0") }
        let converted = Double(delays.count)
        let total = converted + Double(pending.count)
        var p = min(0.9, (converted + 0.5) / (total + 1))
        var lambda = converted / sumDelays
        for _ in 0..<20_000 {
            var late = 0.0
            var waited = 0.0
            for elapsed in pending {
                let survive = p * exp(-lambda * elapsed)
                let share = survive / (1 - p + survive)
                late += share
                waited += share * elapsed
            }
            let nextP = (converted + late) / total
            let nextLambda = converted / (sumDelays + waited)
            let change = abs(nextP - p) / p + abs(nextLambda - lambda) / lambda
            (p, lambda) = (nextP, nextLambda)
            if change < 1e-13 { break }
        }
        guard p < 1 - 1e-9 || pending.isEmpty else {
            throw .notIdentified("the data do not tell late conversions from none: wait longer")
        }
        return Fit(p: p, lambda: lambda)
    }
}
