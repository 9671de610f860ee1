import Glibc

/// A linear model's coefficient tested at every look (Lindon, Ham, Tingley & Bojinov 2022, "Anytime-valid linear
/// models", Theorem 3.2): a mixture over g-priors, in closed form.
public enum AnytimeTTest {
    /// log of the Bayes factor against a zero coefficient.
    ///
    /// - Parameters:
    ///   - t2: the square of the usual t statistic.
    ///   - nu: residual degrees of freedom, n − p − d.
    ///   - phi: the prior's precision, > 0.
    ///   - z2: the coefficient's information: the residual sum of squares of its column on the others.
    public static func logBayesFactor(t2: Double, nu: Double, phi: Double, z2: Double) throws(StatsError) -> Double {
        try Require.nonNegative(t2, "t2")
        try Require.positive(nu, "nu")
        try Require.positive(phi, "phi")
        try Require.nonNegative(z2, "z2")
        let r = phi / (phi + z2)
        // log(1 + t²/ν) − log(1 + r t²/ν) = log[1 + (1 − r)(t²/ν)/(1 + r t²/ν)]
        let u = t2 / nu
        let gain = log1p((z2 / (phi + z2)) * u / (1 + r * u))
        return -0.5 * log1p(z2 / phi) + 0.5 * (nu + 1) * gain
    }
}
