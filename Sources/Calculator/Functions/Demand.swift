import JSON
import Stats

extension Inputs {
    func pricePoints() throws(StatsError) -> [PricePoint] {
        let price = try numbers("price")
        let n = try numbers("n")
        let x = try numbers("x")
        guard price.count == n.count, n.count == x.count else {
            throw .invalid("price, n and x must have the same length")
        }
        var points: [PricePoint] = []
        for j in price.indices {
            points.append(try PricePoint(price: price[j], visitors: n[j], conversions: x[j]))
        }
        return points
    }
}

extension Calculator {
    private static let curve = ["price: of each point", "n: visitors", "x: conversions"]

    private static func price(_ optimum: OptimalPrice) -> JSONValue? {
        if case .price(let price) = optimum { return .number(price) }
        return nil
    }

    static let demandFunctions: [Function] = [
        Function(
            "binomial_glm", "conversion as a function of price",
            inputs: curve + ["link: logit, probit or cloglog"], reference: "McCullagh & Nelder (1989), §2.5, ch. 4"
        ) { (i) throws(StatsError) in
            guard let link = BinomialLink(rawValue: try i.text("link", default: "logit")) else {
                throw .invalid("link must be logit, probit or cloglog")
            }
            let fit = try BinomialRegression(try i.pricePoints(), link: link)
            return [
                "coef": .numbers([fit.intercept, fit.slope]),
                "se": .numbers([fit.interceptVariance.squareRoot(), fit.slopeVariance.squareRoot()]),
                "deviance": .number(fit.deviance),
            ]
        },
        Function(
            "logit_demand", "logit demand with elasticity and optimal price",
            inputs: curve + ["unitCost: optional", "elasticityAt: a price, optional"],
            reference: "McCullagh & Nelder (1989); Train (2009), ch. 3; Small & Rosen (1981)"
        ) { (i) throws(StatsError) in
            let demand = try LogitDemand(try i.pricePoints())
            let fit = demand.fit
            var result = JSONValue.fields([
                "intercept": fit.intercept, "slope": fit.slope, "seIntercept": fit.interceptVariance.squareRoot(),
                "seSlope": fit.slopeVariance.squareRoot(), "cov": fit.covariance, "deviance": fit.deviance,
            ])
            if i.has("elasticityAt") {
                let elasticity = demand.elasticity(at: try i.number("elasticityAt"))
                result = result.with([
                    "elasticity": .number(elasticity.value), "elasticitySE": .number(elasticity.standardError),
                ])
            }
            guard i.has("unitCost") else { return result }
            let cost = try i.number("unitCost")
            guard let best = try demand.optimalPrice(unitCost: cost),
                let revenueBest = try demand.optimalPrice(unitCost: 0)
            else { return result.with(["unbounded": true]) }
            return result.with([
                "optimalPrice": .number(best.price), "optimalPriceSE": .number(best.standardError),
                "profitPerVisitorAtOptimum": .number(demand.profitPerVisitor(at: best.price, unitCost: cost)),
                "revenueOptimalPrice": .number(revenueBest.price),
                "consumerSurplusPerVisitorAtMedianPrice": .number(demand.consumerSurplus(at: demand.medianPrice)),
                "lernerAtOptimum": .number((best.price - cost) / best.price),
                "optimalPriceWithinTestedRange": .bool(demand.isTested(best.price)),
            ])
        },
        Function(
            "constant_elasticity_poisson", "constant elasticity by Poisson likelihood",
            inputs: curve + ["unitCost: optional"], reference: "McCullagh & Nelder (1989), ch. 6; Lerner (1934)"
        ) { (i) throws(StatsError) in
            let fit = try ConstantElasticity(poisson: try i.pricePoints())
            let result = JSONValue.fields([
                "intercept": fit.intercept, "elasticity": fit.elasticity, "seElasticity": fit.standardError,
            ])
            guard i.has("unitCost") else { return result }
            let best = try OptimalPrice.constantElasticity(fit.elasticity, unitCost: try i.number("unitCost"))
            guard let price = price(best) else { return result.with(["optimalPrice": "unbounded", "unbounded": true]) }
            return result.with(["optimalPrice": price])
        },
        Function(
            "constant_elasticity_loglog", "constant elasticity by least squares of logarithms", inputs: curve,
            reference: "ordinary least squares"
        ) { (i) throws(StatsError) in
            let fit = try ConstantElasticity(logLog: try i.pricePoints())
            return .fields([
                "intercept": fit.intercept, "elasticity": fit.elasticity, "seElasticity": fit.standardError,
            ])
        },
        Function(
            "linear_demand", "linear demand, least squares weighted by visitors",
            inputs: curve + ["unitCost: 0 unless said"], reference: "weighted least squares; p* = (c − a/b)/2"
        ) { (i) throws(StatsError) in
            let fit = try LinearDemand(try i.pricePoints())
            let result = JSONValue.fields(["intercept": fit.intercept, "slope": fit.slope])
            let cost = try i.number("unitCost", default: 0)
            let best = try OptimalPrice.linear(intercept: fit.intercept, slope: fit.slope, unitCost: cost)
            let revenue = try OptimalPrice.linear(intercept: fit.intercept, slope: fit.slope, unitCost: 0)
            guard let best = price(best), let revenue = price(revenue) else { return result.with(["unbounded": true]) }
            return result.with(["optimalPrice": best, "revenueOptimalPrice": revenue])
        },
        Function(
            "isotonic_decreasing", "the closest falling sequence",
            inputs: ["y: rates in the order of rising price", "weights: >= 0"],
            reference: "Barlow et al. (1972), §1.2, pool adjacent violators"
        ) { (i) throws(StatsError) in
            let fit = try Isotonic.decreasing(try i.numbers("y"), weights: try i.numbers("weights"))
            return fit.isEmpty ? ["ok": true, "fit": []] : .numbers(fit)
        },
        Function(
            "arc_elasticity_log", "elasticity between two prices",
            inputs: [
                "p1: first price", "n1: visitors", "x1: conversions", "p2: second price", "n2: visitors",
                "x2: conversions", "alpha: 0.05 unless said",
            ], reference: "log arc, delta method; Allen (1934) for the midpoint form"
        ) { (i) throws(StatsError) in
            func point(_ k: String) throws(StatsError) -> PricePoint {
                try PricePoint(
                    price: try i.number("p" + k), visitors: try i.number("n" + k), conversions: try i.number("x" + k))
            }
            let arc = try ArcElasticity(try point("1"), try point("2"))
            let interval = try arc.interval(alpha: try i.number("alpha", default: 0.05))
            return .fields([
                "elasticity": arc.elasticity, "se": arc.standardError, "ciLower": interval.lower,
                "ciUpper": interval.upper, "midpointElasticity": arc.midpoint, "probElastic": arc.probabilityElastic,
            ])
        },
        Function(
            "logit_optimal_price", "profit-optimal price under logit demand",
            inputs: ["a: intercept", "b: slope, per currency unit", "unitCost"],
            reference: "p* = c + [1 + W₀(e^{a+bc−1})]/(−b)"
        ) { (i) throws(StatsError) in
            let (a, b) = (try i.number("a"), try i.number("b"))
            switch try OptimalPrice.logit(intercept: a, slope: b, unitCost: try i.number("unitCost")) {
            case .price(let price):
                return .fields(["price": price, "conversion": OptimalPrice.logitConversion(a, b, at: price)])
            case .unbounded: return .unbounded
            }
        },
        Function(
            "constant_elasticity_optimal_price", "profit-optimal price under constant elasticity",
            inputs: ["elasticity", "unitCost"], reference: "Lerner (1934): c e/(1 + e)"
        ) { (i) throws(StatsError) in
            let best = try OptimalPrice.constantElasticity(
                try i.number("elasticity"), unitCost: try i.number("unitCost"))
            guard let price = price(best) else { return .unbounded }
            return ["ok": true, "price": price]
        },
        Function(
            "monotone_demand", "falling demand without a shape",
            inputs: [
                "price", "n: visitors", "x: conversions", "at: prices asked for, those tested unless said",
                "lengthScale: half the range of prices unless said", "signalSD: of the logit, 1.5 unless said",
                "virtualPoints: 12 unless said", "mass: 0.95 unless said",
            ], reference: "Riihimäki & Vehtari (2010), by expectation propagation"
        ) { (i) throws(StatsError) in
            let prices = try i.numbers("price")
            let (n, x) = (try i.numbers("n"), try i.numbers("x"))
            guard prices.count == n.count, prices.count == x.count else {
                throw .invalid("price, n, x must have the same length")
            }
            var points: [PricePoint] = []
            for k in prices.indices {
                points.append(try PricePoint(price: prices[k], visitors: n[k], conversions: x[k]))
            }
            let fit = try MonotoneDemand(
                points, lengthScale: i.has("lengthScale") ? try i.number("lengthScale") : nil,
                signalSD: try i.number("signalSD", default: 1.5),
                virtualPoints: try i.integer("virtualPoints", default: 12))
            let mass = try i.number("mass", default: 0.95)
            let asked = i.has("at") ? try i.numbers("at") : prices
            var intervals: [Interval] = []
            for price in asked {
                guard price.isFinite else { throw .invalid("at must hold finite numbers only") }
                intervals.append(try fit.interval(at: price, mass: mass))
            }
            return [
                "conversion": .numbers(asked.map { fit.conversion(at: $0) }),
                "lower": .numbers(intervals.map(\.lower)), "upper": .numbers(intervals.map(\.upper)),
                "slope": .numbers(asked.map { fit.slope(at: $0).mean }), "logEvidence": .number(fit.logEvidence),
            ]
        },
        Function(
            "exponential_optimal_price", "profit-optimal price when demand is e^{a+bp}",
            inputs: ["a: intercept", "b: slope, per currency unit", "unitCost"], reference: "p* = c − 1/b"
        ) { (i) throws(StatsError) in
            let best = try OptimalPrice.exponential(slope: try i.number("b"), unitCost: try i.number("unitCost"))
            return price(best) ?? .unbounded
        },
    ]
}
