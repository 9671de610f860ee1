import JSON
import Stats

extension Calculator {
    static let specialFunctions: [Function] = [
        .scalar("lgamma", "log |Γ(x)|", ["x: real"], "Abramowitz & Stegun 6.1") { GammaFunctions.logGamma($0[0]) },
        .scalar("digamma", "ψ(x), the derivative of log Γ", ["x: real, not a pole"], "Abramowitz & Stegun 6.3") {
            GammaFunctions.digamma($0[0])
        },
        .scalar("trigamma", "ψ′(x)", ["x: real"], "Abramowitz & Stegun 6.4") { GammaFunctions.trigamma($0[0]) },
        .scalar("erf", "the error function", ["x: real"], "Abramowitz & Stegun 7.1.1") { Normal.erf($0[0]) },
        .scalar("erfc", "1 − erf(x), computed", ["x: real"], "Abramowitz & Stegun 7.1.2") { Normal.erfc($0[0]) },
        .scalar("norm_cdf", "P(Z ≤ x)", ["x: real"], "Abramowitz & Stegun 26.2.2") { Normal.lowerTail(of: $0[0]) },
        .scalar("norm_sf", "P(Z > x)", ["x: real"], "Abramowitz & Stegun 26.2.3") { Normal.upperTail(of: $0[0]) },
        .scalar("norm_logcdf", "log P(Z ≤ x)", ["x: real"], "Abramowitz & Stegun 26.2.14 in the tail") {
            Normal.logLowerTail(of: $0[0])
        },
        .scalar("norm_ppf", "the x with P(Z ≤ x) = p", ["p: probability"], "Wichura (1988), AS 241, and a Halley step")
        {
            Normal.quantile($0[0])
        },
        .scalar("norm_isf", "the x with P(Z > x) = q", ["q: probability"], "Wichura (1988), AS 241, and a Halley step")
        {
            Normal.upperQuantile($0[0])
        },
        .scalar("gamma_p", "P(a, x), regularised", ["a: shape > 0", "x: >= 0"], "Abramowitz & Stegun 6.5.1") {
            IncompleteGamma.lower($0[0], $0[1])
        },
        .scalar("gamma_q", "1 − P(a, x), computed", ["a: shape > 0", "x: >= 0"], "Abramowitz & Stegun 6.5.1") {
            IncompleteGamma.upper($0[0], $0[1])
        },
        .scalar("gamma_p_inv", "the x with P(a, x) = p", ["a: shape > 0", "p: probability"], "Newton on log P") {
            IncompleteGamma.lowerInverse($0[0], $0[1])
        },
        .scalar("gamma_q_inv", "the x with Q(a, x) = q", ["a: shape > 0", "q: probability"], "Newton on log Q") {
            IncompleteGamma.upperInverse($0[0], $0[1])
        },
        .scalar(
            "beta_inc", "I_x(a, b), regularised", ["a: > 0", "b: > 0", "x: in [0, 1]"],
            "Didonato & Morris (1992), TOMS 708; Loader (2000)"
        ) { IncompleteBeta.lower($0[0], $0[1], $0[2]) },
        .scalar(
            "beta_inc_c", "1 − I_x(a, b), computed", ["a: > 0", "b: > 0", "x: in [0, 1]"],
            "Didonato & Morris (1992), TOMS 708; Loader (2000)"
        ) { IncompleteBeta.upper($0[0], $0[1], $0[2]) },
        .scalar(
            "beta_inc_inv", "the x with I_x(a, b) = p", ["a: > 0", "b: > 0", "p: probability"],
            "Newton on log I in logit x"
        ) { IncompleteBeta.lowerInverse($0[0], $0[1], $0[2]) },
        .scalar(
            "beta_inc_c_inv", "the x with 1 − I_x(a, b) = q", ["a: > 0", "b: > 0", "q: probability"],
            "Newton on log I in logit x"
        ) { IncompleteBeta.upperInverse($0[0], $0[1], $0[2]) },
        .scalar("lbeta", "log B(a, b)", ["a: > 0", "b: > 0"], "Abramowitz & Stegun 6.2.2") {
            GammaFunctions.logBeta($0[0], $0[1])
        },
        .scalar("lambert_w0", "w with w e^w = x, w >= −1", ["x: >= −1/e"], "Corless et al. (1996)") {
            LambertW.principal($0[0])
        },
    ]

    static let distributionFunctions: [Function] = [
        .scalar("t_cdf", "P(T ≤ t), Student", ["t: real", "nu: degrees of freedom > 0"], "Abramowitz & Stegun 26.7.1") {
            StudentT(degreesOfFreedom: $0[1]).lowerTail(of: $0[0])
        },
        .scalar("t_sf", "P(T > t), Student", ["t: real", "nu: degrees of freedom > 0"], "Abramowitz & Stegun 26.7.1") {
            StudentT(degreesOfFreedom: $0[1]).upperTail(of: $0[0])
        },
        .scalar("t_ppf", "the t with P(T ≤ t) = p", ["p: probability", "nu: degrees of freedom > 0"], "beta quantile") {
            StudentT(degreesOfFreedom: $0[1]).quantile($0[0])
        },
        .scalar("chi2_sf", "P(X > x), χ²", ["x: >= 0", "k: degrees of freedom > 0"], "Abramowitz & Stegun 26.4.19") {
            ChiSquare(degreesOfFreedom: $0[1]).upperTail(of: $0[0])
        },
        .scalar(
            "chi2_ppf", "the x with P(X ≤ x) = p", ["p: probability", "k: degrees of freedom > 0"], "gamma quantile"
        ) {
            ChiSquare(degreesOfFreedom: $0[1]).quantile($0[0])
        },
        .scalar(
            "f_sf", "P(F > f)", ["f: >= 0", "d1: numerator df > 0", "d2: denominator df > 0"],
            "Abramowitz & Stegun 26.6.2"
        ) { FRatio(numerator: $0[1], denominator: $0[2]).upperTail(of: $0[0]) },
        .scalar(
            "binom_cdf", "P(X ≤ k), binomial", ["k: successes", "n: trials", "p: probability"],
            "Abramowitz & Stegun 26.5.24"
        ) { Binomial(trials: $0[1], probability: $0[2]).lowerTail(of: $0[0]) },
        .scalar("poisson_cdf", "P(X ≤ k), Poisson", ["k: count", "lambda: mean >= 0"], "Abramowitz & Stegun 26.4.21") {
            Poisson(mean: $0[1]).lowerTail(of: $0[0])
        },
        .scalar(
            "nct_cdf", "P(T ≤ t), noncentral t",
            ["t: real", "nu: degrees of freedom > 0", "delta: noncentrality"],
            "Johnson, Kotz & Balakrishnan (1995), eq. 31.11, by quadrature"
        ) { NoncentralT(degreesOfFreedom: $0[1], noncentrality: $0[2]).lowerTail(of: $0[0]) },
    ]

    static let randomFunctions: [Function] = [
        Function(
            "rng_splitmix64", "the first words of splitmix64", inputs: ["seed: 64-bit word", "count: how many"],
            reference: "Steele, Lea & Flood (2014); Vigna"
        ) { (i) throws(StatsError) in
            var generator = SplitMix64(seed: try i.word("seed"))
            return try words(&generator, try i.integer("count"))
        },
        Function(
            "rng_xoshiro256pp", "the first words of xoshiro256++ seeded through splitmix64",
            inputs: ["seedSplitmix: 64-bit word", "count: how many"], reference: "Blackman & Vigna (2019)"
        ) { (i) throws(StatsError) in
            var generator = Xoshiro256PlusPlus(seed: try i.word("seedSplitmix"))
            return try words(&generator, try i.integer("count"))
        },
    ]

    private static func words(
        _ generator: inout some RandomNumberGenerator, _ count: Int
    ) throws(StatsError) -> JSONValue {
        guard count >= 0, count <= 1_000_000 else { throw .invalid("count must lie between 0 and 1000000") }
        return .array((0..<count).map { _ in .string(String(generator.next())) })
    }
}
