internal import Stats
internal import Experiments

/// Who buys as a function of price: two prices give an arc elasticity, more a curve that can be wrong.
enum DemandAnalysis {
    static func read(_ input: AnalysisInput) throws(AnalysisError) -> DemandReport? {
        do throws(StatsError) { return try demand(input) } catch { throw .inconsistent("demand: \(error)") }
    }

    private static func demand(_ input: AnalysisInput) throws(StatsError) -> DemandReport? {
        // Variants at one price are one point.
        var points: [Int64: DemandReport.Point] = [:]
        for arm in input.arms {
            guard let price = arm.price, price > 0, arm.units > 0, let conversions = arm.conversions else { continue }
            let known = points[price] ?? DemandReport.Point(price: price, n: 0, conversions: 0)
            points[price] = DemandReport.Point(
                price: price, n: known.n + arm.units, conversions: known.conversions + conversions)
        }
        let rising = points.values.sorted { $0.price < $1.price }
        guard rising.count >= 2 else { return nil }
        var out = DemandReport(points: rising, elasticities: [], unitCost: input.unitCost, warnings: [])
        var data: [PricePoint] = []
        for point in rising {
            data.append(
                try PricePoint(
                    price: Double(point.price), visitors: Double(point.n), conversions: Double(point.conversions)))
        }
        let falling = try Isotonic.decreasing(
            data.map { $0.conversions / $0.visitors }, weights: data.map(\.visitors))
        for (place, point) in data.enumerated() {
            let rate = try Proportion(successes: point.conversions, trials: point.visitors)
            let interval = try rate.wilson(alpha: input.plan.alpha)
            out.points[place].interval = ConfidenceInterval(
                lower: interval.lower, upper: interval.upper, level: 1 - input.plan.alpha)
            out.points[place].fallingRate = falling[place]
        }
        if input.strata.count(where: { $0.arrivals.contains { $0.contains { $0 > 0 } } }) > 1 {
            out.warnings.append(
                "Weights changed during the experiment; the demand curve pools all shoppers regardless.")
        }
        try BuyerAnalysis.read(input, into: &out)
        addLogit(to: &out, data, input)
        addConstant(to: &out, data, input)
        return out
    }

    private static func addLogit(to out: inout DemandReport, _ data: [PricePoint], _ input: AnalysisInput) {
        do throws(StatsError) {
            let curve = try LogitDemand(data)
            out.intercept = curve.fit.intercept
            out.slope = curve.fit.slope
            let at = input.arms[input.control].price.map(Double.init) ?? curve.medianPrice
            let elasticity = curve.elasticity(at: at)
            out.elasticities.append(
                DemandReport.Elasticity(
                    model: "logit", price: at, value: elasticity.value,
                    interval: interval(elasticity.value, elasticity.standardError, input.plan.alpha)))
            out.curve = DemandCurve.points(curve, tested: data.map(\.price), alpha: input.plan.alpha)
            if curve.fit.slope >= 0 {
                out.warnings.append(
                    "Demand does not fall with price in these data, so no price is best: a higher one always looks better."
                )
            }
            if data.count == 2 {
                out.warnings.append(
                    "Two prices fit any curve exactly: nothing here tests its shape. Try a third price between or beyond."
                )
            }
            if let buyer = out.buyer {
                out.revenueOptimal = try optimum("revenue", curve, unitCost: 0, input, &out.warnings)
                // m p − k is greatest with the buyers where p − k/m is.
                if let cost = buyer.cost {
                    out.profitOptimal = try optimum(
                        "profit", curve, unitCost: cost / buyer.paidItems, input, &out.warnings)
                }
            }
            if data.count > 2 {
                let p = ChiSquare(degreesOfFreedom: Double(data.count - 2)).upperTail(of: curve.fit.deviance)
                if p < 0.05 {
                    out.warnings.append(
                        "The curve does not describe these prices well (deviance, p = \(p.probabilityText)): go by what each price showed, not by the best price of the curve."
                    )
                }
            }
            addLeftDigits(to: &out, input)
            for (what, best) in [("revenue", out.revenueOptimal), ("profit", out.profitOptimal)] {
                guard let best, best.isExtrapolated else { continue }
                let price = input.currency.display(minorUnits: best.price)
                out.warnings.append(
                    "The \(what)-optimal price of \(price) lies outside the prices tested: it is an extrapolation.")
            }
        } catch {
            out.warnings.append("No demand curve: \(error.sentence).")
        }
    }

    /// Buyers read prices from the left: between $39.99 and $40.00 demand may fall by more than a smooth curve knows.
    private static func addLeftDigits(to out: inout DemandReport, _ input: AnalysisInput) {
        for (what, best) in [("revenue", out.revenueOptimal), ("profit", out.profitOptimal)] {
            guard let best, !best.isExtrapolated, best.price >= 1, best.price < 1e15,
                let below = out.points.last(where: { Double($0.price) <= best.price })
            else { continue }
            // The leading digit's place, in minor units.
            var place: Int64 = 1
            while Double(place * 10) <= best.price { place *= 10 }
            let (here, tested) = (Int64(best.price.rounded(.down)) / place, below.price / place)
            guard here > tested, place > 1 else { continue }
            let edge = input.currency.display(minorUnits: Double(here * place))
            out.warnings.append(
                "From the tested price below it to the \(what)-optimal one the first digit changes, at \(edge): buyers may mind that step more than the curve knows; a price just under it was not tested."
            )
        }
    }

    private static func optimum(
        _ what: String, _ curve: LogitDemand, unitCost: Double, _ input: AnalysisInput, _ warnings: inout [String]
    ) throws(StatsError) -> DemandReport.Optimum? {
        guard let best = try curve.optimalPrice(unitCost: unitCost), best.price.isFinite else { return nil }
        var interval: ConfidenceInterval?
        switch try curve.optimalPriceInterval(unitCost: unitCost, alpha: input.plan.alpha) {
        case .bounded(let range):
            if range.lower.isFinite, range.upper.isFinite {
                interval = ConfidenceInterval(lower: range.lower, upper: range.upper, level: 1 - input.plan.alpha)
            }
        case .above(let least) where least.isFinite:
            warnings.append(
                "The \(what)-optimal price has no interval: demand that does not fall is not ruled out yet. It is \(input.currency.display(minorUnits: least)) or more."
            )
        case .above, .unbounded:
            warnings.append("The \(what)-optimal price has no interval: these data do not say how far off it may be.")
        }
        return DemandReport.Optimum(
            price: best.price, interval: interval, isExtrapolated: !curve.isTested(best.price))
    }

    private static func addConstant(to out: inout DemandReport, _ data: [PricePoint], _ input: AnalysisInput) {
        do throws(StatsError) {
            if data.count == 2 {
                let arc = try ArcElasticity(data[0], data[1])
                out.elasticities.append(
                    DemandReport.Elasticity(
                        model: "arc", value: arc.elasticity,
                        interval: interval(arc.elasticity, arc.standardError, input.plan.alpha)))
            } else {
                let fit = try ConstantElasticity(poisson: data)
                out.elasticities.append(
                    DemandReport.Elasticity(
                        model: "constant", value: fit.elasticity,
                        interval: interval(fit.elasticity, fit.standardError, input.plan.alpha)))
            }
        } catch {
            out.warnings.append("No constant elasticity: \(error.sentence).")
        }
    }

    private static func interval(_ value: Double, _ error: Double, _ alpha: Double) -> ConfidenceInterval? {
        guard value.isFinite, error.isFinite else { return nil }
        let half = Normal.upperQuantile(alpha / 2) * error
        return ConfidenceInterval(lower: value - half, upper: value + half, level: 1 - alpha)
    }
}

extension StatsError {
    /// The reason, for a person.
    var sentence: String {
        switch self {
        case .invalid(let text), .insufficient(let text), .zeroVariance(let text), .notIdentified(let text),
            .overflow(let text):
            text
        }
    }
}
