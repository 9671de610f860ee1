import JSON
import Stats

extension Inputs {
    func nigPrior() throws(StatsError) -> NormalInverseGamma {
        try NormalInverseGamma(
            mean: try number("m0"), kappa: try number("kappa0"), shape: try number("a0"), scale: try number("b0"))
    }

    func estimates(_ name: String) throws(StatsError) -> EstimateGroup {
        try EstimateGroup(try numbers(name), standardErrors: try numbers("se"))
    }
}

extension Calculator {
    static let bayesFunctions: [Function] = [
        Function(
            "beta_diff", "difference and uplift of two conversion rates",
            inputs: [
                "nA: visitors", "xA: conversions", "nB: visitors", "xB: conversions", "priorAlpha", "priorBeta",
                "rope: half width of the region of practical equivalence, proportion units",
            ], reference: "Kruschke (2018) for the region; quadrature"
        ) { (i) throws(StatsError) in
            let (a, b) = try i.posteriors()
            let comparison = BetaComparison(a, b)
            let law = BetaDifference(comparison)
            let rope = try i.number("rope", default: 0)
            guard rope >= 0, rope < 1 else { throw .invalid("rope must lie in [0, 1)") }
            return .fields([
                "diff_q0.025": law.quantile(ofDifference: 0.025), "uplift_q0.025": law.quantile(ofUplift: 0.025),
                "diff_q0.5": law.quantile(ofDifference: 0.5), "uplift_q0.5": law.quantile(ofUplift: 0.5),
                "diff_q0.975": law.quantile(ofDifference: 0.975), "uplift_q0.975": law.quantile(ofUplift: 0.975),
                "prob_abs_diff_in_rope": max(
                    0, law.lowerTail(ofDifference: rope) - law.lowerTail(ofDifference: -rope)),
                "prob_uplift_gt_5pct": law.upperTail(ofUplift: 0.05),
                "prob_uplift_gt_0": comparison.probabilityBBeatsA,
            ])
        },
        Function(
            "gamma_ab", "two rates of events per exposure",
            inputs: ["exposureA", "sumA: events", "exposureB", "sumB: events", "priorShape", "priorRate"],
            reference: "Miller (2015); Gelman et al., BDA 3, §2.6"
        ) { (i) throws(StatsError) in
            func arm(_ k: String) throws(StatsError) -> GammaPosterior {
                try GammaPosterior(
                    priorShape: try i.number("priorShape"), priorRate: try i.number("priorRate"),
                    events: try i.number("sum" + k), exposure: try i.number("exposure" + k))
            }
            let (a, b) = (try arm("A"), try arm("B"))
            return .fields([
                "probBbeatsA": b.probabilityOfExceeding(a), "expectedLossChooseB": b.expectedLoss(against: a),
                "expectedLossChooseA": a.expectedLoss(against: b), "meanA": a.mean, "meanB": b.mean,
            ])
        },
        Function(
            "exponential_ab", "two means of exponential amounts",
            inputs: ["nA: observations", "sumA: their sum", "nB", "sumB", "priorShape: of the rate", "priorRate"],
            reference: "Gelman et al., BDA 3, §2.6"
        ) { (i) throws(StatsError) in
            // Of the rate: the mean is its inverse, so the smaller rate has the larger mean.
            func arm(_ k: String) throws(StatsError) -> GammaPosterior {
                try GammaPosterior(
                    priorShape: try i.number("priorShape"), priorRate: try i.number("priorRate"),
                    events: try i.number("n" + k), exposure: try i.number("sum" + k))
            }
            let (a, b) = (try arm("A"), try arm("B"))
            func mean(_ law: GammaPosterior) -> Double { law.shape > 1 ? law.rate / (law.shape - 1) : .infinity }
            return .fields([
                "probMeanBgtMeanA": a.probabilityOfExceeding(b), "postMeanOfMeanA": mean(a), "postMeanOfMeanB": mean(b),
            ])
        },
        Function(
            "nig_ab", "two normal means, variances unknown",
            inputs: [
                "nA: observations", "sumA", "sumSqA: sum of squares", "nB", "sumB", "sumSqB", "m0: prior mean",
                "kappa0: its weight", "a0: prior shape of the variance", "b0: prior scale",
            ], reference: "Gelman et al., BDA 3, §3.3; Behrens–Fisher by quadrature"
        ) { (i) throws(StatsError) in
            let prior = try i.nigPrior()
            let a = try prior.posterior(
                count: try i.number("nA"), sum: try i.number("sumA"), sumOfSquares: try i.number("sumSqA"))
            let b = try prior.posterior(
                count: try i.number("nB"), sum: try i.number("sumB"), sumOfSquares: try i.number("sumSqB"))
            return .fields([
                "mA": a.mean, "kappaA": a.kappa, "aA": a.shape, "bA": a.scale, "mB": b.mean, "kappaB": b.kappa,
                "aB": b.shape, "bB": b.scale, "muA_q0.975": a.quantileOfMean(0.975),
                "muB_q0.975": b.quantileOfMean(0.975), "probMuBgtMuA": b.probabilityOfExceeding(a),
            ])
        },
        Function(
            "gb_effect_bayes", "an effect under a normal prior, as GrowthBook reports it",
            inputs: [
                "kind: p or m", "a: control as [n, successes] or [n, sum, sumOfSquares]", "b: treatment likewise",
                "differenceType: absolute or relative", "priorMean: null for none", "priorVariance",
                "priorType: absolute or relative", "inverse: whether less is better", "alpha",
            ], reference: "gbstats 0.8.0, EffectBayesianABTest"
        ) { (i) throws(StatsError) in
            let kind = try i.text("kind")
            let control = try i.growthBookArm("a", kind: kind)
            let scale = try i.scale("differenceType")
            let effect = try Effect(scale, control: control, treatment: try i.growthBookArm("b", kind: kind))
            var prior: (mean: Double, variance: Double)?
            if i.has("priorMean"), i.has("priorVariance") {
                prior = (try i.number("priorMean"), try i.number("priorVariance"))
                let level = abs(control.mean)
                switch (scale, try i.text("priorType", default: "relative")) {
                case (.relative, "absolute"):
                    prior = prior.map { ($0.mean / level, $0.variance / (level * level)) }
                case (.absolute, "relative"):
                    prior = prior.map { ($0.mean * level, $0.variance * level * level) }
                case (_, "absolute"), (_, "relative"): break
                default: throw .invalid("priorType must be absolute or relative")
                }
            }
            let posterior = try EffectPosterior(effect, prior: prior)
            let interval = try posterior.interval(alpha: try i.number("alpha", default: 0.05))
            let inverse = try i.flag("inverse", default: false)
            return .fields([
                "chanceToWin": inverse ? posterior.probabilityNegative : posterior.probabilityPositive,
                "expected": posterior.mean, "ciLower": interval.lower, "ciUpper": interval.upper,
                "riskControl": inverse ? posterior.expectedHarm : posterior.expectedGain,
                "riskTreatment": inverse ? posterior.expectedGain : posterior.expectedHarm,
                "upliftStd": posterior.standardDeviation,
            ])
        },
        Function(
            "normal_shrink_fixed_tau", "several estimates pulled towards their mean",
            inputs: ["y: estimates", "se: standard errors", "tau: standard deviation between them"],
            reference: "Gelman et al., BDA 3, §5.4"
        ) { (i) throws(StatsError) in
            let shrunk = try i.estimates("y").shrunk(tau: try i.number("tau"))
            return [
                "mu": .number(shrunk.mean), "theta": .numbers(shrunk.estimates), "seMu": .number(shrunk.meanError),
            ]
        },
        Function(
            "meta_re", "variance between several estimates", inputs: ["y: estimates", "se: standard errors"],
            reference: "Cochran (1954); DerSimonian & Laird (1986); Paule & Mandel (1982)"
        ) { (i) throws(StatsError) in
            let group = try i.estimates("y")
            return .fields([
                "Q": group.q, "tau2_DL": group.tauSquaredDerSimonianLaird, "tau2_PM": group.tauSquaredPauleMandel,
                "mu_fixed": group.pooled,
            ])
        },
        Function(
            "hte_cochran_q", "do segments differ", inputs: ["effect: of each segment", "se: standard errors"],
            reference: "Cochran (1954); Higgins & Thompson (2002)"
        ) { (i) throws(StatsError) in
            let group = try i.estimates("effect")
            return .fields([
                "pooled": group.pooled, "Q": group.q, "df": group.degreesOfFreedom, "p": group.p, "I2": group.iSquared,
            ])
        },
        Function(
            "betabinom_marginal_loglik", "log likelihood of counts under a beta prior, without binomial coefficients",
            inputs: ["n: trials", "x: successes", "alpha: > 0", "beta: > 0"], reference: "Gelman et al., BDA 3, §5.3"
        ) { (i) throws(StatsError) in
            let n = try i.numbers("n")
            let x = try i.numbers("x")
            guard n.count == x.count else { throw .invalid("n and x must have the same length") }
            var data: [Proportion] = []
            for (n, x) in zip(n, x) { data.append(try Proportion(successes: x, trials: n)) }
            return .number(
                try Beta(prior: try i.number("alpha"), try i.number("beta")).logMarginalLikelihood(data))
        },
        Function(
            "hurdle_lognormal_ab", "revenue per visitor when few pay: probabilities and quantiles, never means",
            inputs: [
                "nA: visitors", "payersA", "sumLogA: of log amounts", "sumLogSqA: of their squares", "nB", "payersB",
                "sumLogB", "sumLogSqB", "betaPrior: [alpha, beta]", "m0", "kappa0", "a0", "b0",
            ], reference: "Zellner (1971), ch. 8; the posterior mean is infinite"
        ) { (i) throws(StatsError) in
            let beta = try i.numbers("betaPrior")
            guard beta.count == 2 else { throw .invalid("betaPrior must be [alpha, beta]") }
            let share = try Beta(prior: beta[0], beta[1])
            let prior = try i.nigPrior()
            func arm(_ k: String) throws(StatsError) -> HurdleLognormal {
                HurdleLognormal(
                    payers: share.posterior(after: try i.proportion(n: "n" + k, x: "payers" + k)),
                    logAmounts: try prior.posterior(
                        count: try i.number("payers" + k), sum: try i.number("sumLog" + k),
                        sumOfSquares: try i.number("sumLogSq" + k)))
            }
            let (a, b) = (try arm("A"), try arm("B"))
            let levels = [0.025, 0.5, 0.975]
            return [
                "probBbeatsA": .number(b.probabilityOfExceeding(a)), "rpvA_q": .numbers(a.quantiles(levels)),
                "rpvB_q": .numbers(b.quantiles(levels)),
            ]
        },
    ]
}
