import Glibc

/// A price that maximises something, or the statement that none does.
public enum OptimalPrice: Sendable, Equatable {
    case price(Double)
    /// Demand rises with price, or falls too slowly: the higher the better, without end.
    case unbounded

    /// Logit demand 1/(1 + e^{−a−bp}): p* = c + [1 + W₀(e^{a + bc − 1})]/(−b), from the first-order condition
    /// (p − c)(−b)(1 − q) = 1 (Train 2009, ch. 3, for the elasticity).
    public static func logit(intercept a: Double, slope b: Double, unitCost c: Double) throws(StatsError)
        -> OptimalPrice
    {
        try finite(a, b, c)
        guard b < 0 else { return .unbounded }
        return .price(c - (1 + LambertW.principal(ofExpOf: a + b * c - 1)) / b)
    }

    /// Demand ∝ p^e: p* = c e/(1 + e) when e < −1 (Lerner 1934).
    public static func constantElasticity(_ e: Double, unitCost c: Double) throws(StatsError) -> OptimalPrice {
        try Require.finite(e, "elasticity")
        try Require.finite(c, "unitCost")
        return e < -1 ? .price(c * e / (1 + e)) : .unbounded
    }

    /// Demand a + bp: p* = (c − a/b)/2.
    public static func linear(intercept a: Double, slope b: Double, unitCost c: Double) throws(StatsError)
        -> OptimalPrice
    {
        try finite(a, b, c)
        return b < 0 ? .price((c - a / b) / 2) : .unbounded
    }

    /// Demand e^{a + bp}: p* = c − 1/b.
    public static func exponential(slope b: Double, unitCost c: Double) throws(StatsError) -> OptimalPrice {
        try finite(0, b, c)
        return b < 0 ? .price(c - 1 / b) : .unbounded
    }

    /// The conversion rate of logit demand at a price.
    public static func logitConversion(_ a: Double, _ b: Double, at price: Double) -> Double {
        IncompleteBeta.logistic(a + b * price).x
    }

    private static func finite(_ a: Double, _ b: Double, _ c: Double) throws(StatsError) {
        try Require.finite(a, "a")
        try Require.finite(b, "b")
        try Require.finite(c, "unitCost")
    }
}
