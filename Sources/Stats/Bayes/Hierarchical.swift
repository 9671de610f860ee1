import Glibc

/// Several estimates of what may be one effect (segments, markets, earlier experiments).
public struct EstimateGroup: Sendable, Equatable {
    public let estimates: [Double]
    public let standardErrors: [Double]

    /// - Throws: `insufficient` for fewer than one estimate; `invalid` for errors that are not positive.
    public init(_ estimates: [Double], standardErrors: [Double]) throws(StatsError) {
        try Require.sameLength(estimates.count, standardErrors.count, "estimates, standard errors")
        try Require.finite(estimates, "estimates")
        for error in standardErrors { try Require.positive(error, "standard errors") }
        guard !estimates.isEmpty else { throw .insufficient("need an estimate") }
        self.estimates = estimates
        self.standardErrors = standardErrors
    }

    private func weights(_ tau2: Double) -> [Double] { standardErrors.map { 1 / ($0 * $0 + tau2) } }

    private func mean(_ w: [Double]) -> Double {
        zip(w, estimates).reduce(0) { $0 + $1.0 * $1.1 } / w.reduce(0, +)
    }

    private func spread(_ w: [Double]) -> Double {
        let centre = mean(w)
        return zip(w, estimates).reduce(0) { $0 + $1.0 * ($1.1 - centre) * ($1.1 - centre) }
    }

    /// The inverse-variance mean.
    public var pooled: Double { mean(weights(0)) }

    /// Cochran's (1954) Q: how far apart the estimates are; χ² with k − 1 degrees of freedom when they are one.
    public var q: Double { spread(weights(0)) }

    public var degreesOfFreedom: Double { Double(estimates.count - 1) }

    /// P(Q or more) under one effect; 1 for a single estimate.
    public var p: Double { estimates.count > 1 ? ChiSquare(degreesOfFreedom: degreesOfFreedom).upperTail(of: q) : 1 }

    /// Higgins & Thompson's (2002) I²: the share of spread that is not chance.
    public var iSquared: Double { q > 0 ? max(0, (q - degreesOfFreedom) / q) : 0 }

    /// DerSimonian & Laird's (1986) between-estimate variance.
    public var tauSquaredDerSimonianLaird: Double {
        let w = weights(0)
        let total = w.reduce(0, +)
        let squares = w.reduce(0) { $0 + $1 * $1 }
        let denominator = total - squares / total
        return denominator > 0 ? max(0, (q - degreesOfFreedom) / denominator) : 0
    }

    /// Paule & Mandel's (1982): the variance at which the weighted spread equals its degrees of freedom.
    public var tauSquaredPauleMandel: Double {
        guard q > degreesOfFreedom else { return 0 }
        var low = 0.0
        var high = standardErrors.reduce(0) { max($0, $1 * $1) }
        while spread(weights(high)) > degreesOfFreedom { high *= 2 }
        for _ in 0..<200 {
            let middle = 0.5 * (low + high)
            if middle <= low || middle >= high { break }
            if spread(weights(middle)) > degreesOfFreedom { low = middle } else { high = middle }
        }
        return 0.5 * (low + high)
    }

    /// Each estimate pulled towards the common mean (Gelman et al., BDA 3, §5.4), the between-variance τ² known.
    public struct Shrunk: Sendable, Equatable {
        public let mean: Double
        public let meanError: Double
        public let estimates: [Double]
    }

    /// - Parameter tau: ≥ 0; at 0 all estimates become the pooled one.
    public func shrunk(tau: Double) throws(StatsError) -> Shrunk {
        try Require.nonNegative(tau, "tau")
        let tau2 = tau * tau
        let w = weights(tau2)
        let centre = mean(w)
        return Shrunk(
            mean: centre, meanError: (1 / w.reduce(0, +)).squareRoot(),
            estimates: zip(estimates, standardErrors).map {
                // (y/se² + μ/τ²)/(1/se² + 1/τ²), safe at τ = 0.
                let own = tau2 / (tau2 + $1 * $1)
                return centre + own * ($0 - centre)
            })
    }
}

extension Beta {
    /// log of the beta-binomial likelihood of several counts under this prior, without the binomial coefficients.
    public func logMarginalLikelihood(_ data: [Proportion]) -> Double {
        var sum = CompensatedSum()
        let own = GammaFunctions.logBeta(alpha, beta)
        for point in data {
            sum.add(GammaFunctions.logBeta(alpha + point.successes, beta + point.failures))
            sum.add(-own)
        }
        return sum.value
    }
}
