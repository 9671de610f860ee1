import Glibc

/// A rate of events per unit of exposure (orders per visitor, refunds per order), gamma posterior.
public struct GammaPosterior: Sendable, Equatable {
    public let shape: Double
    public let rate: Double

    /// - Throws: `invalid` unless the prior is proper and the data are not negative.
    public init(priorShape: Double, priorRate: Double, events: Double, exposure: Double) throws(StatsError) {
        try Require.positive(priorShape, "priorShape")
        try Require.positive(priorRate, "priorRate")
        try Require.nonNegative(events, "sum")
        try Require.nonNegative(exposure, "exposure")
        shape = priorShape + events
        rate = priorRate + exposure
    }

    public var mean: Double { shape / rate }

    /// The rate below which λ lies with probability p.
    public func quantile(_ p: Double) -> Double { ChiSquare(degreesOfFreedom: 2 * shape).quantile(p) / (2 * rate) }

    /// The middle interval of the given mass.
    public func equalTailed(mass: Double) throws(StatsError) -> Interval {
        try Require.fraction(mass, "mass")
        let law = ChiSquare(degreesOfFreedom: 2 * shape)
        let side = (1 - mass) / 2
        return Interval(lower: law.quantile(side) / (2 * rate), upper: law.upperQuantile(side) / (2 * rate))
    }

    /// P(λ > other's λ) = I_x(a_other, a_own) at x = b_other/(b_other + b_own) (Miller 2015).
    public func probabilityOfExceeding(_ other: GammaPosterior) -> Double {
        let sum = other.rate + rate
        return IncompleteBeta.tails(other.shape, shape, other.rate / sum, rate / sum).lower
    }

    /// E[(other's λ − λ)⁺]: the cost of choosing this one. ∫ F (1 − F_other) dλ in log λ.
    public func expectedLoss(against other: GammaPosterior) -> Double {
        exp(
            Quadrature.logConcaveIntegral(
                around: log(other.shape / other.rate), scale: 1 / other.shape.squareRoot()
            ) { u in
                let x = exp(u)
                return IncompleteGamma.tails(shape, rate * x).logLower
                    + IncompleteGamma.tails(other.shape, other.rate * x).logUpper + u
            })
    }
}
