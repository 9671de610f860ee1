import JSON
import Stats

extension Inputs {
    func prior() throws(StatsError) -> Beta {
        try Beta(prior: try number("priorAlpha", default: 1), try number("priorBeta", default: 1))
    }

    func posteriors() throws(StatsError) -> (a: Beta, b: Beta) {
        let prior = try prior()
        return (
            prior.posterior(after: try proportion(n: "nA", x: "xA")),
            prior.posterior(after: try proportion(n: "nB", x: "xB"))
        )
    }

    func posteriorsOfArms() throws(StatsError) -> [Beta] {
        let n = try numbers("n")
        let x = try numbers("x")
        guard n.count == x.count else { throw .invalid("n and x must have the same length") }
        let prior = try prior()
        var arms: [Beta] = []
        for (n, x) in zip(n, x) { arms.append(prior.posterior(after: try Proportion(successes: x, trials: n))) }
        return arms
    }
}

extension Calculator {
    private static let priors = ["priorAlpha: Beta prior, > 0", "priorBeta: Beta prior, > 0"]
    private static let twoArms = ["nA: visitors", "xA: conversions", "nB: visitors", "xB: conversions"]
    private static let oneArm = ["n: visitors", "x: conversions"] + priors + ["mass: in (0, 1)"]

    static let betaFunctions: [Function] = [
        Function(
            "beta_ab", "two conversion rates: which is better, and what a wrong choice costs",
            inputs: twoArms + priors, reference: "Miller (2015), formulas for Bayesian A/B testing; Stucchio (2015)"
        ) { (i) throws(StatsError) in
            let (a, b) = try i.posteriors()
            let comparison = BetaComparison(a, b).summary
            return .fields([
                "probBbeatsA": comparison.probabilityBBeatsA, "probAbeatsB": comparison.probabilityABeatsB,
                "expectedLossChooseB": comparison.expectedLossChoosingB,
                "expectedLossChooseA": comparison.expectedLossChoosingA, "posteriorMeanA": a.mean,
                "posteriorMeanB": b.mean,
            ])
        },
        Function(
            "beta_multi", "several conversion rates: probability of being best, expected loss",
            inputs: ["n: visitors of each arm", "x: conversions of each arm"] + priors,
            reference: "Scott (2010), by quadrature"
        ) { (i) throws(StatsError) in
            let best = try BestArm(rates: try i.posteriorsOfArms())
            return ["probBest": .numbers(best.probability), "expectedLoss": .numbers(best.expectedLoss)]
        },
        Function(
            "beta_profit", "two prices: which earns more per visitor",
            inputs: twoArms + ["priceA", "priceB", "unitCostA", "unitCostB"] + priors,
            reference: "as beta_ab, rates weighted by margin"
        ) { (i) throws(StatsError) in
            let (a, b) = try i.posteriors()
            let arms = [
                try PricedArm(rate: a, price: try i.number("priceA"), unitCost: try i.number("unitCostA")),
                try PricedArm(rate: b, price: try i.number("priceB"), unitCost: try i.number("unitCostB")),
            ]
            let comparison = try ProfitComparison(arms)
            return .fields([
                "probBbeatsA": comparison.probability[1], "expectedLossChooseB": comparison.expectedLoss[1],
                "expectedLossChooseA": comparison.expectedLoss[0], "profitPerVisitorA": arms[0].meanProfit,
                "profitPerVisitorB": arms[1].meanProfit,
            ])
        },
        Function(
            "beta_eti", "equal-tailed credible interval of a rate", inputs: oneArm,
            reference: "Gelman et al., BDA 3, §2.3"
        ) {
            (i) throws(StatsError) in
            let posterior = try i.prior().posterior(after: try i.proportion(n: "n", x: "x"))
            return .interval(try posterior.equalTailed(mass: try i.number("mass")))
        },
        Function(
            "beta_hdi", "shortest credible interval of a rate", inputs: oneArm, reference: "Gelman et al., BDA 3, §2.3"
        ) {
            (i) throws(StatsError) in
            let posterior = try i.prior().posterior(after: try i.proportion(n: "n", x: "x"))
            return .interval(try posterior.highestDensity(mass: try i.number("mass")))
        },
    ]

    static let banditFunctions: [Function] = [
        Function(
            "price_arms_prob_best", "several prices: probability of earning most per visitor, expected loss",
            inputs: ["n: visitors of each arm", "x: conversions", "price: of each arm", "unitCost"] + priors,
            reference: "as beta_multi, rates weighted by margin"
        ) { (i) throws(StatsError) in
            let posteriors = try i.posteriorsOfArms()
            let prices = try i.numbers("price")
            guard prices.count == posteriors.count else { throw .invalid("n and price must have the same length") }
            let cost = try i.number("unitCost")
            var arms: [PricedArm] = []
            for (rate, price) in zip(posteriors, prices) {
                arms.append(try PricedArm(rate: rate, price: price, unitCost: cost))
            }
            let comparison = try ProfitComparison(arms)
            return [
                "probBest": .numbers(comparison.probability), "expectedLoss": .numbers(comparison.expectedLoss),
                "meanProfit": .numbers(arms.map(\.meanProfit)),
            ]
        },
        Function(
            "normal_prob_best", "several normal means: probability of being best, expected loss",
            inputs: ["mean: of each arm", "sd: posterior standard deviation, >= 0; exact ties share"],
            reference: "P(k best) = ∫ φ_k Π Φ_j, by quadrature"
        ) { (i) throws(StatsError) in
            let means = try i.numbers("mean")
            let errors = try i.numbers("sd")
            let best = try BestArm(means: means, standardErrors: errors)
            let result: JSONValue = [
                "ok": true, "probBest": .numbers(best.probability), "expectedLoss": .numbers(best.expectedLoss),
            ]
            guard errors.allSatisfy({ $0 > 0 }) else { return result }
            let second = try BestArm.probabilityOfSecond(means: means, standardErrors: errors)
            return result.with([
                "probSecond": .numbers(second),
                "growthbookTopTwo": .numbers(zip(best.probability, second).map { ($0 + $1) / 2 }),
            ])
        },
    ]
}
