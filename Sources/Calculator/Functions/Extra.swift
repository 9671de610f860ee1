import JSON
import Stats

extension Calculator {
    private static let delays = [
        "convertedDelays: from exposure to conversion", "pendingElapsed: since exposure, of those not converted",
    ]

    private static func delayed(_ i: Inputs) throws(StatsError) -> DelayedConversions {
        try DelayedConversions(delays: try i.numbers("convertedDelays"), pending: try i.numbers("pendingElapsed"))
    }

    static let extraFunctions: [Function] = [
        Function(
            "delayed_loglik", "log likelihood of conversions that come late",
            inputs: ["p: share that converts", "lambda: per unit of time"] + delays,
            reference: "Chapelle (2014), without covariates"
        ) { (i) throws(StatsError) in
            .number(try delayed(i).logLikelihood(p: try i.number("p"), lambda: try i.number("lambda")))
        },
        Function(
            "delayed_mle", "conversion rate corrected for those still to come", inputs: delays,
            reference: "Chapelle (2014), by EM"
        ) { (i) throws(StatsError) in
            let data = try delayed(i)
            let fit = try data.maximumLikelihood()
            return .fields(["p": fit.p, "lambda": fit.lambda, "naive": data.naiveRate])
        },
        Function(
            "firth_logit", "logit demand when sales are few", inputs: ["price", "n: visitors", "x: conversions"],
            reference: "Firth (1993); Heinze & Schemper (2002)"
        ) { (i) throws(StatsError) in
            let fit = try PenalisedLogit(firth: try i.pricePoints())
            return .fields(["intercept": fit.intercept, "slope": fit.slope])
        },
        Function(
            "bayes_logit_map", "logit demand under Gaussian priors",
            inputs: [
                "price", "n: visitors", "x: conversions", "priorPrecision: of intercept and slope, > 0",
                "priorMean: of both",
            ], reference: "penalised likelihood by Newton's method"
        ) { (i) throws(StatsError) in
            let precision = try i.numbers("priorPrecision")
            let mean = try i.numbers("priorMean")
            guard precision.count == 2, mean.count == 2 else {
                throw .invalid("priorPrecision and priorMean hold two numbers each")
            }
            let fit = try PenalisedLogit(
                gaussianPrior: try i.pricePoints(), precision: (precision[0], precision[1]), mean: (mean[0], mean[1]))
            return .fields(["intercept": fit.intercept, "slope": fit.slope])
        },
        Function(
            "gp_rbf", "a smooth curve through noisy points",
            inputs: ["x", "y", "lengthScale: > 0", "signalSD: > 0", "noiseSD: >= 0", "xs: where to predict"],
            reference: "Rasmussen & Williams (2006), algorithm 2.1"
        ) { (i) throws(StatsError) in
            let process = try GaussianProcess(
                x: try i.numbers("x"), y: try i.numbers("y"), lengthScale: try i.number("lengthScale"),
                signalSD: try i.number("signalSD"), noiseSD: try i.number("noiseSD"))
            let points = try i.numbers("xs")
            for point in points where !point.isFinite { throw .invalid("xs must hold finite numbers only") }
            let predictions = points.map { process.prediction(at: $0) }
            return [
                "mean": .numbers(predictions.map(\.mean)), "variance": .numbers(predictions.map(\.variance)),
                "logMarginalLikelihood": .number(process.logMarginalLikelihood),
            ]
        },
        Function(
            "mnl_shares", "shares of several products and of buying nothing",
            inputs: ["utilities: price included", "outsideUtility", "priceCoef", "price: of each product"],
            reference: "McFadden (1974); Train (2009), ch. 3"
        ) { (i) throws(StatsError) in
            let model = try MultinomialShares(
                utilities: try i.numbers("utilities"), outsideUtility: try i.number("outsideUtility"),
                priceCoefficient: try i.number("priceCoef"), prices: try i.numbers("price"))
            return [
                "shares": .numbers(model.shares), "outside": .number(model.outside),
                "ownElasticity": .numbers(model.ownElasticity), "logsum": .number(model.logSum),
            ]
        },
        Function(
            "top_two_ts_allocation", "traffic by top-two Thompson sampling",
            inputs: ["probBest: of each arm, summing to one", "beta: the leader's share"],
            reference: "Russo (2020), §3"
        ) { (i) throws(StatsError) in
            .numbers(
                try BanditAllocation.topTwo(
                    probability: try i.numbers("probBest"), beta: try i.number("beta", default: 0.5)))
        },
        Function(
            "thompson_regret_mc", "what learning by Thompson sampling costs, simulated",
            inputs: [
                "means: true rates", "horizon: shoppers", "prior: [alpha, beta]",
                "mult: worth of a conversion, 1 unless said",
                "batch: shoppers between updates, 1 unless said", "toptwo: true or false",
                "runs: at least 4000 unless said",
                "seed: 1 unless said",
            ], reference: "Chapelle & Li (2011); Russo (2020). Monte Carlo, error stated, same seed same answer"
        ) { (i) throws(StatsError) in
            let rates = try i.numbers("means")
            let prior = try i.numbers("prior")
            guard prior.count == 2 else { throw .invalid("prior must be [alpha, beta]") }
            let horizon = try i.integer("horizon")
            let runs = try i.integer(
                "runs", default: horizon.multipliedReportingOverflow(by: rates.count).0 > 3000 ? 4000 : 8000)
            guard runs <= 1_000_000 else { throw .invalid("runs must not exceed 1000000") }
            let simulation = try ThompsonSimulation(
                rates: rates, values: i.has("mult") ? try i.numbers("mult") : rates.map { _ in 1 },
                horizon: horizon, prior: try Beta(prior: prior[0], prior[1]),
                batch: try i.integer("batch", default: 1), topTwo: try i.flag("toptwo", default: false), runs: runs,
                seed: i.has("seed") ? try i.word("seed") : 1)
            return .fields(["meanRegret": simulation.meanRegret, "mcSE": simulation.standardError])
        },
        Function(
            "similarity", "two embeddings compared", inputs: ["u", "v"],
            reference: "Ogita, Rump & Oishi (2005) for the dot product; cosine 0 when a vector is zero"
        ) { (i) throws(StatsError) in
            let value = try Similarity(try i.numbers("u"), try i.numbers("v"))
            return .fields(["dot": value.dot, "l2": value.distance, "cosine": value.cosine])
        },
        Function(
            "topk_cosine", "the rows most like a query", inputs: ["matrix: rows", "query", "k"],
            reference: "exact search; ties to the lower index"
        ) { (i) throws(StatsError) in
            let best = try Similarity.topCosine(
                try i.rows("matrix"), query: try i.numbers("query"), k: try i.integer("k"))
            return [
                "ok": true, "indices": .array(best.indices.map { .integer(Int64($0)) }),
                "scores": .numbers(best.scores),
            ]
        },
        Function(
            "f32_to_f16", "numbers in half precision", inputs: ["x"], reference: "IEEE 754, to nearest, ties to even"
        ) { (i) throws(StatsError) in
            let values = try i.numbers("x")
            for value in values where value.isNaN { throw .invalid("x must hold numbers") }
            return .numbers(values.map(Quantisation.half))
        },
        Function(
            "int8_symmetric", "numbers in eight bits with one scale", inputs: ["x"],
            reference: "scale = max |x| / 127, round half to even"
        ) { (i) throws(StatsError) in
            let result = try Quantisation.int8(try i.numbers("x"))
            return ["scale": .number(result.scale), "q": .numbers(result.q)]
        },
    ]
}
